"""A regex engine whose time grows with the text and the pattern, never with the ways through them.

It follows all ways at once, one character after the other, the preferred way first (Pike's algorithm).
Slow, since it is Python; it is for what `re` cannot be trusted with when re2 is not installed.
Rule: docs/builtins.md#regex.
"""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.breath import breathe
from harnlet.runtime.regex.classes import has, perl
from harnlet.runtime.regex.escapes import RegexError
from harnlet.runtime.regex.source import source
from harnlet.runtime.regex.tree import (
    Character,
    Choice,
    Group,
    Look,
    LookKind,
    Node,
    Repeat,
    Sequence,
    can_be_empty,
    first_of,
)

MOST_INSTRUCTIONS = 20_000
MOST_STEPS = 3_000_000
"""Steps of one search through a text; a million take about a second."""
_STEPS_OF_A_BREATH = 2_000

Slots: TypeAlias = tuple[int, ...]
"""Start and end of the match and of each group, -1 for a group that took no part."""


class Instruction(NamedTuple):
    """One step of the machine; `next` and `other` are where it goes on, the preferred way first."""

    kind: Literal["character", "split", "save", "look", "match"]
    next: int = 0
    other: int = 0
    test: Callable[[str], bool] | None = None
    look: LookKind | None = None


class Program:
    """A compiled pattern. Raises RegexError when it is too large."""

    def __init__(self, root: Node, groups: int, ascii_only: bool) -> None:
        self.slots = 2 * (groups + 1)
        self.code: list[Instruction] = []
        self._tests: dict[str, Callable[[str], bool]] = {}
        end = self._emit(Instruction("match"))
        end = self._emit(Instruction("save", end, 1))
        start = self._add(root, end)
        self.start = self._emit(Instruction("save", start, 0))
        word = perl("w", ascii_only)
        self._is_word: Callable[[str], bool] = lambda character: has(word, ord(character))
        self.first: re.Pattern[str] | None = None
        """What a match begins with, if it cannot be empty."""
        if not can_be_empty(root):
            self.first = re.compile(source(Character(first_of(root)), "python", ascii_only))

    def _emit(self, instruction: Instruction) -> int:
        if len(self.code) >= MOST_INSTRUCTIONS:
            raise RegexError(f"compiled regex exceeds size limit of {MOST_INSTRUCTIONS} instructions", 0)
        self.code.append(instruction)
        return len(self.code) - 1

    def _add(self, node: Node, after: int) -> int:
        """Code for a node that goes on at `after`; where it begins. Built from the end."""
        if isinstance(node, Character):
            return self._emit(Instruction("character", after, test=self._test(node)))
        if isinstance(node, Look):
            return self._emit(Instruction("look", after, look=node.kind))
        if isinstance(node, Group):
            inner = self._add(node.inner, self._emit(Instruction("save", after, 2 * node.index + 1)))
            return self._emit(Instruction("save", inner, 2 * node.index))
        if isinstance(node, Sequence):
            for part in reversed(node.parts):
                after = self._add(part, after)
            return after
        if isinstance(node, Choice):
            place = self._add(node.branches[-1], after)
            for branch in reversed(node.branches[:-1]):
                place = self._split(self._add(branch, after), place, True)
            return place
        return self._repeat(node, after)

    def _split(self, inner: int, after: int, greedy: bool) -> int:
        first, second = (inner, after) if greedy else (after, inner)
        return self._emit(Instruction("split", first, second))

    def _repeat(self, node: Repeat, after: int) -> int:
        place = after
        if node.most is None:
            place = self._loop(node, after)
        else:
            for _ in range(node.most - node.least):
                place = self._split(self._add(node.inner, place), after, node.greedy)
        copies = node.least - (node.most is None and node.least > 0)
        for _ in range(copies):
            place = self._add(node.inner, place)
        return place

    def _loop(self, node: Repeat, after: int) -> int:
        """One or more times if `node` asks for at least one, else any number. A part that can be empty
        is tried once before the loop may be left, so that its groups take part."""
        split = self._emit(Instruction("split"))
        inner = self._add(node.inner, split)
        first, second = (inner, after) if node.greedy else (after, inner)
        self.code[split] = Instruction("split", first, second)
        if node.least > 0:
            return inner
        return self._split(inner, after, node.greedy) if can_be_empty(node.inner) else split

    def _test(self, node: Character) -> Callable[[str], bool]:
        """A test of one character, by the same words as `re` uses, with its answers remembered."""
        text = source(node, "python", True)
        if text not in self._tests:
            match = re.compile(text).match
            known: dict[str, bool] = {}

            def test(character: str) -> bool:
                answer = known.get(character)
                if answer is None:
                    answer = known[character] = match(character) is not None
                return answer

            self._tests[text] = test
        return self._tests[text]

    def holds(self, look: LookKind | None, text: str, at: int) -> bool:
        """Whether a condition holds between the characters around `at`."""
        if look == "text start":
            return at == 0
        if look == "text end":
            return at == len(text)
        if look == "line start":
            return at == 0 or text[at - 1] == "\n"
        if look == "line end":
            return at == len(text) or text[at] == "\n"
        before = at > 0 and self._is_word(text[at - 1])
        after = at < len(text) and self._is_word(text[at])
        return (before != after) == (look == "word")


