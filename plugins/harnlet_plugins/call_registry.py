"""The registry: which tool calls are in flight, by session and call id.

Every method may be called from any thread. Looking up and cancelling take no lock, so a signal
handler may do both: each is one atomic look at the dicts, and the decision is made on the call itself.
"""

import threading
from types import TracebackType
from typing import Final

from harnlet.tools.call import CancelOutcome, DuplicateCallError, FinishedCall, Outcome, ToolCall

REMEMBERED: Final = 1024
"""How many finished calls are remembered at least, so that a late cancel can be told that it came late."""

_NOT_FOUND: Final = CancelOutcome("not_found", None, None)


class RegisteredCall:
    """The guard of one entry: leaving it ends the registration, and only its own."""

    __slots__ = ("_handle", "_registry")

    def __init__(self, registry: "ToolCallRegistry", handle: ToolCall) -> None:
        self._registry = registry
        self._handle = handle

    def __enter__(self) -> ToolCall:
        return self._handle

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._registry.forget(self._handle)


class ToolCallRegistry:
    """Calls in flight of one interpreter.

    Looking up and cancelling take the same time however many calls there are; listing those of a
    session depends on that session alone.
    """

    __slots__ = ("_finished", "_finished_before", "_lock", "_sessions")

    def __init__(self) -> None:
        self._sessions: dict[str, dict[str, ToolCall]] = {}
        self._lock = threading.Lock()
        # Two halves, the older of which is dropped when the newer is full: a call that ends adds one
        # entry and need not look for the oldest.
        self._finished: dict[tuple[str, str], tuple[str, Outcome]] = {}
        self._finished_before: dict[tuple[str, str], tuple[str, Outcome]] = {}

    def register(
        self, session_id: str, call_id: str, tool_name: str
    ) -> tuple[ToolCall, RegisteredCall] | None:
        """A handle and its guard for a call that begins; None for an empty `call_id`.

        Raises `DuplicateCallError` when that id is in flight in that session.
        """
        if not call_id:
            return None
        handle = ToolCall(session_id, call_id, tool_name)
        with self._lock:
            calls = self._sessions.get(session_id)
            if calls is None:
                calls = self._sessions[session_id] = {}
            holder = calls.setdefault(call_id, handle)
        if holder is not handle:
            raise DuplicateCallError(session_id, call_id, holder.tool_name)
        return handle, RegisteredCall(self, handle)

    def lookup(self, session_id: str, call_id: str) -> ToolCall | None:
        """The call, while it is in flight."""
        calls = self._sessions.get(session_id)
        return None if calls is None else calls.get(call_id)

    def list_for_session(self, session_id: str) -> list[ToolCall]:
        """The calls of a session in the order they were registered."""
        calls = self._sessions.get(session_id)
        return [] if calls is None else list(calls.values())

    def cancel(
        self,
        session_id: str,
        call_id: str,
        reason: str,
        inject_reminder: bool = True,
        *,
        actor: str = "host",
    ) -> CancelOutcome:
        """Cancel one call. Decides at once and waits for nothing."""
        handle = self.lookup(session_id, call_id)
        if handle is None or handle.word.state == "settled":
            return _NOT_FOUND
        if handle.cancel(reason, inject_reminder, actor=actor):
            return CancelOutcome("cancelled", handle.tool_name, handle)
        # The first look and the attempt are two steps: the call may have ended between them.
        if not handle.is_stopping:
            return _NOT_FOUND
        return CancelOutcome("already_cancelled", handle.tool_name, handle)

    def recall(self, session_id: str, call_id: str) -> FinishedCall | None:
        """What is remembered of a call that has ended."""
        key = (session_id, call_id)
        finished = self._finished.get(key) or self._finished_before.get(key)
        if finished is not None:
            return FinishedCall(*finished)
        handle = self.lookup(session_id, call_id)
        if handle is None or handle.word.state != "settled":
            return None
        # Decided, and about to leave: its end is being written.
        settlement = handle.settlement
        if settlement is not None:
            return FinishedCall(handle.tool_name, settlement.outcome)
        return None if handle.is_stopping else FinishedCall(handle.tool_name, "completed_first")

    def forget(self, handle: ToolCall) -> None:
        """End a registration: the handle is completed, its own entry goes. Twice is harmless."""
        word = handle.word
        if word.state != "settled":
            # Nobody drove it: a host that runs its tools itself ends it by leaving the guard.
            word.apply("start")
            word.apply("finish") or word.apply("unwind")
        with self._lock:
            calls = self._sessions.get(handle.session_id)
            if calls is not None and calls.get(handle.call_id) is handle:
                del calls[handle.call_id]
                if not calls:
                    del self._sessions[handle.session_id]
                self._remember(handle)
        handle.mark_completed()

    def _remember(self, handle: ToolCall) -> None:
        settlement = handle.settlement
        if settlement is not None:
            outcome: Outcome = settlement.outcome
        else:
            outcome = "stopped" if handle.is_stopping else "completed_first"
        self._finished[handle.session_id, handle.call_id] = handle.tool_name, outcome
        if len(self._finished) >= REMEMBERED:
            self._finished_before, self._finished = self._finished, {}
