"""Methods of ranges: a few of their own, and all those of an iterator over them.

Rules: docs/builtins.md#ranges.
"""

from collections.abc import Callable, Iterator

from harnlet.runtime import caps
from harnlet.runtime.breath import blocks
from harnlet.runtime.display import display
from harnlet.runtime.iterators import IterValue, make_iter
from harnlet.runtime.methods import DECLARED, add_method, method
from harnlet.runtime.methods_iter import ITER_METHODS, iter_callback
from harnlet.runtime.values import Range


@method(Range, "len()", "count()")
def range_len(value: Range) -> object:
    """How many ints."""
    return value.length()


@method(Range, "empty()")
def range_empty(value: Range) -> object:
    """Whether there is no int in it."""
    return value.length() == 0


@method(Range, "contains(n)")
def range_contains(value: Range, n: object = None) -> object:
    """Whether the int `n` is in it."""
    return type(n) is int and n in value.numbers()


@method(Range, "first()")
def range_first(value: Range) -> object:
    """The first int, nil for an empty range."""
    return value.start if value.length() else None


@method(Range, "last()")
def range_last(value: Range) -> object:
    """The last int, nil for an empty range."""
    return value.start + value.length() - 1 if value.length() else None


@method(Range, "to_string()")
def range_to_string(value: Range) -> object:
    """The display text."""
    return display(value)


@method(Range, "to_list()")
def range_to_list(value: Range) -> object:
    """A list of its ints."""
    caps.check_items(min(value.length(), caps.most_items() + 1))
    items: list[object] = []
    for block in blocks(value.numbers()):
        items += block
    return items


@method(Range, "map(f)")
def range_map(value: Range, f: object = None) -> object:
    """An iterator over `f(n)`."""
    return IterValue(_mapped(value.numbers(), iter_callback("map", f)), 1)


def _mapped(numbers: range, function: Callable[..., object]) -> Iterator[object]:
    for block in blocks(numbers):
        for number in block:
            yield function(number)


def _over_range(function: Callable[..., object]) -> Callable[..., object]:
    def of_range(value: Range, *args: object) -> object:
        return function(make_iter(value), *args)

    of_range.__doc__ = function.__doc__
    return of_range


for _name, _method in ITER_METHODS.items():
    if _name not in DECLARED[Range]:
        add_method(Range, _method.signature, _over_range(_method.function))
