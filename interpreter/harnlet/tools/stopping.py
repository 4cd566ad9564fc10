"""Carrying out one stop: children first, then the tool's own code, then what undoes it.

It begins when the decision is delivered and ends with the settle step. Nothing in here waits: each
step is a callback, so that the settlement follows even when nobody waits for the call any more.
Rules: docs/cancellation.md#stopped-means-stopped.
"""

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from harnlet.session.clock import Clock, Timer, wait_at_most
from harnlet.session.plain import PlainDict
from harnlet.tools import results, settling
from harnlet.tools.call import CancelDetails, ToolCall
from harnlet.tools.declaration import Undo

if TYPE_CHECKING:
    from harnlet.tools.flight import Flight


class Stopping:
    """One stop in progress.

    `asked_ms` is when it began. `undo` is what is known of the tool's undo, None without one.
    """

    __slots__ = ("_body_over", "_flight", "_patience", "_undoing", "asked_ms", "undo")

    def __init__(self, flight: "Flight") -> None:
        self._flight = flight
        self._body_over = False
        self._patience: Timer | None = None
        self._undoing: asyncio.Task[None] | None = None
        self.asked_ms = flight.desk.clock.monotonic_ms()
        self.undo: PlainDict | None = None

    def begin(self) -> None:
        """Stop what the call has made, then the call itself."""
        flight = self._flight
        call = flight.call
        details = call.details
        assert details is not None
        flight.desk.requested(
            flight.session,
            call.session_id,
            call.call_id,
            call.tool_name,
            status="cancelled" if call.is_cancelled else "timeout",
            actor=details.actor,
            reason=details.reason,
            inject_reminder=details.inject_reminder,
        )
        if flight.execution is None:
            settling.stopped(flight, "unwind", "never_started", None)
            return
        for child in call.children:
            if child.driver is None or child.loop is not call.loop:
                child.stop("cancel", because_of(call))
            else:
                child.driver.stop_for(call)
        flight.execution.stop(details.reason, self._grace_ms)
        if not call.children:
            self._be_patient()

    @property
    def _grace_ms(self) -> int:
        tool = self._flight.tool
        return 0 if tool is None else tool.grace_ms

    def body_ended(self) -> None:
        """The tool's own code has ended."""
        self._body_over = True
        self._go_on()

    def child_settled(self) -> None:
        """A call that this one made has been settled."""
        self._go_on()

    def _go_on(self) -> None:
        flight = self._flight
        if flight.call.children or flight.result is not None or self._undoing is not None:
            return
        if not self._body_over:
            # The grace of the call begins when all that it made has gone.
            self._be_patient()
            return
        if self._patience is not None:
            self._patience.cancel()
        undo = None if flight.tool is None else flight.tool.undo
        if undo is None:
            self._unwound()
        else:
            self._undoing = asyncio.get_running_loop().create_task(self._take_back(undo))
            self._undoing.add_done_callback(lambda _: self._unwound())

    def _be_patient(self) -> None:
        execution = self._flight.execution
        if self._patience is None and not self._body_over and execution is not None:
            self._patience = self._flight.desk.clock.call_later(
                execution.patience_ms(self._grace_ms), self._give_up
            )

    def _give_up(self) -> None:
        flight = self._flight
        if flight.execution is not None and flight.execution.ended.done():
            # It has ended in time, and the loop was too busy to say so before its timers.
            return
        if flight.tool is not None and flight.tool.undo is not None:
            self.undo = {"status": "not run"}
        settling.stopped(flight, "abandon", "abandoned", "abandoned")

    def _unwound(self) -> None:
        execution = self._flight.execution
        assert execution is not None
        escalation = execution.escalation
        if not self._flight.call.began:
            # Its task or thread was on its way, and did not come to the tool's first line.
            settling.stopped(self._flight, "unwind", "never_started", None)
        elif escalation == "abandoned":
            settling.stopped(self._flight, "abandon", "abandoned", escalation)
        else:
            settling.stopped(
                self._flight, "unwind", "killed" if escalation == "killed" else "stopped", escalation
            )

    async def _take_back(self, undo: Undo) -> None:
        """Run the tool's undo, for the length of its grace at most."""
        flight = self._flight
        self.undo = {"status": "cancelled"}
        self.undo = await _undone(
            flight.desk.clock, undo, dict(flight.arguments), flight.call.changed_paths, self._grace_ms
        )


async def _undone(
    clock: Clock, undo: Undo, arguments: PlainDict, changed_paths: list[str], most_ms: int
) -> PlainDict:
    async def work() -> None:
        answer = undo(arguments, changed_paths)
        if inspect.isawaitable(answer):
            await answer

    loop = asyncio.get_running_loop()
    task = loop.create_task(work())
    if not await wait_at_most(clock, task, most_ms):
        task.cancel()
        task.add_done_callback(_seen)
        return {"status": "timed out"}
    if task.cancelled():
        return {"status": "cancelled"}
    error = task.exception()
    if error is not None:
        return {"status": "failed", "error": results.error_text(error)}
    return {"status": "ok"}


def _seen(task: "asyncio.Future[Any]") -> None:
    if not task.cancelled():
        task.exception()


def because_of(parent: ToolCall) -> CancelDetails:
    """Why a call is stopped whose parent is."""
    reason = f"its parent call '{parent.call_id}' was stopped: {parent.reason}"
    return CancelDetails(reason, False, "parent call")
