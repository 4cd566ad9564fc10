"""Builtins of strings, collections and sets (docs/builtins.md#strings, #collection-builtins, #sets)."""

from typing import Any

import pytest

from embed.values_support import Duration, Pair, RuntimeFault, Thrown, TypeFault, call, fails, make_set, shown
from harnlet.runtime import caps
from harnlet_builtins.graphemes import graphemes


def is_even(x: Any = None, *_: object) -> object:
    """is_even(x)"""
    return x % 2 == 0


FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAGS = "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7"

TABLE: list[tuple[str, tuple[object, ...], str]] = [
    ("trim", (" a\n",), "a"),
    ("trim", (), ""),
    ("trim", (None,), "nil"),
    ("lowercase", ("ABC",), "abc"),
    ("uppercase", (Duration(90_000),), "90S"),
    ("split", ("a b",), "[a, b]"),
    ("split", ("a,b", ","), "[a, b]"),
    ("split", ("abc", ""), "[, a, b, c, ]"),
    ("split", (12321, 2), "[1, 3, 1]"),
    ("join", ([1, "a"],), "1a"),
    ("join", ([1, "a"], "-"), "1-a"),
    ("join", (5, "-"), ""),
    ("starts_with", ("abc", "ab"), "true"),
    ("starts_with", (123, 1), "true"),
    ("ends_with", ("abc", "ab"), "false"),
    ("contains", ("abc", "b"), "true"),
    ("contains", ([1, 2], 2.0), "true"),
    ("contains", ({"a": 1}, "a"), "false"),
    ("contains", (make_set([1]), 1), "false"),
    ("replace", ("aXaX", "X", "y"), "ayay"),
    ("replace", ("aX", "X"), "a"),
    ("substring", ("abcdef", 2, 3), "cde"),
    ("substring", ("abcdef", -2, 3), "abc"),
    ("substring", ("abcdef", 2), "cdef"),
    ("substring", ("abcdef", 2, -1), ""),
    ("substring", ("abcdef", 9, 1), ""),
    ("format", ("{} and {}", 1, "b"), "1 and b"),
    ("format", ("{} and {}", 1), "1 and {}"),
    ("format", ("{a} {b} {a}", {"a": "{b}", "c": 2}), "{b} {b} {b}"),
    ("format", ("{x}", 1), "{x}"),
    ("format", ("{}",), "{}"),
    ("format", ("{} {}", None, [1]), "nil [1]"),
    ("unicode_normalize", ("e\u0301",), "é"),
    ("unicode_normalize", ("é", "nfd"), "e\u0301"),
    ("unicode_normalize", ("ﬁ", "NFKC"), "fi"),
    ("str_pad", ("a", 3), "a  "),
    ("str_pad", ("a", 3, "xy", "left"), "xxa"),
    ("str_pad", ("a", 4, "-", "both"), "-a--"),
    ("str_pad", (FAMILY, 2, FLAGS), FAMILY + FLAGS[:2]),
    ("str_pad", ("abc", 2), "abc"),
    ("str_pad", ("a", 2, ""), "a "),
    ("uppercase_first", ("hELLO",), "HELLO"),
    ("lowercase_first", ("HELLO",), "hELLO"),
    ("title_case", ("hello  wORLD\tx",), "Hello  World\tX"),
    ("snake_to_camel", ("HTTP_server__name_",), "httpServerName"),
    ("snake_to_pascal", ("http_server",), "HttpServer"),
    ("snake_to_kebab", ("Http_server",), "http-server"),
    ("kebab_to_snake", ("http--server",), "http_server"),
    ("kebab_to_camel", ("http-server",), "httpServer"),
    ("camel_to_snake", ("httpServer2Go",), "http_server2_go"),
    ("camel_to_snake", ("parseHTTPResponse",), "parse_http_response"),
    ("pascal_to_snake", ("HTTPServer",), "http_server"),
    ("camel_to_kebab", ("myAPIKey",), "my-api-key"),
    ("camel_to_pascal", ("fooBar",), "FooBar"),
    ("pascal_to_camel", ("FooBar",), "fooBar"),
    ("dirname", ("/a/b/c.txt",), "/a/b"),
    ("dirname", ("/a",), "/"),
    ("dirname", ("a",), ""),
    ("dirname", ("/",), ""),
    ("dirname", ("a/b/",), "a"),
    ("dirname", ("a//b",), "a"),
    ("basename", ("/a/b.txt",), "b.txt"),
    ("basename", ("a/b/",), "b"),
    ("basename", ("a/.",), "a"),
    ("basename", ("a/..",), ""),
    ("basename", ("/",), ""),
    ("basename", ("",), ""),
    ("extname", ("a.tar.gz",), ".gz"),
    ("extname", (".gitignore",), ""),
    ("extname", ("a/b.d/c",), ""),
    ("extname", ("..",), ""),
    ("chunk", ([1, 2, 3], 2), "[[1, 2], [3]]"),
    ("chunk", ([1, 2],), "[[1], [2]]"),
    ("window", ([1, 2, 3],), "[[1, 2], [2, 3]]"),
    ("window", ([1, 2, 3, 4], 2, 2), "[[1, 2], [3, 4]]"),
    ("group_by", ([1, 2, 3], is_even), "{false: [1, 3], true: [2]}"),
    ("partition", ([1, 2, 3], is_even), "{match: [2], no_match: [1, 3]}"),
    ("dedup_by", ([1, 2, 3, 4], is_even), "[1, 2]"),
    ("flat_map", ([1, 2], lambda x, *_: [x, [x]]), "[1, [1], 2, [2]]"),
    ("pair", (1, "b"), "(1, b)"),
    ("iter", ([1],), "<iter>"),
    ("set", (), "set()"),
    ("set", ([1, 2], 3, make_set([4, 1])), "set(1, 2, 3, 4)"),
    ("set", ([[1, 2]], "ab"), "set([1, 2], ab)"),
    ("set", (1, 1.0, True), "set(1, 1.0, true)"),
    ("set_add", (make_set([1]), 2), "set(1, 2)"),
    ("set_add", (make_set([1]), 1.0), "set(1, 1.0)"),
    ("set_add", (make_set([1]), 1), "set(1)"),
    ("set_remove", (make_set([1, 2]), 1), "set(2)"),
    ("set_remove", (make_set([1]), 1.0), "set(1)"),
    ("set_contains", (make_set([1]), 1), "true"),
    ("set_contains", (make_set([1]), 1.0), "false"),
    ("set_contains", (make_set([[1]]), [1]), "true"),
    ("set_union", (make_set([2, 1]), make_set([1, 3])), "set(2, 1, 3)"),
    ("set_intersect", (make_set([2, 1]), make_set([1, 3])), "set(1)"),
    ("set_difference", (make_set([2, 1]), make_set([1, 3])), "set(2)"),
    ("set_symmetric_difference", (make_set([2, 1]), make_set([1, 3])), "set(2, 3)"),
    ("set_is_subset", (make_set([1]), make_set([1, 3])), "true"),
    ("set_is_subset", (make_set([1.0]), make_set([1, 3])), "false"),
    ("set_is_superset", (make_set([1, 3]), make_set([1])), "true"),
    ("set_is_disjoint", (make_set([1]), make_set([1.0])), "true"),
    ("set_is_disjoint", (make_set([1]), make_set([1])), "false"),
]


