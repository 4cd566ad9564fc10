"""The scheduler of one interpreter: runs script code as asyncio tasks, each with its own greenlet.

Structured: every task belongs to the run that started it, and none outlives it. Rules:
docs/language.md#concurrency-syntax, docs/architecture.md#async.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.context import Runtime
from harnlet.runtime.limits import LimitStop
from harnlet.sched.bridge import YieldOnce, run_bridged, wait
from harnlet.sched.deadline import DeadlineScope
from harnlet.sched.task import Task
from harnlet.sched.ticker import TICKER


class Scheduler:
    """Runs functions of script code. Belongs to the event loop of its interpreter."""

    def __init__(self, rt: Runtime) -> None:
        self.rt = rt
        self.running = False
        self.slices = 0
        self.tasks: set[Task] = set()
        self._numbers = 0
        self._waiting: set[Task] = set()
        self.most_tasks: int | None = None
        self.mutex = asyncio.Lock()
        self.mutex_holder: Task | None = None
        rt.scheduler = self
        rt.wait = self.wait
        rt.notice = self.notice
        TICKER.add(self)

    def close(self) -> None:
        """No more script code will run."""
        TICKER.remove(self)

    def want_attention(self) -> None:
        """See `Runtime.want_attention`."""
        self.rt.want_attention()

    # --- running -------------------------------------------------------------------------------

    async def run(self, task: Task, function: Callable[..., Any], *args: Any) -> Any:
        """Run script code as `task` in the current asyncio task, until it returns or raises."""
        rt = self.rt
        task.asyncio_task = asyncio.current_task()
        def entered() -> None:
            self._waiting.discard(task)
            rt.task = task
            self.slices += 1
            self.running = True
            if TICKER.parked:
                TICKER.unpark()

        try:
            return await run_bridged(function, args, entered)
        finally:
            self.running = False
            self._waiting.discard(task)

    def wait(self, awaitable: Awaitable[Any]) -> Any:
        """Wait in the current task only. A deadline that ends meanwhile is thrown here."""
        task: Task = self.rt.task
        self._waiting.add(task)
        self.running = False
        try:
            return wait(awaitable)
        except asyncio.CancelledError:
            scope = task.interruption
            task.interruption = None
            running = task.asyncio_task
            if scope is None or running is None or running.uncancel() > 0:
                raise
            raise scope.fault() from None

    def interrupt(self, task: Task, scope: DeadlineScope) -> None:
        """A deadline of `task` has ended: wake it if it waits, else have it look at its next safe point."""
        if task in self._waiting and task.asyncio_task is not None:
            task.interruption = scope
            task.asyncio_task.cancel()
        else:
            self.rt.want_attention()

    def notice(self) -> None:
        """At a safe point: throw what a deadline has to say, then let others run."""
        self._check_deadlines()
        self.wait(YieldOnce())
        self._check_deadlines()

    def _check_deadlines(self) -> None:
        for scope in self.rt.task.deadlines:
            if scope.expired and not scope.raised:
                raise scope.fault()

    # --- tasks ---------------------------------------------------------------------------------

    def new_task(self, label: str, session_id: str = "", call_id: str = "") -> Task:
        """A task that has not started. Tasks started by script code inherit the ids of theirs."""
        self._numbers += 1
        return Task(self._numbers, label, session_id, call_id)

    def spawn(
        self, function: Callable[..., Any], *args: Any, label: str = "spawn", parent: Task | None = None
    ) -> Task:
        """Start script code beside `parent`, or the current task, as part of the same run."""
        started_by: Task = self.rt.task if parent is None else parent
        if self.most_tasks is not None and len(self.tasks) >= self.most_tasks:
            raise LimitStop("tasks", len(self.tasks) + 1, self.most_tasks)
        task = self.new_task(label, started_by.session_id, started_by.call_id)
        task.root = started_by.root or started_by
        running = asyncio.get_running_loop().create_task(self.run(task, function, *args))
        task.asyncio_task = running
        self.tasks.add(task)
        running.add_done_callback(lambda done: self._ended(task, done))
        return task

    def _ended(self, task: Task, done: "asyncio.Task[Any]") -> None:
        self.tasks.discard(task)
        if not done.cancelled():
            # Marks the exception as seen: whoever awaits the task gets it, nobody else has to.
            done.exception()

    async def join(self, task: Task) -> None:
        """Wait until a task has ended, however it ends; being cancelled here does not touch it."""
        running = task.asyncio_task
        if running is not None and not running.done():
            await asyncio.wait({running})

    def result_of(self, task: Task) -> Any:
        """The value of a task that has ended: raises its error, nil if it was cancelled."""
        running = task.asyncio_task
        if running is None or running.cancelled():
            return None
        return running.result()

    def await_task(self, task: Task) -> Any:
        """`await(handle)`: the value, once; the task's error is raised here."""
        if task.taken:
            return None
        task.taken = True
        self.wait(self.join(task))
        return self.result_of(task)

    def cancel_task(self, task: Task) -> None:
        """`cancel(handle)`: end a task wherever it is; its `finally` and `defer` blocks run."""
        task.cancel_requested = True
        if task.asyncio_task is not None:
            task.asyncio_task.cancel()
            self.rt.want_attention()

    def tasks_of(self, root: Task) -> set[Task]:
        """The tasks that a run has started and that have not ended."""
        return {task for task in self.tasks if task.root is root}

    async def end_all(self, started: "set[Task]") -> None:
        """Cancel these tasks and wait until they have ended."""
        running = [task.asyncio_task for task in started if task.asyncio_task is not None]
        for one in running:
            one.cancel()
        if running:
            await asyncio.wait(running)


def cancelled_fault() -> Thrown:
    """What a script sees of a task that was cancelled under it."""
    return Thrown("kind:cancelled:VM cancelled by host")
