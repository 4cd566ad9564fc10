"""Groups of tasks that are started together and waited for together: what all forms of `parallel` are
made of (docs/language.md#concurrency-syntax)."""

import asyncio
import contextvars
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from harnlet.errors.faults import TypeFault
from harnlet.runtime.limits import LimitStop
from harnlet.runtime.values import type_name
from harnlet.sched.scheduler import Scheduler
from harnlet.sched.task import Task


class Group:
    """Tasks started together, one for each item, `most` of them at a time (0: all at once).

    `on_end` is called with each that has ended; no more are started once `enough` says so of one.
    `failure` is what kept one from starting.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        name: str,
        items: Sequence[Any],
        body: Callable[..., Any],
        most: int,
        on_end: Callable[[Task], None],
        enough: Callable[[Task], bool] | None = None,
    ) -> None:
        self.scheduler = scheduler
        self.tasks: list[Task] = []
        self.satisfied = False
        self.failure: LimitStop | None = None
        self._parent: Task = scheduler.rt.task
        self._name = name
        self._id = self._parent.next_group(name.replace(" as ", " ").replace(" ", "_"))
        self._body = body
        self._on_end = on_end
        self._enough = enough
        self._items: Iterator[tuple[int, Any]] = enumerate(items)
        self._running = 0
        # Those that start when another has ended see the variables of whoever started the group.
        self._context = contextvars.copy_context()
        for _ in range(min(most, len(items)) if most > 0 else len(items)):
            self._start_next()

    def _start_next(self) -> None:
        index, item = next(self._items, (-1, None))
        if index < 0:
            return
        task = self._parent.child(self._name)
        task.group_id = self._id
        task.id = f"{self._id}:{index}"
        task.listeners = (self._ended,)
        try:
            self.scheduler.begin(task, self._body, item, context=self._context.copy())
        except LimitStop as stop:
            self._items = iter(())
            self.failure = stop
            return
        self._running += 1
        self.tasks.append(task)

    def _ended(self, task: Task) -> None:
        self._running -= 1
        if self._enough is not None and self._enough(task):
            self.satisfied = True
        if not self.satisfied:
            self._start_next()
        self._on_end(task)

    @property
    def over(self) -> bool:
        """Whether nothing more is to be waited for."""
        return self.satisfied or self.failure is not None or self._running == 0

    def stop(self) -> list[Task]:
        """Start no more; those that still run."""
        self._items = iter(())
        return [task for task in self.tasks if not task.ended]


def most_at_once(cap: object) -> int:
    """The `max_concurrent` of a `parallel`; 0 means as many as there are."""
    if type(cap) is not int:
        raise TypeFault(f"parallel max_concurrent must be an int; got {type_name(cap)}")
    return max(cap, 0)


def run_group(
    scheduler: Scheduler,
    name: str,
    items: Sequence[Any],
    body: Callable[..., Any],
    most: int,
    enough: Callable[[Task], bool] | None = None,
) -> list[Task]:
    """Run all items to their end; the tasks, in the order of the items.

    When `enough` says so of one that has ended, or when we are interrupted, the others are cancelled,
    and waited for: nothing goes on behind the caller's back.
    """
    if not items:
        return []
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_end(task: Task) -> None:
        if not over.done() and group.over:
            over.set_result(None)

    group = Group(scheduler, name, items, body, most, on_end, enough)
    try:
        if not group.over:
            scheduler.wait(over)
    finally:
        left = group.stop()
        if left:
            scheduler.wait_undisturbed(scheduler.end_all(left))
    if group.failure is not None:
        raise group.failure
    return group.tasks
