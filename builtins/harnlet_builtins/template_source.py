"""Template text cut into pieces: literal text, directives, and nothing else.

Comments and `{{ raw }}` blocks are settled here, and so is the trimming by `{{-` and `-}}`.
Rule: docs/builtins.md#templates.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_OPENING: Final = "{{"
_COMMENT_END: Final = re.compile(r"#(-?)\}\}")
_DIRECTIVE: Final = re.compile(
    r"""(-?)((?:[^"'}]++|"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|\}(?!\}))*+)\}\}""", re.DOTALL
)
_RAW_END: Final = re.compile(r"\{\{(-?)\s*+endraw\s*+(-?)\}\}")
_LINE_REST: Final = re.compile(r"[ \t]*+(?:\r?\n)?")


class TemplateError(Exception):
    """What is wrong with a template, and where: line and column count from 1, and point at the `{{`."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


class Piece(NamedTuple):
    """Literal text, or what stands between `{{` and `}}`."""

    is_directive: bool
    text: str
    line: int
    column: int


def pieces(source: str) -> Iterator[Piece]:
    """The pieces of a template in order. Raises TemplateError."""
    places = _Places(source)
    at = 0
    while True:
        text_place = places.of(at)
        opening = source.find(_OPENING, at)
        if opening < 0:
            if at < len(source):
                yield Piece(False, source[at:], *text_place)
            return
        line, column = places.of(opening)
        inside = opening + len(_OPENING)
        trims_before = source.startswith("-", inside)
        if source.startswith("#", inside) or source.startswith("-#", inside):
            end = _COMMENT_END.search(source, inside + 1)
            if end is None:
                raise TemplateError("unterminated comment", line, column)
            body, trims_after, following = None, bool(end[1]), end.end()
        else:
            found = _DIRECTIVE.match(source, inside)
            if found is None:
                raise TemplateError("unterminated directive", line, column)
            body, following = found[2], found.end()
            trims_after = body.endswith("-")
            body = body.removesuffix("-").strip()
        text = source[at:opening]
        text = _without_line_end(text) if trims_before else text
        if text:
            yield Piece(False, text, *text_place)
        if trims_after:
            following = _past_line_end(source, following)
        if body == "raw":
            closing = _RAW_END.search(source, following)
            if closing is None:
                raise TemplateError("unterminated `{{ raw }}` block", line, column)
            raw = source[following : closing.start()]
            raw = _without_line_end(raw) if closing[1] else raw
            if raw:
                yield Piece(False, raw, *places.of(following))
            following = _past_line_end(source, closing.end()) if closing[2] else closing.end()
        elif body is not None:
            yield Piece(True, body, line, column)
        at = following


def _without_line_end(text: str) -> str:
    """Text before `{{-`: without the spaces and tabs at its end, and then one line end."""
    text = text.rstrip(" \t")
    return text[:-1].removesuffix("\r") if text.endswith("\n") else text


def _past_line_end(source: str, at: int) -> int:
    rest = _LINE_REST.match(source, at)
    return at if rest is None else rest.end()


class _Places:
    """Lines and columns of positions, which must be asked for in order."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = self._line_start = 0
        self._line = 1

    def of(self, at: int) -> tuple[int, int]:
        lines = self._source.count("\n", self._at, at)
        if lines:
            self._line += lines
            self._line_start = self._source.rindex("\n", self._at, at) + 1
        self._at = max(self._at, at)
        return self._line, at - self._line_start + 1
