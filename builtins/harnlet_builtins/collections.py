"""Lists and pairs. Rules: docs/builtins.md#collection-builtins, docs/builtins.md#pairs."""

from collections.abc import Callable
from typing import TypeAlias

from harnlet.errors.faults import TypeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.iterators import IterValue, make_iter
from harnlet.runtime.keys import structural_key
from harnlet.runtime.methods_list import list_chunk, list_window
from harnlet.runtime.methods_list_callbacks import list_flat_map, list_group_by, split_by
from harnlet.runtime.values import Pair, callback, is_callable, type_name

List: TypeAlias = list[object]

_MISSING = object()


def _list(name: str, items: object) -> List:
    if type(items) is not list:
        raise TypeFault(f"{name}: first argument must be a list, got {type_name(items)}")
    return items


def _callback(name: str, function: object) -> Callable[..., object]:
    if function is _MISSING:
        raise TypeFault(f"{name}: callback is required")
    if not is_callable(function):
        raise TypeFault(f"{name}: callback must be callable, got {type_name(function)}")
    return callback(function)


@builtin("chunk(list, size = 1)", section="9.2")
def chunk(items: object = None, size: object = 1) -> List:
    """Lists of `size` elements; the last one may be shorter."""
    return list_chunk(_list("chunk", items), size)


@builtin("window(list, size = 2, step = 1)", section="9.2")
def window(items: object = None, size: object = 2, step: object = 1) -> List:
    """Lists of `size` neighbours, each beginning `step` elements after the one before."""
    return list_window(_list("window", items), size, step)


@builtin("group_by(list, f)", section="9.2")
def group_by(items: object = None, f: object = _MISSING) -> object:
    """A dict of lists, by the display of `f(item)`."""
    given = _list("group_by", items)
    _callback("group_by", f)
    return list_group_by(given, f)


@builtin("partition(list, f)", section="9.2")
def partition(items: object = None, f: object = _MISSING) -> object:
    """`{match, no_match}`: the items for which `f(item)` is true, and the others."""
    given = _list("partition", items)
    _callback("partition", f)
    matching, others = split_by(given, f)
    return {"match": matching, "no_match": others}


@builtin("dedup_by(list, f)", section="9.2")
def dedup_by(items: object = None, f: object = _MISSING) -> List:
    """The first of those items for which `f(item)` has the same structural key."""
    given = _list("dedup_by", items)
    function = _callback("dedup_by", f)
    first: dict[object, object] = {}
    for item in given:
        first.setdefault(structural_key(function(item)), item)
    return [*first.values()]


@builtin("flat_map(list, f)", section="9.2")
def flat_map(items: object = None, f: object = _MISSING) -> List:
    """A list of the elements of each `f(item)` that is a list, and of the other results."""
    given = _list("flat_map", items)
    _callback("flat_map", f)
    return list_flat_map(given, f)


@builtin("pair(...values)", section="9.6")
def pair(*values: object) -> Pair:
    """The pair of two values."""
    if len(values) != 2:
        raise TypeFault(f"pair: expected 2 arguments, got {len(values)}")
    return Pair(values[0], values[1])


@builtin("iter(value)", section="9.7")
def iter_(value: object = _MISSING) -> IterValue:
    """A lazy iterator over a collection, a string, a channel, a generator or a stream."""
    if value is _MISSING:
        raise TypeFault("iter: expected 1 argument")
    return make_iter(value)
