"""Supervisors: tasks that are started again when they fail (docs/builtins.md#supervisors).

A supervisor is no task of its own: it acts when one of its children ends, and when a timer of the run's
clock says that one is to start. All of it ends with the run.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from harnlet.runtime.faulting import error_text, to_fault
from harnlet.runtime.limits import LimitStop
from harnlet.sched.scheduler import Scheduler
from harnlet.sched.stopping import ask_to_stop
from harnlet.sched.task import Task
from harnlet_builtins.clock import wall_ms
from harnlet_builtins.restart_policy import RestartPolicy

STRATEGIES: Final = ("one_for_one", "one_for_all", "rest_for_one", "escalate_to_parent")
_MOST_EVENTS: Final = 10_000
_OVER: Final = ("stopped", "failed", "suppressed")
_PROPAGATION: Final = "propagation restart"
_STOP: Final = "supervisor stop"


@dataclass(slots=True, eq=False)
class Child:
    """One supervised task, through all its attempts."""

    index: int
    name: str
    kind: str
    body: Callable[..., Any]
    policy: RestartPolicy
    lease: object
    status: str = "pending"
    restarts: int = 0
    last_error: str | None = None
    wait_reason: str | None = None
    next_restart_ms: int | None = None
    task: Task | None = None
    timer: Any = None
    why_ended: str | None = None
    """Why the supervisor itself ends the attempt that runs."""
    delay_ms: int = 0
    """How long after that it is to start again, if it is."""
    failures_ms: list[float] = field(default_factory=list)
    output: list[str] = field(default_factory=list)

    def state(self) -> dict[str, object]:
        """What `supervisor_state` tells of it."""
        return {
            "name": self.name,
            "kind": self.kind,
            "status": self.status,
            "restart_count": self.restarts,
            "last_error": self.last_error,
            "current_wait_reason": self.wait_reason,
            "active_lease": self.lease,
            "next_restart_time": self.next_restart_ms,
        }

    def become(self, status: str, wait_reason: str | None = None) -> None:
        """Change the status; whatever it waited for before, it does no more."""
        self.status = status
        self.wait_reason = wait_reason
        self.next_restart_ms = None
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Supervisor:
    """The children, and what has happened to them."""

    def __init__(
        self, rt: Any, id: str, name: str, strategy: str, shutdown_ms: int, children: list[Child]
    ) -> None:
        self.rt = rt
        self.scheduler: Scheduler = rt.scheduler
        self.id = id
        self.name = name
        self.strategy = strategy
        self.shutdown_ms = shutdown_ms
        self.children = children
        self.status = "running"
        self.metrics = dict.fromkeys(
            ("started", "stopped", "failed", "restarted", "suppressed", "escalated"), 0
        )
        self.events: deque[dict[str, object]] = deque(maxlen=_MOST_EVENTS)
        self._numbers = 0
        self._parent: Task = rt.task
        self._context = contextvars.copy_context()
        self._stopping: dict[asyncio.Future[None], Task] = {}
        """Who waits in `stop`, and by what it is woken."""

    def start(self) -> None:
        """Start all children."""
        main = self._parent.root
        main.listeners = (*main.listeners, self._run_ended)
        self._note("supervisor_started")
        for child in self.children:
            self._start(child, "child_started")

    def state(self) -> dict[str, object]:
        """What `supervisor_state` tells."""
        return {
            "_type": "supervisor_state",
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "strategy": self.strategy,
            "metrics": dict(self.metrics),
            "children": [child.state() for child in self.children],
        }

    def _note(self, kind: str, child: Child | None = None, message: str | None = None) -> None:
        self._numbers += 1
        self.events.append(
            {
                "seq": self._numbers,
                "at_ms": wall_ms(self.rt),
                "supervisor_id": self.id,
                "child": None if child is None else child.name,
                "kind": kind,
                "message": message,
            }
        )

    # --- attempts ------------------------------------------------------------------------------

    def _start(self, child: Child, kind: str) -> None:
        child.become("running")
        task = self._parent.child(f"supervisor {child.kind}")
        task.id = f"{self._parent.id}:supervisor:{self.id}:{child.name}"
        task.group_id = self.id
        child.output = []
        task.output_tap = child.output.append
        task.listeners = (lambda ended: self._ended(child, ended),)
        child.task = task
        child.why_ended = None
        self.metrics["started"] += 1
        self._note(kind, child)
        told = {
            "supervisor_id": self.id,
            "child_name": child.name,
            "child_kind": child.kind,
            "attempt": child.restarts + 1,
            "restart_count": child.restarts,
        }
        try:
            self.scheduler.begin(task, child.body, told, context=self._context.copy())
        except LimitStop as stop:
            # Most attempts are started by a timer: there is no script to raise it to.
            self.scheduler.end_run(task.run, stop)

    def _ended(self, child: Child, task: Task) -> None:
        child.task = None
        if child.output:
            self._note("child_output", child, "".join(child.output))
        if task.error is not None and to_fault(task.error) is None:
            self.scheduler.end_run(task.run, task.error)  # A bug of ours: restarting would only hide it.
        elif child.why_ended is not None or task.cancelled:
            self._stopped(child, child.why_ended)
            if child.why_ended == _PROPAGATION and self.status == "running":
                self._restart(child, child.delay_ms, "propagation_restart")
        elif task.error is not None:
            self._failed(child, error_text(task.error))
        else:
            self._stopped(child, None)
            if child.policy.mode == "always" and self.status == "running":
                self._restart(child, self._delay_ms(child), "restart_backoff")
        self._look_whether_over()

    def _stopped(self, child: Child, message: str | None) -> None:
        self.metrics["stopped"] += 1
        child.become("stopped")
        self._note("child_stopped", child, message)

    def _failed(self, child: Child, text: str) -> None:
        self.metrics["failed"] += 1
        child.last_error = text
        child.become("failed")
        self._note("child_failed", child, text)
        if self.status != "running":
            return
        if self.strategy == "escalate_to_parent":
            self.metrics["escalated"] += 1
            self.status = "escalated"
            self._note("child_escalated", child, "failure escalated to parent supervisor")
            self._end_attempts(self.children, _STOP)
            self._give_up_waiting()
        elif child.policy.mode != "never" and not self._reached_cap(child):
            delay_ms = self._delay_ms(child)
            others: list[Child] = []
            if self.strategy != "one_for_one":
                first = 0 if self.strategy == "one_for_all" else child.index
                others = [each for each in self.children[first:] if each.status == "running"]
            for each in others:
                each.delay_ms = delay_ms
            self._end_attempts(others, _PROPAGATION)
            self._restart(child, delay_ms, "restart_backoff")

    def _reached_cap(self, child: Child) -> bool:
        """Whether a failure is one too many in the window; what comes of that."""
        policy = child.policy
        now_ms: float = self.rt.clock.monotonic_ms()
        child.failures_ms = [at for at in child.failures_ms if now_ms - at < policy.window_ms]
        child.failures_ms.append(now_ms)
        if policy.max_restarts is None or len(child.failures_ms) <= policy.max_restarts:
            return False
        self.metrics["suppressed"] += 1
        if policy.circuit_open_ms is None:
            child.become("suppressed", "restart_cap_exceeded")
            self._note("child_suppressed", child, "restart cap reached")
            return True
        child.become("circuit_open", "circuit_open")
        self._note("child_suppressed", child, "restart cap reached; circuit opened")

        def close_circuit() -> None:
            child.failures_ms = []
            child.restarts = 0
            self._start(child, "child_restart_started")

        self._later(child, policy.circuit_open_ms, close_circuit)
        return True

    @staticmethod
    def _delay_ms(child: Child) -> int:
        return child.policy.delay_ms(child.index, child.restarts)

    def _restart(self, child: Child, delay_ms: int, reason: str) -> None:
        child.become("waiting", reason)
        child.restarts += 1
        self.metrics["restarted"] += 1
        self._note("child_restarted", child, f"scheduled after {delay_ms}ms")
        self._later(child, delay_ms, partial(self._start, child, "child_restart_started"))

    def _later(self, child: Child, delay_ms: int, action: Callable[[], None]) -> None:
        child.next_restart_ms = wall_ms(self.rt) + delay_ms
        child.timer = self.rt.clock.call_later(delay_ms, action)

    def _end_attempts(self, children: Iterable[Child], why: str) -> None:
        for child in children:
            if child.task is not None:
                child.why_ended = why
                self.scheduler.cancel_task(child.task)

    # --- the end -------------------------------------------------------------------------------

    def _look_whether_over(self) -> None:
        for drained, asking in self._stopping.items():
            if not drained.done() and not self._active(asking):
                drained.set_result(None)
        if self.status == "running" and all(child.status in _OVER for child in self.children):
            self.status = "completed"
            self._note("supervisor_completed")

    def _active(self, asking: Task) -> list[Task]:
        """The attempts that run, but for the one that asks."""
        running = [child.task for child in self.children if child.task is not None]
        return [task for task in running if task is not asking]

    def _give_up_waiting(self) -> None:
        for child in self.children:
            if child.task is None and child.status not in _OVER:
                child.become("stopped")

    def stop(self, timeout_ms: float) -> None:
        """Ask all children to end, wait for them, cancel what is left."""
        if self.status == "stopped":
            return
        self.status = "draining"
        self._note("supervisor_stopping")
        asking: Task = self.rt.task
        for child in self.children:
            if child.task is not None:
                child.become("draining", "shutdown")
                child.why_ended = _STOP
                ask_to_stop(self.scheduler, child.task)
        self._give_up_waiting()
        if timeout_ms > 0 and self._active(asking):
            self._wait_until_drained(asking, timeout_ms)
        left = self._active(asking)
        if left:
            self.scheduler.wait_undisturbed(self.scheduler.end_all(left))
        self.status = "stopped"
        self._note("supervisor_stopped", None, "forced" if left else "drained")

    def _wait_until_drained(self, asking: Task, timeout_ms: float) -> None:
        drained: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def give_up() -> None:
            if not drained.done():
                drained.set_result(None)

        self._stopping[drained] = asking
        timer = self.rt.clock.call_later(timeout_ms, give_up)
        try:
            self.rt.wait(drained)
        finally:
            timer.cancel()
            del self._stopping[drained]

    def _run_ended(self, _: Task) -> None:
        if self.status == "running":
            self.status = "stopped"
        self._give_up_waiting()


class SupervisorsOfRun:
    """The supervisors of a run, by id."""

    def __init__(self) -> None:
        self.by_id: dict[str, Supervisor] = {}
        self.numbers = 0
