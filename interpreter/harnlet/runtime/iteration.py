"""`for`: how each value gives its items.

Rules: docs/language.md#for, docs/language.md#harnlets-own-decisions point 12. Collections are values,
so that the loop sees those items that were there when it began.
"""

from collections.abc import Iterator
from typing import Any

from harnlet.errors.faults import TypeFault
from harnlet.runtime.values import Handle, Range, Set, type_name


def iterate(value: Any) -> Iterator[object]:
    """A Python iterator over what `for` gives. Raises TypeFault `cannot iterate T`."""
    kind = type(value)
    if kind is list or kind is str:
        return iter(value)
    if kind is Range:
        return iter(value.numbers())
    if kind is dict:
        return iter([{"key": key, "value": value[key]} for key in sorted(value)])
    if kind is Set:
        return iter(value.entries.values())
    if value is None:
        return iter(())
    if isinstance(value, Handle):
        items = value.items()
        if items is not None:
            return items
    raise TypeFault(f"cannot iterate {type_name(value)}")
