"""What a tool can know of its own call, and say: whether to stop, what it wrote, what it changed.

    call = current_call()
    if call is not None and call.stopping: ...
    async with / with call.shield(cap_ms=500): ...

Rules: docs/cancellation.md#where-we-go-further.
"""

from types import TracebackType
from typing import Final

from harnlet.tools.call import CURRENT_CALL, Shield, ToolCall

MAX_SHIELD_MS: Final = 30_000.0
"""No critical section holds a request to stop back for longer than this."""


class ToolCallStopped(BaseException):
    """Raised inside a synchronous tool that is to stop.

    A `BaseException`, so that a tool's `except Exception` does not swallow it.
    """


class CurrentCall:
    """A tool's view of its own call."""

    __slots__ = ("_call",)

    def __init__(self, call: ToolCall) -> None:
        self._call = call

    @property
    def interpreter(self) -> str:
        """Id of the interpreter that runs the call."""
        return self._call.interpreter

    @property
    def session_id(self) -> str:
        """Session the call belongs to, may be empty."""
        return self._call.session_id

    @property
    def call_id(self) -> str:
        """Id of the call, may be empty."""
        return self._call.call_id

    @property
    def tool_name(self) -> str:
        """Name the tool was called by."""
        return self._call.tool_name

    @property
    def stopping(self) -> bool:
        """Whether the call is to stop: cancelled, or out of time."""
        return self._call.is_stopping

    @property
    def reason(self) -> str | None:
        """Why it is to stop."""
        return self._call.reason

    def check(self) -> None:
        """Raise `ToolCallStopped` when the call is to stop: a safe point for synchronous tools."""
        if self._call.is_stopping:
            raise ToolCallStopped(self._call.reason)

    def output(self, text: str) -> None:
        """Add to what is shown as `partial` should the call be stopped."""
        self._call.traces.output.append(text)

    def record_change(self, path: str) -> None:
        """Say that `path` has been changed; it comes back as `changed_paths`."""
        self._call.traces.changed_paths[path] = None

    def shield(self, cap_ms: float = 1000.0) -> "ShieldedSection":
        """A section (`with` or `async with`) that a request to stop waits for, `cap_ms` at most.

        The decision stands meanwhile; only its delivery waits. An inner section cannot extend the
        cap of the outer one, and no cap goes beyond `MAX_SHIELD_MS`.
        """
        return ShieldedSection(self._call, min(float(cap_ms), MAX_SHIELD_MS))


def _safe_point() -> None:
    """Where Python looks whether an exception was sent to this thread: at the start of a function."""


class ShieldedSection:
    """One critical section."""

    __slots__ = ("_call", "_cap_ms")

    def __init__(self, call: ToolCall, cap_ms: float) -> None:
        self._call = call
        self._cap_ms = cap_ms

    def __enter__(self) -> None:
        call = self._call
        shield = call.shield
        if shield is None:
            shield = call.shield = Shield()
        with shield.lock:
            if shield.depth == 0:
                shield.cap_ms = self._cap_ms
            shield.depth += 1
        try:
            # An exception that was raised in this thread before the section began comes out here.
            _safe_point()
        except ToolCallStopped:
            with shield.lock:
                shield.depth -= 1
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        call = self._call
        shield = call.shield
        if shield is None:
            return
        with shield.lock:
            shield.depth -= 1
            left = shield.depth == 0
            owed = left and shield.owed
            if owed:
                shield.owed = False
        if left and call.is_stopping:
            call.wake_driver()
        if owed and error is None:
            raise ToolCallStopped(call.reason)

    async def __aenter__(self) -> None:
        self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, trace)


def current_call() -> CurrentCall | None:
    """The call whose code is running in this task or thread; None outside of tools."""
    call = CURRENT_CALL.get()
    return None if call is None else CurrentCall(call)
