"""The frame of the printer: which function prints which node, and how they call one another.

A printing function is a generator: it yields what it wants printed and gets the text back. So the
depth of a tree costs no Python recursion, and a chain of 10,000 operators prints as it parses.
"""

from collections.abc import Callable, Generator, Iterable
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from harnlet.syntax import nodes as n

OUTERMOST: Final = 0
POSTFIX: Final = 13
INDENT: Final = "  "


class Ask(NamedTuple):
    """A node to print where operators of `level` and tighter need no parentheses (the levels are those
    of docs/language.md#precedence-table, 0 being a statement's own expression). `listed` says that it
    is an item of a list with optional commas, where only names are called."""

    node: Any
    level: int = OUTERMOST
    listed: bool = False


Steps: TypeAlias = Generator[Ask, str, str]
Function: TypeAlias = Callable[[Any, Ask], Steps]
_Made = TypeVar("_Made", bound=Function)

_FUNCTIONS: Final[dict[type[n.Node], Function]] = {}


def prints(*kinds: type[n.Node]) -> Callable[[_Made], _Made]:
    """Make a function the one that prints nodes of some classes."""

    def register(function: _Made) -> _Made:
        for kind in kinds:
            _FUNCTIONS[kind] = function
        return function

    return register


def text_of(node: n.Node) -> str:
    """The source text of a node, whatever its kind."""
    stack: list[Steps] = []
    ask = Ask(node)
    steps = _FUNCTIONS[type(node)](node, ask)
    answer: str | None = None
    while True:
        try:
            ask = next(steps) if answer is None else steps.send(answer)
        except StopIteration as done:
            text: str = done.value
            if not stack:
                return text
            steps = stack.pop()
            answer = text
            continue
        stack.append(steps)
        steps = _FUNCTIONS[type(ask.node)](ask.node, ask)
        answer = None


def each(asks: Iterable[Ask]) -> Generator[Ask, str, list[str]]:
    """The texts of several nodes."""
    texts = []
    for ask in asks:
        text = yield ask
        texts.append(text)
    return texts


def indented(text: str) -> str:
    """Lines moved in by one level. The text of multi-line strings must stay where it is, so lines are
    only moved when there is none."""
    if '"""' in text:
        return text
    return "\n".join(INDENT + line if line else line for line in text.split("\n"))


def braces(text: str) -> str:
    """Statements in braces."""
    return f"{{\n{indented(text)}\n}}" if text else "{}"
