"""The `stream.*` functions that watch several sources at once, or the clock.

Each source is pulled in a task of its own, so that one that waits does not hold up the others; what is
still being pulled when nobody wants it any more is cancelled. Rules: docs/builtins.md#stream-combinators.
"""

import asyncio
import math
from collections.abc import Awaitable, Iterator
from typing import TypeAlias

from harnlet.errors.faults import TypeFault
from harnlet.runtime.builtin import Context, builtin, tasks_of_run
from harnlet.runtime.iterators import IterValue, make_iter, step
from harnlet.runtime.operators import to_float
from harnlet.runtime.values import type_name
from harnlet_builtins.streams import argument, source

_END = object()
_LONGEST_MS = 1 << 53
"""As good as for ever, and exact as a float."""

Pull: TypeAlias = "asyncio.Future[object]"


def _pull(rt: Context, it: IterValue) -> Pull:
    """The next item of `it` (`_END` at its end), pulled in a task of its own."""
    start = rt.state(tasks_of_run)
    pulled: Awaitable[object] = start(lambda: next(it.items(), _END))
    return asyncio.ensure_future(pulled)


def _cancel(pulls: "list[Pull]") -> None:
    for pull in pulls:
        if not pull.cancel() and not pull.cancelled():
            pull.exception()  # Nobody wants it any more, and asyncio reports what nobody asked for.


@builtin("stream.merge(...streams)", section="9.10", context=True, effect="suspends")
def merge(rt: Context, *streams: object) -> IterValue:
    """`stream.merge(s1, …)`: the items of all as they come; those that are ready take turns."""
    if not streams:
        raise TypeFault("stream.merge: expected at least one stream")
    sources = [make_iter(each) for each in streams]
    return step(_merge(rt, sources), *sources)


def _merge(rt: Context, sources: list[IterValue]) -> Iterator[object]:
    pulls: dict[int, Pull] = {}
    turn = 0
    left = list(range(len(sources)))
    try:
        while left:
            for each in left:
                if each not in pulls:
                    pulls[each] = _pull(rt, sources[each])
            rt.wait(asyncio.wait(pulls.values(), return_when=asyncio.FIRST_COMPLETED))
            ready = next(each for each in _from(left, turn) if pulls[each].done())
            item = pulls.pop(ready).result()
            turn = ready + 1
            if item is _END:
                left.remove(ready)
            else:
                yield item
    finally:
        _cancel([*pulls.values()])


def _from(places: list[int], turn: int) -> list[int]:
    """The places in order, beginning with the first that is not before `turn`."""
    return [place for place in places if place >= turn] + [place for place in places if place < turn]


@builtin("stream.race(...streams)", section="9.10", context=True, effect="suspends")
def race(rt: Context, *streams: object) -> IterValue:
    """`stream.race(s1, …)`: the items of that source which gives one first."""
    if not streams:
        raise TypeFault("stream.race: expected at least one stream")
    sources = [make_iter(each) for each in streams]
    return step(_race(rt, sources), *sources)


def _race(rt: Context, sources: list[IterValue]) -> Iterator[object]:
    pulls = [_pull(rt, each) for each in sources]
    left = list(range(len(sources)))
    winner = -1
    item: object = _END
    try:
        while left and winner < 0:
            rt.wait(asyncio.wait([pulls[each] for each in left], return_when=asyncio.FIRST_COMPLETED))
            for each in [place for place in left if pulls[place].done()]:
                item = pulls[each].result()
                left.remove(each)
                if item is not _END:
                    winner = each
                    break
    finally:
        _cancel(pulls)
    if winner >= 0:
        yield item
        for each_item in sources[winner].items():  # noqa: UP028 - `yield from` would close the source
            yield each_item


@builtin("stream.throttle(...arguments)", section="9.10", context=True, effect="suspends")
def throttle(rt: Context, *arguments: object) -> IterValue:
    """`stream.throttle(s, per_second)`: the items, so many a second."""
    it = source("throttle", arguments)
    rate = argument("throttle", arguments, 2)
    if (type(rate) is not int and type(rate) is not float) or not rate > 0:
        raise TypeFault(f"stream.throttle: argument 2 must be a positive number, got {type_name(rate)}")
    per_second = to_float(rate)
    if math.isinf(per_second):
        raise TypeFault("stream.throttle: argument 2 must be a positive finite number")
    return step(_throttle(rt, it, math.ceil(min(1000 / per_second, _LONGEST_MS))), it)


def _throttle(rt: Context, it: IterValue, pause_ms: int) -> Iterator[object]:
    begun = False
    for item in it.items():
        if begun:
            rt.wait(rt.clock.sleep(pause_ms))
        begun = True
        yield item


@builtin("stream.debounce(...arguments)", section="9.10", context=True, effect="suspends")
def debounce(rt: Context, *arguments: object) -> IterValue:
    """`stream.debounce(s, window_ms)`: after each item waits so long, and gives the last that came."""
    it = source("debounce", arguments)
    window = argument("debounce", arguments, 2)
    if type(window) is not int or window < 0:
        raise TypeFault(f"stream.debounce: argument 2 must be a non-negative int, got {type_name(window)}")
    return step(_debounce(rt, it, min(window, _LONGEST_MS)), it)


def _debounce(rt: Context, it: IterValue, window_ms: int) -> Iterator[object]:
    pull = _pull(rt, it)
    timer: asyncio.Future[None] | None = None
    try:
        while (latest := rt.wait(pull)) is not _END:
            timer = asyncio.ensure_future(rt.clock.sleep(window_ms))
            pull = _pull(rt, it)
            while not timer.done():
                rt.wait(asyncio.wait((timer, pull), return_when=asyncio.FIRST_COMPLETED))
                if pull.done() and pull.result() is not _END:
                    latest = pull.result()
                    pull = _pull(rt, it)
                elif pull.done():
                    rt.wait(timer)
            yield latest
    finally:
        _cancel([pull])
        if timer is not None:
            timer.cancel()
