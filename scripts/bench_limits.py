"""What limits and isolation cost: one program with each, in turns, the best of several; ratios.

    python scripts/bench_limits.py
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from harnlet import Interpreter, Limits, tool

PROGRAMS: Final = {
    "integer loop": "var n = 0\nfor i in 1 to 300000 { n = n + i }\nreturn n",
    "push": "var xs = []\nfor i in 1 to 100000 { xs = xs.push(i) }\nreturn xs.count",
    "calls": "fn fib(n) { if n < 2 { return n }\n return fib(n - 1) + fib(n - 2) }\nreturn fib(20)",
    "strings": 'var s = ""\nfor i in 1 to 100000 { s = s + "x" }\nreturn s.count',
}
LIMITS: Final = {
    "seconds": Limits(seconds=1000),
    "cpu_seconds": Limits(cpu_seconds=1000),
    "steps": Limits(steps=10**12),
    "collection_items": Limits(collection_items=150_000),
}
TRIES: Final = 5


@tool
async def nothing() -> None:
    """Does nothing."""


def best_of(functions: dict[str, Callable[[], object]], tries: int = TRIES) -> dict[str, float]:
    """The least seconds of each, run in turns."""
    best = dict.fromkeys(functions, float("inf"))
    for _ in range(tries):
        for name, function in functions.items():
            began = time.perf_counter()
            function()
            best[name] = min(best[name], time.perf_counter() - began)
    return best


def limits() -> None:
    """Each limit over none."""
    print("| program | " + " | ".join(f"`{name}`" for name in LIMITS) + " |")
    for title, source in PROGRAMS.items():
        kinds = {"none": Interpreter(), **{name: Interpreter(limits=each) for name, each in LIMITS.items()}}
        runs = {name: _runner(harn, source) for name, harn in kinds.items()}
        best = best_of(runs)
        print(f"| {title} | " + " | ".join(f"{best[name] / best['none']:.2f}" for name in LIMITS) + " |")


def _runner(harn: Interpreter, source: str) -> Callable[[], object]:
    program = harn.compile(source)
    return lambda: harn.run_sync(program)


def isolation() -> None:
    """A run in a worker over one here with a new Python, and a tool call from within."""
    one = "return 1"
    command = [sys.executable, "-c", "from harnlet import Interpreter; Interpreter().run_sync('return 1')"]
    best = best_of(
        {
            "worker": lambda: Interpreter(isolation="process").run_sync(one),
            "python": lambda: subprocess.run(command, check=True),
        }
    )
    print(f"a run in a worker, over the same in a new Python: {best['worker'] / best['python']:.2f}")
    print(f"                                      in seconds: {best['worker']:.3f}")
    calls = 'var i = 0\nwhile i < 300 { host_tool_call("nothing", {})\n i = i + 1 }'
    here = asyncio.run(_seconds(lambda: Interpreter(tools=[nothing]).run(calls)))
    there = asyncio.run(_seconds(lambda: Interpreter(tools=[nothing], isolation="process").run(calls)))
    away = there - best["worker"]
    print(f"300 tool calls: {here * 1000:.0f} ms here, {away * 1000:.0f} ms from a worker")


async def _seconds(run: Callable[[], Awaitable[Any]]) -> float:
    began = time.perf_counter()
    await run()
    return time.perf_counter() - began


if __name__ == "__main__":
    limits()
    isolation()
