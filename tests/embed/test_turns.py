"""Whose turn it is while a task computes (docs/architecture.md#safe-points,
docs/builtins.md#concurrency-runtime)."""

import asyncio
from typing import Any

import pytest

from embed.concurrency_support import Script
from harnlet import Interpreter
from harnlet.sched import turns

HOT = "var i = 0\nwhile true { i = i + 1 }"
A_SLICE_OR_TWO = "var i = 0\nwhile i < 100000 { i = i + 1 }"


@pytest.fixture
def never_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """No task has computed for long, however slow the machine is."""
    monkeypatch.setattr(turns, "OWN_SECONDS", float("inf"))


async def slices_beside(harn: Interpreter, hops: int) -> int:
    """How many slices a script computes while the host goes round the loop `hops` times."""
    scheduler = harn._scheduler
    notice = scheduler.rt.notice
    slices = 0

    def counted() -> None:
        nonlocal slices
        slices += 1
        notice()

    scheduler.rt.notice = counted
    running = asyncio.create_task(harn.run(HOT))
    while slices < 2:  # noqa: ASYNC110 - what it looks at has no event
        await asyncio.sleep(0)
    before = slices
    for _ in range(hops):
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running})
    return slices - before


async def test_what_takes_many_turns_of_the_loop_does_not_wait_for_a_slice_each() -> None:
    async with Interpreter() as harn:
        assert await slices_beside(harn, 400) < 200


class Hidden:
    """A running loop that does not show what it has ready, as uvloop's."""


async def test_a_loop_that_does_not_show_what_is_ready_gets_a_few_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Asyncio:
        @staticmethod
        def get_running_loop() -> Hidden:
            return Hidden()

    steps = turns.MANY_TURNS.__await__()
    monkeypatch.setattr(turns, "asyncio", Asyncio)
    assert sum(1 for _ in steps) == 4
    assert sum(1 for _ in turns.ONE_TURN.__await__()) == 1


@pytest.mark.usefixtures("never_long")
async def test_tasks_that_are_kept_out_begin_in_order_when_the_others_wait() -> None:
    source = f"""
        for k in 0 to 4 {{ spawn {{ println(k) }} }}
        {A_SLICE_OR_TWO}
        println("main has computed")
        sleep(0)
    """
    async with Script(source) as script:
        await script.end()
        assert script.lines == ["main has computed", "0", "1", "2", "3", "4"]


@pytest.mark.usefixtures("never_long")
async def test_tasks_that_were_woken_go_on_in_order_when_the_others_wait() -> None:
    source = f"""
        let c = channel("c", 1)
        for k in 0 to 4 {{ spawn {{ receive(c); println(k) }} }}
        sleep(1)
        close_channel(c)
        {A_SLICE_OR_TWO}
        println("main has computed")
        sleep(1)
    """
    async with Script(source) as script:
        await script.end()
        assert script.lines == ["main has computed", "0", "1", "2", "3", "4"]


@pytest.mark.usefixtures("never_long")
async def test_a_task_that_is_kept_out_is_cancelled_and_the_next_goes_on() -> None:
    source = f"""
        let c = channel("c", 1)
        let first = spawn {{ defer {{ println("deferred") }}; receive(c); println("no") }}
        let second = spawn {{ receive(c); println("second") }}
        sleep(1)
        close_channel(c)
        {A_SLICE_OR_TWO}
        cancel(first)
        {A_SLICE_OR_TWO}
        await(first)
        await(second)
    """
    async with Script(source) as script:
        await script.end()
        assert sorted(script.lines) == ["deferred", "second"]


async def test_the_gate_stands_open_for_others_when_one_has_computed_for_long() -> None:
    source = """
        let seen = atomic(0)
        spawn { println("other"); atomic_set(seen, 1) }
        while atomic_get(seen) == 0 { }
        println("main")
    """
    async with Script(source) as script:
        await script.end()
        assert script.lines == ["other", "main"]


@pytest.mark.usefixtures("never_long")
async def test_a_task_that_never_began_is_not_begun_later() -> None:
    source = f"""
        let h = spawn {{ println("no") }}
        {A_SLICE_OR_TWO}
        cancel(h)
        println(await(h))
        sleep(0)
    """
    async with Script(source) as script:
        await script.end()
        assert script.lines == ["nil"]


async def test_a_start_that_fails_does_not_keep_the_others_from_starting() -> None:
    gate = turns.Gate()
    begun: list[int] = []
    problems: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: problems.append(context))

    def start(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise RuntimeError("a bug of ours")

    gate.begin(start, 0)
    gate.begin(start, 1)
    for _ in range(3):
        await asyncio.sleep(0)
    assert begun == [0, 1]
    assert len(problems) == 1
