"""Methods of strings, dicts, sets, ranges, structs (docs/builtins.md#method-names-by-type)."""

from typing import Any

import pytest

from embed.values_support import (
    BUILTINS,
    Duration,
    Pair,
    Range,
    RuntimeFault,
    StructType,
    TypeFault,
    call,
    call_method,
    display,
    fails,
    make_set,
    ok,
)
from harnlet.runtime import caps
from harnlet.runtime.access import call_method_optional
from harnlet.runtime.builtin import namespaces
from harnlet.runtime.methods import DECLARED, METHODS, declared_methods, method_of
from harnlet.runtime.support import implement


def double(x: Any = None, *_: object) -> object:
    """double(x)"""
    return x * 2


def is_two(x: Any = None, *_: object) -> object:
    """is_two(x)"""
    return x == 2


def shout(x: Any = None, *_: object) -> object:
    """shout(x)"""
    return x.upper()


D = {"b": 2, "a": 1}
S = make_set([3, 1])

TABLE: list[tuple[object, str, tuple[object, ...], str]] = [
    ("héy", "count", (), "3"),
    ("héy", "len", (), "3"),
    ("", "empty", (), "true"),
    ("abc", "contains", ("bc",), "true"),
    ("a1", "contains", (1,), "true"),
    ("abc", "starts_with", ("ab",), "true"),
    ("abc", "ends_with", ("ab",), "false"),
    ("abc", "ends_with", (), "true"),
    ("aXbX", "replace", ("X", "--"), "a--b--"),
    ("ab", "replace", ("", "-"), "-a-b-"),
    ("abc", "replace", ("a",), "nil"),
    ("abc", "replace", (), "nil"),
    ("a,b,", "split", (), "[a, b, ]"),
    ("a b", "split", (" ",), "[a, b]"),
    ("ab", "split", ("",), "[, a, b, ]"),
    (" \t\n\u2003a\x1c ", "trim", (), "a\x1c"),
    (" a ", "trim_start", (), "a "),
    (" a ", "trim_end", (), " a"),
    ("AÉ", "lowercase", (), "aé"),
    ("A", "lower", (), "a"),
    ("A", "to_lower", (), "a"),
    ("aß", "uppercase", (), "ASS"),
    ("a", "upper", (), "A"),
    ("a", "to_upper", (), "A"),
    ("abcde", "substring", (1, 3), "bc"),
    ("abcde", "substring", (-2, 2), "ab"),
    ("abcde", "substring", (2, -1), "cde"),
    ("abcde", "substring", (3, 1), ""),
    ("abcde", "substring", (2,), "cde"),
    ("héllo", "index_of", ("l",), "2"),
    ("hello", "last_index_of", ("l",), "3"),
    ("hello", "index_of", ("x",), "-1"),
    ("hé", "chars", (), "[h, é]"),
    ("abc", "char_at", (1,), "b"),
    ("abc", "char_at", (-1,), "nil"),
    ("abc", "char_at", (3,), "nil"),
    ("ab", "repeat", (3,), "ababab"),
    ("ab", "repeat", (), "ab"),
    ("ab", "repeat", (-1,), ""),
    ("abé", "reverse", (), "éba"),
    ("7", "pad_left", (3, "0x"), "007"),
    ("7", "pad_right", (3,), "7  "),
    ("1234", "pad_left", (3, "0"), "1234"),
    ("a\r\nb\n\nc", "lines", (), "[a, b, , c]"),
    ("a\n", "lines", (), "[a]"),
    ("", "lines", (), "[]"),
    ("a\x0bb\u2028c", "lines", (), "[a\x0bb\u2028c]"),
    ("ab", "iter", (), "<iter>"),
    ("ab", "length", (), "nil"),
    ("ab", "format", (), "nil"),
    ("ab", "slice", (0, 1), "nil"),
    (D, "keys", (), "[a, b]"),
    (D, "values", (), "[1, 2]"),
    (D, "entries", (), "[{key: a, value: 1}, {key: b, value: 2}]"),
    (D, "count", (), "2"),
    (D, "has", ("a",), "true"),
    ({"1": 1}, "has", (1,), "true"),
    (D, "has", ("x",), "false"),
    (D, "get", ("a",), "1"),
    (D, "get", ("x",), "nil"),
    (D, "get", ("x", 9), "9"),
    ({"a": None}, "get", ("a", 9), "nil"),
    (D, "merge", ({"b": 3, "c": 4},), "{a: 1, b: 3, c: 4}"),
    (D, "merge", (5,), "{a: 1, b: 2}"),
    (D, "map_values", (double,), "{a: 2, b: 4}"),
    (D, "rekey", (shout,), "{A: 1, B: 2}"),
    (D, "map_keys", (lambda k, *_: 1,), "{1: 2}"),
    (D, "filter", (is_two,), "{b: 2}"),
    (D, "remove", ("a",), "{b: 2}"),
    (D, "remove", ("x",), "{a: 1, b: 2}"),
    (D, "iter", (), "<iter>"),
    (D, "len", (), "nil"),
    (D, "map", (double,), "nil"),
    (D, "empty", (), "nil"),
    ({"len": double}, "len", (4,), "8"),
    ({"count": double}, "count", (4,), "1"),
    ({"f": BUILTINS["len"]}, "f", ("abc", "surplus"), "3"),
    ({"f": 5}, "f", (), "nil"),
    ({"_namespace": "stream", "count": 5}, "count", (), "2"),
    ({"_namespace": "stream", "count": double}, "count", (4,), "8"),
    ({"_namespace": "other", "count": double}, "count", (4,), "2"),
    (S, "count", (), "2"),
    (S, "len", (), "2"),
    (S, "empty", (), "false"),
    (S, "contains", (1.0,), "true"),
    (S, "add", (2,), "set(3, 1, 2)"),
    (S, "add", (1.0,), "set(3, 1)"),
    (S, "remove", (3.0,), "set(1)"),
    (S, "delete", (9,), "set(3, 1)"),
    (make_set([1, 1.0, 2]), "remove", (1,), "set(2)"),
    (S, "union", (make_set([1.0, 5]),), "set(3, 1, 5)"),
    (S, "union", (5,), "set(3, 1)"),
    (S, "intersect", (make_set([1.0]),), "set(1)"),
    (S, "intersection", (5,), "set()"),
    (S, "difference", (make_set([1.0]),), "set(3)"),
    (S, "difference", (5,), "set(3, 1)"),
    (S, "symmetric_difference", (make_set([1, 4]),), "set(3, 4)"),
    (S, "symmetric_difference", (5,), "set(3, 1)"),
    (S, "is_subset", (make_set([1, 2, 3]),), "true"),
    (S, "is_subset", (5,), "false"),
    (S, "is_superset", (make_set([1.0]),), "true"),
    (S, "is_superset", (5,), "false"),
    (S, "is_disjoint", (make_set([2]),), "true"),
    (S, "is_disjoint", (make_set([1.0]),), "false"),
    (S, "is_disjoint", (5,), "true"),
    (S, "map", (lambda x, *_: x > 0,), "set(true)"),
    (S, "filter", (lambda x, *_: x > 1,), "set(3)"),
    (S, "any", (lambda x, *_: x > 1,), "true"),
    (S, "all", (lambda x, *_: x > 1,), "false"),
    (S, "every", (lambda x, *_: x > 0,), "true"),
    (S, "to_list", (), "[3, 1]"),
    (S, "iter", (), "<iter>"),
    (S, "push", (1,), "nil"),
    (Range(1, 3), "len", (), "3"),
    (Range(1, 3, exclusive=True), "count", (), "2"),
    (Range(3, 1), "empty", (), "true"),
    (Range(1, 3), "contains", (3,), "true"),
    (Range(1, 3), "contains", (1.0,), "false"),
    (Range(2, 5), "first", (), "2"),
    (Range(2, 5), "last", (), "5"),
    (Range(3, 1), "first", (), "nil"),
    (Range(3, 1), "last", (), "nil"),
    (Range(1, 2), "to_string", (), "1 to 2"),
    (Range(1, 3), "map", (double,), "<iter>"),
    (Range(1, 3), "sum", (), "6"),
    (Range(1, 3), "to_list", (), "[1, 2, 3]"),
    (Range(1, 3), "reverse", (), "nil"),
    (Range(1, 3), "join", (), "nil"),
    (Range(1, 10**30), "len", (), str(10**30)),
    (None, "foo", (1,), "nil"),
    (5, "abs", (), "nil"),
    (True, "foo", (), "nil"),
    (b"a", "len", (), "nil"),
    (Duration(1), "foo", (), "nil"),
    (Pair(1, 2), "first", (), "nil"),
    (ok(1), "unwrap", (), "nil"),
    (double, "__call__", (2,), "nil"),
    (BUILTINS["len"], "function", (), "nil"),
]


