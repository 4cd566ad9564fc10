"""Sets. Elements are found by structural key here, unlike in the methods of sets.

Rules: docs/builtins.md#sets.
"""

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.keys import make_set, structural_key
from harnlet.runtime.values import Set


def _set(name: str, value: object) -> Set:
    if type(value) is not Set:
        raise Thrown(f"{name}: first argument must be a set")
    return value


def _sets(name: str, a: object, b: object) -> tuple[Set, Set]:
    if type(a) is not Set or type(b) is not Set:
        raise Thrown(f"{name}: arguments must be sets")
    return a, b


@builtin("set(...values)", section="9.4")
def set_(*values: object) -> Set:
    """The set of the values; lists and sets among them give their elements."""
    items: list[object] = []
    for value in values:
        if type(value) is list:
            items += value
        elif type(value) is Set:
            items += value.entries.values()
        else:
            items.append(value)
    return make_set(items)


@builtin("set_add(set, value)", section="9.4")
def set_add(container: object = None, value: object = None) -> Set:
    """A set with the value at the end, unless it is there."""
    given = _set("set_add", container)
    key = structural_key(value)
    return given if key in given.entries else Set({**given.entries, key: value})


@builtin("set_remove(set, value)", section="9.4")
def set_remove(container: object = None, value: object = None) -> Set:
    """A set without the value."""
    entries = _set("set_remove", container).entries
    key = structural_key(value)
    return Set({other: each for other, each in entries.items() if other != key})


@builtin("set_contains(set, value)", section="9.4")
def set_contains(container: object = None, value: object = None) -> bool:
    """Whether the value is in the set."""
    return structural_key(value) in _set("set_contains", container).entries


@builtin("set_union(a, b)", section="9.4")
def set_union(a: object = None, b: object = None) -> Set:
    """The elements of both."""
    first, second = _sets("set_union", a, b)
    added = {key: each for key, each in second.entries.items() if key not in first.entries}
    return Set({**first.entries, **added})


@builtin("set_intersect(a, b)", section="9.4")
def set_intersect(a: object = None, b: object = None) -> Set:
    """The elements that are in both."""
    first, second = _sets("set_intersect", a, b)
    return Set({key: each for key, each in first.entries.items() if key in second.entries})


@builtin("set_difference(a, b)", section="9.4")
def set_difference(a: object = None, b: object = None) -> Set:
    """The elements of `a` that are not in `b`."""
    first, second = _sets("set_difference", a, b)
    return Set({key: each for key, each in first.entries.items() if key not in second.entries})


@builtin("set_symmetric_difference(a, b)", section="9.4")
def set_symmetric_difference(a: object = None, b: object = None) -> Set:
    """The elements that are in one of both only."""
    first, second = _sets("set_symmetric_difference", a, b)
    return Set(
        {
            **{key: each for key, each in first.entries.items() if key not in second.entries},
            **{key: each for key, each in second.entries.items() if key not in first.entries},
        }
    )


@builtin("set_is_subset(a, b)", section="9.4")
def set_is_subset(a: object = None, b: object = None) -> bool:
    """Whether every element of `a` is in `b`."""
    first, second = _sets("set_is_subset", a, b)
    return first.entries.keys() <= second.entries.keys()


@builtin("set_is_superset(a, b)", section="9.4")
def set_is_superset(a: object = None, b: object = None) -> bool:
    """Whether every element of `b` is in `a`."""
    first, second = _sets("set_is_superset", a, b)
    return first.entries.keys() >= second.entries.keys()


@builtin("set_is_disjoint(a, b)", section="9.4")
def set_is_disjoint(a: object = None, b: object = None) -> bool:
    """Whether no element is in both."""
    first, second = _sets("set_is_disjoint", a, b)
    return first.entries.keys().isdisjoint(second.entries)
