"""Which engine searches a text for a pattern.

All patterns are read by our own parser (the syntax and the sets of Rust's `regex`) and given as trees to
one of three engines, which find the same:

- google-re2 (the extra `regex`), when it is installed: always linear time. It knows word boundaries of
  ASCII only, so `\\b` in other texts is left to the others.
- Python's `re`, when a count from above (`cost.py`) shows that even its worst case for this text is
  affordable: it backtracks, nothing interrupts it, and a script must not stop the host with a pattern.
- a simulation (`simulation.py`) for the rest: slow, but never slower than text times pattern.

Rule: docs/builtins.md#regex.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, cached_property, lru_cache
from typing import Any, Protocol, TypeAlias

from harnlet.runtime.regex.cost import cost_of
from harnlet.runtime.regex.escapes import RegexError
from harnlet.runtime.regex.parser import Flags, parse_pattern
from harnlet.runtime.regex.simulation import Program, Simulation
from harnlet.runtime.regex.source import source
from harnlet.runtime.regex.tree import Character, Look, Node, Pattern, children

__all__ = ["Flags", "RegexError", "Search", "Slots", "matches", "open_search"]

AFFORDABLE_STEPS = 50_000_000
"""Of `re`: half a second at the very worst."""
LONGEST_PATTERN = 20_000
MOST_RANGES = 30_000
"""Of all sets of a pattern together: `re` takes a second to read so many. `\\w` of Unicode has 760."""
_RANGES_OF_WORD = 3_000
"""What a word boundary of Unicode is made of."""

Slots: TypeAlias = tuple[int, ...]


class Search(Protocol):
    """One text, searched for one pattern. Positions are the engine's own: only `piece` knows them."""

    end: int

    def find(self, start: int) -> Slots | None:
        """The leftmost match at or after `start`: start and end of it and of each group, -1 for one that
        took no part."""

    def piece(self, start: int, end: int) -> str:
        """The text between two positions."""

    def after(self, at: int) -> int:
        """The position one character on."""


class Compiled:
    """A pattern that was read, for ASCII texts or for any; its engines are made when they are needed."""

    def __init__(self, text: str, flags: Flags, ascii_only: bool) -> None:
        self.pattern: Pattern = parse_pattern(text, flags, ascii_only)
        self.ascii_only = ascii_only
        if _size(self.pattern.root, ascii_only) > MOST_RANGES:
            raise RegexError(f"compiled regex exceeds size limit of {MOST_RANGES} character ranges", 0)

    @cached_property
    def re2(self) -> Any:
        """The pattern of google-re2; None when it is not installed or cannot have this one."""
        module = _re2_module()
        if module is None or (not self.ascii_only and _has_words(self.pattern.root)):
            return None
        options = module.Options()
        options.log_errors = False
        try:
            return module.compile(source(self.pattern.root, "re2", self.ascii_only), options)
        except module.error:
            return None

    @cached_property
    def cost(self) -> Callable[[str], float]:
        """The most steps that `re` takes for a text."""
        return cost_of(self.pattern.root)

    @cached_property
    def python(self) -> re.Pattern[str]:
        """The pattern of `re`."""
        return re.compile(source(self.pattern.root, "python", self.ascii_only))

    @cached_property
    def program(self) -> Program:
        """The pattern for the simulation. Raises RegexError."""
        return Program(self.pattern.root, len(self.pattern.names), self.ascii_only)


@cache
def _re2_module() -> Any:
    from importlib import import_module

    try:
        return import_module("re2")
    except ImportError:
        return None


def _size(node: Node, ascii_only: bool) -> int:
    if isinstance(node, Character):
        return len(node.ranges)
    own = _RANGES_OF_WORD if isinstance(node, Look) and "word" in node.kind and not ascii_only else 1
    return own + sum([_size(part, ascii_only) for part in children(node)])


def _has_words(node: Node) -> bool:
    if isinstance(node, Look):
        return node.kind in ("word", "not word")
    return any(map(_has_words, children(node)))


@lru_cache(maxsize=128)
def _compiled(text: str, flags: Flags, ascii_only: bool) -> Compiled:
    return Compiled(text, flags, ascii_only)


def open_search(pattern: str, flags: Flags, text: str) -> tuple[Search, tuple[str | None, ...]]:
    """The search of a text, by the engine that is best for it, and the names of the groups. Raises
    RegexError."""
    if len(pattern) > LONGEST_PATTERN:
        raise RegexError(f"pattern is longer than {LONGEST_PATTERN} characters", 0)
    compiled = _compiled(pattern, flags, text.isascii())
    return _search(compiled, text), compiled.pattern.names


def _search(compiled: Compiled, text: str) -> Search:
    if compiled.re2 is not None:
        try:
            return _Re2Search(compiled.re2, text.encode("utf-8"))
        except UnicodeEncodeError:
            # Half a surrogate pair, which re2 cannot read.
            pass
    if compiled.cost(text) <= AFFORDABLE_STEPS:
        return _PythonSearch(compiled.python, text)
    return _SimulatedSearch(compiled.program, text)


class _Re2Search:
    def __init__(self, pattern: Any, data: bytes) -> None:
        self._pattern = pattern
        self._data = data
        self.end = len(data)

    def find(self, start: int) -> Slots | None:
        match = self._pattern.search(self._data, start)
        if match is None:
            return None
        return tuple(place for index in range(self._pattern.groups + 1) for place in match.span(index))

    def piece(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8")

    def after(self, at: int) -> int:
        at += 1
        while at < self.end and self._data[at] & 0xC0 == 0x80:
            at += 1
        return at


class _TextSearch:
    def __init__(self, text: str) -> None:
        self.text = text
        self.end = len(text)

    def piece(self, start: int, end: int) -> str:
        return self.text[start:end]

    def after(self, at: int) -> int:
        return at + 1


class _PythonSearch(_TextSearch):
    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        super().__init__(text)
        self._pattern = pattern

    def find(self, start: int) -> Slots | None:
        match = self._pattern.search(self.text, start)
        if match is None:
            return None
        return tuple(place for index in range(self._pattern.groups + 1) for place in match.span(index))


class _SimulatedSearch(_TextSearch):
    def __init__(self, program: Program, text: str) -> None:
        super().__init__(text)
        self._simulation = Simulation(program, text)

    def find(self, start: int) -> Slots | None:
        return self._simulation.find(start)


def matches(search: Search) -> Iterator[Slots]:
    """All matches from left to right that do not overlap; none is empty where another ends."""
    at, last_end = 0, -1
    while at <= search.end:
        slots = search.find(at)
        if slots is None:
            return
        start, end = slots[0], slots[1]
        if start == end == last_end:
            at = search.after(at)
            continue
        yield slots
        at = last_end = end
