"""Text encodings: base64, base32, hexadecimal. Rules: docs/builtins.md#text-encodings."""

from collections.abc import Callable

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins import base_encodings as bases
from harnlet_builtins.utf8 import lossy, raw


def _decoded(name: str, decode: Callable[[str], bytes], text: object) -> str:
    try:
        return lossy(decode(display(text)))
    except bases.EncodingError as error:
        raise RuntimeFault(f"{name} decode error: {error}") from None


@builtin("base64_encode(value)", section="11.2")
def base64_encode(value: object = "") -> str:
    """Bytes, or the UTF-8 of the display of anything else, as base64 with padding."""
    return bases.base64_text(raw(value))


@builtin("base64_decode(text)", section="11.2")
def base64_decode(text: object = "") -> str:
    """The string that was encoded, with U+FFFD for what is no UTF-8."""
    return _decoded("base64", bases.base64_bytes, text)


@builtin("base64url_encode(value)", section="11.2")
def base64url_encode(value: object = "") -> str:
    """Like `base64_encode`, with the alphabet of URLs and without padding."""
    return bases.base64_text(raw(value), url=True)


@builtin("base64url_decode(text)", section="11.2")
def base64url_decode(text: object = "") -> str:
    """The string that was encoded by `base64url_encode`."""
    return _decoded("base64url", lambda digits: bases.base64_bytes(digits, url=True), text)


@builtin("base32_encode(value)", section="11.2")
def base32_encode(value: object = "") -> str:
    """Bytes, or the UTF-8 of a display, as base32 with padding."""
    return bases.base32_text(raw(value))


@builtin("base32_decode(text)", section="11.2")
def base32_decode(text: object = "") -> str:
    """The string that was encoded by `base32_encode`."""
    return _decoded("base32", bases.base32_bytes, text)


@builtin("hex_encode(value)", section="11.2")
def hex_encode(value: object = "") -> str:
    """Bytes, or the UTF-8 of a display, as lower-case hexadecimal digits."""
    return raw(value).hex()


@builtin("hex_decode(text)", section="11.2")
def hex_decode(text: object = "") -> str:
    """The string that was encoded by `hex_encode`."""
    return _decoded("hex", bases.hex_bytes, text)
