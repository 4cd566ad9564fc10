"""Equality, order, truth and structural keys (docs/language.md#equality, docs/language.md#ordering)."""

import math
from collections.abc import Iterator

import pytest

from embed.values_support import (
    BUILTINS,
    Duration,
    EnumValue,
    Pair,
    Range,
    StructType,
    call,
    make_set,
    nested,
    ok,
)
from harnlet.runtime.equality import equals, not_equals, position_of
from harnlet.runtime.iterators import GeneratorValue, StreamValue, make_iter
from harnlet.runtime.keys import key_text, structural_key
from harnlet.runtime.operators import contains, truthy
from harnlet.runtime.ordering import (
    compare,
    greater,
    greater_equal,
    less,
    less_equal,
    place_of_largest,
    place_of_smallest,
    sort,
    sort_by,
)

P = StructType("P")


def f(*_: object) -> object:
    """f()"""
    return None


def items() -> Iterator[object]:
    yield 1


EQUAL: list[tuple[object, object]] = [
    (1, 1),
    (1, 1.0),
    (0, -0.0),
    (2**70, 2.0**70),
    ("a", "a"),
    (None, None),
    (True, True),
    (b"a", b"a"),
    ([1, [2.0]], [1.0, [2]]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1.0}),
    (make_set([1, 2]), make_set([2, 1])),
    (make_set([1]), make_set([1.0])),
    (make_set([make_set([1]), make_set([2])]), make_set([make_set([2.0]), make_set([1.0])])),
    (make_set([Pair(1, "a")]), make_set([Pair(1.0, "a")])),
    (make_set([ok(1), P.made_of({"x": 1})]), make_set([P.made_of({"x": 1.0}), ok(1.0)])),
    (Pair(1, [2]), Pair(1, [2])),
    (ok(1), ok(1.0)),
    (P.made_of({"x": 1}), StructType("P").made_of({"x": 1})),
    (Range(1, 3), Range(1, 3)),
    (Duration(5), Duration(5)),
    (BUILTINS["len"], BUILTINS["len"].bind(None)),  # type: ignore[arg-type]
]
DIFFERENT: list[tuple[object, object]] = [
    (1, 2),
    (1, True),
    (0, False),
    (0.0, False),
    (1, "1"),
    (None, False),
    ("a", b"a"),
    (math.nan, math.nan),
    ([math.nan], [math.nan]),
    ([1], [True]),
    ([1], [1, 2]),
    ([[1]], [[2]]),
    ({"a": 1}, {"a": 2}),
    ({"a": 1}, {"b": 1}),
    ({"a": 1}, {"a": 1, "b": 2}),
    (make_set([1]), make_set([2])),
    (make_set([1]), make_set([1, 2])),
    (make_set([True]), make_set([1])),
    (make_set([[1]]), make_set([[2]])),
    (make_set([f]), make_set([f])),
    (Pair(1, 2), [1, 2]),
    (Pair(1, 2), Pair(2, 1)),
    (ok(1), EnumValue("Result", "Err", [1])),
    (EnumValue("A", "X", []), EnumValue("B", "X", [])),
    (ok(1), EnumValue("Result", "Ok", [])),
    (P.made_of({"x": 1}), {"x": 1}),
    (P.made_of({}), StructType("Q").made_of({})),
    (P.made_of({"x": None}), P.made_of({})),
    (Range(1, 3), [1, 2, 3]),
    (Range(1, 3), Range(1, 3, exclusive=True)),
    (Duration(5), 5),
    (f, f),
    ([f], [f]),
    (P, P),
    (BUILTINS["len"], BUILTINS["keys"]),
    (GeneratorValue(items()), GeneratorValue(items())),
]


@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_equal(a: object, b: object) -> None:
    assert equals(a, b)
    assert equals(b, a)
    assert not not_equals(a, b)


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_different(a: object, b: object) -> None:
    assert not equals(a, b)
    assert not equals(b, a)
    assert not_equals(a, b)


def test_handles_equal_themselves_or_nothing() -> None:
    generator, stream, it = GeneratorValue(items()), StreamValue(items()), make_iter([1])
    assert not equals(generator, generator)
    assert not equals(stream, stream)
    assert equals(it, it)
    assert not equals(it, make_iter([1]))
    assert not equals(P, P)


