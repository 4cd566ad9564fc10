"""`deadline d { ... }`: a time limit on a block, for loops as well as for waits.

Rules: docs/language.md#deadline.
"""

import sys
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final

from harnlet.errors.faults import Thrown
from harnlet.sched.bridge import ScriptGreenlet, current_runner
from harnlet.sched.times import milliseconds

if TYPE_CHECKING:
    from harnlet.sched.scheduler import Scheduler

OTHER_LIMIT_MS: Final = 30_000
"""The limit when what is given is neither a duration nor an int."""


class DeadlineScope:
    """The context manager around the block. What it throws is thrown once: a `catch` inside the block
    may clean up. But no `retry` inside begins another attempt after it."""

    __slots__ = ("expired", "frame", "limit_ms", "raised", "runner", "scheduler", "task", "timer")

    def __init__(self, scheduler: "Scheduler", limit: object) -> None:
        self.scheduler = scheduler
        given = milliseconds(limit)
        self.limit_ms = OTHER_LIMIT_MS if given is None else given
        self.task = scheduler.rt.task
        self.expired = False
        self.raised = False
        self.timer: Any = None
        self.frame: FrameType | None = None
        self.runner: ScriptGreenlet | None = None

    def __enter__(self) -> None:
        # The block's own frame: a generator with a deadline may be suspended when it ends, and then
        # its consumer's code is none of the deadline's business.
        self.frame = sys._getframe(1)
        self.runner = current_runner()
        self.task.deadlines = (*self.task.deadlines, self)
        if self.limit_ms <= 0:
            self._expire()
        else:
            self.timer = self.scheduler.rt.clock.call_later(self.limit_ms, self._expire)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.timer is not None:
            self.timer.cancel()
        self.frame = self.runner = None
        self.task.deadlines = tuple(scope for scope in self.task.deadlines if scope is not self)

    def _expire(self) -> None:
        self.expired = True
        if self.is_inside():
            self.scheduler.alert(self.task)
        else:
            self.task.alert = True

    def is_inside(self) -> bool:
        """Whether the task is in the block now, or in what the block called."""
        if self.runner is None:
            return False
        # A greenlet that runs has no frame to show.
        frame: FrameType | None = self.runner.gr_frame or sys._getframe()
        while frame is not None and frame is not self.frame:
            frame = frame.f_back
        return frame is not None

    def fault(self) -> Thrown:
        """What the block's code is thrown, once."""
        self.raised = True
        return Thrown("Deadline exceeded")
