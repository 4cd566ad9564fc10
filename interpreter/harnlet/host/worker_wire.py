"""What travels between a host and the worker process that runs a script: JSON in frames.

Neither side unpickles anything: the worker runs code that nobody trusts. Script values that are data
travel as they are; functions and handles belong to their process and do not. Rules: docs/limits.md#isolation.
"""

import base64
import json
import math
from datetime import timedelta
from typing import Any, Final

from harnlet.runtime.display import display
from harnlet.runtime.keys import make_set
from harnlet.runtime.values import Duration, EnumValue, Pair, Range, Set, StructValue, type_name

MOST_BYTES: Final = 16 * 1024 * 1024
"""The largest frame. JSON takes up to twenty times as much as Python objects."""

MOST_LEVELS: Final = 300
"""How deep values may be nested."""

HEADER_BYTES: Final = 4
_JSON_INT: Final = 1 << 63


class WireError(Exception):
    """A value that cannot travel, or a frame that makes no sense."""


# --- frames -------------------------------------------------------------------------------------


def pack(message: dict[str, Any]) -> bytes:
    """A frame. Raises WireError for one that is too large."""
    try:
        body = json.dumps(message, separators=(",", ":")).encode("ascii")
    except RecursionError:
        raise WireError("the value is nested too deep to leave its process") from None
    if len(body) > MOST_BYTES:
        raise WireError(f"the value is too large to leave its process: more than {MOST_BYTES} bytes")
    return len(body).to_bytes(HEADER_BYTES, "big") + body


def length_of(header: bytes) -> int:
    """How long the body after a header is."""
    length = int.from_bytes(header, "big")
    if length > MOST_BYTES:
        raise WireError("a frame is too large")
    return length


def unpack(body: bytes) -> dict[str, Any]:
    """The message in a body."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WireError("a frame is no JSON") from error
    if type(message) is not dict:
        raise WireError("a frame is no message")
    return message


# --- values -------------------------------------------------------------------------------------


def encode(value: Any, *, lenient: bool = False, level: int = 0) -> Any:
    """A script value, or the host data made of one, as JSON. What is no data is refused with WireError or,
    when `lenient`, given as its display."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        return value if -_JSON_INT < value < _JSON_INT else {"$": "int", "of": hex(value)}
    if kind is float:
        return value if math.isfinite(value) else {"$": "float", "of": repr(value)}
    if level >= MOST_LEVELS:
        raise WireError(f"the value is nested deeper than {MOST_LEVELS} levels")
    if kind is list:
        return _encode_all(value, lenient, level)
    if kind is dict:
        return _encode_fields(value, lenient, level)
    if kind is bytes:
        return {"$": "bytes", "of": base64.b64encode(value).decode("ascii")}
    if kind is Duration:
        return {"$": "duration", "of": encode(value.milliseconds)}
    if kind is Range:
        return {"$": "range", "of": [encode(value.start), encode(value.end), value.exclusive]}
    if kind is Pair:
        return {"$": "pair", "of": _encode_all([value.first, value.second], lenient, level)}
    if kind is Set:
        return {"$": "set", "of": _encode_all([*value.entries.values()], lenient, level)}
    if kind is EnumValue:
        fields = _encode_all(value.fields, lenient, level)
        return {"$": "enum", "of": [value.enum, value.variant, fields]}
    if isinstance(value, StructValue):
        return _encode_fields(value.fields, lenient, level)
    if kind is tuple and len(value) == 2:
        return {"$": "pair", "of": _encode_all([*value], lenient, level)}
    if kind is range:
        return {"$": "range", "of": [encode(value.start), encode(value.stop), True]}
    if kind is timedelta:
        return {"$": "duration", "of": encode(value // timedelta(milliseconds=1))}
    if lenient:
        return display(value)
    raise WireError(f"a {type_name(value)} cannot leave the process that the script runs in")


def _encode_all(items: list[Any], lenient: bool, level: int) -> list[Any]:
    made = []
    for item in items:
        kind = type(item)
        made.append(
            item if kind is str or (kind is float and math.isfinite(item))
            else encode(item, lenient=lenient, level=level + 1)
        )
    return made


def _encode_fields(fields: dict[str, Any], lenient: bool, level: int) -> dict[str, Any]:
    made = {}
    for key, item in fields.items():
        made[key] = encode(item, lenient=lenient, level=level + 1)
    return {"$": "dict", "of": made} if "$" in made else made


def decode(data: Any) -> Any:
    """The script value of such JSON. Raises WireError for anything else."""
    try:
        return _decode(data)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise WireError(f"a value makes no sense: {error!r}") from error


def _decode(data: Any) -> Any:
    kind = type(data)
    if kind is list:
        return [*map(_decode, data)]
    if kind is not dict:
        return data
    if "$" in data:
        return _TAGGED[data["$"]](data["of"])
    return _decode_fields(data)


def _decode_fields(data: dict[str, Any]) -> dict[str, Any]:
    return dict(zip(data, map(_decode, data.values()), strict=True))


def _whole(data: Any) -> int:
    number = _decode(data)
    if type(number) is not int:
        raise TypeError("an int was expected")
    return number


def _items(data: Any) -> list[Any]:
    items = _decode(data)
    if type(items) is not list:
        raise TypeError("a list was expected")
    return items


def _text(data: Any) -> str:
    if type(data) is not str:
        raise TypeError("a string was expected")
    return data


def _decode_range(data: Any) -> Range:
    start, end, exclusive = data
    return Range(_whole(start), _whole(end), exclusive is True)


def _decode_pair(data: Any) -> Pair:
    first, second = _items(data)
    return Pair(first, second)


def _decode_enum(data: Any) -> EnumValue:
    enum, variant, fields = data
    return EnumValue(_text(enum), _text(variant), _items(fields))


_TAGGED: Final = {
    "int": lambda data: int(_text(data), 16),
    "float": lambda data: float(_text(data)),
    "dict": _decode_fields,
    "bytes": lambda data: base64.b64decode(_text(data), validate=True),
    "duration": lambda data: Duration(_whole(data)),
    "range": _decode_range,
    "pair": _decode_pair,
    "set": lambda data: make_set(_items(data)),
    "enum": _decode_enum,
}
