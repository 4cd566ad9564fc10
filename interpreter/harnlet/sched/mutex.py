"""`mutex { ... }`: one lock of the interpreter, held while the block runs.

Rules: docs/language.md#mutex.
"""

from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harnlet.sched.scheduler import Scheduler


class MutexScope:
    """The context manager around the block. The lock is not re-entrant for different tasks; a task that
    holds it already goes on."""

    __slots__ = ("entered", "scheduler")

    def __init__(self, scheduler: "Scheduler") -> None:
        self.scheduler = scheduler
        self.entered = False

    def __enter__(self) -> None:
        scheduler = self.scheduler
        task = scheduler.rt.task
        if scheduler.mutex_holder is task:
            return
        scheduler.wait(scheduler.mutex.acquire())
        scheduler.mutex_holder = task
        self.entered = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.entered:
            self.scheduler.mutex_holder = None
            self.scheduler.mutex.release()

