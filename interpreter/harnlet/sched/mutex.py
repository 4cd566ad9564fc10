"""`mutex { ... }`: the mutex with the key `__default__`, held while the block runs.

Rules: docs/language.md#mutex.
"""

from types import TracebackType
from typing import TYPE_CHECKING, Final

from harnlet.sched.permits import DEFAULT_MUTEX, Permit, PermitPool, PermitPools
from harnlet.sched.task import Task

if TYPE_CHECKING:
    from harnlet.sched.scheduler import Scheduler

KIND: Final = "mutex"


class MutexHolder:
    """Which task is inside a `mutex` block."""

    __slots__ = ("task",)

    def __init__(self) -> None:
        self.task: Task | None = None


class MutexScope:
    """The context manager around the block. A task that is inside of one already goes on."""

    __slots__ = ("holder", "permit", "scheduler")

    def __init__(self, scheduler: "Scheduler") -> None:
        self.scheduler = scheduler
        self.holder = scheduler.rt.state(MutexHolder)
        self.permit: Permit | None = None

    def __enter__(self) -> None:
        rt = self.scheduler.rt
        if self.holder.task is rt.task:
            return
        pool: PermitPool = rt.state(PermitPools).get(rt, KIND, DEFAULT_MUTEX, 1)
        self.permit = pool.acquire()
        self.holder.task = rt.task

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.permit is not None:
            self.holder.task = None
            self.permit.release()
