"""Methods of `iter`, `generator` and `stream`. Rules: docs/builtins.md#iterator-methods."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice

from harnlet.errors.faults import TypeFault
from harnlet.runtime import caps
from harnlet.runtime.iterators import GeneratorValue, IterValue, StreamValue, as_iter, make_iter, step
from harnlet.runtime.keys import make_set
from harnlet.runtime.methods import DECLARED, method
from harnlet.runtime.operators import to_float
from harnlet.runtime.ordering import greater, less
from harnlet.runtime.values import Pair, Set, callback, is_callable, type_name

_MISSING = object()


def iter_callback(name: str, value: object, count: int = 1) -> Callable[..., object]:
    """What the method `name` calls for `value` with `count` arguments. Raises TypeFault."""
    if not is_callable(value):
        raise TypeFault(f"iter.{name}: expected callable")
    return callback(value, count)


def _count(name: str, value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeFault(f"iter.{name}: expected non-negative int")
    return value


def _other(name: str, value: object) -> IterValue:
    other = as_iter(value)
    if other is None:
        raise TypeFault(f"iter.{name}: expected iterable argument")
    return other


# --- lazy steps ---------------------------------------------------------------------------------
#
# None of them uses `yield from`: a step that is dropped half way would close the source it shares.


@method(IterValue, "iter()")
def iter_iter(it: IterValue) -> object:
    """The iterator itself."""
    return it


@method(IterValue, "map(f)")
def iter_map(it: IterValue, f: object = None) -> object:
    """An iterator over `f(item)`."""
    function = iter_callback("map", f)
    return step((function(item) for item in it.items()), it)


@method(IterValue, "filter(f)")
def iter_filter(it: IterValue, f: object = None) -> object:
    """An iterator over the items for which `f(item)` is true."""
    function = iter_callback("filter", f)
    return step((item for item in it.items() if function(item)), it)


@method(IterValue, "take_while(f)")
def iter_take_while(it: IterValue, f: object = None) -> object:
    """An iterator that ends before the first item for which `f(item)` is false."""
    return step(_take_while(it, iter_callback("take_while", f)), it)


def _take_while(it: IterValue, function: Callable[..., object]) -> Iterator[object]:
    for item in it.items():
        if not function(item):
            return
        yield item


@method(IterValue, "skip_while(f)")
def iter_skip_while(it: IterValue, f: object = None) -> object:
    """An iterator that begins with the first item for which `f(item)` is false."""
    return step(_skip_while(it, iter_callback("skip_while", f)), it)


def _skip_while(it: IterValue, function: Callable[..., object]) -> Iterator[object]:
    skipping = True
    for item in it.items():
        if skipping and function(item):
            continue
        skipping = False
        yield item


@method(IterValue, "flat_map(f)")
def iter_flat_map(it: IterValue, f: object = None) -> object:
    """An iterator over the items of each `f(item)`, which must be iterable."""
    function = iter_callback("flat_map", f)
    return step((part for item in it.items() for part in make_iter(function(item)).items()), it)


@method(IterValue, "take(n)")
def iter_take(it: IterValue, n: object = None) -> object:
    """An iterator over the next `n` items; it pulls no more than those."""
    return step(_take(it, _count("take", n)), it)


def _take(it: IterValue, left: int) -> Iterator[object]:
    if left:
        for item in it.items():
            yield item
            left -= 1
            if not left:
                return


@method(IterValue, "skip(n)")
def iter_skip(it: IterValue, n: object = None) -> object:
    """An iterator without the next `n` items."""
    return step(_skip(it, _count("skip", n)), it)


def _skip(it: IterValue, left: int) -> Iterator[object]:
    for item in it.items():
        if left:
            left -= 1
        else:
            yield item


@method(IterValue, "zip(other)")
def iter_zip(it: IterValue, other: object = None) -> object:
    """An iterator over pairs of the items of both; it ends with the shorter."""
    second = _other("zip", other)
    return step(_zip(it, second), it, second)


def _zip(first: IterValue, second: IterValue) -> Iterator[object]:
    others = second.items()
    for item in first.items():
        other = next(others, _MISSING)
        if other is _MISSING:
            return
        yield Pair(item, other)


@method(IterValue, "enumerate()")
def iter_enumerate(it: IterValue) -> object:
    """An iterator over pairs of index and item."""
    return step((Pair(place, item) for place, item in enumerate(it.items())), it)


@method(IterValue, "chain(other)")
def iter_chain(it: IterValue, other: object = None) -> object:
    """An iterator over the items of both, one after the other."""
    second = _other("chain", other)
    return step((item for each in (it, second) for item in each.items()), it, second)


@method(IterValue, "chunks(n)")
def iter_chunks(it: IterValue, n: object = None) -> object:
    """An iterator over lists of `n` items; the last one may be shorter."""
    if type(n) is not int or n <= 0:
        raise TypeFault("iter.chunks: chunk size must be positive")
    return step(_chunks(it, n), it)


def _chunks(it: IterValue, size: int) -> Iterator[object]:
    chunk: list[object] = []
    for item in it.items():
        chunk.append(item)
        caps.check_items(len(chunk))
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


@method(IterValue, "windows(n)")
def iter_windows(it: IterValue, n: object = None) -> object:
    """An iterator over lists of `n` neighbours."""
    if type(n) is not int or n <= 0:
        raise TypeFault("iter.windows: window size must be positive")
    return step(_windows(it, n), it)


def _windows(it: IterValue, size: int) -> Iterator[object]:
    window: deque[object] = deque()
    for item in it.items():
        window.append(item)
        caps.check_items(len(window))
        if len(window) == size:
            yield list(window)
            window.popleft()


# --- sinks --------------------------------------------------------------------------------------


@method(IterValue, "to_list()")
def iter_to_list(it: IterValue) -> object:
    """A list of all items that are left."""
    items = list(islice(it.items(), caps.most_items() + 1))
    caps.check_items(len(items))
    return items


@method(IterValue, "to_set()")
def iter_to_set(it: IterValue) -> Set:
    """A set of all items that are left."""
    items = list(islice(it.items(), caps.most_items() + 1))
    caps.check_items(len(items))
    return make_set(items)


@method(IterValue, "to_dict()")
def iter_to_dict(it: IterValue) -> object:
    """A dict of the pairs that are left; their first parts must be strings."""
    result: dict[str, object] = {}
    for item in it.items():
        if type(item) is not Pair:
            raise TypeFault(f"iter.to_dict: expected pair, got {type_name(item)}")
        if type(item.first) is not str:
            raise TypeFault(f"iter.to_dict: expected string key, got {type_name(item.first)}")
        result[item.first] = item.second
    return result


@method(IterValue, "count()")
def iter_count(it: IterValue) -> object:
    """How many items are left."""
    count = 0
    for _ in it.items():
        count += 1
    return count


@method(IterValue, "sum()")
def iter_sum(it: IterValue) -> object:
    """The sum of the numbers that are left, 0 for none."""
    total: int | float = 0
    for item in it.items():
        if type(item) is int:
            total = total + item if type(total) is int else total + to_float(item)
        elif type(item) is float:
            total = to_float(total) + item
        else:
            raise TypeFault(f"iter.sum: expected number, got {type_name(item)}")
    return total


@method(IterValue, "min()")
def iter_min(it: IterValue) -> object:
    """The smallest item, the first of several; nil for none."""
    source = it.items()
    best = next(source, None)
    for item in source:
        if less(item, best):
            best = item
    return best


@method(IterValue, "max()")
def iter_max(it: IterValue) -> object:
    """The largest item, the first of several; nil for none."""
    source = it.items()
    best = next(source, None)
    for item in source:
        if greater(item, best):
            best = item
    return best


@method(IterValue, "first()")
def iter_first(it: IterValue) -> object:
    """The next item, nil at the end."""
    return next(it.items(), None)


@method(IterValue, "last()")
def iter_last(it: IterValue) -> object:
    """The last item, nil for none."""
    item = None
    for item in it.items():  # noqa: B007
        pass
    return item


@method(IterValue, "reduce(init, f)")
def iter_reduce(it: IterValue, init: object = _MISSING, f: object = _MISSING) -> object:
    """`f(…f(f(init, item1), item2)…)`"""
    if f is _MISSING:
        raise TypeFault("iter.reduce: expected (init, fn)")
    if not is_callable(f):
        raise TypeFault("iter.reduce: second arg must be callable")
    function = callback(f, 2)
    result = init
    for item in it.items():
        result = function(result, item)
    return result


@method(IterValue, "any(f)")
def iter_any(it: IterValue, f: object = None) -> object:
    """Whether `f(item)` is true for some item; stops at the first one."""
    function = iter_callback("any", f)
    return any(function(item) for item in it.items())


@method(IterValue, "all(f)")
def iter_all(it: IterValue, f: object = None) -> object:
    """Whether `f(item)` is true for every item; stops at the first one for which it is not."""
    function = iter_callback("all", f)
    return all(function(item) for item in it.items())


@method(IterValue, "find(f)")
def iter_find(it: IterValue, f: object = None) -> object:
    """The first item for which `f(item)` is true, else nil."""
    function = iter_callback("find", f)
    for item in it.items():
        if function(item):
            return item
    return None


@method(IterValue, "for_each(f)")
def iter_for_each(it: IterValue, f: object = None) -> object:
    """Calls `f(item)` for every item; nil."""
    function = iter_callback("for_each", f)
    for item in it.items():
        function(item)
    return None


# --- generators and streams ---------------------------------------------------------------------


@method(GeneratorValue, "next()")
@method(StreamValue, "next()")
def pulled_next(source: GeneratorValue | StreamValue) -> object:
    """`{done, value}` of the next item; `{done: true, value: nil}` from the end on."""
    return source.next()


@method(GeneratorValue, "iter()")
@method(StreamValue, "iter()")
def pulled_iter(source: GeneratorValue | StreamValue) -> object:
    """An iterator over what is left."""
    return make_iter(source)


ITER_METHODS = dict(DECLARED[IterValue])
"""By name; ranges have them too."""
