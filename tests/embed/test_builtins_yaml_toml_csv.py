"""YAML, TOML and CSV (docs/builtins.md#data-formats)."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from embed.builtins_support import (
    Duration,
    Range,
    Run,
    RuntimeFault,
    StructType,
    Thrown,
    call,
    display,
    ok,
    problem,
    waited,
    waited_problem,
    without_module,
)
from embed.values_support import make_set, nested
from harnlet.runtime import caps
from harnlet_builtins import yaml_reader, yaml_writer


@pytest.fixture
def yaml() -> Any:
    return pytest.importorskip("ruamel.yaml")


@pytest.mark.usefixtures("yaml")
class TestYaml:
    """The extra `yaml`."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("", "nil"),
            ("# nothing\n", "nil"),
            ("a: 1\nb:\n- x\n- {c: d}\n", "{a: 1, b: [x, {c: d}]}"),
            ("[true, False, yes, on, ~, null, NULL, '']", "[true, false, yes, on, nil, nil, nil, ]"),
            ("[1, -2, 0x1F, 0o17, 0b101, -0x10, 012, 1_000, +3]", "[1, -2, 31, 15, 5, -16, 012, 1_000, 3]"),
            (
                "[1.5, 1e3, .5, -.inf, .nan, 12:30, 2024-01-02]",
                "[1.5, 1000.0, 0.5, -inf, NaN, 12:30, 2024-01-02]",
            ),
            ("[!!str 12, !!int '3', !!float 3, '12']", "[12, 3, 3.0, 12]"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("!!binary aGk=", 'b"6869"'),
            ("1: a\ntrue: b\nnull: c", "{1: a, nil: c, true: b}"),
            ("a: &x {q: 1}\nb: *x", "{a: {q: 1}, b: {q: 1}}"),
            ("base: &x {q: 1, r: 2}\nd:\n  <<: *x\n  r: 3", "{base: {q: 1, r: 2}, d: {q: 1, r: 3}}"),
            ("a: |\n  one\n  two\nb: >\n  one\n  two\n", "{a: one\ntwo\n, b: one two\n}"),
        ],
    )
    def test_parse(self, text: str, shown: str) -> None:
        assert display(waited("yaml_parse", text)) == shown

    def test_aliases_are_shared_not_copied(self) -> None:
        text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
        found = waited("yaml_parse", text)
        assert found["a59"][0] is found["a59"][1]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "a: [1\nb: 2",
                "expected ',' or ']', but got ':' at line 2 column 2, "
                "while parsing a flow sequence at line 1 column 4",
            ),
            ("a: b: c", "mapping values are not allowed here at line 1 column 5"),
            ("&a [*a]", "a collection contains itself at line 1 column 1"),
            ("*x", "found undefined alias 'x' at line 1 column 1"),
            ("a: !foo 1", "unknown tag '!foo' at line 1 column 4"),
            ("!!python/object:os.system x", "unknown tag 'tag:yaml.org,2002:python/object:os.system' at"),
            ("!!binary a", "invalid base64"),
            ("a: 1\na: 2", 'duplicate entry with key "a" at line 2 column 1'),
            ("? [1]\n: 2", "a key must be a scalar at line 1 column 3"),
            ("<<: 5", "expected a mapping or list of mappings for merging at line 1 column 5"),
            ("[" * 5_000, "recursion limit exceeded"),
        ],
    )
    def test_parse_refuses(self, text: str, message: str) -> None:
        kind, told = waited_problem("yaml_parse", text)
        assert kind is Thrown
        assert str(told).startswith(f"YAML parse error: {message}")

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (5, "5\n"),
            ("x", "x\n"),
            (None, "null\n"),
            ([], "[]\n"),
            ({}, "{}\n"),
            ({"b": [1, [2, {"c": True}]], "a": {"x": []}}, "a:\n  x: []\nb:\n- 1\n- - 2\n  - c: true\n"),
            (
                [1.0, 0.5, 1e20, float("inf"), float("nan")],
                "- 1.0\n- 0.5\n- 100000000000000000000.0\n- .inf\n- .nan\n",
            ),
            (
                ["12", "true", "~", "", " a", "a: b", "#x"],
                "- '12'\n- 'true'\n- '~'\n- ''\n- ' a'\n- 'a: b'\n- '#x'\n",
            ),
            (["hello, world", "yes", "2024-01-02"], "- hello, world\n- 'yes'\n- '2024-01-02'\n"),
            ("a\nb\n", "|\na\nb\n"),
            (["a\nb", "tab\t", " \n"], '- |-\n  a\n  b\n- "tab\\t"\n- " \\n"\n'),
            (["x " * 100 + "x"], "- " + "x " * 100 + "x\n"),
            ([Duration(5000), Range(1, 2), ok(1), b"a"], '- 5s\n- 1 to 2\n- Result.Ok(1)\n- b"61"\n'),
            (make_set([1, 2]), "- 1\n- 2\n"),
            (StructType("P").made_of({"y": 1, "x": 2}), "x: 2\ny: 1\n"),
        ],
    )
    def test_stringify(self, value: object, text: str) -> None:
        assert waited("yaml_stringify", value) == text

    def test_stringify_refuses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert waited_problem("yaml_stringify", nested(5_000)) == (
            Thrown,
            "yaml_stringify: recursion limit exceeded",
        )
        monkeypatch.setattr(yaml_writer, "MOST_VALUES", 3)
        assert waited("yaml_stringify", [1, 2]) == "- 1\n- 2\n"
        assert waited_problem("yaml_stringify", [1, 2, 3]) == (Thrown, "yaml_stringify: more than 3 values")

    async def test_large_documents_leave_the_loop_alone(self) -> None:
        value = {f"k{place}": ["x", place, {"y": 1.5}] for place in range(1_000)}
        text = await self.beside(Run().system("yaml_stringify", value))
        assert await self.beside(Run().system("yaml_parse", text)) == value
        long_text = "word " * 100_000 + "."
        assert await self.beside(Run().system("yaml_stringify", long_text)) == long_text + "\n"

    @staticmethod
    async def beside(work: Coroutine[Any, Any, Any]) -> Any:
        """The result of some work, during which the event loop went on."""
        task = asyncio.ensure_future(work)
        rounds = 0
        while not task.done():
            await asyncio.sleep(0)
            rounds += 1
        assert rounds > 2
        return task.result()

    def test_documents_have_a_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(yaml_reader, "MOST_CHARACTERS", 3)
        told = "YAML parse error: document is longer than 3 characters"
        assert waited("yaml_parse", "abc") == "abc"
        assert waited_problem("yaml_parse", "abcd") == (Thrown, told)