def test_equality_of_any_depth() -> None:
    assert equals(nested(50_000), nested(50_000))
    assert not equals(nested(50_000), nested(50_001))


def test_equality_of_values_that_hold_themselves_over_and_over_ends() -> None:
    def doubled(leaf: object) -> object:
        value = leaf
        for _ in range(60):
            value = [value, value]
        return value

    assert equals(doubled(1), doubled(1.0))
    assert not equals(doubled(1), doubled(2))


def test_order_of_numbers_strings_pairs_and_durations() -> None:
    for small, large in [
        (1, 2),
        (1, 1.5),
        (-math.inf, 10**400),
        ("Z", "a"),
        ("é", "\U0001f600"),
        (Pair(1, "b"), Pair(2, "a")),
        (Pair(1, "a"), Pair(1, "b")),
        (Pair(Pair(0, 1), 9), Pair(Pair(0, 2), 0)),
        (Duration(1), Duration(2)),
    ]:
        assert less(small, large)
        assert less_equal(small, large)
        assert greater(large, small)
        assert greater_equal(large, small)
        assert not less(large, small)
        assert not greater(small, large)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (None, 1),
        (True, False),
        ("1", 1),
        ([1], [2]),
        (math.nan, 1),
        (1, math.nan),
        (math.nan, math.nan),
        (Duration(1), 2),
        (Pair(None, 1), Pair(3, 1)),
        (Range(1, 2), Range(3, 4)),
        (True, 0),
    ],
)
def test_what_has_no_order_counts_as_equal(a: object, b: object) -> None:
    assert not less(a, b)
    assert not greater(a, b)
    assert less_equal(a, b)
    assert greater_equal(a, b)
    assert compare(a, b) == 0


def test_a_pair_of_what_cannot_be_compared_is_decided_by_its_second_part() -> None:
    assert less(Pair(None, 1), Pair("x", 2))


def test_order_of_pairs_that_hold_themselves_over_and_over_ends() -> None:
    def doubled(leaf: object) -> object:
        value = leaf
        for _ in range(60):
            value = Pair(value, value)
        return value

    assert compare(doubled(1), doubled(1)) == 0
    assert less(doubled(1), doubled(2))


def test_sorting_is_stable_and_leaves_what_cannot_be_compared() -> None:
    assert sort([3, "a", 1]) == [3, "a", 1]
    assert sort([True, False]) == [True, False]
    assert sort([3, 1.5, 2]) == [1.5, 2, 3]
    assert [repr(each) for each in sort([1.0, 1, 0])] == ["0", "1.0", "1"]
    assert sort_by(["bb", "a", "cc"], len) == ["a", "bb", "cc"]
    assert sort_by([3, 1, 2], lambda x: None) == [3, 1, 2]
    assert sort_by([1, 2, 3], lambda x: Pair(0, -x)) == [3, 2, 1]
    assert sort([Duration(3), Duration(1)])[0].milliseconds == 1  # type: ignore[attr-defined]


def test_extremes_take_the_first_of_several() -> None:
    assert place_of_smallest([2, 1, 1.0]) == 1
    assert place_of_largest([2, 3.0, 3]) == 1
    assert place_of_smallest([math.nan, 1, 2]) == 0
    assert place_of_largest([None, 5, 7]) == 0
    assert place_of_largest([Pair(1, 1), Pair(1, 2), Pair(1, 2)]) == 1
    assert place_of_smallest([Pair(1, 2), Pair(1, 1), Pair(1, 1)]) == 1


@pytest.mark.parametrize(
    "value",
    [None, False, 0, 0.0, -0.0, "", b"", [], {}, make_set([]), Duration(0)],
)
def test_what_is_false(value: object) -> None:
    assert not truthy(value)
    assert not value


@pytest.mark.parametrize(
    "value",
    [
        True,
        1,
        -1,
        0.1,
        math.nan,
        "0",
        b"\x00",
        [0],
        {"a": 0},
        make_set([0]),
        Duration(-1),
        Range(3, 1),
        Range(0, 0, exclusive=True),
        Pair(0, 0),
        EnumValue("Result", "Err", [0]),
        ok(False),
        P.made_of({}),
        P,
        f,
        BUILTINS["len"],
        make_iter([]),
        GeneratorValue(items()),
    ],
)
def test_what_is_true_for_python_is_true_for_scripts(value: object) -> None:
    assert truthy(value)
    assert value


