"""Tasks: what `spawn` returns, and what the scheduler knows about each running piece of script."""

import asyncio
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, final

from harnlet.runtime.values import Handle
from harnlet.sched.turns import Gate

if TYPE_CHECKING:
    from harnlet.runtime.metering import Usage
    from harnlet.sched.deadline import DeadlineScope
    from harnlet.sched.stopping import PoliteStop

ROOT_ID: Final = "task_root"
_NO_VALUES: Final[dict[str, object]] = {}

_State = TypeVar("_State")


@final
class Run:
    """What the tasks of one run of a program share. `main` is the one it began with."""

    __slots__ = ("argv", "fatal", "gate", "handles", "main", "started", "states", "usage")

    def __init__(self, main: "Task") -> None:
        self.main = main
        self.argv: list[Any] = []
        """The script's list `argv`."""
        self.gate = Gate()
        """What its tasks pass to begin and to go on."""
        self.started: dict[Task, None] = {}
        """The other tasks of the run, those that have not ended, in the order in which they began."""
        self.handles = 0
        """How many handles `spawn` has made."""
        self.states: dict[Hashable, Any] = {}
        self.fatal: BaseException | None = None
        """What ends the run although it happened in another task than the main one, or was done away with."""
        self.usage: Usage | None = None
        """What it uses of its interpreter's limits, once it has begun."""

    def state(self, factory: Callable[[], _State]) -> _State:
        """The state that something keeps for the whole run, made on first use."""
        state = self.states.get(factory)
        if state is None:
            state = self.states[factory] = factory()
        found: _State = state
        return found


@final
class Task(Handle):
    """One task of a script.

    `number` counts what `spawn` makes in a run; 0 is every other task. `id`, `group_id` and `name` are
    what `task_current` shows of it (docs/builtins.md#task-identity).
    """

    __slots__ = (
        "alert",
        "asyncio_task",
        "awaiting",
        "begun",
        "call_id",
        "cancel_due",
        "cancel_requested",
        "cancelled",
        "cancels_delivered",
        "computing_since",
        "deadlines",
        "ended",
        "error",
        "group_id",
        "groups",
        "id",
        "interrupted",
        "killed",
        "listeners",
        "name",
        "number",
        "output_tap",
        "parent",
        "run",
        "session_id",
        "spawned",
        "stop",
        "taken",
        "value",
        "values",
    )
    type_name: ClassVar[str] = "task_handle"

    def __init__(self, name: str, session_id: str = "", call_id: str = "", run: Run | None = None) -> None:
        self.name = name
        self.session_id = session_id
        self.call_id = call_id
        self.run = Run(self) if run is None else run
        self.id = ROOT_ID
        self.number = 0
        self.group_id: str | None = None
        self.parent: Task | None = None
        self.asyncio_task: asyncio.Task[Any] | None = None
        """Awaits on its behalf. Most tasks have none until they wait for the first time."""
        self.begun = False
        """Its code runs or has run; of a main task, that it is about to."""
        self.values = _NO_VALUES
        """Task-local values: replaced, never changed, so that tasks started by this one can have them."""
        self.output_tap: Callable[[str], None] | None = None
        """Also told what it prints, and what the tasks that it starts print."""
        self.spawned = self.groups = 0

        self.ended = False
        self.listeners: tuple[Callable[[Task], None], ...] = ()
        """Called with it when it ends."""
        self.value: Any = None
        self.error: Exception | None = None
        self.taken = False
        """Its outcome was given away: a second `await` gives nil."""

        self.deadlines: tuple[DeadlineScope, ...] = ()
        self.awaiting: Any = None
        """What it waits for, None while it computes or must not be interrupted."""
        self.computing_since: float | None = None
        """When it gave the loop its first turn since it waited for anything."""
        self.alert = False
        """There may be something to throw at it: a deadline, a request to stop."""
        self.interrupted = False
        """Its wait was cancelled in order to throw that."""
        self.cancels_delivered = 0
        """How many cancellations of the asyncio task its code has seen."""
        self.cancel_requested = False
        """Somebody asked it to end: what `is_cancelled` says."""
        self.stop: PoliteStop | None = None
        """How far a request to stop politely has come."""
        self.cancel_due = False
        """It is to be thrown a CancelledError at its next wait or safe point."""
        self.cancelled = False
        """It was thrown a CancelledError: whatever it does now, that is how it ends."""
        self.killed = False
        """Every wait and safe point throws a CancelledError: it has had time to clean up."""

    def child(self, name: str) -> "Task":
        """A task that belongs to the same run, started by this one; not numbered, not named yet."""
        task = Task(name, self.session_id, self.call_id, self.run)
        task.parent = self
        task.values = self.values
        task.output_tap = self.output_tap
        return task

    @property
    def root(self) -> "Task":
        """The main task of the run that it belongs to; that one is its own."""
        return self.run.main

    def next_group(self, kind: str) -> str:
        """The id of a group of tasks that this one starts together."""
        self.groups += 1
        return f"{self.id}:{kind}:{self.groups}"

    def display(self) -> str:
        return f"<task:vm_task_{self.number}>"

    def same_as(self, other: object) -> bool:
        return self is other
