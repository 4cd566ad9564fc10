"""`<` and friends, and sorting. What cannot be compared counts as equal.

Rules: docs/language.md#ordering, docs/builtins.md#ordering.
"""

from collections.abc import Callable
from functools import cmp_to_key, partial
from operator import eq
from typing import Any

from harnlet.runtime.values import Duration, Pair

_NUMBERS = frozenset({int, float})
_REMEMBER_AFTER = 1_000
"""After so many nested pairs, pairs of pairs that were already met are skipped (see equality)."""


def compare(a: object, b: object) -> int:
    """-1, 0 or 1. Numbers, strings, durations, and pairs of them have an order; all else is 0."""
    if type(a) is not Pair or type(b) is not Pair:
        return _compare_leaves(a, b)
    stack: list[tuple[object, object]] = [(a, b)]
    met = 0
    seen: set[tuple[int, int]] = set()
    while stack:
        left, right = stack.pop()
        if type(left) is Pair and type(right) is Pair:
            met += 1
            if met > _REMEMBER_AFTER:
                if (id(left), id(right)) in seen:
                    continue
                seen.add((id(left), id(right)))
            stack.append((left.second, right.second))
            stack.append((left.first, right.first))
            continue
        order = _compare_leaves(left, right)
        if order:
            return order
    return 0


def _compare_leaves(a: Any, b: Any) -> int:
    kind = type(a)
    if kind is type(b):
        if kind is int or kind is str or kind is float:
            return int(a > b) - int(a < b)
        if kind is Duration:
            return int(a.milliseconds > b.milliseconds) - int(a.milliseconds < b.milliseconds)
    elif kind in _NUMBERS and type(b) in _NUMBERS:
        return int(a > b) - int(a < b)
    return 0


def less(a: Any, b: Any) -> bool:
    """`a < b`"""
    kind = type(a)
    if kind is type(b) and (kind is int or kind is float or kind is str):
        result: bool = a < b
        return result
    return compare(a, b) < 0


def less_equal(a: Any, b: Any) -> bool:
    """`a <= b`: not greater, so true for what cannot be compared, NaN included."""
    kind = type(a)
    if kind is type(b) and (kind is int or kind is float or kind is str):
        return not a > b
    return compare(a, b) <= 0


def greater(a: Any, b: Any) -> bool:
    """`a > b`"""
    kind = type(a)
    if kind is type(b) and (kind is int or kind is float or kind is str):
        result: bool = a > b
        return result
    return compare(a, b) > 0


def greater_equal(a: Any, b: Any) -> bool:
    """`a >= b`: not less, so true for what cannot be compared, NaN included."""
    kind = type(a)
    if kind is type(b) and (kind is int or kind is float or kind is str):
        return not a < b
    return compare(a, b) >= 0


def python_orders(items: list[Any]) -> bool:
    """Whether Python's order of `items` is the script's: only strings, or only numbers without NaN."""
    kinds = set(map(type, items))
    if float in kinds:
        return kinds <= _NUMBERS and all(map(eq, items, items))
    return kinds == {int} or kinds == {str}


def sort(items: list[Any]) -> list[object]:
    """A stable sorted copy."""
    return sorted(items) if python_orders(items) else sorted(items, key=cmp_to_key(compare))


def sort_by(items: list[object], key: Callable[..., object]) -> list[object]:
    """A copy, stably sorted by `key(item)`, which is called once for each item, in order."""
    keys: list[Any] = [key(item) for item in items]
    if not python_orders(keys):
        keys = [_BY_COMPARE(each) for each in keys]
    # `sorted` asks for the keys in order: `next(keys, item)` is the fastest way to hand them out.
    return sorted(items, key=partial(next, iter(keys)))


_BY_COMPARE = cmp_to_key(compare)


def place_of_smallest(keys: list[Any]) -> int:
    """The place of the smallest of `keys` (there is at least one), the first of several."""
    if python_orders(keys):
        return keys.index(min(keys))
    best = 0
    for place in range(1, len(keys)):
        if compare(keys[place], keys[best]) < 0:
            best = place
    return best


def place_of_largest(keys: list[Any]) -> int:
    """The place of the largest of `keys` (there is at least one), the first of several."""
    if python_orders(keys):
        return keys.index(max(keys))
    best = 0
    for place in range(1, len(keys)):
        if compare(keys[place], keys[best]) > 0:
            best = place
    return best
