"""Cancelling a call: the one function that the builtin, the Python API, threads, the bridge, ACP
and the REPL all use (docs/cancellation.md#where-we-go-further).
"""

import asyncio
import concurrent.futures
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from harnlet.errors.hierarchy import UsageError
from harnlet.session.clock import wait_at_most
from harnlet.session.plain import PlainDict
from harnlet.tools.call import CURRENT_CALL, CallRegistry, CancelOutcome, ToolCall
from harnlet.tools.desk import Desk

DEFAULT_REASON: Final = "host cancelled in-flight tool call"
DEFAULT_TIMEOUT_MS: Final = 5000
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


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Somebody wants one call stopped. `timeout_ms` is how long to wait for it to unwind, 0 not at all."""

    session_id: str
    call_id: str
    reason: str
    inject_reminder: bool
    timeout_ms: float
    actor: str

    @classmethod
    def make(
        cls,
        session_id: str,
        call_id: str,
        reason: str | None = None,
        inject_reminder: bool = True,
        timeout_ms: float = DEFAULT_TIMEOUT_MS,
        actor: str = "host",
    ) -> "CancelRequest":
        """A request with the reason trimmed; a blank one is the default."""
        said = (reason or "").strip() or DEFAULT_REASON
        return cls(session_id, call_id, said, inject_reminder, timeout_ms, actor)


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
        return _preview(desk, registry, request)
    return await _follow(desk, request, decide(registry, request), desk.clock.monotonic_ms())


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
    # A call that cancels itself, or one that it runs in, would wait for its own end.
    if request.timeout_ms > 0 and not _is_within(handle):
        ended = await wait_at_most(desk.clock, handle.completion(), request.timeout_ms)
        status = status if ended else "timeout"
    return _answer(desk, request, decided, began_ms, status)


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


def _preview(desk: Desk, registry: CallRegistry, request: CancelRequest) -> PlainDict:
    handle = registry.lookup(request.session_id, request.call_id)
    if handle is None:
        nothing = CancelOutcome("not_found", None, None)
        answer = _answer(desk, request, nothing, desk.clock.monotonic_ms(), "not_found")
    else:
        status = "already_cancelled" if handle.is_stopping else "would_cancel"
        seen = CancelOutcome("already_cancelled", handle.tool_name, handle)
        answer = _answer(desk, request, seen, desk.clock.monotonic_ms(), status)
        answer["calls"] = [describe(desk, call) for call in _family(handle)]
    answer["dry_run"] = True
    return answer


def _family(call: ToolCall) -> list[ToolCall]:
    """A call and all that it made, in the order in which they would be stopped: children first."""
    found = [each for child in call.children for each in _family(child)]
    return [*found, call]


def describe(desk: Desk, call: ToolCall) -> PlainDict:
    """One live call as plain data; `age_ms` since it was announced."""
    flight = desk.live.get(id(call))
    execution: Any = None if flight is None else flight.execution
    pids: Callable[[], list[int]] | None = None if execution is None else execution.pids
    return {
        "session_id": call.session_id,
        "call_id": call.call_id,
        "tool": call.tool_name,
        "state": call.word.state,
        "age_ms": round(desk.clock.monotonic_ms() - call.announced_ms),
        "parent": None if call.parent is None else call.parent.call_id,
        "children": [child.call_id for child in call.children],
        "processes": [] if pids is None else pids(),
        "reason": call.reason,
    }
