"""The scheduler of one interpreter: runs script code as tasks, each in a greenlet.

Structured: every task belongs to the run that started it, and none outlives it. Rules:
docs/language.md#concurrency-syntax, docs/architecture.md#async.
"""

import asyncio
import contextvars
from collections.abc import Callable, Iterable
from typing import Any

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.breath import SAFE_POINT
from harnlet.runtime.builtin import tasks_of_run
from harnlet.runtime.context import Runtime
from harnlet.runtime.limits import LimitStop, ScriptExit, stop_run
from harnlet.runtime.metering import usage_of
from harnlet.sched.bridge import ENDED
from harnlet.sched.frames import release_locals
from harnlet.sched.slices import Slices
from harnlet.sched.task import Run, Task
from harnlet.sched.ticker import TICKER


class Scheduler(Slices):
    """Starts and ends tasks. Belongs to the event loop of its interpreter."""

    def __init__(self, rt: Runtime) -> None:
        super().__init__(rt)
        self.live = 0
        """How many tasks there are besides main ones."""
        self.most_tasks = rt.limits.tasks
        rt.scheduler = self
        rt.states[tasks_of_run] = self.start
        TICKER.add(self)

    def close(self) -> None:
        """No more script code will run."""
        TICKER.remove(self)

    # --- the life of a task --------------------------------------------------------------------

    def new_task(self, label: str, session_id: str = "", call_id: str = "") -> Task:
        """A main task that has not started."""
        task = Task("root" if label == "pipeline" else label, session_id, call_id)
        task.begun = True
        return task

    async def run(self, task: Task, function: Callable[..., Any], *args: Any) -> Any:
        """Run script code as the main task of a run, in the current asyncio task.

        When it has ended, so has everything that it started. Raises what the code raises, what ended
        the run in another of its tasks, and CancelledError.
        """
        task.asyncio_task = asyncio.current_task()
        try:
            value = await self.bridge.run(self._main, task, function, args)
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
        self.enter(task)
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
        run = task.run
        run.gate.begin(self._start, task, function, args, context)
        run.started[task] = None
        self.live += 1
        return task

    def _start(
        self, task: Task, function: Callable[..., Any], args: tuple[Any, ...], context: contextvars.Context
    ) -> None:
        if task.ended:
            return  # Cancelled before its first turn.
        task.begun = True
        runner, awaitable = self.bridge.enter(self._beside, task, function, args, context)
        if awaitable is ENDED:
            self.bridge.leave(runner)
        else:
            coroutine = self.bridge.go_on(task, runner, awaitable)
            task.asyncio_task = asyncio.get_running_loop().create_task(coroutine, context=context)

    def _beside(self, task: Task, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """The life of any other task. It keeps its outcome: whoever awaits it gets that, nobody has to."""
        self.enter(task)
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

    def _finish(self, task: Task) -> None:
        self.running = False
        if self.meters_cpu and task.run.usage is not None:
            task.run.usage.stop_cpu()
        task.ended = True
        if task.computing_since is not None:
            task.run.gate.computed(task)
        if task.cancel_requested:
            self.cleanup.end(task)
            if task.stop is not None and task.stop.timer is not None:
                task.stop.timer.cancel()
        started = task.run.started
        if task in started:
            del started[task]
            self.live -= 1
        for listener in task.listeners:
            listener(task)

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
        if not task.begun:
            task.cancelled = True
            running = self.running
            self._finish(task)
            self.running = running
            return
        self.cleanup.begin(task)
        self.throw_cancellation(task)

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
