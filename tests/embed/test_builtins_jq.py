"""jq expressions and JSON pointers (docs/builtins.md#jq, docs/builtins.md#json-pointer)."""

import pytest

from embed.builtins_support import StructType, Thrown, call, display, problem
from embed.values_support import make_set
from harnlet_builtins import jq_filters

DATA: dict[str, object] = {
    "a": [1, 2, {"b": None, "c": [3]}],
    "s": "hello",
    "k-x": {"z": 1, "y": 2},
    "t": [True, False, None, 0],
}


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        (".s", "[hello]"),
        (' . | .["k-x"] | .z ', "[1]"),
        ('."k-x".y', "[2]"),
        (".a[]", "[1, 2, {b: nil, c: [3]}]"),
        (".a[0], .a[-1].c[0], .a[9], .a[-9]", "[1, 3, nil, nil]"),
        (".a[1:], .a[:1], .a[0:2], .a[-1:]", "[[2, {b: nil, c: [3]}], [1], [1, 2], [{b: nil, c: [3]}]]"),
        (".s[1:3]", "[el]"),
        (".a.b, .s.x, .zz, .zz.yy, .s[0]", "[nil, nil, nil, nil, nil]"),
        (".s[], .zz[]", "[]"),
        ('."k-x"[]', "[2, 1]"),
        (".a | ..", "[[1, 2, {b: nil, c: [3]}], 1, 2, {b: nil, c: [3]}, nil, [3], 3]"),
        (".a | length, (.[2] | length), (.[1] | length)", "[3, 2, 2]"),
        (".s | length", "[5]"),
        (".zz | length", "[0]"),
        ('."k-x" | keys, values', "[[y, z], [2, 1]]"),
        (".a | keys, values", "[[0, 1, 2], [1, 2, {b: nil, c: [3]}]]"),
        (".s | keys, values", "[[], []]"),
        (".t | map(type)", "[[boolean, boolean, null, number]]"),
        (".a, .s, . | type", "[array, string, object]"),
        (".a | map(select(. == 1 or . == 2))", "[[1, 2]]"),
        (".a[] | select(. > 1 and . < 3)", "[2]"),
        ('.a[] | select(type != "number") | .c', "[[3]]"),
        (".t[] | not .", "[false, true, true, false]"),
        ("not not .s", "[true]"),
        ("true and false or true", "[true]"),
        ("true or false and false", "[false]"),
        ("(1, 2) == (1, 2)", "[true, false, false, true]"),
        ('1, -2.5, 1e2, "x\\n\\u00e9", true, false, null', "[1, -2.5, 100.0, x\né, true, false, nil]"),
        (".a[] | {n: .}", "[{n: 1}, {n: 2}, {n: {b: nil, c: [3]}}]"),
        ('{s, "q": .a[0], t: (1, 2), "k-x"}', None),
        ("{}", "[{}]"),
        ("{a: .t[]} | .a", "[true, false, nil, 0]"),
        (".a|map(.)|length", "[3]"),
    ],
)
def test_jq(expression: str, shown: str | None) -> None:
    if shown is None:
        shown = "[{k-x: {y: 2, z: 1}, q: 1, s: hello, t: 1}, {k-x: {y: 2, z: 1}, q: 1, s: hello, t: 2}]"
    assert display(call("jq", DATA, expression)) == shown


def test_jq_on_other_values() -> None:
    point = StructType("P").made_of({"y": 2, "x": 1})
    assert call("jq", point, ".x, length") == [1, 2]
    assert call("jq", make_set([3, 4]), ".[], length, type") == [3, 4, 2, "array"]


def test_jq_first() -> None:
    assert call("jq_first", DATA, ".a[]") == 1
    assert call("jq_first", DATA, ".zz[]") is None
    assert call("jq_first", DATA, ".a[] | select(. == 9)") is None


def test_jq_gives_new_lists() -> None:
    data = [1]
    found = call("jq", data, ".[]")
    assert found == [1]
    assert found is not data


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "expected expression near ''"),
        (".a |", "expected expression near ''"),
        (".s .a", "unexpected input near '.a'"),
        (".a]", "unexpected input near ']'"),
        ("foo", "unknown identifier 'foo'"),
        (".a.", "expected field name near ''"),
        (".a.[x]", "expected array index or slice bound"),
        (".[1:x]", "expected array index or slice bound"),
        ("{1: 2}", "expected object key near '1: 2}'"),
        ("{a b}", "expected ',' near 'b}'"),
        ('"abc', "unterminated string literal"),
        ("(.a", "expected ')' near ''"),
        ("map .a", "expected '(' near '.a'"),
        (".a[0", "expected ']' near ''"),
        (". <= 3", "expected expression near '= 3'"),
        ("@" * 30, "expected expression near '" + "@" * 24 + "…'"),
    ],
)
def test_jq_refuses(expression: str, message: str) -> None:
    assert problem("jq", DATA, expression) == (Thrown, f"jq: {message}")


