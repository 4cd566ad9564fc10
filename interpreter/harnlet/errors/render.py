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
_LONGEST: Final = 160  # characters of an excerpt; generated one-line sources can have megabytes
_BEFORE: Final = 60  # characters kept before the place when an excerpt is cut
_CUT: Final = "..."


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
    head = tail = ""
    if len(line) > _LONGEST:
        first = max(start - _BEFORE, 0)
        head = _CUT if first else ""
        tail = _CUT if first + _LONGEST < len(line) else ""
        line = line[first : first + _LONGEST]
        start, end = start - first, min(end - first, len(line))
    shown = head
    width = before = len(head)
    under = 0
    for index, character in enumerate(line):
        cell, columns = _cell(character, width)
        if index < start:
            before += columns
        elif index < end:
            under += columns
        shown += cell
        width += columns
    return shown + tail, before + max(start - len(line), 0), max(under, 1)


def _cell(character: str, at: int) -> tuple[str, int]:
    """A character as it is shown, and how many terminal columns it takes: a tab reaches to the next
    stop, wide characters take two, combining ones none, and what could move the cursor is replaced."""
    if character == "\t":
        columns = _TAB - at % _TAB
        return " " * columns, columns
    if character.isascii():
        return (character if character.isprintable() else "\ufffd"), 1
    if not character.isprintable():
        return "\ufffd", 1  # among them the marks that turn the direction of writing
    if unicodedata.category(character) in ("Mn", "Me"):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _printable(text: str) -> str:
    """Text without control characters, which could make a terminal do things; line breaks stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
