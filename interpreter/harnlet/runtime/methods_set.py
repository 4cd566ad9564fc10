"""Methods of sets. Elements are found by `==` here, unlike in the `set_*` builtins.

Rules: docs/builtins.md#sets.
"""

from harnlet.runtime.equality import NO_KEY, set_key_of
from harnlet.runtime.iterators import make_iter
from harnlet.runtime.keys import make_set, structural_key
from harnlet.runtime.methods import method
from harnlet.runtime.values import Set, callback


def set_has(s: Set, item: object) -> bool:
    """Whether some element equals `item`."""
    return set_key_of(s, item) is not NO_KEY


@method(Set, "count()", "len()")
def set_count(s: Set) -> object:
    """How many elements."""
    return len(s.entries)


@method(Set, "empty()")
def set_empty(s: Set) -> object:
    """Whether there is no element."""
    return not s.entries


@method(Set, "contains(x)")
def set_contains(s: Set, x: object = None) -> object:
    """Whether some element equals `x`."""
    return set_has(s, x)


@method(Set, "add(x)")
def set_add(s: Set, x: object = None) -> Set:
    """A set with `x` at the end, unless some element equals it."""
    return s if set_has(s, x) else Set({**s.entries, structural_key(x): x})


@method(Set, "remove(x)", "delete(x)")
def set_remove(s: Set, x: object = None) -> Set:
    """A set without the elements that equal `x`."""
    rest = s
    while (key := set_key_of(rest, x)) is not NO_KEY:
        rest = Set({other: element for other, element in rest.entries.items() if other != key})
    return rest


@method(Set, "union(other)")
def set_union(s: Set, other: object = None) -> Set:
    """The elements of both."""
    if type(other) is not Set:
        return s
    return _with(s, [each for each in other.entries.values() if not set_has(s, each)])


def _with(s: Set, elements: list[object]) -> Set:
    return Set({**s.entries, **{structural_key(each): each for each in elements}})


@method(Set, "intersect(other)", "intersection(other)")
def set_intersect(s: Set, other: object = None) -> Set:
    """The elements that are in both."""
    if type(other) is not Set:
        return Set({})
    return Set({key: each for key, each in s.entries.items() if set_has(other, each)})


@method(Set, "difference(other)")
def set_difference(s: Set, other: object = None) -> Set:
    """The elements that are not in `other`."""
    if type(other) is not Set:
        return s
    return Set({key: each for key, each in s.entries.items() if not set_has(other, each)})


@method(Set, "symmetric_difference(other)")
def set_symmetric_difference(s: Set, other: object = None) -> Set:
    """The elements that are in one of both only."""
    if type(other) is not Set:
        return s
    return _with(set_difference(s, other), [each for each in other.entries.values() if not set_has(s, each)])


@method(Set, "is_subset(other)")
def set_is_subset(s: Set, other: object = None) -> object:
    """Whether every element is in `other`; false for what is no set."""
    return type(other) is Set and all(set_has(other, each) for each in s.entries.values())


@method(Set, "is_superset(other)")
def set_is_superset(s: Set, other: object = None) -> object:
    """Whether every element of `other` is here; false for what is no set."""
    return type(other) is Set and all(set_has(s, each) for each in other.entries.values())


@method(Set, "is_disjoint(other)")
def set_is_disjoint(s: Set, other: object = None) -> object:
    """Whether no element is in `other`; true for what is no set."""
    return type(other) is not Set or not any(set_has(other, each) for each in s.entries.values())


@method(Set, "map(f)")
def set_map(s: Set, f: object = None) -> Set:
    """The set of `f(element)`."""
    function = callback(f)
    return make_set([function(each) for each in s.entries.values()])


@method(Set, "filter(f)")
def set_filter(s: Set, f: object = None) -> Set:
    """The elements for which `f(element)` is true."""
    function = callback(f)
    return Set({key: each for key, each in s.entries.items() if function(each)})


@method(Set, "any(f)")
def set_any(s: Set, f: object = None) -> object:
    """Whether `f(element)` is true for some element."""
    function = callback(f)
    return any(function(each) for each in s.entries.values())


@method(Set, "all(f)", "every(f)")
def set_all(s: Set, f: object = None) -> object:
    """Whether `f(element)` is true for every element."""
    function = callback(f)
    return all(function(each) for each in s.entries.values())


@method(Set, "to_list()")
def set_to_list(s: Set) -> list[object]:
    """The elements in order of insertion."""
    return [*s.entries.values()]


@method(Set, "iter()")
def set_iter(s: Set) -> object:
    """An iterator over the elements in order of insertion."""
    return make_iter(s)
