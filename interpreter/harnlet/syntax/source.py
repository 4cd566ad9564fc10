"""Source text: offsets to lines and columns, and single lines for excerpts.

Rules: docs/language.md#lexical-structure. Only LF ends a line; lines and columns count from 1 in
code points.
"""

from bisect import bisect_right

from harnlet.syntax.nodes import Span


class Source:
    """A text and the name it goes by.

    `text` is the whole source, `filename` what diagnostics show. The line table is built on first
    use: a source that parses never needs it.
    """

    __slots__ = ("_starts", "filename", "text")

    def __init__(self, text: str, filename: str = "<script>") -> None:
        self.text = text
        self.filename = filename
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """The offset where each line starts."""
        if self._starts is None:
            starts = [0]
            find = self.text.find
            at = find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = find("\n", at + 1)
            self._starts = starts
        return self._starts

    @property
    def line_count(self) -> int:
        """How many lines there are; an empty text has one."""
        return len(self.starts)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset, which is clamped to the text."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, both clamped to the text."""
        starts = self.starts
        if line < 1:
            return 0
        if line > len(starts):
            return len(self.text)
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return min(starts[line - 1] + max(column, 1) - 1, end)

    def span(self, start: int, end: int) -> Span:
        """The span between two offsets."""
        return (*self.position(start), *self.position(end))

    def line(self, number: int) -> str:
        """The text of a line, without its line break; empty for a line that is not there."""
        starts = self.starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].removesuffix("\r")

    def slice(self, at: Span) -> str:
        """The text that a span covers."""
        return self.text[self.offset(at[0], at[1]) : self.offset(at[2], at[3])]