def test_jq_limits_its_results(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jq_filters, "MOST_RESULTS", 3)
    assert call("jq", [1, 2, 3], ".[]") == [1, 2, 3]
    for expression in ("..", ".[], .", "(.[], 1) | .", "(1, 2) == (1, 2)", "{a: (1, 2), b: (1, 2)}"):
        assert problem("jq", [1, 2, 3], expression) == (Thrown, "jq: more than 3 results")


@pytest.mark.parametrize(
    ("pointer", "value", "replaced", "deleted"),
    [
        ("", "whole", 9, None),
        ("/l/0", "a", "{d: {/: 2, k: 1, ~: 3}, l: [9, b]}", "{d: {/: 2, k: 1, ~: 3}, l: [b]}"),
        ("/l/1", "b", "{d: {/: 2, k: 1, ~: 3}, l: [a, 9]}", "{d: {/: 2, k: 1, ~: 3}, l: [a]}"),
        ("/l/2", None, "{d: {/: 2, k: 1, ~: 3}, l: [a, b, 9]}", "same"),
        ("/l/-", None, "{d: {/: 2, k: 1, ~: 3}, l: [a, b, 9]}", "same"),
        ("/l/3", None, "same", "same"),
        ("/l/01", None, "same", "same"),
        ("/l/x", None, "same", "same"),
        ("/l/-1", None, "same", "same"),
        ("/l/" + "9" * 30, None, "same", "same"),
        ("/l/0/x", None, "same", "same"),
        ("/d/k", 1, "{d: {/: 2, k: 9, ~: 3}, l: [a, b]}", "{d: {/: 2, ~: 3}, l: [a, b]}"),
        ("/d/~1", 2, "{d: {/: 9, k: 1, ~: 3}, l: [a, b]}", "{d: {k: 1, ~: 3}, l: [a, b]}"),
        ("/d/~0", 3, "{d: {/: 2, k: 1, ~: 9}, l: [a, b]}", "{d: {/: 2, k: 1}, l: [a, b]}"),
        ("/d/n", None, "{d: {/: 2, k: 1, n: 9, ~: 3}, l: [a, b]}", "same"),
        ("/n/m", None, "same", "same"),
        ("/d/k/x/y", None, "same", "same"),
        ("/", None, "{: 9, d: {/: 2, k: 1, ~: 3}, l: [a, b]}", "same"),
    ],
)
def test_pointer(pointer: str, value: object, replaced: object, deleted: object) -> None:
    data: dict[str, object] = {"l": ["a", "b"], "d": {"k": 1, "/": 2, "~": 3}}
    before = display(data)
    same = {"same": before, "whole": data}
    assert call("json_pointer", data, pointer) == same.get(str(value), value)
    assert display(call("json_pointer_set", data, pointer, 9)) == same.get(str(replaced), display(replaced))
    assert display(call("json_pointer_delete", data, pointer)) == same.get(str(deleted), display(deleted))
    assert display(data) == before


@pytest.mark.parametrize("name", ["json_pointer", "json_pointer_set", "json_pointer_delete"])
@pytest.mark.parametrize(
    ("pointer", "message"),
    [
        ("x", "pointer must be empty or start with '/'"),
        ("/a~2", "invalid escape '~2' in pointer"),
        ("/a~~0", "invalid escape '~~' in pointer"),
        ("/a~", "dangling '~' in pointer"),
        ("/~0~1~", "dangling '~' in pointer"),
    ],
)
def test_pointer_refuses(name: str, pointer: str, message: str) -> None:
    assert problem(name, {}, pointer, 1) == (Thrown, f"{name}: {message}")


@pytest.mark.parametrize(
    ("name", "count"), [("json_pointer", 2), ("json_pointer_set", 3), ("json_pointer_delete", 2)]
)
def test_pointer_needs_its_arguments(name: str, count: int) -> None:
    assert problem(name, *[{}] * (count - 1)) == (Thrown, f"{name} requires {count} arguments")
