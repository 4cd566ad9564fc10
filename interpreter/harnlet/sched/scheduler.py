"""The scheduler of one interpreter: runs script code as asyncio tasks, each in a greenlet.

Structured: every task belongs to the run that started it, and none outlives it. Rules:
docs/language.md#concurrency-syntax, docs/architecture.md#async.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import tasks_of_run
from harnlet.runtime.context import ATTENTION, Runtime
from harnlet.runtime.faulting import error_text
from harnlet.runtime.limits import LimitStop, ScriptExit
from harnlet.runtime.values import EnumValue, err, ok
from harnlet.sched.bridge import Bridge, YieldOnce, current_runner, drop, switch_to_loop
from harnlet.sched.frames import release_locals
from harnlet.sched.stopping import Cleanup, PoliteStop, ask_to_stop, cancelled_fault
from harnlet.sched.task import Task
from harnlet.sched.ticker import TICKER

__all__ = ["Scheduler", "cancelled_fault"]

_TURN = YieldOnce()


class Scheduler:
    """Runs functions of script code. Belongs to the event loop of its interpreter."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.running = False
        self.slices = 0
        self.seen_slices = -1
        self.live = 0
        """How many tasks there are besides main ones."""
        self.most_tasks: int | None = None
        self._bridge = Bridge()
        self._cleanup = Cleanup(self, self._kill)
        rt.scheduler = self
        rt.wait = self.wait
        rt.notice = self.notice
        rt.states[tasks_of_run] = self.start
        TICKER.add(self)

    def close(self) -> None:
        """No more script code will run."""
        TICKER.remove(self)

    def want_attention(self) -> None:
        """See `Runtime.want_attention`."""
        self.rt.want_attention()

    # --- running -------------------------------------------------------------------------------

    def new_task(self, label: str, session_id: str = "", call_id: str = "") -> Task:
        """A main task that has not started."""
        return Task("root" if label == "pipeline" else label, session_id, call_id)

    async def run(self, task: Task, function: Callable[..., Any], *args: Any) -> Any:
        """Run script code as the main task of a run, in the current asyncio task.

        When it has ended, so has everything that it started. Raises what the code raises, what ended
        the run in another of its tasks, and CancelledError.
        """
        task.asyncio_task = asyncio.current_task()
        try:
            return await self._run(task, function, args)
        except asyncio.CancelledError:
            if task.fatal is not None:
                raise task.fatal from None
            raise
        finally:
            if task.started:
                await self.end_all(task.started)

    async def _run(self, task: Task, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        self._enter(task)
        try:
            value = await self._bridge.run(function, args)
        except Exception:
            if not task.cancelled:
                raise
        else:
            if not task.cancelled:
                return value
        finally:
            self.running = False
            if task.cancelled:
                self._cleanup.end(task)
            if task.stop is not None and task.stop.timer is not None:
                task.stop.timer.cancel()
        # Its `finally` raised or returned: nobody cancels a task in order to hear that.
        raise asyncio.CancelledError

    def _enter(self, task: Task) -> None:
        self.rt.task = task
        self.slices += 1
        self.running = True
        if TICKER.parked:
            TICKER.unpark()

    def wait(self, awaitable: Awaitable[Any]) -> Any:
        """Wait in the current task only. What the task is to be thrown meanwhile is thrown here."""
        task: Task = self.rt.task
        if task is not None and task.alert and current_runner() is not None:
            try:
                self._answer(task, waiting=True)
            except BaseException:
                drop(awaitable)
                raise
        return self._switch(task, awaitable, awaitable)

    def wait_undisturbed(self, awaitable: Awaitable[Any]) -> Any:
        """Wait for what must be finished: deadlines and polite requests come after it. A cancellation
        still arrives, at the awaitable."""
        return self._switch(self.rt.task, awaitable, None)

    def _switch(self, task: Task, awaitable: Awaitable[Any], shown: Any) -> Any:
        if task is not None:
            task.awaiting = shown
        self.running = False
        try:
            return switch_to_loop(awaitable)
        except asyncio.CancelledError:
            self._woken(task)
            raise
        finally:
            if task is not None:
                task.awaiting = None
                if task.interrupted:
                    self._forget_interruption(task)
                self._enter(task)

    def _woken(self, task: Task) -> None:
        """A wait was cancelled: by us, in order to throw something, or by somebody who means it."""
        running = task.asyncio_task
        assert running is not None
        if task.interrupted:
            task.interrupted = False
            if running.uncancel() <= task.cancels_delivered:
                self._answer(task, waiting=True)
        task.cancels_delivered = running.cancelling()
        self._cancelled(task)

    def _cancelled(self, task: Task) -> None:
        task.cancel_requested = True
        if not task.cancelled:
            task.cancelled = True
            self._cleanup.begin(task)

    def _forget_interruption(self, task: Task) -> None:
        """The wait ended in another way, though it was cancelled: what there is to throw is thrown at
        the next safe point."""
        task.interrupted = False
        if task.asyncio_task is not None:
            task.asyncio_task.uncancel()
        self.rt.limit = ATTENTION

    def notice(self) -> None:
        """At a safe point: throw what there is to throw, let others run, look again."""
        if current_runner() is None:
            return
        task: Task = self.rt.task
        if task.alert:
            self._answer(task, waiting=False)
        self.wait(_TURN)
        if task.alert:
            self._answer(task, waiting=False)

    # --- interrupting --------------------------------------------------------------------------

    def alert(self, task: Task) -> None:
        """There is something to throw at `task`: wake it if it waits, else at its next safe point."""
        task.alert = True
        awaiting = task.awaiting
        if awaiting is None or (isinstance(awaiting, asyncio.Future) and awaiting.done()):
            # What it waited for has come; taking that away from it would lose it.
            self.rt.limit = ATTENTION
        elif not task.interrupted and task.asyncio_task is not None:
            task.interrupted = True
            task.asyncio_task.cancel()

    def _answer(self, task: Task, *, waiting: bool) -> None:
        """Throw what there is to throw; the alert is over when nothing is left."""
        if task.killed:
            self.rt.limit = ATTENTION
            raise asyncio.CancelledError
        stop: PoliteStop | None = task.stop
        if stop is not None and stop.is_due(waiting):
            stop.thrown = True
            raise cancelled_fault() from None
        left = stop is not None and stop.is_due(True)
        for scope in task.deadlines:
            if scope.expired and not scope.raised:
                if scope.is_inside():
                    raise scope.fault() from None
                left = True
        task.alert = left

    def retry_again(self, left: int, fault: Exception) -> int:
        """After a failed attempt of `retry`: how many are left. Raises the fault when none is, and when
        the task has no time left: a deadline around the `retry` has ended, or it was asked to stop."""
        task: Task = self.rt.task
        if self.rt.limit < 0:
            self.rt.attend(0)
        if left <= 1 or task.cancel_requested:
            raise fault
        if any(scope.expired and scope.is_inside() for scope in task.deadlines):
            raise fault
        return left - 1

    # --- tasks ---------------------------------------------------------------------------------

    def spawn(
        self, function: Callable[..., Any], *args: Any, label: str = "spawn", parent: Task | None = None
    ) -> Task:
        """Start script code beside `parent`, or the current task, as part of the same run."""
        started_by: Task = self.rt.task if parent is None else parent
        task = started_by.child(label)
        if label == "spawn":
            started_by.spawned += 1
            task.id = f"{started_by.id}:spawn:{started_by.spawned}"
            task.number = self._next_number(task.root)
        self._begin(task, self._run_beside(task, function, args))
        return task

    @staticmethod
    def _next_number(root: Task) -> int:
        root.number -= 1  # A main task has no number of its own to show: it keeps count, below zero.
        return -root.number

    def begin(self, task: Task, function: Callable[..., Any], *args: Any) -> Task:
        """Start script code as `task`, made by `Task.child`."""
        self._begin(task, self._run_beside(task, function, args))
        return task

    def start(self, function: Callable[[], object]) -> "asyncio.Future[object]":
        """Start a function as a task of the run whose result is awaited as that of any future."""
        task: Task = self.rt.task.child("pull")
        running = self._begin(task, self._run(task, function, ()))
        running.add_done_callback(lambda _: self._forget(task))
        return running

    def _begin(self, task: Task, coroutine: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        if self.most_tasks is not None and self.live >= self.most_tasks:
            coroutine.close()
            raise LimitStop("tasks", self.live + 1, self.most_tasks)
        running = task.asyncio_task = asyncio.get_running_loop().create_task(coroutine)
        task.root.started.add(task)
        self.live += 1
        return running

    async def _run_beside(self, task: Task, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """The outcome is kept in the task: whoever awaits it gets it, nobody else has to."""
        try:
            task.value = await self._run(task, function, args)
        except Exception as error:
            release_locals(error)
            task.error = error
        except (LimitStop, ScriptExit) as stop:
            self._end_run(task.root, stop)
        finally:
            self._forget(task)

    def _forget(self, task: Task) -> None:
        if task in task.root.started:
            task.root.started.discard(task)
            self.live -= 1

    def _end_run(self, root: Task, reason: BaseException) -> None:
        if root.fatal is None:
            root.fatal = reason
        self.cancel_task(root)

    def join(self, task: Task, timeout_ms: float | None = None) -> bool:
        """Wait until a task has ended, however it ends, or for so many milliseconds; whether it has."""
        running = task.asyncio_task
        if running is None or running.done():
            return True
        if task is self.rt.task:
            raise RuntimeFault("await: a task cannot wait for itself")
        waiter = asyncio.get_running_loop().create_future()

        def wake(*_: object) -> None:
            if not waiter.done():
                waiter.set_result(None)

        timer = None if timeout_ms is None else self.rt.clock.call_later(timeout_ms, wake)
        running.add_done_callback(wake)
        try:
            self.wait(waiter)
        finally:
            running.remove_done_callback(wake)
            if timer is not None:
                timer.cancel()
        return running.done()

    def result_of(self, task: Task) -> Any:
        """The value of a task that has ended, given away; raises its error, nil if it was cancelled."""
        if task.error is not None:
            raise task.error
        value, task.value = task.value, None
        return value

    def await_task(self, task: Task) -> Any:
        """`await(handle)`: the value, once; the task's error is raised here."""
        if task.taken and not task.cancel_requested:
            return None
        self.join(task)
        if task.taken:
            return None
        task.taken = True
        return self.result_of(task)

    def cancel_task(self, task: Task) -> None:
        """`cancel(handle)`: end a task wherever it is; its `finally` and `defer` blocks run."""
        task.taken = task.cancel_requested = True
        if task.asyncio_task is not None and task.asyncio_task.cancel():
            self.rt.limit = ATTENTION

    def cancel_gracefully(self, task: Task, timeout_ms: float) -> EnumValue:
        """`cancel_graceful(handle)`: ask a task to end, wait for it, say how it ended."""
        if task.taken:
            return ok(None)
        if not task.ended:
            ask_to_stop(self, task)
            if timeout_ms > 0:
                self.join(task, timeout_ms)
        if task.taken:
            return ok(None)
        task.taken = True
        if not task.ended:
            self.cancel_task(task)
            return err("cancel_graceful: timeout, task forcefully aborted")
        if task.error is not None:
            return err(error_text(task.error))
        return err(error_text(cancelled_fault())) if task.cancelled else ok(self.result_of(task))

    def tasks_of(self, root: Task) -> set[Task]:
        """The tasks that a run has started and that have not ended."""
        return {task for task in root.started if not task.ended}

    async def end_all(self, tasks: Iterable[Task]) -> None:
        """Cancel these tasks, and those of their runs that they start while they clean up, and wait until
        they have ended. A cancellation meanwhile is raised only then."""
        cancelled: asyncio.CancelledError | None = None
        wanted = set(tasks)
        asked: set[Task] = set()
        while left := {task for task in wanted if not task.ended}:
            for task in left - asked:
                self.cancel_task(task)
            asked |= left
            try:
                await asyncio.wait([task.asyncio_task for task in left if task.asyncio_task is not None])
            except asyncio.CancelledError as error:
                cancelled = error
            wanted = left.union(*(task.root.started for task in left))
        for task in asked:
            self._forget(task)
        if cancelled is not None:
            raise cancelled

    def _kill(self, task: Task) -> None:
        """It has had time to clean up: from now on whatever it does is cancelled."""
        task.killed = task.alert = True
        self.rt.limit = ATTENTION
        if task.asyncio_task is not None:
            task.asyncio_task.cancel()
