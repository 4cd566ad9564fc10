"""Methods of lists (docs/builtins.md#list-methods)."""

import math
from typing import Any

import pytest

from embed.values_support import (
    BUILTINS,
    Pair,
    RuntimeFault,
    StructType,
    TypeFault,
    call_method,
    display,
    fails,
    make_set,
)
from harnlet.runtime import caps
from harnlet.runtime.methods import DECLARED


def double(x: Any = None, *_: object) -> object:
    """double(x)"""
    return x * 2


def is_even(x: Any = None, *_: object) -> object:
    """is_even(x)"""
    return x % 2 == 0


def plus(a: Any = None, b: Any = None, *_: object) -> object:
    """plus(a, b)"""
    return a + b


def size(x: Any = None, *_: object) -> object:
    """size(x)"""
    return len(x)


def number_or_nil(x: Any = None, *_: object) -> object:
    """number_or_nil(x)"""
    return x if x else None


XS = [3, 1, 2]

TABLE: list[tuple[list[Any], str, tuple[object, ...], str]] = [
    (XS, "count", (), "3"),
    (XS, "empty", (), "false"),
    ([], "empty", (), "true"),
    (XS, "len", (), "nil"),
    (XS, "length", (), "nil"),
    (XS, "map", (double,), "[6, 2, 4]"),
    (XS, "map", (BUILTINS["to_string"],), "[3, 1, 2]"),
    ([{"x": 1}], "map", (StructType("P"),), "[P {x: 1}]"),
    (XS, "filter", (is_even,), "[2]"),
    ([0, 1, 2], "filter", (number_or_nil,), "[1, 2]"),
    (["ab", "c"], "flat_map", (lambda x, *_: [*x],), "[a, b, c]"),
    (XS, "flat_map", (lambda x, *_: x if x > 1 else [x, [x]],), "[3, 1, [1], 2]"),
    (XS, "reduce", (10, plus), "16"),
    (XS, "reduce", (10,), "nil"),
    (XS, "reduce", (), "nil"),
    ([], "reduce", (10, plus), "10"),
    (XS, "find", (is_even,), "2"),
    ([1], "find", (is_even,), "nil"),
    (XS, "find_index", (is_even,), "2"),
    ([1], "find_index", (is_even,), "-1"),
    (XS, "any", (is_even,), "true"),
    ([], "any", (is_even,), "false"),
    (XS, "all", (is_even,), "false"),
    ([], "all", (is_even,), "true"),
    ([2], "every", (is_even,), "true"),
    ([2], "all?", (is_even,), "true"),
    (XS, "none", (is_even,), "false"),
    (XS, "none?", (lambda x, *_: False,), "true"),
    (XS, "none", (), "false"),
    ([], "none", (), "true"),
    (XS, "sort", (), "[1, 2, 3]"),
    (XS, "sort", (lambda a, b: b - a,), "[1, 2, 3]"),
    ([3, "a", 1], "sort", (), "[3, a, 1]"),
    ([2.5, 1, 2], "sort", (), "[1, 2, 2.5]"),
    (["b", "B", "a"], "sort", (), "[B, a, b]"),
    (["ccc", "a", "bb", "d"], "sort_by", (size,), "[a, d, bb, ccc]"),
    (XS, "min", (), "1"),
    (XS, "max", (), "3"),
    ([], "min", (), "nil"),
    ([], "max", (), "nil"),
    ([1, 1.0], "max", (), "1"),
    (["a", "bb", "cc"], "max_by", (size,), "bb"),
    (["a", "b", "cc"], "min_by", (size,), "a"),
    ([], "min_by", (size,), "nil"),
    (XS, "sum", (), "6"),
    ([1, 2.5, "x", None, True], "sum", (), "3.5"),
    ([], "sum", (), "0"),
    ([1, "x"], "sum", (), "1"),
    ([0.1] * 10, "sum", (), "0.9999999999999999"),
    ([2**64, 1], "sum", (), "18446744073709551617"),
    (XS, "reverse", (), "[2, 1, 3]"),
    (XS, "join", (), "312"),
    (XS, "join", (", ",), "3, 1, 2"),
    (["a", "b"], "join", ("-",), "a-b"),
    ([[1], None], "join", (0,), "[1]0nil"),
    ([1, 2.0], "contains", (2,), "true"),
    ([1], "contains", (True,), "false"),
    ([1, 2], "index_of", (2.0,), "1"),
    ([1, 2], "index_of", (3,), "-1"),
    (["a"], "enumerate", (), "[{index: 0, value: a}]"),
    ([1, 2], "zip", (["a", "b", "c"],), "[[1, a], [2, b]]"),
    ([1, 2], "zip", (5,), "[]"),
    ([1, 2, 3, 4], "slice", (1, 3), "[2, 3]"),
    ([1, 2, 3, 4], "slice", (-2,), "[3, 4]"),
    ([1, 2, 3, 4], "slice", (1, -1), "[2, 3]"),
    ([1, 2, 3, 4], "slice", (), "[1, 2, 3, 4]"),
    (XS, "take", (2,), "[3, 1]"),
    (XS, "take", (-2,), "[]"),
    (XS, "take", (9,), "[3, 1, 2]"),
    (XS, "skip", (1,), "[1, 2]"),
    (XS, "skip", (-1,), "[3, 1, 2]"),
    (XS, "first", (), "3"),
    (XS, "first", (2,), "[3, 1]"),
    ([], "first", (), "nil"),
    ([], "first", (2,), "[]"),
    (XS, "last", (), "2"),
    (XS, "last", (2,), "[1, 2]"),
    (XS, "last", (0,), "[]"),
    (XS, "last", (9,), "[3, 1, 2]"),
    ([1, 1.0, 1, "a", "a", True, [1], [1]], "unique", (), "[1, 1.0, a, true, [1]]"),
    ([[1, [2]], 3, []], "flatten", (), "[1, [2], 3]"),
    (XS, "push", (4,), "[3, 1, 2, 4]"),
    (XS, "push", (), "[3, 1, 2, nil]"),
    (XS, "push", (4, 5), "[3, 1, 2, 4]"),
    (XS, "pop", (), "[3, 1]"),
    ([], "pop", (), "[]"),
    (XS, "partition", (is_even,), "[[2], [3, 1]]"),
    (XS, "group_by", (is_even,), "{false: [3, 1], true: [2]}"),
    ([10, 9, 10], "tally", (), "{10: 2, 9: 1}"),
    (XS, "chunk", (2,), "[[3, 1], [2]]"),
    (XS, "chunk", (), "[[3], [1], [2]]"),
    (XS, "each_slice", (0,), "[[3], [1], [2]]"),
    (XS, "window", (), "[[3, 1], [1, 2]]"),
    (XS, "sliding_window", (3,), "[[3, 1, 2]]"),
    ([1, 2, 3, 4, 5], "each_cons", (2, 2), "[[1, 2], [3, 4]]"),
    (XS, "window", (4,), "[]"),
    ([None, 0, False], "compact", (), "[0, false]"),
    (XS, "iter", (), "<iter>"),
    (XS, "nonsense", (1, 2), "nil"),
    (XS, "__len__", (), "nil"),
]