@pytest.mark.parametrize("name", ["yaml_parse", "yaml_stringify"])
def test_yaml_without_the_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    without_module(monkeypatch, "ruamel")
    needs = f"{name} needs an optional package that is not installed: pip install harnlet[yaml]"
    assert waited_problem(name, "a") == (RuntimeFault, f"Runtime error: {needs}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "{}"),
        (
            "a = 1\n[b]\nc = [1.5, true, 'x']\n[[d]]\ne = {f = 2}",
            "{a: 1, b: {c: [1.5, true, x]}, d: [{e: {f: 2}}]}",
        ),
        ("a = 1979-05-27T07:32:00Z", "{a: 1979-05-27T07:32:00Z}"),
        ("a = 1979-05-27T07:32:00.5+02:00", "{a: 1979-05-27T07:32:00.500000+02:00}"),
        ("a = 1979-05-27\nb = 07:32:00", "{a: 1979-05-27, b: 07:32:00}"),
        ("a = 9223372036854775807", "{a: 9223372036854775807}"),
    ],
)
def test_toml_parse(text: str, shown: str) -> None:
    assert display(call("toml_parse", text)) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "Invalid value (at end of document)"),
        ("a = 9223372036854775808", "number does not fit 64 bits"),
        ("a = " + "1" * 5_000, "number does not fit 64 bits"),
        ("a = " + "[" * 5_000, "recursion limit exceeded"),
    ],
)
def test_toml_parse_refuses(text: str, message: str) -> None:
    assert problem("toml_parse", text) == (Thrown, f"TOML parse error: {message}")


