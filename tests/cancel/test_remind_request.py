"""`session/remind`: docs/cancellation.md#asking-for-a-reminder."""

from typing import Any

import pytest

from cancel.support import Waiting, call, make_host, reminders_of
from harnlet import Interpreter, UsageError
from harnlet.session.remind_request import INVALID_PARAMS, BadRemindRequestError
from harnlet.tools.host import ToolHost


def with_session() -> ToolHost:
    host = make_host()
    host.open("s")
    return host


@pytest.mark.parametrize(
    "params",
    [
        {"sessionId": "s", "body": " look here ", "tags": ["a", " a "], "ttlTurns": 2, "mode": "steer"},
        {"session_id": "s", "body": "look here", "tags": ["a"], "ttl_turns": 2, "mode": "finish_step"},
        {"sessionId": "s", "mode": "steer", "reminder": {"body": "look here", "tags": ["a"], "ttl_turns": 2}},
    ],
)
def test_fields_stand_at_the_top_or_under_reminder(params: dict[str, Any]) -> None:
    host = with_session()
    answer = host.remind(params)
    assert (answer["status"], answer["sessionId"], answer["mode"]) == ("queued", "s", "finish_step")
    assert reminders_of(host) == [], "it waits for its point"
    host.open("s").begin_turn()
    (reminder,) = reminders_of(host)
    assert reminder["id"] == answer["id"]
    assert (reminder["body"], reminder["tags"], reminder["ttl_turns"]) == ("look here", ["a"], 2)
    assert (reminder["source"], reminder["propagate"], reminder["dedupe_key"]) == ("bridge", "session", None)


@pytest.mark.parametrize(
    ("mode", "understood"),
    [
        ("interrupt", "interrupt_immediate"),
        ("after_current_operation", "finish_step"),
        ("queue", "audit_only"),
        ("whatever", "audit_only"),
    ],
)
def test_modes(mode: str, understood: str) -> None:
    host = with_session()
    assert host.remind({"sessionId": "s", "body": "b", "mode": mode})["mode"] == understood
    assert len(host.open("s").queue) == 1


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ([], "params must be an object"),
        ({"body": "b"}, "session/remind requires sessionId"),
        ({"sessionId": "", "body": "b"}, "session/remind requires sessionId"),
        ({"sessionId": 7, "body": "b"}, "session/remind requires sessionId"),
        ({"sessionId": "x", "body": "b"}, "session/remind: unknown session id 'x'"),
        ({"sessionId": "s"}, "reminder `body` must be a non-blank string"),
        ({"sessionId": "s", "body": "  "}, "reminder `body` must be a non-blank string"),
        ({"sessionId": "s", "body": "b", "mode": 7}, "`mode` must be a string"),
        ({"sessionId": "s", "body": "b", "tags": "a"}, "reminder `tags` must be a list"),
        ({"sessionId": "s", "body": "b", "tags": [" "]}, "reminder `tags` must be a list of non-blank"),
        ({"sessionId": "s", "body": "b", "ttlTurns": 0}, "reminder `ttl_turns` must be an int > 0 or nil"),
        ({"sessionId": "s", "body": "b", "ttl_turns": True}, "reminder `ttl_turns` must be an int > 0"),
        ({"sessionId": "s", "body": "b", "propagate": "far"}, "`propagate` must be one of: all, session, none"),
        ({"sessionId": "s", "body": "b", "roleHint": "boss"}, "reminder `role_hint` must be one of: system"),
        ({"sessionId": "s", "body": "b", "source": "me"}, "reminder `source` must be one of"),
        ({"sessionId": "s", "body": "b", "preserve_on_compact": 1}, "`preserve_on_compact` must be a bool"),
        ({"sessionId": "s", "body": "b", "fired_at_turn": -1}, "`fired_at_turn` must be an int >= 0"),
        ({"sessionId": "s", "body": "b", "dedupe_key": 3}, "`dedupe_key` must be a string or nil"),
        ({"sessionId": "s", "body": "b", "colour": "red"}, "unknown reminder field 'colour'"),
        ({"sessionId": "s", "reminder": "b"}, "`reminder` must be an object"),
        ({"sessionId": "s", "reminder": {"body": "b"}, "tags": []}, "`tags` beside `reminder`"),
        ({"sessionId": "s", "body": "b", "ttlTurns": 1, "ttl_turns": 2}, "`ttl_turns` is given twice"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_queued(params: Any, text: str) -> None:
    host = with_session()
    with pytest.raises(BadRemindRequestError) as caught:
        host.remind(params)
    assert text in str(caught.value)
    assert caught.value.rpc_code == INVALID_PARAMS == -32602
    assert len(host.open("s").queue) == 0
    assert "x" not in host.sessions


async def test_an_interrupting_reminder_enters_around_a_tool_call() -> None:
    waiting = Waiting()
    waiting.gate.set()
    async with Interpreter(tools=[waiting.tool]) as harn:
        harn.sessions.open("s")
        harn.remind({"sessionId": "s", "body": "first", "mode": "interrupt", "dedupeKey": "k"})
        harn.remind({"sessionId": "s", "body": "second", "mode": "interrupt", "dedupeKey": "k"})
        harn.remind({"sessionId": "s", "body": "third", "mode": "finish_step"})
        harn.remind({"sessionId": "s", "body": "for the record", "mode": "queue"})
        await harn.dispatch_tool_call("s", call("wait"))
        events = harn.transcript("s")["events"]
        shown = [(e["kind"], e["text"]) for e in events if e["kind"] in ("system_reminder", "tool_result")]
        assert [text for kind, text in shown if kind == "system_reminder"] == ["second", "third"]
        assert [kind for kind, _ in shown] == ["system_reminder", "tool_result", "system_reminder"]
        with pytest.raises(UsageError, match="requires sessionId"):
            harn.remind({})
