"""`deadline d { ... }`: a time limit on a block, for loops as well as for waits.

Rules: docs/language.md#deadline.
"""

from types import TracebackType
from typing import TYPE_CHECKING, Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.values import Duration

if TYPE_CHECKING:
    from harnlet.sched.scheduler import Scheduler

_DEFAULT_MS = 30_000


def limit_ms(limit: object) -> float:
    """The milliseconds of a `deadline`: a duration or a number of ms; anything else means 30 s."""
    if type(limit) is Duration:
        return limit.milliseconds
    if type(limit) is int or type(limit) is float:
        return limit
    return _DEFAULT_MS


class DeadlineScope:
    """The context manager around the block."""

    __slots__ = ("expired", "limit_ms", "raised", "scheduler", "task", "timer")

    def __init__(self, scheduler: "Scheduler", limit: object) -> None:
        self.scheduler = scheduler
        self.limit_ms = limit_ms(limit)
        self.task = scheduler.rt.task
        self.expired = False
        self.raised = False
        self.timer: Any = None

    def __enter__(self) -> None:
        self.task.deadlines.append(self)
        self.timer = self.scheduler.rt.clock.call_later(self.limit_ms, self._expire)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.timer.cancel()
        self.task.deadlines.remove(self)

    def _expire(self) -> None:
        self.expired = True
        self.scheduler.interrupt(self.task, self)

    def fault(self) -> Thrown:
        """What the block's code is thrown, once."""
        self.raised = True
        return Thrown("Deadline exceeded")
