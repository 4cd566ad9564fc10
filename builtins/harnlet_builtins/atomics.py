"""Atomics: integers that tasks share by reference (docs/builtins.md#atomics)."""

import math
from typing import ClassVar, final

from harnlet.runtime.builtin import builtin
from harnlet.runtime.caps import int_within_cap
from harnlet.runtime.values import Handle

_LARGEST = (1 << 63) - 1


@final
class Atomic(Handle):
    """The number, and nothing else: tasks take turns, so nothing can come in between."""

    __slots__ = ("number",)
    type_name: ClassVar[str] = "atomic"

    def __init__(self, number: int) -> None:
        self.number = number

    def display(self) -> str:
        return f"<atomic:{self.number}>"

    def same_as(self, other: object) -> bool:
        return type(other) is Atomic and other.number == self.number


def _initial(value: object) -> int:
    if type(value) is float:
        if not math.isfinite(value):
            # As the conversion to 64 bits does it elsewhere: NaN is 0, infinities are the bounds.
            return 0 if math.isnan(value) else _LARGEST if value > 0 else -_LARGEST - 1
        return int(value)
    return int(value) if type(value) is int or type(value) is bool else 0


@builtin("atomic(initial = 0)", section="14.5")
def atomic(initial: object = 0) -> Atomic:
    """A new shared integer; a float is truncated, a bool is 0 or 1, anything else is 0."""
    return Atomic(_initial(initial))


@builtin("atomic_get(atomic)", section="14.5")
def atomic_get(atomic: object = None) -> int | None:
    """Its number."""
    return atomic.number if type(atomic) is Atomic else None


@builtin("atomic_set(atomic, value)", section="14.5")
def atomic_set(atomic: object = None, value: object = None) -> int | None:
    """Store a number; the number before."""
    if type(atomic) is not Atomic or type(value) is not int:
        return None
    before, atomic.number = atomic.number, value
    return before


@builtin("atomic_add(atomic, delta)", section="14.5")
def atomic_add(atomic: object = None, delta: object = None) -> int | None:
    """Add to it; the number before."""
    if type(atomic) is not Atomic or type(delta) is not int:
        return None
    before = atomic.number
    atomic.number = int_within_cap(before + delta)
    return before


@builtin("atomic_cas(atomic, expected, new)", section="14.5")
def atomic_cas(atomic: object = None, expected: object = None, new: object = None) -> bool:
    """Store `new` if the number is `expected`; whether it was."""
    if type(atomic) is not Atomic or type(expected) is not int or type(new) is not int:
        return False
    if atomic.number != expected:
        return False
    atomic.number = new
    return True
