"""Sets in brackets: `[^a-z\\d]`, `[[:alpha:]--[aeiou]]`. Rule: docs/builtins.md#regex."""

from harnlet.runtime.regex.classes import Ranges, folded, intersected, inverted, merged, posix
from harnlet.runtime.regex.escapes import Escapes, RegexError

MOST_LEVELS = 50
"""How deep sets may be nested."""


def parse_set(text: str, at: int, escapes: Escapes, *, fold: bool, spaced: bool) -> tuple[Ranges, int]:
    """The set that begins with the bracket at `at`, and where it ends. With `fold` it has both cases of
    its letters; if `spaced`, white space in it means nothing. Raises RegexError."""
    reader = _SetReader(text, at, escapes, fold, spaced)
    return reader.bracketed(0), reader.at


class _SetReader:
    def __init__(self, text: str, at: int, escapes: Escapes, fold: bool, spaced: bool) -> None:
        self.text = text
        self.at = at
        self.start = at
        self.fold = fold
        self.escapes = escapes
        self.spaced = spaced

    def bracketed(self, level: int) -> Ranges:
        """From `[` to `]`."""
        if level > MOST_LEVELS:
            raise RegexError(
                f"exceed the maximum number of nested parentheses/brackets ({MOST_LEVELS})", self.at
            )
        self.at += 1
        negated = self._takes("^")
        literals: list[tuple[int, int]] = []
        if self._takes("]"):
            literals.append((0x5D, 0x5D))
        while self._takes("-"):
            literals.append((0x2D, 0x2D))
        result = self._union(literals, level)
        while not self._takes("]"):
            operator = self.text[self.at : self.at + 2]
            self.at += 2
            right = self._union([], level)
            if operator == "&&":
                result = intersected(result, right)
            elif operator == "--":
                result = intersected(result, inverted(right))
            else:
                both = intersected(result, right)
                result = intersected(merged([*result, *right]), inverted(both))
        return inverted(result) if negated else result

    def _skip(self) -> None:
        while self.spaced and self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def _takes(self, sign: str) -> bool:
        self._skip()
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def _union(self, literals: list[tuple[int, int]], level: int) -> Ranges:
        """Items up to an operator or the end of the set."""
        sets: list[tuple[int, int]] = []
        while True:
            self._skip()
            if self.at >= len(self.text):
                raise RegexError("unclosed character class", self.start)
            if self.text[self.at] == "]" or self.text.startswith(("&&", "--", "~~"), self.at):
                found = merged(literals)
                if self.fold:
                    found = folded(found, self.escapes.ascii_only)
                return merged([*found, *sets])
            if self.text[self.at] == "[":
                sets += self._posix() or self.bracketed(level + 1)
                continue
            first_at = self.at
            first = self._item()
            self._skip()
            is_range = self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in (
                "]",
                "-",
                "",
            )
            if not is_range:
                if isinstance(first, int):
                    literals.append((first, first))
                else:
                    sets += first
                continue
            self.at += 1
            self._skip()
            if self.at >= len(self.text):
                raise RegexError("unclosed character class", self.start)
            last = self._item()
            if not isinstance(first, int) or not isinstance(last, int):
                raise RegexError("invalid range boundary, must be a literal", first_at)
            if first > last:
                raise RegexError("invalid character class range, the start must be <= the end", first_at)
            literals.append((first, last))

    def _item(self) -> int | Ranges:
        if self.text[self.at] != "\\":
            self.at += 1
            return ord(self.text[self.at - 1])
        if self.text[self.at + 1 : self.at + 2] in ("b", "B", "A", "z"):
            raise RegexError("invalid escape sequence found in character class", self.at)
        found, self.at = self.escapes.read(self.at, fold=self.fold)
        return found

    def _posix(self) -> Ranges | None:
        """`[:alpha:]` or `[:^alpha:]`; None if it is a set in brackets."""
        end = self.text.find(":]", self.at)
        if not self.text.startswith("[:", self.at) or end < 0:
            return None
        name = self.text[self.at + 2 : end]
        ranges = posix(name.removeprefix("^"))
        if ranges is None:
            return None
        self.at = end + 2
        if self.fold:
            ranges = folded(ranges, self.escapes.ascii_only)
        return inverted(ranges) if name.startswith("^") else ranges
