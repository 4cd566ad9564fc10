"""Iterators, generators, streams (docs/builtins.md#iterator-methods)."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from embed.values_support import (
    BUILTINS,
    Pair,
    Range,
    RuntimeFault,
    Thrown,
    TypeFault,
    call,
    call_method,
    display,
    fails,
    make_set,
)
from harnlet.runtime import caps
from harnlet.runtime.breath import SAFE_POINT
from harnlet.runtime.iteration import iterate
from harnlet.runtime.iterators import MOST_STEPS, GeneratorValue, IterValue, StreamValue, make_iter
from harnlet.runtime.values import Handle


def double(x: Any = None, *_: object) -> object:
    """double(x)"""
    return x * 2


def below_three(x: Any = None, *_: object) -> object:
    """below_three(x)"""
    return x < 3


def plus(a: Any = None, b: Any = None, *_: object) -> object:
    """plus(a, b)"""
    return a + b


LAZY: list[tuple[list[object], str, tuple[object, ...], str]] = [
    ([1, 2], "map", (double,), "[2, 4]"),
    ([1, 2], "map", (BUILTINS["to_string"],), "[1, 2]"),
    ([1, 5, 2], "filter", (below_three,), "[1, 2]"),
    ([1, 5, 2], "take_while", (below_three,), "[1]"),
    ([1, 5, 2], "skip_while", (below_three,), "[5, 2]"),
    ([1, 2], "flat_map", (lambda x, *_: Range(0, x),), "[0, 1, 0, 1, 2]"),
    (["ab", "c"], "flat_map", (lambda x, *_: x,), "[a, b, c]"),
    ([1, 2, 3], "take", (2,), "[1, 2]"),
    ([1], "take", (5,), "[1]"),
    ([1], "take", (0,), "[]"),
    ([1, 2, 3], "skip", (2,), "[3]"),
    ([1], "skip", (5,), "[]"),
    ([1, 2, 3], "zip", (["a", "b"],), "[(1, a), (2, b)]"),
    ([1], "zip", ({"k": "v"},), "[(1, (k, v))]"),
    (["a"], "enumerate", (), "[(0, a)]"),
    ([1], "chain", (Range(5, 6),), "[1, 5, 6]"),
    ([1, 2, 3], "chunks", (2,), "[[1, 2], [3]]"),
    ([1, 2, 3, 4], "windows", (3,), "[[1, 2, 3], [2, 3, 4]]"),
    ([1, 2], "windows", (3,), "[]"),
    ([1, 2], "iter", (), "[1, 2]"),
]


@pytest.mark.parametrize(("items", "name", "args", "text"), LAZY)
def test_lazy_methods(items: list[object], name: str, args: tuple[object, ...], text: str) -> None:
    it = call_method(make_iter(items), name, *args)
    assert display(it) == "<iter>"
    assert display(call_method(it, "to_list")) == text
    assert display(it) == "<iter (exhausted)>"


SINKS: list[tuple[object, str, tuple[object, ...], str]] = [
    ([1, 2], "to_list", (), "[1, 2]"),
    ([1, 1, 2], "to_set", (), "set(1, 2)"),
    ({"b": 1, "a": 2}, "to_dict", (), "{a: 2, b: 1}"),
    ([1, 2], "count", (), "2"),
    ([1, 2], "sum", (), "3"),
    ([1, 2.5], "sum", (), "3.5"),
    ([], "sum", (), "0"),
    ([2, 1, 3], "min", (), "1"),
    ([2, 3, 1], "max", (), "3"),
    ([1, 1.0], "max", (), "1"),
    ([1, 1.0], "min", (), "1"),
    ([], "min", (), "nil"),
    ([], "max", (), "nil"),
    ([1, 2], "first", (), "1"),
    ([], "first", (), "nil"),
    ([1, 2], "last", (), "2"),
    ([], "last", (), "nil"),
    ([1, 2], "reduce", (10, plus), "13"),
    ([1, 5], "any", (below_three,), "true"),
    ([], "any", (below_three,), "false"),
    ([1, 5], "all", (below_three,), "false"),
    ([], "all", (below_three,), "true"),
    ([5, 1], "find", (below_three,), "1"),
    ([5], "find", (below_three,), "nil"),
    ([5], "for_each", (double,), "nil"),
    ([5], "next", (), "nil"),
    ([5], "reverse", (), "nil"),
]


@pytest.mark.parametrize(("items", "name", "args", "text"), SINKS)
def test_sinks(items: object, name: str, args: tuple[object, ...], text: str) -> None:
    assert display(call_method(make_iter(items), name, *args)) == text


FAULTS: list[tuple[list[object], str, tuple[object, ...], str]] = [
    ([1], "take", (-1,), "iter.take: expected non-negative int"),
    ([1], "skip", ("a",), "iter.skip: expected non-negative int"),
    ([1], "zip", (5,), "iter.zip: expected iterable argument"),
    ([1], "chain", (None,), "iter.chain: expected iterable argument"),
    ([1], "chunks", (0,), "iter.chunks: chunk size must be positive"),
    ([1], "windows", (), "iter.windows: window size must be positive"),
    ([1], "to_dict", (), "iter.to_dict: expected pair, got int"),
    ([Pair(1, 2)], "to_dict", (), "iter.to_dict: expected string key, got int"),
    (["a"], "sum", (), "iter.sum: expected number, got string"),
    ([True], "sum", (), "iter.sum: expected number, got bool"),
    ([1], "reduce", (1,), "iter.reduce: expected (init, fn)"),
    ([1], "reduce", (1, 2), "iter.reduce: second arg must be callable"),
]


@pytest.mark.parametrize(
    "name", ["map", "filter", "take_while", "skip_while", "flat_map", "any", "all", "find", "for_each"]
)
def test_callbacks_must_be_callable(name: str) -> None:
    fails(TypeFault, f"iter.{name}: expected callable", call_method, make_iter([1]), name, 5)


@pytest.mark.parametrize(("items", "name", "args", "text"), FAULTS)
def test_faults(items: list[object], name: str, args: tuple[object, ...], text: str) -> None:
    fails(TypeFault, text, call_method, make_iter(items), name, *args)


def test_what_flat_map_gets_must_be_iterable() -> None:
    it = call_method(make_iter([1]), "flat_map", double)
    fails(TypeFault, "iter: value of type int is not iterable", call_method, it, "to_list")


class Channel(Handle):
    """A handle of another package that can be iterated."""

    def __init__(self, items: list[object]) -> None:
        self.left = items

    def items(self) -> Iterator[object] | None:
        return iter(self.left)


class Token(Handle):
    """A handle of another package that cannot."""


def test_what_iter_accepts() -> None:
    for value, text in [
        ([1], "[1]"),
        ({"b": 1, "a": 2}, "[(a, 2), (b, 1)]"),
        (make_set([2, 1]), "[2, 1]"),
        ("hé", "[h, é]"),
        (Range(1, 2), "[1, 2]"),
        (GeneratorValue(iter([1])), "[1]"),
        (StreamValue(iter([1])), "[1]"),
        (Channel([1]), "[1]"),
    ]:
        assert display(call_method(call("iter", value), "to_list")) == text
    it = make_iter([1])
    assert call("iter", it) is it
    fails(TypeFault, "iter: expected 1 argument", call, "iter")
    for refused, kind in [(None, "nil"), (5, "int"), (Token(), "handle"), (double, "closure")]:
        fails(TypeFault, f"iter: value of type {kind} is not iterable", call, "iter", refused)
    assert display([*iterate(Channel([1, 2]))]) == "[1, 2]"
    fails(TypeFault, "cannot iterate handle", iterate, Token())


def test_steps_share_their_source() -> None:
    it = make_iter([1, 2, 3, 4, 5, 6])
    first = call_method(it, "take", 2)
    assert call_method(first, "to_list") == [1, 2]
    assert call_method(call_method(it, "take", 1), "to_list") == [3]
    half_way = call_method(call_method(it, "skip", 1), "take", 1)
    assert call_method(half_way, "to_list") == [5]
    del half_way, first
    gc.collect()
    assert display(it) == "<iter>"
    assert call_method(it, "to_list") == [6]


@pytest.mark.parametrize("name", ["skip", "skip_while", "chain", "map", "filter", "flat_map", "zip"])
def test_dropping_a_step_half_way_leaves_its_source_alone(name: str) -> None:
    argument: object = {
        "skip": 0,
        "chain": [9],
        "zip": [7, 8],
        "flat_map": lambda x, *_: [x],
        "skip_while": lambda x, *_: False,
    }.get(name, lambda x, *_: x)
    it = make_iter([1, 2])
    call_method(call_method(it, name, argument), "first")
    gc.collect()
    assert call_method(it, "to_list") == [2]


def test_a_for_loop_and_a_sink_share_an_iterator() -> None:
    it = make_iter([1, 2, 3])
    for item in iterate(it):
        assert item == 1
        break
    assert call_method(it, "to_list") == [2, 3]


def test_iterators_are_lazy() -> None:
    seen: list[object] = []

    def note(x: Any = None, *_: object) -> object:
        """note(x)"""
        seen.append(x)
        return x

    it = call_method(call_method(Range(1, 10**30), "map", note), "take", 2)
    assert seen == []
    assert call_method(it, "to_list") == [1, 2]
    assert seen == [1, 2]
    assert call_method(call_method(make_iter([1, 2, 3]), "map", note), "any", below_three) is True
    assert seen == [1, 2, 1]


def test_an_error_ends_an_iterator() -> None:
    def fail(x: Any = None, *_: object) -> object:
        """fail(x)"""
        raise Thrown("no")

    it = call_method(make_iter([1, 2]), "map", fail)
    fails(Thrown, "no", call_method, it, "first")
    assert display(it) == "<iter (exhausted)>"
    assert call_method(it, "to_list") == []


def test_generators_and_streams() -> None:
    def body() -> Iterator[object]:
        yield 1
        raise Thrown("boom")

    for kind in (GeneratorValue, StreamValue):
        value = kind(body())
        assert display(call_method(value, "next")) == "{done: false, value: 1}"
        fails(Thrown, "boom", call_method, value, "next")
        for _ in range(2):
            assert display(call_method(value, "next")) == "{done: true, value: nil}"
        assert call_method(value, "to_list") is None
        assert call_method(value, "map", double) is None


def test_an_iterator_over_a_generator_continues_it() -> None:
    generator = GeneratorValue(iter([1, 2, 3]))
    call_method(generator, "next")
    assert display(call_method(call_method(generator, "iter"), "to_list")) == "[2, 3]"
    assert display(call_method(generator, "next")) == "{done: true, value: nil}"
    assert display(generator) == "<generator (done)>"


def test_chains_of_steps_are_limited() -> None:
    it: Any = make_iter([1])
    for _ in range(MOST_STEPS):
        it = call_method(it, "map", double)
    fails(RuntimeFault, f"iterator has too many steps: more than {MOST_STEPS}", call_method, it, "skip", 1)
    fails(
        RuntimeFault,
        f"iterator has too many steps: more than {MOST_STEPS}",
        call_method,
        make_iter([]),
        "chain",
        it,
    )


def test_results_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "ITEMS", 5)
    text = "collection is too large: more than 5 elements"
    assert call_method(Range(1, 5), "to_list") == [1, 2, 3, 4, 5]
    for name in ("to_list", "to_set"):
        fails(RuntimeFault, text, call_method, Range(1, 10**30), name)
    for name in ("chunks", "windows"):
        fails(RuntimeFault, text, call_method, call_method(Range(1, 10**30), name, 7), "first")


class Stop(BaseException):
    """What a scheduler raises."""


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("sum", ()),
        ("min", ()),
        ("max", ()),
        ("last", ()),
        ("for_each", (BUILTINS["len"],)),
        ("find", (BUILTINS["is_nan"],)),
        ("reduce", (0, BUILTINS["min"])),
    ],
)
def test_an_endless_sink_comes_to_safe_points(name: str, args: tuple[object, ...]) -> None:
    looks: list[int] = []

    def stop_at_third(steps: int) -> None:
        looks.append(steps)
        if len(looks) == 3:
            raise Stop

    token = SAFE_POINT.set(stop_at_third)
    try:
        for method_calls in ([], [("skip", 1)], [("chain", [1]), ("enumerate",)]):
            looks.clear()
            it: Any = make_iter(Range(1, 10**30))
            for step in method_calls:
                it = call_method(it, *step)
            if name == "sum" and method_calls and method_calls[-1][0] == "enumerate":
                continue
            with pytest.raises(Stop):
                call_method(it, name, *args)
            assert looks == [4096] * 3
    finally:
        SAFE_POINT.reset(token)


def test_ranges_breathe_without_losing_a_number() -> None:
    for count in (0, 1, 4095, 4096, 4097, 8192, 10_000):
        assert call_method(Range(5, 5 + count, exclusive=True), "to_list") == [*range(5, 5 + count)]


def test_dropping_a_long_chain_of_generators_is_safe() -> None:
    def wrap(inner: object) -> Iterator[object]:
        yield from iterate(inner)

    value = GeneratorValue(iter([1]))
    for _ in range(50_000):
        value = GeneratorValue(wrap(value))
    del value
    gc.collect()
    assert isinstance(make_iter([]), IterValue)
