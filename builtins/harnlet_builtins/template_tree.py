"""A template as a tree: what its directives are, and which belong together. Rule: docs/builtins.md#templates.

Everything that can be wrong with a template whatever its bindings are is found here.
"""

from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from harnlet_builtins.template_expressions import CONSTANTS, Expression, Reader, Token, tokens_of
from harnlet_builtins.template_source import Piece, TemplateError, pieces
from harnlet_builtins.template_values import ExpressionError

MOST_LEVELS: Final = 60
"""How deep blocks may be nested: reading and rendering them recurses."""
_LONGEST_KEPT: Final = 100_000
_CLOSING: Final = ("end", "else", "elif")


class Place(NamedTuple):
    """Where the `{{` of a directive, or a text, begins."""

    line: int
    column: int


class Text(NamedTuple):
    """Literal text."""

    text: str
    place: Place


class Output(NamedTuple):
    """`{{ expression }}`; `bare` is the name, when it is nothing but one."""

    value: Expression
    bare: str | None
    place: Place


class If(NamedTuple):
    """The conditions with their blocks, and what follows `else`."""

    branches: "list[tuple[Expression, Block]]"
    otherwise: "Block"
    place: Place


class For(NamedTuple):
    """A loop; `key` is None when it has one variable."""

    key: str | None
    name: str
    items: Expression
    body: "Block"
    otherwise: "Block"
    place: Place


class Include(NamedTuple):
    """Another template, and the bindings that it gets besides the current ones."""

    path: Expression
    bindings: list[tuple[str, Expression]]
    place: Place


Node: TypeAlias = Text | Output | If | For | Include
Block: TypeAlias = list[Node]


def template_tree(source: str) -> Block:
    """The tree of a template; those of short ones are remembered. Raises TemplateError."""
    return _remembered(source) if len(source) <= _LONGEST_KEPT else _Parser(source).whole()


@lru_cache(maxsize=64)
def _remembered(source: str) -> Block:
    return _Parser(source).whole()


class _Parser:
    def __init__(self, source: str) -> None:
        self._pieces = pieces(source)
        self._level = 0

    def whole(self) -> Block:
        block, end = self._block(())
        assert end is None
        return block

    def _block(self, closing: tuple[str, ...]) -> tuple[Block, Piece | None]:
        """The nodes up to a directive of `closing`, and that directive; None at the end of the text."""
        block: Block = []
        for piece in self._pieces:
            place = Place(piece.line, piece.column)
            if not piece.is_directive:
                block.append(Text(piece.text, place))
                continue
            word = _word(piece.text)
            if word in closing:
                return block, piece
            if word in _CLOSING:
                raise TemplateError(f"unexpected `{{{{ {word} }}}}`", *place)
            try:
                block.append(self._node(word, piece.text, place))
            except ExpressionError as error:
                raise TemplateError(str(error), *place) from None
        return block, None

    def _node(self, word: str, body: str, place: Place) -> Node:
        tokens = tokens_of(body)
        if word == "if":
            return self._if(tokens, place)
        if word == "for":
            return self._for(tokens, place)
        if word == "include" and len(tokens) > 1:
            return _include(tokens, place)
        alone = len(tokens) == 1 and tokens[0].kind == "name" and tokens[0].text not in CONSTANTS
        return Output(_whole(tokens), tokens[0].text if alone else None, place)

    def _nested(self, closing: tuple[str, ...], place: Place, opened: str) -> tuple[Block, Piece]:
        """The block of a directive. Raises TemplateError when it has no end."""
        self._level += 1
        if self._level > MOST_LEVELS:
            raise TemplateError(f"blocks are nested deeper than {MOST_LEVELS} levels", *place)
        block, end = self._block(closing)
        self._level -= 1
        if end is None:
            raise TemplateError(f"`{{{{ {opened} }}}}` missing matching `{{{{ end }}}}`", *place)
        return block, end

    def _if(self, tokens: list[Token], place: Place) -> If:
        condition = _whole(tokens[1:])
        branches: list[tuple[Expression, Block]] = []
        while True:
            block, end = self._nested(_CLOSING, place, "if")
            branches.append((condition, block))
            if _word(end.text) != "elif":
                return If(branches, self._otherwise(end, place), place)
            try:
                condition = _whole(tokens_of(end.text)[1:])
            except ExpressionError as error:
                raise TemplateError(str(error), end.line, end.column) from None

    def _otherwise(self, end: Piece, place: Place) -> Block:
        return self._nested(("end",), place, "else")[0] if end.text == "else" else []

    def _for(self, tokens: list[Token], place: Place) -> For:
        if Token("name", "in") not in tokens:
            raise ExpressionError("expected `in` in for-loop")
        at = tokens.index(Token("name", "in"))
        head, rest = tokens[1:at], tokens[at + 1 :]
        key, name = _variables(head)
        items = _whole(rest)
        body, end = self._nested(("end", "else"), place, "for")
        return For(key, name, items, body, self._otherwise(end, place), place)


def _word(body: str) -> str:
    """The word that says what a directive is; `end` and `else` stand alone."""
    word = body.split(None, 1)[0] if body else ""
    word = word.partition("(")[0].partition('"')[0].partition("'")[0]
    return "" if word in ("end", "else") and body != word else word


def _variables(head: list[Token]) -> tuple[str | None, str]:
    names = [token.text for token in head if token.kind == "name"]
    if len(head) == 1 and len(names) == 1:
        return None, names[0]
    if len(head) == 3 and len(names) == 2 and head[1] == Token("sign", ","):
        return names[0], names[1]
    several = Token("sign", ",") in head
    raise ExpressionError("invalid for-loop variables" if several else "invalid for-loop variable")


def _include(tokens: list[Token], place: Place) -> Include:
    reader = Reader(tokens[1:])
    path = reader.full()
    bindings: list[tuple[str, Expression]] = []
    if reader.take_word("with"):
        if not reader.take_sign("{"):
            raise ExpressionError("expected `{ ... }` after `with`")
        while not reader.take_sign("}"):
            key = reader.take()
            if key.kind == "end":
                raise ExpressionError("expected `{ ... }` after `with`")
            if key.kind not in ("name", "string"):
                raise ExpressionError("invalid include binding key")
            if not reader.take_sign(":"):
                raise ExpressionError("expected `key: value` in include bindings")
            bindings.append((key.text, reader.full()))
            if not reader.take_sign(",") and reader.peek() != Token("sign", "}"):
                raise ExpressionError("expected `{ ... }` after `with`")
    reader.finish()
    return Include(path, bindings, place)


def _whole(tokens: list[Token]) -> Expression:
    reader = Reader(tokens)
    value = reader.full()
    reader.finish()
    return value
