"""The registry: docs/cancellation.md#registry."""

import asyncio
import sys
from typing import Any

import pytest

from harnlet.tools.call import DuplicateCallError
from harnlet_plugins.call_registry import REMEMBERED, ToolCallRegistry


def registered(registry: ToolCallRegistry, session: str = "s", call: str = "c", tool: str = "t") -> Any:
    entry = registry.register(session, call, tool)
    assert entry is not None
    return entry


def test_a_handle_knows_what_it_stands_for() -> None:
    handle, _ = registered(ToolCallRegistry(), "session", "call", "tool")
    assert (handle.session_id, handle.call_id, handle.tool_name) == ("session", "call", "tool")
    assert (handle.is_cancelled, handle.is_completed) == (False, False)
    assert (handle.details, handle.reason) == (None, None)


def test_an_empty_call_id_gives_nothing() -> None:
    registry = ToolCallRegistry()
    assert registry.register("s", "", "t") is None
    assert registry.list_for_session("s") == []


def test_an_empty_session_id_is_a_session_like_any_other() -> None:
    registry = ToolCallRegistry()
    handle, _ = registered(registry, session="")
    assert registry.lookup("", "c") is handle
    assert registry.lookup("s", "c") is None


def test_the_first_cancel_wins_and_its_details_stay() -> None:
    handle, _ = registered(ToolCallRegistry())
    assert handle.cancel("first", inject_reminder=False) is True
    assert handle.cancel("second", inject_reminder=True) is False
    assert handle.is_cancelled
    assert not handle.is_completed
    assert handle.reason == "first"
    assert (handle.details.reason, handle.details.inject_reminder) == ("first", False)


def test_outcomes_of_cancel() -> None:
    registry = ToolCallRegistry()
    missing = registry.cancel("s", "c", "why")
    assert (missing.status, missing.tool_name, missing.handle) == ("not_found", None, None)
    handle, guard = registered(registry, tool="fetch")
    first = registry.cancel("s", "c", "why")
    assert (first.status, first.tool_name, first.handle) == ("cancelled", "fetch", handle)
    second = registry.cancel("s", "c", "again")
    assert (second.status, second.tool_name, second.handle) == ("already_cancelled", "fetch", handle)
    guard.__exit__(None, None, None)
    assert registry.cancel("s", "c", "late").status == "not_found"


def test_leaving_the_guard_completes_and_removes() -> None:
    registry = ToolCallRegistry()
    handle, guard = registered(registry)
    with guard as inside:
        assert inside is handle
        assert registry.list_for_session("s") == [handle]
    assert handle.is_completed
    assert registry.lookup("s", "c") is None
    assert registry.list_for_session("s") == []


def test_leaving_the_guard_in_an_error_removes_too() -> None:
    registry = ToolCallRegistry()
    handle, guard = registered(registry)
    with pytest.raises(ZeroDivisionError), guard:
        raise ZeroDivisionError
    assert handle.is_completed
    assert registry.lookup("s", "c") is None


def test_a_guard_never_removes_anothers_entry() -> None:
    registry = ToolCallRegistry()
    _, first = registered(registry)
    first.__exit__(None, None, None)
    second_handle, second = registered(registry)
    first.__exit__(None, None, None)
    assert not second_handle.is_completed
    assert registry.lookup("s", "c") is second_handle
    second.__exit__(None, None, None)
    assert registry.lookup("s", "c") is None


def test_a_duplicate_live_key_is_refused_and_harms_nobody() -> None:
    registry = ToolCallRegistry()
    handle, _ = registered(registry, tool="first")
    with pytest.raises(
        DuplicateCallError, match="call id 'c' is in flight in session 's' \\(tool `first`\\)"
    ):
        registry.register("s", "c", "second")
    assert registry.lookup("s", "c") is handle
    registered(registry, session="other")


def test_calls_are_listed_in_order_and_by_session() -> None:
    registry = ToolCallRegistry()
    handles = [registered(registry, "s", name)[0] for name in ("b", "a", "c")]
    registered(registry, "other", "x")
    assert registry.list_for_session("s") == handles
    assert registry.list_for_session("unknown") == []


