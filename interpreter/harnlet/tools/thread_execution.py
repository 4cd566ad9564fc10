"""Synchronous tools: each runs in a thread, and stopping it raises an exception in that thread.

The exception reaches pure Python code between two bytecodes. A tool that sits in C code (a blocking
read, `time.sleep`) gets it when it comes back; if that is after its grace the call is given up and
reported `abandoned` (docs/cancellation.md#stopped-means-stopped).
"""

import asyncio
import contextlib
import contextvars
import ctypes
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Final

from harnlet.tools.call import CURRENT_CALL, Shield, ToolCall
from harnlet.tools.current import ToolCallStopped
from harnlet.tools.execution import AskedExecution

_IDLE_LIMIT: Final = 8
"""How many threads are kept for later calls; starting one takes some 60 microseconds."""


class _Job:
    """One function to run.

    The lock of the call's shield orders the raising of an exception against critical sections and
    against the function's end.
    """

    __slots__ = ("call", "context", "function", "live", "loop", "outcome", "sent", "shield", "thread_id")

    def __init__(self, call: ToolCall, function: Callable[[], Any]) -> None:
        self.call = call
        self.function = function
        self.context = contextvars.copy_context()
        self.loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[Any] = self.loop.create_future()
        self.shield = call.shield = Shield()
        self.live = False
        self.sent = False
        self.thread_id = 0

    def run(self) -> None:
        """In the thread: run the function and hand its end to the event loop."""
        value: Any = None
        error: BaseException | None = None
        try:
            self.thread_id = threading.get_ident()
            self.context.run(CURRENT_CALL.set, self.call)
            self.live = True
            if self.call.is_stopping:
                raise ToolCallStopped(self.call.reason)
            self.call.began = True
            value = self.context.run(self.function)
        except BaseException as raised:  # noqa: BLE001 - the exception is the job's end, whatever it is
            error = raised
        try:
            self._close()
        except ToolCallStopped:
            # It was on its way and came out at the first safe point, the start of a function. There
            # is one for each call at most, so now the way is clear.
            self._close()
        # With the loop closed nobody waits for the end any more.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._hand_over, value, error)

    def _close(self) -> None:
        """From here on no exception is raised in this thread, and none is on its way any more.

        One that was sent and has not come out is not taken back (`SetAsyncExc` with NULL): on CPython
        3.11 that leaves a flag set which makes every profiler and debugger of the process hang at
        the next function call. It is overwritten with one of our own, which we wait for here.
        """
        with self.shield.lock:
            self.live = False
        if self.sent:
            with contextlib.suppress(ToolCallStopped):
                _raise_in(self.thread_id)
                while True:
                    _safe_point()

    def _hand_over(self, value: Any, error: BaseException | None) -> None:
        if self.outcome.done():
            return
        if isinstance(error, ToolCallStopped):
            self.outcome.cancel()
        elif error is None:
            self.outcome.set_result(value)
        else:
            # StopIteration and the like cannot be put into a future as they are.
            kept = error if isinstance(error, Exception) else RuntimeError(repr(error))
            if isinstance(kept, StopIteration):
                kept = RuntimeError(repr(kept))
            self.outcome.set_exception(kept)

    def interrupt(self) -> None:
        """From the event loop: raise in the thread, unless the function is over.

        In a critical section that was entered a moment ago it is owed until that is left.
        """
        shield = self.shield
        with shield.lock:
            if shield.depth > 0 and not shield.broken:
                shield.owed = True
            elif self.live:
                self.sent = True
                _raise_in(self.thread_id)


def _raise_in(thread_id: int) -> None:
    """Have `ToolCallStopped` raised in a thread, at its next safe point."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread_id), ctypes.py_object(ToolCallStopped)
    )


def _safe_point() -> None:
    """Where Python looks for an exception that was sent to this thread: at the start of a function."""


class _Workers:
    """Threads that wait for jobs. They are daemons: one that is stuck in C keeps no process alive."""

    def __init__(self) -> None:
        self._idle: deque[SimpleQueue[_Job]] = deque()

    def submit(self, job: _Job) -> None:
        """Run `job` in an idle thread, or in a new one."""
        try:
            inbox = self._idle.pop()
        except IndexError:
            inbox = SimpleQueue()
            threading.Thread(target=self._work, args=(inbox,), name="harnlet-tool", daemon=True).start()
        inbox.put(job)

    def _work(self, inbox: "SimpleQueue[_Job]") -> None:
        while True:
            inbox.get().run()
            if len(self._idle) >= _IDLE_LIMIT:
                return
            self._idle.append(inbox)


_WORKERS: Final = _Workers()


class ThreadExecution(AskedExecution):
    """The thread of one synchronous tool."""

    __slots__ = ("_job",)

    def __init__(self, job: _Job) -> None:
        super().__init__(job.outcome)
        self._job = job

    def stop(self, reason: str, grace_ms: int) -> None:
        """Raise `ToolCallStopped` in the thread."""
        self._job.interrupt()


def start_in_thread(
    call: ToolCall, function: Callable[..., Any], arguments: dict[str, Any]
) -> ThreadExecution:
    """Start a plain function with named arguments in a thread."""
    job = _Job(call, lambda: function(**arguments))
    _WORKERS.submit(job)
    return ThreadExecution(job)
