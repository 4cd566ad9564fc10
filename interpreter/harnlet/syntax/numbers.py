"""Number literals to values, exactly and without surprises of size.

Rules: docs/language.md#numbers-and-durations, and decision 2 (integers are exact).
"""

from typing import Final

INTEGER_BITS: Final = 65_536
"""The largest size of an integer literal, in bits: the default of `Limits(integer_bits=...)`."""

_INTEGER_DIGITS: Final = 19_729  # 2 ** 65,536 has that many decimal digits
_CHUNK: Final = 4_000  # CPython refuses to convert more than 4,300 digits at once
_CHUNK_FACTOR: Final = 10**_CHUNK

UNITS: Final = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
"""Duration units in milliseconds."""

DURATION_MAXIMUM: Final = 2**63 - 1
"""The longest duration literal, in milliseconds."""


def parse_int(digits: str) -> int | None:
    """The value of ASCII digits, or None when it takes more than `INTEGER_BITS` bits."""
    if len(digits) <= _CHUNK:
        return int(digits)
    digits = digits.lstrip("0")
    if len(digits) > _INTEGER_DIGITS:
        return None
    head = len(digits) % _CHUNK
    value = int(digits[:head] or "0")
    for start in range(head, len(digits), _CHUNK):
        value = value * _CHUNK_FACTOR + int(digits[start : start + _CHUNK])
    return value if value.bit_length() <= INTEGER_BITS else None


def parse_float(text: str) -> float:
    """The value of `digits.digits`; one too large for a double is infinite."""
    return float(text)


def parse_duration(text: str) -> int | None:
    """The milliseconds of `5m`, `250ms`, ..., or None when they exceed `DURATION_MAXIMUM`."""
    digits = text.rstrip("mshdw")
    amount = parse_int(digits)
    if amount is None:
        return None
    milliseconds = amount * UNITS[text[len(digits) :]]
    return milliseconds if milliseconds <= DURATION_MAXIMUM else None
