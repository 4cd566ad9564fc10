"""Benchmarks of tasks, channels and callbacks, each beside the same done by hand in Python and asyncio.

    python scripts/bench_concurrency.py                # all rows
    python scripts/bench_concurrency.py spawn channel --rounds 20
    python scripts/bench_concurrency.py --list

A ratio is the best time of the script over the best time of the Python code, taken in turns in one process.
What the rows gave: docs/performance.md#concurrency.
"""

import argparse
import asyncio
import functools
import gc
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from harnlet import Interpreter

now = time.perf_counter
COUNT = 10_000


class Row(NamedTuple):
    """A script, the same by hand, and at most how many times as long the script may take."""

    what: str
    script: str
    by_hand: Callable[[], Awaitable[Any]]
    aim: float


# --- tasks and channels -------------------------------------------------------------------------------

SPAWN = """
pipeline main() {
  var tasks = []
  for i in 1 to 10000 { tasks = tasks.push(spawn { i * 2 }) }
  var total = 0
  for task in tasks { total = total + await(task) }
  return total
}
"""


async def spawn_by_hand() -> int:
    """10,000 tasks that do next to nothing."""

    async def work(i: int) -> int:
        return i * 2

    tasks = [asyncio.create_task(work(i)) for i in range(1, COUNT + 1)]
    total = 0
    for task in tasks:
        total += await task
    return total


SPAWN_WAITING = """
pipeline main() {
  var tasks = []
  for i in 1 to 10000 { tasks = tasks.push(spawn { sleep(0)
    i * 2 }) }
  var total = 0
  for task in tasks { total = total + await(task) }
  return total
}
"""


async def spawn_waiting_by_hand() -> int:
    """10,000 tasks that wait once."""

    async def work(i: int) -> int:
        await asyncio.sleep(0)
        return i * 2

    tasks = [asyncio.create_task(work(i)) for i in range(1, COUNT + 1)]
    total = 0
    for task in tasks:
        total += await task
    return total


PARALLEL = """
pipeline main() {
  return (parallel 10000 { i -> i * 2 }).sum()
}
"""


async def parallel_by_hand() -> int:
    """10,000 tasks under one roof."""

    async def work(i: int) -> int:
        return i * 2

    return sum(await asyncio.gather(*[work(i) for i in range(COUNT)]))


CHANNEL = """
pipeline main() {
  let c = channel("c", 256)
  spawn {
    for i in 1 to 10000 { send(c, i) }
    close_channel(c)
  }
  var total = 0
  for value in c { total = total + value }
  return total
}
"""


async def channel_by_hand() -> int:
    """10,000 messages through a queue for 256."""
    queue: asyncio.Queue[int] = asyncio.Queue(256)

    async def produce() -> None:
        for i in range(1, COUNT + 1):
            await queue.put(i)
        await queue.put(0)

    producer = asyncio.create_task(produce())
    total = 0
    while value := await queue.get():
        total += value
    await producer
    return total


PING_PONG = """
pipeline main() {
  let there = channel("there", 1)
  let back = channel("back", 1)
  spawn { for value in there { send(back, value) } }
  var total = 0
  for i in 1 to 5000 {
    send(there, i)
    total = total + receive(back)
  }
  return total
}
"""


