"""Benchmarks of cancellation: how fast a cancel is, and what being cancellable costs.

    python scripts/bench_cancel.py                # all rows
    python scripts/bench_cancel.py polite hot --scale 0.2
    python scripts/bench_cancel.py --list

Times are of this machine; ratios travel better. `--scale` multiplies how often things are measured.
What the rows gave: docs/performance.md#cancellation.
"""

import argparse
import asyncio
import statistics
import sys
import threading
import time
from collections.abc import Awaitable, Callable

from bench_rivals import report
from cancel_costs import REGISTRY, Row, cost, crowd, crowd_quiet, decide, host_with, now
from harnlet import Interpreter, tool
from harnlet.plugins import load
from harnlet.tools.host import ToolHost

# Loops around `sleep(0)` are meant as such (ASYNC110): they are the crowd, or nothing tells of the fact.


class Times(list[float]):
    """Measured times in seconds."""

    def spread(self) -> str:
        """Median, 99th percentile and maximum, in milliseconds."""
        ordered = sorted(self)
        high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        return (
            f"median {statistics.median(ordered) * 1e3:.2f} ms, p99 {high * 1e3:.2f} ms, "
            f"max {ordered[-1] * 1e3:.2f} ms"
        )


class Watchful:
    """A tool that waits, and notes when it saw the cancel."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.seen = 0.0

        @tool
        async def wait() -> None:
            self.started.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.seen = now()

        self.tool = wait


# --- how fast it is -----------------------------------------------------------------------------------


async def _seen(count: int, ready_tasks: int, threaded: bool) -> Times:
    """From the request to `CancelledError` in the tool."""
    watchful = Watchful()
    host = host_with(watchful.tool)
    over = False

    async def busy() -> None:
        while not over:  # noqa: ASYNC110
            await asyncio.sleep(0)

    crowd = [asyncio.create_task(busy()) for _ in range(ready_tasks)]
    times = Times()
    for number in range(count):
        watchful.started.clear()
        call_id = f"c{number}"
        running = asyncio.create_task(host.dispatch(f"s{number % 8}", {"id": call_id, "name": "wait"}))
        await watchful.started.wait()
        asked = 0.0

        def shoot(session: str = f"s{number % 8}", call_id: str = call_id) -> None:
            nonlocal asked
            time.sleep(0.002)  # the loop falls asleep meanwhile
            asked = now()
            host.cancel_threadsafe(session, call_id)

        if threaded:
            shooter = threading.Thread(target=shoot)
            shooter.start()
            await running
            shooter.join()
        else:
            asked = now()
            await host.cancel(f"s{number % 8}", call_id)
            await running
        times.append(watchful.seen - asked)
    over = True
    await asyncio.gather(*crowd)
    return times


async def sees_idle(scale: float) -> Row:
    """The loop has nothing else to do."""
    count = max(20, round(2000 * scale))
    return Row("async tool sees the cancel, idle loop", (await _seen(count, 0, False)).spread(), f"{count}")


async def sees_crowd(scale: float) -> Row:
    """1,000 tasks are ready all the time."""
    count = max(10, round(200 * scale))
    times = await _seen(count, 1000, False)
    turns = await _turn(1000)
    ratio = statistics.median(times) / turns
    return Row(
        "async tool sees the cancel, 1,000 ready tasks",
        f"{times.spread()}; {ratio:.1f} turns of the loop",
        f"{count}",
    )


async def _turn(ready_tasks: int) -> float:
    """How long one turn of a loop with that many ready tasks takes."""
    over = False

    async def busy() -> None:
        while not over:  # noqa: ASYNC110
            await asyncio.sleep(0)

    crowd = [asyncio.create_task(busy()) for _ in range(ready_tasks)]
    await asyncio.sleep(0)
    began = now()
    for _ in range(50):
        await asyncio.sleep(0)
    took = (now() - began) / 50
    over = True
    await asyncio.gather(*crowd)
    return took


async def sees_thread(scale: float) -> Row:
    """The request comes from another thread, and the loop sleeps."""
    count = max(10, round(500 * scale))
    times = await _seen(count, 0, True)
    return Row("async tool sees the cancel, from a thread", times.spread(), f"{count}")


_HOT = """
tool spin(n: int) -> int {
  var i = n
  while true { i = i + 1 }
  return i
}
"""
_BESIDE = """
let hot = spawn { var i = 0
  while true { i = i + 1 } }
