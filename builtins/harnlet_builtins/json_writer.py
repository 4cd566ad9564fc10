"""Script values to JSON text. Rules: docs/builtins.md#data-formats."""

from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from types import FunctionType
from typing import Any

from harnlet.runtime.breath import breath_of_text
from harnlet.runtime.display import display, display_float, display_int
from harnlet.runtime.values import Duration, EnumValue, Handle, Pair, Range, type_name
from harnlet_builtins.data_shapes import elements_of, fields_of
from harnlet_builtins.logs import json_text


def stringify(value: object, float_text: Callable[[float], str] | None = None) -> str:
    """Compact JSON with sorted keys, for a value nested to any depth; floats by `float_text`, if given.

    What JSON has no form for (durations, enum values, functions, handles, …) is `null`; not a number
    and the infinities are written by their display, which no JSON reader accepts. Raises RuntimeFault
    when the text would be above the cap.
    """
    leaves = _LEAVES if float_text is None else {**_LEAVES, float: float_text}
    texts: list[str] = []
    length = 0
    breath = breath_of_text(0)
    open_ones: list[tuple[str, Iterator[tuple[str, Any]]]] = []
    closing, items = "", iter((("", value),))
    while True:
        for label, item in items:
            leaf = leaves.get(type(item))
            if leaf is not None:
                text = label + leaf(item)
                texts.append(text)
                length += len(text)
                if length > breath:
                    breath = breath_of_text(length)
            else:
                opening, inner_closing, inner = _opened(item)
                texts.append(label + opening)
                length += len(label) + 2
                open_ones.append((closing, items))
                closing, items = inner_closing, inner
                break
        else:
            texts.append(closing)
            if not open_ones:
                return "".join(texts)
            closing, items = open_ones.pop()
        if length > breath:
            breath = breath_of_text(length)


def _opened(value: object) -> tuple[str, str, Iterator[tuple[str, Any]]]:
    """How the text of a collection begins and ends, and what stands before each of its elements."""
    elements = elements_of(value)
    if elements is not None:
        return "[", "]", _listed(elements)
    fields = fields_of(value)
    if fields is not None:
        names = sorted(fields)
        labels = [f",{_string(name)}:" for name in names]
        if labels:
            labels[0] = labels[0][1:]
        return "{", "}", zip(labels, [fields[name] for name in names], strict=True)
    if isinstance(value, Handle):
        return "null", "", iter(())
    raise TypeError(f"cannot write {type_name(value)} as JSON")


def _listed(items: Iterable[object]) -> Iterator[tuple[str, object]]:
    return zip(chain(("",), repeat(",")), items, strict=False)


def _string(text: str) -> str:
    """A JSON string. Most texts have nothing to escape, which is quickly seen."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return json_text(text)


def _float(number: float) -> str:
    return display_float(number).removesuffix(".0")


def _bytes(data: bytes) -> str:
    return f'{{"$bytes_b64":"{b2a_base64(data, newline=False).decode("ascii")}"}}'


def _null(value: object) -> str:
    return "null"


_LEAVES: dict[type, Callable[[Any], str]] = {
    str: _string,
    int: display_int,
    float: _float,
    bool: lambda value: "true" if value else "false",
    type(None): _null,
    bytes: _bytes,
    Range: lambda value: _string(display(value)),
    Duration: _null,
    EnumValue: _null,
    Pair: _null,
    FunctionType: _null,
}