@pytest.mark.parametrize(("name", "args", "text"), TABLE)
def test_results(name: str, args: tuple[object, ...], text: str) -> None:
    assert shown(name, *args) == text


LISTS = ("chunk", "window", "group_by", "partition", "dedup_by", "flat_map")
CALLING_BACK = ("group_by", "partition", "dedup_by", "flat_map")
PAIRS_OF_SETS = (
    "set_union",
    "set_intersect",
    "set_difference",
    "set_symmetric_difference",
    "set_is_subset",
    "set_is_superset",
    "set_is_disjoint",
)


def test_faults_of_collections() -> None:
    for name in LISTS:
        fails(TypeFault, f"{name}: first argument must be a list, got string", call, name, "abc", is_even)
    for name in CALLING_BACK:
        fails(TypeFault, f"{name}: callback is required", call, name, [1])
        fails(TypeFault, f"{name}: callback must be callable, got int", call, name, [1], 5)
    for count in (0, 1, 3):
        args = (1,) * count
        fails(TypeFault, f"pair: expected 2 arguments, got {count}", call, "pair", *args)
    for name in ("set_add", "set_remove", "set_contains"):
        fails(Thrown, f"{name}: first argument must be a set", call, name, [1], 1)
    for name in PAIRS_OF_SETS:
        fails(Thrown, f"{name}: arguments must be sets", call, name, make_set([]), [1])
        fails(Thrown, f"{name}: arguments must be sets", call, name, [1], make_set([]))


def test_faults_of_strings(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "unicode_normalize: form must be NFC, NFD, NFKC, or NFKD"
    fails(RuntimeFault, text, call, "unicode_normalize", "a", "NFX")
    text = "str_pad: side must be left, right, or both"
    fails(RuntimeFault, text, call, "str_pad", "a", 3, " ", "up")
    monkeypatch.setattr(caps, "TEXT_LENGTH", 10)
    text = "string is too long: more than 10 characters"
    fails(RuntimeFault, text, call, "str_pad", "a", 12)
    fails(RuntimeFault, text, call, "format", "{a}{a}{a}", {"a": "abcd"})
    fails(RuntimeFault, text, call, "join", ["abc"] * 4)
    fails(RuntimeFault, text, call, "replace", "aaaa", "a", "bbb")


def test_arguments_are_left_as_they_were() -> None:
    one, two = make_set([1]), make_set([2])
    for name in PAIRS_OF_SETS:
        call(name, one, two)
    call("set_add", one, 5)
    call("set_remove", one, 1)
    assert (shown("to_list", one), shown("to_list", two)) == ("[1]", "[2]")
    assert shown("to_list", Pair(1, 2)) == "[(1, 2)]"


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("", []),
        ("abc", ["a", "b", "c"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("a\r\nb\n\r", ["a", "\r\n", "b", "\n", "\r"]),
        (FAMILY + "!", [FAMILY, "!"]),
        (FLAGS, [FLAGS[:2], FLAGS[2:]]),
        (FLAGS[:3], [FLAGS[:2], FLAGS[2]]),
        ("\U0001f44d\U0001f3fd", ["\U0001f44d\U0001f3fd"]),
        ("\u1112\u1161\u11ab\uac00\u11a8", ["\u1112\u1161\u11ab", "\uac00\u11a8"]),
        ("\u0e01\u0e33", ["\u0e01\u0e33"]),
        ("\u0915\u093e", ["\u0915\u093e"]),
        ("a\u200db", ["a\u200d", "b"]),
        ("\u2764\ufe0f\u200d\U0001f525", ["\u2764\ufe0f\u200d\U0001f525"]),
        ("\u0600a", ["\u0600a"]),
        ("a\u200bb", ["a", "\u200b", "b"]),
        ("\u0301a", ["\u0301", "a"]),
    ],
)
def test_grapheme_clusters(text: str, clusters: list[str]) -> None:
    assert graphemes(text) == clusters
    assert call("unicode_graphemes", text) == clusters
