"""Tasks: what `spawn` returns, and what the scheduler knows about each running piece of script."""

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, final

from harnlet.runtime.values import Handle

if TYPE_CHECKING:
    from harnlet.sched.deadline import DeadlineScope


@final
class Task(Handle):
    """One task of a script. `number` counts the tasks of an interpreter; 0 is a run's main task."""

    __slots__ = (
        "asyncio_task",
        "call_id",
        "cancel_requested",
        "deadlines",
        "interruption",
        "label",
        "number",
        "root",
        "session_id",
        "taken",
    )
    type_name: ClassVar[str] = "task_handle"

    def __init__(self, number: int, label: str, session_id: str = "", call_id: str = "") -> None:
        self.number = number
        self.label = label
        self.session_id = session_id
        self.call_id = call_id
        self.asyncio_task: asyncio.Task[Any] | None = None
        self.root: Task | None = None
        """The main task of the run that it belongs to; None for that one itself."""
        self.taken = False
        """Its value was awaited: a second `await` gives nil."""
        self.cancel_requested = False
        self.deadlines: list[DeadlineScope] = []
        self.interruption: DeadlineScope | None = None
        """The deadline on whose behalf the wait of this task is being cancelled."""

    def display(self) -> str:
        return f"<task:vm_task_{self.number}>"

    def same_as(self, other: object) -> bool:
        return self is other
