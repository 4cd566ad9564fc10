"""How many steps a backtracking engine may take at most for a pattern and a text.

Python's `re` tries one way after the other, and some patterns have more ways than there is time for:
`(a+)+$` doubles them with each character. So the ways are counted here, from above, before `re` gets the
pattern: a repetition multiplies them only where the next character cannot tell whether it goes on, and it
goes on no longer than the longest run of its characters in the very text.

What depends on the pattern alone is worked out once, into functions of the text.
Rule: docs/builtins.md#regex.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from harnlet.runtime.regex.classes import EVERYTHING, Ranges, intersected, merged
from harnlet.runtime.regex.source import source
from harnlet.runtime.regex.tree import (
    Character,
    Choice,
    Look,
    Node,
    Repeat,
    Sequence,
    can_be_empty,
    children,
    first_of,
)

_ENOUGH = 1e18
"""More than anybody waits for; keeps powers from overflowing."""
_MOST_FACTOR, _MOST_POWER = 1e4, 64


class _Text:
    """What a text has to do with the costs: its length, and its runs of characters of a set."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._runs: dict[Ranges, int] = {}

    def run(self, alphabet: Ranges) -> int:
        """The length of the longest run of those characters."""
        if alphabet == EVERYTHING:
            return len(self.text)
        if alphabet not in self._runs:
            found = _run_of(alphabet).findall(self.text)
            self._runs[alphabet] = max(map(len, found), default=0)
        return self._runs[alphabet]


_Count: TypeAlias = Callable[[_Text], float]


def cost_of(root: Node) -> Callable[[str], float]:
    """The function that says how many steps a search for `root` through the whole of a text takes at
    most: starts, times ways from each, times the length of a way."""
    starts, ways, length = _starts(root), _ways(root, ()), _length(root, last=True)

    def steps(text: str) -> float:
        subject = _Text(text)
        return min(starts(subject) * ways(subject) * length(subject), _ENOUGH)

    return steps


def _one(text: _Text) -> float:
    return 1.0


def _starts(node: Node) -> _Count:
    """At how many places more than the very beginning of `node` is tried."""
    while not isinstance(node, Look):
        parts = () if isinstance(node, Choice | Repeat) else children(node)
        if not parts:
            return lambda text: len(text.text) + 1
        node = parts[0]
    if node.kind == "text start":
        return _one
    if node.kind == "line start":
        return lambda text: text.text.count("\n") + 1
    return lambda text: len(text.text) + 1


# --- ways through a pattern ---------------------------------------------------------------------------


def _ways(node: Node, follow: Ranges) -> _Count:
    """How many ways there are to go through `node` from one place; `follow` is what can come next."""
    if isinstance(node, Character | Look):
        return _one
    if isinstance(node, Repeat):
        return _ways_to_repeat(node, follow)
    if isinstance(node, Choice):
        return _ways_to_choose(node, follow)
    counts: list[_Count] = []
    for part in reversed(children(node)):
        count = _ways(part, follow)
        if count is not _one:
            counts.append(count)
        follow = merged([*first_of(part), *follow]) if can_be_empty(part) else first_of(part)
    if len(counts) < 2:
        return counts[0] if counts else _one

    def product(text: _Text) -> float:
        result = 1.0
        for count in counts:
            result = min(result * count(text), _ENOUGH)
        return result

    return product


def _ways_to_choose(node: Choice, follow: Ranges) -> _Count:
    """One branch, if the next character tells which; else any of them."""
    counts = [_ways(branch, follow) for branch in node.branches]
    firsts = [first_of(branch) for branch in node.branches]
    together = merged(ends for first in firsts for ends in first)
    apart = not any(map(can_be_empty, node.branches)) and sum(map(_size, firsts)) == _size(together)
    if apart and all(count is _one for count in counts):
        return _one
    combine: Callable[[list[float]], float] = max if apart else sum
    return lambda text: min(combine([count(text) for count in counts]), _ENOUGH)


def _ways_to_repeat(node: Repeat, follow: Ranges) -> _Count:
    if node.most == 0:
        return _one
    if can_be_empty(node.inner) and node.most != 1:
        return lambda text: _ENOUGH
    first = first_of(node.inner)
    inner = _ways(node.inner, follow if node.most == 1 else merged([*first, *follow]))
    rounds = _rounds(node)
    unclear = bool(intersected(first, follow)) or can_be_empty(node.inner)
    if inner is _one and not unclear:
        return _one

    def ways(text: _Text) -> float:
        count = rounds(text)
        ends = count + 1 if unclear else 1.0
        each = inner(text)
        if each == 1.0 or count <= 1:
            return each * ends
        return float(min(min(each, _MOST_FACTOR) ** min(count, _MOST_POWER) * ends, _ENOUGH))

    return ways


def _rounds(node: Repeat) -> _Count:
    """How often a repetition can go round in a text."""
    alphabet, shortest = _alphabet(node.inner), max(_shortest(node.inner), 1)
    most = _ENOUGH if node.most is None else node.most
    return lambda text: min(text.run(alphabet) // shortest, most)


# --- the length of a way ------------------------------------------------------------------------------


def _length(node: Node, last: bool) -> _Count:
    """How many steps one way takes. A repetition at the very end only goes on while it succeeds, and
    what has matched is not searched again: it counts once."""
    if isinstance(node, Character | Look):
        return _one
    if isinstance(node, Repeat):
        inner = _length(node.inner, False)
        if last:
            return lambda text: 1.0 + inner(text)
        rounds = _rounds(node)
        return lambda text: 1.0 + inner(text) * rounds(text)
    parts = children(node)
    in_turn = isinstance(node, Sequence)
    lengths = [
        _length(part, last and (not in_turn or place == len(parts) - 1)) for place, part in enumerate(parts)
    ]
    plain = 1.0 + sum(1 for each in lengths if each is _one)
    others = [each for each in lengths if each is not _one]
    return lambda text: plain + sum([each(text) for each in others])


# --- sets ---------------------------------------------------------------------------------------------


@cache
def _run_of(alphabet: Ranges) -> re.Pattern[str]:
    return re.compile(f"{source(Character(alphabet), 'python', True)}+")


def _size(ranges: Ranges) -> int:
    return sum(high - low + 1 for low, high in ranges)


def _shortest(node: Node) -> int:
    """How many characters it takes at least."""
    if isinstance(node, Character | Look):
        return 0 if isinstance(node, Look) else 1
    lengths = [_shortest(part) for part in children(node)]
    if isinstance(node, Choice):
        return min(lengths)
    return sum(lengths) * (node.least if isinstance(node, Repeat) else 1)


def _alphabet(node: Node) -> Ranges:
    """All characters that it can consume."""
    if isinstance(node, Character):
        return node.ranges
    return merged(ends for part in children(node) for ends in _alphabet(part))
