"""Cancelling a call: the one function that the builtin, the Python API, threads, the bridge, ACP
and the REPL all use (docs/cancellation.md#where-we-go-further).
"""

import asyncio
import concurrent.futures
from typing import Final

from harnlet.errors.hierarchy import UsageError
from harnlet.session.clock import wait_at_most
from harnlet.session.plain import PlainDict
from harnlet.tools.call import CURRENT_CALL, CallRegistry, CancelDetails, CancelOutcome, ToolCall
from harnlet.tools.desk import Desk
from harnlet.tools.listing import describe_all, family, outermost
from harnlet.tools.request import CancelRequest

REGISTRY_PLUGIN: Final = "harnlet_plugins.tool_calls"


class CancellationUnavailableError(UsageError):
    """There is no registry of tool calls: its plugin is not loaded."""

    def __init__(self) -> None:
        super().__init__(
            f"tool calls cannot be cancelled: the plugin {REGISTRY_PLUGIN} is not loaded; "
            f'add "{REGISTRY_PLUGIN}" to the plugins of the interpreter'
        )

    def __reduce__(self) -> tuple[type["CancellationUnavailableError"], tuple[()]]:
        return CancellationUnavailableError, ()


def require_registry(desk: Desk) -> CallRegistry:
    """The registry; raises `CancellationUnavailableError` without its plugin."""
    if desk.registry is None:
        raise CancellationUnavailableError
    return desk.registry


async def cancel_call(desk: Desk, request: CancelRequest, *, dry_run: bool = False) -> PlainDict:
    """Cancel one call and say truthfully what came of it.

    With `dry_run` nothing is cancelled; the answer says what would be. Only the calling task
    waits. Raises `CancellationUnavailableError` without a registry.
    """
    registry = require_registry(desk)
    if dry_run:
        return _preview(desk, request, registry.lookup(request.session_id, request.call_id))
    began_ms = desk.clock.monotonic_ms()
    return await _follow(desk, request, decide(registry, request), began_ms)


async def cancel_session_calls(
    desk: Desk, request: CancelRequest, *, dry_run: bool = False
) -> list[PlainDict]:
    """Cancel all calls of a session that are in flight; the answers, oldest call first.

    Calls made by other calls are stopped with those, children first, so only the outermost ones are
    asked. `call_id` of the request is not looked at. All are decided before the first is waited for.
    """
    calls = outermost(require_registry(desk).list_for_session(request.session_id))
    session_id, _, reason, remind, timeout_ms, actor = request
    asked = [CancelRequest(session_id, call.call_id, reason, remind, timeout_ms, actor) for call in calls]
    if dry_run:
        return [_preview(desk, one, call) for call, one in zip(calls, asked, strict=True)]
    began_ms = desk.clock.monotonic_ms()
    details = CancelDetails(reason, remind, actor)
    here = asyncio.get_running_loop()
    # On the handles and not through the registry, which has the loop woken for each: 10,000 writes
    # to its socket take longer than 10,000 decisions.
    decided = [_won(call, call.stop("cancel", details, wake=call.loop is not here)) for call in calls]
    for outcome in decided:
        _deliver(outcome)
    # One after the other: when the first has ended, most of the others have too, and need no timer.
    return [
        await _follow(desk, one, outcome, began_ms) for one, outcome in zip(asked, decided, strict=True)
    ]


def _won(call: ToolCall, won: bool) -> CancelOutcome:
    if not won and not call.is_stopping:
        return CancelOutcome("not_found", None, None)
    return CancelOutcome("cancelled" if won else "already_cancelled", call.tool_name, call)


def cancel_call_threadsafe(
    desk: Desk, request: CancelRequest
) -> "concurrent.futures.Future[PlainDict]":
    """Cancel from any thread or from a signal handler.

    The decision falls here and now, however busy the event loop is; the future has the same answer
    that `cancel_call` gives, once the call has unwound. Without a loop that runs there is nobody who
    could carry anything out: the future then has what was decided.
    """
    registry = require_registry(desk)
    began_ms = desk.clock.monotonic_ms()
    decided = decide(registry, request)
    loop = desk.loop if decided.handle is None else decided.handle.loop
    if loop is not None and not loop.is_closed() and loop.is_running():
        return asyncio.run_coroutine_threadsafe(_follow(desk, request, decided, began_ms), loop)
    answer: concurrent.futures.Future[PlainDict] = concurrent.futures.Future()
    answer.set_result(_answer(desk, request, decided, began_ms, decided.status))
    return answer


