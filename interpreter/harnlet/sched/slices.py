"""How script code gives control to the event loop and gets it back: waiting, taking turns, and being
thrown what others have for it.

Rules: docs/language.md#deadline, docs/language.md#harnlets-own-decisions, docs/architecture.md#async.
"""

import asyncio
from collections.abc import Awaitable
from time import perf_counter
from types import CoroutineType
from typing import Any, NoReturn

from greenlet import getcurrent

from harnlet.errors.hierarchy import UsageError
from harnlet.runtime.context import Runtime
from harnlet.sched.bridge import Bridge, ScriptGreenlet, current_runner, drop, switch_to_loop
from harnlet.sched.first_step import Steps, Suspended
from harnlet.sched.stopping import Cleanup, cancelled_fault
from harnlet.sched.task import Task
from harnlet.sched.ticker import TICKER
from harnlet.sched.turns import MANY_TURNS, ONE_TURN


class Slices:
    """Runs script code from one wait to the next. The base of the scheduler, which starts and ends tasks."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.running = False
        """Whether script code runs now, and not the loop."""
        self.entered = 0.0
        """Since when, by `time.perf_counter`."""
        self.slice_over = False
        """Whether it has computed for longer than a slice, says the ticker."""
        self.short_slices = True
        """Whether the process's switch interval may be lowered while script code computes."""
        self.meters_cpu = rt.limits.cpu_seconds is not None
        self.bridge = Bridge()
        self._steps = Steps()
        self.cleanup = Cleanup(rt, self._kill)
        rt.wait = self.wait
        rt.notice = self.notice

    def end_slice(self) -> None:
        """Script code has computed for long enough: the loop is to have its turns. From any thread."""
        self.slice_over = True
        self.rt.want_attention()

    def enter(self, task: Task, since: float | None = None) -> None:
        """The code of `task` begins or goes on; in a slice that has lasted `since` then, if given."""
        self.rt.task = task
        self.entered = perf_counter() if since is None else since
        self.running = True
        if self.meters_cpu and task.run.usage is not None:
            task.run.usage.start_cpu()
        if self.rt.watched:
            self.rt.watch(task.run.usage)
        if TICKER.parked:
            TICKER.unpark()

    # --- waiting -------------------------------------------------------------------------------

    def wait(self, awaitable: Awaitable[Any]) -> Any:
        """Wait in the current task only. What the task is to be thrown meanwhile is thrown here."""
        if not self.running or type(getcurrent()) is not ScriptGreenlet:
            self._refuse(awaitable)
        task: Task = self.rt.task
        if task.computing_since is not None:
            task.run.gate.computed(task)
        if task.alert:
            try:
                self._answer(task, waiting=True)
            except BaseException:
                drop(awaitable)
                raise
        return self._switch(task, awaitable, awaitable)

    def wait_undisturbed(self, awaitable: Awaitable[Any]) -> Any:
        """Wait for what must be finished: deadlines and polite requests come after it. A cancellation
        still arrives, at the awaitable."""
        if not self.running or type(getcurrent()) is not ScriptGreenlet:
            self._refuse(awaitable)
        task: Task = self.rt.task
        if task.computing_since is not None:
            task.run.gate.computed(task)
        return self._switch(task, awaitable, None)

    @staticmethod
    def _refuse(awaitable: Awaitable[Any]) -> NoReturn:
        drop(awaitable)
        raise UsageError("only code that runs in a script's task can wait")

    def _switch(self, task: Task, awaitable: Awaitable[Any], shown: Any) -> Any:
        task.awaiting = shown
        self.running = False
        if self.meters_cpu and task.run.usage is not None:
            task.run.usage.stop_cpu()
        since: float | None = self.entered  # Until the loop gets its turn the slice goes on.
        try:
            if task.asyncio_task is not None and type(awaitable) is CoroutineType:
                value = self._steps.take(awaitable)
                if type(value) is Suspended:
                    since = None
                    value = switch_to_loop(value)
            else:
                since = None
                value = switch_to_loop(awaitable)
        except asyncio.CancelledError:
            self._woken(task)
            raise
        finally:
            task.awaiting = None
            self.enter(task, since)
            if task.interrupted:
                self._forget_interruption(task)
        if task.asyncio_task.cancelling() > task.cancels_delivered:  # type: ignore[union-attr]
            # What was awaited has swallowed a cancellation that was not meant for it alone.
            self._cancelled(task)
            raise asyncio.CancelledError
        return value

    def _woken(self, task: Task) -> None:
        """A wait was cancelled: by us, in order to throw something, or by somebody who means it."""
        running = task.asyncio_task
        assert running is not None
        if task.interrupted:
            task.interrupted = False
            if running.uncancel() <= task.cancels_delivered:
                self._answer(task, waiting=True)
                raise AssertionError("a wait was interrupted for nothing")
        self._cancelled(task)

    def _cancelled(self, task: Task) -> None:
        """The task is being thrown a cancellation that counts: from now on it may only clean up."""
        if task.asyncio_task is not None:
            task.cancels_delivered = task.asyncio_task.cancelling()
        task.cancel_requested = task.cancelled = True
        self.cleanup.begin(task)

    def _forget_interruption(self, task: Task) -> None:
        """The wait ended in another way, though it was cancelled: what there is to throw is thrown at
        the next safe point."""
        task.interrupted = False
        if task.asyncio_task is not None:
            task.asyncio_task.uncancel()
        self.rt.want_attention()

    def notice(self) -> None:
        """At a safe point: throw what there is to throw, let others run, look again."""
        if not self.running or current_runner() is None:
            return
        task: Task = self.rt.task
        if task.alert:
            self._answer(task, waiting=False)
        gate = task.run.gate
        gate.give(task)
        turns = MANY_TURNS if self.slice_over else ONE_TURN
        self.entered = 0.0
        """Since when, by `time.perf_counter`."""
        self.slice_over = False
        try:
            self._switch(task, turns, None)
        finally:
            gate.take_back(task)
        if task.alert:
            self._answer(task, waiting=False)

    def breathe(self, steps: int) -> None:
        """The safe point of builtins that compute for long: their tasks inherit it from the main one."""
        if (self.rt.watched or self.rt.flags["stop"]) and self.running and current_runner() is not None:
            usage = self.rt.task.run.usage
            if usage is not None:
                usage.add_steps(steps - 1)
            self.rt.attend(0)

    # --- interrupting --------------------------------------------------------------------------

    def alert(self, task: Task) -> None:
        """There is something to throw at `task`: wake it if it waits, else at its next safe point."""
        task.alert = True
        awaiting = task.awaiting
        if awaiting is None or (isinstance(awaiting, asyncio.Future) and awaiting.done()):
            # What it waited for has come; taking that away from it would lose it.
            self.rt.want_attention()
        elif not task.interrupted and task.asyncio_task is not None:
            task.interrupted = True
            task.asyncio_task.cancel()

    def _answer(self, task: Task, *, waiting: bool) -> None:
        """Throw what there is to throw; the alert is over when nothing is left."""
        if task.cancel_due or task.killed:
            task.cancel_due = False
            self._cancelled(task)
            self.rt.want_attention()
            raise asyncio.CancelledError
        stop = task.stop
        if stop is not None and stop.is_due(waiting):
            stop.thrown = True
            raise cancelled_fault() from None
        left = stop is not None and stop.is_due(waiting=True)
        for scope in reversed(task.deadlines):
            if scope.expired and not scope.raised:
                if scope.is_inside():
                    raise scope.fault() from None
                left = True
        task.alert = left

    def retry_again(self, left: int, fault: Exception) -> int:
        """After a failed attempt of `retry`: how many are left. Raises the fault when none is, and when
        the task has no time left: a deadline around the `retry` has ended, or it was asked to stop."""
        task: Task = self.rt.task
        if self.rt.flags["stop"]:
            self.rt.attend(0)
        if left <= 1 or task.cancel_requested:
            raise fault
        if any(scope.expired and scope.is_inside() for scope in task.deadlines):
            raise fault
        return left - 1

    def throw_cancellation(self, task: Task) -> None:
        """Cancel a task that has begun: at its wait, or at its next one or safe point."""
        if task.asyncio_task is None or (self.running and self.rt.task is task):
            task.cancel_due = task.alert = True
        else:
            task.asyncio_task.cancel()
        self.rt.want_attention()

    def _kill(self, task: Task) -> None:
        """It has had time to clean up: from now on whatever it does is cancelled."""
        task.killed = task.alert = True
        self.throw_cancellation(task)
