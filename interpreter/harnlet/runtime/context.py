"""The run-time state that generated code and builtins reach as `rt`: one for each interpreter."""

from collections.abc import Awaitable, Callable, Set
from typing import Any, Final, TypeVar, final

from harnlet.errors.faults import DepthFault
from harnlet.runtime.limits import Limits

_State = TypeVar("_State")

_ATTENTION: Final = -2
"""What the flag `limit` is when somebody wants the script's attention: less than any call depth. -1 is
that of a function which hands its tail calls to its caller."""


@final
class Runtime:
    """What a running script needs from its interpreter.

    Generated code reads one of the `flags` at each safe point: `stop` at loop back-edges, and `limit`, the
    deepest call allowed, at function entries. It finds them as Python finds its builtins, which costs half
    of what an attribute of this object does, and all programs of the interpreter share them. Any thread may
    call `want_attention`; everything else belongs to the thread of the event loop.
    """

    __slots__ = (
        "builtin_names",
        "capabilities",
        "clock",
        "constant_names",
        "depth_limit",
        "flags",
        "limits",
        "notice",
        "scheduler",
        "services",
        "states",
        "task",
        "usage",
        "wait",
        "wanted",
        "watched",
        "write",
    )

    def __init__(
        self,
        write: Callable[[str], None],
        capabilities: frozenset[str] = frozenset(),
        limits: Limits | None = None,
    ) -> None:
        self.limits = Limits() if limits is None else limits
        self.depth_limit = self.limits.depth
        self.watched = self.limits.steps is not None or self.limits.is_watchful
        """Whether every safe point is to be counted. Then the flag `stop` is the countdown of the run whose
        code runs (`Usage`), or true, and each entry of a function comes to `attend`."""
        self.usage: Any = None
        """What that run uses, if it is watched."""
        self.wanted = False
        """Whether attention is wanted. Only then the scheduler is asked what for."""
        self.flags: dict[str, Any] = {
            "stop": self.watched,
            "limit": _ATTENTION if self.watched else self.depth_limit,
        }
        self.write = write
        self.capabilities = capabilities
        self.builtin_names: Set[str] = frozenset()
        self.constant_names: frozenset[str] = frozenset()
        self.clock: Any = None
        self.states: dict[Any, Any] = {}
        self.services: Any = None
        self.scheduler: Any = None
        """The `harnlet.sched.scheduler.Scheduler` that runs the tasks of this interpreter."""
        self.task: Any = None
        """The `harnlet.sched.task.Task` whose code runs now."""
        self.wait: Callable[[Awaitable[Any]], Any] = _cannot_wait
        """Wait for an awaitable in the current task only; set by the scheduler."""
        self.notice: Callable[[], None] = _nothing
        """What a safe point does when attention is wanted; set by the scheduler."""

    def attend(self, depth: int) -> None:
        """A safe point that found something: too deep a call, or somebody who wants attention.

        Raises DepthFault, and whatever the scheduler raises into the task: a deadline, a limit, a
        cancellation.
        """
        if depth > self.depth_limit:
            raise DepthFault
        # In this order, so that what another thread wants meanwhile is found here or next time.
        if self.watched:
            usage = self.usage
            if usage is not None:
                if not self.wanted and not usage.tick():
                    return
                self.flags["stop"] = usage.countdown
        else:
            self.flags["stop"] = False
            self.flags["limit"] = self.depth_limit
        wanted = self.wanted
        if wanted:
            self.wanted = False
        if self.task is not None and self.task.run.usage is not None:
            self.task.run.usage.look(wanted)
        if wanted:
            self.notice()

    def watch(self, usage: Any) -> None:
        """From now on the code of that run runs, whose safe points are counted."""
        self.usage = usage
        if usage is not None:
            self.flags["stop"] = usage.countdown
            if self.wanted:
                self.flags["stop"] = True

    def want_attention(self) -> None:
        """Make the running script come to its scheduler at the next safe point. From any thread."""
        self.wanted = True
        self.flags["stop"] = True
        self.flags["limit"] = _ATTENTION

    def state(self, factory: Callable[[], _State]) -> _State:
        """The state that a family of builtins keeps for this interpreter, made on first use."""
        state = self.states.get(factory)
        if state is None:
            state = self.states[factory] = factory()
        found: _State = state
        return found

    @property
    def argv(self) -> list[object]:
        """The arguments of the run whose code runs now."""
        found: list[object] = [] if self.task is None else self.task.run.argv
        return found

    @property
    def session_id(self) -> str:
        """The session that the current task belongs to, or ""."""
        return "" if self.task is None else str(self.task.session_id)

    @property
    def call_id(self) -> str:
        """The tool call that the current task is part of, or ""."""
        return "" if self.task is None else str(self.task.call_id)


def _cannot_wait(awaitable: Awaitable[Any]) -> Any:
    raise RuntimeError("nothing can wait here: no scheduler is attached")


def _nothing() -> None:
    """Nobody wants anything."""
