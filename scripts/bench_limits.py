"""What limits and isolation cost: one program with each, in turns, the best of several; ratios.

    python scripts/bench_limits.py               # all, and writes the section of docs/performance.md
    python scripts/bench_limits.py --rounds 2    # does not write
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final

from bench.report import put, table
from harnlet import Interpreter, Limits, tool

PROGRAMS: Final = {
    "integer loop": "var n = 0\nfor i in 1 to 300000 { n = n + i }\nreturn n",
    "integer loop in a function": (
        "fn f(m) { var n = 0\nfor i in 1 to m { n = n + i }\nreturn n }\nreturn f(300000)"
    ),
    "push": "var xs = []\nfor i in 1 to 100000 { xs = xs.push(i) }\nreturn xs.count",
    "calls": "fn fib(n) { if n < 2 { return n }\n return fib(n - 1) + fib(n - 2) }\nreturn fib(20)",
    "strings": 'var s = ""\nfor i in 1 to 100000 { s = s + "x" }\nreturn s.count',
}
LIMITS: Final = {
    "seconds=1000": Limits(seconds=1000),
    "cpu_seconds=1000": Limits(cpu_seconds=1000),
    "steps=10**12": Limits(steps=10**12),
    "collection_items=150000": Limits(collection_items=150_000),
    "integer_bits=1024": Limits(integer_bits=1024),
}
ROUNDS: Final = 7
CALLS: Final = 300


@tool
async def nothing() -> None:
    """Does nothing."""


def best_of(functions: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The least seconds of each, run in turns."""
    best = dict.fromkeys(functions, float("inf"))
    for _ in range(rounds):
        for name, function in functions.items():
            began = time.perf_counter()
            function()
            best[name] = min(best[name], time.perf_counter() - began)
    return best


def limits(rounds: int) -> str:
    """Each limit over none."""
    rows = []
    for title, source in PROGRAMS.items():
        kinds = {"none": Interpreter(), **{name: Interpreter(limits=each) for name, each in LIMITS.items()}}
        best = best_of({name: _runner(harn, source) for name, harn in kinds.items()}, rounds)
        rows.append((title, *(f"{best[name] / best['none']:.2f}" for name in LIMITS)))
    return table(("time over that without limits", *(f"`{name}`" for name in LIMITS)), rows)


def _runner(harn: Interpreter, source: str) -> Callable[[], object]:
    program = harn.compile(source)
    return lambda: harn.run_sync(program)


def isolation(rounds: int) -> str:
    """A run in a worker over one here with a new Python, and a tool call from within."""
    command = [sys.executable, "-c", "from harnlet import Interpreter; Interpreter().run_sync('return 1')"]
    best = best_of(
        {
            "worker": lambda: Interpreter(isolation="process").run_sync("return 1"),
            "python": lambda: subprocess.run(command, check=True),
            "empty": lambda: subprocess.run([sys.executable, "-c", "import asyncio"], check=True),
        },
        rounds,
    )
    source = f'var i = 0\nwhile i < {CALLS} {{ host_tool_call("nothing", {{}})\n i = i + 1 }}'
    calls = best_of(
        {
            "here": lambda: Interpreter(tools=[nothing]).run_sync(source),
            "away": lambda: Interpreter(tools=[nothing], isolation="process").run_sync(source),
            "no calls": lambda: Interpreter(tools=[nothing], isolation="process").run_sync("return 1"),
        },
        rounds,
    )
    away = max(calls["away"] - calls["no calls"], 0)
    return table(
        ("isolation", "ratio"),
        [
            ("a run in a worker, over the same in a new Python", f"{best['worker'] / best['python']:.2f}"),
            ('... over `python -c "import asyncio"`', f"{best['worker'] / best['empty']:.2f}"),
            ("a tool call from a worker, over one from here", f"{away / calls['here']:.2f}"),
        ],
    )


def main() -> None:
    """Measure, print, and write if the rounds are the usual ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    text = f"{limits(rounds)}\n\n{isolation(rounds)}"
    print(text)
    if rounds >= ROUNDS:
        put("bench_limits.py", text)
        print("\nwritten to docs/performance.md")


if __name__ == "__main__":
    main()
