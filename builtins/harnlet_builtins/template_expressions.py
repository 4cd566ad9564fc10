"""The expressions of templates: read once, made into functions of the bindings.

Loosest first: filters `|`, `or`, `and`, `not`, one comparison, literals and paths.
Rule: docs/builtins.md#templates.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple, TypeAlias

from harnlet_builtins.template_filters import FILTERS
from harnlet_builtins.template_values import ExpressionError, compared, is_true, part_of

Scope: TypeAlias = Mapping[str, object]
Expression: TypeAlias = Callable[[Scope], object]

MOST_LEVELS: Final = 50
"""How deep parentheses may be nested: reading them recurses."""

_TOKEN: Final = re.compile(
    r"""\s*+(?:
      (?P<string>"(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+')
    | (?P<number>[0-9]++(?:\.[0-9]++)?+)
    | (?P<name>[^\W\d]\w*+)
    | (?P<sign>==|!=|<=|>=|\|\||&&|[<>!|:,.()\[\]{}-])
    | (?P<equals>=)
    | (?P<quote>["'])
    | (?P<other>\S)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}
_COMPARISONS: Final = frozenset({"==", "!=", "<", "<=", ">", ">="})
CONSTANTS: Final[dict[str, object]] = {"nil": None, "true": True, "false": False}
_LONGEST_NUMBER: Final = 300


class Token(NamedTuple):
    """`kind` is string, number, name or sign; a string has lost its quotes."""

    kind: str
    text: str


_END: Final = Token("end", "")


def tokens_of(text: str) -> list[Token]:
    """The tokens of the inside of a directive. Raises ExpressionError."""
    tokens: list[Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError("expected expression")
        at = match.end()
        kind = match.lastgroup or "other"
        found = match[kind]
        if kind == "equals":
            raise ExpressionError("unexpected `=` (use `==`)")
        if kind == "quote":
            raise ExpressionError("unterminated string literal")
        if kind == "other":
            raise ExpressionError(f"unexpected character `{found}`")
        tokens.append(Token(kind, _unquoted(found) if kind == "string" else found))
    return tokens


def _unquoted(literal: str) -> str:
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[0]), literal[1:-1], flags=re.DOTALL)


class Reader:
    """Reads expressions from tokens."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._level = 0

    def peek(self, ahead: int = 0) -> Token:
        """The token `ahead` of the next one."""
        place = self._at + ahead
        return self._tokens[place] if place < len(self._tokens) else _END

    def take(self) -> Token:
        """The next token."""
        token = self.peek()
        self._at += 1
        return token

    def take_sign(self, *texts: str) -> bool:
        """Take the next token if it is one of these signs."""
        token = self.peek()
        if token.kind == "sign" and token.text in texts:
            self._at += 1
            return True
        return False

    def take_word(self, text: str) -> bool:
        """Take the next token if it is this word."""
        if self.peek() == Token("name", text):
            self._at += 1
            return True
        return False

    def finish(self) -> None:
        """Raises ExpressionError when there is more."""
        token = self.peek()
        if token is not _END:
            raise ExpressionError(f"unexpected `{token.text}` after the expression")

    # --- from the loosest to the tightest ----------------------------------------------------------

    def full(self) -> Expression:
        """An expression with filters."""
        value = self.plain()
        while self.take_sign("|"):
            name = self.take()
            if name.kind != "name":
                raise ExpressionError("expected filter name after `|`")
            arguments = self._arguments() if self.take_sign(":") else []
            known = FILTERS.get(name.text)
            if known is None:
                raise ExpressionError(f"unknown filter `{name.text}`")
            if not known.least <= len(arguments) <= known.most:
                raise ExpressionError(f"filter `{name.text}` got wrong number of arguments")
            value = _filtered(known.run, value, arguments)
        return value

    def _arguments(self) -> list[Expression]:
        arguments = [self.plain()]
        # In the bindings of an include, a comma may also come before the next key.
        while self.peek() == Token("sign", ",") and self.peek(2) != Token("sign", ":"):
            self._at += 1
            arguments.append(self.plain())
        return arguments

    def plain(self) -> Expression:
        """An expression without filters."""
        parts = [self._conjunction()]
        while self.take_word("or") or self.take_sign("||"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else partial(_first_such, parts, True)

    def _conjunction(self) -> Expression:
        parts = [self._negation()]
        while self.take_word("and") or self.take_sign("&&"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else partial(_first_such, parts, False)

    def _negation(self) -> Expression:
        times = 0
        while self.take_word("not") or self.take_sign("!"):
            times += 1
        value = self._comparison()
        return value if times == 0 else partial(_is, value, times % 2 == 0)

    def _comparison(self) -> Expression:
        left = self._primary()
        sign = self.peek()
        if sign.kind != "sign" or sign.text not in _COMPARISONS:
            return left
        self._at += 1
        return partial(_compared, sign.text, left, self._primary())

    def _primary(self) -> Expression:
        token = self.take()
        if token.kind == "string":
            return partial(_constant, token.text)
        if token.kind == "number":
            return partial(_constant, _number(token.text))
        if token == Token("sign", "-") and self.peek().kind == "number":
            return partial(_constant, -_number(self.take().text))
        if token == Token("sign", "("):
            self._level += 1
            if self._level > MOST_LEVELS:
                raise ExpressionError(f"expression is nested deeper than {MOST_LEVELS} levels")
            inner = self.plain()
            self._level -= 1
            if not self.take_sign(")"):
                raise ExpressionError("expected `)`")
            return inner
        if token.kind != "name":
            raise ExpressionError("expected expression")
        if token.text in CONSTANTS:
            return partial(_constant, CONSTANTS[token.text])
        return self._path(token.text)

    def _path(self, name: str) -> Expression:
        keys: list[object] = []
        while True:
            if self.take_sign("."):
                key = self.take()
                if key.kind != "name":
                    raise ExpressionError("expected a name after `.`")
                keys.append(key.text)
            elif self.take_sign("["):
                negative = self.take_sign("-")
                token = self.take()
                if token.kind == "number" and "." not in token.text:
                    keys.append(-_number(token.text) if negative else _number(token.text))
                elif token.kind == "string" and not negative:
                    keys.append(token.text)
                else:
                    raise ExpressionError("expected an integer or a string in `[...]`")
                if not self.take_sign("]"):
                    raise ExpressionError("expected `]`")
            else:
                return partial(_found, name, tuple(keys))


def _number(text: str) -> int | float:
    if len(text) > _LONGEST_NUMBER:
        raise ExpressionError("number is too long")
    return float(text) if "." in text else int(text)


# --- what the expressions do --------------------------------------------------------------------------


def _constant(value: object, scope: Scope) -> object:
    return value


def _found(name: str, keys: tuple[object, ...], scope: Scope) -> object:
    value = scope.get(name)
    for key in keys:
        value = part_of(value, key)
    return value


def _first_such(parts: list[Expression], wanted: bool, scope: Scope) -> object:
    """The first operand whose truth is `wanted`, else the last."""
    value: object = None
    for part in parts:
        value = part(scope)
        if is_true(value) is wanted:
            break
    return value


def _is(inner: Expression, wanted: bool, scope: Scope) -> object:
    return is_true(inner(scope)) is wanted


def _compared(sign: str, left: Expression, right: Expression, scope: Scope) -> object:
    return compared(sign, left(scope), right(scope))


def _filtered(run: Callable[..., object], value: Expression, arguments: list[Expression]) -> Expression:
    return lambda scope: run(value(scope), *[argument(scope) for argument in arguments])
