"""Values against Python, where the meaning is the same."""

import math
import sys
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from embed.values_support import (
    Duration,
    EnumValue,
    Pair,
    Set,
    StructType,
    StructValue,
    call,
    call_method,
    display,
    make_set,
)
from harnlet.runtime.access import index, slice_, store_index
from harnlet.runtime.conversion import to_host, to_script
from harnlet.runtime.equality import equals, position_of
from harnlet.runtime.keys import equality_key, key_text, structural_key
from harnlet.runtime.numbers import parse_int, round_half_away
from harnlet.runtime.operators import add, contains, divide, make_range, modulo, power, subtract
from harnlet.runtime.ordering import compare, less, less_equal, sort, sort_by

INTS = st.integers(-(10**40), 10**40) | st.integers(-20, 20)
FLOATS = st.floats()
NUMBERS = INTS | FLOATS
TEXTS = st.text(max_size=12)
PLACES = st.none() | st.integers(-15, 15)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, -0.0, 1.0, 2.0, 0.5, math.inf, math.nan, 1e300])
    | st.sampled_from(["", "a", "1", "nil", "b,", "é"])
    | st.sampled_from([b"", b"a"])
    | st.builds(Duration, st.integers(-2, 2))
)
STRUCT = StructType("P")


def _collections(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = st.dictionaries(st.sampled_from(["a", "b", "é"]), inner, max_size=3)
    return (
        st.lists(inner, max_size=3)
        | fields
        | st.builds(Pair, inner, inner)
        | st.builds(make_set, st.lists(inner, max_size=3))
        | st.builds(EnumValue, st.just("E"), st.sampled_from(["A", "B"]), st.lists(inner, max_size=2))
        | st.builds(STRUCT.made_of, fields)
    )


VALUES = st.recursive(SCALARS, _collections, max_leaves=8)


def naive_equals(a: Any, b: Any) -> bool:
    """Equality as the table of the reference says it, one line at a time."""
    if type(a) in (int, float) and type(b) in (int, float):
        return bool(a == b)
    if type(a) is not type(b):
        return False
    if type(a) is list:
        return len(a) == len(b) and all(naive_equals(x, y) for x, y in zip(a, b, strict=True))
    if type(a) is dict:
        return a.keys() == b.keys() and all(naive_equals(a[key], b[key]) for key in a)
    if type(a) is Pair:
        return naive_equals([a.first, a.second], [b.first, b.second])
    if type(a) is EnumValue:
        return a.enum == b.enum and a.variant == b.variant and naive_equals(a.fields, b.fields)
    if isinstance(a, StructValue):
        return naive_equals(a.fields, b.fields)
    if type(a) is Duration:
        return bool(a.milliseconds == b.milliseconds)
    if type(a) is Set:
        others = [*b.entries.values()]
        return len(a.entries) == len(others) and all(
            any(naive_equals(x, y) for y in others) for x in a.entries.values()
        )
    return bool(a == b)


def naive_contains(item: Any, items: list[Any]) -> bool:
    return any(naive_equals(each, item) for each in items)


@given(VALUES, VALUES)
def test_equality_is_what_the_table_says(a: Any, b: Any) -> None:
    assert equals(a, b) == naive_equals(a, b)
    assert equals([a], [b]) == naive_equals(a, b)


@given(VALUES)
def test_equality_with_a_copy(a: Any) -> None:
    assert equals(a, a) == naive_equals(a, a)


@given(VALUES, VALUES)
def test_what_is_equal_has_one_equality_key(a: Any, b: Any) -> None:
    if equals(a, b):
        assert equality_key(a) == equality_key(b)


@given(VALUES, VALUES)
def test_fast_keys_and_key_texts_agree(a: Any, b: Any) -> None:
    assert (structural_key(a) == structural_key(b)) == (key_text(a) == key_text(b))


@given(VALUES, st.lists(VALUES, max_size=4))
def test_membership_in_lists_and_sets(item: Any, items: list[Any]) -> None:
    assert contains(item, items) == naive_contains(item, items)
    held = make_set(items)
    assert contains(item, held) == naive_contains(item, [*held.entries.values()])
    place = position_of(items, item)
    assert (place >= 0) == naive_contains(item, items)
    if place >= 0:
        assert naive_equals(items[place], item)
        assert not naive_contains(item, items[:place])


@given(st.lists(VALUES, max_size=5))
def test_sets_keep_the_first_of_each_key(items: list[Any]) -> None:
    kept: list[Any] = []
    for item in items:
        if all(key_text(item) != key_text(each) for each in kept):
            kept.append(item)
    assert [id(each) for each in make_set(items).entries.values()] == [id(each) for each in kept]
    assert display(call_method(items, "unique")) == display(kept)


# --- numbers ------------------------------------------------------------------------------------


@given(INTS, INTS)
def test_division_truncates_and_the_rest_has_the_sign_of_the_dividend(a: int, b: int) -> None:
    assume(b != 0)
    quotient: Any = divide(a, b)
    rest: Any = modulo(a, b)
    assert quotient * b + rest == a
    assert abs(rest) < abs(b)
    assert rest == 0 or (rest < 0) == (a < 0)
    assert type(quotient) is type(rest) is int


@given(st.floats(allow_infinity=False, allow_nan=False), st.floats(allow_nan=False))
def test_float_modulo_is_fmod(a: float, b: float) -> None:
    assume(b != 0)
    assert modulo(a, b) == math.fmod(a, b)


@given(FLOATS, FLOATS)
def test_float_division_is_ieee(a: float, b: float) -> None:
    result = divide(a, b)
    assert type(result) is float
    if b != 0:
        assert result == a / b or math.isnan(a / b)
    elif a == 0 or math.isnan(a):
        assert math.isnan(result)
    else:
        assert math.isinf(result)
        assert math.copysign(1, result) == math.copysign(1, a) * math.copysign(1, b)


@given(NUMBERS, NUMBERS)
def test_numbers_always_have_a_sum_a_difference_and_an_order(a: Any, b: Any) -> None:
    for operator in (add, subtract):
        result = operator(a, b)
        assert type(result) is (int if type(a) is type(b) is int else float)
    if not (math.isnan(a) if type(a) is float else False) and not (type(b) is float and math.isnan(b)):
        assert less(a, b) == (a < b)
        assert less_equal(a, b) == (a <= b)


@given(FLOATS, st.floats(-400, 400))
def test_powers_of_floats_never_fail(a: float, b: float) -> None:
    assert type(power(a, b)) is float


@given(st.integers(-50, 50), st.integers(0, 60))
def test_powers_of_ints_are_exact(a: int, b: int) -> None:
    assert power(a, b) == a**b


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e18, max_value=1e18))
def test_halves_are_rounded_away_from_zero(number: float) -> None:
    rounded = round_half_away(number)
    assert abs(rounded - number) <= 0.5
    if abs(rounded - number) == 0.5:
        assert abs(rounded) > abs(number)


