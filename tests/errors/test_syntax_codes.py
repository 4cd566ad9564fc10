"""The table of codes, and the source text behind places."""

import re

import pytest

from harnlet.errors.codes import CODES, code, lookup
from harnlet.syntax.parser import parse
from harnlet.syntax.source import Source


def test_codes_are_in_order_and_unique() -> None:
    ids = [entry.id for entry in CODES]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(r"HRN-\d{4}", id) for id in ids)
    assert len({entry.name for entry in CODES}) == len(CODES)


def test_every_code_is_explained() -> None:
    for entry in CODES:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.name)
        assert entry.title
        assert entry.cause.endswith(".")
        assert entry.cure.endswith(".")


def test_lookup() -> None:
    assert code("unexpected-token") == "HRN-0001"
    assert lookup("hrn-0002") is lookup("unexpected-end")
    with pytest.raises(KeyError):
        code("nonsense")
    with pytest.raises(KeyError):
        lookup("HRN-9999")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a b", "unexpected-token"),
        ("a +", "unexpected-end"),
        ("`", "unexpected-character"),
        ('"', "unterminated-string"),
        ("/*", "unterminated-comment"),
        ("let if = 1", "reserved-word"),
        ("!" * 300 + "x", "nested-too-deep"),
        ("(" * 300, "nested-too-deep"),
        ("9" * 20_000, "number-too-large"),
        ("fn f(...a, b) {}", "parameter-order"),
        ("pub let a = 1", "misplaced-pub"),
        ("@a let b = 1", "misplaced-attribute"),
        ("select {}", "select-cases"),
        ("f() = 1", "assignment-target"),
        ("eval_pack e { summarize {}; summarize {} }", "duplicate-summarize"),
    ],
)
def test_which_error_has_which_code(text: str, name: str) -> None:
    assert parse(text).diagnostics[0].code == code(name)


def test_every_syntax_code_is_used_above() -> None:
    marks = test_which_error_has_which_code.pytestmark  # type: ignore[attr-defined]
    tested = {name for _, name in marks[0].args[1]}
    assert {entry.name for entry in CODES if entry.id < "HRN-0100"} == tested


def test_source() -> None:
    source = Source("ab\nc\r\n\nd", "x.harn")
    assert source.line_count == 4
    assert [source.line(number) for number in range(6)] == ["", "ab", "c", "", "d", ""]
    assert [source.position(offset) for offset in (0, 2, 3, 6, 7, 99, -1)] == [
        (1, 1),
        (1, 3),
        (2, 1),
        (3, 1),
        (4, 1),
        (4, 2),
        (1, 1),
    ]
    assert [source.offset(*place) for place in ((1, 1), (2, 1), (1, 99), (4, 2), (9, 1), (0, 5))] == [
        0,
        3,
        2,
        8,
        8,
        0,
    ]
    assert source.slice((1, 2, 2, 2)) == "b\nc"
    assert source.span(1, 4) == (1, 2, 2, 2)
    assert Source("").line_count == 1
