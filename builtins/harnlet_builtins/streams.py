"""The `stream.*` functions that pull one source at a time. Those that watch several, or the clock, are
in `streams_timed`. Rules: docs/builtins.md#stream-combinators.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from harnlet.errors.faults import RuntimeFault, TypeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.iterators import IterValue, make_iter, step
from harnlet.runtime.values import Pair, callback, is_callable, type_name

_MISSING = object()
_MOST_COLLECTED = 10_000


def argument(name: str, args: tuple[object, ...], number: int) -> object:
    """Argument `number`, counted from 1."""
    if number > len(args):
        raise TypeFault(f"stream.{name}: missing argument {number}")
    return args[number - 1]


def source(name: str, args: tuple[object, ...], number: int = 1) -> IterValue:
    """The iterable that argument `number` is."""
    return make_iter(argument(name, args, number))


def _function(name: str, args: tuple[object, ...], number: int, count: int = 1) -> Callable[..., object]:
    given = argument(name, args, number)
    if not is_callable(given):
        raise TypeFault(f"stream.{name}: argument {number} must be callable, got {type_name(given)}")
    return callback(given, count)


def _count(name: str, args: tuple[object, ...], number: int, *, positive: bool = False) -> int:
    given = argument(name, args, number)
    if type(given) is not int or given < positive:
        kind = "positive" if positive else "non-negative"
        raise TypeFault(f"stream.{name}: argument {number} must be a {kind} int, got {type_name(given)}")
    return given


@builtin("stream.map(...arguments)", section="9.10")
def map_(*arguments: object) -> IterValue:
    """`stream.map(s, f)`: an iterator over `f(item)`."""
    it, function = source("map", arguments), _function("map", arguments, 2)
    return step((function(item) for item in it.items()), it)


@builtin("stream.filter(...arguments)", section="9.10")
def filter_(*arguments: object) -> IterValue:
    """`stream.filter(s, f)`: an iterator over the items for which `f(item)` is true."""
    it, function = source("filter", arguments), _function("filter", arguments, 2)
    return step((item for item in it.items() if function(item)), it)


@builtin("stream.tap(...arguments)", section="9.10")
def tap(*arguments: object) -> IterValue:
    """`stream.tap(s, f)`: the items themselves, after `f(item)` was called."""
    return step(
        _tap(it := source("tap", arguments), _function("tap", arguments, 2)),
        it,
    )


def _tap(it: IterValue, function: Callable[..., object]) -> Iterator[object]:
    for item in it.items():
        function(item)
        yield item


@builtin("stream.scan(...arguments)", section="9.10")
def scan(*arguments: object) -> IterValue:
    """`stream.scan(s, init, f)`: every value of `f(accumulator, item)` on the way."""
    it = source("scan", arguments)
    first = argument("scan", arguments, 2)
    return step(_scan(it, first, _function("scan", arguments, 3, 2)), it)


def _scan(it: IterValue, accumulator: object, function: Callable[..., object]) -> Iterator[object]:
    for item in it.items():
        accumulator = function(accumulator, item)
        yield accumulator


@builtin("stream.fold(...arguments)", section="9.10")
def fold(*arguments: object) -> object:
    """`stream.fold(s, init, f)`: the last value of `f(accumulator, item)`."""
    it = source("fold", arguments)
    accumulator = argument("fold", arguments, 2)
    function = _function("fold", arguments, 3, 2)
    for item in it.items():
        accumulator = function(accumulator, item)
    return accumulator


@builtin("stream.collect(...arguments)", section="9.10")
def collect(*arguments: object) -> list[object]:
    """`stream.collect(s, max = 10000)`: a list of all items; more than `max` of them is an error."""
    it = source("collect", arguments)
    most = _most_collected(arguments[1]) if len(arguments) > 1 else _MOST_COLLECTED
    items: list[object] = []
    for item in it.items():
        if len(items) >= most:
            raise RuntimeFault(f"stream.collect: max cap {most} exceeded")
        items.append(item)
    return items


def _most_collected(given: object) -> int:
    if type(given) is dict:
        given = given.get("max", _MOST_COLLECTED)
    elif type(given) is not int:
        raise TypeFault(
            f"stream.collect: second argument must be max int or options dict, got {type_name(given)}"
        )
    if type(given) is not int or given < 0:
        raise TypeFault(f"stream.collect: max must be a non-negative int, got {type_name(given)}")
    return given


@builtin("stream.first(...arguments)", section="9.10")
def first(*arguments: object) -> object:
    """`stream.first(s)`: the first item, nil for none."""
    return next(source("first", arguments).items(), None)


@builtin("stream.take(...arguments)", section="9.10")
def take(*arguments: object) -> IterValue:
    """`stream.take(s, n)`: an iterator over the next `n` items."""
    it = source("take", arguments)
    return step(_take(it, _count("take", arguments, 2)), it)


def _take(it: IterValue, left: int) -> Iterator[object]:
    if left:
        for item in it.items():
            yield item
            left -= 1
            if not left:
                return


@builtin("stream.take_until(...arguments)", section="9.10")
def take_until(*arguments: object) -> IterValue:
    """`stream.take_until(s, f)`: ends before the first item for which `f(item)` is true."""
    it = source("take_until", arguments)
    return step(_take_until(it, _function("take_until", arguments, 2)), it)


def _take_until(it: IterValue, function: Callable[..., object]) -> Iterator[object]:
    for item in it.items():
        if function(item):
            return
        yield item


@builtin("stream.interleave(...streams)", section="9.10")
def interleave(*streams: object) -> IterValue:
    """`stream.interleave(s1, s2, …)`: an item of each in turn; those that have ended are left out."""
    if len(streams) < 2:
        raise TypeFault("stream.interleave: expected at least two streams")
    sources = [make_iter(each) for each in streams]
    return step(_interleave(sources), *sources)


def _interleave(sources: list[IterValue]) -> Iterator[object]:
    left = deque(sources)
    while left:
        item = next(left[0].items(), _MISSING)
        if item is _MISSING:
            left.popleft()
        else:
            yield item
            left.rotate(-1)


@builtin("stream.zip(...streams)", section="9.10")
def zip_(*streams: object) -> IterValue:
    """`stream.zip(a, b)`: pairs of the items of both; it ends with the shorter."""
    if len(streams) != 2:
        raise TypeFault(f"stream.zip: expected 2 streams, got {len(streams)}")
    first_one, second = make_iter(streams[0]), make_iter(streams[1])
    return step(_zip(first_one, second), first_one, second)


def _zip(first_one: IterValue, second: IterValue) -> Iterator[object]:
    for item in first_one.items():
        other = next(second.items(), _MISSING)
        if other is _MISSING:
            return
        yield Pair(item, other)


@builtin("stream.broadcast(...arguments)", section="9.10", context=True)
def broadcast(rt: Any, *arguments: object) -> list[object]:
    """`stream.broadcast(s, n)`: a list of `n` iterators that each give every item."""
    it = source("broadcast", arguments)
    count = _count("broadcast", arguments, 2, positive=True)
    if count > _MOST_COLLECTED:
        raise RuntimeFault(f"stream.broadcast: more than {_MOST_COLLECTED} consumers")
    shared = _Broadcast(rt, it, count)
    return [step(shared.items(own), it) for own in shared.buffers]


class _Broadcast:
    """One source, and what each consumer has not had yet. While a task waits for the source, the others wait
    for that task."""

    def __init__(self, rt: Any, it: IterValue, count: int) -> None:
        self.rt = rt
        self.it = it
        self.buffers: list[deque[object]] = [deque() for _ in range(count)]
        self.puller: object = None
        self.waiting: list[asyncio.Future[None]] = []

    def items(self, own: deque[object]) -> Iterator[object]:
        """All items, for the consumer with this buffer."""
        while True:
            while not own:
                if self.puller is not None and self.puller is not self.rt.task:
                    pulled: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self.waiting.append(pulled)
                    self.rt.wait(pulled)
                elif not self._pull():
                    return
            yield own.popleft()

    def _pull(self) -> bool:
        """Get the next item for all; whether there was one."""
        before, self.puller = self.puller, self.rt.task
        try:
            item = next(self.it.items(), _MISSING)
        finally:
            self.puller = before
            for pulled in self.waiting:
                if not pulled.done():
                    pulled.set_result(None)
            self.waiting.clear()
        if item is _MISSING:
            return False
        for buffer in self.buffers:
            buffer.append(item)
        return True