sleep(1h)
"""


async def hot(scale: float) -> Row:
    """A script tool that computes for ever is stopped, from the same loop."""
    count = max(10, round(200 * scale))
    times = Times()
    async with Interpreter() as harn:
        await harn.run(_HOT)
        for number in range(count):
            call_id = f"c{number}"
            running = asyncio.create_task(
                harn.dispatch_tool_call("s", {"id": call_id, "name": "spin", "arguments": {"n": 0}})
            )
            await _until_running(harn, "s")
            asked = now()
            await harn.cancel_tool_call("s", call_id)
            times.append(now() - asked)
            await running
    return Row("hot script loop is stopped, from its loop", times.spread(), f"{count}")


async def hot_thread(scale: float) -> Row:
    """The same from another thread."""
    count = max(10, round(200 * scale))
    times = Times()
    async with Interpreter() as harn:
        await harn.run(_HOT)
        for number in range(count):
            call_id = f"c{number}"

            def shoot(call_id: str = call_id) -> None:
                while [call["state"] for call in harn.in_flight_tool_calls("s")] != ["running"]:
                    time.sleep(0.001)
                time.sleep(0.005)
                asked = now()
                answer = harn.cancel_tool_call_threadsafe("s", call_id).result(60)
                times.append(now() - asked)
                assert answer["status"] == "cancelled"

            shooter = threading.Thread(target=shoot)
            shooter.start()
            await harn.dispatch_tool_call("s", {"id": call_id, "name": "spin", "arguments": {"n": 0}})
            await asyncio.to_thread(shooter.join)
    return Row("hot script loop is stopped, from a thread", times.spread(), f"{count}")


async def hot_beside(scale: float) -> Row:
    """Another call is stopped while a script computes in the same loop."""
    count = max(10, round(200 * scale))
    times = Times()
    watchful = Watchful()
    async with Interpreter(tools=[watchful.tool]) as harn:
        beside = asyncio.create_task(harn.run(_BESIDE))
        for number in range(count):
            watchful.started.clear()
            running = asyncio.create_task(harn.dispatch_tool_call("s", {"id": f"c{number}", "name": "wait"}))
            await watchful.started.wait()
            asked = now()
            await harn.cancel_tool_call("s", f"c{number}")
            times.append(now() - asked)
            await running
        beside.cancel()
        await asyncio.wait([beside])
    return Row("async tool is stopped beside a hot script", times.spread(), f"{count}")


async def _until_running(harn: Interpreter, session: str) -> None:
    while [call["state"] for call in harn.in_flight_tool_calls(session)] != ["running"]:  # noqa: ASYNC110
        await asyncio.sleep(0)


async def polite(scale: float) -> Row:
    """A command that ends when it is asked, from the request to the answer."""
    count = max(10, round(300 * scale))
    times = Times()
    host = ToolHost(load([REGISTRY, "harnlet_plugins.commands"]), capabilities=["processes"])
    for number in range(count):
        call = {"id": f"c{number}", "name": "exec", "arguments": {"command": "sleep", "args": ["600"]}}
        running = asyncio.create_task(host.dispatch("s", call))
        while not any(each["processes"] for each in host.in_flight("s")):  # noqa: ASYNC110
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)  # it has become `sleep`
        asked = now()
        answer = await host.cancel("s", f"c{number}")
        times.append(now() - asked)
        assert answer["outcome"] == "stopped", answer
        await running
    return Row("polite child: request to answer", times.spread(), f"{count}")


async def timeout(scale: float) -> Row:
    """The tool does not stop: how far beyond `timeout_ms` the answer comes."""
    count = max(5, round(100 * scale))
    begun = asyncio.Event()

    @tool(grace_ms=60_000)
    async def deaf() -> None:
        begun.set()
        gate = asyncio.Event()
        while not gate.is_set():
            try:
                await gate.wait()
            except asyncio.CancelledError:
                await asyncio.sleep(0.15)
                raise

    times = Times()
    host = host_with(deaf)
    for number in range(count):
        begun.clear()
        running = asyncio.create_task(host.dispatch("s", {"id": f"c{number}", "name": "deaf"}))
        await begun.wait()
        asked = now()
        answer = await host.cancel("s", f"c{number}", timeout_ms=50)
        times.append(now() - asked - 0.05)
        assert answer["status"] == "timeout", answer
        await running
    late = sum(each > 0.05 for each in times)
    return Row("answer after `timeout_ms`", f"{times.spread()}; {late} beyond 50 ms", f"{count}")


async def rivals(scale: float) -> Row:
    """What others do when they are told to stop: `bench_rivals.py`, each in a process of its own."""
    lines = await report()
    return Row("others, told to stop", "".join(f"\n|   {line}" for line in lines), f"{len(lines)}")


ROWS: dict[str, Callable[[float], Awaitable[Row]]] = {
    "sees": sees_idle,
    "sees_crowd": sees_crowd,
    "sees_thread": sees_thread,
    "hot": hot,
    "hot_thread": hot_thread,
    "hot_beside": hot_beside,
    "polite": polite,
    "timeout": timeout,
    "cost": cost,
    "decide": decide,
    "crowd": crowd,
    "crowd_quiet": crowd_quiet,
    "rivals": rivals,
}


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}; all when there are none")
    parser.add_argument("--scale", type=float, default=1.0, help="how often to measure, 1 for in full")
    parser.add_argument("--list", action="store_true", help="name the rows")
    given = parser.parse_args()
    if given.list:
        print("\n".join(ROWS))
        return 0
    unknown = [name for name in given.rows if name not in ROWS]
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}")
    for name in given.rows or ROWS:

        async def measured(name: str = name) -> Row:
            return await ROWS[name](given.scale)

        row = asyncio.run(measured())
        print(f"| {row.what} | {row.value} | {row.basis} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
