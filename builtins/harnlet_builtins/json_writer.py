"""Script values to JSON text. Rules: docs/builtins.md#data-formats."""

from binascii import b2a_base64
from collections.abc import Callable
from types import FunctionType
from typing import Any

from harnlet.runtime import caps
from harnlet.runtime.display import display, display_float, display_int
from harnlet.runtime.values import Duration, EnumValue, Handle, Pair, Range, Set, StructValue, type_name
from harnlet_builtins.logs import json_text


class _Raw(str):
    """JSON text that stands on the stack between values."""

    __slots__ = ()


def stringify(value: object) -> str:
    """Compact JSON with sorted keys, for a value nested to any depth.

    What JSON has no form for (durations, enum values, functions, handles, …) is `null`; not a number
    and the infinities are written by their display, which no JSON reader accepts. Raises RuntimeFault
    when the text would be above the cap.
    """
    texts: list[str] = []
    length = 0
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        leaf = _LEAVES.get(type(item))
        text = _opened(item, stack) if leaf is None else leaf(item)
        texts.append(text)
        length += len(text)
        if length > caps.TEXT_LENGTH:
            raise caps.text_too_long()
    return "".join(texts)


def _opened(item: object, stack: list[object]) -> str:
    """The text of a flat collection; of a nested one its beginning, with the rest put onto the stack."""
    opening, labels, items, closing = _parts(item)
    try:
        leaves = [_LEAVES[type(each)](each) for each in items]
    except KeyError:
        stack.append(_Raw(closing))
        for place in range(len(items) - 1, -1, -1):
            stack.append(items[place])
            label = "" if labels is None else labels[place]
            if place or label:
                stack.append(_Raw(f",{label}" if place else label))
        return opening
    if labels is not None:
        leaves = [label + leaf for label, leaf in zip(labels, leaves, strict=True)]
    return f"{opening}{','.join(leaves)}{closing}"


def _parts(value: object) -> tuple[str, list[str] | None, list[Any], str]:
    """Opening text, label of each element (or None), elements, closing text."""
    if type(value) is list:
        return "[", None, value, "]"
    if type(value) is Set:
        return "[", None, [*value.entries.values()], "]"
    if type(value) is dict or type(value) is StructValue:
        fields = value.fields if type(value) is StructValue else value
        names = sorted(fields)
        return "{", [f"{json_text(name)}:" for name in names], [fields[name] for name in names], "}"
    if isinstance(value, Handle):
        return "null", None, [], ""
    raise TypeError(f"cannot write {type_name(value)} as JSON")


def _float(number: float) -> str:
    return display_float(number).removesuffix(".0")


def _bytes(data: bytes) -> str:
    return f'{{"$bytes_b64":"{b2a_base64(data, newline=False).decode("ascii")}"}}'


def _null(value: object) -> str:
    return "null"


_LEAVES: dict[type, Callable[[Any], str]] = {
    _Raw: str,
    str: json_text,
    int: display_int,
    float: _float,
    bool: lambda value: "true" if value else "false",
    type(None): _null,
    bytes: _bytes,
    Range: lambda value: json_text(display(value)),
    Duration: _null,
    EnumValue: _null,
    Pair: _null,
    FunctionType: _null,
}
