"""What being cancellable costs: rows of `bench_cancel.py`."""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from harnlet import tool
from harnlet.plugins import load
from harnlet.tools.host import ToolHost
from harnlet_plugins.call_registry import ToolCallRegistry

REGISTRY = "harnlet_plugins.tool_calls"
now = time.perf_counter


class Row(NamedTuple):
    """One line of the table."""

    what: str
    value: str
    basis: str


def host_with(*tools: Any, **options: Any) -> ToolHost:
    """A host with the registry and nothing else."""
    return ToolHost(load([REGISTRY]), tools=tools, **options)


@contextmanager
def _no_collections() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def _per_call(work: Callable[[int], Awaitable[Any]], count: int) -> float:
    """The best of five rounds, in seconds of the processor for each: others may be using it, too."""
    best = float("inf")
    for _ in range(5):
        with _no_collections():
            began = time.process_time()
            for number in range(count):
                await work(number)
            best = min(best, (time.process_time() - began) / count)
    return best


async def cost(scale: float) -> Row:
    """Dispatching a tool that does nothing, over awaiting a task that does nothing."""
    count = max(200, round(4000 * scale))

    async def nothing() -> None:
        pass

    registry = ToolCallRegistry()

    async def registered(number: int) -> None:
        entry = registry.register("s", "c", "nothing")
        assert entry is not None
        with entry[1]:
            pass

    host = host_with(tool(nothing))
    calls = [{"id": f"c{number}", "name": "nothing"} for number in range(count)]
    bare = await _per_call(lambda _: asyncio.create_task(nothing()), count)
    empty = await _per_call(lambda _: nothing(), count)
    entry = await _per_call(registered, count) - empty
    untold = await _per_call(lambda number: host.dispatch("", calls[number]), count)
    told = await _per_call(lambda number: host.dispatch("s", calls[number]), count)
    return Row(
        "register and settle",
        f"registry alone {entry * 1e6:.1f} µs; whole dispatch {untold * 1e6:.1f} µs without and "
        f"{told * 1e6:.1f} µs with a transcript; a bare task is {bare * 1e6:.1f} µs "
        f"({untold / bare:.1f} and {told / bare:.1f} times)",
        f"{count}",
    )


async def decide(scale: float) -> Row:
    """The decision alone, among 5,000 and among 100,000 live calls."""
    most = max(1000, round(100_000 * scale))
    tries = min(most, 5000)
    took = {}
    for live in (tries, most):
        registry = ToolCallRegistry()
        for number in range(live):
            registry.register(f"s{number % 100}", f"c{number}", "tool")
        keys = [(f"s{number % 100}", f"c{number}") for number in range(0, live, live // tries)][:tries]
        with _no_collections():
            began = time.process_time()
            for session, call in keys:
                registry.cancel(session, call, "enough")
            took[live] = (time.process_time() - began) / len(keys)
        with _no_collections():
            began = time.process_time()
            for _ in range(1000):
                registry.list_for_session("nobody")
            looked = (time.process_time() - began) / 1000
    few, many = took[tries], took[most]
    return Row(
        f"decide with {most:,} live calls",
        f"{many * 1e6:.2f} µs, {many / few:.2f} times that with {tries:,}; "
        f"listing an empty session {looked * 1e6:.2f} µs",
        f"{tries}",
    )


async def crowd(scale: float) -> Row:
    """A session with 10,000 calls: listed, and cancelled as a whole, each with a reminder."""
    return await _crowd(scale, True)


async def crowd_quiet(scale: float) -> Row:
    """The same without reminders."""
    return await _crowd(scale, False)


class _Took(NamedTuple):
    """Seconds of listing and of cancelling: by the clock, and of the processor."""

    listed: float
    listing: float
    cancelled: float
    worked: float


async def _crowd(scale: float, remind: bool) -> Row:
    most = max(500, round(10_000 * scale))
    few, many = await _crowd_of(most // 10, remind), await _crowd_of(most, remind)
    floor = await _bare_crowd(most)
    return Row(
        f"a session with {most:,} calls, {'with' if remind else 'without'} reminders",
        f"listed in {many.listed * 1e3:.0f} ms ({many.listing * 1e3:.0f} ms of the processor), "
        f"all stopped and settled in {many.cancelled * 1e3:.0f} ms "
        f"({many.worked * 1e3:.0f} ms of the processor, {many.worked / most * 1e6:.0f} µs each, "
        f"{many.worked / floor:.1f} times cancelling as many bare tasks); ten times fewer: "
        f"{few.listed * 1e3:.1f} and {few.cancelled * 1e3:.0f} ms",
        "1",
    )


async def _crowd_of(live: int, remind: bool) -> _Took:
    begun = 0

    @tool
    async def wait() -> None:
        nonlocal begun
        begun += 1
        await asyncio.Event().wait()

    host = host_with(wait)
    calls = [{"id": f"c{number}", "name": "wait"} for number in range(live)]
    running = [asyncio.create_task(host.dispatch("s", call)) for call in calls]
    while begun < live:  # noqa: ASYNC110
        await asyncio.sleep(0)
    gc.collect()
    began, idle = now(), time.process_time()
    listed = len(host.in_flight("s"))
    middle, worked_before = now(), time.process_time()
    answers = await host.cancel_session("s", inject_reminder=remind, timeout_ms=600_000)
    ended, worked = now(), time.process_time()
    assert listed == len(answers) == live
    assert all(answer["outcome"] == "stopped" for answer in answers)
    assert all(result["status"] == "cancelled" for result in await asyncio.gather(*running))
    assert len(host.transcript("s")["messages"]) == live
    return _Took(middle - began, worked_before - idle, ended - middle, worked - worked_before)


async def _bare_crowd(live: int) -> float:
    """Seconds of the processor for cancelling as many tasks, each of which another one waits for."""

    async def wait() -> None:
        await asyncio.Event().wait()

    async def follow(task: "asyncio.Task[None]") -> None:
        await asyncio.wait([task])

    tasks = [asyncio.create_task(wait()) for _ in range(live)]
    followers = [asyncio.create_task(follow(task)) for task in tasks]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()
    began = time.process_time()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*followers)
    return time.process_time() - began
