"""Diagnostics as text and as JSON. docs/language.md#diagnostic-rendering."""

import json
from dataclasses import replace

import pytest

from harnlet.errors.diagnostic import Diagnostic
from harnlet.errors.render import render, to_json
from harnlet.syntax.parser import parse


def made(excerpt: str, column: int, end_column: int, **more: object) -> Diagnostic:
    place = {"line": 2, "column": column, "end_line": 2, "end_column": end_column}
    given = {
        "code": "HRN-0301",
        "message": "boom",
        "filename": "demo.harn",
        "excerpt": excerpt,
        **place,
        **more,
    }
    return Diagnostic(**given)  # type: ignore[arg-type]


def test_the_document_s_example() -> None:
    found = made(
        "  return 1 / x",
        14,
        15,
        message="Runtime error: Division by zero (line 2)",
        notes=("called from pipeline at demo.harn:6",),
    )
    assert render([found]) == (
        "error: Runtime error: Division by zero (line 2)\n"
        "  --> demo.harn:2:14\n"
        "   |\n"
        " 2 |   return 1 / x\n"
        "   |              ^\n"
        "  = note: called from pipeline at demo.harn:6\n"
    )


def test_a_syntax_error() -> None:
    (found,) = parse("f()\nlet tool = 1", "demo.harn").diagnostics
    assert render([found], show_codes=True) == (
        "error: expected variable name, found 'tool' (reserved keyword)\n"
        "  --> demo.harn:2:5\n"
        "   |\n"
        " 2 | let tool = 1\n"
        "   |     ^^^^ reserved keyword\n"
        "   = help: `tool` is a word of the language: choose another name\n"
        "  = code: HRN-0006\n"
    )


def test_several_stand_apart() -> None:
    text = render([made("a", 1, 2), replace(made("b", 1, 2), severity="warning")])
    assert text.count("\n\n") == 1
    assert text.startswith("error: boom\n")
    assert "\n\nwarning: boom\n" in text
    assert render([]) == ""


def test_no_place() -> None:
    assert render([Diagnostic("HRN-0701", "no such file", "", 0, 0, 0, 0)]) == "error: no such file\n"


def test_wide_line_numbers() -> None:
    found = replace(made("x", 1, 2), line=1234, end_line=1234)
    assert render([found]).split("\n")[1:5] == [
        "     --> demo.harn:1234:1",
        "      |",
        " 1234 | x",
        "      | ^",
    ]


def excerpt(found: Diagnostic) -> list[str]:
    return [line[5:] for line in render([found]).split("\n")[3:5]]


@pytest.mark.parametrize(
    ("line", "column", "end", "shown", "caret"),
    [
        ("\tx = y", 6, 7, "    x = y", "        ^"),
        ("ab\tc", 4, 5, "ab  c", "    ^"),
        ("名前 = x", 6, 7, "名前 = x", "       ^"),
        ("x = 名前", 5, 7, "x = 名前", "    ^^^^"),
        ("e\u0301 = x", 6, 7, "e\u0301 = x", "    ^"),
        ("a b", 3, 4, "a b", "  ^"),
        ("a b", 9, 10, "a b", "        ^"),
        ("", 1, 2, "", "^"),
        ("a\x1b[31mb", 2, 3, "a\ufffd[31mb", " ^"),
        ("a\u202eb", 3, 4, "a\ufffdb", "  ^"),
        ("abc", 1, 1, "abc", "^"),
    ],
)
def test_the_caret_stands_under_its_place(line: str, column: int, end: int, shown: str, caret: str) -> None:
    text, marks = excerpt(made(line, column, end))
    assert (text, marks) == (shown, caret)


def test_places_of_several_lines_are_underlined_on_the_first() -> None:
    found = replace(made("f(1,", 1, 3), end_line=4)
    assert excerpt(found) == ["f(1,", "^^^^"]


@pytest.mark.parametrize("column", [1, 30, 60, 100, 500_000, 999_999, 1_000_000])
def test_long_lines_are_cut(column: int) -> None:
    line = "abcdefghij" * 100_000
    text, marks = excerpt(made(line, column, column + 1))
    assert len(text) <= 170
    assert text[len(marks) - 1] == line[column - 1]
    assert marks.strip() == "^"
    assert len(excerpt(made(line, 1, 1_000_001))[1]) <= 170


def test_messages_cannot_steer_a_terminal() -> None:
    text = render(
        [made("x", 1, 2, message="a\x1b[2Jb\nc", filename="d\x07.harn", help="\x9b", notes=("\r",))]
    )
    assert not any(c in text for c in "\x1b\x07\x9b\r")
    assert text.startswith("error: a\ufffd[2Jb\nc\n")


def test_json() -> None:
    found = made("x", 3, 4, help="do\nthis", notes=("a", "b"), rendered="other")
    lines = to_json([found, made("x", 1, 2)]).split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == [
        {
            "code": "HRN-0301",
            "severity": "error",
            "message": "boom",
            "file": "demo.harn",
            "line": 2,
            "column": column,
            "endLine": 2,
            "endColumn": column + 1,
            "help": help,
            "notes": notes,
        }
        for column, help, notes in ((3, "do\nthis", ["a", "b"]), (1, None, []))
    ]
    assert to_json([]) == ""
