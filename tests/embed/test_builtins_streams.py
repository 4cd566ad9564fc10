"""The `stream.*` builtins (docs/builtins.md#stream-combinators)."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from embed.values_support import (
    BUILTINS,
    FakeRun,
    Range,
    RuntimeFault,
    Thrown,
    TypeFault,
    call,
    call_method,
    display,
    fails,
    in_run,
)
from harnlet.runtime.iterators import StreamValue
from harnlet.runtime.values import Handle


def double(x: Any = None, *_: object) -> object:
    """double(x)"""
    return x * 2


def plus(a: Any = None, b: Any = None, *_: object) -> object:
    """plus(a, b)"""
    return a + b


def is_three(x: Any = None, *_: object) -> object:
    """is_three(x)"""
    return x == 3


TABLE: list[tuple[str, tuple[object, ...], str]] = [
    ("map", (Range(1, 3), double), "[2, 4, 6]"),
    ("filter", ([1, 3], is_three), "[3]"),
    ("tap", ([1, 3], double), "[1, 3]"),
    ("scan", ([1, 2, 3], 10, plus), "[11, 13, 16]"),
    ("take", ("abc", 2), "[a, b]"),
    ("take", ([1], 0), "[]"),
    ("take_until", ([1, 3, 2], is_three), "[1]"),
    ("interleave", ([1, 2, 3], ["a"], [True, False]), "[1, a, true, 2, false, 3]"),
    ("zip", ([1, 2], {"a": 1}), "[(1, (a, 1))]"),
]


@pytest.mark.parametrize(("name", "args", "text"), TABLE)
def test_lazy_ones(name: str, args: tuple[object, ...], text: str) -> None:
    it = call(f"stream.{name}", *args)
    assert display(it) == "<iter>"
    assert display(call("stream.collect", it)) == text


def test_the_others() -> None:
    assert call("stream.fold", [1, 2], 10, plus) == 13
    assert call("stream.first", [7, 8]) == 7
    assert call("stream.first", []) is None
    assert call("stream.collect", [1, 2], 2) == [1, 2]
    assert call("stream.collect", [1, 2], {"max": 2}) == [1, 2]
    assert call("stream.collect", [1, 2], {}) == [1, 2]
    fails(RuntimeFault, "stream.collect: max cap 1 exceeded", call, "stream.collect", [1, 2], 1)
    fails(RuntimeFault, "stream.collect: max cap 10000 exceeded", call, "stream.collect", Range(0, 10_000))


def test_broadcast() -> None:
    first, second = call("stream.broadcast", [1, 2, 3], 2)
    assert call_method(call_method(first, "take", 2), "to_list") == [1, 2]
    assert call_method(second, "to_list") == [1, 2, 3]
    assert call_method(first, "to_list") == [3]


FAULTS: list[tuple[str, tuple[object, ...], str]] = [
    *[(name, (), f"stream.{name}: missing argument 1") for name in ("map", "collect", "first", "throttle")],
    *[(name, ([1],), f"stream.{name}: missing argument 2") for name in ("map", "scan", "take", "debounce")],
    ("fold", ([1], 0), "stream.fold: missing argument 3"),
    ("map", ([1], 5), "stream.map: argument 2 must be callable, got int"),
    ("scan", ([1], 0, "x"), "stream.scan: argument 3 must be callable, got string"),
    ("take", ([1], -1), "stream.take: argument 2 must be a non-negative int, got int"),
    ("take", ([1], "a"), "stream.take: argument 2 must be a non-negative int, got string"),
    ("broadcast", ([1], 0), "stream.broadcast: argument 2 must be a positive int, got int"),
    ("throttle", ([1], 0), "stream.throttle: argument 2 must be a positive number, got int"),
    ("throttle", ([1], "a"), "stream.throttle: argument 2 must be a positive number, got string"),
    ("throttle", ([1], float("inf")), "stream.throttle: argument 2 must be a positive finite number"),
    ("throttle", ([1], 10**400), "stream.throttle: argument 2 must be a positive finite number"),
    ("throttle", ([1], float("nan")), "stream.throttle: argument 2 must be a positive number, got float"),
    ("debounce", ([1], 1.5), "stream.debounce: argument 2 must be a non-negative int, got float"),
    ("merge", (), "stream.merge: expected at least one stream"),
    ("race", (), "stream.race: expected at least one stream"),
    ("interleave", ([1],), "stream.interleave: expected at least two streams"),
    ("zip", ([1],), "stream.zip: expected 2 streams, got 1"),
    ("collect", ([1], -1), "stream.collect: max must be a non-negative int, got int"),
    ("collect", ([1], {"max": "a"}), "stream.collect: max must be a non-negative int, got string"),
    ("collect", ([1], "a"), "stream.collect: second argument must be max int or options dict, got string"),
    ("map", (5, double), "iter: value of type int is not iterable"),
    ("merge", ([1], 5), "iter: value of type int is not iterable"),
]


@pytest.mark.parametrize(("name", "args", "text"), FAULTS)
def test_faults(name: str, args: tuple[object, ...], text: str) -> None:
    fails(TypeFault, text, call, f"stream.{name}", *args)


# --- those that wait ----------------------------------------------------------------------------


class Queue(Handle):
    """A source whose items come when the test lets them."""

    def __init__(self, run: FakeRun) -> None:
        self.run = run
        self.queue: asyncio.Queue[object] = asyncio.Queue()
        self.pulls = 0

    def items(self) -> Iterator[object]:
        while True:
            self.pulls += 1
            item = self.run.wait(self.queue.get())
            if item == "end":
                return
            if isinstance(item, Exception):
                raise item
            yield item


def in_task(test: Callable[[FakeRun], object]) -> Callable[[], None]:
    """Run a test in a task of a run that starts tasks."""

    def wrapped() -> None:
        async def main() -> None:
            await in_run(lambda: test(FakeRun().with_tasks()))

        asyncio.run(main())

    wrapped.__name__ = test.__name__
    wrapped.__doc__ = test.__doc__
    return wrapped


@in_task
def test_merge_takes_turns_among_what_is_ready(run: FakeRun) -> None:
    merged = run.call("stream.merge", [1, 2], [3, 4])
    assert call_method(merged, "to_list") == [1, 3, 2, 4]
    assert call_method(run.call("stream.merge", [], [1], []), "to_list") == [1]


@in_task
def test_merge_does_not_wait_for_the_slow(run: FakeRun) -> None:
    slow, quick = Queue(run), Queue(run)
    merged = run.call("stream.merge", slow, quick)
    quick.queue.put_nowait("a")
    assert call_method(merged, "first") == "a"
    quick.queue.put_nowait("b")
    assert call_method(merged, "first") == "b"
    slow.queue.put_nowait("s")
    assert call_method(merged, "first") == "s"
    for source in (slow, quick):
        source.queue.put_nowait("end")
    assert call_method(merged, "to_list") == []


@in_task
def test_merge_raises_what_a_source_raises(run: FakeRun) -> None:
    bad = Queue(run)
    merged = run.call("stream.merge", Queue(run), bad)
    bad.queue.put_nowait(Thrown("boom"))
    fails(Thrown, "boom", call_method, merged, "first")
    assert display(merged) == "<iter (exhausted)>"


@in_task
def test_what_is_still_pulled_is_cancelled_when_nobody_wants_it(run: FakeRun) -> None:
    slow = Queue(run)
    merged = run.call("stream.merge", slow, [1])
    assert call_method(merged, "first") == 1
    merged.source.close()
    run.wait(asyncio.sleep(0))
    slow.queue.put_nowait("late")
    run.wait(asyncio.sleep(0))
    assert slow.queue.qsize() == 1


@in_task
def test_race_is_won_by_who_gives_first(run: FakeRun) -> None:
    slow, quick = Queue(run), Queue(run)
    for item in ("a", "b", "end"):
        quick.queue.put_nowait(item)
    assert call_method(run.call("stream.race", slow, quick), "to_list") == ["a", "b"]
    assert call_method(run.call("stream.race", [], [5, 6]), "to_list") == [5, 6]
    assert call_method(run.call("stream.race", [], []), "to_list") == []


@in_task
def test_throttle_pauses_between_items(run: FakeRun) -> None:
    assert call_method(run.call("stream.throttle", [1, 2, 3], 3), "to_list") == [1, 2, 3]
    assert run.clock.slept == [334, 334]
    assert call_method(run.call("stream.throttle", [1], 0.5), "to_list") == [1]
    assert run.clock.slept == [334, 334]
    assert call_method(run.call("stream.throttle", [1, 2], 5e-324), "to_list") == [1, 2]
    assert run.clock.slept[2:] == [2**53]


@in_task
def test_debounce_gives_the_last_that_was_ready(run: FakeRun) -> None:
    assert call_method(run.call("stream.debounce", [1, 2], 50), "to_list")[-1:] == [2]
    assert run.clock.slept[:1] == [50]
    assert call_method(run.call("stream.debounce", [], 50), "to_list") == []


@in_task
def test_debounce_waits_for_the_window_to_close(run: FakeRun) -> None:
    source = Queue(run)
    closing = asyncio.Event()

    async def sleep(delay_ms: float) -> None:
        await closing.wait()

    run.clock.sleep = sleep  # type: ignore[method-assign]
    for item in (1, 2, 3):
        source.queue.put_nowait(item)
    debounced = run.call("stream.debounce", source, 10)
    first = asyncio.ensure_future(in_run(lambda: call_method(debounced, "first")))
    for _ in range(20):
        run.wait(asyncio.sleep(0))
    assert not first.done()
    closing.set()
    assert run.wait(first) == 3
    source.queue.put_nowait("end")
    assert call_method(debounced, "to_list") == []


def test_without_a_scheduler_sources_are_pulled_one_after_the_other() -> None:
    async def main() -> object:
        run = FakeRun()
        return await in_run(lambda: call_method(run.call("stream.merge", [1, 2], [3]), "to_list"))

    assert asyncio.run(main()) == [1, 3, 2]


def test_streams_are_sources_too() -> None:
    stream = StreamValue(iter([1, 2, 3]))
    assert call("stream.collect", call("stream.take", stream, 2)) == [1, 2]
    assert call("stream.collect", stream) == [3]
    assert {each.split(".")[0] for each in BUILTINS if "." in each} == {"stream"}