@pytest.mark.parametrize(
    ("value", "name", "args", "text"), TABLE, ids=[f"{display(row[0])}.{row[1]}-{row[3]}" for row in TABLE]
)
def test_methods(value: object, name: str, args: tuple[object, ...], text: str) -> None:
    before = display(value)
    assert display(call_method(value, name, *args)) == text
    assert display(call_method_optional(value, name, *args)) == text
    assert display(value) == before


@pytest.mark.parametrize(
    ("value", "name"),
    [(D, "map_values"), (D, "rekey"), (D, "filter"), (S, "map"), (S, "filter"), (S, "any"), (S, "all")],
)
def test_callbacks_must_be_callable(value: object, name: str) -> None:
    fails(TypeFault, "expected callable, got int", call_method, value, name, 5)
    fails(TypeFault, "expected callable, got nil", call_method, value, name)


def test_methods_of_structs() -> None:
    def area(self: Any, factor: Any, depth: int) -> object:
        """Box.area(self, factor)"""
        return self.fields["w"] * (1 if factor is None else factor)

    box = StructType("Box", ("w",))
    implement(box, "area", area, "..")
    value = box.made_of({"w": 4, "stored": double})
    assert call_method(value, "area") == 4
    assert call_method(value, "area", 3, "surplus") == 12
    assert call_method(value, "missing") is None
    assert call_method(value, "stored", 1) is None
    assert call_method(box, "area") is None


