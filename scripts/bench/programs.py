"""The benchmark programs: each engine runs them in turn, with the same result; its best time counts."""

import gc
import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench.engines import Engine, Harnlet, MissingError, Python, Run


@dataclass(frozen=True, slots=True)
class Program:
    """A program in `programs/`: its input, and the smaller one for rivals that take minutes otherwise."""

    name: str
    title: str
    n: int
    slow_n: int


PROGRAMS = (
    Program("integer_loop", "integer loop", 200_000, 3_000),
    Program("comparisons", "comparisons", 200_000, 3_000),
    Program("dict_fields", "dict fields", 150_000, 3_000),
    Program("struct_fields", "struct fields", 150_000, 3_000),
    Program("calls", "function calls", 150_000, 1_500),
    Program("fib", "recursion (fib)", 23, 12),
    Program("methods", "method dispatch", 100_000, 1_500),
    Program("map_filter_sort", "list map, filter, sort", 40_000, 1_500),
    Program("string_building", "string building", 100_000, 3_000),
    Program("closures", "closures", 80_000, 1_000),
    Program("matching", "pattern matching", 60_000, 1_500),
    Program("sieve", "sieve", 150_000, 3_000),
    Program("nbody", "n-body", 1_000, 20),
    Program("word_count", "word count", 10_000, 200),
    Program("json_transform", "JSON transform", 5_000, 300),
    Program("exceptions", "exceptions", 80_000, 1_000),
)


@dataclass(slots=True)
class Result:
    """The best times of one program, in seconds, by engine; `refused` says why an engine has none."""

    program: Program
    times: dict[str, float] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    slow_python: float = math.nan

    def ratio(self, engine: Engine) -> float | None:
        """The engine's time over Python's on the same input; None when the engine did not run."""
        seconds = self.times.get(engine.name)
        if seconds is None:
            return None
        return seconds / (self.slow_python if engine.slow else self.times["Python"])


class DifferentResultError(Exception):
    """Two engines disagree: nothing that was timed would mean anything."""


def measure(program: Program, engines: Iterable[Engine], rounds: int) -> Result:
    """Run a program in all engines, one after the other, `rounds` times."""
    python = Python()
    result = Result(program)
    runs: dict[str, Run] = {}
    expected = {n: python.prepare(program.name, n)()[1] for n in (program.n, program.slow_n)}
    slow = False
    for engine in engines:
        n = program.slow_n if engine.slow else program.n
        try:
            run = engine.prepare(program.name, n)
            answer = run()[1]
        except Exception as error:
            # A rival may fail in any way: that is its result. We and Python may not.
            if not isinstance(error, MissingError) and isinstance(engine, Harnlet | Python):
                raise
            result.refused[engine.name] = _problem(error)
            continue
        if not _same(answer, expected[n]):
            raise DifferentResultError(f"{program.name}: {engine.name} gives {answer!r}, not {expected[n]!r}")
        runs[engine.name] = run
        slow = slow or engine.slow
    if slow:
        runs["slow Python"] = python.prepare(program.name, program.slow_n)
    best = dict.fromkeys(runs, math.inf)
    for _ in range(rounds):
        for name, run in runs.items():
            gc.collect()
            best[name] = min(best[name], run()[0])
    result.slow_python = best.pop("slow Python", math.nan)
    result.times = best
    return result


def variants(rounds: int) -> dict[str, float]:
    """Ratios for what has no column: annotated scripts over the same without, unoptimised code, and Python's
    comprehensions instead of `map` and `filter`."""
    plain, typed = Harnlet(), Harnlet(".typed")
    out = {}
    try:
        for name in ("integer_loop", "fib", "sieve"):
            program = next(p for p in PROGRAMS if p.name == name)
            # Nearly the same code: what differs shows only in many rounds.
            runs = plain.prepare(name, program.n), typed.prepare(name, program.n)
            first, second = best_of(runs, 4 * rounds)
            out[f"{program.title}: annotated over not annotated"] = second / first
        program = next(p for p in PROGRAMS if p.name == "map_filter_sort")
        comprehensions = Python(".comprehensions").prepare(program.name, program.n)
        first, second = best_of((comprehensions, plain.prepare(program.name, program.n)), rounds)
        out[f"{program.title}: over Python with comprehensions and a loop"] = second / first
    finally:
        plain.close()
        typed.close()
    return out


def best_of(runs: Iterable[Run], rounds: int) -> list[float]:
    """The best time of each, interleaved."""
    listed = list(runs)
    best = [math.inf] * len(listed)
    for _ in range(rounds):
        for index, run in enumerate(listed):
            gc.collect()
            best[index] = min(best[index], run()[0])
    return best


def geometric_mean(ratios: Iterable[float]) -> float:
    """The mean for ratios."""
    logarithms = [math.log(ratio) for ratio in ratios]
    return math.exp(sum(logarithms) / len(logarithms))


def _problem(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


def _same(first: object, second: object) -> bool:
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=1e-9)
    return first == second