# --- display ------------------------------------------------------------------------------------


@given(FLOATS)
def test_floats_round_trip_through_their_display(number: float) -> None:
    text = display(number)
    assert "e" not in text.replace("NaN", "").replace("inf", "")
    back = call("to_float", text)
    assert back == number or (math.isnan(back) and math.isnan(number))
    assert math.copysign(1, back) == math.copysign(1, number) or math.isnan(number)


@given(INTS)
def test_ints_round_trip_through_their_display(number: int) -> None:
    assert display(number) == str(number)
    assert parse_int(display(number)) == number


@given(st.integers(15_000, 60_000), st.integers(0, 10**9), st.booleans())
def test_long_ints_round_trip_through_their_display(bits: int, low: int, negative: bool) -> None:
    number = (1 << bits) + low
    number = -number if negative else number
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        expected = str(number)
    finally:
        sys.set_int_max_str_digits(before)
    assert display(number) == expected
    assert parse_int(expected) == number


@given(st.text())
def test_ints_are_read_from_decimal_digits_only(text: str) -> None:
    try:
        expected = int(text) if text.isascii() and not set(text) & set("_ \t\n\r\v\f") else None
    except ValueError:
        expected = None
    if text[:1].isspace() or text[-1:].isspace() or any("\x1c" <= each <= "\x1f" for each in text):
        expected = None
    assert parse_int(text) == expected


# --- lists and strings --------------------------------------------------------------------------


