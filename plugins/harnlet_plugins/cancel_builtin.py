"""The builtin `cancel_in_flight_tool_call`: docs/cancellation.md#the-builtin."""

from collections.abc import Mapping
from typing import Any, Final

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.tools.cancel import cancel_call
from harnlet.tools.request import DEFAULT_TIMEOUT_MS, CancelRequest

_NAME: Final = "cancel_in_flight_tool_call"
_OPTIONS: Final = ("reason", "inject_reminder", "timeout_ms")


def _wrong(text: str) -> Thrown:
    return Thrown(f"{_NAME}: {text}")


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
    task waits. A blank `session` is the run's own. The last three may be one dict in third place.
    Returns a dict that begins with `status`, `call_id`, `tool`, `reason`.
    """
    request = checked_request(session, call, reason, inject_reminder, timeout_ms, rt.session_id)
    return await cancel_call(rt.services.dispatcher.desk, request)


def checked_request(
    session: object,
    call: object,
    reason: object,
    inject_reminder: object,
    timeout_ms: object,
    current_session: str,
) -> CancelRequest:
    """The request that the arguments of the builtin make; raises `Thrown` with the exact texts."""
    if not isinstance(session, str):
        raise _wrong("`session_id` must be a string")
    if not isinstance(call, str):
        raise _wrong("`call_id` must be a string")
    if not call.strip():
        raise _wrong("`call_id` must be non-empty")
    if isinstance(reason, Mapping):
        for key in sorted(reason):
            if key not in _OPTIONS:
                raise _wrong(f"unknown option key '{key}' (expected one of: {', '.join(_OPTIONS)})")
        reason, inject_reminder, timeout_ms = (reason.get(key) for key in _OPTIONS)
        if reason is not None and not isinstance(reason, str):
            raise _wrong("`reason` must be a string or nil")
    elif reason is not None and not isinstance(reason, str):
        raise _wrong("`opts` must be a dict or nil")
    if inject_reminder is not None and not isinstance(inject_reminder, bool):
        raise _wrong("`inject_reminder` must be a bool")
    if timeout_ms is not None and (isinstance(timeout_ms, bool) or not isinstance(timeout_ms, int)):
        raise _wrong("`timeout_ms` must be an int")
    if timeout_ms is not None and timeout_ms < 0:
        raise _wrong("`timeout_ms` must be >= 0")
    return CancelRequest.make(
        session if session.strip() else current_session,
        call,
        reason,
        True if inject_reminder is None else inject_reminder,
        DEFAULT_TIMEOUT_MS if timeout_ms is None else timeout_ms,
        "script",
    )
