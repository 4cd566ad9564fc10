"""Data formats and JSON pointers against what Python says of the same (docs/builtins.md#data-formats)."""

import csv
import io
import json
import math
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embed.builtins_support import call, waited
from harnlet_builtins.json_problems import json_problem

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INTS = st.integers(-(2**63), 2**63 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | INTS | FLOATS | TEXTS


def nested(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values of lists and dicts."""
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=12,
    )


def plain_floats(value: Any) -> Any:
    """`1.0` is written as `1`, which is an int when it is read."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return int(value)
    if isinstance(value, list):
        return [plain_floats(each) for each in value]
    return {key: plain_floats(each) for key, each in value.items()} if isinstance(value, dict) else value


# Above 2**53 the digits that a float is written with are, read as an int, another number.
SMALL_FLOATS = FLOATS.filter(lambda number: not number.is_integer() or abs(number) < 2**53)


@settings(deadline=None)
@given(nested(st.none() | st.booleans() | INTS | SMALL_FLOATS | TEXTS))
def test_json_is_what_python_reads(value: Any) -> None:
    text = call("json_stringify", value)
    assert json.loads(text) == value
    assert call("json_parse", text) == plain_floats(value)
    assert json_problem(text) is None


@settings(deadline=None)
@given(nested(SCALARS), st.booleans(), st.none() | st.integers(0, 3))
def test_python_writes_what_we_read(value: Any, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    assert call("json_parse", text) == value
    assert json_problem(text) is None


def strict(text: str) -> bool:
    """Whether Python reads a text as JSON, without what it allows beyond that."""

    def refuse(name: str) -> object:
        raise ValueError(name)

    def finite(digits: str) -> float:
        number = float(digits)
        if math.isinf(number):
            raise ValueError(digits)
        return number

    try:
        found = json.loads(text, parse_constant=refuse, parse_float=finite)
        json.dumps(found, ensure_ascii=False).encode()
    except ValueError:
        return False
    return True


ESCAPES = ["\\u00e9", "\\ud834\\udd1e", "\\ud834", "\\udd1e", "\\n", "\\"]
WORDS = ["true", "false", "null", "NaN", "a", "é", '"a"', '"k":', "[]", "{}", " ", "\n", "\t"]
NUMBERS = ["-", "+", ".", "0", "1", "12", "1e5", "e", "E"]
PIECES = st.sampled_from([*'[]{},:"', *ESCAPES, *WORDS, *NUMBERS])


@settings(deadline=None)
@given(st.lists(PIECES, max_size=8).map("".join))
def test_problems_are_found_exactly_where_there_are_some(text: str) -> None:
    assert (json_problem(text) is None) is strict(text)


ODD_TEXTS = st.sampled_from(["yes", "0x1F", "1e3", ".5", "2024-01-02", "a: b", "~", "-", "<<"])


@settings(deadline=None)
@given(nested(SCALARS | st.integers() | ODD_TEXTS))
def test_yaml_round_trip(value: Any) -> None:
    pytest.importorskip("ruamel.yaml")
    assert waited("yaml_parse", waited("yaml_stringify", value)) == value


@settings(deadline=None)
@given(st.dictionaries(TEXTS, nested(st.booleans() | INTS | FLOATS | TEXTS), max_size=5))
def test_toml_is_what_python_reads(value: dict[str, Any]) -> None:
    text = call("toml_stringify", value)
    assert tomllib.loads(text) == value
    assert call("toml_parse", text) == value


CELLS = st.text(st.sampled_from('ab ,;"\r\né'), max_size=5)


@settings(deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=5)
    )
)
def test_csv_is_what_python_reads(rows: list[list[str]]) -> None:
    text = call("csv_stringify", rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == rows
    assert call("csv_parse", text) == rows


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b ", '"', '""', ",", "\n", "\r\n", "\r", "é"]), max_size=12).map("".join)
)
def test_csv_of_any_text(text: str) -> None:
    read = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    # Python drops a line break in an open quote at the very end; nobody should depend on it.
    if text.count('"') % 2 == 0:
        assert call("csv_parse", text) == read


def pointer(steps: list[str]) -> str:
    """The pointer of a path."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


@settings(deadline=None)
@given(nested(SCALARS), st.data())
def test_pointers_reach_everything(value: Any, data: st.DataObject) -> None:
    steps: list[str] = []
    place = value
    while isinstance(place, list | dict) and place and data.draw(st.booleans()):
        if isinstance(place, list):
            index = data.draw(st.integers(0, len(place) - 1))
            steps.append(str(index))
            place = place[index]
        else:
            key = data.draw(st.sampled_from(sorted(place)))
            steps.append(key)
            place = place[key]
    path = pointer(steps)
    assert call("json_pointer", value, path) == place
    assert call("json_pointer", call("json_pointer_set", value, path, "new"), path) == "new"
    assert call("json_pointer_set", value, path, place) == value
