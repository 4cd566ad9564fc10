"""One tool call that was announced: its handle, what was decided about it, how it ended.

The handle is what a registry gives out (docs/cancellation.md#registry). It decides, from any
thread; the flight that drives the call (`flight.py`) is told and does the rest.
"""

import asyncio
import contextlib
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Literal, NamedTuple, Protocol

from harnlet.tools.call_state import CallState, Move
from harnlet.tools.latch import Latch

Outcome = Literal["never_started", "stopped", "killed", "completed_first", "abandoned"]
Escalation = Literal["asked", "terminated", "killed", "abandoned"]
CancelStatus = Literal["cancelled", "already_cancelled", "not_found"]


class CancelDetails(NamedTuple):
    """What the first one who stopped a call said. Set once, with the decision, never overwritten."""

    reason: str
    inject_reminder: bool
    actor: str = "host"


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a call ended; the one place later answers are read from."""

    result: dict[str, Any]
    outcome: Outcome
    escalation: Escalation | None
    survivors: int
    partial: str | None
    changed_paths: tuple[str, ...]


class Driver(Protocol):
    """The one who drives a call: its flight. Only called in the call's event loop."""

    def deliver(self) -> None:
        """The call may have been stopped: carry it out."""

    def child_settled(self) -> None:
        """A call that this one made has ended."""

    def stop_for(self, parent: "ToolCall") -> None:
        """The call that made this one is being stopped."""


class Shield:
    """Counts the critical sections a call is in (`harnlet.tools.current`).

    `cap_ms` says how long a request to stop may be held back, `broken` that it has been long
    enough. For tools in threads the lock orders entering and leaving against the raising of an
    exception, and `owed` says that one is to be raised when the last section is left.
    """

    __slots__ = ("broken", "cap_ms", "depth", "lock", "owed")

    def __init__(self) -> None:
        self.depth = 0
        self.cap_ms = 0.0
        self.broken = False
        self.owed = False
        self.lock = threading.Lock()


class Traces:
    """What a tool said of itself while it ran: what it put out, and what it changed."""

    __slots__ = ("changed_paths", "output")

    def __init__(self) -> None:
        self.output: list[str] = []
        self.changed_paths: dict[str, None] = {}


_MAKING: Final = threading.Lock()
"""Held while one of the parts of a call is made that most calls never need: with all of them made
in advance, registering a call took twice as long. Deciding takes no lock."""


