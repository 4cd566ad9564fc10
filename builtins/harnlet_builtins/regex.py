"""Regular expressions: `regex_match`, `regex_replace`, `regex_captures`, `regex_split`.

Linear time, no look-around, no back-references; how that is kept is told in
`harnlet.runtime.regex.engines`.
Rules: docs/builtins.md#regex.
"""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from harnlet.errors.faults import Thrown
from harnlet.runtime import caps
from harnlet.runtime.breath import breathing
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display

if TYPE_CHECKING:
    from harnlet.runtime.regex.engines import Search, Slots
    from harnlet.runtime.regex.escapes import RegexError

_MISSING = object()
_PLACE = r"\$(?:(\$)|([0-9A-Za-z_]+)|\{([^{}]*)\})"


def _flags(value: object) -> dict[str, bool]:
    given: dict[str, bool] = {}
    for letter in "" if value is None else display(value):
        if letter not in "imsx":
            raise Thrown(f"Invalid regex: unsupported regex flag '{letter}', expected one of i/m/s/x")
        given[letter] = True
    return given


def _open(pattern: object, text: object, flags: object) -> "tuple[Search, tuple[str | None, ...]]":
    """The search of a text for a pattern, and the names of its groups."""
    # The engines are some modules that most runs never need.
    from harnlet.runtime.regex.engines import Flags, RegexError, open_search

    source = display(pattern)
    try:
        return open_search(source, Flags(**_flags(flags)), display(text))
    except RegexError as error:
        raise Thrown(f"Invalid regex: {_explained(source, error)}") from None


def _matches(search: "Search") -> "Iterator[Slots]":
    from harnlet.runtime.regex.engines import matches

    return breathing(matches(search))


def _explained(pattern: str, error: "RegexError") -> str:
    """The problem below the pattern, with a mark where it is."""
    if "\n" in pattern or len(pattern) > 1_000:
        return f"regex parse error: {error.reason} (at character {error.at + 1})"
    return f"regex parse error:\n    {pattern}\n    {' ' * error.at}^\nerror: {error.reason}"


@builtin("regex_match(pattern, text, flags?)", section="10.5")
def regex_match(pattern: object = _MISSING, text: object = _MISSING, flags: object = None) -> object:
    """The texts of all matches; nil if there is none."""
    if text is _MISSING:
        return None
    search, _ = _open(pattern, text, flags)
    return [search.piece(slots[0], slots[1]) for slots in _matches(search)] or None


@builtin("regex_captures(pattern, text)", section="10.5")
def regex_captures(pattern: object = _MISSING, text: object = _MISSING) -> list[object]:
    """All matches as `{match, groups}`, with a key for each named group that took part."""
    if text is _MISSING:
        return []
    search, names = _open(pattern, text, None)
    found: list[object] = []
    for slots in _matches(search):
        groups = [_group(search, slots, index) for index in range(1, len(slots) // 2)]
        named = {
            name: group
            for name, group in zip(names, groups, strict=True)
            if name is not None and group is not None
        }
        found.append({"match": search.piece(slots[0], slots[1]), "groups": groups, **named})
    return found


def _group(search: "Search", slots: "Slots", index: int) -> str | None:
    """The text of a group; None if it took no part, or there is no such group."""
    if index >= len(slots) // 2 or slots[2 * index] < 0:
        return None
    return search.piece(slots[2 * index], slots[2 * index + 1])


@builtin("regex_replace(pattern, replacement, text)", section="10.5")
def regex_replace(
    pattern: object = _MISSING, replacement: object = _MISSING, text: object = _MISSING
) -> object:
    """The text with every match replaced; `$1`, `$name` and `${name}` are groups, `$$` is a dollar."""
    if text is _MISSING:
        return None
    search, names = _open(pattern, text, None)
    fill = _filler(display(replacement), names)
    parts: list[str] = []
    length = at = 0
    for slots in _matches(search):
        parts.append(search.piece(at, slots[0]))
        parts.append(fill(search, slots))
        length += len(parts[-1]) + len(parts[-2])
        caps.check_text(length)
        at = slots[1]
    parts.append(search.piece(at, search.end))
    caps.check_text(length + len(parts[-1]))
    return "".join(parts)


@builtin("regex_replace_all(pattern, replacement, text)", section="10.5")
def regex_replace_all(
    pattern: object = _MISSING, replacement: object = _MISSING, text: object = _MISSING
) -> object:
    """The same as `regex_replace`."""
    return regex_replace(pattern, replacement, text)


def _filler(replacement: str, names: tuple[str | None, ...]) -> "Callable[[Search, Slots], str]":
    """What makes the new text of a match. A group that does not exist is empty."""
    if "$" not in replacement:
        return lambda search, slots: replacement
    parts: list[str | int] = []
    at = 0
    for place in re.finditer(_PLACE, replacement):
        parts.append(replacement[at : place.start()])
        at = place.end()
        dollar, bare, braced = place.groups()
        name = bare if bare is not None else braced
        if dollar:
            parts.append("$")
        elif name.isascii() and name.isdigit():
            parts.append(int(name) if len(name) < 6 else len(names) + 1)
        elif name in names:
            parts.append(names.index(name) + 1)
    parts.append(replacement[at:])

    def fill(search: "Search", slots: "Slots") -> str:
        texts = [_group(search, slots, part) if isinstance(part, int) else part for part in parts]
        return "".join([text for text in texts if text is not None])

    return fill


@builtin("regex_split(text, pattern, flags?)", section="10.5")
def regex_split(text: object = _MISSING, pattern: object = _MISSING, flags: object = None) -> object:
    """The parts of the text between the matches; the text comes first here."""
    if pattern is _MISSING:
        return None
    search, _ = _open(pattern, text, flags)
    parts: list[object] = []
    at = 0
    for slots in _matches(search):
        parts.append(search.piece(at, slots[0]))
        at = slots[1]
    parts.append(search.piece(at, search.end))
    return parts
