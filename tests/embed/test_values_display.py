"""Display and type names (docs/language.md#types-type-names-display)."""

import sys
from collections.abc import Iterator

import pytest

from embed.values_support import (
    BUILTINS,
    Duration,
    EnumValue,
    Pair,
    Range,
    RuntimeFault,
    StructType,
    display,
    fails,
    make_set,
    nested,
    ok,
)
from harnlet.runtime import caps
from harnlet.runtime.iterators import GeneratorValue, IterValue, StreamValue, make_iter
from harnlet.runtime.values import type_name


def closure(a: object = None, b: object = None, *_: object) -> object:
    """<closure>(a, b)"""
    return a


def items() -> Iterator[object]:
    yield 1


POINT = StructType("Point", ("x", "y"))

VALUES: list[tuple[object, str, str]] = [
    (None, "nil", "nil"),
    (True, "bool", "true"),
    (False, "bool", "false"),
    (-3, "int", "-3"),
    (1.5, "float", "1.5"),
    ("a b", "string", "a b"),
    (b"\x00\xff", "bytes", 'b"00ff"'),
    (bytes(34), "bytes", f'b"{"00" * 32}...+2"'),
    (b"", "bytes", 'b""'),
    ([1, "a", None], "list", "[1, a, nil]"),
    ([], "list", "[]"),
    ([""], "list", "[]"),
    ({"b": {"c": "x"}, "a": 1}, "dict", "{a: 1, b: {c: x}}"),
    ({}, "dict", "{}"),
    ({"é": 1, "z": 2, "Z": 3}, "dict", "{Z: 3, z: 2, é: 1}"),
    (make_set([3, 1, 3, 2]), "set", "set(3, 1, 2)"),
    (make_set([]), "set", "set()"),
    (make_set([[1], [2]]), "set", "set([1], [2])"),
    (closure, "closure", "<fn(a, b)>"),
    (POINT, "closure", "<fn(fields)>"),
    (BUILTINS["len"], "builtin", "<builtin len>"),
    (Duration(86_400_000), "duration", "24h"),
    (Duration(90_000), "duration", "90s"),
    (Duration(300_000), "duration", "5m"),
    (Duration(1500), "duration", "1500ms"),
    (Duration(0), "duration", "0ms"),
    (Duration(-2000), "duration", "-2s"),
    (EnumValue("Color", "Red", []), "enum", "Color.Red"),
    (EnumValue("Shape", "Rect", [1, "a"]), "enum", "Shape.Rect(1, a)"),
    (ok([1, [2]]), "enum", "Result.Ok([1, [2]])"),
    (POINT.made_of({"y": 2, "x": 1}), "struct", "Point {x: 1, y: 2}"),
    (POINT.made_of({}), "struct", "Point {}"),
    (Pair(1, "b"), "pair", "(1, b)"),
    (Pair(Pair(1, 2), [3]), "pair", "((1, 2), [3])"),
    (Range(1, 3), "range", "1 to 3"),
    (Range(1, 3, exclusive=True), "range", "1 to 3 exclusive"),
    (make_iter([1]), "iter", "<iter>"),
    (GeneratorValue(items()), "generator", "<generator>"),
    (StreamValue(items()), "stream", "<stream>"),
    ([make_iter([1]), {"f": closure}], "list", "[<iter>, {f: <fn(a, b)>}]"),
]


@pytest.mark.parametrize(("value", "name", "text"), VALUES, ids=[text for _, _, text in VALUES])
def test_each_kind_of_value_has_its_name_and_display(value: object, name: str, text: str) -> None:
    assert type_name(value) == name
    assert display(value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (3.0, "3.0"),
        (-0.0, "-0.0"),
        (100.0, "100.0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-5, "0.00001"),
        (1.5e-7, "0.00000015"),
        (-2.5e-10, "-0.00000000025"),
        (999999999999999.0, "999999999999999.0"),
        (1e15, "1000000000000000"),
        (-1e15, "-1000000000000000"),
        (1000000000000000.5, "1000000000000000.5"),
        (1e20, "100000000000000000000"),
        (2.0**100, "1267650600228229400000000000000"),
        (float("nan"), "NaN"),
        (float("inf"), "inf"),
        (float("-inf"), "-inf"),
    ],
)
def test_floats_never_show_an_exponent(number: float, text: str) -> None:
    assert display(number) == text


def test_exhausted_iterators_say_so() -> None:
    for kind, text in ((GeneratorValue, "<generator (done)>"), (StreamValue, "<stream (done)>")):
        value = kind(items())
        assert [*value.items()] == [1]
        assert display(value) == text
    it = IterValue(items())
    assert [*it.items()] == [1]
    assert display(it) == "<iter (exhausted)>"


def test_ints_beyond_pythons_conversion_limit() -> None:
    assert sys.get_int_max_str_digits() == 4300
    assert display(10**9000) == "1" + "0" * 9000
    assert display(-(10**9000) - 7) == "-1" + "0" * 8999 + "7"
    assert display([7**9000]) == f"[{display(7**9000)}]"
    number = 7**9000
    assert sum(int(digit) for digit in display(number)) % 9 == number % 9
    assert len(display(number)) == 7606


def test_an_int_converts_whatever_limit_the_host_set() -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert display(10**650) == "1" + "0" * 650
    finally:
        sys.set_int_max_str_digits(before)


def test_any_depth_can_be_displayed() -> None:
    assert display(nested(100_000)) == "[" * 100_001 + "]" * 100_001


def test_a_value_that_holds_itself_over_and_over_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "TEXT_LENGTH", 10_000)
    value: object = "x"
    for _ in range(60):
        value = [value, value]
    fails(RuntimeFault, "string is too long: more than 10000 characters", display, value)


def test_host_objects_are_no_values() -> None:
    with pytest.raises(TypeError, match="not a script value: an object of Python type object"):
        display(object())
    with pytest.raises(TypeError, match="not a script value: an object of Python type complex"):
        type_name(1j)
