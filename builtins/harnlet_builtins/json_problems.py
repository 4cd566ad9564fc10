"""What is wrong with a text that is no JSON, and where.

The reader itself is Python's; this one is only asked when that refuses a text. It finds the first
problem in reading order and names it by line and by column, which counts bytes.
Rule: docs/builtins.md#data-formats.
"""

import re

from harnlet.runtime.breath import breathe
from harnlet_builtins.utf8 import utf8

_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_DIGITS = re.compile(r"[0-9]*")
_HEX = re.compile(r"[0-9A-Fa-f]{4}")
_BREATH = 10_000
"""Characters between two safe points: some ms."""
_WORDS = {"n": "null", "t": "true", "f": "false"}


class _ProblemError(Exception):
    """The message, and how much of the text had been read."""

    def __init__(self, message: str, read: int) -> None:
        super().__init__(message)
        self.message = message
        self.read = read


def json_problem(text: str) -> str | None:
    """The first problem, as `<what> at line L column C`; None if the text is JSON."""
    try:
        _check(text)
    except _ProblemError as problem:
        read = min(problem.read, len(text))
        line_start = text.rfind("\n", 0, read) + 1
        line = text.count("\n", 0, read) + 1
        return f"{problem.message} at line {line} column {len(utf8(text[line_start:read]))}"
    return None


def _check(text: str) -> None:
    """Read one value and what surrounds it. `open_ones` holds the closing bracket of each collection
    that is being read."""
    open_ones: list[str] = []
    at = _skip(text, 0)
    breath = _BREATH
    while True:
        if at > breath:
            breathe()
            breath = at + _BREATH
        opened = text[at : at + 1]
        if opened in ("[", "{") and opened:
            open_ones.append("]" if opened == "[" else "}")
            at = _skip(text, at + 1)
            if text[at : at + 1] != open_ones[-1]:
                at = _first(text, at, open_ones[-1])
                continue
        else:
            at = _scalar(text, at)
        at, more = _after(text, at, open_ones)
        if not more:
            return


def _first(text: str, at: int, closing: str) -> int:
    """Where the first value of a collection that is not empty begins."""
    if at >= len(text):
        raise _ProblemError(f"EOF while parsing {'a list' if closing == ']' else 'an object'}", at + 1)
    return at if closing == "]" else _key(text, at)


def _after(text: str, at: int, open_ones: list[str]) -> tuple[int, bool]:
    """Read on from the end of a value: where the next value begins, and whether there is one. What
    is at `at` may also be the end of a collection without elements."""
    while True:
        at = _skip(text, at)
        found = text[at : at + 1]
        if not open_ones:
            if found:
                raise _ProblemError("trailing characters", at + 1)
            return at, False
        closing = open_ones[-1]
        if found == closing:
            open_ones.pop()
            at += 1
            if at % _BREATH == 0:
                breathe()
            continue
        if not found:
            raise _ProblemError(f"EOF while parsing {'a list' if closing == ']' else 'an object'}", at + 1)
        if found != ",":
            raise _ProblemError(f"expected `,` or `{closing}`", at + 1)
        at = _skip(text, at + 1)
        found = text[at : at + 1]
        if not found:
            raise _ProblemError("EOF while parsing a value", at + 1)
        if found == closing:
            raise _ProblemError("trailing comma", at + 1)
        return (at if closing == "]" else _key(text, at)), True


def _key(text: str, at: int) -> int:
    """Read a key and its colon; where the value begins."""
    if text[at] != '"':
        raise _ProblemError("key must be a string", at + 1)
    at = _skip(text, _string(text, at + 1))
    found = text[at : at + 1]
    if found != ":":
        raise _ProblemError("expected `:`" if found else "EOF while parsing an object", at + 1)
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return at if match is None else match.end()


