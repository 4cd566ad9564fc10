"""scripts/tour.harn prints what scripts/tour.expected says, and comes by all main parts of the language."""

import re
from pathlib import Path

import pytest

from harnlet import Interpreter

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
TOUR = SCRIPTS / "tour.harn"


async def test_the_tour_prints_what_it_should() -> None:
    printed: list[str] = []
    async with Interpreter(output=printed.append) as harn:
        value = await harn.run(TOUR.read_text(encoding="utf-8"), filename=TOUR.name)
    assert value == 0
    expected = (SCRIPTS / "tour.expected").read_text(encoding="utf-8")
    assert "".join(printed).splitlines() == expected.splitlines()


def test_the_tour_has_no_warnings() -> None:
    program = Interpreter().compile(TOUR.read_text(encoding="utf-8"), filename=TOUR.name)
    assert program.diagnostics == ()


SHOWN = """
    let var fn return for while match if yield struct impl enum require defer try catch finally retry deadline
    spawn parallel settle tool
"""


@pytest.mark.parametrize("word", SHOWN.split())
def test_the_tour_shows(word: str) -> None:
    code = re.sub(r'//.*|"[^"]*"', "", TOUR.read_text(encoding="utf-8"))
    assert re.search(rf"\b{word}\b", code), f"the tour does not show `{word}`"