def test_toml_keys_of_many_parts() -> None:
    assert display(call("toml_parse", "a.b . 'c' = 1")) == "{a: {b: {c: 1}}}"
    assert call("toml_parse", f'x = "{"a." * 5000}"')["x"] == "a." * 5000
    for key in ("a." * 200_000 + "a", '"a b".' * 300 + "c"):
        refused = (Thrown, "TOML parse error: recursion limit exceeded")
        assert problem("toml_parse", f"{key} = 1") == problem("toml_parse", f"[{key}]") == refused


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, ""),
        (
            {"b": {"c": 2, "d": {"e": {}}}, "a": 1, "l": [{"x": 1, "y": {"z": 1}}, {"x": 2}]},
            "a = 1\n\n[b]\nc = 2\n\n[b.d.e]\n\n[[l]]\nx = 1\n\n[l.y]\nz = 1\n\n[[l]]\nx = 2\n",
        ),
        ({"a": [1, [2.0, {"q": 3}], []], "b": []}, "a = [1, [2.0, { q = 3 }], []]\nb = []\n"),
        ({"k y": 'q"\n', "": True}, '"" = true\n"k y" = "q\\"\\n"\n'),
        (
            {"a": float("inf"), "b": float("-inf"), "c": float("nan"), "d": 1e20, "e": 0.5},
            "a = inf\nb = -inf\nc = nan\nd = 100000000000000000000.0\ne = 0.5\n",
        ),
        ({"a": Duration(5000), "b": b"x", "c": make_set([1])}, 'a = "5s"\nb = "b\\"78\\""\nc = [1]\n'),
        (StructType("P").made_of({"x": 1}), "x = 1\n"),
    ],
)
def test_toml_stringify(value: object, text: str) -> None:
    assert call("toml_stringify", value) == text


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1], "expected a dict at the top level, got list"),
        ({"a": {"b c": None}}, 'nil has no TOML form (at a."b c")'),
        ({"a": 2**63}, "9223372036854775808 does not fit 64 bits"),
        ({"a": nested(5_000)}, "recursion limit exceeded"),
    ],
)
def test_toml_stringify_refuses(value: object, message: str) -> None:
    assert problem("toml_stringify", value) == (Thrown, f"toml_stringify: {message}")


HEADERS = {"headers": True}


@pytest.mark.parametrize(
    ("text", "options", "rows"),
    [
        ("", None, []),
        ("\n\r\n\n", None, []),
        ("a,b\n1,2\n", None, [["a", "b"], ["1", "2"]]),
        ("a,b\r\n\r\n1\r2,3", None, [["a", "b"], ["1"], ["2", "3"]]),
        ('"a ""q"", b",c\n', None, [['a "q", b', "c"]]),
        ('"one\ntwo",x\n\n"y"', None, [["one\ntwo", "x"], ["y"]]),
        ('a"b,"c"d,"",', None, [['a"b', "cd", "", ""]]),
        ('"open\n,', None, [["open\n,"]]),
        ('""', None, [[""]]),
        (",", None, [["", ""]]),
        ("a;b", {"delimiter": ";"}, [["a", "b"]]),
        ('"a;b";c', {"delimiter": ";"}, [["a;b", "c"]]),
        ("\ufeffa,b", None, [["a", "b"]]),
        ("a,b\n1\n2,3,4", HEADERS, [{"a": "1", "b": ""}, {"a": "2", "b": "3"}]),
        ("a,b", HEADERS, []),
        ("", HEADERS, []),
    ],
)
def test_csv_parse(text: str, options: object, rows: object) -> None:
    assert call("csv_parse", text, options) == rows


@pytest.mark.parametrize(
    ("rows", "options", "text"),
    [
        ([], None, ""),
        ([["a", 1], [None, 2.0]], None, "a,1\nnil,2.0\n"),
        ([["a,b", 'c"d', "e\nf", "g\rh", " i "]], None, '"a,b","c""d","e\nf","g\rh", i \n'),
        ([[""], []], None, None),
        ([[""], [""]], None, '""\n""\n'),
        ([["", ""]], None, ",\n"),
        ([["a;b", "c,d"]], {"delimiter": ";"}, '"a;b";c,d\n'),
        ([{"b": 1, "a": 2}, {"c": 3}], None, "2,1,\n,,3\n"),
        ([{"b": 1, "a": 2}], HEADERS, "a,b\n2,1\n"),
        ([["a"]], HEADERS, "a\n"),
    ],
)
def test_csv_stringify(rows: object, options: object, text: str | None) -> None:
    if text is None:
        message = "CSV error: found record with 0 fields, but the previous record has 1 fields"
        assert problem("csv_stringify", rows, options) == (Thrown, f"csv_stringify: {message}")
    else:
        assert call("csv_stringify", rows, options) == text


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("csv_parse", "a", {"delimiter": "ab"}), "csv_parse: delimiter must be a single character, got ab"),
        (("csv_parse", "a", {"delimiter": '"'}), 'csv_parse: delimiter must be a single character, got "'),
        (("csv_stringify", "x"), "csv_stringify: expected a list of rows"),
        (("csv_stringify", [["a"], 1]), "csv_stringify: each row must be a list of cells (or use dict rows)"),
        (("csv_stringify", [["a"], {}]), "csv_stringify: mixed list/dict rows are not supported"),
    ],
)
def test_csv_refuses(args: tuple[str, ...], message: str) -> None:
    assert problem(*args) == (Thrown, message)


def test_csv_respects_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "TEXT_LENGTH", 10)
    assert problem("csv_stringify", [["abcdef"], ["abcdef"]])[0] is RuntimeFault
