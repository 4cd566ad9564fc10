"""Methods of lists that look at elements or rearrange them. Those that call back are in
`methods_list_callbacks`. All give new lists. Rules: docs/builtins.md#list-methods.
"""

from typing import Any, TypeAlias

from harnlet.runtime import caps
from harnlet.runtime.breath import unhurried
from harnlet.runtime.display import display, display_all
from harnlet.runtime.equality import position_of
from harnlet.runtime.iterators import make_iter
from harnlet.runtime.keys import make_set
from harnlet.runtime.methods import method
from harnlet.runtime.operators import to_float
from harnlet.runtime.ordering import place_of_largest, place_of_smallest, sort

List: TypeAlias = list[object]


def int_or(value: object, default: int) -> int:
    """`value` if it is an int, else `default`."""
    return value if type(value) is int else default


@method(list, "count()")
def list_count(items: List) -> object:
    """How many elements."""
    return len(items)


@method(list, "empty()")
def list_empty(items: List) -> object:
    """Whether there is no element."""
    return not items


@method(list, "push(value)")
def list_push(items: List, value: object = None) -> List:
    """A list with `value` at the end."""
    return [*items, value]


@method(list, "pop()")
def list_pop(items: List) -> List:
    """A list without the last element."""
    return items[:-1]


@method(list, "first(n?)")
def list_first(items: List, n: object = None) -> object:
    """The first element or nil; with `n` a list of the first `n`."""
    if type(n) is int:
        return items[: max(n, 0)]
    return items[0] if items else None


@method(list, "last(n?)")
def list_last(items: List, n: object = None) -> object:
    """The last element or nil; with `n` a list of the last `n`."""
    if type(n) is int:
        return items[max(len(items) - n, 0) :] if n > 0 else []
    return items[-1] if items else None


@method(list, "take(n)")
def list_take(items: List, n: object = None) -> List:
    """The first `n` elements."""
    return items[: max(int_or(n, 0), 0)]


@method(list, "skip(n)")
def list_skip(items: List, n: object = None) -> List:
    """All but the first `n` elements."""
    return items[max(int_or(n, 0), 0) :]


@method(list, "slice(start, end?)")
def list_slice(items: List, start: object = None, end: object = None) -> List:
    """The elements from `start` up to `end`, which is not included; negatives count from the end."""
    return items[int_or(start, 0) : end if type(end) is int else None]


@method(list, "reverse()")
def list_reverse(items: List) -> List:
    """The elements from the last to the first."""
    return items[::-1]


@method(list, "sort()")
def list_sort(items: List) -> List:
    """A stably sorted list; elements that cannot be compared stay where they are."""
    return sort(items)


@method(list, "min()")
def list_min(items: List) -> object:
    """The smallest element, the first of several; nil for none."""
    return items[place_of_smallest(items)] if items else None


@method(list, "max()")
def list_max(items: List) -> object:
    """The largest element, the first of several; nil for none."""
    return items[place_of_largest(items)] if items else None


@method(list, "sum()")
def list_sum(items: list[Any]) -> object:
    """The sum of the numbers in it, an int unless one is a float; everything else is left out."""
    kinds = set(map(type, items))
    if kinds == {int}:
        return sum(items)
    if kinds == {float}:
        # Not `sum`: from CPython 3.12 on it compensates rounding, and results would depend on it.
        total = 0.0
        for item in items:
            total += item
        return total
    mixed: int | float = 0
    for item in items:
        if type(item) is int and type(mixed) is int:
            mixed += item
        elif type(item) is int or type(item) is float:
            mixed = to_float(mixed) + to_float(item)
    return mixed


@method(list, 'join(sep = "")')
def list_join(items: list[Any], sep: object = "") -> str:
    """The displays of the elements, with `sep` between them."""
    return join_displays(items, sep)


def join_displays(items: list[Any], sep: object) -> str:
    """The displays of `items` with that of `sep` between them."""
    between = display(sep)
    gaps = len(between) * max(len(items) - 1, 0)
    try:
        caps.check_text(sum(map(len, items)) + gaps)
        return between.join(items)
    except TypeError:
        texts = display_all(items)
        caps.check_text(sum(map(len, texts)) + gaps)
        return between.join(texts)


@method(list, "contains(value)")
def list_contains(items: List, value: object = None) -> object:
    """Whether some element equals `value`."""
    return position_of(items, value) >= 0


@method(list, "index_of(value)")
def list_index_of(items: List, value: object = None) -> object:
    """The index of the first element that equals `value`, else -1."""
    return position_of(items, value)


@method(list, "enumerate()")
def list_enumerate(items: List) -> List:
    """A list of `{index, value}`."""
    return [{"index": place, "value": item} for place, item in enumerate(unhurried(items))]


@method(list, "zip(other)")
def list_zip(items: List, other: object = None) -> List:
    """A list of two-element lists, as many as the shorter has; none if `other` is no list."""
    if type(other) is not list:
        return []
    return [[left, right] for left, right in zip(unhurried(items), other, strict=False)]


@method(list, "unique()")
def list_unique(items: List) -> List:
    """The first of those elements that have the same structural key."""
    return [*make_set(items).entries.values()]


@method(list, "flatten()")
def list_flatten(items: List) -> List:
    """The elements, and in place of each list its elements: one level."""
    flat: List = []
    for item in items:
        if type(item) is list:
            flat += item
            caps.check_items(len(flat))
        else:
            flat.append(item)
    return flat


@method(list, "compact()")
def list_compact(items: List) -> List:
    """The elements that are not nil."""
    return [item for item in items if item is not None]


@method(list, "tally()")
def list_tally(items: List) -> dict[str, object]:
    """A dict that says how often each display text occurs."""
    counts: dict[str, int] = {}
    for item in items:
        key = item if type(item) is str else display(item)
        counts[key] = counts.get(key, 0) + 1
    return dict(counts)


@method(list, "chunk(size = 1)", "each_slice(size = 1)")
def list_chunk(items: List, size: object = 1) -> List:
    """Lists of `size` elements; the last one may be shorter."""
    width = max(int_or(size, 1), 1)
    return [items[place : place + width] for place in unhurried(range(0, len(items), width))]


@method(
    list,
    "window(size = 2, step = 1)",
    "each_cons(size = 2, step = 1)",
    "sliding_window(size = 2, step = 1)",
)
def list_window(items: List, size: object = 2, step: object = 1) -> List:
    """Lists of `size` neighbours, each beginning `step` elements after the one before; full ones only."""
    width = max(int_or(size, 2), 1)
    count = len(items) - width + 1
    caps.check_items(max(count, 0) * width)
    places = range(0, count, max(int_or(step, 1), 1))
    return [items[place : place + width] for place in unhurried(places)]


@method(list, "iter()")
def list_iter(items: List) -> object:
    """An iterator over the elements."""
    return make_iter(items)