@pytest.mark.parametrize(
    ("item", "container", "found"),
    [
        (2, [1, 2.0], True),
        (1, [True], False),
        (True, [1], False),
        (True, [1, True], True),
        (0, [False, None], False),
        (math.nan, [math.nan], False),
        ("a", ["b", "a"], True),
        (None, [0, None], True),
        ([1], [[1.0]], True),
        (1.0, make_set([1]), True),
        (1, make_set([1.0]), True),
        (0, make_set([-0.0]), True),
        (2**53, make_set([2.0**53]), True),
        (1.5, make_set([1]), False),
        (10**400, make_set([1.0]), False),
        (math.inf, make_set([1]), False),
        (True, make_set([1]), False),
        ([1], make_set([[1.0]]), True),
        (Duration(1), make_set([Duration(1)]), True),
        (f, make_set([f]), False),
        (1, {"1": 2}, True),
        ("1", {"1": 2}, True),
        (None, {"nil": 2}, True),
        ("x", {"1": 2}, False),
        ("bc", "abcd", True),
        (1, "a1", True),
        (2, Range(1, 3), True),
        (3, Range(1, 3, exclusive=True), False),
        (2.0, Range(1, 3), False),
        (10**30, Range(1, 10**31), True),
        (1, None, False),
        (1, 5, False),
        (1, Pair(1, 1), False),
    ],
)
def test_membership(item: object, container: object, found: bool) -> None:
    assert contains(item, container) is found


def test_position_of() -> None:
    assert position_of([1, True, "a"], True) == 1
    assert position_of(["a", "b"], "b") == 1
    assert position_of([1, 2], 3) == -1
    assert position_of([None, [2]], [2.0]) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "N"),
        (True, "T"),
        (False, "F"),
        (42, "i42;"),
        (1.0, "f4607182418800017408;"),
        ("é", "s2:é"),
        (b"\x01", "b01;"),
        (Duration(5), "d5;"),
        ([1, "a"], "Li1;,s1:a,]"),
        ([], "L]"),
        ({"b": 1, "a": None}, "D1:a=N,1:b=i1;,}"),
        (make_set([2, 1]), "Si1;,i2;,}"),
        (make_set([[1], True, 1.0]), "SLi1;,],T,f4607182418800017408;,}"),
        (Pair(1, 2), "o4:pair6:(1, 2)"),
    ],
)
def test_structural_key_text(value: object, text: str) -> None:
    assert key_text(value) == text


def test_structural_keys_tell_types_apart() -> None:
    values: list[object] = [
        None,
        True,
        False,
        1,
        0,
        1.0,
        0.0,
        -0.0,
        "",
        "N",
        "1",
        b"",
        b"1",
        [],
        [1],
        [1.0],
        {},
    ]
    values += [
        make_set([]),
        make_set([1]),
        make_set([1.0]),
        Duration(0),
        Duration(1),
        Pair(1, 2),
        Range(1, 2),
    ]
    assert len({structural_key(value) for value in values}) == len(values)
    assert structural_key(make_set([1, 2])) == structural_key(make_set([2, 1]))
    assert structural_key({"a": 1, "b": 2}) == structural_key({"b": 2, "a": 1})


def test_structural_keys_of_any_depth() -> None:
    assert hash(structural_key(nested(100_000))) != hash(structural_key(nested(100_001)))


def test_hash_value_is_fnv_over_the_key_text() -> None:
    expected = 0xCBF29CE484222325
    for byte in b"i1;":
        expected = ((expected ^ byte) * 0x100000001B3) % 2**64
    assert call("hash_value", 1) % 2**64 == expected
    assert -(2**63) <= call("hash_value", "x") < 2**63
    assert call("hash_value", 1) != call("hash_value", 1.0)
    assert call("hash_value", {"a": 1, "b": 2}) == call("hash_value", {"b": 2, "a": 1})
