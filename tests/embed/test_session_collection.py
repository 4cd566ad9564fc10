"""The sessions of an interpreter: docs/builtins.md#sessions, docs/cancellation.md#crash-safe."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from harnlet.session.compact import BadStrategyError, compact_messages, estimate_tokens
from harnlet.session.ids import CountingIds
from harnlet.session.plain import plain_copy
from harnlet.session.reminder import Reminder, cancellation_reminder
from harnlet.session.sessions import Sessions, UnknownSessionError


def made(*texts: str, **options: Any) -> Sessions:
    """Sessions with one `s` that has a user message of each text."""
    sessions = Sessions(ids=CountingIds(), **options)
    session = sessions.open("s")
    for text in texts:
        session.inject({"role": "user", "content": text})
    return sessions


def texts_of(sessions: Sessions, session_id: str = "s") -> list[str]:
    return [message["content"] for message in sessions.transcript(session_id)["messages"]]


def test_opening_is_idempotent() -> None:
    sessions = made("hello")
    assert sessions.open("s") is sessions.open("s")
    assert texts_of(sessions) == ["hello"]


def test_a_session_without_an_id_gets_a_uuid7() -> None:
    sessions = Sessions()
    first, second = sessions.open(), sessions.open("")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", first.id)
    assert first.id != second.id
    assert first.transcript.to_dict()["id"] == first.id


def test_unknown_sessions() -> None:
    sessions = Sessions()
    with pytest.raises(UnknownSessionError, match="unknown session id 'x'"):
        sessions.transcript("x")
    for method in (sessions.reset, sessions.close, sessions.fork, sessions.compact, sessions.require):
        with pytest.raises(UnknownSessionError):
            method("x")
    assert sessions.snapshot("x") is None
    assert sessions.ancestry("x") is None
    assert "x" not in sessions


def test_the_oldest_is_forgotten_but_never_one_with_calls_in_flight() -> None:
    sessions = Sessions(limit=3)
    for name in ("busy", "old", "used"):
        sessions.open(name)
    sessions.require("busy").in_flight = 1
    sessions.get("used")
    sessions.open("new")
    assert [session.id for session in sessions] == ["busy", "used", "new"]
    sessions.open("newer")
    assert [session.id for session in sessions] == ["busy", "new", "newer"]


def test_when_all_are_busy_nobody_is_forgotten() -> None:
    sessions = Sessions(limit=1)
    sessions.open("a").in_flight = 1
    sessions.open("b").in_flight = 1
    sessions.open("c")
    assert len(sessions) == 3


def test_looking_without_using() -> None:
    sessions = Sessions(limit=2)
    sessions.open("a")
    sessions.open("b")
    assert sessions.peek("a") is not None
    sessions.open("c")
    assert sessions.peek("a") is None


def test_no_limit() -> None:
    sessions = Sessions(limit=None)
    for number in range(500):
        sessions.open(f"s{number}")
    assert len(sessions) == 500


def test_reset_close_trim() -> None:
    sessions = made("a", "b", "c")
    session = sessions.require("s")
    session.transcript.append_event("note")
    assert sessions.trim("s", 2) == 2
    assert texts_of(sessions) == ["b", "c"]
    kinds = [event["kind"] for event in sessions.transcript("s")["events"]]
    assert kinds == ["message", "message", "note"]
    with pytest.raises(ValueError, match="keep_last"):
        sessions.trim("s", -1)
    assert sessions.trim("s", 0) == 0
    sessions.reset("s")
    assert sessions.transcript("s")["events"] == []
    sessions.close("s", "done")
    assert "s" not in sessions
    assert session.closed == "done"


def test_fork_copies_and_records_the_lineage() -> None:
    sessions = made("a", "b")
    copy = sessions.fork("s", "copy")
    grandchild = sessions.fork("copy")
    copy.inject({"role": "user", "content": "mine"})
    assert texts_of(sessions) == ["a", "b"]
    assert texts_of(sessions, "copy") == ["a", "b", "mine"]
    assert sessions.ancestry(grandchild.id) == {"parent_id": "copy", "child_ids": [], "root_id": "s"}
    assert sessions.ancestry("s") == {"parent_id": None, "child_ids": ["copy"], "root_id": "s"}
    snapshot = sessions.snapshot("copy")
    assert snapshot is not None
    assert (snapshot["id"], snapshot["parent_id"], snapshot["child_ids"]) == ("copy", "s", [grandchild.id])
    assert snapshot["branched_at_event_index"] is None
    with pytest.raises(ValueError, match="onto itself"):
        sessions.fork("s", "s")


def test_fork_at_keeps_the_first_messages() -> None:
    sessions = made("a")
    session = sessions.require("s")
    session.transcript.append_event("note")
    session.inject({"role": "assistant", "content": "b"})
    session.inject({"role": "user", "content": "c"})
    fork = sessions.fork_at("s", 2, "fork")
    assert texts_of(sessions, "fork") == ["a", "b"]
    assert fork.branched_at_event_index == 3
    assert [event["kind"] for event in fork.transcript.to_dict()["events"]] == ["message", "note", "message"]
    assert sessions.fork_at("s", 0, "empty").branched_at_event_index == 0
    assert texts_of(sessions, "empty") == []
    with pytest.raises(ValueError, match="keep_first"):
        sessions.fork_at("s", -1)


def test_how_reminders_are_passed_on() -> None:
    sessions = made()
    for propagate in ("all", "session", "none"):
        reminder = Reminder.checked(f"id {propagate}", propagate, propagate=propagate)
        sessions.require("s").transcript.inject_reminder(reminder)
    forked = sessions.fork("s", "fork").transcript.reminders()
    assert [kept["body"] for kept in forked] == ["all", "session"]
    assert {(kept["source"], kept["originating_agent_id"]) for kept in forked} == {("inherited", "s")}
    child = sessions.child("s", "child").transcript.reminders()
    assert [(kept["body"], kept["source"]) for kept in child] == [("all", "inherited")]
    assert [kept["source"] for kept in sessions.require("s").transcript.reminders()] == ["bridge"] * 3
    grandchild = sessions.child("child", "grandchild").transcript.reminders()
    assert [kept["originating_agent_id"] for kept in grandchild] == ["s"]


# -- compaction ------------------------------------------------------------------------------


def test_compaction_keeps_what_is_to_be_kept() -> None:
    sessions = made(*(f"m{number}" for number in range(10)))
    transcript = sessions.require("s").transcript
    transcript.inject_reminder(Reminder.checked("r1", "kept", preserve_on_compact=True))
    transcript.inject_reminder(Reminder.checked("r2", "dropped"))
    transcript.append_event("tool_call_end", metadata={"call_id": "c"})
    assert sessions.compact("s", keep_last=3) == 4
    assert [kept["body"] for kept in transcript.reminders()] == ["kept"]
    kinds = [event["kind"] for event in transcript.to_dict()["events"]]
    assert kinds == ["message"] * 4 + ["system_reminder", "tool_call_end", "compaction"]
    assert texts_of(sessions)[0].startswith(
        "[auto-compacted 7 older messages via observation masking]\n[user] m0"
    )
    assert texts_of(sessions)[1:] == ["m7", "m8", "m9"]


def test_compaction_below_its_threshold_or_with_few_messages_does_nothing() -> None:
    sessions = made("a", "b")
    assert sessions.compact("s", keep_last=0, token_threshold=1000) == 2
    assert sessions.compact("s", keep_last=2) == 2
    assert texts_of(sessions) == ["a", "b"]


def message(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def test_strategies() -> None:
    long = "x" * 700
    old = [message("user", "q"), message("tool_result", long), message("assistant", long)]
    last = [message("user", "z")]
    (masked, _) = compact_messages([*old, *last], keep_last=1)
    assert masked["content"] == (
        "[auto-compacted 3 older messages via observation masking]\n[user] q\n"
        f"[tool_result] {'x' * 120}... [1 lines, 700 chars masked]\n[assistant] {long}"
    )
    (cut, _) = compact_messages([*old, *last], keep_last=1, strategy="truncate")
    assert cut["content"].startswith("[auto-compacted 3 older messages via truncate strategy]\n[user] q\n")
    assert f"[tool_result] {'x' * 500}... [truncated from 700 chars]" in cut["content"]
    many = [message("user", str(number)) for number in range(20)]
    (listed, *_) = compact_messages([*many, *last], keep_last=1, strategy="truncate")
    assert listed["content"].endswith("[user] 14\n... and 5 more")
    (written, _) = compact_messages(
        [*old, *last], keep_last=1, strategy="custom", compressor=lambda _: "short"
    )
    assert written["content"] == "[auto-compacted 3 older messages]\nshort"


def test_the_cut_moves_back_to_a_message_of_the_user() -> None:
    messages = [
        message("user", "1"),
        message("user", "2"),
        message("assistant", "3"),
        message("assistant", "4"),
    ]
    shorter = compact_messages(messages, keep_last=1)
    assert [each["content"] for each in shorter[1:]] == ["2", "3", "4"]


def test_wrong_strategies() -> None:
    many = [message("user", "m")] * 3
    with pytest.raises(BadStrategyError, match=r"unknown compact_strategy 'x' \(expected 'llm', 'truncate',"):
        compact_messages(many, strategy="x")
    with pytest.raises(BadStrategyError, match="needs something that writes the summary"):
        compact_messages(many, keep_last=1, strategy="llm")


def test_tokens_are_estimated_by_bytes() -> None:
    assert estimate_tokens([message("user", "abcd" * 3), message("user", "éé"), {"content": [1]}]) == 4


# -- durable stores --------------------------------------------------------------------------


class DictStore:
    """A store that replays its batches, as a durable one would when the process starts again."""

    def __init__(self) -> None:
        self.batches: dict[str, list[list[dict[str, Any]]]] = {}

    def append(self, session_id: str, records: Sequence[dict[str, Any]]) -> None:
        self.batches.setdefault(session_id, []).append(plain_copy(list(records)))

    def delete(self, session_id: str) -> None:
        self.batches.pop(session_id, None)

    def load(self, session_id: str) -> dict[str, Any] | None:
        if session_id not in self.batches:
            return None
        transcript: dict[str, Any] = {"messages": [], "events": [], "assets": []}
        for record in [record for batch in self.batches[session_id] for record in batch]:
            if record["op"] == "message":
                transcript["messages"].append(record["message"])
            if record["op"] in ("message", "event"):
                transcript["events"].append(record["event"])
            elif record["op"] == "drop_events":
                gone = record["ids"]
                transcript["events"] = [event for event in transcript["events"] if event["id"] not in gone]
            elif record["op"] == "replace":
                transcript = plain_copy(record["transcript"])
        return transcript


def again(store: DictStore) -> Sessions:
    """The sessions of a process that starts anew with what the store has."""
    return Sessions(ids=CountingIds("new-"), store=store)


def test_everything_comes_back() -> None:
    store = DictStore()
    sessions = made("a", "b", "c", store=store)
    transcript = sessions.require("s").transcript
    transcript.inject_reminder(Reminder.checked("r1", "first", dedupe_key="k", ttl_turns=5))
    transcript.inject_reminder(Reminder.checked("r2", "second", dedupe_key="k", ttl_turns=5))
    sessions.require("s").end_turn()
    transcript.append_event("note", metadata={"x": [1]})
    assert again(store).open("s").transcript.to_dict() == sessions.transcript("s")
    sessions.trim("s", 2)
    sessions.compact("s", keep_last=1)
    assert again(store).open("s").transcript.to_dict() == sessions.transcript("s")
    forked = sessions.fork("s", "fork")
    assert again(store).open("fork").transcript.to_dict() == forked.transcript.to_dict()
    sessions.reset("s")
    assert again(store).open("s").transcript.to_dict() == sessions.transcript("s")
    sessions.close("s")
    assert again(store).open("s").transcript.to_dict()["messages"] == []


def a_life(store: DictStore) -> Sessions:
    """Three calls: one that ends, one that is cancelled and settled, one cancelled and one running."""
    sessions = made(store=store)
    transcript = sessions.require("s").transcript
    for call_id in ("done", "stopped", "stopping", "running"):
        transcript.append_event("tool_call_start", metadata={"call_id": call_id, "tool": "t"})
    _end(transcript, "done", "ok", None)
    for call_id in ("stopped", "stopping"):
        transcript.append_event(
            "tool_cancel_request",
            metadata={"call_id": call_id, "status": "cancelled", "reason": "why", "inject_reminder": True},
        )
    _end(transcript, "stopped", "cancelled", cancellation_reminder("r", "t", "stopped", "why"))
    return sessions


def _end(transcript: Any, call_id: str, status: str, reminder: Reminder | None) -> None:
    transcript.begin_batch()
    transcript.append_event("tool_call_end", metadata={"call_id": call_id, "tool": "t", "status": status})
    transcript.append_message({"role": "tool_result", "tool_call_id": call_id, "content": status})
    if reminder is not None:
        transcript.inject_reminder(reminder)
    transcript.end_batch()


def test_after_a_crash_at_any_point_every_call_has_one_result_and_the_right_reminders() -> None:
    whole = DictStore()
    a_life(whole)
    batches = whole.batches["s"]
    assert len(batches) == 8
    for survived in range(1, len(batches) + 1):
        store = DictStore()
        store.batches["s"] = batches[:survived]
        before = store.load("s")
        assert before is not None
        facts = [(event["kind"], (event.get("metadata") or {}).get("call_id")) for event in before["events"]]
        started = {str(call_id) for kind, call_id in facts if kind == "tool_call_start"}
        cancelled = {call_id for kind, call_id in facts if kind == "tool_cancel_request"}
        transcript = again(store).open("s").transcript
        results = [str(each["tool_call_id"]) for each in transcript.to_dict()["messages"]]
        assert sorted(results) == sorted(started), f"after {survived} batches"
        assert {each["dedupe_key"] for each in transcript.reminders()} == {
            f"cancel:{each}" for each in cancelled
        }
        assert again(store).open("s").transcript.to_dict() == transcript.to_dict(), "once is enough"


def test_a_call_whose_time_ran_out_before_the_crash_stays_a_timeout() -> None:
    store = DictStore()
    session = made(store=store).require("s")
    facts = {"call_id": "late", "tool": "t"}
    session.transcript.append_event("tool_call_start", metadata={**facts, "arguments": {}})
    session.transcript.append_event(
        "tool_cancel_request",
        metadata={
            **facts,
            "status": "timeout",
            "actor": "deadline",
            "reason": "timed out after 20 ms",
            "inject_reminder": False,
        },
    )
    transcript = again(store).open("s").transcript.to_dict()
    (message,) = [m for m in transcript["messages"] if m["role"] == "tool_result"]
    assert message["content"] == "[error from t]\ntool call timed out after 20 ms\n[end of t error]\n"
    (end,) = [e["metadata"] for e in transcript["events"] if e["kind"] == "tool_call_end"]
    assert (end["status"], end["error_category"]) == ("timeout", "timeout")
    assert not any(e["kind"] == "system_reminder" for e in transcript["events"])


def test_what_a_recovered_call_says() -> None:
    store = DictStore()
    a_life(store)
    messages = {m["tool_call_id"]: m for m in again(store).open("s").transcript.to_dict()["messages"]}
    assert messages["running"]["content"] == (
        "[error from t]\nthe process ended while the call was running\n[end of t error]\n"
    )
    assert messages["stopping"]["content"] == "[cancelled call to t]\nwhy\n[end of t cancellation]\n"
    assert messages["stopping"]["is_error"]
    assert "effects may remain" in messages["running"]["note"]


def test_what_settles_after_the_session_was_closed_does_not_bring_it_back() -> None:
    store = DictStore()
    sessions = made("hello", store=store)
    transcript = sessions.require("s").transcript
    sessions.close("s")
    transcript.append_message({"role": "tool_result", "content": "late"})
    assert store.load("s") is None
    assert len(transcript) == 2
