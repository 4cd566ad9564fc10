"""Several syntax errors of one source at once. docs/language.md#lex-and-parse-error-texts."""

import pytest

from harnlet.syntax.parser import parse
from harnlet.syntax.problems import MAXIMUM


def places(text: str) -> list[str]:
    return [f"{found.line}:{found.column} {found.rendered}" for found in parse(text).diagnostics]


SEPARATOR = "expected statement separator (`;` or newline), found"
ITEM = "expected top-level item separator (`;` or newline), found"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the next `;`
        ("let = 1; let b = 2 2", ["1:5 expected variable name, found =", f"1:20 {ITEM} int(2)"]),
        ("fn f() { let = 1; x y; }", ["1:14 expected variable name, found =", f"1:21 {SEPARATOR} id(y)"]),
        # a line that starts with a statement keyword
        (
            "let = 1\nx\nlet b = 2 2\n",
            ["1:5 expected variable name, found =", f"3:11 {ITEM} int(2)"],
        ),
        ("let x =\nlet y = 2", ["2:1 expected expression, found let"]),
        # the `}` of the block
        (
            "fn f() { let x }\nlet y",
            ["1:16 expected =, found }", "2:6 unexpected end of file, expected ="],
        ),
        ("if a { f(1 2 ; }\nx y", ["1:14 expected expression, found ;", f"2:3 {ITEM} id(y)"]),
        # a broken statement takes its blocks with it
        (
            "fn 5() {\n  let = 1\n}\nlet =",
            ["1:4 expected function name, found int(5)", "4:5 expected variable name, found ="],
        ),
        ("struct P { 1 }\nx y", ["1:12 expected field name, found int(1)", f"2:3 {ITEM} id(y)"]),
        # a bracket left open does not swallow the rest
        (
            "foo(1,\nlet x = 2\nvar = 3",
            ["2:1 expected expression, found let", "3:5 expected variable name, found ="],
        ),
        (
            "fn f() {\n  g([1\n  return 2\n}\nlet = 3",
            ["3:3 expected expression, found return", "5:5 expected variable name, found ="],
        ),
        # strings are parsed after the rest, and reported in their place
        (
            'let a = "${1 +}"\nlet = 1\nlet b = "${2 2}"',
            [
                "1:15 expected expression, found }",
                "2:5 expected variable name, found =",
                "3:14 expected }, found int(2)",
            ],
        ),
        # two in one statement, where the grammar has gone on
        (
            "fn f(...a, b, ...c) { d e }",
            [
                "1:12 expected Rest parameter must be the last parameter, found id(b)",
                f"1:25 {SEPARATOR} id(e)",
            ],
        ),
    ],
)
def test_going_on(text: str, expected: list[str]) -> None:
    assert places(text) == expected


def test_a_cap_on_errors() -> None:
    assert len(parse("let = 1\n" * 1_000).diagnostics) == MAXIMUM
    assert len(parse("`\n" * 1_000).diagnostics) == MAXIMUM


def test_no_tree_with_errors() -> None:
    assert parse("let = 1\nlet b = 1").file is None
    assert parse("f(...a)\nfn g(...a, b) {}").file is None


def test_a_missing_separator_after_a_comment_of_several_lines() -> None:
    assert not parse("let a = 1 /*\n*/ let b = 2").diagnostics
    assert parse("let a = 1 /* */ let b = 2").diagnostics
