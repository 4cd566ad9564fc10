"""String literals: escapes, interpolated parts, and the dedent of multi-line text.

Rules: docs/language.md#strings.
"""

import re
from typing import Final

from harnlet.syntax.tokens import Part

_ESCAPES: Final = {"\\n": "\n", "\\t": "\t", "\\\\": "\\", '\\"': '"', "\\$": "$"}
_ESCAPE: Final = re.compile(r'\\[nt\\"$]')
_PLAIN_STOP: Final = re.compile(r'["\n]|\$\{')
_PLAIN_RUN: Final = re.compile(r'(?:[^"\\\n$]|\\[\s\S]|\$(?!\{))*')
_MULTILINE_STOP: Final = re.compile(r'"""|\$\{')
_BRACE: Final = re.compile(r"[{}]")
_INDENT: Final = re.compile(r"[ \t]*")


def unescape(text: str) -> str:
    """The text of a one-line string; an unknown escape keeps both characters."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPES[found[0]], text)


class Unterminated(Exception):
    """The string has no end. `resume` is the offset where the lexer goes on."""

    def __init__(self, resume: int) -> None:
        super().__init__(resume)
        self.resume = resume


def closing_brace(text: str, start: int, end: int) -> int:
    """The offset of the `}` that closes the `${` whose expression begins at `start`, or -1.

    Braces are counted blindly, those inside nested strings too.
    """
    depth = 1
    for brace in _BRACE.finditer(text, start, end):
        depth += 1 if brace[0] == "{" else -1
        if not depth:
            return brace.start()
    return -1


def scan_plain(text: str, start: int, end: int) -> tuple[tuple[Part, ...], int]:
    """Read a one-line string from after its quote. Returns its parts and the offset after it."""
    parts: list[Part] = []
    at = start
    while True:
        run = _PLAIN_RUN.match(text, at, end)
        stop = run.end() if run else at
        if stop > at:
            parts.append(unescape(text[at:stop]))
        found = _PLAIN_STOP.match(text, stop, end)
        if found is None or found[0] == "\n":
            raise Unterminated(stop if found else end)
        if found[0] == '"':
            return tuple(parts), found.end()
        close = closing_brace(text, found.end(), end)
        if close < 0:
            newline = text.find("\n", stop, end)
            raise Unterminated(end if newline < 0 else newline)
        parts.append((found.end(), close))
        at = close + 1


def scan_multiline(text: str, start: int, end: int) -> tuple[tuple[Part, ...], int]:
    """Read a multi-line string from after its quotes. Returns its parts and the offset after it."""
    parts: list[Part] = []
    at = start
    while True:
        found = _MULTILINE_STOP.search(text, at, end)
        if found is None:
            raise Unterminated(end)
        if found.start() > at:
            parts.append(text[at : found.start()])
        if found[0] == '"""':
            return dedent(tuple(parts)), found.end()
        close = closing_brace(text, found.end(), end)
        if close < 0:
            raise Unterminated(end)
        parts.append((found.end(), close))
        at = close + 1


def _smallest_indent(text: str) -> int:
    smallest = -1
    for line in text.split("\n"):
        if line.strip(" \t\r"):
            found = _INDENT.match(line)
            width = found.end() if found else 0
            if smallest < 0 or width < smallest:
                smallest = width
    return max(smallest, 0)


def _dedent_line(line: str, indent: int) -> str:
    if not line.strip(" \t\r"):
        return ""
    return line[indent:]


def dedent(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Remove the common indentation from the literal text of a multi-line string.

    The text of a line that goes on after an expression is not the start of a line and keeps its
    spaces.
    """
    if parts and isinstance(parts[0], str) and parts[0].startswith("\n"):
        parts = (parts[0][1:], *parts[1:])
    literal = "".join(part for part in parts if isinstance(part, str))
    indent = _smallest_indent(literal)
    if all(isinstance(part, str) for part in parts):
        text = "\n".join(_dedent_line(line, indent) for line in literal.split("\n"))
        return (text.removesuffix("\n"),)
    last = len(parts) - 1
    if not indent:
        tail = parts[last]
        if isinstance(tail, str) and not tail.strip():
            parts = parts[:last]
        return tuple(part for part in parts if part != "")
    result: list[Part] = []
    for index, part in enumerate(parts):
        if not isinstance(part, str):
            result.append(part)
            continue
        first, *rest = part.split("\n")
        lines = [first if index else _dedent_head(first, indent)]
        for number, line in enumerate(rest, 1):
            whole = number < len(rest) or index == last
            lines.append(_dedent_line(line, indent) if whole else _dedent_head(line, indent))
        text = "\n".join(lines)
        result.append(text.removesuffix("\n") if index == last else text)
    return tuple(part for part in result if part != "")


def _dedent_head(line: str, indent: int) -> str:
    """Remove the indentation from a line that an expression follows: spaces alone are no blank line."""
    found = _INDENT.match(line, 0, indent)
    return line[found.end() if found else 0 :]
