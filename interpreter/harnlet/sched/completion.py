"""`parallel each … as stream`: results in the order in which they come
(docs/language.md#concurrency-syntax)."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from harnlet.sched.group import Group
from harnlet.sched.scheduler import Scheduler
from harnlet.sched.task import Task


class CompletionOrder:
    """The tasks of one such stream, and those that have ended and were not asked for yet."""

    def __init__(
        self, scheduler: Scheduler, items: Sequence[Any], body: Callable[..., Any], most: int
    ) -> None:
        self._scheduler = scheduler
        self._ended: deque[Task] = deque()
        self._woken: asyncio.Future[None] | None = None
        self._group = Group(scheduler, "parallel each as stream", items, body, most, self._take)

    def _take(self, task: Task) -> None:
        self._ended.append(task)
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def values(self) -> Iterator[object]:
        """The value of each task; an error is raised here, and ends the others."""
        try:
            while True:
                while not self._ended:
                    if self._group.failure is not None:
                        raise self._group.failure
                    if self._group.over:
                        return
                    self._woken = asyncio.get_running_loop().create_future()
                    self._scheduler.wait(self._woken)
                yield self._scheduler.result_of(self._ended.popleft())
        finally:
            for task in self._group.stop():
                self._scheduler.cancel_task(task)
