"""Bytes: they have no methods, only these builtins. Rules: docs/builtins.md#bytes."""

from collections.abc import Callable

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime import caps
from harnlet.runtime.builtin import builtin
from harnlet.runtime.values import type_name
from harnlet_builtins.base_encodings import EncodingError, base64_bytes, base64_text, hex_bytes
from harnlet_builtins.utf8 import lossy, strict, utf8

_MISSING = object()


def _wrong(name: str, place: int, kind: str, value: object) -> RuntimeFault:
    if value is _MISSING:
        return RuntimeFault(f"{name}: missing argument {place}")
    return RuntimeFault(f"{name}: expected {kind} at argument {place}, got {type_name(value)}")


def _bytes(name: str, place: int, value: object) -> bytes:
    if type(value) is bytes:
        return value
    raise _wrong(name, place, "bytes", value)


def _string(name: str, place: int, value: object) -> str:
    if type(value) is str:
        return value
    raise _wrong(name, place, "string", value)


def _int(name: str, place: int, value: object) -> int:
    if type(value) is int:
        return value
    raise _wrong(name, place, "int", value)


def _decoded(name: str, decode: Callable[[str], bytes], value: object) -> bytes:
    try:
        return decode(_string(name, 1, value))
    except EncodingError as error:
        raise RuntimeFault(f"{name}: {error}") from None


@builtin("bytes_from_string(text)", section="11.1")
def bytes_from_string(text: object = _MISSING) -> bytes:
    """The UTF-8 of a string."""
    return utf8(_string("bytes_from_string", 1, text))


@builtin("bytes_to_string(bytes)", section="11.1")
def bytes_to_string(data: object = _MISSING) -> str:
    """The string of UTF-8; an error if it is none."""
    return strict(_bytes("bytes_to_string", 1, data), "bytes_to_string")


@builtin("bytes_to_string_lossy(bytes)", section="11.1")
def bytes_to_string_lossy(data: object = _MISSING) -> str:
    """The string of UTF-8, with U+FFFD for what is none."""
    return lossy(_bytes("bytes_to_string_lossy", 1, data))


@builtin("bytes_from_hex(text)", section="11.1")
def bytes_from_hex(text: object = _MISSING) -> bytes:
    """The bytes of hexadecimal digits."""
    return _decoded("bytes_from_hex", hex_bytes, text)


@builtin("bytes_to_hex(bytes)", section="11.1")
def bytes_to_hex(data: object = _MISSING) -> str:
    """Two lower-case hexadecimal digits a byte."""
    return _bytes("bytes_to_hex", 1, data).hex()


@builtin("bytes_from_base64(text)", section="11.1")
def bytes_from_base64(text: object = _MISSING) -> bytes:
    """The bytes of base64 with padding."""
    return _decoded("bytes_from_base64", base64_bytes, text)


@builtin("bytes_to_base64(bytes)", section="11.1")
def bytes_to_base64(data: object = _MISSING) -> str:
    """Base64 with padding."""
    return base64_text(_bytes("bytes_to_base64", 1, data))


@builtin("bytes_len(bytes)", section="11.1")
def bytes_len(data: object = _MISSING) -> int:
    """How many bytes."""
    return len(_bytes("bytes_len", 1, data))


@builtin("bytes_concat(a, b)", section="11.1")
def bytes_concat(a: object = _MISSING, b: object = _MISSING) -> bytes:
    """The bytes of `a`, then those of `b`."""
    first, second = _bytes("bytes_concat", 1, a), _bytes("bytes_concat", 2, b)
    caps.check_text(len(first) + len(second))
    return first + second


@builtin("bytes_slice(bytes, start, end?)", section="11.1")
def bytes_slice(data: object = _MISSING, start: object = _MISSING, end: object = None) -> bytes:
    """From `start` up to `end`, not included; both are brought into the range of the bytes."""
    whole = _bytes("bytes_slice", 1, data)
    first = min(max(_int("bytes_slice", 2, start), 0), len(whole))
    last = len(whole) if end is None else min(max(_int("bytes_slice", 3, end), 0), len(whole))
    return whole[first:last]


@builtin("bytes_eq(a, b)", section="11.1")
def bytes_eq(a: object = _MISSING, b: object = _MISSING) -> bool:
    """Whether both have the same bytes; takes the same time wherever they differ."""
    from hmac import compare_digest

    return compare_digest(_bytes("bytes_eq", 1, a), _bytes("bytes_eq", 2, b))
