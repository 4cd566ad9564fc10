"""JSON that C writes and reads in pieces is what we write and read ourselves, value by value, wherever the
pieces end (docs/builtins.md#data-formats)."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embed.builtins_support import Duration, Pair, Range, StructType, ok
from embed.values_support import make_set
from harnlet_builtins import json_large, json_pieces, json_reader, json_writer
from harnlet_builtins.json_pieces import float_text
from harnlet_builtins.json_reader import JsonError, parse
from harnlet_builtins.json_writer import stringify

POINT = StructType("Point", ("x", "y"))
TEXTS = st.text(
    st.sampled_from('",\\:.0e+-NaNbf\b\f\n\x7f\x80\x00]}{[\u200b') | st.characters(exclude_categories=["Cs"]),
    max_size=12,
)
FLOATS = (
    st.floats() | st.floats(width=16) | st.sampled_from([1e15, 1e16, 1e22, -0.0, 1e-5, 12345678901234567.0])
)
SCALARS = st.none() | st.booleans() | st.integers() | FLOATS | TEXTS
LEAVES = (
    SCALARS
    | st.integers(4_000, 5_000).map(lambda digits: 10**digits)
    | st.binary(max_size=5)
    | st.builds(Range, st.integers(), st.integers())
    | st.builds(Duration, st.integers())
    | st.builds(ok, st.integers())
    | st.just(POINT)
)


def collections(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values that hold others."""
    return (
        st.lists(inner, max_size=8)
        | st.dictionaries(TEXTS, inner, max_size=8)
        | st.lists(inner, max_size=4).map(make_set)
        | st.dictionaries(st.sampled_from("xyz"), inner).map(POINT.made_of)
        | st.builds(Pair, inner, inner)
    )


@contextmanager
def sizes(most: int, deepest: int, slice_: int, at_once: int) -> Iterator[None]:
    """What is small, while this is open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_pieces, "MOST", most)
        patch.setattr(json_pieces, "DEEPEST", deepest)
        patch.setattr(json_writer, "DEEPEST", deepest)
        patch.setattr(json_writer, "_SLICE", slice_)
        patch.setattr(json_reader, "AT_ONCE", at_once)
        patch.setattr(json_large, "PIECE", at_once)
        yield


@settings(deadline=None)
@given(
    st.recursive(LEAVES, collections, max_leaves=40),
    st.sampled_from([(100_000, 30, 500), (20, 30, 2), (40, 3, 2), (8, 2, 3), (200, 5, 4)]),
)
def test_pieces_are_written_as_we_write(value: object, small: tuple[int, int, int]) -> None:
    with sizes(*small, 1000):
        assert stringify(value) == stringify(value, float_text)


def same(first: Any, second: Any) -> bool:
    """Equal, and of the same types all the way down."""
    if type(first) is not type(second):
        return False
    if isinstance(first, list):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    return bool(first == second)


def read(text: str) -> object:
    """The value, or what is wrong."""
    try:
        return parse(text)
    except JsonError as error:
        return f"error: {error}"


NUMBERS = st.sampled_from(
    ["-0", "-0.0", "1e999", "1E+400", "9" * 20, "9" * 18, "9" * 310, "1e-999", "NaN", "01"]
)
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
ROWS = st.lists(st.fixed_dictionaries({"id": PLAIN, "tags": st.lists(st.fixed_dictionaries({"id": PLAIN}))}))


@settings(deadline=None, max_examples=300)
@given(
    st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=8) | st.dictionaries(TEXTS, inner, max_size=6))
    | ROWS
    | st.dictionaries(TEXTS, ROWS, max_size=3),
    st.booleans(),
    st.none() | st.integers(0, 2),
    st.integers(8, 200),
    st.none()
    | st.tuples(st.integers(0, 2_000), NUMBERS | st.sampled_from(["", "]", "}", '"', ",", " ", "\\ud83d"])),
)
def test_pieces_are_read_as_the_whole(
    value: object, ascii_only: bool, indent: int | None, at_once: int, damage: tuple[int, str] | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    if damage is not None:
        place, put = damage[0] % (len(text) + 1), damage[1]
        text = text[:place] + put + text[place + (not put) :]
    whole = read(text)
    with sizes(8, 2, 2, at_once):
        assert same(read(text), whole)


@settings(deadline=None)
@given(st.lists(NUMBERS | st.integers().map(str) | st.floats().map(repr), max_size=6))
def test_numbers_are_looked_at_where_one_is_unusual(numbers: list[str]) -> None:
    found = read(f"[{','.join(numbers)}]")
    if isinstance(found, list):
        for number, text in zip(found, numbers, strict=True):
            if type(number) is int:
                assert str(number) == text
                assert -(2**63) <= number < 2**63
            else:
                assert math.isfinite(number)
                assert number == float(text)
    else:
        refused = [text for text in numbers if text == "01" or not math.isfinite(float(text))]
        assert refused, found
