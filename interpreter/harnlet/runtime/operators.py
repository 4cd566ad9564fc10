"""The operators, as the functions that compiled code calls where it does not know the operand types.

Each tests the commonest exact types first; bool is never a number. Rules and texts of the faults:
docs/language.md#operators; durations: docs/language.md#harnlets-own-decisions, point 3.
"""

import math
from typing import Any

from harnlet.errors.faults import DivisionFault, RuntimeFault, TypeFault
from harnlet.runtime import caps
from harnlet.runtime.display import display
from harnlet.runtime.equality import NO_KEY, equals, not_equals, position_of, set_key_of
from harnlet.runtime.ordering import greater, greater_equal, less, less_equal
from harnlet.runtime.values import Duration, Range, Set, type_name

__all__ = [
    "add",
    "contains",
    "divide",
    "equals",
    "greater",
    "greater_equal",
    "less",
    "less_equal",
    "make_range",
    "modulo",
    "multiply",
    "negate",
    "not_equals",
    "power",
    "subtract",
    "truthy",
]

_NUMBERS = frozenset({int, float})


def to_float(number: int | float) -> float:
    """`number` as a float; an int beyond its range becomes infinite, as rounding would have it."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def add(a: Any, b: Any) -> object:
    """`a + b`: numbers, strings, lists, dicts (right wins), durations."""
    kind = type(a)
    if kind is type(b):
        if kind is int or kind is float:
            return a + b
        if kind is str:
            caps.check_text(len(a) + len(b))
            return a + b
        if kind is list:
            caps.check_items(len(a) + len(b))
            return a + b
        if kind is dict:
            return {**a, **b}
        if kind is Duration:
            return Duration(a.milliseconds + b.milliseconds)
    elif kind in _NUMBERS and type(b) in _NUMBERS:
        return to_float(a) + to_float(b)
    raise TypeFault(f"Cannot add {type_name(a)} and {type_name(b)}")


def subtract(a: Any, b: Any) -> object:
    """`a - b`: numbers and durations."""
    kind = type(a)
    if kind is type(b):
        if kind is int or kind is float:
            return a - b
        if kind is Duration:
            return Duration(a.milliseconds - b.milliseconds)
    elif kind in _NUMBERS and type(b) in _NUMBERS:
        return to_float(a) - to_float(b)
    raise TypeFault(f"Cannot subtract {type_name(b)} from {type_name(a)}")


def multiply(a: Any, b: Any) -> object:
    """`a * b`: numbers, a string or a duration by a number."""
    kind = type(a)
    other = type(b)
    if kind is int and other is int:
        product = a * b
        if -0x4000000000000000 < product < 0x4000000000000000:
            return product
        return caps.int_within_cap(product)
    if kind is float and other is float:
        return a * b
    if kind in _NUMBERS and other in _NUMBERS:
        return to_float(a) * to_float(b)
    if kind is str and other is int:
        return repeat(a, b)
    if kind is int and other is str:
        return repeat(b, a)
    if kind is Duration and other in _NUMBERS:
        return _scale(a, b)
    if kind in _NUMBERS and other is Duration:
        return _scale(b, a)
    raise TypeFault(f"Cannot multiply {type_name(a)} and {type_name(b)}")


def repeat(text: str, times: int) -> str:
    """`text`, `times` times; none below one. Raises RuntimeFault above the text cap."""
    if times <= 0 or not text:
        return ""
    caps.check_text(len(text) * times)
    return text * times


def _scale(duration: Duration, factor: int | float) -> Duration:
    if type(factor) is int:
        return Duration(caps.int_within_cap(duration.milliseconds * factor))
    return Duration(_whole(to_float(duration.milliseconds) * factor))


def _whole(milliseconds: float) -> int:
    if math.isfinite(milliseconds):
        return int(milliseconds)
    raise RuntimeFault("duration is out of range")


def divide(a: Any, b: Any) -> object:
    """`a / b`: two ints give an int, truncated toward zero; floats follow IEEE."""
    kind = type(a)
    other = type(b)
    if kind is int and other is int:
        if b == 0:
            raise DivisionFault
        if a >= 0 and b > 0:
            return a // b
        quotient = abs(a) // abs(b)
        return quotient if (a < 0) == (b < 0) else -quotient
    if kind in _NUMBERS and other in _NUMBERS:
        return divide_floats(to_float(a), to_float(b))
    if kind is Duration and other in _NUMBERS:
        if b == 0:
            raise DivisionFault
        if other is int:
            quotient = abs(a.milliseconds) // abs(b)
            return Duration(quotient if (a.milliseconds < 0) == (b < 0) else -quotient)
        return Duration(_whole(to_float(a.milliseconds) / b))
    raise RuntimeFault(f"Cannot divide {type_name(a)} by {type_name(b)}")


def divide_floats(a: float, b: float) -> float:
    """IEEE division: by zero it gives an infinity, or NaN for zero and NaN."""
    if b:
        return a / b
    if not a or a != a:
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def modulo(a: Any, b: Any) -> object:
    """`a % b` with the sign of the dividend; by zero, float or int, it is a fault."""
    kind = type(a)
    other = type(b)
    if kind is int and other is int:
        if b == 0:
            raise DivisionFault
        if a >= 0 and b > 0:
            return a % b
        rest = abs(a) % abs(b)
        return -rest if a < 0 else rest
    if kind in _NUMBERS and other in _NUMBERS:
        if b == 0:
            raise DivisionFault
        dividend = to_float(a)
        return math.fmod(dividend, to_float(b)) if math.isfinite(dividend) else math.nan
    raise RuntimeFault(f"Cannot modulo {type_name(a)} by {type_name(b)}")


def power(a: Any, b: Any) -> object:
    """`a ** b`: exact for an int and a non-negative int, else a float."""
    if type(a) is int and type(b) is int:
        if b < 0:
            return float_power(to_float(a), to_float(b))
        if -1 <= a <= 1:
            return a ** (2 - b % 2) if b else 1
        # The result has at least bit_length - 1 bits for each factor.
        caps.check_bits((a.bit_length() - 1) * b)
        return caps.int_within_cap(a**b)
    if type(a) in _NUMBERS and type(b) in _NUMBERS:
        return float_power(to_float(a), to_float(b))
    raise TypeFault(f"Cannot exponentiate {type_name(a)} by {type_name(b)}")


def float_power(base: float, exponent: float) -> float:
    """IEEE power: out of range is infinite, out of the real numbers is NaN; it never raises."""
    try:
        return math.pow(base, exponent)
    except OverflowError:
        odd = math.fmod(exponent, 2.0) != 0
        return -math.inf if base < 0 and odd else math.inf
    except ValueError:
        if base == 0:
            odd = math.fmod(exponent, 2.0) in (1.0, -1.0)
            return math.copysign(math.inf, base) if odd else math.inf
        return math.nan


def negate(a: Any) -> object:
    """`-a`"""
    if type(a) is int or type(a) is float:
        return -a
    raise RuntimeFault(f"Cannot negate value of type {type_name(a)}")


def contains(item: object, container: Any) -> bool:
    """`item in container`; false for what cannot contain anything."""
    kind = type(container)
    if kind is list:
        return position_of(container, item) >= 0
    if kind is dict:
        return (item if type(item) is str else display(item)) in container
    if kind is str:
        return (item if type(item) is str else display(item)) in container
    if kind is Set:
        return set_key_of(container, item) is not NO_KEY
    if kind is Range:
        return type(item) is int and item in container.numbers()
    return False


def truthy(value: object) -> bool:
    """Whether a condition takes `value` for true: what Python says, since the value classes see to it
    that the two agree (a NaN is true in both)."""
    return bool(value)


def make_range(start: Any, end: Any, exclusive: bool) -> Range:
    """`start to end [exclusive]`. Raises TypeFault for bounds that are no ints."""
    if type(start) is int and type(end) is int:
        return Range(start, end, exclusive)
    raise TypeFault(f"range bounds must be integers, got {type_name(start)} and {type_name(end)}")
