"""JSON to values and back (docs/builtins.md#data-formats)."""

import pytest

from embed.builtins_support import (
    ALL,
    Duration,
    Fault,
    Pair,
    Range,
    StructType,
    Thrown,
    call,
    display,
    ok,
    problem,
)
from embed.values_support import make_set, nested
from harnlet.runtime import caps
from harnlet_builtins.json_problems import json_problem

POINT = StructType("Point", ("x", "y"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (-5, "-5"),
        (2**70, "1180591620717411303424"),
        (1.0, "1"),
        (-0.0, "-0"),
        (0.5, "0.5"),
        (1e20, "100000000000000000000"),
        (1e-7, "0.0000001"),
        (float("nan"), "NaN"),
        (float("-inf"), "-inf"),
        ("é 𝄞", '"é 𝄞"'),
        ('"\\/\n\r\t', r'"\"\\/\n\r\t"'),
        ("\b\f\x00\x7f\x9f", r'"\u0008\u000c\u0000\u007f\u009f"'),
        ([], "[]"),
        ([1, [2, []], {}], "[1,[2,[]],{}]"),
        ({"b": 1, "a": {"c": [None]}}, '{"a":{"c":[null]},"b":1}'),
        ({'"': 1}, r'{"\"":1}'),
        (make_set([2, "a"]), '[2,"a"]'),
        (POINT.made_of({"y": 2, "x": 1}), '{"x":1,"y":2}'),
        (b"hi\xff", '{"$bytes_b64":"aGn/"}'),
        (Range(1, 5), '"1 to 5"'),
        ([Duration(5), ok(1), Pair(1, 2), ALL["json_parse"], POINT], "[null,null,null,null,null]"),
    ],
)
def test_stringify(value: object, text: str) -> None:
    assert call("json_stringify", value) == text


def test_stringify_a_deep_value() -> None:
    assert call("json_stringify", nested(20_000)) == "[" * 20_001 + "]" * 20_001


def test_stringify_respects_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "TEXT_LENGTH", 100)
    assert call("json_stringify", ["x" * 90]) == '["' + "x" * 90 + '"]'
    too_long: list[list[object]] = [["x" * 60, "y" * 60], [[]] * 60]
    for value in too_long:
        kind, text = problem("json_stringify", value)
        assert text == "Runtime error: string is too long: more than 100 characters"
        assert kind.__name__ == "RuntimeFault"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            ' [1, 2.0, -3, 1e3, true, false, null, "a\\u00e9\\n"] ',
            "[1, 2.0, -3, 1000.0, true, false, nil, aé\n]",
        ),
        ('{"b": {"c": []}, "a": 1, "a": 2}', "{a: 2, b: {c: []}}"),
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "9223372036854776000"),
        ("[123456789012345678901234567890]", "[123456789012345680000000000000]"),
        (r'"\ud834\udd1e"', "𝄞"),
        ("1e-400", "0.0"),
    ],
)
def test_parse(text: str, shown: str) -> None:
    assert display(call("json_parse", text)) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("not json", "expected ident at line 1 column 2"),
        ("nul", "EOF while parsing a value at line 1 column 3"),
        ("?", "expected value at line 1 column 1"),
        ("NaN", "expected value at line 1 column 1"),
        ("[1,", "EOF while parsing a value at line 1 column 3"),
        ("[1", "EOF while parsing a list at line 1 column 2"),
        ("[1,]", "trailing comma at line 1 column 4"),
        ("[1 2]", "expected `,` or `]` at line 1 column 4"),
        ("{", "EOF while parsing an object at line 1 column 1"),
        ("{bad", "key must be a string at line 1 column 2"),
        ('{"a" 1}', "expected `:` at line 1 column 6"),
        ('{"a"', "EOF while parsing an object at line 1 column 4"),
        ('{"a":1,}', "trailing comma at line 1 column 8"),
        ('{"a":1,2}', "key must be a string at line 1 column 8"),
        ('{"a":1 "b"}', "expected `,` or `}` at line 1 column 8"),
        ("[1]x", "trailing characters at line 1 column 4"),
        ('"é" x', "trailing characters at line 1 column 6"),
        ("[1,\n x]", "expected value at line 2 column 2"),
        ('"abc', "EOF while parsing a string at line 1 column 4"),
        ('"\\', "EOF while parsing a string at line 1 column 2"),
        (r'"\x"', "invalid escape at line 1 column 3"),
        (r'"\u12g4"', "invalid escape at line 1 column 7"),
        (r'"\u12', "EOF while parsing a string at line 1 column 5"),
        (r'"\ud800"', "unexpected end of hex escape at line 1 column 8"),
        (r'"\ud800\n"', "unexpected end of hex escape at line 1 column 9"),
        (r'"\ud800\u0041"', "lone leading surrogate in hex escape at line 1 column 13"),
        (r'"\udc00"', "lone leading surrogate in hex escape at line 1 column 7"),
        ('"a\tb"', r"control character (\u0000-\u001F) found while parsing a string at line 1 column 3"),
        ("01", "invalid number at line 1 column 2"),
        ("-", "EOF while parsing a value at line 1 column 1"),
        ("-x", "invalid number at line 1 column 2"),
        ("1.x", "invalid number at line 1 column 3"),
        ("1.", "EOF while parsing a value at line 1 column 2"),
        ("1e", "EOF while parsing a value at line 1 column 2"),
        ("1ex", "invalid number at line 1 column 3"),
        ("1e999", "number out of range at line 1 column 5"),
        ("-" + "9" * 400, "number out of range at line 1 column 401"),
        ("[" * 100_000, "recursion limit exceeded"),
    ],
)
def test_parse_refuses(text: str, message: str) -> None:
    assert problem("json_parse", text) == (Thrown, f"JSON parse error: {message}")


def test_what_is_json_has_no_problem() -> None:
    assert json_problem(' {"a": [1, -2.5e+3, "\\ud834\\udd1e\\/", {}, [], true, null]} ') is None


FENCED = 'Sure:\n```json\n{"a": [1]}\n```\nMore {"b": 2}.'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (FENCED, "{a: [1]}"),
        ('```{"a": 1}```', "{a: 1}"),
        ("```\n[1]\n```", "[1]"),
        ('text {"a": "}\\"}", "b": {"c": 1}} more', '{a: }"}, b: {c: 1}}'),
        ('list [1, {"a": 2}]', "{a: 2}"),
        ('list [1, "]", [2]] x', "[1, ], [2]]"),
        (" 12 ", "12"),
    ],
)
def test_extract(text: str, shown: str) -> None:
    assert display(call("json_extract", text)) == shown


def test_extract_a_key() -> None:
    assert call("json_extract", FENCED, "a") == [1]
    assert call("json_extract", '{"a": null}', "a") is None


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nothing",), "json_extract: failed to parse JSON: expected ident at line 1 column 2"),
        (("{",), "json_extract: failed to parse JSON: EOF while parsing an object at line 1 column 1"),
        ((FENCED, "k"), "json_extract: key 'k' not found"),
        (("[1]", "k"), "json_extract: parsed value is not a dict, cannot extract key"),
    ],
)
def test_extract_refuses(args: tuple[object, ...], message: str) -> None:
    found: tuple[type[Fault], object] = problem("json_extract", *args)
    assert found == (Thrown, message)
