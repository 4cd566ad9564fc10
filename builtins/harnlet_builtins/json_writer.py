"""Script values to JSON text. Rules: docs/builtins.md#data-formats."""

from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any

from harnlet.runtime.breath import breath_of_text
from harnlet.runtime.display import display_int
from harnlet_builtins.json_pieces import DEEPEST, float_text, json_piece, plain
from harnlet_builtins.logs import json_text

_SLICE = 500
"""How many elements of a large collection are written at once, if they are small."""


def stringify(value: object, write_float: Callable[[float], str] | None = None) -> str:
    """Compact JSON with sorted keys, for a value nested to any depth; floats by `write_float`, if given.

    What JSON has no form for (durations, enum values, functions, handles, …) is `null`; not a number
    and the infinities are written by their display, which no JSON reader accepts. Raises RuntimeFault
    when the text would be above the cap.
    """
    if write_float is not None:
        return _spread(value, {**_LEAVES, float: write_float}, False)
    text = json_piece(value)[0]
    return _spread(value, _LEAVES, True) if text is None else text


def _spread(value: object, leaves: dict[type, Callable[[Any], str]], in_pieces: bool) -> str:
    """Write a value that may be large: with a stack, and a safe point now and then. What is small in it
    is written at once, if `in_pieces` says so."""
    texts: list[str] = []
    length = 0
    breath = breath_of_text(0)
    level = try_from = 0  # Where something was too deep, so is what it holds.
    open_ones: list[tuple[str, Iterator[tuple[str, Any]]]] = []
    closing = ""
    items: Iterator[tuple[str, Any]] = iter((("", value),))
    while True:
        for label, item in items:
            kind = type(item)
            if kind not in _JSON_KINDS:
                item = plain(item)
                kind = type(item)
            leaf = leaves.get(kind)
            text: str | None = None
            if leaf is not None:
                text = leaf(item)
            elif in_pieces and level >= try_from:
                text, too_deep = json_piece(item)
                if too_deep:
                    try_from = level + DEEPEST // 2
            if text is None:
                open_ones.append((closing, items))
                if kind is list:
                    opening, closing, items = "[", "]", _listed(item, in_pieces)
                else:
                    opening, closing, items = "{", "}", _keyed(item, in_pieces)
                texts.append(label + opening)
                length += len(label) + 2
                level += 1
                break
            texts.append(label + text)
            length += len(label) + len(text)
            if length > breath:
                breath = breath_of_text(length)
        else:
            texts.append(closing)
            if not open_ones:
                return "".join(texts)
            closing, items = open_ones.pop()
            level -= 1
            try_from = min(try_from, level)
        if length > breath:
            breath = breath_of_text(length)


class _Written(str):
    """Elements that have been written already."""

    __slots__ = ()


def _listed(items: list[Any], in_pieces: bool) -> Iterator[tuple[str, Any]]:
    """The elements, or the text of many of them, and what stands before each."""
    label = ""
    for start in range(0, len(items), _SLICE):
        part = items[start : start + _SLICE]
        text = json_piece(part)[0] if in_pieces and len(items) > _SLICE else None
        for item in part if text is None else (_Written(text[1:-1]),):
            yield label, item
            label = ","


def _keyed(fields: dict[str, Any], in_pieces: bool) -> Iterator[tuple[str, Any]]:
    """The same for a dict, in the order of the keys."""
    names = sorted(fields)
    comma = ""
    for start in range(0, len(names), _SLICE):
        part = names[start : start + _SLICE]
        if in_pieces and len(names) > _SLICE:
            text = json_piece({name: fields[name] for name in part})[0]
            if text is not None:
                yield comma, _Written(text[1:-1])
                comma = ","
                continue
        for name in part:
            yield f"{comma}{_string(name)}:", fields[name]
            comma = ","


def _string(text: str) -> str:
    """A JSON string. Most texts have nothing to escape, which is quickly seen."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return json_text(text)


_LEAVES: dict[type, Callable[[Any], str]] = {
    _Written: lambda text: text,
    str: _string,
    int: display_int,
    float: float_text,
    bool: lambda value: "true" if value else "false",
    NoneType: lambda _: "null",
}
_JSON_KINDS = {*_LEAVES, list, dict}
