"""Trees of patterns as the source texts of other engines: Python's `re`, and re2.

Sets, letter case and flags are worked out already, so that both engines read the same plain pattern.
Rule: docs/builtins.md#regex.
"""

import re
from collections.abc import Callable
from typing import Literal, TypeAlias

from harnlet.runtime.regex.classes import EVERYTHING, Ranges, inverted, perl
from harnlet.runtime.regex.tree import Character, Choice, Group, Look, Node, Repeat, Sequence

Dialect: TypeAlias = Literal["python", "re2"]

_LOOKS: dict[Dialect, dict[str, str]] = {
    "python": {
        "text start": r"\A",
        "text end": r"\Z",
        "line start": r"(?m:^)",
        "line end": r"(?m:$)",
    },
    "re2": {
        "text start": r"\A",
        "text end": r"\z",
        "line start": r"(?m:^)",
        "line end": r"(?m:$)",
        "word": r"\b",
        "not word": r"\B",
    },
}


def source(node: Node, dialect: Dialect, ascii_only: bool) -> str:
    """The text of a tree in one dialect; `ascii_only` as in `classes.py`. re2 knows words of ASCII characters
    only."""
    return _Writer(dialect, ascii_only).text(node)


class _Writer:
    def __init__(self, dialect: Dialect, ascii_only: bool) -> None:
        self._ascii_only = ascii_only
        self._looks = _LOOKS[dialect]
        self._code: Callable[[int], str] = _code_of_python if dialect == "python" else _code_of_re2

    def text(self, node: Node) -> str:
        """The text of a node."""
        if isinstance(node, Character):
            return self._set(node.ranges)
        if isinstance(node, Sequence):
            return "".join([self._part(part) for part in node.parts])
        if isinstance(node, Group):
            return f"({self.text(node.inner)})"
        if isinstance(node, Choice):
            return "|".join([self.text(branch) for branch in node.branches])
        if isinstance(node, Repeat):
            return self._repeat(node)
        return self._looks.get(node.kind) or self._words(node)

    def _part(self, node: Node) -> str:
        return f"(?:{self.text(node)})" if isinstance(node, Choice) else self.text(node)

    def _set(self, ranges: Ranges) -> str:
        if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
            return self._code(ranges[0][0])
        if ranges == EVERYTHING:
            return "(?s:.)"
        if not ranges:
            return f"[^{self._code(0)}-{self._code(EVERYTHING[0][1])}]"
        others = inverted(ranges)
        sign, shown = ("^", others) if len(others) < len(ranges) else ("", ranges)
        return f"[{sign}{''.join(map(self._range, shown))}]"

    def _range(self, ends: tuple[int, int]) -> str:
        low, high = ends
        return self._code(low) if low == high else f"{self._code(low)}-{self._code(high)}"

    def _repeat(self, node: Repeat) -> str:
        inner = self.text(node.inner)
        if not isinstance(node.inner, Character | Group) or inner.startswith("(?"):
            inner = f"(?:{inner})"
        most = "" if node.most is None else str(node.most)
        counts = {(0, ""): "*", (1, ""): "+", (0, "1"): "?"}.get((node.least, most))
        if counts is None:
            counts = f"{{{node.least}}}" if str(node.least) == most else f"{{{node.least},{most}}}"
        return f"{inner}{counts}{'' if node.greedy else '?'}"

    def _words(self, node: Look) -> str:
        """Word boundaries for Python, whose own have another idea of what belongs to a word."""
        if self._ascii_only:
            # Python's own `\B`, before 3.14, does not hold in the empty string.
            return r"(?a:\b)" if node.kind == "word" else r"(?a:(?<=\w)(?=\w)|(?<!\w)(?!\w))"
        word = self._set(perl("w", False))
        inside, outside = f"(?<={word})(?={word})", f"(?<!{word})(?!{word})"
        begins, ends = f"(?<!{word})(?={word})", f"(?<={word})(?!{word})"
        return f"(?:{begins}|{ends})" if node.kind == "word" else f"(?:{inside}|{outside})"


def _code_of_python(code: int) -> str:
    character = chr(code)
    return re.escape(character) if character.isascii() and character.isprintable() else f"\\U{code:08x}"


def _code_of_re2(code: int) -> str:
    character = chr(code)
    return character if character.isascii() and character.isalnum() else f"\\x{{{code:x}}}"
