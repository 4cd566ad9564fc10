"""Mathematics. Rules: docs/builtins.md#math-and-random."""

import math
from collections.abc import Callable
from typing import Any

from harnlet.errors.faults import TypeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.numbers import int_of_float, round_half_away
from harnlet.runtime.operators import power, to_float
from harnlet.runtime.values import Range


def _is_number(value: object) -> bool:
    return type(value) is int or type(value) is float


def _real(function: Callable[[float], float], number: Any) -> float | None:
    """`function` of a number as IEEE has it: NaN outside its domain, infinite beyond its range."""
    if not _is_number(number):
        return None
    try:
        return function(to_float(number))
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


@builtin("abs(n)", section="7")
def abs_(n: Any = None) -> int | float | None:
    """The number without its sign."""
    result: int | float | None = abs(n) if _is_number(n) else None
    return result


@builtin("min(a, b)", section="7")
def min_(a: Any = None, b: Any = None) -> int | float | None:
    """The smaller of two numbers."""
    return _pick(a, b, min)


@builtin("max(a, b)", section="7")
def max_(a: Any = None, b: Any = None) -> int | float | None:
    """The larger of two numbers."""
    return _pick(a, b, max)


def _pick(a: Any, b: Any, pick: Callable[..., Any]) -> int | float | None:
    """An int of two ints, else a float; of a number and a NaN the number."""
    if type(a) is int and type(b) is int:
        chosen: int = pick(a, b)
        return chosen
    if not (_is_number(a) and _is_number(b)):
        return None
    if a != a or b != b:
        return to_float(b if a != a else a)
    return to_float(pick(a, b))


def _to_int(function: Callable[[float], int], number: Any) -> int | None:
    if type(number) is int:
        return number
    return function(number) if type(number) is float else None


def _floor(number: float) -> int:
    whole = int_of_float(number)
    return whole - 1 if whole > number else whole


def _ceil(number: float) -> int:
    whole = int_of_float(number)
    return whole + 1 if whole < number else whole


@builtin("floor(n)", section="7")
def floor(n: object = None) -> int | None:
    """The largest int that is not above the number."""
    return _to_int(_floor, n)


@builtin("ceil(n)", section="7")
def ceil(n: object = None) -> int | None:
    """The smallest int that is not below the number."""
    return _to_int(_ceil, n)


@builtin("round(n)", section="7")
def round_(n: object = None) -> int | None:
    """The nearest int; halves go away from zero."""
    return _to_int(round_half_away, n)


@builtin("sqrt(n)", section="7")
def sqrt(n: object = None) -> float | None:
    """The square root."""
    return _real(math.sqrt, n)


@builtin("sin(n)", section="7")
def sin(n: object = None) -> float | None:
    """The sine of an angle in radians."""
    return _real(math.sin, n)


@builtin("cos(n)", section="7")
def cos(n: object = None) -> float | None:
    """The cosine of an angle in radians."""
    return _real(math.cos, n)


@builtin("tan(n)", section="7")
def tan(n: object = None) -> float | None:
    """The tangent of an angle in radians."""
    return _real(math.tan, n)


@builtin("asin(n)", section="7")
def asin(n: object = None) -> float | None:
    """The angle, in radians, of a sine."""
    return _real(math.asin, n)


@builtin("acos(n)", section="7")
def acos(n: object = None) -> float | None:
    """The angle, in radians, of a cosine."""
    return _real(math.acos, n)


@builtin("atan(n)", section="7")
def atan(n: object = None) -> float | None:
    """The angle, in radians, of a tangent."""
    return _real(math.atan, n)


@builtin("atan2(y, x)", section="7")
def atan2(y: Any = None, x: Any = None) -> float | None:
    """The angle, in radians, of the point (x, y)."""
    if _is_number(y) and _is_number(x):
        return math.atan2(to_float(y), to_float(x))
    return None


@builtin("exp(n)", section="7")
def exp(n: object = None) -> float | None:
    """e to the power of the number."""
    return _real(math.exp, n)


def _logarithm(function: Callable[[Any], float], number: Any) -> float | None:
    """A logarithm; ints of any size have one."""
    if not _is_number(number) or number > 0:
        return function(number) if _is_number(number) else None
    return -math.inf if number == 0 else math.nan


@builtin("ln(n)", section="7")
def ln(n: object = None) -> float | None:
    """The natural logarithm."""
    return _logarithm(math.log, n)


@builtin("log2(n)", section="7")
def log2(n: object = None) -> float | None:
    """The logarithm to base 2."""
    return _logarithm(math.log2, n)


@builtin("log10(n)", section="7")
def log10(n: object = None) -> float | None:
    """The logarithm to base 10."""
    return _logarithm(math.log10, n)


@builtin("pow(base, exponent)", section="7")
def pow_(base: object = None, exponent: object = None) -> object:
    """`base ** exponent`; nil unless both are numbers."""
    return power(base, exponent) if _is_number(base) and _is_number(exponent) else None


@builtin("sign(n)", section="7")
def sign(n: Any = None) -> int | float | None:
    """-1, 0 or 1; NaN for NaN."""
    if not _is_number(n):
        return None
    return math.nan if n != n else (n > 0) - (n < 0)


@builtin("is_nan(n)", section="7")
def is_nan(n: object = None) -> bool:
    """Whether it is NaN."""
    return type(n) is float and math.isnan(n)


@builtin("is_infinite(n)", section="7")
def is_infinite(n: object = None) -> bool:
    """Whether it is infinite."""
    return type(n) is float and math.isinf(n)


@builtin("range(...bounds)", section="7")
def range_(*bounds: object) -> Range:
    """`range(n)`: 0 up to n, not included; `range(a, b)`: a up to b, not included."""
    if len(bounds) == 1:
        if type(bounds[0]) is not int:
            raise TypeFault("range(n): expected integer argument")
        return Range(0, bounds[0], exclusive=True)
    if len(bounds) == 2:
        start, end = bounds
        if type(start) is not int or type(end) is not int:
            raise TypeFault("range(a, b): expected integer arguments")
        return Range(start, end, exclusive=True)
    raise TypeFault(f"range expects 1 or 2 integer arguments, got {len(bounds)}")