async def ping_pong_by_hand() -> int:
    """5,000 messages there and 5,000 back, one at a time."""
    there: asyncio.Queue[int] = asyncio.Queue(1)
    back: asyncio.Queue[int] = asyncio.Queue(1)

    async def answer() -> None:
        while True:
            await back.put(await there.get())

    other = asyncio.create_task(answer())
    total = 0
    for i in range(1, COUNT // 2 + 1):
        await there.put(i)
        total += await back.get()
    other.cancel()
    return total


# --- callbacks ----------------------------------------------------------------------------------------

_LIST = "let xs = (1 to 100000).to_list()\n"


def callback_row(what: str, call: str, by_hand: Callable[[list[int]], Any]) -> Row:
    """A method with a callback; making the list is part of both sides."""

    async def python() -> Any:
        return by_hand(list(range(1, 100_001)))

    return Row(what, f"pipeline main() {{\n  {_LIST}  return {call}\n}}\n", python, 2.0)



ROWS = {
    "spawn": Row("10,000 tasks spawned and awaited", SPAWN, spawn_by_hand, 3.0),
    "spawn_waiting": Row("the same, each waits once", SPAWN_WAITING, spawn_waiting_by_hand, 3.0),
    "parallel": Row("`parallel` with 10,000 items", PARALLEL, parallel_by_hand, 3.0),
    "channel": Row("10,000 channel messages", CHANNEL, channel_by_hand, 3.0),
    "ping_pong": Row("5,000 messages there and back", PING_PONG, ping_pong_by_hand, 3.0),
    "map": callback_row("`map`", "xs.map({ x -> x * 3 }).count", lambda xs: len([x * 3 for x in xs])),
    "filter": callback_row(
        "`filter`", "xs.filter({ x -> x % 3 == 0 }).count", lambda xs: len([x for x in xs if x % 3 == 0])
    ),
    "reduce": callback_row(
        "`reduce`", "xs.reduce(0, { a, x -> a + x })", lambda xs: functools.reduce(lambda a, x: a + x, xs, 0)
    ),
    "sort_by": callback_row(
        "`sort_by`",
        "xs.sort_by({ x -> x * 7919 % 100003 }).first()",
        lambda xs: sorted(xs, key=lambda x: x * 7919 % 100_003)[0],
    ),
}


NAMES = [*ROWS, "lateness", "switching"]


async def ratio(row: Row, rounds: int) -> tuple[float, float, float]:
    """The best times of the script and of Python in seconds, and the median of their ratios."""
    async with Interpreter() as harn:
        program = harn.compile(row.script)

        async def script() -> Any:
            return await harn.run(program)

        assert await script() == await row.by_hand()
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for run, times in zip((script, row.by_hand), taken, strict=True):
                gc.collect()
                began = now()
                await run()
                times.append(now() - began)
    ours, theirs = taken
    return min(ours), min(theirs), statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


# --- beside a script that computes ---------------------------------------------------------------------

HOT = "var i = 0\nwhile true { i = i + 1 }"
COMPUTE = "var i = 0\nwhile i < 3000000 { i = i + 1 }"


async def lateness(naps: int) -> str:
    """How late the host's timers of 1 ms come beside a script that computes in the same loop."""
    late: list[float] = []
    async with Interpreter() as harn:
        running = asyncio.create_task(harn.run(HOT))
        await asyncio.sleep(0.05)
        for _ in range(naps):
            due = now() + 0.001
            await asyncio.sleep(0.001)
            late.append(now() - due)
        running.cancel()
        await asyncio.wait({running})
    late.sort()
    return f"median {late[naps // 2] * 1e3:.2f} ms, p99 {late[int(naps * 0.99)] * 1e3:.2f} ms"


async def switching(rounds: int) -> str:
    """What short slices cost a script that computes: with over without."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    async with Interpreter() as harn:
        program = harn.compile(COMPUTE)
    for _ in range(rounds):
        for short, times in taken.items():
            async with Interpreter(short_slices=short) as harn:
                began = now()
                await harn.run(program)
                times.append(now() - began)
    return f"{min(taken[True]) / min(taken[False]):.3f} times the time with slices of 7 ms"


async def main(names: list[str], rounds: int) -> None:
    """Measure and print the rows."""
    print("| row | ratio | median of ratios | aim | script | by hand |")
    print("|---|---|---|---|---|---|")
    for name in names:
        if name == "lateness":
            print(f"`lateness` of the host's timers beside `while true`: {await lateness(rounds * 100)}")
            continue
        if name == "switching":
            print(f"`switching`: short slices take {await switching(rounds)}")
            continue
        row = ROWS[name]
        ours, theirs, median = await ratio(row, rounds)
        print(
            f"| `{name}`: {row.what} | {ours / theirs:.2f} | {median:.2f} | {row.aim:g} "
            f"| {ours * 1e3:.1f} ms | {theirs * 1e3:.1f} ms |",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="row", help="which rows; all without any")
    parser.add_argument("--rounds", type=int, default=10, help="how often each side is run")
    parser.add_argument("--list", action="store_true", help="name the rows and end")
    given = parser.parse_args()
    if given.list:
        print("\n".join(NAMES))
        sys.exit()
    unknown = set(given.rows) - set(NAMES)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    asyncio.run(main(given.rows or NAMES, given.rounds))
