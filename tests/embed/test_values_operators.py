"""The operators (docs/language.md#operators)."""

import math
from collections.abc import Callable

import pytest

from embed.values_support import Duration, Pair, Range, RuntimeFault, TypeFault, display, fails, make_set
from harnlet.errors.faults import DivisionFault
from harnlet.runtime import caps
from harnlet.runtime.display import type_name
from harnlet.runtime.operators import (
    add,
    divide,
    make_range,
    modulo,
    multiply,
    negate,
    power,
    subtract,
)

Operator = Callable[..., object]

SAME: list[tuple[Operator, object, object, str, str]] = [
    (add, 1, 2, "int", "3"),
    (add, 2**63 - 1, 1, "int", "9223372036854775808"),
    (add, 1, 0.5, "float", "1.5"),
    (add, 10**400, 1.0, "float", "inf"),
    (add, "a", "b", "string", "ab"),
    (add, [1], [2], "list", "[1, 2]"),
    (add, {"a": 1, "b": 1}, {"b": 2}, "dict", "{a: 1, b: 2}"),
    (add, Duration(1000), Duration(500), "duration", "1500ms"),
    (subtract, 1, 2, "int", "-1"),
    (subtract, 1.5, 1, "float", "0.5"),
    (subtract, Duration(1000), Duration(1500), "duration", "-500ms"),
    (multiply, 3, 4, "int", "12"),
    (multiply, 2**62, 4, "int", "18446744073709551616"),
    (multiply, 2, 0.5, "float", "1.0"),
    (multiply, "ab", 3, "string", "ababab"),
    (multiply, 2, "ab", "string", "abab"),
    (multiply, "ab", -1, "string", ""),
    (multiply, "", 10**30, "string", ""),
    (multiply, Duration(1000), 3, "duration", "3s"),
    (multiply, 1.5, Duration(1000), "duration", "1500ms"),
    (divide, 7, 2, "int", "3"),
    (divide, -7, 2, "int", "-3"),
    (divide, 7, -2, "int", "-3"),
    (divide, -7, -2, "int", "3"),
    (divide, 10**30 + 1, -(10**10), "int", "-100000000000000000000"),
    (divide, 7, 2.0, "float", "3.5"),
    (divide, 1.0, 0, "float", "inf"),
    (divide, -1.0, 0.0, "float", "-inf"),
    (divide, 1.0, -0.0, "float", "-inf"),
    (divide, 0.0, 0.0, "float", "NaN"),
    (divide, math.nan, 0.0, "float", "NaN"),
    (divide, Duration(1000), 3, "duration", "333ms"),
    (divide, Duration(-1000), 3, "duration", "-333ms"),
    (divide, Duration(1000), 0.5, "duration", "2s"),
    (modulo, 7, 3, "int", "1"),
    (modulo, -7, 3, "int", "-1"),
    (modulo, 7, -3, "int", "1"),
    (modulo, -7, -3, "int", "-1"),
    (modulo, -7.5, 2, "float", "-1.5"),
    (modulo, 5, math.inf, "float", "5.0"),
    (modulo, math.inf, 5, "float", "NaN"),
    (modulo, math.nan, 5, "float", "NaN"),
    (power, 2, 10, "int", "1024"),
    (power, 2, 64, "int", "18446744073709551616"),
    (power, -2, 3, "int", "-8"),
    (power, 0, 0, "int", "1"),
    (power, 1, 10**30, "int", "1"),
    (power, -1, 10**30 + 1, "int", "-1"),
    (power, 0, 10**30, "int", "0"),
    (power, 2, -1, "float", "0.5"),
    (power, 0, -1, "float", "inf"),
    (power, -0.0, -1, "float", "-inf"),
    (power, -0.0, -2, "float", "inf"),
    (power, 2, 0.5, "float", "1.4142135623730951"),
    (power, -8, 0.5, "float", "NaN"),
    (power, 10.0, 400, "float", "inf"),
    (power, -10.0, 401, "float", "-inf"),
    (power, -10.0, 400, "float", "inf"),
]


@pytest.mark.parametrize(("operator", "a", "b", "kind", "text"), SAME)
def test_results(operator: Operator, a: object, b: object, kind: str, text: str) -> None:
    result = operator(a, b)
    assert (type_name(result), display(result)) == (kind, text)


