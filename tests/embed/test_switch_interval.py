"""The switch interval of the process is lowered while scripts compute, and put back
(docs/architecture.md#safe-points)."""

import asyncio
import sys
from collections.abc import Iterator

import pytest

from harnlet import Interpreter
from harnlet.sched.switch_interval import LOWERED_SECONDS, SwitchInterval
from harnlet.sched.ticker import TICKER, Ticker

HOSTS = 0.004


def interval() -> float:
    return round(sys.getswitchinterval(), 6)


def end_ticker() -> None:
    """Nobody else's interpreter is looked after any more, and the thread has ended."""
    thread = TICKER._thread
    for each in TICKER._watched:
        scheduler = each()
        if scheduler is not None:
            TICKER.remove(scheduler)
    if thread is not None:
        TICKER._wake.set()
        thread.join()


@pytest.fixture(autouse=True)
def hosts_choice() -> Iterator[None]:
    """The host has chosen 4 ms."""
    end_ticker()
    before = sys.getswitchinterval()
    sys.setswitchinterval(HOSTS)
    yield
    end_ticker()
    sys.setswitchinterval(before)


def test_it_is_lowered_and_put_back() -> None:
    switch = SwitchInterval()
    switch.lower()
    switch.lower()
    assert interval() == LOWERED_SECONDS
    switch.restore()
    switch.restore()
    assert interval() == HOSTS
    switch.lower()
    switch.restore()
    assert interval() == HOSTS


def test_a_host_that_changes_it_meanwhile_has_its_way() -> None:
    switch = SwitchInterval()
    switch.lower()
    sys.setswitchinterval(0.003)
    switch.restore()
    assert interval() == 0.003
    switch.lower()
    assert interval() == LOWERED_SECONDS
    sys.setswitchinterval(0.002)
    switch.lower()
    switch.restore()
    assert interval() == 0.002


def test_a_lower_one_is_left_alone() -> None:
    sys.setswitchinterval(0.0001)
    switch = SwitchInterval()
    switch.lower()
    assert interval() == 0.0001
    switch.restore()
    assert interval() == 0.0001


def test_a_forked_child_has_the_choice_of_the_host() -> None:
    switch = SwitchInterval()
    switch.lower()
    switch._lock.acquire()  # By a thread that the child does not have.
    switch.after_fork()
    assert interval() == HOSTS


async def lowest_beside(harn: Interpreter, source: str) -> float:
    """The lowest value that the host sees while the script runs."""
    running = asyncio.create_task(harn.run(source))
    lowest = interval()
    while not running.done():
        lowest = min(lowest, interval())
        await asyncio.sleep(0)
    return lowest


HOT = "var i = 0\nwhile i < 200000 { i = i + 1 }"


async def test_it_is_low_while_a_script_computes_and_not_after_the_interpreter() -> None:
    async with Interpreter() as harn:
        assert await lowest_beside(harn, HOT) == LOWERED_SECONDS
    end_ticker()
    assert interval() == HOSTS


async def test_an_embedder_can_say_no() -> None:
    async with Interpreter(short_slices=False) as harn:
        assert await lowest_beside(harn, HOT) == HOSTS


async def test_it_is_put_back_when_nothing_runs_for_a_while() -> None:
    class Scheduler:
        """Something that the ticker looks after."""

        running = True
        entered = 0.0
        short_slices = True
        looks = 0

        def end_slice(self) -> None:
            self.looks += 1
            self.running = self.looks < 3

    ticker = Ticker()
    scheduler = Scheduler()
    ticker.add(scheduler)
    assert interval() == HOSTS
    ticker.unpark()
    assert interval() == LOWERED_SECONDS
    while not ticker.parked or interval() != HOSTS:  # noqa: ASYNC110 - what it looks at has no event
        await asyncio.sleep(0)
    assert scheduler.looks == 3
    thread = ticker._thread
    assert thread is not None
    ticker.remove(scheduler)
    thread.join()
    assert interval() == HOSTS
