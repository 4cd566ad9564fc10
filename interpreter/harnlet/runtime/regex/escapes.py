"""Escapes in patterns: `\\n`, `\\x{1F600}`, `\\d`, `\\p{Greek}`. Rule: docs/builtins.md#regex."""

import re

from harnlet.runtime.regex.classes import LAST, Ranges, folded, inverted, perl, unicode_property


class RegexError(ValueError):
    """A pattern that cannot be used: what is wrong, and where in the pattern."""

    def __init__(self, reason: str, at: int) -> None:
        super().__init__(reason, at)
        self.reason = reason
        self.at = at


_CONTROLS = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;=?@[\\]^_`{|}~ ")
_DIGITS = {"x": 2, "u": 4, "U": 8}
_HEX = re.compile(r"[0-9A-Fa-f]+")
_MOST_FOLDED = 5_000
"""Larger sets have both cases of their letters anyway."""


class Escapes:
    """Reads the escapes of one pattern; `ascii_only` as in `harnlet.runtime.regex.classes`."""

    def __init__(self, text: str, ascii_only: bool) -> None:
        self.text = text
        self.ascii_only = ascii_only

    def read(self, at: int, *, fold: bool) -> tuple[int | Ranges, int]:
        """The character or the set that the backslash at `at` begins, and where it ends. A set has
        both cases of its letters if `fold`. Raises RegexError."""
        letter = self.text[at + 1 : at + 2]
        after = at + 2
        if not letter:
            raise RegexError("incomplete escape sequence, reached end of pattern prematurely", at)
        if letter in _CONTROLS:
            return _CONTROLS[letter], after
        if letter in "dswDSW":
            ranges = perl(letter.lower(), self.ascii_only)
            return (ranges if letter.islower() else inverted(ranges)), after
        if letter in "pP":
            return self._property(at, fold)
        if letter in _DIGITS:
            return self._hexadecimal(at)
        if letter in _PUNCTUATION:
            return ord(letter), after
        if letter in "0123456789":
            raise RegexError("backreferences are not supported", at)
        raise RegexError("unrecognized escape sequence", at)

    def _hexadecimal(self, at: int) -> tuple[int, int]:
        start = at + 2
        if self.text.startswith("{", start):
            end = self.text.find("}", start)
            if end < 0:
                raise RegexError("incomplete escape sequence, reached end of pattern prematurely", at)
            digits, after = self.text[start + 1 : end], end + 1
            if not digits:
                raise RegexError("hexadecimal literal empty", start)
        else:
            after = start + _DIGITS[self.text[at + 1]]
            digits = self.text[start:after]
            if len(digits) < after - start:
                raise RegexError("incomplete escape sequence, reached end of pattern prematurely", at)
        if _HEX.fullmatch(digits) is None:
            raise RegexError("invalid hexadecimal digit", start)
        code = int(digits.lstrip("0")[:9] or "0", 16)
        if code > LAST or 0xD800 <= code <= 0xDFFF:
            raise RegexError("hexadecimal literal is not a Unicode scalar value", start)
        return code, after

    def _property(self, at: int, fold: bool) -> tuple[Ranges, int]:
        negated = self.text[at + 1] == "P"
        if self.text.startswith("{", at + 2):
            end = self.text.find("}", at)
            if end < 0:
                raise RegexError("incomplete escape sequence, reached end of pattern prematurely", at)
            name, after = self.text[at + 3 : end], end + 1
            if name.startswith("^"):
                negated, name = not negated, name[1:]
            if "!=" in name:
                negated, name = not negated, name.replace("!=", "=")
        else:
            name, after = self.text[at + 2 : at + 3], at + 3
        ranges = unicode_property(name, self.ascii_only)
        if ranges is None:
            raise RegexError("Unicode property not found", at)
        if fold and sum(high - low + 1 for low, high in ranges) <= _MOST_FOLDED:
            ranges = folded(ranges, self.ascii_only)
        return (inverted(ranges) if negated else ranges), after
