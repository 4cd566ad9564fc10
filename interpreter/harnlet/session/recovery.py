"""After a crash: calls that the transcript shows as running are settled, each exactly once.

The start of a call is written before its tool runs, and its end, its result and its reminder are
one batch (docs/cancellation.md#crash-safe). So a transcript read back after a crash has, for each
call, either all of them or only the start; the latter get their end here.
"""

from typing import Final

from harnlet.session.events import CALL_END, CALL_START, CANCEL_REQUEST
from harnlet.session.ids import IdSource
from harnlet.session.plain import PlainDict
from harnlet.session.reminder import cancellation_reminder
from harnlet.session.transcript import Transcript

_LOST: Final = "the process ended while the call was running"


def recovered(transcript: Transcript, ids: IdSource) -> list[str]:
    """Settle what was running when the transcript's process died; the call ids, in their order.

    A call that had been cancelled before the crash stays cancelled, with its first reason and the
    reminder it asked for; one whose time had run out stays a timeout; any other is an error of category
    `abandoned_at_loop_exit`.
    """
    running: dict[str, PlainDict] = {}
    decided: dict[str, PlainDict] = {}
    for kept in transcript.events:
        facts = kept.get("metadata") or {}
        call_id = str(facts.get("call_id", ""))
        if kept["kind"] == CALL_START:
            running[call_id] = facts
            decided.pop(call_id, None)
        elif kept["kind"] == CALL_END:
            running.pop(call_id, None)
        elif kept["kind"] == CANCEL_REQUEST and facts.get("status") in ("cancelled", "timeout"):
            decided.setdefault(call_id, facts)
    for call_id, facts in running.items():
        _settle(transcript, ids, call_id, str(facts.get("tool", "")), decided.get(call_id))
    return list(running)


def _settle(
    transcript: Transcript, ids: IdSource, call_id: str, tool: str, stop: PlainDict | None
) -> None:
    cancel = None if stop is None or stop["status"] == "timeout" else stop
    if stop is not None and cancel is None:
        status, category = "timeout", "timeout"
        content = f"[error from {tool}]\ntool call {stop['reason']}\n[end of {tool} error]\n"
    elif cancel is None:
        status, category = "error", "abandoned_at_loop_exit"
        content = f"[error from {tool}]\n{_LOST}\n[end of {tool} error]\n"
    else:
        status, category = "cancelled", "cancelled"
        content = f"[cancelled call to {tool}]\n{cancel['reason']}\n[end of {tool} cancellation]\n"
    transcript.begin_batch()
    transcript.append_event(
        CALL_END,
        metadata={
            "call_id": call_id,
            "tool": tool,
            "status": status,
            "error_category": category,
            "outcome": "abandoned",
            "recovered": True,
        },
    )
    transcript.append_message(
        {
            "role": "tool_result",
            "name": tool,
            "tool_call_id": call_id,
            "content": content,
            "is_error": True,
            "note": f"{_LOST}; effects may remain",
        }
    )
    if cancel is not None and cancel.get("inject_reminder"):
        transcript.inject_reminder(cancellation_reminder(ids(), tool, call_id, str(cancel["reason"])))
    transcript.end_batch()