def test_finished_calls_are_remembered_for_a_while() -> None:
    registry = ToolCallRegistry()
    assert registry.recall("s", "c0") is None
    last = 5 * REMEMBERED // 2
    for number in range(last + 1):
        handle, guard = registered(registry, "s", f"c{number}", "t")
        if number % 2:
            handle.cancel("stop")
        guard.__exit__(None, None, None)
        remembered = registry.recall("s", f"c{max(0, number - REMEMBERED + 1)}")
        assert remembered is not None
        assert remembered.outcome == ("stopped" if max(0, number - REMEMBERED + 1) % 2 else "completed_first")
    assert registry.recall("s", f"c{last - 2 * REMEMBERED}") is None, "the oldest are forgotten"


def test_a_call_whose_end_is_being_written_is_not_said_to_have_completed_first() -> None:
    registry = ToolCallRegistry()
    handle, _ = registered(registry)
    handle.cancel("stop")
    assert registry.recall("s", "c") is None
    handle.word.apply("unwind")
    assert registry.cancel("s", "c", "late").status == "not_found"
    assert registry.recall("s", "c") is None, "how it ended is not known yet"
    other, _ = registered(registry, call="d")
    other.word.apply("start")
    other.word.apply("finish")
    remembered = registry.recall("s", "d")
    assert remembered is not None
    assert remembered.outcome == "completed_first"


async def test_awaitables_return_at_once_when_the_fact_is_already_so() -> None:
    handle, guard = registered(ToolCallRegistry())
    handle.cancel("stop")
    guard.__exit__(None, None, None)
    waits = [handle.cancelled(), handle.completed()]
    for wait in waits:
        # A coroutine that has nothing to wait for ends at its first step.
        with pytest.raises(StopIteration):
            wait.send(None)


async def test_no_waiter_is_missed_however_many_there_are() -> None:
    handle, guard = registered(ToolCallRegistry())
    cancelled = [asyncio.create_task(handle.cancelled()) for _ in range(5)]
    completed = [asyncio.create_task(handle.completed()) for _ in range(5)]
    await asyncio.sleep(0)
    cancelled[0].cancel()
    handle.cancel("stop")
    await asyncio.gather(*cancelled[1:])
    assert not any(task.done() for task in completed)
    guard.__exit__(None, None, None)
    await asyncio.gather(*completed)
    assert cancelled[0].cancelled()


async def test_a_waiter_in_another_thread_is_woken() -> None:
    handle, guard = registered(ToolCallRegistry())
    elsewhere = asyncio.create_task(asyncio.to_thread(asyncio.run, handle.completed()))
    await asyncio.sleep(0)
    guard.__exit__(None, None, None)
    await elsewhere


def test_cancelled_is_not_what_completes_and_the_other_way_round() -> None:
    registry = ToolCallRegistry()
    handle, guard = registered(registry)
    guard.__exit__(None, None, None)
    assert handle.is_completed
    assert not handle.is_cancelled
    assert handle.cancel("late") is False
    assert not handle.is_cancelled


def operations(work: Any) -> int:
    """How many Python and C functions `work` calls: a measure that no busy machine changes."""
    count = 0

    def tick(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    sys.setprofile(tick)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_cancelling_costs_the_same_with_one_call_and_with_twenty_thousand() -> None:
    few, many = ToolCallRegistry(), ToolCallRegistry()
    registered(few, "s", "target")
    for number in range(20_000):
        registered(many, f"session {number % 100}", f"c{number}")
    registered(many, "s", "target")
    assert operations(lambda: many.cancel("s", "target", "stop")) == operations(
        lambda: few.cancel("s", "target", "stop")
    )
    assert operations(lambda: many.list_for_session("s")) == operations(lambda: few.list_for_session("s"))
    assert len(many.list_for_session("s")) == 1
    assert len(many.list_for_session("session 7")) == 200
