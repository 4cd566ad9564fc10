"""Numbers read from text and taken from floats.

Rules: docs/builtins.md#types-conversion-result, docs/builtins.md#math-and-random.
"""

import math
import re

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime import caps

_INT = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(
    r"[+-]?(?:inf|infinity|nan|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?)", re.ASCII | re.IGNORECASE
)
_DIGITS_AT_ONCE = 600
"""`sys.set_int_max_str_digits` cannot be set lower than 640, so this many always convert."""


def parse_int(text: str) -> int | None:
    """The int that `text` is: decimal digits with an optional sign, else None. Raises RuntimeFault
    when it is above the cap of ints."""
    if _INT.fullmatch(text) is None:
        return None
    digits = text.lstrip("+-").lstrip("0")
    caps.check_bits(len(digits))
    number = _whole(digits) if digits else 0
    return caps.int_within_cap(-number if text[0] == "-" else number)


def _whole(digits: str) -> int:
    """The number that decimal digits stand for, whatever limit the host set for conversions."""
    if len(digits) <= _DIGITS_AT_ONCE:
        return int(digits)
    half = len(digits) // 2
    shift: int = 10**half
    return _whole(digits[:-half]) * shift + _whole(digits[-half:])


def parse_float(text: str) -> float | None:
    """The float that `text` is (`1`, `.5`, `1e3`, `inf`, `nan`), else None."""
    return float(text) if _FLOAT.fullmatch(text) else None


def int_of_float(number: float) -> int:
    """`number` without its fraction. Raises RuntimeFault unless it is finite."""
    if math.isfinite(number):
        return int(number)
    raise RuntimeFault("cannot convert non-finite float to int")


def round_half_away(number: float) -> int:
    """The nearest int, of two equally near ones the one farther from zero. Raises RuntimeFault unless
    `number` is finite."""
    whole = int_of_float(number)
    if abs(number - whole) >= 0.5:
        return whole + (1 if number > 0 else -1)
    return whole
