"""Patterns with stars, matched in a time that grows with text and pattern, however many stars there are.

For URLs of mocks (`*` is any text) and for paths (`**` is any text, `*` stays within one directory).
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

_LITERAL, _ONE, _WITHIN, _ANY, _FOLDERS, _IN_FOLDERS = range(6)
_TOKENS: Final = re.compile(r"\*\*/|\*\*|\*|\?|.", re.DOTALL)
_KINDS: Final = {"**": _ANY, "*": _WITHIN, "?": _ONE}


def star_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a text matches a pattern in which `*` is any text."""
    start, *rest = pattern.split("*")
    if not rest:
        return lambda text: text == pattern
    *inner, end = rest

    def matches(text: str) -> bool:
        stop = len(text) - len(end)
        if stop < len(start) or not text.startswith(start) or not text.endswith(end):
            return False
        place = len(start)
        for part in inner:
            # The first place is as good as any: what follows has the more room.
            place = text.find(part, place, stop)
            if place < 0:
                return False
            place += len(part)
        return True

    return matches


def path_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a path matches a pattern in which `**` is any text, `**/` any directories or none, `*` any text
    without a slash and `?` one character that is none."""
    tokens: list[tuple[int, str]] = []
    for part in _TOKENS.findall(pattern):
        if part == "**/":
            tokens += [(_FOLDERS, ""), (_IN_FOLDERS, "")]
        else:
            tokens.append((_KINDS.get(part, _LITERAL), part))
    last = len(tokens)

    def reached(places: Iterable[int]) -> set[int]:
        """These places in the pattern, and those that are reached from them without a character."""
        found: set[int] = set()
        open_ones = list(places)
        while open_ones:
            place = open_ones.pop()
            if place in found:
                continue
            found.add(place)
            kind = tokens[place][0] if place < last else _LITERAL
            if kind in (_WITHIN, _ANY):
                open_ones.append(place + 1)
            elif kind == _FOLDERS:
                open_ones += [place + 1, place + 2]
        return found

    def step(place: int, character: str) -> Iterable[int]:
        """Where a character leads from a place."""
        kind, literal = tokens[place] if place < last else (_LITERAL, "")
        if kind == _LITERAL:
            return (place + 1,) if character == literal else ()
        if kind == _ONE:
            return () if character == "/" else (place + 1,)
        if kind == _WITHIN:
            return () if character == "/" else (place,)
        if kind == _ANY:
            return (place,)
        if kind == _IN_FOLDERS:
            return (place, place + 1) if character == "/" else (place,)
        return ()

    def matches(text: str) -> bool:
        places = reached((0,))
        for character in text:
            places = reached(after for place in places for after in step(place, character))
            if not places:
                return False
        return last in places

    return matches
