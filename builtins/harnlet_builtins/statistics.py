"""Statistics of lists of numbers. Rules: docs/builtins.md#math-and-random.

Sums are plain left-to-right ones, so that results are the same on every version of Python.
"""

import math

from harnlet.errors.faults import RuntimeFault, TypeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.operators import to_float


def _numbers(name: str, items: object, *, least: int) -> list[float]:
    if type(items) is not list:
        raise TypeFault(f"{name}: items must be a list")
    numbers: list[float] = []
    for item in items:
        if type(item) is not int and type(item) is not float:
            raise TypeFault(f"{name} must be numeric")
        numbers.append(to_float(item))
    if len(numbers) < least:
        raise RuntimeFault(f"{name}: items must not be empty")
    return numbers


def _total(numbers: list[float]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total


@builtin("mean(items)", section="7")
def mean(items: object = None) -> float:
    """The arithmetic mean, 0.0 for no items."""
    numbers = _numbers("mean", items, least=0)
    return _total(numbers) / len(numbers) if numbers else 0.0


@builtin("median(items)", section="7")
def median(items: object = None) -> float:
    """The middle item, or the mean of the two in the middle."""
    ordered = sorted(_numbers("median", items, least=1))
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2.0


def _variance(name: str, items: object, sample: object) -> float:
    numbers = _numbers(name, items, least=1)
    if sample and len(numbers) < 2:
        raise RuntimeFault("sample variance requires at least 2 values")
    middle = _total(numbers) / len(numbers)
    squares = _total([(number - middle) * (number - middle) for number in numbers])
    return squares / (len(numbers) - 1 if sample else len(numbers))


@builtin("variance(items, sample = false)", section="7")
def variance(items: object = None, sample: object = False) -> float:
    """The variance of all items or, with `sample`, of what they are a sample of."""
    return _variance("variance", items, sample)


@builtin("stddev(items, sample = false)", section="7")
def stddev(items: object = None, sample: object = False) -> float:
    """The standard deviation of all items or, with `sample`, of what they are a sample of."""
    return math.sqrt(_variance("stddev", items, sample))


@builtin("percentile(items, p)", section="7")
def percentile(items: object = None, p: object = None) -> float:
    """The value below which `p` percent of the items lie, interpolated linearly (method R-7)."""
    ordered = sorted(_numbers("percentile", items, least=1))
    if type(p) is not int and type(p) is not float:
        raise TypeFault("percentile must be numeric")
    if not 0 <= p <= 100:
        raise RuntimeFault("percentile must be between 0 and 100")
    place = (len(ordered) - 1) * p / 100.0
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
