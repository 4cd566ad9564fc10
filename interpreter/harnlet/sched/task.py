"""Tasks: what `spawn` returns, and what the scheduler knows about each running piece of script."""

import asyncio
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, final

from harnlet.runtime.values import Handle

if TYPE_CHECKING:
    from harnlet.sched.deadline import DeadlineScope

ROOT_ID: Final = "task_root"
_NO_VALUES: Final[dict[str, object]] = {}

_State = TypeVar("_State")


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
        "call_id",
        "cancel_requested",
        "cancelled",
        "cancels_delivered",
        "deadlines",
        "error",
        "fatal",
        "group_id",
        "groups",
        "handles",
        "id",
        "interrupted",
        "killed",
        "name",
        "number",
        "output_tap",
        "parent",
        "root",
        "run_states",
        "session_id",
        "spawned",
        "started",
        "stop",
        "taken",
        "value",
        "values",
    )
    type_name: ClassVar[str] = "task_handle"

    def __init__(self, name: str, session_id: str = "", call_id: str = "") -> None:
        self.name = name
        self.session_id = session_id
        self.call_id = call_id
        self.id = ROOT_ID
        self.number = 0
        self.group_id: str | None = None
        self.parent: Task | None = None
        self.root: Task = self
        """The main task of the run that it belongs to; that one is its own."""
        self.asyncio_task: asyncio.Task[Any] | None = None
        self.values = _NO_VALUES
        """Task-local values: replaced, never changed, so that tasks started by this one can have them."""
        self.output_tap: Callable[[str], None] | None = None
        """Also told what it prints, and what the tasks that it starts print."""

        self.value: Any = None
        self.error: Exception | None = None
        self.taken = False
        """Its outcome was given away: a second `await` gives nil."""

        self.deadlines: list[DeadlineScope] = []
        self.awaiting: Any = None
        """What it waits for, None while it computes or must not be interrupted."""
        self.alert = False
        """There may be something to throw at it: a deadline, a request to stop."""
        self.interrupted = False
        """Its wait was cancelled in order to throw that."""
        self.cancels_delivered = 0
        """How many cancellations of the asyncio task its code has seen."""
        self.cancel_requested = False
        """Somebody asked it to end: what `is_cancelled` says."""
        self.stop: Any = None
        """How far a request to stop politely has come (`harnlet.sched.stopping`)."""
        self.cancelled = False
        """Its code was thrown a CancelledError: whatever it does now, that is how it ends."""
        self.killed = False
        """It had time to clean up: every wait and safe point throws again."""

        self.spawned = 0
        self.groups = 0
        self.handles = 0
        """Of a main task: how many handles `spawn` has made in the run."""
        self.started: set[Task] = set()
        """Of a main task: the tasks of the run that have not ended."""
        self.run_states: dict[Hashable, Any] = {}
        self.fatal: BaseException | None = None
        """Of a main task: what ends the run although it happened in another task."""

    def child(self, name: str) -> "Task":
        """A task that belongs to the same run, started by this one; not numbered, not named yet."""
        task = Task(name, self.session_id, self.call_id)
        task.parent = self
        task.root = self.root
        task.values = self.values
        task.output_tap = self.output_tap
        return task

    def next_group(self, kind: str) -> str:
        """The id of a group of tasks that this one starts together."""
        self.groups += 1
        return f"{self.id}:{kind}:{self.groups}"

    def run_state(self, factory: Callable[[], _State]) -> _State:
        """The state that something keeps for the whole run, made on first use."""
        states = self.root.run_states
        state = states.get(factory)
        if state is None:
            state = states[factory] = factory()
        found: _State = state
        return found

    @property
    def ended(self) -> bool:
        """Whether it is over, however it ended."""
        return self.asyncio_task is None or self.asyncio_task.done()

    def display(self) -> str:
        return f"<task:vm_task_{self.number}>"

    def same_as(self, other: object) -> bool:
        return self is other
