"""JSON text of values that are not large, by CPython's own encoder in C.

That writes a value in one call, which nobody can interrupt, and it writes some things in another way
than we do: it gets small values only, and its text is mended. Rules: docs/builtins.md#data-formats.
"""

import re
from binascii import b2a_base64
from collections.abc import Callable
from functools import cache
from gc import get_referents
from itertools import chain
from operator import length_hint
from types import FunctionType, NoneType
from typing import Any

from harnlet.runtime import caps
from harnlet.runtime.display import display, display_float
from harnlet.runtime.values import Duration, EnumValue, Handle, Pair, Range, Set, StructValue, type_name

MOST = 100_000
"""How many values and characters count as small: writing them takes 1 to 5 ms."""

DEEPEST = 30
"""How many levels count as small: the encoder recurses."""

_TOO_MUCH, _TOO_DEEP = object(), object()
_CONTAINERS = frozenset({list, dict})
_KNOWN = _CONTAINERS | {str, int, float, bool, NoneType}
_NULL = frozenset({Duration, EnumValue, Pair, FunctionType})


def json_piece(value: object) -> tuple[str | None, bool]:
    """The JSON text of a value; None if it is too large for one call, or holds an int of thousands of
    digits. Also whether that is because of its depth. Raises RuntimeFault above the cap for texts."""
    found = _survey(value)
    if found is _TOO_MUCH or found is _TOO_DEEP:
        return None, found is _TOO_DEEP
    try:
        text = "".join(_encoder()(value, 0))
    except (RecursionError, ValueError):
        return None, False
    if "\\b" in text or "\\f" in text:
        text = _ESCAPE.sub(_long_escape, text)
    if not text.isprintable():
        text = text.translate(_CONTROLS) if text.isascii() else _CONTROL.sub(_escaped, text)
    if found and any(mark in text for mark in _ODD_FLOATS):
        text = _with_our_floats(text)
    caps.check_text(len(text))
    return text, False


def _survey(value: object) -> object:
    """Go over what the value holds, level by level, until that is too much: whether there are floats.

    None of this is a loop in Python, so that it takes a fifth of the time that writing does.
    """
    left = MOST
    floats = False
    level = [value]
    for _ in range(DEEPEST):
        kinds = set(map(type, level))
        if not kinds <= _KNOWN:
            level = [item if type(item) in _KNOWN else plain(item) for item in level]
            kinds = set(map(type, level))
        left -= len(level) + sum(map(length_hint, level))
        if left < 0:
            return _TOO_MUCH
        floats = floats or float in kinds
        if dict in kinds:
            left -= sum(map(len, chain.from_iterable([item for item in level if type(item) is dict])))
        elif list not in kinds:
            return floats
        level = get_referents(*level)  # Of a dict these are the values, or the keys as well.
    return _TOO_DEEP


def plain(value: object) -> Any:
    """What stands in JSON for a value that JSON has no form for. Raises TypeError for what is none."""
    kind = type(value)
    if isinstance(value, StructValue):
        return value.fields
    if kind is Set:
        return [*value.entries.values()]  # type: ignore[attr-defined]
    if kind is bytes:
        return {"$bytes_b64": b2a_base64(value, newline=False).decode("ascii")}  # type: ignore[arg-type]
    if kind is Range:
        return display(value)
    if kind in _NULL or isinstance(value, Handle):
        return None
    raise TypeError(f"cannot write {type_name(value)} as JSON")


@cache
def _encoder() -> Callable[[object, int], tuple[str, ...]]:
    """Python's `json` makes a new one for each text, which takes longer than writing a small one."""
    from json import encoder

    make: Any = vars(encoder)["c_make_encoder"]
    made: Callable[[object, int], tuple[str, ...]] = make(
        None, plain, encoder.encode_basestring, None, ":", ",", True, False, True
    )
    return made


# --- what we write in another way -----------------------------------------------------------------

_ESCAPE = re.compile(r"\\.")
_CONTROL = re.compile("[\x7f-\x9f]")
_CONTROLS = {0x7F: "\\u007f"}


def _long_escape(match: re.Match[str]) -> str:
    found = match[0]
    return "\\u0008" if found == "\\b" else "\\u000c" if found == "\\f" else found


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


_ODD_FLOATS = (".0", "e+", "e-", "NaN", "Infinity")
"""What a text has in it when a float in it may be written in another way."""
_ODD_FLOAT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?e[+-][0-9]+|-?Infinity|NaN")


def _with_our_floats(text: str) -> str:
    """The same text with floats as we write them. Strings are left alone: they are every second part, when
    escaped quotes are out of the way."""
    escapes = "\\" in text
    if escapes:
        text = text.replace("\\\\", "\0").replace('\\"', "\1")
    parts = text.split('"')
    numbers = '"'.join(parts[::2]) + ","
    for end in ",]}":
        numbers = numbers.replace(f".0{end}", end)
    if any(mark in numbers for mark in _ODD_FLOATS[1:]):
        numbers = _ODD_FLOAT.sub(_our_float, numbers)
    parts[::2] = numbers[:-1].split('"')
    text = '"'.join(parts)
    return text.replace("\1", '\\"').replace("\0", "\\\\") if escapes else text


def _our_float(match: re.Match[str]) -> str:
    return float_text(float(match[0]))


def float_text(number: float) -> str:
    """Plain digits, without a fraction of zero."""
    return display_float(number).removesuffix(".0")