class Simulation:
    """Searches of one program in one text, which share a budget of steps."""

    def __init__(self, program: Program, text: str) -> None:
        self.program = program
        self.text = text
        self.left = MOST_STEPS
        self._until_breath = _STEPS_OF_A_BREATH
        self._empty: Slots = (-1,) * program.slots

    def find(self, start: int) -> Slots | None:
        """The leftmost match at or after `start`, the preferred one of those that begin there. Raises
        RuntimeFault when the steps are used up."""
        text, code, first = self.text, self.program.code, self.program.first
        found: Slots | None = None
        threads: list[tuple[int, Slots]] = []
        seen: set[int] = set()
        at = start
        while at <= len(text):
            if found is not None and not threads:
                break
            if found is None:
                if first is not None and not threads:
                    candidate = first.search(text, at)
                    if candidate is None:
                        break
                    at, seen = candidate.start(), set()
                # A match that begins here comes after all that began before.
                self._follow(self.program.start, at, self._empty, threads, seen)
            self._count(len(seen))
            following: list[tuple[int, Slots]] = []
            seen = set()
            character = text[at : at + 1]
            for place, slots in threads:
                instruction = code[place]
                if instruction.test is None:
                    # A match: what is behind it in the list is not preferred.
                    found = slots
                    break
                if character and instruction.test(character):
                    self._follow(instruction.next, at + 1, slots, following, seen)
            threads = following
            at += 1
        return found

    def _count(self, steps: int) -> None:
        self.left -= steps + 1
        self._until_breath -= steps + 1
        if self._until_breath < 0:
            self._until_breath = _STEPS_OF_A_BREATH
            breathe()
        if self.left < 0:
            raise RuntimeFault(
                f"regex: this pattern takes too long for a text of {len(self.text)} characters; "
                "google-re2 has no such limit: pip install harnlet[regex]"
            )

    def _follow(
        self, place: int, at: int, slots: Slots, threads: list[tuple[int, Slots]], seen: set[int]
    ) -> None:
        """Add the threads that wait for a character, from `place` on, the preferred first."""
        code = self.program.code
        stack = [(place, slots)]
        while stack:
            place, slots = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            kind, following, other, _, look = code[place]
            if kind == "split":
                stack.append((other, slots))
                stack.append((following, slots))
            elif kind == "save":
                stack.append((following, (*slots[:other], at, *slots[other + 1 :])))
            elif kind == "look":
                if self.program.holds(look, self.text, at):
                    stack.append((following, slots))
            else:
                threads.append((place, slots))