def decide(registry: CallRegistry, request: CancelRequest) -> CancelOutcome:
    """The decision alone, from any thread."""
    return registry.cancel(
        request.session_id, request.call_id, request.reason, request.inject_reminder, actor=request.actor
    )


async def _follow(
    desk: Desk, request: CancelRequest, decided: CancelOutcome, began_ms: float
) -> PlainDict:
    """Put a request that changed nothing on record; wait for the end of a call that it stopped."""
    handle = decided.handle
    if decided.status != "cancelled" or handle is None:
        desk.requested(
            desk.sessions.peek(request.session_id),
            request.session_id,
            request.call_id,
            decided.tool_name,
            status=decided.status,
            actor=request.actor,
            reason=request.reason,
            inject_reminder=request.inject_reminder,
        )
        return _answer(desk, request, decided, began_ms, decided.status)
    status: str = decided.status
    _deliver(decided)
    # A call that cancels itself, or one that it runs in, would wait for its own end.
    if request.timeout_ms > 0 and not handle.is_completed and not _is_within(handle):
        left_ms = request.timeout_ms - (desk.clock.monotonic_ms() - began_ms)
        ended = left_ms > 0 and await wait_at_most(desk.clock, handle.completion(), left_ms)
        status = status if ended else "timeout"
    return _answer(desk, request, decided, began_ms, status)


def _deliver(decided: CancelOutcome) -> None:
    """Have a decision carried out at once when this is the call's own event loop.

    Its driver was told already, but by way of the loop, which is a turn later: with 1,000 ready
    tasks a turn takes milliseconds.
    """
    handle = decided.handle
    if decided.status != "cancelled" or handle is None or handle.loop is not asyncio.get_running_loop():
        return
    driver = handle.driver
    if driver is not None:
        driver.deliver()


def _is_within(target: ToolCall) -> bool:
    """Whether the code that runs now belongs to `target` or to a call made by it."""
    call = CURRENT_CALL.get()
    while call is not None:
        if call is target:
            return True
        call = call.parent
    return False


def _answer(
    desk: Desk, request: CancelRequest, decided: CancelOutcome, began_ms: float, status: str
) -> PlainDict:
    handle = decided.handle
    settlement = None if handle is None else handle.settlement
    outcome: str | None = None
    if settlement is not None:
        outcome = settlement.outcome
    elif handle is None and desk.registry is not None:
        remembered = desk.registry.recall(request.session_id, request.call_id)
        outcome = None if remembered is None else remembered.outcome
    details = None if handle is None else handle.details
    answer: PlainDict = {
        "status": status,
        "call_id": request.call_id,
        "tool": decided.tool_name,
        "reason": request.reason,
        "outcome": outcome,
        "escalation": None if settlement is None else settlement.escalation,
        "survivors": 0 if settlement is None else settlement.survivors,
        "duration_ms": round(desk.clock.monotonic_ms() - began_ms),
        "actor": request.actor if details is None else details.actor,
    }
    if settlement is not None and settlement.partial:
        answer["partial"] = settlement.partial
    if settlement is not None and settlement.changed_paths:
        answer["changed_paths"] = list(settlement.changed_paths)
    return answer


def _preview(desk: Desk, request: CancelRequest, handle: ToolCall | None) -> PlainDict:
    began_ms = desk.clock.monotonic_ms()
    if handle is None:
        nothing = CancelOutcome("not_found", None, None)
        answer = _answer(desk, request, nothing, began_ms, "not_found")
    else:
        status = "already_cancelled" if handle.is_stopping else "would_cancel"
        seen = CancelOutcome("already_cancelled", handle.tool_name, handle)
        answer = _answer(desk, request, seen, began_ms, status)
        answer["calls"] = describe_all(desk, family(handle))
    answer["dry_run"] = True
    return answer
