"""`parallel`, `parallel each` and `parallel settle` (docs/language.md#concurrency-syntax)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from harnlet.errors.faults import TypeFault
from harnlet.runtime.faulting import error_text
from harnlet.runtime.values import EnumValue, err, ok, type_name
from harnlet.sched.scheduler import Scheduler
from harnlet.sched.task import Task


class Parallel:
    """The forms of `parallel`, for one scheduler."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler

    def count(self, count: object, body: Callable[..., Any], cap: object) -> list[Any]:
        """`parallel n { i -> ... }`: the results in order; no tasks unless `n` is a positive int."""
        return self._values(range(count) if type(count) is int else (), body, cap, "parallel")

    def each(self, items: object, body: Callable[..., Any], cap: object) -> list[Any] | None:
        """`parallel each xs { x -> ... }`: the results in order; nil for what is no list."""
        return self._values(items, body, cap, "parallel each") if type(items) is list else None

    def settle(self, items: object, body: Callable[..., Any], cap: object) -> dict[str, Any] | None:
        """`parallel settle xs { x -> ... }`: every outcome as a Result, and how many of each."""
        if type(items) is not list:
            return None
        results: list[EnumValue] = []
        failed = 0
        for task in self._all(items, body, cap, "parallel settle"):
            try:
                results.append(ok(self.scheduler.result_of(task)))
            except Exception as error:  # noqa: BLE001: error_text lets what scripts cannot catch travel on
                failed += 1
                results.append(err(error_text(error)))
        return {"results": results, "succeeded": len(results) - failed, "failed": failed}

    def _values(self, items: Sequence[Any], body: Callable[..., Any], cap: object, label: str) -> list[Any]:
        return [self.scheduler.result_of(task) for task in self._all(items, body, cap, label)]

    def _all(self, items: Sequence[Any], body: Callable[..., Any], cap: object, label: str) -> list[Task]:
        """Run all items to their end; the tasks, in order."""
        if cap is not None and type(cap) is not int:
            raise TypeFault(f"parallel max_concurrent must be an int; got {type_name(cap)}")
        most = cap if type(cap) is int and cap > 0 else len(items)
        scheduler = self.scheduler
        parent: Task = scheduler.rt.task
        tasks: list[Task] = []

        async def run_all() -> None:
            pending: set[asyncio.Task[Any]] = set()
            try:
                for item in items:
                    if len(pending) >= most:
                        _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                    task = scheduler.spawn(body, item, label=label, parent=parent)
                    tasks.append(task)
                    assert task.asyncio_task is not None
                    pending.add(task.asyncio_task)
                if pending:
                    await asyncio.wait(pending)
            except asyncio.CancelledError:
                await scheduler.end_all(set(tasks))
                raise

        scheduler.wait(run_all())
        return tasks