WRONG: list[tuple[Operator, object, object, type[RuntimeFault] | type[TypeFault], str]] = [
    (add, "a", 1, TypeFault, "Cannot add string and int"),
    (add, 1, "a", TypeFault, "Cannot add int and string"),
    (add, True, 1, TypeFault, "Cannot add bool and int"),
    (add, True, True, TypeFault, "Cannot add bool and bool"),
    (add, None, None, TypeFault, "Cannot add nil and nil"),
    (add, make_set([1]), make_set([2]), TypeFault, "Cannot add set and set"),
    (add, Duration(1), 1, TypeFault, "Cannot add duration and int"),
    (subtract, 1, "a", TypeFault, "Cannot subtract string from int"),
    (subtract, True, 1, TypeFault, "Cannot subtract int from bool"),
    (subtract, Duration(1), 1, TypeFault, "Cannot subtract int from duration"),
    (multiply, [1], 2, TypeFault, "Cannot multiply list and int"),
    (multiply, "a", 1.5, TypeFault, "Cannot multiply string and float"),
    (multiply, "a", True, TypeFault, "Cannot multiply string and bool"),
    (multiply, Duration(1), Duration(1), TypeFault, "Cannot multiply duration and duration"),
    (multiply, Duration(1), math.inf, RuntimeFault, "duration is out of range"),
    (divide, "a", 1, RuntimeFault, "Cannot divide string by int"),
    (divide, 1, True, RuntimeFault, "Cannot divide int by bool"),
    (divide, Duration(1), Duration(1), RuntimeFault, "Cannot divide duration by duration"),
    (divide, 1, Duration(1), RuntimeFault, "Cannot divide int by duration"),
    (modulo, "a", 1, RuntimeFault, "Cannot modulo string by int"),
    (modulo, Duration(1), 1, RuntimeFault, "Cannot modulo duration by int"),
    (power, "a", 1, TypeFault, "Cannot exponentiate string by int"),
    (power, True, 1, TypeFault, "Cannot exponentiate bool by int"),
]


@pytest.mark.parametrize(("operator", "a", "b", "kind", "text"), WRONG)
def test_faults(
    operator: Operator, a: object, b: object, kind: type[RuntimeFault] | type[TypeFault], text: str
) -> None:
    fails(kind, text, operator, a, b)


@pytest.mark.parametrize(
    ("operator", "a", "b"),
    [
        (divide, 1, 0),
        (modulo, 1, 0),
        (modulo, 1.0, 0),
        (modulo, 1, 0.0),
        (modulo, 1.0, 0.0),
        (divide, Duration(1), 0),
        (divide, Duration(1), 0.0),
    ],
)
def test_division_by_zero(operator: Operator, a: object, b: object) -> None:
    fails(DivisionFault, "Division by zero", operator, a, b)


def test_negation() -> None:
    assert negate(5) == -5
    assert negate(-(2**63)) == 2**63
    assert display(negate(0.0)) == "-0.0"
    fails(RuntimeFault, "Cannot negate value of type string", negate, "a")
    fails(RuntimeFault, "Cannot negate value of type bool", negate, True)
    fails(RuntimeFault, "Cannot negate value of type duration", negate, Duration(1))


def test_ints_are_capped_and_never_wrap() -> None:
    too_large = f"integer is too large: more than {caps.INTEGER_BITS} bits"
    assert power(2, caps.INTEGER_BITS - 1) == 2 ** (caps.INTEGER_BITS - 1)
    fails(RuntimeFault, too_large, power, 2, caps.INTEGER_BITS)
    fails(RuntimeFault, too_large, power, 3, 10**18)
    fails(RuntimeFault, too_large, power, 10**100, 10**100)
    half = 2 ** (caps.INTEGER_BITS // 2)
    assert multiply(half, half // 2) == half * half // 2
    fails(RuntimeFault, too_large, multiply, half, half)
    fails(RuntimeFault, too_large, multiply, -half, half)
    fails(RuntimeFault, too_large, multiply, Duration(half), half)


def test_strings_and_lists_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    fails(
        RuntimeFault, f"string is too long: more than {caps.TEXT_LENGTH} characters", multiply, "ab", 10**15
    )
    monkeypatch.setattr(caps, "TEXT_LENGTH", 10)
    monkeypatch.setattr(caps, "ITEMS", 3)
    assert multiply("ab", 5) == "ab" * 5
    fails(RuntimeFault, "string is too long: more than 10 characters", multiply, 6, "ab")
    assert add("abcde", "abcde") == "abcdeabcde"
    fails(RuntimeFault, "string is too long: more than 10 characters", add, "abcde", "abcdef")
    assert add([1], [2, 3]) == [1, 2, 3]
    fails(RuntimeFault, "collection is too large: more than 3 elements", add, [1, 2], [3, 4])


def test_collections_are_not_changed() -> None:
    left: list[object] = [1]
    fields: dict[str, object] = {"a": 1}
    add(left, [2])
    add(fields, {"b": 2})
    assert (left, fields) == ([1], {"a": 1})


def test_ranges() -> None:
    value = make_range(1, 5, True)
    assert type(value) is Range
    assert display(value) == "1 to 5 exclusive"
    fails(TypeFault, "range bounds must be integers, got int and float", make_range, 1, 2.0, False)
    fails(TypeFault, "range bounds must be integers, got bool and int", make_range, True, 2, False)
    fails(TypeFault, "range bounds must be integers, got nil and pair", make_range, None, Pair(1, 2), False)
