"""Transcripts and reminders: docs/cancellation.md#the-reminder."""

from typing import Any

import pytest

from harnlet.session.clock import ManualClock
from harnlet.session.events import BadMessageError, message_event
from harnlet.session.ids import CountingIds, Uuid7Source
from harnlet.session.plain import plain_copy, plain_text
from harnlet.session.reminder import BadReminderError, Reminder
from harnlet.session.reminder_queue import ALIASES, DRAINED, ReminderQueue, mode_of
from harnlet.session.render import render_transcript
from harnlet.session.session import Session
from harnlet.session.sessions import Sessions
from harnlet.session.transcript import Transcript


def session() -> Session:
    return Sessions(ids=CountingIds()).open("s")


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def reminder(body: str = "remember", **fields: Any) -> Reminder:
    return Reminder.checked("r1", body, **fields)


# -- messages and events ---------------------------------------------------------------------


def test_the_shape_of_an_empty_transcript() -> None:
    assert Transcript("t", CountingIds()).to_dict() == {
        "_type": "transcript",
        "version": 2,
        "id": "t",
        "messages": [],
        "events": [],
        "assets": [],
    }


def test_a_message_and_its_event() -> None:
    transcript = Transcript("t", CountingIds("e"))
    transcript.append_message({"content": "hello", "role": "user", "extra": [1]})
    made = transcript.to_dict()
    assert made["messages"] == [{"role": "user", "content": "hello", "extra": [1]}]
    assert made["events"] == [
        {
            "id": "e1",
            "kind": "message",
            "role": "user",
            "visibility": "public",
            "text": "hello",
            "blocks": [{"type": "text", "text": "hello", "visibility": "public"}],
        }
    ]


@pytest.mark.parametrize("role", [None, "", "tool", 5])
def test_a_role_that_is_not_known(role: Any) -> None:
    with pytest.raises(BadMessageError, match=r"role` \(user\|assistant\|tool_result\|system\)"):
        Transcript("t", CountingIds()).append_message({"role": role, "content": "x"})


def test_blocks_and_their_text() -> None:
    blocks = [
        {"type": "text", "text": "look:"},
        {"type": "reasoning", "text": "hidden", "visibility": "internal"},
        {"type": "image", "path": "a.png"},
        {"type": "file", "title": "T", "path": "p"},
        {"type": "tool_call", "name": "fetch"},
        {"type": "odd"},
        "plain",
    ]
    event = message_event("e", {"role": "assistant", "content": blocks})
    assert event["text"] == "look: <image:a.png> <file:T> <tool_call:fetch> <odd> plain"
    assert event["visibility"] == "public"
    hidden = message_event("e", {"role": "user", "content": [{"type": "text", "visibility": "internal"}]})
    assert hidden["visibility"] == "internal"
    assert message_event("e", {"role": "tool_result", "content": "x"})["visibility"] == "internal"
    assert message_event("e", {"role": "user", "content": []})["visibility"] == "public"


def test_nothing_of_the_inside_leaks() -> None:
    transcript = Transcript("t", CountingIds())
    given = {"role": "user", "content": "x", "data": {"list": [1]}}
    transcript.append_message(given)
    given["data"]["list"].append(2)  # type: ignore[index]
    first = transcript.to_dict()
    first["messages"][0]["data"]["list"].append(3)
    first["events"].clear()
    assert transcript.to_dict()["messages"][0]["data"] == {"list": [1]}
    assert len(transcript.to_dict()["events"]) == 1


def test_plain_data() -> None:
    assert plain_copy({1: (1, {2}), "a": [None, True]}) == {"1": [1, [2]], "a": [None, True]}
    assert [plain_text(value) for value in ("a", None, 1, [1, "é"], {"k": None})] == [
        "a",
        "",
        "1",
        '[1, "é"]',
        '{"k": null}',
    ]


# -- reminders -------------------------------------------------------------------------------


def test_a_reminder_is_trimmed_and_its_fields_are_ordered() -> None:
    made = reminder("  say it ", tags=[" a ", "b", "a"], dedupe_key=" k ")
    assert made.to_dict() == {
        "id": "r1",
        "tags": ["a", "b"],
        "dedupe_key": "k",
        "ttl_turns": None,
        "preserve_on_compact": False,
        "propagate": "session",
        "role_hint": "system",
        "source": "bridge",
        "body": "say it",
        "fired_at_turn": 0,
        "originating_agent_id": None,
    }
    assert next(iter(made.to_dict())) == "id"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"body": " "}, "body"),
        ({"body": 5}, "body"),
        ({"tags": "abc"}, "tags"),
        ({"tags": ["a", " "]}, "tags"),
        ({"tags": [1]}, "tags"),
        ({"tags": 1}, "tags"),
        ({"dedupe_key": 5}, "dedupe_key"),
        ({"ttl_turns": 0}, "ttl_turns"),
        ({"ttl_turns": True}, "ttl_turns"),
        ({"ttl_turns": 1.5}, "ttl_turns"),
        ({"preserve_on_compact": "yes"}, "preserve_on_compact"),
        ({"propagate": "everyone"}, "propagate"),
        ({"role_hint": "user"}, "role_hint"),
        ({"source": "me"}, "source"),
        ({"fired_at_turn": -1}, "fired_at_turn"),
        ({"originating_agent_id": 1}, "originating_agent_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_field_that_breaks_its_rule_is_named(fields: dict[str, Any], named: str) -> None:
    with pytest.raises(BadReminderError, match=named):
        Reminder.from_dict({"body": "b", **fields}, "r1")


def test_from_a_dict_and_back() -> None:
    made = reminder(tags=["t"], ttl_turns=3, propagate="all", role_hint="developer", source="hook")
    assert Reminder.from_dict(made.to_dict(), "unused") == made
    assert Reminder.from_dict({"body": "b"}, "fresh").id == "fresh"


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("interrupt_immediate", "interrupt_immediate"),
        ("interrupt", "interrupt_immediate"),
        ("finish_step", "finish_step"),
        ("steer", "finish_step"),
        ("after_current_operation", "finish_step"),
        ("audit_only", "audit_only"),
        ("queue", "audit_only"),
        ("whatever", "audit_only"),
        ("", "audit_only"),
    ],
)
def test_modes_and_their_aliases(text: str, mode: str) -> None:
    assert mode_of(text) == mode


