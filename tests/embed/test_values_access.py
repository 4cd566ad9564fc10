"""Members, subscripts, slices, stores, destructuring, `for` (docs/language.md#property-subscript-slice)."""

from collections.abc import Callable

import pytest

from embed.values_support import (
    Duration,
    EnumValue,
    Pair,
    Range,
    RuntimeFault,
    StructType,
    TypeFault,
    call,
    display,
    fails,
    make_set,
    ok,
)
from harnlet.runtime.access import (
    destructure_dict,
    destructure_list,
    get_member,
    get_member_optional,
    index,
    optional_index,
    slice_,
    spread_arguments,
    spread_dict,
    spread_list,
    store_index,
    store_member,
)
from harnlet.runtime.iteration import iterate
from harnlet.runtime.iterators import GeneratorValue, make_iter

P = StructType("P", ("x",))


def f(*_: object) -> None:
    """f()"""


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        ({"a": 1}, "a", "1"),
        ({"a": 1}, "count", "nil"),
        ({"count": 7}, "count", "7"),
        ([1, 2], "count", "2"),
        ([1, 2], "empty", "false"),
        ([1, 2], "first", "1"),
        ([1, 2], "last", "2"),
        ([], "empty", "true"),
        ([], "first", "nil"),
        ([], "last", "nil"),
        ([1], "length", "nil"),
        ([1], "__class__", "nil"),
        ("héé", "count", "3"),
        ("", "empty", "true"),
        ("a", "upper", "nil"),
        (ok(5), "variant", "Ok"),
        (ok(5), "fields", "[5]"),
        (ok(5), "value", "nil"),
        (EnumValue("E", "A", []), "fields", "[]"),
        (P.made_of({"x": 1}), "x", "1"),
        (P.made_of({}), "x", "nil"),
        (P.made_of({}), "fields", "nil"),
        (Pair(1, 2), "first", "1"),
        (Pair(1, 2), "second", "2"),
    ],
)
def test_members(value: object, name: str, text: str) -> None:
    assert display(get_member(value, name)) == text
    assert display(get_member_optional(value, name)) == text


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "nil"),
        (1, "int"),
        (True, "bool"),
        (1.5, "float"),
        (b"", "bytes"),
        (make_set([]), "set"),
        (Range(1, 2), "range"),
        (f, "closure"),
        (Duration(1), "duration"),
        (make_iter([]), "iter"),
        (P, "closure"),
    ],
)
def test_what_has_no_members(value: object, kind: str) -> None:
    fails(TypeFault, f"cannot access property `x` on {kind}", get_member, value, "x")
    assert get_member_optional(value, "x") is None


def test_pairs_have_two_members() -> None:
    text = "cannot access property `x` on pair (expected `first` or `second`)"
    fails(TypeFault, text, get_member, Pair(1, 2), "x")
    assert get_member_optional(Pair(1, 2), "x") is None


@pytest.mark.parametrize(
    ("value", "key", "text"),
    [
        ([1, 2, 3], 0, "1"),
        ([1, 2, 3], -1, "3"),
        ([1, 2, 3], -4, "nil"),
        ([1, 2, 3], 3, "nil"),
        ([1, 2, 3], 10**30, "nil"),
        ("abc", 1, "b"),
        ("abc", -1, "c"),
        ("abc", 5, "nil"),
        ({"1": "x"}, 1, "x"),
        ({"true": "x"}, True, "x"),
        ({"a": "x"}, "a", "x"),
        ({"a": "x"}, "b", "nil"),
        ({"[1]": "x"}, [1], "x"),
        (Range(5, 9), 0, "5"),
        (Range(5, 9), -1, "9"),
        (Range(5, 9, exclusive=True), -1, "8"),
    ],
)
def test_subscripts(value: object, key: object, text: str) -> None:
    assert display(index(value, key)) == text
    assert display(optional_index(value, key)) == text


@pytest.mark.parametrize(
    ("value", "key", "text"),
    [
        ([1], "a", "cannot index into list with string"),
        ([1], True, "cannot index into list with bool"),
        ([1], 1.0, "cannot index into list with float"),
        ("a", "a", "cannot index into string with string"),
        (None, 0, "cannot index into nil with int"),
        (5, 0, "cannot index into int with int"),
        (Range(1, 2), "a", "cannot index into range with string"),
        (make_set([1]), 0, "cannot index into set with int"),
        (P.made_of({"x": 1}), "x", "cannot index into struct with string"),
    ],
)
def test_wrong_subscripts(value: object, key: object, text: str) -> None:
    fails(TypeFault, text, index, value, key)


def test_subscripts_beyond_a_range() -> None:
    text = "range index out of range: index 9 for range of length 5"
    fails(RuntimeFault, text, index, Range(1, 5), 9)
    text = "range index out of range: index -1 for range of length 0"
    fails(RuntimeFault, text, index, Range(3, 1), -1)
    assert optional_index(None, 3) is None


