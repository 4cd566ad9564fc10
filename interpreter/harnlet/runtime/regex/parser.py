"""Reads patterns: the syntax of Rust's `regex`, without look-around and back-references.

Rule: docs/builtins.md#regex.
"""

import re
from dataclasses import dataclass, replace

from harnlet.runtime.regex.classes import EVERYTHING, Ranges, folded, inverted
from harnlet.runtime.regex.escapes import Escapes, RegexError
from harnlet.runtime.regex.set_parser import parse_set
from harnlet.runtime.regex.tree import (
    Character,
    Choice,
    Group,
    Look,
    LookKind,
    Node,
    Pattern,
    Repeat,
    Sequence,
)

MOST_LEVELS = 200
"""How deep groups may be nested; what reads the tree recurses."""
MOST_REPETITIONS = 20
"""How many repetition operators may follow each other; the same reason."""
MOST_REPEATS = 1_000
"""The highest count of a repetition, as in re2."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]]*")
_COUNTS = re.compile(r"\{\s*([0-9]*)\s*(,?)\s*([0-9]*)\s*\}")
_NOT_NEWLINE = inverted(((10, 10),))


@dataclass(frozen=True, slots=True)
class Flags:
    """What the letters `i m s x U u` switch; `u` is on unless a pattern says `(?-u)`."""

    i: bool = False
    m: bool = False
    s: bool = False
    x: bool = False
    U: bool = False
    u: bool = True


def parse_pattern(text: str, flags: Flags, ascii_only: bool) -> Pattern:
    """The tree of a pattern. `ascii_only` makes one that is right for ASCII texts only, and fast to make.
    Raises RegexError."""
    return _Parser(text, flags, ascii_only).whole()


class _Parser:
    """Recursive descent; `at` is where reading goes on."""

    def __init__(self, text: str, flags: Flags, ascii_only: bool) -> None:
        self.text = text
        self.at = 0
        self.flags = flags
        self.ascii_only = ascii_only
        self.names: list[str | None] = []
        self.levels = 0

    def whole(self) -> Pattern:
        root = self._choice()
        if self.at < len(self.text):
            raise RegexError("unopened group", self.at)
        return Pattern(root, tuple(self.names))

    # --- structure --------------------------------------------------------------------------------

    def _choice(self) -> Node:
        """Branches up to a closing parenthesis or the end. Flags set inside end there."""
        flags = self.flags
        branches = [self._sequence()]
        while self.text.startswith("|", self.at):
            self.at += 1
            branches.append(self._sequence())
        self.flags = flags
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        repeats = 0
        while True:
            self._skip_space()
            sign = self.text[self.at : self.at + 1]
            if not sign or sign in "|)":
                return parts[0] if len(parts) == 1 else Sequence(tuple(parts))
            if sign in "*+?{":
                if not parts:
                    raise RegexError("repetition operator missing expression", self.at)
                repeats += 1
                if repeats > MOST_REPETITIONS:
                    raise RegexError(f"more than {MOST_REPETITIONS} repetition operators in a row", self.at)
                parts[-1] = self._repeat(parts[-1])
                continue
            repeats = 0
            node = self._atom(sign)
            if node is not None:
                parts.append(node)
            elif self._repetition_follows():
                raise RegexError("repetition operator missing expression", self.at)

    def _repetition_follows(self) -> bool:
        self._skip_space()
        return self.text[self.at : self.at + 1] in ("*", "+", "?", "{")

    def _skip_space(self) -> None:
        """White space and comments, where the flag `x` allows them."""
        if self.flags.x:
            found = _BETWEEN.match(self.text, self.at)
            self.at = self.at if found is None else found.end()

    def _repeat(self, inner: Node) -> Node:
        sign = self.text[self.at]
        if sign == "{":
            least, most = self._counts()
        else:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
            self.at += 1
        self._skip_space()
        lazy = self.text.startswith("?", self.at)
        self.at += lazy
        return Repeat(inner, least, most, lazy == self.flags.U)

    def _counts(self) -> tuple[int, int | None]:
        found = _COUNTS.match(self.text, self.at)
        if found is None:
            if "}" not in self.text[self.at :]:
                raise RegexError("unclosed counted repetition", self.at)
            raise RegexError("repetition quantifier expects a valid decimal", self.at + 1)
        low, comma, high = found.groups()
        if not low and not high:
            raise RegexError("repetition quantifier expects a valid decimal", self.at + 1)
        if len(low) > 9 or len(high) > 9 or max(int(low or 0), int(high or 0)) > MOST_REPEATS:
            raise RegexError(f"repetition counts above {MOST_REPEATS} are not supported", self.at)
        least = int(low or 0)
        most = int(high) if high else None if comma else least
        if most is not None and least > most:
            raise RegexError("invalid repetition count range, the start must be <= the end", self.at)
        self.at = found.end()
        return least, most

    # --- atoms ------------------------------------------------------------------------------------

    def _atom(self, sign: str) -> Node | None:
        """The next part; None for flags, which only change what follows."""
        if sign == "(":
            return self._group()
        if sign == "[":
            flags = self.flags
            ranges, self.at = parse_set(self.text, self.at, self._escapes(), fold=flags.i, spaced=flags.x)
            return Character(ranges)
        if sign == "\\":
            return self._escape()
        self.at += 1
        if sign == ".":
            return Character(EVERYTHING if self.flags.s else _NOT_NEWLINE)
        if sign == "^":
            return Look("line start" if self.flags.m else "text start")
        if sign == "$":
            return Look("line end" if self.flags.m else "text end")
        return self._literal(ord(sign))

    def _literal(self, code: int) -> Node:
        one: Ranges = ((code, code),)
        return Character(folded(one, self.ascii_only) if self.flags.i else one)

    def _escapes(self) -> Escapes:
        return Escapes(self.text, self.ascii_only or not self.flags.u)

    def _escape(self) -> Node:
        letter = self.text[self.at + 1 : self.at + 2]
        look = _LOOKS.get(letter)
        if look is not None:
            self.at += 2
            if self.text.startswith("{", self.at) and letter == "b":
                raise RegexError("unrecognized escape sequence", self.at - 2)
            return Look(look)
        found, self.at = self._escapes().read(self.at, fold=self.flags.i)
        return self._literal(found) if isinstance(found, int) else Character(found)

    # --- groups -----------------------------------------------------------------------------------

    def _group(self) -> Node | None:
        start = self.at
        self.at += 1
        flags = self.flags
        index = 0
        if self.text.startswith("?", self.at):
            if self.text.startswith(("?=", "?!", "?<=", "?<!"), self.at):
                raise RegexError("look-around, including look-ahead and look-behind, is not supported", start)
            if self.text.startswith(("?P<", "?<"), self.at):
                index = self._named()
            elif self.text.startswith("?P=", self.at):
                raise RegexError("backreferences are not supported", start)
            elif self._inline_flags(start):
                return None
        else:
            self.names.append(None)
            index = len(self.names)
        self.levels += 1
        if self.levels > MOST_LEVELS:
            raise RegexError(
                f"exceed the maximum number of nested parentheses/brackets ({MOST_LEVELS})", start
            )
        inner = self._choice()
        self.levels -= 1
        self.flags = flags
        if not self.text.startswith(")", self.at):
            raise RegexError("unclosed group", start)
        self.at += 1
        return Group(index, inner) if index else inner

    def _named(self) -> int:
        self.at = self.text.index("<", self.at) + 1
        end = self.text.find(">", self.at)
        if end < 0:
            raise RegexError("unclosed capture group name", self.at)
        name = self.text[self.at : end]
        if not name:
            raise RegexError("empty capture group name", self.at)
        if _NAME.fullmatch(name) is None:
            raise RegexError("invalid capture group character", self.at)
        if name in self.names:
            raise RegexError("duplicate capture group name", self.at)
        self.names.append(name)
        self.at = end + 1
        return len(self.names)

    def _inline_flags(self, start: int) -> bool:
        """`?i-m:` or `?i-m)`: sets the flags; whether that was all of the group."""
        self.at += 1
        value = True
        letters = 0
        while True:
            letter = self.text[self.at : self.at + 1]
            if not letter:
                raise RegexError("unclosed group", start)
            self.at += 1
            if letter == "-" and value:
                value = False
            elif letter in _FLAGS:
                self.flags = replace(self.flags, **{letter: value})
                letters += 1
            elif letter == ":" or (letter == ")" and letters):
                if not value and not letters:
                    raise RegexError("dangling flag negation operator", self.at - 1)
                return letter == ")"
            elif letter == ")":
                raise RegexError("repetition operator missing expression", start + 1)
            else:
                raise RegexError("unrecognized flag", self.at - 1)


_BETWEEN = re.compile(r"(?:\s|#[^\n]*)*+")
_FLAGS = frozenset("imsxUu")
_LOOKS: dict[str, LookKind] = {"A": "text start", "z": "text end", "b": "word", "B": "not word"}
