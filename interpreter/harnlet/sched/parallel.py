"""`parallel`, `parallel each` and `parallel settle` (docs/language.md#concurrency-syntax)."""

from collections.abc import Callable, Sequence
from typing import Any

from harnlet.runtime.caps import check_items
from harnlet.runtime.faulting import error_text
from harnlet.runtime.iterators import StreamValue
from harnlet.runtime.values import EnumValue, err, ok
from harnlet.sched.completion import CompletionOrder
from harnlet.sched.group import most_at_once, run_group
from harnlet.sched.scheduler import Scheduler
from harnlet.sched.task import Task


class Parallel:
    """The forms of `parallel`, for one scheduler."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler

    def count(self, count: object, body: Callable[..., Any], cap: object) -> list[Any]:
        """`parallel n { i -> ... }`: the results in order; no tasks unless `n` is a positive int."""
        if type(count) is not int:
            count = 0
        check_items(count)
        return self._values("parallel", range(count), body, cap)

    def each(self, items: object, body: Callable[..., Any], cap: object) -> list[Any] | None:
        """`parallel each xs { x -> ... }`: the results in order; nil for what is no list."""
        return self._values("parallel each", items, body, cap) if type(items) is list else None

    def settle(self, items: object, body: Callable[..., Any], cap: object) -> dict[str, Any] | None:
        """`parallel settle xs { x -> ... }`: every outcome as a Result, and how many of each."""
        if type(items) is not list:
            return None
        results: list[EnumValue] = []
        failed = 0
        for task in self._all("parallel settle", items, body, cap):
            if task.error is None:
                results.append(ok(self.scheduler.result_of(task)))
            else:
                failed += 1
                results.append(err(error_text(task.error)))
        return {"results": results, "succeeded": len(results) - failed, "failed": failed}

    def stream(self, items: object, body: Callable[..., Any], cap: object) -> StreamValue | None:
        """`parallel each xs { x -> ... } as stream`: the results as they come; nil for what is no list.

        The tasks start at once. The first error ends the stream, and that the others; so does leaving
        the loop over it.
        """
        most = most_at_once(cap)
        if type(items) is not list:
            return None
        return StreamValue(CompletionOrder(self.scheduler, items, body, most).values())

    def _values(self, name: str, items: Sequence[Any], body: Callable[..., Any], cap: object) -> list[Any]:
        return [self.scheduler.result_of(task) for task in self._all(name, items, body, cap)]

    def _all(self, name: str, items: Sequence[Any], body: Callable[..., Any], cap: object) -> list[Task]:
        """Run all items to their end; the tasks, in order."""
        return run_group(self.scheduler, name, items, body, most_at_once(cap))
