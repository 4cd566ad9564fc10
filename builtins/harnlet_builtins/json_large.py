"""Large JSON texts, read in pieces: Python's reader takes one call for a text, which nobody can interrupt.

What fits in a piece is read by that; what does not is opened here, and its elements are read one after the
other, or many at once. Rule: docs/builtins.md#data-formats.
"""

import re
from typing import Any

from harnlet.runtime import caps
from harnlet.runtime.breath import breathe
from harnlet_builtins import json_reader

PIECE = 250_000
"""Characters of a piece."""

_SPACE = re.compile(r"[ \t\n\r]*")
_LONGEST_SEPARATOR = 200
_MOST_OPEN = 500
_TRIES = 3
_MOST_FAILURES = 6
_NUMBER_REST = 3
"""How far before the end of a piece a value must end: `1`, `1.` and `1e+` may all go on."""


class _NotJsonError(ValueError):
    """The text is wrong somewhere; `json_problem` finds out where."""


def parse_in_pieces(text: str) -> object:
    """The value of a text. Raises ValueError or RecursionError."""
    return _Reader(text).read()


class _Open:
    """A collection of which the elements are being read. `separator` is what seems to stand between two of
    them, from the last character of one, unless that is a number, to the first key of the next; `kept` of
    it belongs to the first."""

    __slots__ = ("kept", "key", "separator", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.key = ""
        self.separator = ""
        self.kept = 0


class _Reader:
    __slots__ = ("_failures", "_open", "_piece", "_scan", "_start", "_text", "_try_from")

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[_Open] = []
        self._piece = ""
        self._start = 0
        self._scan: Any = None
        self._failures = 0
        self._try_from = 0  # Levels above are opened without trying whether they fit in a piece.

    def read(self) -> object:
        """The value of the text."""
        at = self._skip(0)
        value: object
        while True:
            found = self._value(at)
            if found is None:
                at, is_empty = self._enter(at)
                if not is_empty:
                    continue
                value = self._open.pop().value
            else:
                value, at = found
            while self._open:
                inner = self._open[-1]
                at, more = self._put(inner, value, at)
                if more:
                    break
                value = self._open.pop().value
                self._try_from = min(self._try_from, len(self._open))
            else:
                if self._skip(at) != len(self._text):
                    raise _NotJsonError
                return value

    # --- values that Python reads --------------------------------------------------------------

    def _value(self, at: int) -> tuple[object, int] | None:
        """The value that begins there, and where it ends; None if it must be opened."""
        text = self._text
        level = len(self._open)
        is_collection = text[at : at + 1] in ("[", "{")
        if is_collection and level < self._try_from:
            return None
        for fresh in (False, True):
            if fresh:
                self._next_piece(at)
            elif not self._start <= at < self._start + len(self._piece):
                continue
            try:
                value, end = self._scan(self._piece, at - self._start)
            except (StopIteration, ValueError, RecursionError):
                continue
            end += self._start
            if end <= self._start + len(self._piece) - _NUMBER_REST or end == len(text):
                self._failures = 0
                return value, end
        if is_collection:
            # In a chain of many levels each would be tried for as long as a piece takes.
            self._try_from = level + (1 << self._failures)
            self._failures = min(self._failures + 1, _MOST_FAILURES)
            return None
        try:  # A string or a number that is longer than a piece, or wrong.
            scanned: tuple[object, int] = json_reader.decoder(True).scan_once(text, at)
        except StopIteration:
            raise _NotJsonError from None
        return scanned

    def _next_piece(self, at: int) -> None:
        breathe()
        for each in self._open[-2:]:
            caps.check_items(len(each.value))
        self._piece = self._text[at : at + PIECE]
        self._start = at
        self._scan = json_reader.decoder_for(self._piece).scan_once

    def _many(self, inner: _Open, at: int) -> int:
        """Read elements of a list, as many as a piece has, where one begins; where the last one ends.

        They end where a separator is. If that one was within an element, what is before it is no list.
        Besides being fast this keeps one string for equal keys.
        """
        last = at + PIECE
        for _ in range(_TRIES):
            last = self._text.rfind(inner.separator, at, last)
            if last < 0:
                break
            breathe()
            end = last + inner.kept
            piece = f"[{self._text[at:end]}]"
            try:
                inner.value += json_reader.decoder_for(piece).decode(piece)
            except (ValueError, RecursionError):
                continue
            caps.check_items(len(inner.value))
            return end
        inner.separator = ""
        return at

    # --- collections that are opened here ------------------------------------------------------

    def _enter(self, at: int) -> tuple[int, bool]:
        """Open a collection: where its first element begins, or where it ends and that it does."""
        if len(self._open) >= _MOST_OPEN:
            raise RecursionError
        is_list = self._text[at] == "["
        opened = _Open([] if is_list else {})
        self._open.append(opened)
        at = self._skip(at + 1)
        if self._text[at : at + 1] == ("]" if is_list else "}"):
            return at + 1, True
        return (at if is_list else self._read_key(opened, at)), False

    def _put(self, inner: _Open, value: object, end: int) -> tuple[int, bool]:
        """Add an element: where the next one begins, or where the collection ends and that it does."""
        is_list = type(inner.value) is list
        if is_list:
            inner.value.append(value)
        else:
            inner.value[inner.key] = value
        while True:
            at = self._skip(end)
            following = self._text[at : at + 1]
            if following == ("]" if is_list else "}"):
                return at + 1, False
            if following != ",":
                raise _NotJsonError
            at = self._skip(at + 1)
            if not is_list:
                return self._read_key(inner, at), True
            if not inner.separator and len(inner.value) == 1:
                self._find_separator(inner, end, at)
            if not inner.separator:
                return at, True
            read_to = self._many(inner, at)
            if read_to == at:
                return at, True
            end = read_to

    def _find_separator(self, inner: _Open, end: int, at: int) -> None:
        """The first element of a list ends here, and the second begins there."""
        following = self._text[at : at + 1]
        inner.kept = int(self._text[end - 1] in '}]"')
        if following == "{":
            at = self._text.find(":", at, at + _LONGEST_SEPARATOR)
        if at >= 0:
            inner.separator = self._text[end - inner.kept : at + inner.kept]

    def _read_key(self, inner: _Open, at: int) -> int:
        """Read a key and its colon: where the value begins."""
        if self._text[at : at + 1] != '"':
            raise _NotJsonError
        found = self._value(at)
        if found is None or type(found[0]) is not str:
            raise _NotJsonError
        inner.key = found[0]
        at = self._skip(found[1])
        if self._text[at : at + 1] != ":":
            raise _NotJsonError
        return self._skip(at + 1)

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return at if match is None else match.end()
