"""What was measured as tables: printed, and written into docs/performance.md between two marks."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.engines import Engine, MissingError
from bench.growth import Growth
from bench.plot import svg
from bench.programs import Result, geometric_mean

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "performance.svg"
AHEAD_OF = ("Monty", "starlark-rust", "asteval")


def put(script: str, tables: str) -> None:
    """Write what a script has measured into the page, between its marks."""
    begin, end = (f"<!-- made by scripts/{script}: {place} -->" for place in ("begin", "end"))
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(begin)
    if not found:
        raise ValueError(f"{PAGE} has no mark {begin}")
    after = rest.partition(end)[2]
    PAGE.write_text(f"{before}{begin}\n\n{_machine()}\n\n{tables}\n\n{end}{after}", encoding="utf-8")


@dataclass
class Report:
    """All results; what was not measured is empty."""

    engines: list[Engine] = field(default_factory=list)
    programs: list[Result] = field(default_factory=list)
    variants: Mapping[str, float] = field(default_factory=dict)
    growth: list[Growth] = field(default_factory=list)
    dict_order: Mapping[str, float] = field(default_factory=dict)
    host_calls: Mapping[str, float] = field(default_factory=dict)
    safe_points: Mapping[str, float] = field(default_factory=dict)
    startup: Mapping[str, float] = field(default_factory=dict)
    memory: Mapping[str, float] = field(default_factory=dict)
    large_file: str = ""
    parsing: Mapping[str, float] = field(default_factory=dict)

    def text(self) -> str:
        """All tables."""
        parts = [
            _heading("The aims", table(("what", "aim", "measured", "met", "part"), self._aims())),
            self._programs(),
            _heading(
                "Kinds and comprehensions",
                table(("Harnlet's time", "ratio"), [(k, f"{v:.2f}") for k, v in self.variants.items()]),
            ),
            self._growth(),
            _heading(
                "Safe points",
                table(
                    ("program", "its time over that without safe points"),
                    [(title, f"{ratio:.2f}") for title, ratio in self.safe_points.items()],
                ),
            ),
            self._parsing(),
        ]
        return "\n\n".join(part for part in parts if part)

    def write(self) -> None:
        """Put the tables into the page, and draw the picture."""
        put("bench_language.py", self.text())
        names = [engine for engine in self.engines if engine.name != "Python"]
        rows = []
        for result in self.programs:
            ratios = {engine.name: result.ratio(engine) for engine in names}
            known = {name: ratio for name, ratio in ratios.items() if ratio is not None}
            rows.append((result.program.title, known))
        PICTURE.write_text(svg(rows), encoding="utf-8")

    def _aims(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []

        def aim(what: str, most: float, found: float, part: str, unit: str = "") -> None:
            met = "yes" if found <= most else "**no**"
            rows.append((what, f"≤ {most:g}{unit}", f"{found:.2f}{unit}", met, f"`{part}`"))

        if self.programs:
            ours = {result.program.title: self._ours(result) for result in self.programs}
            slowest = max(ours, key=lambda title: ours[title])
            mean = geometric_mean(ours.values())
            aim("geometric mean over the programs, to CPython", 1.5, mean, "programs")
            aim(f"the slowest program ({slowest}), to CPython", 3, ours[slowest], "programs")
            rows += [self._ahead(engine) for engine in self.engines if engine.name in AHEAD_OF]
        for title, ratio in self.variants.items():
            if "annotated" in title:
                # Either may be the faster one: noise of a tenth is no difference.
                aim(title, 1.1, max(ratio, 1 / ratio), "variants")
        if self.growth:
            linear = max(self.growth, key=lambda each: each.linear)
            slow = max(self.growth, key=lambda each: each.python)
            what = f"an element, of ten times as many; the worst way: {linear.title}"
            aim(what, 2, linear.linear, "growth")
            what = f"{slow.size:,} elements, to Python's loop; the worst way: {slow.title}"
            aim(what, 3, slow.python, "growth")
        for title, ratio in self.dict_order.items():
            if title.startswith("storing"):
                aim(f"dict: {title}", 3, ratio, "growth")
        for kind, most in (("sync", 0.3), ("async", 1.5)):
            if kind in self.host_calls:
                title = {"sync": "sync", "async": "async, ready at once"}[kind]
                what = f"call of a host function, {title}, over Python"
                aim(what, most, self.host_calls[kind], "calls", " µs")
        if self.startup:
            asyncio = self.startup["asyncio"]
            for kind, most in (("warm", 2.5), ("cold", 5.0)):
                what = f'`harnlet run hello.harn`, {kind} cache, to `python -c "import asyncio"`'
                aim(what, most, self.startup[kind] / asyncio, "processes")
        if self.parsing:
            whole = self.parsing["compile"]
            aim("parse and compile 10,000 lines, to Lark alone", 1.2, whole / self.parsing["Lark"], "parsing")
            lark = self.parsing["Lark with lexer"]
            aim("the same, to Lark with the lexer that it needs", 1.2, whole / lark, "parsing")
            aim("the same from the code cache", 30, self.parsing["cached"] * 1000, "parsing", " ms")
        if self.memory:
            aim("memory of each further idle interpreter", 1, self.memory["traced"] / 1e6, "processes", " MB")
        if self.safe_points:
            mean = self.safe_points["geometric mean"]
            aim("safe points, over a build without them", 1.15, mean, "safe-points")
        return rows

    def _ours(self, result: Result) -> float:
        return result.times["Harnlet"] / result.times["Python"]

    def _ahead(self, engine: Engine) -> tuple[str, ...]:
        behind = []
        compared = 0
        for result in self.programs:
            ratio = result.ratio(engine)
            if ratio is not None:
                compared += 1
                if ratio < self._ours(result):
                    behind.append(result.program.title)
        measured = f"{compared - len(behind)} of {compared}"
        met = f"**no**: {', '.join(behind)}" if behind else "yes" if compared else "not installed"
        return f"ahead of {engine.name} on every program", "all", measured, met, "`programs`"

    def _programs(self) -> str:
        if not self.programs:
            return ""
        shown = [engine for engine in self.engines if engine.name != "Python"]
        rows = []
        refused: dict[str, list[str]] = {}
        for result in self.programs:
            cells = []
            for engine in shown:
                ratio = result.ratio(engine)
                cells.append("-" if ratio is None else f"{ratio:.2f}" if ratio < 100 else f"{ratio:.0f}")
                if engine.name in result.refused:
                    refused.setdefault(f"{engine.name}: {result.refused[engine.name]}", []).append(
                        result.program.title
                    )
            rows.append((result.program.title, f"{result.times['Python'] * 1000:.0f}", *cells))
        means = []
        for engine in shown:
            found = [ratio for result in self.programs if (ratio := result.ratio(engine)) is not None]
            means.append(f"**{geometric_mean(found):.2f}**" if found else "-")
        rows.append(("**geometric mean**", "", *means))
        tables = table(("program", "CPython, ms", *(_titled(engine) for engine in shown)), rows)
        notes = [f"- {why} ({', '.join(titles)})" for why, titles in refused.items()]
        text = "Time over that of CPython; `-` is a program that the language has no way to write:\n\n"
        return _heading("The programs", "\n\n".join([tables, text + "\n".join(notes)] if notes else [tables]))

    def _growth(self) -> str:
        if not self.growth:
            return ""
        rows = [
            (each.title, f"{each.size:,}", f"{each.linear:.2f}", f"{each.python:.2f}") for each in self.growth
        ]
        head = ("way", "n", "an element, to one of n / 10", "to the loop in Python")
        order = [(title, f"{ratio:.2f}") for title, ratio in self.dict_order.items()]
        tables = table(head, rows), table(("a dict of 200,000 keys", "ratio"), order)
        return _heading("Building collections", "\n\n".join(tables))

    def _parsing(self) -> str:
        if not self.parsing:
            return ""
        titles = {
            "Lark": "Lark alone: tokens to trees",
            "Lark with lexer": "Lark, with our lexer",
            "parse": "text to nodes",
            "check": "... and names and kinds",
            "lower": "... and Python's `ast`",
            "compile": "... and code: all of it",
            "cached": "from the code cache",
        }
        lark = self.parsing["Lark"]
        rows = [(titles[name], f"{seconds / lark:.2f}") for name, seconds in self.parsing.items()]
        return _heading(f"A file of {self.large_file}", table(("", "to Lark alone"), rows))


def _titled(engine: Engine) -> str:
    try:
        return f"{engine.name} {engine.release}" if engine.package not in ("harnlet", "lupa") else engine.name
    except MissingError:
        return engine.name


def _heading(title: str, text: str) -> str:
    return f"### {title}\n\n{text}" if text else ""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; nothing if there are no rows."""
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _machine() -> str:
    return (
        f"Measured with CPython {platform.python_version()} on {platform.system()}, {platform.machine()}, "
        f"{os.cpu_count()} cores."
    )
