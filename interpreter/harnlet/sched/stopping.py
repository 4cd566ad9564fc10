"""How a task is asked to end, and made to.

Asking politely (`cancel_graceful`, `supervisor_stop`) throws a string that the script may catch: at the
task's next wait, or after a grace at its next safe point. A task that looks at `is_cancelled()` is given
the grace at waits, too, and one that has seen the request is left alone. Cancelling (`cancel`, the
host, a limit) throws what no `catch` sees; when the task's `finally` blocks have not ended by
`CLEANUP_MS`, everything they do throws again. Rules: docs/builtins.md#spawn-await-cancel,
docs/language.md#harnlets-own-decisions.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from harnlet.errors.faults import Thrown
from harnlet.runtime.context import Runtime
from harnlet.runtime.faulting import error_text
from harnlet.runtime.values import EnumValue, err, ok

if TYPE_CHECKING:
    from harnlet.sched.scheduler import Scheduler
    from harnlet.sched.task import Task

GRACE_MS: Final = 250
"""How long a task that computes, or that looks at `is_cancelled()`, has until the request is thrown."""

CLEANUP_MS: Final = 2000
"""How long the `finally` and `defer` blocks of a cancelled task may take."""

_AGAIN_MS: Final = 50


def cancelled_fault() -> Thrown:
    """What a script is thrown when it is asked to end."""
    return Thrown("kind:cancelled:VM cancelled by host")


class PoliteStop:
    """One request, or the fact that a task looks for one."""

    __slots__ = ("at_safe_points", "at_waits", "looks", "seen", "thrown", "timer")

    def __init__(self) -> None:
        self.looks = False
        self.seen = False
        self.at_waits = False
        self.at_safe_points = False
        self.thrown = False
        self.timer: Any = None

    def is_due(self, waiting: bool) -> bool:
        """Whether it is to be thrown now, and has not been."""
        return not self.seen and not self.thrown and (self.at_waits if waiting else self.at_safe_points)


def ask_to_stop(scheduler: "Scheduler", task: "Task") -> None:
    """Ask a task politely; asking twice is asking once."""
    if task.cancel_requested or task.ended:
        return
    task.cancel_requested = True
    stop = task.stop = task.stop or PoliteStop()
    stop.at_waits = not stop.looks

    def grace_over() -> None:
        stop.at_waits = stop.at_safe_points = True
        if stop.is_due(waiting=True):
            scheduler.alert(task)

    stop.timer = scheduler.rt.clock.call_later(GRACE_MS, grace_over)
    if stop.at_waits:
        scheduler.alert(task)


def look_for_stop(task: "Task") -> bool:
    """`is_cancelled()`: whether the task was asked to end; from now on it is known to look."""
    stop = task.stop = task.stop or PoliteStop()
    stop.looks = True
    stop.seen = stop.seen or task.cancel_requested
    return task.cancel_requested


def cancel_gracefully(scheduler: "Scheduler", task: "Task", timeout_ms: float) -> EnumValue:
    """`cancel_graceful(handle)`: ask a task to end, wait for it, say how it ended."""
    if task.taken:
        return ok(None)
    if not task.ended:
        ask_to_stop(scheduler, task)
        if timeout_ms > 0:
            scheduler.join(task, timeout_ms)
    return _taken(scheduler, task)


def _taken(scheduler: "Scheduler", task: "Task") -> EnumValue:
    if task.taken:  # By somebody else, while we waited.
        return ok(None)
    task.taken = True
    if not task.ended:
        scheduler.cancel_task(task)
        return err("cancel_graceful: timeout, task forcefully aborted")
    if task.error is not None:
        return err(error_text(task.error))
    return err(error_text(cancelled_fault())) if task.cancelled else ok(scheduler.result_of(task))


class Cleanup:
    """The tasks that were cancelled and have not ended; one timer for all of them."""

    __slots__ = ("_due_ms", "_kill", "_rt", "_timer")

    def __init__(self, rt: Runtime, kill: Callable[["Task"], None]) -> None:
        self._rt = rt
        self._kill = kill
        self._due_ms: dict[Task, float] = {}
        self._timer: Any = None

    def begin(self, task: "Task") -> None:
        """A task was thrown its cancellation: from now on its time runs."""
        clock = self._rt.clock
        self._due_ms.setdefault(task, clock.monotonic_ms() + CLEANUP_MS)
        if self._timer is None:
            self._timer = clock.call_later(CLEANUP_MS, self._look)

    def end(self, task: "Task") -> None:
        """It has ended."""
        if self._due_ms.pop(task, None) is not None and not self._due_ms and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        clock = self._rt.clock
        now_ms = clock.monotonic_ms()
        for task, due_ms in list(self._due_ms.items()):
            if task.ended:
                del self._due_ms[task]
            elif due_ms <= now_ms:
                self._kill(task)
        if self._due_ms:
            pause_ms = max(min(self._due_ms.values()) - now_ms, _AGAIN_MS)
            self._timer = clock.call_later(pause_ms, self._look)