@pytest.mark.parametrize(
    ("point", "drained"),
    [
        ("turn_start", ["interrupt_immediate", "finish_step"]),
        ("before_tool_dispatch", ["interrupt_immediate"]),
        ("after_tool_dispatch", ["interrupt_immediate", "finish_step"]),
        ("turn_end", ["interrupt_immediate", "finish_step"]),
        ("loop_exit", ["audit_only"]),
    ],
)
def test_where_each_mode_is_drained(point: Any, drained: list[str]) -> None:
    queue = ReminderQueue()
    for mode in dict.fromkeys(ALIASES.values()):
        queue.push(reminder(mode), mode)
    assert [taken.body for _, taken in queue.drain(point)] == drained
    assert len(queue) == 3 - len(drained)
    assert queue.drain(point) == []
    assert set(DRAINED) >= {point}


def test_the_queue_is_first_in_first_out_whatever_the_mode() -> None:
    queue = ReminderQueue()
    for body, mode in (("a", "steer"), ("b", "interrupt"), ("c", "queue"), ("d", "steer")):
        queue.push(reminder(body), mode)
    assert [taken.body for _, taken in queue.drain("turn_start")] == ["a", "b", "d"]
    assert [taken.body for _, taken in queue.drain("loop_exit")] == ["c"]


def test_at_injection_the_same_key_is_replaced() -> None:
    transcript = Transcript("t", CountingIds())
    for body, key in (("a1", "a"), ("none 1", None), ("b1", "b"), ("a2", "a"), ("none 2", None)):
        transcript.inject_reminder(reminder(body, dedupe_key=key))
    assert [kept["body"] for kept in transcript.reminders()] == ["none 1", "b1", "a2", "none 2"]


def test_a_finite_life_goes_down_by_one_each_turn() -> None:
    here = session()
    here.transcript.inject_reminder(reminder("two turns", ttl_turns=2))
    here.transcript.inject_reminder(reminder("one turn", ttl_turns=1))
    here.transcript.inject_reminder(reminder("for good"))
    here.end_turn()
    assert [(kept["body"], kept["ttl_turns"]) for kept in here.transcript.reminders()] == [
        ("two turns", 1),
        ("for good", None),
    ]
    here.end_turn()
    assert [kept["body"] for kept in here.transcript.reminders()] == ["for good"]


def test_a_queued_reminder_enters_at_its_point() -> None:
    here = session()
    here.remind("soon", mode="interrupt")
    here.remind("later", mode="steer", ttl_turns=1)
    here.remind("record", mode="queue")
    assert [shown.body for shown in here.drain("before_tool_dispatch")] == ["soon"]
    assert [shown.body for shown in here.end_turn()] == ["later"]
    assert [shown.body for shown in here.begin_turn()] == []
    assert here.remind("second turn").fired_at_turn == 1
    here.end_loop()
    kinds = [event["kind"] for event in here.transcript.to_dict()["events"]]
    assert kinds == ["system_reminder", "system_reminder", "reminder_audit"]
    assert [kept["body"] for kept in here.transcript.reminders()] == ["soon", "later"]
    assert len(here.queue) == 1


# -- ids and rendering -----------------------------------------------------------------------


def test_uuid7_ids_sort_in_the_order_they_were_made() -> None:
    clock = ManualClock(1_700_000_000_000)
    source = Uuid7Source(clock, seed=1)
    made = [source() for _ in range(5000)]
    clock.advance(1)
    made += [source() for _ in range(10)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert all(each[14] == "7" and each[19] in "89ab" for each in made)
    assert int(made[0][:8] + made[0][9:13], 16) == 1_700_000_000_000
    assert Uuid7Source(ManualClock(), seed=1)() == Uuid7Source(ManualClock(), seed=1)()


def test_a_transcript_as_text_for_people() -> None:
    here = session()
    here.inject(user("hello\nthere"))
    here.inject(
        {
            "role": "tool_result",
            "name": "fetch",
            "tool_call_id": "c1",
            "content": "[error from fetch]\n",
            "is_error": True,
            "note": "It had effects.",
        }
    )
    here.transcript.append_event("tool_call_end", metadata={"tool": "fetch", "call_id": "c1", "status": "ok"})
    here.transcript.inject_reminder(reminder("mind the gap"))
    here.inject({"role": "assistant", "content": [{"type": "text", "text": "bye"}]})
    assert render_transcript(here.transcript.to_dict()) == (
        "transcript s\n"
        "  user\n"
        "    hello\n"
        "    there\n"
        "  tool_result fetch (call c1) error\n"
        "    [error from fetch]\n"
        "    note: It had effects.\n"
        "  - tool call end  fetch (call c1)  status=ok\n"
        "  reminder (system)\n"
        "    mind the gap\n"
        "  assistant\n"
        "    bye\n"
    )
    assert (
        render_transcript({"id": "x", "messages": [user("no events")]})
        == "transcript x\n  user\n    no events\n"
    )
