"""Base64, base32 and hexadecimal digits to bytes, as strictly as their standards are (RFC 4648).

Rules: docs/builtins.md#bytes-encoding-hashing-signing-ids.
"""

from binascii import a2b_base64, a2b_hex, b2a_base64

_HEX = "0123456789abcdefABCDEF"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_TO_STANDARD = str.maketrans("-_", "+/")
_TO_URL = str.maketrans("+/", "-_")
_BASE32_PADDINGS = frozenset({0, 1, 3, 4, 6})


class EncodingError(ValueError):
    """A text that is not encoded so; the message says why."""


def _first_outside(text: str, alphabet: str) -> int | None:
    """Where the first character is that does not belong to the alphabet."""
    allowed = frozenset(alphabet)
    if allowed.issuperset(text):
        return None
    return next(place for place, character in enumerate(text) if character not in allowed)


def base64_text(data: bytes, *, url: bool = False) -> str:
    """Base64 with padding; for URLs with `-_` in place of `+/`, and without."""
    text = b2a_base64(data, newline=False).decode("ascii")
    return text.rstrip("=").translate(_TO_URL) if url else text


def base64_bytes(text: str, *, url: bool = False) -> bytes:
    """The bytes of such a text. Raises EncodingError."""
    digits = text.rstrip("=")
    padding = len(text) - len(digits)
    wrong = _first_outside(digits, f"{_ALPHANUMERIC}{'-_' if url else '+/'}")
    if wrong is not None:
        raise EncodingError(f"Invalid symbol {ord(digits[wrong])}, offset {wrong}.")
    if len(digits) % 4 == 1:
        raise EncodingError(f"Invalid input length: {len(text)}")
    needed = -len(digits) % 4
    if padding != (0 if url else needed):
        raise EncodingError("Invalid padding")
    data = a2b_base64(digits.translate(_TO_STANDARD) + "=" * needed)
    if base64_text(data, url=True) != digits.translate(_TO_URL):
        raise EncodingError(f"Invalid last symbol {ord(digits[-1])}, offset {len(digits) - 1}.")
    return data


def base32_text(data: bytes) -> str:
    """Base32 with padding."""
    from base64 import b32encode

    return b32encode(data).decode("ascii")


def base32_bytes(text: str) -> bytes:
    """The bytes of such a text. Raises EncodingError."""
    from base64 import b32decode

    digits = text.rstrip("=")
    wrong = _first_outside(digits, _BASE32)
    if wrong is not None:
        raise EncodingError(f"invalid symbol at {wrong}")
    padding = len(text) - len(digits)
    if len(text) % 8 or padding not in _BASE32_PADDINGS:
        raise EncodingError(f"invalid length at {len(text) - len(text) % 8}")
    data = b32decode(text)
    if base32_text(data) != text:
        raise EncodingError(f"non-zero trailing bits at {len(digits) - 1}")
    return data


def hex_bytes(text: str) -> bytes:
    """The bytes of pairs of hexadecimal digits. Raises EncodingError."""
    if len(text) % 2:
        raise EncodingError("Odd number of digits")
    wrong = _first_outside(text, _HEX)
    if wrong is not None:
        raise EncodingError(f"Invalid character '{text[wrong]}' at position {wrong}")
    return a2b_hex(text)