def _scalar(text: str, at: int) -> int:
    """Read what is no collection; where it ends."""
    first = text[at : at + 1]
    if not first:
        raise _ProblemError("EOF while parsing a value", at + 1)
    if first == '"':
        return _string(text, at + 1)
    if first == "-" or first in "0123456789":
        return _number(text, at)
    word = _WORDS.get(first)
    if word is None:
        raise _ProblemError("expected value", at + 1)
    for place, letter in enumerate(word):
        found = text[at + place : at + place + 1]
        if not found:
            raise _ProblemError("EOF while parsing a value", at + place)
        if found != letter:
            raise _ProblemError("expected ident", at + place + 1)
    return at + len(word)


def _number(text: str, start: int) -> int:
    at = start + (text[start] == "-")
    first = text[at : at + 1]
    if not first:
        raise _ProblemError("EOF while parsing a value", at)
    if first not in "0123456789":
        raise _ProblemError("invalid number", at + 1)
    at = _digits(text, at + 1) if first != "0" else at + 1
    if first == "0" and text[at : at + 1] in _DIGIT:
        raise _ProblemError("invalid number", at + 1)
    is_float = False
    if text[at : at + 1] == ".":
        is_float = True
        end = _digits(text, at + 1)
        if end == at + 1:
            raise _ProblemError("invalid number" if end < len(text) else "EOF while parsing a value", end + 1)
        at = end
    if text[at : at + 1] in _EXPONENT:
        is_float = True
        at += 1
        at += text[at : at + 1] in _SIGN
        if at >= len(text):
            raise _ProblemError("EOF while parsing a value", at)
        if text[at] not in _DIGIT:
            raise _ProblemError("invalid number", at + 1)
        at = _digits(text, at)
    if (is_float or at - start > _ALWAYS_FINITE) and float(text[start:at]) in _INFINITE:
        raise _ProblemError("number out of range", at)
    return at


_DIGIT = frozenset("0123456789")
_EXPONENT = frozenset("eE")
_SIGN = frozenset("+-")
_ALWAYS_FINITE = 300
_INFINITE = (float("inf"), float("-inf"))


def _digits(text: str, at: int) -> int:
    match = _DIGITS.match(text, at)
    return at if match is None else match.end()


def _string(text: str, at: int) -> int:
    """Read a string whose quote is before `at`; where it ends."""
    while True:
        match = _PLAIN.match(text, at)
        at = at if match is None else match.end()
        found = text[at : at + 1]
        if found == '"':
            return at + 1
        if not found:
            raise _ProblemError("EOF while parsing a string", at)
        if found != "\\":
            raise _ProblemError("control character (\\u0000-\\u001F) found while parsing a string", at + 1)
        at = _escape(text, at + 1)


def _escape(text: str, at: int) -> int:
    """Read what follows a backslash; where it ends."""
    letter = text[at : at + 1]
    if not letter:
        raise _ProblemError("EOF while parsing a string", at)
    if letter != "u":
        if letter not in '"\\/bfnrt':
            raise _ProblemError("invalid escape", at + 1)
        return at + 1
    unit, at = _unit(text, at + 1)
    if 0xDC00 <= unit <= 0xDFFF:
        raise _ProblemError("lone leading surrogate in hex escape", at)
    if not 0xD800 <= unit <= 0xDBFF:
        return at
    for wanted in "\\u":
        found = text[at : at + 1]
        if not found:
            raise _ProblemError("EOF while parsing a string", at)
        at += 1
        if found != wanted:
            raise _ProblemError("unexpected end of hex escape", at)
    unit, at = _unit(text, at)
    if not 0xDC00 <= unit <= 0xDFFF:
        raise _ProblemError("lone leading surrogate in hex escape", at)
    return at


def _unit(text: str, at: int) -> tuple[int, int]:
    """The number of four hexadecimal digits, and where they end."""
    match = _HEX.match(text, at)
    if match is None:
        if at + 4 > len(text):
            raise _ProblemError("EOF while parsing a string", len(text))
        raise _ProblemError("invalid escape", at + 4)
    return int(match[0], 16), match.end()
