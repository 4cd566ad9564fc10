"""Types, conversion, size and identity. Rules: docs/builtins.md#types-conversion-result."""

import math
import os
from hashlib import blake2b
from types import FunctionType

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import Builtin, builtin
from harnlet.runtime.display import display, type_name
from harnlet.runtime.equality import equals
from harnlet.runtime.keys import key_text
from harnlet.runtime.numbers import parse_float, parse_int
from harnlet.runtime.operators import to_float as float_of_int
from harnlet.runtime.values import Pair, Range, Set, StructType


@builtin("type_of(value)", section="6")
def type_of(value: object = None) -> str:
    """The name of the value's type."""
    return type_name(value)


@builtin("to_string(value)", section="6")
def to_string(value: object = None) -> str:
    """The display text of a value."""
    return display(value)


@builtin("to_int(value)", section="6")
def to_int(value: object = None) -> int | None:
    """An int from an int, a float (its fraction is dropped) or decimal digits; else nil."""
    if type(value) is int:
        return value
    if type(value) is float:
        return int(value) if math.isfinite(value) else None
    return parse_int(value) if type(value) is str else None


@builtin("to_float(value)", section="6")
def to_float(value: object = None) -> float | None:
    """A float from a number or the text of one; else nil."""
    if type(value) is float:
        return value
    if type(value) is int:
        return float_of_int(value)
    return parse_float(value) if type(value) is str else None


@builtin("to_list(value)", section="6")
def to_list(value: object = None) -> list[object]:
    """A list: itself, the elements of a set, or the value as its only element."""
    if type(value) is list:
        return value
    return [*value.entries.values()] if type(value) is Set else [value]


@builtin("len(value)", section="6")
def len_(value: object = None) -> int:
    """How many characters, bytes, elements or keys; 0 for what has none."""
    if type(value) is list or type(value) is str or type(value) is dict or type(value) is bytes:
        return len(value)
    if type(value) is Set:
        return len(value.entries)
    return value.length() if type(value) is Range else 0


@builtin("keys(dict)", section="6")
def keys(dict_: object = None) -> list[object]:
    """The sorted keys of a dict."""
    return [*sorted(dict_)] if type(dict_) is dict else []


@builtin("values(dict)", section="6")
def values(dict_: object = None) -> list[object]:
    """The values of a dict, sorted by key."""
    return [dict_[key] for key in sorted(dict_)] if type(dict_) is dict else []


@builtin("entries(dict)", section="6")
def entries(dict_: object = None) -> list[object]:
    """A list of `{key, value}` of a dict, sorted by key."""
    return [{"key": key, "value": dict_[key]} for key in sorted(dict_)] if type(dict_) is dict else []


# --- identity -----------------------------------------------------------------------------------

_BY_IDENTITY = frozenset({list, dict, Set, FunctionType, StructType, Pair})
_WITH_ADDRESS = frozenset({*_BY_IDENTITY, str, bytes}) - {Pair}
_SALT = os.urandom(16)


@builtin("is_same(a, b)", section="6")
def is_same(a: object = None, b: object = None) -> bool:
    """Whether two collections or closures are one object; for other values whether they are equal."""
    return a is b if type(a) in _BY_IDENTITY else equals(a, b)


@builtin("addr_of(value)", section="6")
def addr_of(value: object = None) -> str:
    """A text that tells objects apart; the address itself would help who attacks the host."""
    if type(value) in _WITH_ADDRESS:
        digest = blake2b(id(value).to_bytes(8, "big"), key=_SALT, digest_size=6)
        return f"{type_name(value)}@0x{digest.hexdigest()}"
    if isinstance(value, Builtin):
        return f"builtin@{value.name}"
    return f"{type_name(value)}@{display(value)}"


@builtin("hash_value(value)", section="6")
def hash_value(value: object = None) -> int:
    """A 64-bit hash (FNV-1a) of the structural key, as a signed int."""
    code = 0xCBF29CE484222325
    for byte in key_text(value).encode("utf-8", "surrogatepass"):
        code = (code ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return code - (1 << 64) if code >> 63 else code


_MISSING = object()


@builtin("unreachable(value?)", section="6")
def unreachable(value: object = _MISSING) -> None:
    """Raises a runtime error: the program should never get here."""
    if value is _MISSING:
        raise RuntimeFault("unreachable code was reached")
    raise RuntimeFault(f"unreachable code was reached: {display(value)}")
