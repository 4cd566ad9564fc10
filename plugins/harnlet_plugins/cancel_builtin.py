"""The builtins that stop calls and that list what there is to stop: docs/cancellation.md#the-builtin."""

from typing import Any, Final

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.tools.cancel import cancel_call, cancel_session_calls
from harnlet.tools.request import CancelRequest
from harnlet_plugins.cancel_terms import OPTIONS, Terms, checked_session, checked_terms

_CALL: Final = "cancel_in_flight_tool_call"
_SESSION: Final = "cancel_session_tool_calls"
_LIST: Final = "in_flight_tool_calls"


@builtin(
    "cancel_in_flight_tool_call(session, call, reason?, inject_reminder = true, timeout_ms = 5000)",
    section="19",
    effect="suspends",
    context=True,
)
async def cancel_in_flight_tool_call(
    rt: Any,
    session: object = None,
    call: object = None,
    reason: object = None,
    inject_reminder: object = None,
    timeout_ms: object = None,
) -> object:
    """Stop exactly one tool call that is in flight, and say what came of it.

    Waits up to `timeout_ms` milliseconds for the call to unwind, 0 not at all; only the calling
    task waits. A blank `session` is the run's own. The last three may be one dict in third place,
    which may have `dry_run` too: then nothing is stopped, and the answer says what would be. Returns
    a dict that begins with `status`, `call_id`, `tool`, `reason`.
    """
    request, dry_run = checked_request(session, call, reason, inject_reminder, timeout_ms, rt.session_id)
    return await cancel_call(rt.services.dispatcher.desk, request, dry_run=dry_run)


@builtin(
    "cancel_session_tool_calls(session, reason?, inject_reminder = true, timeout_ms = 5000)",
    section="19",
    effect="suspends",
    context=True,
)
async def cancel_session_tool_calls(
    rt: Any,
    session: object = None,
    reason: object = None,
    inject_reminder: object = None,
    timeout_ms: object = None,
) -> object:
    """Stop all tool calls of a session that are in flight; a list of answers, oldest call first.

    Each answer is what `cancel_in_flight_tool_call` gives. Calls that other calls made are stopped
    with those, before them. The last three may be one dict in second place, which may have `dry_run`.
    """
    session_id = checked_session(_SESSION, session, rt.session_id)
    terms = checked_terms(_SESSION, reason, inject_reminder, timeout_ms, (*OPTIONS, "dry_run"))
    request = _request(session_id, "", terms)
    return await cancel_session_calls(rt.services.dispatcher.desk, request, dry_run=terms.dry_run)


@builtin("in_flight_tool_calls(session?)", section="19", context=True)
def in_flight_tool_calls(rt: Any, session: object = None) -> object:
    """The tool calls that have not ended, oldest first: those of a session, or all with nil.

    Each is a dict of `session_id`, `call_id`, `tool`, `state`, `age_ms`, `parent`, `children`,
    `processes` and `reason`. A blank `session` is the run's own.
    """
    if session is None:
        return rt.services.in_flight()
    if not isinstance(session, str):
        raise Thrown(f"{_LIST}: `session_id` must be a string or nil")
    return rt.services.in_flight(checked_session(_LIST, session, rt.session_id))


def checked_request(
    session: object,
    call: object,
    reason: object,
    inject_reminder: object,
    timeout_ms: object,
    current_session: str,
) -> tuple[CancelRequest, bool]:
    """The request that the arguments of the builtin make, and whether to only look; raises `Thrown`."""
    session_id = checked_session(_CALL, session, current_session)
    if not isinstance(call, str):
        raise Thrown(f"{_CALL}: `call_id` must be a string")
    if not call.strip():
        raise Thrown(f"{_CALL}: `call_id` must be non-empty")
    terms = checked_terms(_CALL, reason, inject_reminder, timeout_ms)
    return _request(session_id, call, terms), terms.dry_run


def _request(session_id: str, call_id: str, terms: Terms) -> CancelRequest:
    return CancelRequest.make(
        session_id, call_id, terms.reason, terms.inject_reminder, terms.timeout_ms, "script"
    )
