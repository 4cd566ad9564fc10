"""The scheduler of one interpreter: runs script code as tasks, each in a greenlet.

Structured: every task belongs to the run that started it, and none outlives it. Rules:
docs/language.md#concurrency-syntax, docs/architecture.md#async.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from harnlet.errors.faults import RuntimeFault
from harnlet.errors.hierarchy import UsageError
from harnlet.runtime.breath import SAFE_POINT
from harnlet.runtime.builtin import tasks_of_run
from harnlet.runtime.context import ATTENTION, Runtime
from harnlet.runtime.limits import LimitStop, ScriptExit, stop_run
from harnlet.runtime.metering import usage_of
from harnlet.sched.bridge import ENDED, TURN, Bridge, current_runner, drop, switch_to_loop
from harnlet.sched.frames import release_locals
from harnlet.sched.stopping import Cleanup, cancelled_fault
from harnlet.sched.task import Run, Task
from harnlet.sched.ticker import TICKER

__all__ = ["Scheduler", "cancelled_fault"]


class Scheduler:
    """Runs functions of script code. Belongs to the event loop of its interpreter."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.running = False
        self.live = 0
        """How many tasks there are besides main ones."""
        self.most_tasks = rt.limits.tasks
        self.meters_cpu = rt.limits.cpu_seconds is not None
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

    # --- the life of a task --------------------------------------------------------------------

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
            value = await self._bridge.run(self._main, task, function, args)
        except BaseException:
            if task.run.fatal is not None:
                raise task.run.fatal from None
            raise
        finally:
            await self._end_all_of(task.run)
        if task.run.fatal is not None:
            raise task.run.fatal
        return value

    def _main(self, task: Task, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """The life of a main task, in its greenlet."""
        task.run.usage = usage_of(self.rt, task.run)
        SAFE_POINT.set(self.breathe)
        self._enter(task)
        try:
            value = function(*args)
        except Exception:
            if not task.cancelled:
                raise
        else:
            if not task.cancelled:
                return value
        finally:
            self._finish(task)
        # Its `finally` raised or returned: nobody cancels a task in order to hear that.
        raise asyncio.CancelledError

    def begin(
        self,
        task: Task,
        function: Callable[..., Any],
        *args: Any,
        context: contextvars.Context | None = None,
    ) -> Task:
        """Start script code as `task`, made by `Task.child`, at the next turn of the loop.

        An asyncio task costs more than all the rest, and most script tasks are over before they wait.
        So one is made when a task waits for the first time.
        """
        if self.most_tasks is not None and self.live >= self.most_tasks:
            if self.running:
                stop_run("tasks", self.live + 1, self.most_tasks)
            raise LimitStop("tasks", self.live + 1, self.most_tasks)
        if context is None:
            context = contextvars.copy_context()
        loop = asyncio.get_running_loop()
        task.starting = loop.call_soon(self._start, loop, task, function, args, context=context)
        task.run.started[task] = None
        self.live += 1
        return task

    def _start(
        self,
        loop: asyncio.AbstractEventLoop,
        task: Task,
        function: Callable[..., Any],
        args: tuple[Any, ...],
    ) -> None:
        turns = self._bridge.turns
        if turns.holders and turns.keeps_out(task):
            task.starting = loop.call_soon(self._start, loop, task, function, args)
            return
        task.starting = None
        runner, awaitable = self._bridge.enter(self._beside, task, function, args)
        if awaitable is ENDED:
            self._bridge.leave(runner)
        else:
            coroutine = self._bridge.go_on(task, runner, awaitable)
            task.asyncio_task = loop.create_task(coroutine, context=runner.gr_context)

    def _beside(self, task: Task, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """The life of any other task. It keeps its outcome: whoever awaits it gets that, nobody has to."""
        self._enter(task)
        try:
            value = function(*args)
            if not task.cancelled:
                task.value = value
        except Exception as error:  # noqa: BLE001 - whoever awaits the task gets it, whatever it is
            if not task.cancelled:
                release_locals(error)
                task.error = error
        except asyncio.CancelledError:
            task.cancelled = True
        except (LimitStop, ScriptExit) as stop:
            self.end_run(task.run, stop)
        finally:
            self._finish(task)

    def _enter(self, task: Task) -> None:
        self.rt.task = task
        self.running = True
        if self.meters_cpu and task.run.usage is not None:
            task.run.usage.start_cpu()
        if TICKER.parked:
            TICKER.unpark()

    def _finish(self, task: Task) -> None:
        self.running = False
        if self.meters_cpu and task.run.usage is not None:
            task.run.usage.stop_cpu()
        task.ended = True
        if task.cancel_requested:
            self._cleanup.end(task)
            if task.stop is not None and task.stop.timer is not None:
                task.stop.timer.cancel()
        started = task.run.started
        if task in started:
            del started[task]
            self.live -= 1
        for listener in task.listeners:
            listener(task)

    # --- waiting -------------------------------------------------------------------------------

    def wait(self, awaitable: Awaitable[Any]) -> Any:
        """Wait in the current task only. What the task is to be thrown meanwhile is thrown here."""
        self._require_runner(awaitable)
        task: Task = self.rt.task
        task.computing_since = None
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
        self._require_runner(awaitable)
        return self._switch(self.rt.task, awaitable, None)

    @staticmethod
    def _require_runner(awaitable: Awaitable[Any]) -> None:
        if current_runner() is None:
            drop(awaitable)
            raise UsageError("only code that runs in a script's task can wait")

    def _switch(self, task: Task, awaitable: Awaitable[Any], shown: Any) -> Any:
        task.awaiting = shown
        self.running = False
        if self.meters_cpu and task.run.usage is not None:
            task.run.usage.stop_cpu()
        try:
            value = switch_to_loop(awaitable)
        except asyncio.CancelledError:
            self._woken(task)
            raise
        finally:
            task.awaiting = None
            self._enter(task)
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
        turns = self._bridge.turns
        turns.give(task)
        try:
            self._switch(task, TURN, None)
        finally:
            turns.take_back(task)
        if task.alert:
            self._answer(task, waiting=False)

    def breathe(self, steps: int) -> None:
        """The safe point of builtins that compute for long: their tasks inherit it from the main one."""
        if self.rt.limit < 0 and current_runner() is not None:
            usage = self.rt.task.run.usage
            if usage is not None:
                usage.steps += steps - 1
            self.rt.attend(0)

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
        if task.cancel_due or task.killed:
            task.cancel_due = False
            self._cancelled(task)
            self.rt.limit = ATTENTION
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
        if self.rt.limit < 0:
            self.rt.attend(0)
        if left <= 1 or task.cancel_requested:
            raise fault
        if any(scope.expired and scope.is_inside() for scope in task.deadlines):
            raise fault
        return left - 1

    # --- other tasks ---------------------------------------------------------------------------

    def spawn(self, function: Callable[..., Any], *args: Any) -> Task:
        """`spawn`: start script code beside the current task, as part of the same run."""
        started_by: Task = self.rt.task
        task = started_by.child("spawn")
        started_by.spawned += 1
        task.id = f"{started_by.id}:spawn:{started_by.spawned}"
        task.run.handles += 1
        task.number = task.run.handles
        return self.begin(task, function, *args)

    def start(self, function: Callable[[], object]) -> "asyncio.Future[object]":
        """Start a function as a task of the run. The future has its outcome, and cancels it when it is
        cancelled."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()

        def tell(task: Task) -> None:
            if future.done():
                return
            if task.error is not None:
                future.set_exception(task.error)
            elif task.cancelled:
                future.cancel()
            else:
                future.set_result(self.result_of(task))

        task: Task = self.rt.task.child("start")
        task.listeners = (tell,)
        future.add_done_callback(lambda done: self.cancel_task(task) if done.cancelled() else None)
        self.begin(task, function)
        return future

    def join(self, task: Task, timeout_ms: float | None = None) -> None:
        """Wait until a task has ended, however it ends, or for so many milliseconds."""
        if task.ended:
            return
        if task is self.rt.task:
            raise RuntimeFault("await: a task cannot wait for itself")
        waiter = asyncio.get_running_loop().create_future()

        def wake(*_: object) -> None:
            if not waiter.done():
                waiter.set_result(None)

        timer = None if timeout_ms is None else self.rt.clock.call_later(timeout_ms, wake)
        task.listeners = (*task.listeners, wake)
        try:
            self.wait(waiter)
        finally:
            task.listeners = tuple(each for each in task.listeners if each is not wake)
            if timer is not None:
                timer.cancel()

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
        if task.ended:
            return
        if task.starting is not None:
            task.starting.cancel()
            task.cancelled = True
            running = self.running
            self._finish(task)
            self.running = running
            return
        self._cleanup.begin(task)
        self._throw_cancellation(task)

    def _throw_cancellation(self, task: Task) -> None:
        if task.asyncio_task is None or (self.running and self.rt.task is task):
            task.cancel_due = task.alert = True
        else:
            task.asyncio_task.cancel()
        self.rt.limit = ATTENTION

    def _kill(self, task: Task) -> None:
        """It has had time to clean up: from now on whatever it does is cancelled."""
        task.killed = task.alert = True
        self._throw_cancellation(task)

    def tasks_of(self, root: Task) -> list[Task]:
        """The tasks that a run has started and that have not ended."""
        return list(root.run.started)

    async def end_all(self, tasks: Iterable[Task]) -> None:
        """Cancel these tasks and wait until they have ended. Being cancelled meanwhile is put off until
        then: they end soon, since what does not clean up in time is stopped."""
        left = {task: None for task in tasks if not task.ended}
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        cancelled: asyncio.CancelledError | None = None

        def ended(task: Task) -> None:
            left.pop(task, None)
            if not left and not over.done():
                over.set_result(None)

        for task in list(left):
            task.listeners = (*task.listeners, ended)
            self.cancel_task(task)
        while left:
            try:
                await over
            except asyncio.CancelledError as error:
                cancelled = error
                over = asyncio.get_running_loop().create_future()
        if cancelled is not None:
            raise cancelled

    def end_run(self, run: Run, reason: BaseException) -> None:
        """End a run because of what happened in one of its tasks: the run raises that."""
        if run.fatal is None:
            run.fatal = reason
        self.cancel_task(run.main)

    def limit_reached(self, run: Run, stop: LimitStop) -> None:
        """The task that runs now is about to raise `stop`: whatever it makes of that, the run ends."""
        if run.fatal is None:
            run.fatal = stop
        task: Task = self.rt.task
        self._cancelled(task)
        if task is not run.main:
            self.cancel_task(run.main)

    async def _end_all_of(self, run: Run) -> None:
        """End what a run has started, and what that starts while it cleans up."""
        cancelled: asyncio.CancelledError | None = None
        while run.started:
            try:
                await self.end_all(run.started)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