@pytest.mark.parametrize(
    ("value", "start", "end", "expected"),
    [
        ([1, 2, 3], 1, None, [2, 3]),
        ([1, 2, 3], None, -1, [1, 2]),
        ([1, 2, 3], -9, 9, [1, 2, 3]),
        ([1, 2, 3], 2, 1, []),
        ("abc", 1, 2, "b"),
        ("abc", -2, None, "bc"),
        ("", 0, 10**30, ""),
    ],
)
def test_slices(value: object, start: object, end: object, expected: object) -> None:
    assert slice_(value, start, end) == expected


def test_wrong_slices() -> None:
    fails(TypeFault, "slice start must be an integer, got string", slice_, [1], "a", None)
    fails(TypeFault, "slice end must be an integer, got bool", slice_, [1], 0, True)
    fails(TypeFault, "cannot slice int", slice_, 5, 0, 1)
    fails(TypeFault, "cannot slice range", slice_, Range(1, 2), None, None)


def test_stores_give_copies() -> None:
    items: list[object] = [1, 2, 3]
    assert store_index(items, 0, 9) == [9, 2, 3]
    assert store_index(items, -1, 9) == [1, 2, 9]
    assert store_index(items, -7, 9) == [9, 2, 3]
    assert items == [1, 2, 3]
    fields: dict[str, object] = {"a": 1}
    assert store_index(fields, 2, "x") == {"a": 1, "2": "x"}
    assert store_member(fields, "a", 3) == {"a": 3}
    assert fields == {"a": 1}
    point = P.made_of({"x": 1})
    stored = store_member(point, "y", 2)
    assert display(stored) == "P {x: 1, y: 2}"
    assert display(point) == "P {x: 1}"


def test_wrong_stores() -> None:
    text = "Index 3 out of bounds for list of length 3"
    fails(RuntimeFault, text, store_index, [1, 2, 3], 3, 0)
    fails(RuntimeFault, "Index -1 out of bounds for list of length 0", store_index, [], -1, 0)
    fails(TypeFault, "cannot index into list with string", store_index, [1], "a", 0)
    fails(TypeFault, "cannot index into list with bool", store_index, [1], True, 0)
    fails(TypeFault, "cannot assign by index into string", store_index, "abc", 0, "x")
    fails(TypeFault, "cannot assign by index into nil", store_index, None, 0, "x")
    fails(TypeFault, "cannot set property `x` on int", store_member, 5, "x", 0)
    fails(TypeFault, "cannot set property `x` on list", store_member, [], "x", 0)


@pytest.mark.parametrize("function", [destructure_list, spread_list, spread_arguments])
def test_only_lists_are_taken_for_lists(function: Callable[[object], object]) -> None:
    items = [1]
    assert function(items) is items
    for value, kind in ((5, "int"), (Range(1, 2), "range"), (make_set([]), "set"), (None, "nil")):
        fails(TypeFault, f"cannot destructure {kind} with [...] pattern — expected list", function, value)


@pytest.mark.parametrize("function", [destructure_dict, spread_dict])
def test_only_dicts_are_taken_for_dicts(function: Callable[[object], object]) -> None:
    fields = {"a": 1}
    assert function(fields) is fields
    for value, kind in ((5, "int"), (P.made_of({}), "struct"), ([], "list")):
        fails(TypeFault, f"cannot destructure {kind} with {{...}} pattern — expected dict", function, value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, 2], "[1, 2]"),
        (make_set([2, 1]), "[2, 1]"),
        (Range(1, 3), "[1, 2, 3]"),
        (Range(3, 1), "[]"),
        ({"b": 1, "a": 2}, "[{key: a, value: 2}, {key: b, value: 1}]"),
        ("héy", "[h, é, y]"),
        (None, "[]"),
        (make_iter([1, 2]), "[1, 2]"),
        (GeneratorValue(iter([1, 2])), "[1, 2]"),
    ],
)
def test_for(value: object, text: str) -> None:
    assert display([*iterate(value)]) == text


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (5, "int"),
        (True, "bool"),
        (b"a", "bytes"),
        (f, "closure"),
        (P, "closure"),
        (Pair(1, 2), "pair"),
        (ok(1), "enum"),
        (P.made_of({}), "struct"),
        (Duration(1), "duration"),
    ],
)
def test_what_for_cannot_iterate(value: object, kind: str) -> None:
    fails(TypeFault, f"cannot iterate {kind}", iterate, value)


def test_a_generator_that_pulls_itself_is_a_fault() -> None:
    box: list[GeneratorValue] = []

    def body() -> object:
        yield from iterate(box[0])

    box.append(GeneratorValue(body()))  # type: ignore[arg-type]
    fails(RuntimeFault, "generator is already running", box[0].next)
    assert display(box[0]) == "<generator (done)>"
    assert box[0].next() == {"done": True, "value": None}


def test_structs_are_constructed_from_dicts() -> None:
    given: dict[str, object] = {"x": 1, "z": 2}
    made = P(given, "surplus")
    given["x"] = 9
    assert display(made) == "P {x: 1, z: 2}"
    assert display(P()) == "P {}"
    assert display(P(5)) == "P {}"
    assert call("type_of", made) == "struct"
