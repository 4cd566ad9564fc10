"""One call in the air: from its announcement over its tool's code to the one settle step.

A flight belongs to one event loop, and only that loop's thread runs its methods. Decisions are
made elsewhere too, on the call's state word (`call_state.py`); the flight is told through
`ToolCall.driver` and has the stop carried out (`stopping.py`). Results, messages and reminders are
written in one place alone (`settling.py`). Rules: docs/cancellation.md#one-decision.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final

from harnlet.session.clock import Timer
from harnlet.session.events import CALL_START
from harnlet.session.plain import PlainDict
from harnlet.session.session import Session
from harnlet.tools import settling
from harnlet.tools.call import CURRENT_CALL, CallGuard, CancelDetails, ToolCall
from harnlet.tools.declaration import AnyTool
from harnlet.tools.desk import Desk
from harnlet.tools.execution import Execution
from harnlet.tools.stopping import Stopping, because_of

_HOST_GAVE_UP: Final = "the task that dispatched the call was cancelled"
_HOOK_MAY_CHANGE: Final = frozenset({"result", "rendered_result", "observation"})
"""What a post-call hook may put something else for."""


class Flight:
    """Drives one call. `result` is its result dict once it is settled."""

    __slots__ = (
        "_deadline",
        "_gate",
        "_shield_timer",
        "_wake",
        "approval",
        "arguments",
        "call",
        "desk",
        "execution",
        "guard",
        "result",
        "session",
        "started_ms",
        "stopping",
        "tool",
    )

    def __init__(
        self,
        desk: Desk,
        session: Session | None,
        call: ToolCall,
        guard: CallGuard | None,
        arguments: PlainDict,
    ) -> None:
        self.desk = desk
        self.session = session
        self.call = call
        self.guard = guard
        self.arguments = arguments
        self.tool: AnyTool | None = None
        self.approval: str | None = None
        self.execution: Execution | None = None
        self.started_ms: float | None = None
        self.stopping: Stopping | None = None
        self.result: PlainDict | None = None
        self._wake: asyncio.Future[None] | None = None
        self._gate: asyncio.Future[Any] | None = None
        self._deadline: Timer | None = None
        self._shield_timer: Timer | None = None

    # -- announcement ------------------------------------------------------------------------

    def announce(self) -> None:
        """Take the call in: it can be cancelled from here on."""
        call, desk = self.call, self.desk
        call.loop = desk.loop = asyncio.get_running_loop()
        call.announced_ms = desk.clock.monotonic_ms()
        call.driver = self
        call.interpreter = desk.interpreter
        if self.session is not None:
            # Written before anything else: what is not on record does not run.
            self.session.transcript.append_event(
                CALL_START,
                metadata={"call_id": call.call_id, "tool": call.tool_name, "arguments": self.arguments},
            )
            self.session.in_flight += 1
        desk.live[id(call)] = self
        parent = CURRENT_CALL.get()
        if parent is not None and parent.word.state != "settled":
            parent.adopt(call)
            if parent.is_stopping:
                # A call that is being stopped starts nothing new.
                self.stop_for(parent)
        if call.word.state == "cancelling":
            # Cancelled between its registration and here, by another thread.
            self.deliver()

    # -- the way to the tool's code ----------------------------------------------------------

    async def until_stopped(self, awaitable: Awaitable[Any]) -> tuple[bool, Any]:
        """Await something that comes before the tool; `(False, None)` when the call is stopped first."""
        task = asyncio.ensure_future(awaitable)
        self._gate = task
        try:
            await self._sleep_until(task)
        finally:
            self._gate = None
            if not task.done():
                task.cancel()
                task.add_done_callback(forget)
        if self.result is not None:
            return False, None
        return True, task.result()

    async def run(self, tool: AnyTool, timeout_ms: float | None) -> None:
        """Run the tool's code to its end, or until the call is settled without it."""
        call, clock = self.call, self.desk.clock
        if timeout_ms is not None and timeout_ms <= 0:
            self._time_is_up(timeout_ms)
        if not call.word.apply("start"):
            self.deliver()
            return
        self.started_ms = clock.monotonic_ms()
        try:
            self.execution = tool.start(call, self.arguments)
            ended = self.execution.ended
        except Exception as error:  # noqa: BLE001 - whatever a tool cannot start with is its error
            ended = asyncio.get_running_loop().create_future()
            ended.set_exception(error)
            self._body_ended(ended)
        else:
            if ended.done():
                # An eager task factory has run the tool to its end already.
                self._body_ended(ended)
            else:
                ended.add_done_callback(self._body_ended)
            if timeout_ms is not None:
                self._deadline = clock.call_later(timeout_ms, lambda: self._time_is_up(timeout_ms))
            if call.word.state == "cancelling":
                self.deliver()
            await self._sleep_until(ended, told=True)
        if self.result is None:
            await self._finished(ended)

    async def _sleep_until(self, future: "asyncio.Future[Any]", *, told: bool = False) -> None:
        """Sleep until `future` is done or the call is settled, whichever is first.

        `told`: somebody else rouses when it is done.
        """
        if self.result is not None or future.done():
            return
        wake = self._wake = asyncio.get_running_loop().create_future()
        if not told:
            future.add_done_callback(self.rouse)
        try:
            await wake
        except asyncio.CancelledError:
            await self._host_gave_up()
            raise
        finally:
            self._wake = None
            if not told:
                future.remove_done_callback(self.rouse)

    def rouse(self, _: object = None) -> None:
        """Wake the one who dispatched; while the call is being stopped only its settlement does."""
        wake = self._wake
        if wake is not None and not wake.done() and (self.result is not None or not self.call.is_stopping):
            wake.set_result(None)

    async def _host_gave_up(self) -> None:
        """The dispatching task is cancelled: the call is stopped and settled before that travels on."""
        call = self.call
        call.stop("cancel", CancelDetails(_HOST_GAVE_UP, False, "dispatcher"))
        self.deliver()
        if call.word.state == "settled":
            if self.result is None and self.execution is not None:
                settling.finished(self, settling.finished_result(self, self.execution.ended))
            return
        # A second cancellation leaves here; the settle step still follows, from the loop.
        await call.completion()

    # -- the end of the tool's code ----------------------------------------------------------

    def _body_ended(self, ended: "asyncio.Future[Any]") -> None:
        """The tool's code has ended, by itself or because it was stopped."""
        if self.result is None and self.call.word.apply("finish"):
            self.cancel_timers()
            self.rouse()
            return
        settling.keep_late_result(self, ended)
        self.deliver(forced=True)
        if self.stopping is not None:
            self.stopping.body_ended()

    async def _finished(self, ended: "asyncio.Future[Any]") -> None:
        """The tool ended by itself: post-call hooks, then the settle step."""
        made = settling.finished_result(self, ended)
        call, hooks = self.call, self.desk.hooks
        try:
            if hooks.wanted("harnlet_after_tool_call"):
                facts = {"id": call.call_id, "name": call.tool_name, "arguments": self.arguments}
                for answer in await hooks.each(
                    "harnlet_after_tool_call",
                    session=call.session_id,
                    call=facts,
                    result=dict(made),
                    interpreter=self.desk.interpreter,
                ):
                    made.update({key: value for key, value in answer.items() if key in _HOOK_MAY_CHANGE})
        finally:
            settling.finished(self, made)

    def refuse(self, error: str, category: str) -> None:
        """The call is not admitted: its tool does not run."""
        if not self.call.word.apply("refuse"):
            self.deliver()
        else:
            settling.refused(self, error, category)

    def drop(self) -> None:
        """Nobody goes on with the call: it is stopped, unless it is settled."""
        if self.result is None:
            self.call.stop("cancel", CancelDetails(_HOST_GAVE_UP, False, "dispatcher"))
            self.deliver()

    # -- stopping ----------------------------------------------------------------------------

    def stop_for(self, parent: ToolCall) -> None:
        """The call that made this one is being stopped, so this one is too."""
        self.call.stop("cancel", because_of(parent))
        self.deliver()

    def child_settled(self) -> None:
        """A call that this one made has ended."""
        if self.stopping is not None:
            self.stopping.child_settled()

    def _time_is_up(self, timeout_ms: float) -> None:
        details = CancelDetails(f"timed out after {timeout_ms:g} ms", False, "deadline")
        if self.call.stop("deadline", details):
            self.deliver()

    def deliver(self, forced: bool = False) -> None:
        """Have the decision to stop carried out. Does it once, however often it is told.

        A critical section holds it back until it is left, or for its cap at most.
        """
        call = self.call
        if self.stopping is not None or call.word.state != "cancelling":
            return
        shield = call.shield
        if shield is not None and shield.depth > 0 and not forced:
            if self._shield_timer is None:
                self._shield_timer = self.desk.clock.call_later(
                    shield.cap_ms, lambda: self.deliver(forced=True)
                )
            return
        if shield is not None and forced:
            shield.broken = True
        self.cancel_timers()
        if self._gate is not None:
            self._gate.cancel()
        self.stopping = Stopping(self)
        self.stopping.begin()

    def cancel_timers(self) -> None:
        """The deadline and the cap of a critical section do not matter any more."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._shield_timer is not None:
            self._shield_timer.cancel()
            self._shield_timer = None


def forget(task: "asyncio.Future[Any]") -> None:
    """Look at what a task that nobody waits for ended with, so that asyncio does not warn."""
    if not task.cancelled():
        task.exception()
