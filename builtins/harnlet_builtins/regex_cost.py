"""How many steps a backtracking engine may take at most for a pattern and a text.

Python's `re` tries one way after the other, and some patterns have more ways than there is time for:
`(a+)+$` doubles them with each character. So the ways are counted here, from above, before `re` gets the
pattern: a repetition multiplies them only where the next character cannot tell whether it goes on, and it
goes on no longer than the longest run of its characters in the very text. Rule: docs/builtins.md#regex.
"""

import re
from functools import cache

from harnlet_builtins.regex_classes import EVERYTHING, Ranges, intersected, merged
from harnlet_builtins.regex_source import source
from harnlet_builtins.regex_tree import Character, Choice, Look, Node, Repeat, Sequence, can_be_empty, children, first_of

_ENOUGH = 1e18
"""More than anybody waits for; keeps powers from overflowing."""


def steps_at_most(root: Node, text: str) -> float:
    """The most steps that a search for `root` through the whole of `text` takes."""
    return _Counter(text).steps(root)


class _Counter:
    """Counts for one text. Nodes are told apart by identity: equal ones would count the same."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._runs: dict[Ranges, int] = {}

    def steps(self, root: Node) -> float:
        """Starts at every character, ways from each, and how long a way may be."""
        starts = len(self.text) + 1
        return min(starts * self.ways(root, ()) * self.length(root, last=True), _ENOUGH)

    def ways(self, node: Node, follow: Ranges) -> float:
        """How many ways there are to go through `node` from one place; `follow` is what can come next."""
        if isinstance(node, Character | Look):
            return 1.0
        if isinstance(node, Repeat):
            return self._ways_to_repeat(node, follow)
        if isinstance(node, Choice):
            each = [self.ways(branch, follow) for branch in node.branches]
            firsts = [first_of(branch) for branch in node.branches]
            apart = not any(map(can_be_empty, node.branches)) and sum(map(_size, firsts)) == _size(
                merged(ends for first in firsts for ends in first)
            )
            return max(each) if apart else min(sum(each), _ENOUGH)
        product = 1.0
        for part in reversed(children(node)):
            product = min(product * self.ways(part, follow), _ENOUGH)
            follow = merged([*first_of(part), *follow]) if can_be_empty(part) else first_of(part)
        return product

    def _ways_to_repeat(self, node: Repeat, follow: Ranges) -> float:
        if node.most == 0:
            return 1.0
        if can_be_empty(node.inner) and node.most != 1:
            return _ENOUGH
        first = first_of(node.inner)
        again = follow if node.most == 1 else merged([*first, *follow])
        inner = self.ways(node.inner, again)
        rounds = self._rounds(node)
        ends = rounds + 1 if intersected(first, follow) or can_be_empty(node.inner) else 1
        if inner > 1.0:
            return min(inner ** min(rounds, 64) * ends, _ENOUGH)
        return float(ends)

    def _rounds(self, node: Repeat) -> int:
        """How often a repetition can go round in this text."""
        longest = self._run(_alphabet(node.inner))
        return longest if node.most is None else min(longest, node.most)

    def length(self, node: Node, last: bool) -> float:
        """How many steps one way takes. A repetition at the very end only goes on while it succeeds,
        and what has matched is not searched again: it counts once."""
        if isinstance(node, Character | Look):
            return 1.0
        if isinstance(node, Repeat):
            return 1.0 + self.length(node.inner, False) * (1 if last else self._rounds(node))
        parts = children(node)
        if isinstance(node, Sequence):
            return 1.0 + sum(self.length(part, last and part is parts[-1]) for part in parts)
        return 1.0 + sum(self.length(part, last) for part in parts)

    def _run(self, alphabet: Ranges) -> int:
        """The length of the longest run of those characters."""
        if alphabet == EVERYTHING:
            return len(self.text)
        if alphabet not in self._runs:
            found = _run_of(alphabet).findall(self.text)
            self._runs[alphabet] = max(map(len, found), default=0)
        return self._runs[alphabet]


@cache
def _run_of(alphabet: Ranges) -> re.Pattern[str]:
    return re.compile(f"{source(Character(alphabet), 'python', True)}+")


def _size(ranges: Ranges) -> int:
    return sum(high - low + 1 for low, high in ranges)


def _alphabet(node: Node) -> Ranges:
    """All characters that it can consume."""
    if isinstance(node, Character):
        return node.ranges
    return merged(ends for part in children(node) for ends in _alphabet(part))