def test_the_stream_namespace_prefers_its_own_functions() -> None:
    space = namespaces(BUILTINS.values())["stream"]
    assert space["_namespace"] == "stream"
    assert {*space} >= {"map", "filter", "collect", "merge"}
    mapped = call_method(space, "map", [1, 2], double)
    assert call_method(space, "collect", mapped) == [2, 4]
    assert call_method(space, "filter", [1, 2], is_two) is not None
    assert display(call_method(space, "keys"))[:10] == "[_namespac"
    assert call("type_of", space) == "dict"


def test_strings_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "TEXT_LENGTH", 10)
    text = "string is too long: more than 10 characters"
    fails(RuntimeFault, text, call_method, "ab", "repeat", 6)
    fails(RuntimeFault, text, call_method, "a", "pad_left", 12)
    fails(RuntimeFault, text, call_method, "aaaa", "replace", "a", "bbb")
    fails(RuntimeFault, text, call_method, "aaaa", "replace", "", "bbb")
    assert call_method("aaaaaaaaaaaa", "replace", "a", "") == ""


def test_lists_made_of_strings_are_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "ITEMS", 5)
    text = "collection is too large: more than 5 elements"
    for args in (("chars",), ("split", ""), ("split", "a"), ("lines",)):
        fails(RuntimeFault, text, call_method, "a\n" * 6, *args)
        assert call_method("", *args) in ([], [""], ["", ""])
    fails(RuntimeFault, text, call, "unicode_graphemes", "abcdef")


def test_methods_can_be_bound_ahead() -> None:
    push = method_of(list, "push")
    assert push is not None
    assert push([1], 2) == [1, 2]
    assert method_of(list, "nope") is None
    assert method_of(int, "push") is None


def test_every_declared_method_is_documented_and_in_every_table() -> None:
    for each in declared_methods():
        assert each.doc, each
        assert METHODS[each.type][each.name] is each.function
        assert DECLARED[each.type][each.name] is each
        assert each.most == len(each.parameters)