@pytest.mark.parametrize(
    ("items", "name", "args", "text"),
    TABLE,
    ids=[f"{display(row[0])}.{row[1]}-{row[3]}" for row in TABLE],
)
def test_methods(items: list[Any], name: str, args: tuple[object, ...], text: str) -> None:
    before = display(items)
    assert display(call_method(items, name, *args)) == text
    assert display(items) == before


CALLING_BACK = [
    "all",
    "all?",
    "any",
    "every",
    "filter",
    "find",
    "find_index",
    "flat_map",
    "group_by",
    "map",
    "max_by",
    "min_by",
    "partition",
    "sort_by",
]


@pytest.mark.parametrize("name", CALLING_BACK)
def test_callbacks_must_be_callable(name: str) -> None:
    fails(TypeFault, "expected callable, got int", call_method, [1], name, 5)
    fails(TypeFault, "expected callable, got nil", call_method, [1], name)


def test_callbacks_of_reduce_and_none_must_be_callable() -> None:
    fails(TypeFault, "expected callable, got int", call_method, [1], "reduce", 0, 5)
    fails(TypeFault, "expected callable, got string", call_method, [1], "none", "x")


def test_every_method_with_a_callback_was_tried() -> None:
    with_callback = {
        name for name, each in DECLARED[list].items() if any(one.name == "f" for one in each.parameters)
    }
    assert with_callback == {*CALLING_BACK, "reduce", "none", "none?"}


def test_callbacks_stop_early() -> None:
    seen: list[object] = []

    def note(x: Any = None, *_: object) -> object:
        """note(x)"""
        seen.append(x)
        return x == 2

    for name in ("any", "find", "find_index"):
        call_method([1, 2, 3], name, note)
    call_method([2, 1, 2], "all", note)
    call_method([1, 2, 3], "none", note)
    assert seen == [1, 2] * 3 + [2, 1] + [1, 2]


def test_a_hostile_key_function_does_not_disturb_sorting() -> None:
    state = {"calls": 0}
    items: list[object] = [3, 1, 2]

    def key(x: Any = None, *_: object) -> object:
        """key(x)"""
        state["calls"] += 1
        return [x, math.nan, None, "x", -x][state["calls"] % 5]

    result = call_method(items, "sort_by", key)
    assert state["calls"] == 3
    assert sorted(result) == [1, 2, 3]
    assert items == [3, 1, 2]


def test_an_error_in_a_callback_travels_on() -> None:
    def fail(*_: object) -> object:
        """fail()"""
        raise RuntimeFault("no")

    for name in [*CALLING_BACK, "none"]:
        fails(RuntimeFault, "no", call_method, [1], name, fail)
    fails(RuntimeFault, "no", call_method, [1], "reduce", 0, fail)


def test_results_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "ITEMS", 10)
    monkeypatch.setattr(caps, "TEXT_LENGTH", 10)
    fails(RuntimeFault, "collection is too large: more than 10 elements", call_method, [1] * 6, "window", 3)
    big = [[1] * 6, [1] * 6]
    fails(RuntimeFault, "collection is too large: more than 10 elements", call_method, big, "flatten")
    fails(RuntimeFault, "string is too long: more than 10 characters", call_method, ["abc"] * 3, "join", "--")


def test_sets_and_pairs_in_lists() -> None:
    items = [make_set([1]), Pair(1, 2), make_set([1])]
    assert display(call_method(items, "unique")) == "[set(1), (1, 2)]"
    assert display(call_method(items, "index_of", Pair(1.0, 2))) == "1"
