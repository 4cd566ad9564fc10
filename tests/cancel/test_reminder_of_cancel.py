"""The reminder that a cancelled call leaves, to the letter: docs/cancellation.md#the-reminder."""

import asyncio
import re
from typing import Any

import pytest

from cancel.support import REGISTRY, Waiting, call, kinds_of, make_host, reminders_of, results_of
from harnlet.plugins import load
from harnlet.tools.host import ToolHost

UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


async def cancelled(host: ToolHost, waiting: Waiting, call_id: str = "c1", **options: Any) -> None:
    """Dispatch a call and cancel it."""
    running = asyncio.create_task(host.dispatch("s", call(waiting.tool.name, call_id)))
    await waiting.started.wait()
    await host.cancel("s", call_id, **options)
    await running
    waiting.started.clear()


async def test_all_its_fields_in_their_order() -> None:
    waiting = Waiting("fetch")
    host = make_host(waiting.tool)
    await cancelled(host, waiting, "c7", reason="user pressed stop")
    (reminder,) = reminders_of(host)
    reminder_id = reminder.pop("id")
    assert reminder_id
    assert reminder == {
        "tags": ["tool_call_cancelled"],
        "dedupe_key": "cancel:c7",
        "ttl_turns": None,
        "preserve_on_compact": False,
        "propagate": "session",
        "role_hint": "system",
        "source": "bridge",
        "body": "Tool call `fetch` (call_id=c7) was cancelled by the host: user pressed stop",
        "fired_at_turn": 0,
        "originating_agent_id": None,
    }
    assert list(reminder) == [
        "tags",
        "dedupe_key",
        "ttl_turns",
        "preserve_on_compact",
        "propagate",
        "role_hint",
        "source",
        "body",
        "fired_at_turn",
        "originating_agent_id",
    ]


async def test_its_id_is_a_fresh_uuid7() -> None:
    waiting = Waiting()
    host = ToolHost(load([REGISTRY]), tools=[waiting.tool])
    await cancelled(host, waiting, "c1")
    await cancelled(host, waiting, "c2")
    ids = [reminder["id"] for reminder in reminders_of(host)]
    assert len(set(ids)) == 2
    assert all(UUID7.fullmatch(each) for each in ids)
    assert ids == sorted(ids)


async def test_it_is_an_event_of_the_transcript() -> None:
    waiting = Waiting("fetch")
    host = make_host(waiting.tool)
    await cancelled(host, waiting, reason="stop")
    (event,) = [e for e in host.transcript("s")["events"] if e["kind"] == "system_reminder"]
    assert list(event) == ["id", "kind", "role", "visibility", "text", "blocks", "reminder"]
    assert event["role"] == "system"
    assert event["text"] == event["reminder"]["body"]


async def test_it_comes_with_the_result_and_after_it() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    await cancelled(host, waiting)
    assert kinds_of(host) == [
        "tool_call_start",
        "tool_cancel_request",
        "tool_call_end",
        "tool_result",
        "tool_cancel_settled",
        "system_reminder",
    ]


async def test_without_being_asked_for_there_is_none() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    await cancelled(host, waiting, inject_reminder=False)
    assert reminders_of(host) == []
    assert len(results_of(host)) == 1


async def test_the_first_canceller_says_whether_there_is_one() -> None:
    waiting = Waiting(stubborn=True)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    await host.cancel("s", "c1", "first", inject_reminder=False, timeout_ms=0)
    await host.cancel("s", "c1", "second", inject_reminder=True, timeout_ms=0)
    waiting.gate.set()
    await running
    assert reminders_of(host) == []


async def test_there_is_none_before_the_call_has_unwound() -> None:
    waiting = Waiting(stubborn=True)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    await host.cancel("s", "c1", timeout_ms=0)
    for _ in range(20):
        await asyncio.sleep(0)
    assert reminders_of(host) == results_of(host) == []
    waiting.gate.set()
    await running
    assert len(reminders_of(host)) == len(results_of(host)) == 1


async def test_a_call_id_used_again_replaces_its_reminder() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    await cancelled(host, waiting, "c1", reason="first")
    await cancelled(host, waiting, "c2", reason="other")
    await cancelled(host, waiting, "c1", reason="second")
    bodies = [reminder["body"].rsplit(": ", 1)[1] for reminder in reminders_of(host)]
    assert bodies == ["other", "second"]
    assert len(results_of(host)) == 3


async def test_the_reminder_follows_the_session_it_was_dispatched_in() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    host.open("other")
    await cancelled(host, waiting)
    assert len(reminders_of(host, "s")) == 1
    assert reminders_of(host, "other") == []


@pytest.mark.parametrize("path", ["python", "threadsafe", "handle", "builtin"])
async def test_all_paths_leave_the_same(path: str) -> None:
    from types import SimpleNamespace

    from harnlet_plugins.cancel_builtin import cancel_in_flight_tool_call

    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    if path == "python":
        await host.cancel("s", "c1", "why")
    elif path == "threadsafe":
        await asyncio.wrap_future(host.cancel_threadsafe("s", "c1", "why"))
    elif path == "builtin":
        rt: Any = SimpleNamespace(services=host, session_id="s")
        builtin: Any = cancel_in_flight_tool_call.function
        await builtin(rt, "", "c1", "why")
    else:
        assert host.registry is not None
        handle = host.registry.lookup("s", "c1")
        assert handle is not None
        handle.cancel("why")
    await running
    assert [reminder["body"] for reminder in reminders_of(host)] == [
        "Tool call `wait` (call_id=c1) was cancelled by the host: why"
    ]
    assert kinds_of(host)[1] == "tool_cancel_request"
    assert len(results_of(host)) == 1
