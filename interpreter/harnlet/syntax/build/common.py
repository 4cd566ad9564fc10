"""What the node builders share: their arguments, spans, and the list rules of the grammar.

A builder gets the values of a rule's symbols, tokens and nodes, and the `Building` of the parse. It
returns the value of the rule.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from harnlet.syntax import nodes as n
from harnlet.syntax.problems import Problems
from harnlet.syntax.tokens import Token

Values: TypeAlias = list[Any]


class Building:
    """What a parse hands to its builders.

    `depth` is how deep the text at hand stands inside others, `nesting` how deep the parser stands in
    that text; `pending` collects the interpolated strings whose expressions are still to be parsed,
    each with its depth.
    """

    __slots__ = ("depth", "nesting", "pending", "problems")

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.depth = 0
        self.nesting: Callable[[], int] = int
        self.pending: list[tuple[n.Interpolated, Token, int]] = []


Builder: TypeAlias = Callable[[Values, Building], Any]

RULES: Final[dict[str, Builder]] = {}
"""Every builder by the name that harnlet.lark calls it."""


def rule(function: Builder) -> Builder:
    """Register a builder under its own name, less an underscore at the end."""
    RULES[function.__name__.rstrip("_")] = function
    return function


def span(first: Any, last: Any) -> n.Span:
    """From the start of one token or node to the end of another."""
    start, end = first.at, last.at
    return start[0], start[1], end[2], end[3]


@rule
def same(s: Values, b: Building) -> object:
    return s[0]


@rule
def first(s: Values, b: Building) -> object:
    return s[0]


@rule
def second(s: Values, b: Building) -> object:
    return s[1]


@rule
def nothing(s: Values, b: Building) -> None:
    return None


@rule
def empty(s: Values, b: Building) -> list[Any]:
    return []


@rule
def one(s: Values, b: Building) -> list[Any]:
    return [s[0]]


@rule
def and_second(s: Values, b: Building) -> list[Any]:
    items: list[Any] = s[0]
    items.append(s[1])
    return items


@rule
def and_third(s: Values, b: Building) -> list[Any]:
    items: list[Any] = s[0]
    items.append(s[2])
    return items
