"""Collections are values, and building one in a loop takes a step for each element all the same.

Each way is timed at two sizes, ten times apart: the time of an element must stay what it was. Beside the
larger one runs the Python loop that does the same.
"""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.engines import Harnlet


@dataclass(frozen=True, slots=True)
class Way:
    """A way to build something of `n` elements, in Harnlet and in Python. Both give something to compare."""

    title: str
    harnlet: str
    python: str
    size: int = 1_000_000


WAYS = (
    Way(
        "list, `xs = xs.push(i)`",
        "var xs = []\nfor i in 0 to n exclusive { xs = xs.push(i) }\nreturn len(xs)",
        "xs = []\nfor i in range(n): xs.append(i)\nreturn len(xs)",
    ),
    Way(
        "list, `xs = xs + [i]`",
        "var xs = []\nfor i in 0 to n exclusive { xs = xs + [i] }\nreturn len(xs)",
        "xs = []\nfor i in range(n): xs += [i]\nreturn len(xs)",
    ),
    Way(
        "list, `xs[i] = v`",
        "var xs = [0, 0, 0, 0]\nfor i in 0 to n exclusive { xs[i % 4] = i }\nreturn xs[3]",
        "xs = [0, 0, 0, 0]\nfor i in range(n): xs[i % 4] = i\nreturn xs[3]",
    ),
    Way(
        "dict, `d[k] = v`",
        'var d = {}\nfor i in 0 to n exclusive { d["k${i}"] = i }\nreturn len(d)',
        'd = {}\nfor i in range(n): d[f"k{i}"] = i\nreturn len(d)',
    ),
    Way(
        "dict, `d = d + {k: v}`",
        'var d = {}\nfor i in 0 to n exclusive { d = d + {["k${i}"]: i} }\nreturn len(d)',
        'd = {}\nfor i in range(n): d |= {f"k{i}": i}\nreturn len(d)',
    ),
    Way(
        "dict, `d = {...d, k: v}`",
        'var d = {}\nfor i in 0 to n exclusive { d = {...d, ["k${i}"]: i} }\nreturn len(d)',
        'd = {}\nfor i in range(n): d |= {f"k{i}": i}\nreturn len(d)',
    ),
    Way(
        "struct, `p.x = v`",
        "struct P { x: int }\nvar p = P { x: 0 }\nfor i in 0 to n exclusive { p.x = i }\nreturn p.x",
        "class P: pass\np = P()\nfor i in range(n): p.x = i\nreturn p.x",
    ),
    Way(
        "nested, `d.a[k] = v`",
        'var d = {a: {}}\nfor i in 0 to n exclusive { d.a["k${i}"] = i }\nreturn len(d.a)',
        'd = {"a": {}}\nfor i in range(n): d["a"][f"k{i}"] = i\nreturn len(d["a"])',
    ),
    Way(
        "nested, `d.xs[i] = v`",
        "var d = {xs: [0, 0, 0, 0]}\nfor i in 0 to n exclusive { d.xs[i % 4] = i }\nreturn d.xs[3]",
        'd = {"xs": [0, 0, 0, 0]}\nfor i in range(n): d["xs"][i % 4] = i\nreturn d["xs"][3]',
    ),
    Way(
        'string, `s = s + "x"`',
        'var s = ""\nfor i in 0 to n exclusive { s = s + "x" }\nreturn len(s)',
        's = ""\nfor i in range(n): s = s + "x"\nreturn len(s)',
    ),
)


@dataclass(frozen=True, slots=True)
class Growth:
    """`linear` is the time of an element at `size` elements over that at a tenth of them; `python` the time
    at `size` over that of Python's loop."""

    title: str
    size: int
    linear: float
    python: float


def measure(rounds: int) -> Iterator[Growth]:
    """Time every way."""
    engine = Harnlet()
    try:
        for way in WAYS:
            yield _measured(engine, way, rounds)
    finally:
        engine.close()


def _measured(engine: Harnlet, way: Way, rounds: int) -> Growth:
    size = way.size
    large, small = (engine.prepare_text(_in_harnlet(way, n), "growth.harn") for n in (size, size // 10))
    python = _in_python(way)
    if large()[1] != python(size):
        raise AssertionError(f"{way.title}: the results differ")
    best = [1e9, 1e9, 1e9]
    for _ in range(rounds):
        gc.collect()
        best[0] = min(best[0], large()[0])
        best[1] = min(best[1], *(small()[0] for _ in range(3)))
        started = time.process_time()
        python(size)
        best[2] = min(best[2], time.process_time() - started)
    return Growth(way.title, size, best[0] / best[1] / 10, best[0] / best[2])


def _in_harnlet(way: Way, n: int) -> str:
    return f"let n = {n}\n{way.harnlet}\n"


def _in_python(way: Way) -> Callable[[int], object]:
    body = way.python.replace("\n", "\n    ")
    names: dict[str, Any] = {}
    exec(f"def build(n):\n    {body}\n", names)
    found: Callable[[int], object] = names["build"]
    return found


def dict_order(rounds: int) -> dict[str, float]:
    """What the order of dicts costs: storing keys in the wrong order, over Python; then going over them
    once, over Python's `sorted`."""
    n = 200_000
    store = (
        "let n = 200000\nvar d = {}\n"
        'for i in 0 to n exclusive { d["k${n - i}"] = i }\n'
    )
    engine = Harnlet()
    try:
        storing = engine.prepare_text(f"{store}return len(d)", "dict.harn")
        going = engine.prepare_text(
            f"{store}var last = \"\"\nfor entry in d {{ last = entry.key }}\nreturn last", "dict.harn"
        )
        best = {"store": 1e9, "both": 1e9, "Python store": 1e9, "Python go": 1e9}
        for _ in range(rounds):
            gc.collect()
            best["store"] = min(best["store"], storing()[0])
            best["both"] = min(best["both"], going()[0])
            started = time.process_time()
            d = {}
            for i in range(n):
                d[f"k{n - i}"] = i
            stored = time.process_time()
            last = ""
            for key, _value in sorted(d.items()):
                last = key
            went = time.process_time()
            assert last == going()[1]
            best["Python store"] = min(best["Python store"], stored - started)
            best["Python go"] = min(best["Python go"], went - stored)
    finally:
        engine.close()
    return {
        "storing keys in falling order, over the same in Python": best["store"] / best["Python store"],
        "going over them once in order, over `sorted` in Python": (best["both"] - best["store"])
        / best["Python go"],
    }
