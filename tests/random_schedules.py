"""Runs scripts on an event loop that picks the next ready callback at random, and on a clock that moves on when
nothing is ready.

What a seed does is the same each time: the thread that ends slices is replaced by the seed as well. After a
run nothing may be left: no task, no timer, no permit, nobody who stands in a queue.
"""

import asyncio
import functools
import random
import re
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from harnlet import HarnletError, Interpreter, Program
from harnlet.sched import turns
from harnlet.sched.permits import PermitPools
from harnlet.sched.ticker import TICKER
from harnlet.session.clock import ManualClock

SPEC = Path(__file__).parent / "spec" / "07-concurrency"
MOST_STEPS = 200_000
_STEP_SECONDS = 0.0005
_EXPECT = re.compile(r"//\s?expect:(?: (.*))?$")


class DeadlockError(Exception):
    """Nothing is ready, and no timer is set."""


class _AnyOrder(deque[Any]):
    """What is ready; `popleft` takes any of it."""

    def __init__(self, loop: "RandomLoop") -> None:
        super().__init__()
        self.loop = loop

    def popleft(self) -> Any:
        self.loop.count_step()
        self.rotate(-self.loop.random.randrange(len(self)))
        return super().popleft()


class RandomLoop(asyncio.SelectorEventLoop):
    """The loop of one seed."""

    def __init__(self, seed: int, clock: ManualClock) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.clock = clock
        self.steps = 0
        self.scheduler: Any = None
        self.cancel_at: int | None = None
        self.cancelled: asyncio.Task[Any] | None = None
        self._ready = _AnyOrder(self)
        self._stopping: bool

    def count_step(self) -> None:
        """A callback is about to run. The slice of the script code in it may end at any moment."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise DeadlockError(f"no end after {MOST_STEPS} steps")
        if self.steps == self.cancel_at and self.cancelled is not None:
            self.cancelled.cancel()
        if self.scheduler is not None and self.random.random() < 0.1:
            self.scheduler.end_slice()

    def perf_counter(self) -> float:
        """The time by which turns end: every callback takes as long, so that a busy machine changes nothing."""
        return self.steps * _STEP_SECONDS

    thread_time = perf_counter

    def _run_once(self) -> None:
        while not self._ready and not self._stopping:
            timers = [each for each in self.clock._timers if each[2].callback is not None]
            if not timers:
                raise DeadlockError("nothing is ready, and no timer is set")
            self.clock.advance(max(min(timers)[0] - self.clock.monotonic_ms(), 0))
        super()._run_once()  # type: ignore[misc]


@functools.cache
def compiled(source: str) -> Program:
    """The program, compiled once for all seeds."""
    return Interpreter().compile(source)


class Ended(NamedTuple):
    """The lines that a script has printed, the text of its error last, and how many callbacks that took."""

    lines: list[str]
    steps: int


def run(source: str, seed: int, cancel_at: int | None = None) -> Ended:
    """Run a script under a seed; the host cancels it at step `cancel_at`. Raises AssertionError when it leaves
    something behind, DeadlockError when it does not end."""
    clock = ManualClock()
    loop = RandomLoop(seed, clock)
    loop.cancel_at = cancel_at
    complaints: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    try:
        with patch.object(turns, "time", loop):
            lines = loop.run_until_complete(_run(source, loop, clock))
        loop.scheduler = None
        assert asyncio.all_tasks(loop) == set()
    finally:
        loop.close()
    assert complaints == []
    return Ended(lines, loop.steps)


async def _run(source: str, loop: RandomLoop, clock: ManualClock) -> list[str]:
    printed: list[str] = []
    failure = ""
    async with Interpreter(clock=clock, output=printed.append) as harn:
        scheduler = loop.scheduler = harn._scheduler
        TICKER.remove(scheduler)
        running = loop.cancelled = loop.create_task(harn.run(compiled(source)))
        try:
            await running
        except HarnletError as error:
            failure = error.diagnostics[0].message if error.diagnostics else repr(error)
        except asyncio.CancelledError:
            failure = "cancelled"
        assert scheduler.live == 0, "a task outlives its run"
        assert clock.timers == 0, "a timer outlives its run"
        del running
        loop.cancelled = None
        for pool in scheduler.rt.state(PermitPools).pools.values():
            assert not pool.queue, f"somebody stands in the queue of {pool.key}"
            assert pool.held == 0, f"a permit of {pool.key} is not released"
    return [*"".join(printed).splitlines(), *([failure] if failure else [])]


def chunks(path: Path) -> list[tuple[int, str]]:
    """The programs of a file of the language tests, with the numbers of their first lines."""
    found: list[tuple[int, str]] = []
    lines: list[str] = []
    first = 1
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), "---"], 1):
        if line.strip() == "---":
            if any(each.strip() for each in lines):
                found.append((first, "\n".join(lines) + "\n"))
            lines, first = [], number + 1
        else:
            lines.append(line)
    return found


def any_order() -> dict[str, tuple[str, list[str]]]:
    """The programs that print the same in any order: by title, the source and the lines."""
    found = {}
    for _, source in chunks(SPEC / "any_order.harn"):
        lines = source.splitlines()
        expected = [match.group(1) or "" for line in lines if (match := _EXPECT.search(line))]
        found[lines[0].removeprefix("// ")] = source, expected
    return found
