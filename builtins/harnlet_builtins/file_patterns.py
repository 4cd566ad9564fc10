"""Patterns of file names, as `glob` reads them: `*` also crosses `/`. Rules: docs/builtins.md#files."""

from collections.abc import Callable
from typing import TypeAlias

MOST_PATTERNS = 1_000
"""How many patterns braces may stand for."""

_Test: TypeAlias = Callable[[str], bool]


class PatternError(ValueError):
    """A pattern that cannot be read; the message says why."""


class FilePattern:
    """A pattern to match paths with. Raises PatternError.

    A match takes at most as many steps as the path has characters: all places in the pattern that may
    come next are followed at once, as the bits of an int.
    """

    def __init__(self, pattern: str) -> None:
        self._machines = [_Machine(each) for each in _without_braces(pattern)]

    def matches(self, path: str) -> bool:
        """Whether the whole path fits."""
        return any(machine.matches(path) for machine in self._machines)


class _Machine:
    """One pattern without braces. Bit `n` of a set of places is the place before part `n`."""

    def __init__(self, pattern: str) -> None:
        self._tests: list[tuple[int, _Test]] = []
        self._loops = self._skips = self._long_skips = 0
        self._end = 0
        self._steps: dict[str, int] = {}
        self._read(pattern)

    def matches(self, path: str) -> bool:
        """Whether the whole path fits."""
        places = self._skipped(1)
        for character in path:
            step = self._steps.get(character)
            if step is None:
                step = sum([1 << place for place, test in self._tests if test(character)])
                self._steps[character] = step
            places = self._skipped((places & step) << 1 | places & self._loops)
            if not places:
                return False
        return bool(places >> self._end & 1)

    def _skipped(self, places: int) -> int:
        """With the places behind parts that may be empty."""
        while True:
            more = places | (places & self._skips) << 1 | (places & self._long_skips) << 2
            if more == places:
                return places
            places = more

    def _read(self, pattern: str) -> None:
        at = 0
        while at < len(pattern):
            sign = pattern[at]
            if sign == "*":
                at = self._stars(pattern, at)
            elif sign == "[":
                end = _end_of_set(pattern, at)
                self._one(_set(pattern[at + 1 : end - 1]))
                at = end
            elif sign == "?":
                self._one(lambda character: True)
                at += 1
            else:
                at += sign == "\\" and at + 1 < len(pattern)
                self._one(pattern[at].__eq__)
                at += 1

    def _one(self, test: _Test) -> None:
        """A part of exactly one character."""
        self._tests.append((self._end, test))
        self._end += 1

    def _stars(self, pattern: str, at: int) -> int:
        """Read stars: any characters. `**/` where a name begins is any directories, also none."""
        end = at
        while end < len(pattern) and pattern[end] == "*":
            end += 1
        self._skips |= 1 << self._end
        if end - at == 2 and (at == 0 or pattern[at - 1] == "/") and pattern[end : end + 1] == "/":
            self._long_skips |= 1 << self._end
            self._end += 1
            self._loops |= 1 << self._end
            self._one("/".__eq__)
            return end + 1
        self._loops |= 1 << self._end
        self._end += 1
        return end


def _without_braces(pattern: str) -> list[str]:
    """All that a pattern with `{a,b}` stands for."""
    done: list[str] = []
    waiting = [pattern]
    while waiting:
        text = waiting.pop()
        braces = _first_braces(text)
        if braces is None:
            done.append(text)
        else:
            start, end, parts = braces
            waiting += [text[:start] + part + text[end:] for part in reversed(parts)]
        if len(done) + len(waiting) > MOST_PATTERNS:
            raise PatternError(f"more than {MOST_PATTERNS} alternatives")
    return done


def _first_braces(text: str) -> tuple[int, int, list[str]] | None:
    """Start, end and alternatives of the outermost braces that come first."""
    start, depth, cut = -1, 0, 0
    parts: list[str] = []
    at = 0
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 1
        elif sign == "[":
            at = _end_of_set(text, at) - 1
        elif sign == "{":
            if depth == 0:
                start, cut = at, at + 1
            depth += 1
        elif sign == "}":
            if depth == 0:
                raise PatternError("unopened alternate group; missing '{' (maybe escape '}' with '[}]'?)")
            depth -= 1
            if depth == 0:
                parts.append(text[cut:at])
                return start, at + 1, parts
        elif sign == "," and depth == 1:
            parts.append(text[cut:at])
            cut = at + 1
        at += 1
    if depth:
        raise PatternError("unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)")
    return None


def _end_of_set(text: str, start: int) -> int:
    """Where the set that begins at `start` ends."""
    at = start + 1
    at += text[at : at + 1] in ("!", "^")
    at = text.find("]", at + 1)
    if at < 0:
        raise PatternError("unclosed character class; missing ']'")
    return at + 1


def _set(inside: str) -> _Test:
    """What `[a-z]` and `[!a-z]` accept."""
    negated = inside[:1] in ("!", "^")
    members = inside[negated:]
    ranges: list[tuple[str, str]] = []
    at = 0
    while at < len(members):
        is_range = members[at + 1 : at + 2] == "-" and at + 2 < len(members)
        low, high = members[at], members[at + 2 if is_range else at]
        if low > high:
            raise PatternError(f"invalid range; '{low}' > '{high}'")
        ranges.append((low, high))
        at += 3 if is_range else 1
    return lambda character: negated != any(low <= character <= high for low, high in ranges)
