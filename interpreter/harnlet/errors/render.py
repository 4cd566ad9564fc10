"""Diagnostics as text for people, and as JSON for programs.

The form for people is docs/language.md#uncaught-error-report and #diagnostic-rendering: what is
wrong, where, the line with what is meant underlined, then help and notes.
"""

import json
import unicodedata
from collections.abc import Iterable
from typing import Final

from harnlet.errors.diagnostic import Diagnostic

_TAB: Final = 4
_WIDEST: Final = 160  # columns of an excerpt; generated one-line sources can have megabytes
_BEFORE: Final = 60  # columns kept before the place when an excerpt is cut


def render(diagnostics: Iterable[Diagnostic], *, show_codes: bool = False) -> str:
    """All diagnostics as text that ends with a line break, an empty line between two.

    `show_codes` adds a last line `= code: HRN-0001` to each.
    """
    return "\n".join(_render_one(diagnostic, show_codes) for diagnostic in diagnostics)


def to_json(diagnostics: Iterable[Diagnostic]) -> str:
    """All diagnostics as JSON objects, one a line, each line ended.

    Keys: `code`, `severity`, `message`, `file`, `line`, `column`, `endLine`, `endColumn`, `help` (null
    when there is none) and `notes`. Lines and columns count from 1, in code points.
    """
    return "".join(
        json.dumps(
            {
                "code": diagnostic.code,
                "severity": diagnostic.severity,
                "message": diagnostic.message,
                "file": diagnostic.filename,
                "line": diagnostic.line,
                "column": diagnostic.column,
                "endLine": diagnostic.end_line,
                "endColumn": diagnostic.end_column,
                "help": diagnostic.help or None,
                "notes": list(diagnostic.notes),
            }
        )
        + "\n"
        for diagnostic in diagnostics
    )


def _render_one(diagnostic: Diagnostic, show_code: bool) -> str:
    lines = [f"{diagnostic.severity}: {_printable(diagnostic.rendered or diagnostic.message)}"]
    gutter = ""
    if diagnostic.line > 0:
        number = str(diagnostic.line)
        gutter = " " * (len(number) + 1)
        filename = _printable(diagnostic.filename)
        lines.append(f"{gutter}--> {filename}:{diagnostic.line}:{diagnostic.column}")
        excerpt, before, under = _excerpt(diagnostic)
        label = f" {diagnostic.label}" if diagnostic.label else ""
        lines += [
            f"{gutter} |",
            f" {number} | {excerpt}".rstrip(),
            f"{gutter} | {' ' * before}{'^' * under}{label}",
        ]
    if diagnostic.help:
        lines.append(f"{gutter} = help: {_printable(diagnostic.help)}")
    lines += [f"{gutter}= note: {_printable(note)}" for note in diagnostic.notes]
    if show_code:
        lines.append(f"{gutter}= code: {diagnostic.code}")
    return "\n".join(lines) + "\n"


def _excerpt(diagnostic: Diagnostic) -> tuple[str, int, int]:
    """The line as it is shown, the columns before the place in it, and how many to underline."""
    line = diagnostic.excerpt
    start = max(diagnostic.column - 1, 0)
    end = diagnostic.end_column - 1 if diagnostic.end_line == diagnostic.line else len(line)
    cells = _Cells()
    shown_start = shown_end = 0
    for index, character in enumerate(line):
        if index == start:
            shown_start = cells.width
        if index == end:
            shown_end = cells.width
        cells.add(character)
        if cells.width > shown_end + _WIDEST and index > end and index > start:
            break
    if start >= len(line):
        shown_start = cells.width + start - len(line)
    if end >= len(line):
        shown_end = max(cells.width, shown_start)
    under = max(shown_end - shown_start, 1)
    return cells.cut(shown_start, under)


class _Cells:
    """Text as terminal columns: tabs widened, wide characters two, combining ones none."""

    __slots__ = ("parts", "width")

    def __init__(self) -> None:
        self.parts: list[tuple[str, int]] = []
        self.width = 0

    def add(self, character: str) -> None:
        if character == "\t":
            wide = _TAB - self.width % _TAB
            shown = " " * wide
        elif character.isascii():
            wide = 1
            shown = character if character.isprintable() else "\ufffd"
        else:
            wide = _columns(character)
            shown = character if character.isprintable() or not wide else "\ufffd"
        self.parts.append((shown, wide))
        self.width += wide

    def cut(self, start: int, under: int) -> tuple[str, int, int]:
        """The text, cut around the place when it is too wide; the place in it and what to underline."""
        if self.width <= _WIDEST:
            return "".join(shown for shown, _ in self.parts), start, under
        low = max(start - _BEFORE, 0)
        high = low + _WIDEST
        column, skipped, kept = 0, 0, []
        for shown, wide in self.parts:
            if column < low:
                skipped = column + wide
            elif column + wide <= high:
                kept.append(shown)
            column += wide
        head = "..." if skipped else ""
        tail = "..." if column > high else ""
        under = max(1, min(under, high - start))
        return head + "".join(kept) + tail, len(head) + start - skipped, under


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _printable(text: str) -> str:
    """Text without control characters, which could make a terminal do things; line breaks stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
