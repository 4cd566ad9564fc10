"""The settle step: the one place that writes the end of a call, its result and its reminder.

They are written together, once, whichever way the call ended (docs/cancellation.md#one-decision).
"""

import asyncio
from typing import TYPE_CHECKING, Any

from harnlet.session.events import CALL_END, CANCEL_SETTLED, LATE_RESULT
from harnlet.session.plain import PlainDict, plain_text
from harnlet.session.reminder import cancellation_reminder
from harnlet.session.session import Session
from harnlet.tools import results
from harnlet.tools.call import CancelDetails, Escalation, Outcome, Settlement
from harnlet.tools.call_state import Move

if TYPE_CHECKING:
    from harnlet.tools.flight import Flight


def finished_result(flight: "Flight", ended: "asyncio.Future[Any]") -> PlainDict:
    """The result of a call whose tool ended by itself."""
    call = flight.call
    executor = None if flight.tool is None else flight.tool.executor
    changed = call.changed_paths
    if ended.cancelled():
        error, category = "the tool was cancelled from outside of Harnlet", "cancelled"
    elif (raised := ended.exception()) is not None:
        error, category = results.error_text(raised), results.error_category(raised)
    else:
        return results.success(
            call.tool_name,
            call.call_id,
            flight.arguments,
            ended.result(),
            executor=executor,
            approval=flight.approval,
            duration_ms=_duration_ms(flight),
            changed_paths=changed,
        )
    return results.failure(
        call.tool_name,
        call.call_id,
        flight.arguments,
        error,
        category,
        executor=executor,
        approval=flight.approval,
        duration_ms=_duration_ms(flight),
        changed_paths=changed,
    )


def finished(flight: "Flight", result: PlainDict) -> None:
    """Settle a call that ended by itself, which its state word says already."""
    if flight.result is None:
        changed = tuple(flight.call.changed_paths)
        _record(flight, Settlement(result, "completed_first", None, 0, None, changed), None)


def refused(flight: "Flight", error: str, category: str) -> None:
    """Settle a call that was not admitted, which its state word says already."""
    call = flight.call
    result = results.failure(
        call.tool_name,
        call.call_id,
        flight.arguments,
        error,
        category,
        approval=flight.approval,
        changed_paths=[],
    )
    _record(flight, Settlement(result, "completed_first", None, 0, None, ()), None)


def stopped(flight: "Flight", move: Move, outcome: Outcome, escalation: Escalation | None) -> None:
    """Settle a call that was stopped; whoever comes second does nothing."""
    call = flight.call
    if not call.word.apply(move):
        return
    details = call.details
    assert details is not None
    execution = flight.execution
    changed = call.changed_paths
    if call.is_cancelled:
        result = results.cancelled(
            call.tool_name,
            call.call_id,
            flight.arguments,
            details.reason,
            approval=flight.approval,
            duration_ms=_duration_ms(flight),
            changed_paths=changed,
        )
    else:
        result = results.failure(
            call.tool_name,
            call.call_id,
            flight.arguments,
            f"tool call {details.reason}",
            "timeout",
            status="timeout",
            executor=None if flight.tool is None else flight.tool.executor,
            approval=flight.approval,
            duration_ms=_duration_ms(flight),
            changed_paths=changed,
        )
    survivors = 0 if execution is None else execution.survivors
    partial = (None if execution is None else execution.partial()) or call.output or None
    results.account(
        result,
        outcome=outcome,
        escalation=escalation,
        survivors=survivors,
        actor=details.actor,
        reason=details.reason,
        partial=partial,
        undo=None if flight.stopping is None else flight.stopping.undo,
    )
    _record(flight, Settlement(result, outcome, escalation, survivors, partial, tuple(changed)), details)


def keep_late_result(flight: "Flight", ended: "asyncio.Future[Any]") -> None:
    """What a stopped tool gives back all the same is evidence, never a second result."""
    if ended.cancelled():
        return
    error = ended.exception()
    facts: PlainDict = {"call_id": flight.call.call_id, "tool": flight.call.tool_name}
    if error is None:
        facts["value"] = plain_text(ended.result())
    else:
        facts["error"] = results.error_text(error)
    flight.desk.note(flight.session, LATE_RESULT, facts)


def _duration_ms(flight: "Flight") -> int:
    if flight.started_ms is None:
        return 0
    return round(flight.desk.clock.monotonic_ms() - flight.started_ms)


def _record(flight: "Flight", settlement: Settlement, details: CancelDetails | None) -> None:
    """Write, then let everybody know; the latter also when writing fails."""
    call, desk, session = flight.call, flight.desk, flight.session
    flight.result = settlement.result
    call.settlement = settlement
    flight.cancel_timers()
    try:
        if session is not None:
            _write(flight, session, settlement, details)
        elif details is not None:
            desk.note(None, CANCEL_SETTLED, _stop_facts(flight, settlement, details))
    finally:
        call.driver = None
        desk.live.pop(id(call), None)
        if session is not None:
            session.in_flight -= 1
        if flight.guard is not None:
            flight.guard.__exit__(None, None, None)
        call.mark_completed()
        if call.parent is not None:
            call.parent.child_settled(call)
        desk.tell_settled(call, settlement.result)
        flight.rouse()


def _write(
    flight: "Flight", session: Session, settlement: Settlement, details: CancelDetails | None
) -> None:
    call, desk, transcript = flight.call, flight.desk, session.transcript
    result = settlement.result
    message: PlainDict = {
        "role": "tool_result",
        "name": call.tool_name,
        "tool_call_id": call.call_id,
        "content": result["observation"],
        "is_error": not result["ok"],
    }
    if "note" in result:
        message["note"] = result["note"]
    transcript.begin_batch()
    try:
        transcript.append_event(CALL_END, metadata=_end_facts(flight, settlement))
        transcript.append_message(message)
        if details is not None:
            desk.note(session, CANCEL_SETTLED, _stop_facts(flight, settlement, details))
            if details.inject_reminder:
                transcript.inject_reminder(
                    cancellation_reminder(desk.ids(), call.tool_name, call.call_id, details.reason)
                )
    finally:
        transcript.end_batch()


def _end_facts(flight: "Flight", settlement: Settlement) -> PlainDict:
    result = settlement.result
    facts: PlainDict = {
        "call_id": flight.call.call_id,
        "tool": flight.call.tool_name,
        "status": result["status"],
        "duration_ms": result["execution_duration_ms"],
    }
    if result["error_category"] is not None:
        facts["error_category"] = result["error_category"]
    return facts


def _stop_facts(flight: "Flight", settlement: Settlement, details: CancelDetails) -> PlainDict:
    """For the audit: who, why, how far it had to go, how long it took since it was delivered."""
    stopping = flight.stopping
    asked_ms = None if stopping is None else stopping.asked_ms
    facts = _end_facts(flight, settlement)
    facts["session_id"] = flight.call.session_id
    facts["duration_ms"] = 0 if asked_ms is None else round(flight.desk.clock.monotonic_ms() - asked_ms)
    facts |= {
        "outcome": settlement.outcome,
        "escalation": settlement.escalation,
        "survivors": settlement.survivors,
        "actor": details.actor,
        "reason": details.reason,
    }
    if settlement.partial:
        facts["partial"] = settlement.partial
    if settlement.changed_paths:
        facts["changed_paths"] = list(settlement.changed_paths)
    if stopping is not None and stopping.undo is not None:
        facts["undo"] = stopping.undo
    return facts
