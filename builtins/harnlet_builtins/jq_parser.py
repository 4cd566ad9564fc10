"""Reads jq expressions into filters. Rules: docs/builtins.md#jq."""

import re

from harnlet.errors.faults import Thrown
from harnlet.runtime.numbers import parse_float, parse_int
from harnlet_builtins import jq_filters as filters
from harnlet_builtins.jq_filters import Filter

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INT = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_COMPARISONS = ("==", "!=", "<", ">")
_LITERALS: dict[str, object] = {"true": True, "false": False, "null": None}
_SHOWN = 24


def _unescaped(match: re.Match[str]) -> str:
    found: str = match[1]
    return chr(int(found[1:], 16)) if len(found) > 1 else _ESCAPES.get(found, found)


def parse_jq(text: str) -> Filter:
    """The filter that an expression is. Raises Thrown."""
    return _Parser(text).whole()


class _Parser:
    """Reads an expression once, from left to right, into filters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def whole(self) -> Filter:
        """The filter of the whole expression. Raises Thrown."""
        found = self._pipe()
        if self._peek():
            raise self._problem("unexpected input")
        return found

    # --- reading ----------------------------------------------------------------------------------

    def _problem(self, what: str) -> Thrown:
        rest = self.text[self.at :]
        return Thrown(f"jq: {what} near '{rest[:_SHOWN]}{'…' if len(rest) > _SHOWN else ''}'")

    def _peek(self) -> str:
        """The next character that is no white space, or ""."""
        self._match(_SPACE)
        return self.text[self.at : self.at + 1]

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
        return found

    def _takes(self, *signs: str) -> str | None:
        """The one of `signs` that comes next, taken; None if none does."""
        self._peek()
        for sign in signs:
            if self.text.startswith(sign, self.at):
                self.at += len(sign)
                return sign
        return None

    def _takes_word(self, *words: str) -> str | None:
        self._peek()
        found = _NAME.match(self.text, self.at)
        if found is None or found[0] not in words:
            return None
        self.at = found.end()
        return str(found[0])

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise self._problem(f"expected '{sign}'")

    # --- operators, the loosest first -------------------------------------------------------------

    def _pipe(self) -> Filter:
        found = self._comma()
        while self._takes("|"):
            found = filters.pipe(found, self._comma())
        return found

    def _comma(self) -> Filter:
        found = self._logic()
        while self._takes(","):
            found = filters.comma(found, self._logic())
        return found

    def _logic(self) -> Filter:
        found = self._comparison()
        while (word := self._takes_word("and", "or")) is not None:
            found = filters.binary(word, found, self._comparison())
        return found

    def _comparison(self) -> Filter:
        found = self._prefix()
        while (sign := self._takes(*_COMPARISONS)) is not None:
            found = filters.binary(sign, found, self._prefix())
        return found

    def _prefix(self) -> Filter:
        if self._takes_word("not"):
            return filters.negated(self._prefix())
        return self._path()

    # --- paths ------------------------------------------------------------------------------------

    def _path(self) -> Filter:
        if self._takes(".."):
            found: Filter = filters.descend
        elif self._takes("."):
            found = self._after_dot()
        else:
            found = self._term()
        while True:
            # White space ends a path: `.a .b` are two expressions, and an error.
            if self.text.startswith("[", self.at):
                found = filters.pipe(found, self._bracket())
            elif self.text.startswith(".", self.at) and not self.text.startswith("..", self.at):
                self.at += 1
                found = filters.pipe(found, self._step())
            else:
                return found

    def _after_dot(self) -> Filter:
        """What a path begins with, after its first dot."""
        following = self.text[self.at : self.at + 1]
        if following == "[":
            return self._bracket()
        if following == '"' or _NAME.match(self.text, self.at):
            return self._step()
        return filters.identity

    def _step(self) -> Filter:
        if self.text.startswith("[", self.at):
            return self._bracket()
        if self.text.startswith('"', self.at):
            return filters.field(self._quoted())
        name = self._match(_NAME)
        if name is None:
            raise self._problem("expected field name")
        return filters.field(name[0])

    def _bracket(self) -> Filter:
        """`[]`, `[2]`, `[1:3]` or `["name"]`."""
        self.at += 1
        following = self._peek()
        if self._takes("]"):
            return filters.each
        if following == '"':
            found: Filter = filters.field(self._quoted())
        elif self._takes(":"):
            found = filters.part(None, self._bound())
        else:
            start = self._bound()
            if self._takes(":"):
                found = filters.part(start, None if self._peek() == "]" else self._bound())
            else:
                found = filters.element(start)
        self._expect("]")
        return found

    def _bound(self) -> int:
        self._peek()
        found = self._match(_INT)
        number = None if found is None else parse_int(found[0])
        if number is None:
            raise Thrown("jq: expected array index or slice bound")
        return min(max(number, -_FAR), _FAR)

    # --- terms ------------------------------------------------------------------------------------

    def _term(self) -> Filter:
        following = self._peek()
        if following == '"':
            return filters.literal(self._quoted())
        if self._takes("("):
            found = self._pipe()
            self._expect(")")
            return found
        if self._takes("{"):
            return self._object()
        number = self._match(_NUMBER)
        if number is not None:
            text = number[0]
            return filters.literal(parse_int(text) if _INT.fullmatch(text) else parse_float(text))
        name = self._match(_NAME)
        if name is None:
            raise self._problem("expected expression")
        return self._named(name[0])

    def _named(self, name: str) -> Filter:
        if name in _LITERALS:
            return filters.literal(_LITERALS[name])
        if name in filters.FUNCTIONS:
            return filters.FUNCTIONS[name]
        if name in filters.FUNCTIONS_OF_ONE:
            self._expect("(")
            inner = self._pipe()
            self._expect(")")
            return filters.FUNCTIONS_OF_ONE[name](inner)
        raise Thrown(f"jq: unknown identifier '{name}'")

    def _object(self) -> Filter:
        fields: list[tuple[str, Filter]] = []
        while not self._takes("}"):
            if fields:
                self._expect(",")
            fields.append(self._entry())
        return filters.construct(fields)

    def _entry(self) -> tuple[str, Filter]:
        if self._peek() == '"':
            name = self._quoted()
        else:
            found = self._match(_NAME)
            if found is None:
                raise self._problem("expected object key")
            name = found[0]
        return name, self._logic() if self._takes(":") else filters.field(name)

    def _quoted(self) -> str:
        found = self._match(_TEXT)
        if found is None:
            raise Thrown("jq: unterminated string literal")
        return _ESCAPE.sub(_unescaped, found[1])


_FAR = 1 << 62
"""Farther than any list is long."""
