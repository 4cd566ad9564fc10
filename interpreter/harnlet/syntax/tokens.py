"""Tokens: what the lexer makes and the grammar reads.

Rules: docs/language.md#lexical-structure. A token's `type` is a terminal of harnlet.lark; the lexer
gives a first one, layout.py the last.
"""

from typing import Final

from harnlet.syntax.nodes import Span

Part = str | tuple[int, int]
"""A piece of an interpolated string: its text, or the offsets between which an expression stands."""


class Token:
    """One token.

    `text` is the spelling, `at` the place, `start` and `end` the offsets in the source, `fresh`
    whether a line break stands before it. `value` is the decoded text of a string; for an
    interpolated one, its parts.
    """

    __slots__ = ("at", "end", "fresh", "start", "text", "type", "value")

    value: str | tuple[Part, ...]

    def __init__(self, type: str, text: str, at: Span, start: int, end: int, fresh: bool) -> None:
        self.type = type
        self.text = text
        self.at = at
        self.start = start
        self.end = end
        self.fresh = fresh

    def __repr__(self) -> str:
        return f"Token({self.type}, {self.text!r}, {self.at[0]}:{self.at[1]})"


def kinds(text: str) -> frozenset[str]:
    """The words of a text as a set: how the sets of token types are written down."""
    return frozenset(text.split())


RESERVED: Final = kinds(
    "break catch continue deadline defer else emit enum eval_pack exclusive extends false finally "
    "fn for from guard if impl import in interface let match mutex nil override parallel pipeline "
    "pub require retry return select skill spawn struct throw to tool true try type var while yield"
)
"""The reserved words, docs/language.md#identifiers-and-keywords."""

KEYWORDS: Final = {word: word.upper() for word in sorted(RESERVED)}
"""Spelling to token type."""

PUNCTUATION: Final = {
    "==": "EQUALITY",
    "!=": "EQUALITY",
    "&&": "AND",
    "||": "OR",
    "|>": "PIPE",
    "??": "COALESCE",
    "**": "POW",
    "?.": "OPT_DOT",
    "->": "ARROW",
    "<=": "COMPARE",
    ">=": "COMPARE",
    "+=": "AUGASSIGN",
    "-=": "AUGASSIGN",
    "*=": "AUGASSIGN",
    "/=": "AUGASSIGN",
    "%=": "AUGASSIGN",
    "...": "ELLIPSIS",
    "=": "ASSIGN",
    "!": "BANG",
    ".": "DOT",
    "+": "ADD",
    "-": "ADD",
    "*": "MUL",
    "/": "MUL",
    "%": "MUL",
    "<": "LT",
    ">": "GT",
    "?": "QTRY",
    "|": "BAR",
    "(": "LPAR",
    ")": "RPAR",
    "[": "LSQB",
    "]": "RSQB",
    "{": "LBRACE_DICT",
    "}": "RBRACE",
    ",": "COMMA",
    ":": "COLON",
    ";": "SEMI",
    "@": "AT",
}
"""Spelling to the token type that the lexer gives; layout.py may change it."""

_SHOWN_LENGTH: Final = 40


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN_LENGTH else text[: _SHOWN_LENGTH - 3] + "..."


def show(token: Token) -> str:
    """How an error message names a token, docs/language.md#lex-and-parse-error-texts."""
    kind = token.type
    if kind == "$END":
        return token.text or "EOF"
    if kind == "NL":
        return "\\n"
    if kind == "STRING":
        return f"str({_short(str(token.value))})"
    if kind == "RSTRING":
        return f"rstr({_short(str(token.value))})"
    if kind == "ISTRING":
        return "istr(...)"
    if kind == "INT":
        return f"int({_short(token.text.lstrip('0') or '0')})"
    if kind == "FLOAT":
        return f"float({_short(token.text)})"
    if kind == "DURATION":
        return f"duration({_short(token.text)})"
    if token.text in KEYWORDS and kind != "IDENT":
        return token.text
    if token.text.isidentifier():
        return f"id({_short(token.text)})"
    return token.text
