"""Every name of the original language's library is there, or is left out by name (docs/builtins.md)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from embed import builtin_names
from harnlet import Interpreter
from harnlet_builtins import unsupported
from harnlet_builtins.document import SECTIONS, page

TESTS = Path(__file__).resolve().parents[1]
TIER_1, TIER_2, TIER_3 = (
    names.split() for names in (builtin_names.TIER_1, builtin_names.TIER_2, builtin_names.TIER_3)
)
NAMES = Path(__file__).with_name("builtin_names.py")


@pytest.fixture(scope="module")
def declared() -> Mapping[str, Any]:
    return Interpreter().builtins()


def supported(declared: Mapping[str, Any]) -> set[str]:
    return {name for name, each in declared.items() if each.section != unsupported.SECTION}


def test_the_names_are_all_different() -> None:
    assert len({*TIER_1, *TIER_2, *TIER_3}) == len(TIER_1) + len(TIER_2) + len(TIER_3) == 813


def test_all_of_tier_1_is_there(declared: Mapping[str, Any]) -> None:
    assert set(TIER_1) - supported(declared) == set()


def test_all_of_tier_1_is_documented() -> None:
    rows = set(re.findall(r"^\| `([\w.]+)\(", page(), re.MULTILINE))
    assert set(TIER_1) - rows == set()


def test_all_of_tier_1_occurs_in_a_test() -> None:
    used: set[str] = set()
    for path in [*TESTS.rglob("*.harn"), *TESTS.rglob("*.py")]:
        if path != NAMES:
            text = path.read_text(encoding="utf-8")
            used.update(re.findall(r"(?<![\w.])((?:stream\.)?\w+)\s*\(", text))
            used.update(re.findall(r"""["']([\w.]+)["']""", text))
    assert set(TIER_1) - used == set()


def test_what_is_left_out_of_the_others_is_said(declared: Mapping[str, Any]) -> None:
    left_out = {*TIER_2, *TIER_3} - supported(declared)
    assert left_out == set(unsupported.NAMES) - supported(declared)
    told = page().partition("## Names that are not supported")[2]
    assert set(re.findall(r"`([\w.]+)`", told)) == left_out


def test_each_is_listed_under_its_tier() -> None:
    for family in unsupported.FAMILIES:
        assert set(family.names.split()) <= set({2: TIER_2, 3: TIER_3}[family.tier]), family.title


def test_every_section_has_a_title(declared: Mapping[str, Any]) -> None:
    known = {number for number, _, _ in SECTIONS} | {unsupported.SECTION}
    assert {each.section for each in declared.values()} - known == set()


async def test_a_script_hears_that_a_name_is_left_out(declared: Mapping[str, Any]) -> None:
    left_out = sorted(set(unsupported.NAMES) - supported(declared))
    calls = ", ".join(f"why({{ -> {name}(1) }})" for name in left_out)
    async with Interpreter() as harn:
        told = await harn.run(f"fn why(f) {{ return try {{ f() }} catch e {{ e }} }}\nreturn [{calls}]")
    assert told == [f"Runtime error: unsupported in Harnlet: {name}" for name in left_out]