@given(st.lists(st.integers(), max_size=10), PLACES, PLACES)
def test_slices_are_pythons(items: list[Any], start: int | None, end: int | None) -> None:
    assert slice_(items, start, end) == items[start:end]
    text = "".join(map(str, items))
    assert slice_(text, start, end) == text[start:end]


@given(st.lists(st.integers(), max_size=6), st.integers(-8, 8), st.integers())
def test_subscripts_and_stores(items: list[Any], place: int, value: int) -> None:
    inside = -len(items) <= place < len(items)
    assert index(items, place) == (items[place] if inside else None)
    if inside:
        expected = [*items]
        expected[place] = value
        assert store_index(items, place, value) == expected


@given(TEXTS, st.text(min_size=1, max_size=3))
def test_split_and_join(text: str, separator: str) -> None:
    parts = call("split", text, separator)
    assert parts == text.split(separator)
    assert call("join", parts, separator) == text
    assert call_method(call_method(text, "split", separator), "join", separator) == text


@given(TEXTS, TEXTS, TEXTS)
def test_string_functions_are_pythons(text: str, old: str, new: str) -> None:
    assert call_method(text, "replace", old, new) == text.replace(old, new)
    assert call_method(text, "index_of", old) == text.find(old)
    assert call_method(text, "last_index_of", old) == text.rfind(old)
    assert call_method(text, "starts_with", old) == text.startswith(old)
    assert call_method(text, "reverse") == text[::-1]
    assert "".join(call("unicode_graphemes", text)) == text


@given(st.text(alphabet="ab\r\n", max_size=12))
def test_lines(text: str) -> None:
    lines = call_method(text, "lines")
    assert len(lines) == text.count("\n") + (not text.endswith("\n") and text != "")
    assert not any("\n" in line for line in lines)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers()).map(lambda each: Pair(*each))))
def test_sorting_is_stable(pairs: list[Pair]) -> None:
    expected = sorted(pairs, key=lambda pair: pair.first)  # type: ignore[arg-type, return-value]
    assert sort_by([*pairs], lambda pair: pair.first) == expected


@given(st.lists(NUMBERS | TEXTS | st.none() | st.booleans()))
def test_sorting_anything_keeps_all_of_it(items: list[Any]) -> None:
    expected = sorted(items, key=cmp_to_key(compare))
    assert list(map(repr, sort(items))) == list(map(repr, expected))


@given(st.lists(st.integers() | st.floats(allow_nan=False)))
def test_sorting_numbers_is_pythons(items: list[Any]) -> None:
    assert list(map(repr, sort(items))) == list(map(repr, sorted(items)))
    if items:
        assert repr(call_method(items, "min")) == repr(min(items))
        assert repr(call_method(items, "max")) == repr(max(items))


@given(st.integers(-20, 20), st.integers(-20, 20), st.booleans(), st.integers(-25, 25))
def test_ranges_are_pythons(start: int, end: int, exclusive: bool, number: int) -> None:
    expected = range(start, end if exclusive else end + 1)
    value = make_range(start, end, exclusive)
    assert value.length() == len(expected)
    assert contains(number, value) == (number in expected)
    assert call_method(value, "to_list") == [*expected]
    if -len(expected) <= number < len(expected):
        assert index(value, number) == expected[number]


@given(st.lists(st.integers(), max_size=12), st.integers(1, 5), st.integers(1, 4))
def test_chunks_and_windows(items: list[Any], size: int, by: int) -> None:
    chunks = call_method(items, "chunk", size)
    assert [each for chunk in chunks for each in chunk] == items
    assert all(len(chunk) == size for chunk in chunks[:-1])
    windows = call_method(items, "window", size, by)
    assert windows == [
        items[place : place + size] for place in range(0, len(items), by) if place + size <= len(items)
    ]
    it = call("iter", items)
    assert call_method(call_method(it, "chunks", size), "to_list") == chunks


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_plain_data_passes_in_and_out_unchanged(data: Any) -> None:
    there = to_script(data)
    assert there == data
    assert to_host(there) == data


@pytest.mark.parametrize("size", [5_000])
def test_membership_in_large_sets_does_not_look_at_each_element(size: int) -> None:
    held = make_set(range(size))
    assert all(contains(float(number), held) for number in range(size))
    assert not any(contains(number + 0.5, held) for number in range(size))