class ToolCall:
    """The handle of one call.

    `session_id` and `call_id` may be empty. `parent` is the call whose code made this one. `word` is its
    state word; `began` says that the first line of its tool has run, which is a little later than the
    move `start`. `interpreter` is the id of the one that dispatches it.
    """

    __slots__ = (
        "_cancelled",
        "_children",
        "_completed",
        "_traces",
        "announced_ms",
        "began",
        "call_id",
        "driver",
        "interpreter",
        "is_completed",
        "loop",
        "parent",
        "session_id",
        "settlement",
        "shield",
        "tool_name",
        "word",
    )

    def __init__(self, session_id: str, call_id: str, tool_name: str) -> None:
        self.session_id = session_id
        self.call_id = call_id
        self.tool_name = tool_name
        self.word = CallState()
        self.is_completed = False
        """Whether the call has ended, whichever way, and its record is written."""
        self.interpreter = ""
        self.parent: ToolCall | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.driver: Driver | None = None
        self.settlement: Settlement | None = None
        self.announced_ms = 0.0
        self.began = False
        self.shield: Shield | None = None
        self._children: dict[int, ToolCall] | None = None
        self._traces: Traces | None = None
        self._cancelled: Latch | None = None
        self._completed: Latch | None = None

    def __repr__(self) -> str:
        return f"<ToolCall {self.tool_name} {self.session_id!r}/{self.call_id!r}: {self.word.state}>"

    @property
    def is_cancelled(self) -> bool:
        """Whether a cancel request has won. A call that ran out of time is not cancelled."""
        stop = self.word.stop_note
        return stop is not None and stop[0] == "cancel"

    @property
    def is_stopping(self) -> bool:
        """Whether anything has decided that the call stops: a cancel request or its deadline."""
        return self.word.is_stopping

    @property
    def details(self) -> CancelDetails | None:
        """What the first canceller said; None while nobody has cancelled."""
        stop = self.word.stop_note
        return stop[1] if stop is not None and isinstance(stop[1], CancelDetails) else None

    @property
    def reason(self) -> str | None:
        """The first canceller's reason."""
        details = self.details
        return None if details is None else details.reason

    def cancel(self, reason: str, inject_reminder: bool = True, *, actor: str = "host") -> bool:
        """Cancel the call. True for the first caller alone; safe from any thread or signal handler."""
        return self.stop("cancel", CancelDetails(reason, inject_reminder, actor))

    def stop(self, move: Move, details: CancelDetails, *, wake: bool = True) -> bool:
        """Decide that the call stops (`cancel` or `deadline`) and tell the one who drives it.

        True for whoever decides. Without `wake` it is up to the caller to have the driver deliver.
        """
        if not self.word.apply(move, details):
            return False
        if move == "cancel":
            latch = self._cancelled
            if latch is not None:
                latch.set()
        if wake:
            self.wake_driver()
        return True

    def wake_driver(self) -> None:
        """Have the one who drives the call look at it, in its event loop. From any thread."""
        driver, loop = self.driver, self.loop
        if driver is not None and loop is not None:
            # A loop that is closed has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(driver.deliver)

    # -- calls that its code made -------------------------------------------------------------

    @property
    def children(self) -> "list[ToolCall]":
        """The calls that this one's code made and that have not settled, oldest first."""
        children = self._children
        return [] if children is None else list(children.values())

    def adopt(self, child: "ToolCall") -> None:
        """`child` is made by this one's code."""
        with _MAKING:
            children = self._children = {} if self._children is None else self._children
        children[id(child)] = child
        child.parent = self

    def child_settled(self, child: "ToolCall") -> None:
        """A call that this one's code made has ended. From any thread."""
        if self._children is not None:
            self._children.pop(id(child), None)
        driver, loop = self.driver, self.loop
        if driver is None or loop is None:
            return
        if loop is child.loop:
            driver.child_settled()
        else:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(driver.child_settled)

    # -- what it left behind ------------------------------------------------------------------

    @property
    def traces(self) -> Traces:
        """What its tool said of itself so far."""
        with _MAKING:
            traces = self._traces = self._traces or Traces()
        return traces

    @property
    def output(self) -> str:
        """What its tool has put out so far."""
        return "" if self._traces is None else "".join(self._traces.output)

    @property
    def changed_paths(self) -> list[str]:
        """What its tool said that it changed, in that order."""
        return [] if self._traces is None else list(self._traces.changed_paths)

    # -- waiting for it -----------------------------------------------------------------------

    async def cancelled(self) -> None:
        """Return once the call is cancelled, at once if it is."""
        with _MAKING:
            latch = self._cancelled = self._cancelled or Latch()
        if self.is_cancelled:
            latch.set()  # By somebody who saw no latch, perhaps.
        await latch.wait()

    async def completed(self) -> None:
        """Return once the call has ended, at once if it has."""
        await self._completion().wait()

    def completion(self) -> "asyncio.Future[None]":
        """A future of the running loop that is done once the call has ended."""
        return self._completion().future()

    def _completion(self) -> Latch:
        with _MAKING:
            latch = self._completed = self._completed or Latch()
        if self.is_completed:
            latch.set()
        return latch

    def mark_completed(self) -> None:
        """Let everybody go who waits for the end. For guards and flights alone."""
        self.is_completed = True
        latch = self._completed
        if latch is not None:
            latch.set()


class CancelOutcome(NamedTuple):
    """What a registry answers to `cancel`; no name and no handle for `not_found`."""

    status: CancelStatus
    tool_name: str | None
    handle: ToolCall | None


class FinishedCall(NamedTuple):
    """What is remembered of a call that has ended."""

    tool_name: str
    outcome: Outcome


class CallGuard(Protocol):
    """Ends the registration of one call. Leaving it twice is harmless."""

    def __enter__(self) -> ToolCall:
        """The handle."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Mark the handle completed and take its own entry out."""


class DuplicateCallError(ValueError):
    """A call id that is in flight in that session already."""

    def __init__(self, session_id: str, call_id: str, tool_name: str) -> None:
        super().__init__(session_id, call_id, tool_name)
        self.session_id = session_id
        self.call_id = call_id
        self.tool_name = tool_name

    def __str__(self) -> str:
        return (
            f"call id '{self.call_id}' is in flight in session '{self.session_id}' "
            f"(tool `{self.tool_name}`); a call id must be unique while it runs"
        )


class CallRegistry(Protocol):
    """What the dispatcher asks of a registry; a plugin provides it (docs/cancellation.md#registry)."""

    def register(self, session_id: str, call_id: str, tool_name: str) -> tuple[ToolCall, CallGuard] | None:
        """A handle and its guard; None for an empty `call_id`; raises `DuplicateCallError`."""

    def lookup(self, session_id: str, call_id: str) -> ToolCall | None:
        """The live call."""

    def list_for_session(self, session_id: str) -> list[ToolCall]:
        """The live calls of a session, oldest first."""

    def cancel(
        self, session_id: str, call_id: str, reason: str, inject_reminder: bool = True, *, actor: str = "host"
    ) -> CancelOutcome:
        """Cancel one live call; decides at once, from any thread."""

    def recall(self, session_id: str, call_id: str) -> FinishedCall | None:
        """What is remembered of a call that ended lately."""


CURRENT_CALL: ContextVar[ToolCall | None] = ContextVar("harnlet_current_call", default=None)
"""The call whose code is running. Set in the task or thread of each tool."""
