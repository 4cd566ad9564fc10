"""A pattern as a tree: what the parser makes, and what every engine is built from."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from harnlet.runtime.regex.classes import Ranges, merged

LookKind: TypeAlias = Literal["text start", "text end", "line start", "line end", "word", "not word"]


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Look:
    """A condition on a position: nothing is consumed."""

    kind: LookKind


@dataclass(frozen=True, slots=True)
class Group:
    """A part whose place is remembered; groups count from 1, by their opening parenthesis."""

    index: int
    inner: "Node"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part `least` to `most` times (None: any number); as often as possible, or as seldom."""

    inner: "Node"
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts one after the other; without parts, the empty string."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The first of the branches that leads to a match."""

    branches: tuple["Node", ...]


Node: TypeAlias = Character | Look | Group | Repeat | Sequence | Choice


@dataclass(frozen=True, slots=True)
class Pattern:
    """A whole pattern. `names` are those of the groups, by index from 1; None for one without a name."""

    root: Node
    names: tuple[str | None, ...]


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    if isinstance(node, Group | Repeat):
        return (node.inner,)
    if isinstance(node, Sequence):
        return node.parts
    return node.branches if isinstance(node, Choice) else ()


def can_be_empty(node: Node) -> bool:
    """Whether it can match the empty string."""
    if isinstance(node, Character):
        return False
    if isinstance(node, Look) or (isinstance(node, Repeat) and node.least == 0):
        return True
    test = any if isinstance(node, Choice) else all
    return test(map(can_be_empty, children(node)))


def first_of(node: Node) -> Ranges:
    """The characters that a match of it can begin with, unless that is empty."""
    if isinstance(node, Character):
        return node.ranges
    found: list[tuple[int, int]] = []
    for part in children(node):
        found += first_of(part)
        if isinstance(node, Sequence) and not can_be_empty(part):
            break
    return merged(found)
