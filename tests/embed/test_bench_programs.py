"""The benchmark measures what it says: its programs give the same results as the Python beside them, and its
tables hold what was measured (docs/performance.md#the-language)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import calls, growth, parsing, plot
from bench.engines import PROGRAMS as FOLDER
from bench.engines import Engine, Harnlet, InexpressibleError, Python, RestrictedPython, Starlark
from bench.growth import Growth
from bench.programs import PROGRAMS, Program, Result, geometric_mean, measure
from bench.report import Report


@pytest.fixture
def engines() -> Iterator[list[Engine]]:
    made = [Python(), Harnlet()]
    yield made
    for engine in made:
        engine.close()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_programs_agree(program: Program, engines: list[Engine]) -> None:
    small = Program(program.name, program.title, program.slow_n, program.slow_n)
    result = measure(small, engines, 1)
    assert result.refused == {}
    assert set(result.times) == {"Python", "Harnlet"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.typed.harn")), ids=lambda path: path.stem)
def test_annotated_programs_are_the_same_programs(path: Path) -> None:
    name = path.name.removesuffix(".typed.harn")
    plain, typed = Harnlet(), Harnlet(".typed")
    try:
        assert plain.prepare(name, 20)()[1] == typed.prepare(name, 20)()[1]
        assert ": int" in typed.source(name)
    finally:
        plain.close()
        typed.close()


def test_every_file_belongs_to_a_program() -> None:
    names = {program.name for program in PROGRAMS}
    assert {path.name.partition(".")[0] for path in FOLDER.iterdir() if path.is_file()} == names


def test_ways_to_build_agree() -> None:
    engine = Harnlet()
    try:
        for way in growth.WAYS:
            run = engine.prepare_text(growth._in_harnlet(way, 100), "growth.harn")
            assert run()[1] == growth._in_python(way)(100), way.title
    finally:
        engine.close()


def test_safe_points_are_taken_out_of_a_program_and_nothing_else() -> None:
    engine = Harnlet()
    text = engine.source("sieve") + "\nreturn main(100)\n"
    try:
        assert calls._without_safe_points(engine, text, "sieve.harn")()[1] == 25
    finally:
        engine.close()


def test_the_large_file_has_as_many_lines_as_it_says() -> None:
    text = parsing.large_file(500)
    assert 500 <= text.count("\n") < 500 + 60
    engine = Harnlet()
    try:
        engine.prepare_text(text, "large.harn")()
    finally:
        engine.close()


def test_a_program_that_a_rival_cannot_express_is_said_so() -> None:
    with pytest.raises(InexpressibleError, match="errors cannot be caught"):
        Starlark().source("exceptions")
    assert RestrictedPython().path("nbody").name == "nbody.restrictedpython.py"


def test_geometric_mean() -> None:
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0)


def a_result(name: str, ours: float, refused: str = "") -> Result:
    result = Result(Program(name, name, 1, 1), {"Python": 2.0, "Harnlet": 2.0 * ours, "starlark-rust": 3.0})
    if refused:
        del result.times["starlark-rust"]
        result.refused["starlark-rust"] = refused
    return result


def test_the_report_says_which_aims_are_met_and_which_are_not() -> None:
    report = Report(
        engines=[Python(), Harnlet.__new__(Harnlet), Starlark()],
        programs=[a_result("one", 1.0), a_result("two", 4.0, "no such thing"), a_result("three", 2.0)],
        growth=[Growth("way a", 10, 1.0, 2.0), Growth("way b", 10, 9.0, 50.0)],
        host_calls={"sync": 0.2, "async": 3.0},
        startup={"asyncio": 0.1, "warm": 0.2, "cold": 0.6},
        memory={"resident": 4096.0, "traced": 80_000.0},
    )
    rows = {row.split(" | ")[0].strip("| "): row for row in report.text().splitlines()}
    assert rows["geometric mean over the programs, to CPython"].endswith("| ≤ 1.5 | 2.00 | **no** | `programs` |")
    assert "| ≤ 3 | 4.00 | **no** |" in rows["the slowest program (two), to CPython"]
    assert "| 1 of 2 | **no**: three |" in rows["ahead of starlark-rust on every program"]
    assert "| 9.00 | **no** |" in rows["an element, of ten times as many; the worst way: way b"]
    assert "| ≤ 0.3 µs | 0.20 µs | yes |" in rows["call of a host function, sync, over Python"]
    assert "| 3.00 µs | **no** |" in rows["call of a host function, async, ready at once, over Python"]
    assert "| 2.00 | yes |" in next(row for row in rows.values() if "warm cache" in row)
    assert "| 6.00 | **no** |" in next(row for row in rows.values() if "cold cache" in row)
    assert "- starlark-rust: no such thing (two)" in report.text()


def test_the_picture_has_a_mark_for_each_ratio() -> None:
    picture = plot.svg([("fib", {"Harnlet": 1.0, "LuaJIT": 0.01}), ("a < b", {"asteval": 1e9})])
    titles = re.findall(r"<title>([^<]*)</title></circle>", picture)
    assert titles == ["LuaJIT 0.01", "Harnlet 1.00", "asteval 1000000000.00"]
    assert "a &lt; b" in picture
    places = [float(x) for x in re.findall(r'<circle cx="([\d.]+)" cy="(?!20")', picture)]
    assert places[0] < places[1] < places[2]
