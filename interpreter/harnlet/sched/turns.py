"""Turns: whose code may run while a task that computes lets the event loop go round.

Scripts are promised that plain code is never interrupted: other tasks run only when one waits
(docs/builtins.md#concurrency-runtime). The host is promised that no script keeps it waiting. So a turn
that a computing task gives is for the host and for other runs at first; only when it has computed for
`OWN_SECONDS` the other tasks of its own run get their turn, too, so that they can cancel it.
"""

import time
from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from harnlet.sched.task import Run, Task

OWN_SECONDS: Final = 0.025
"""Processor time of the thread, so that a busy machine changes nothing."""


@final
class Turns:
    """`holders` are the tasks that are giving such a turn to the loop now, by run."""

    __slots__ = ("holders",)

    def __init__(self) -> None:
        self.holders: dict[Run, Task] = {}

    def keeps_out(self, task: "Task") -> bool:
        """Whether `task`, which is ready to go on, has to wait for the next turn."""
        return self.holders.get(task.run, task) is not task

    def give(self, task: "Task") -> None:
        """`task` computes, and gives the loop a turn."""
        now = time.thread_time()
        if task.computing_since is None:
            task.computing_since = now
        if now - task.computing_since < OWN_SECONDS:
            self.holders[task.run] = task

    def take_back(self, task: "Task") -> None:
        """Its turn is over."""
        self.holders.pop(task.run, None)
