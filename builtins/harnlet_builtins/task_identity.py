"""Which task this is, and the values that belong to it (docs/builtins.md#task-identity)."""

from typing import Any

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import builtin
from harnlet.sched.task import Task
from harnlet_builtins.supervision import SupervisorsOfRun

_NOT_APPLICABLE = (
    "agent_name",
    "binding_key",
    "capacity_class",
    "parent_agent_session_id",
    "provider",
    "run_id",
    "runner",
    "scheduler_key",
    "scope_id",
    "span_id",
    "stage_id",
    "tenant_id",
    "trace_id",
    "trigger_event_id",
    "trigger_id",
    "worker_id",
    "workflow_id",
)


def context_of(rt: Any) -> dict[str, object]:
    """What `runtime_context()` returns."""
    task: Task = rt.task
    session = task.session_id or None
    ancestry = rt.services.sessions.ancestry(session) if session is not None else None
    cancelled = task.cancel_requested
    return {
        **dict.fromkeys(_NOT_APPLICABLE),
        "task_id": task.id,
        "parent_task_id": None if task.parent is None else task.parent.id,
        "root_task_id": task.root.id,
        "task_name": task.name,
        "task_group_id": task.group_id,
        "agent_session_id": session,
        "parent_agent_session_id": None if ancestry is None else ancestry.get("parent_id"),
        "root_agent_session_id": session if ancestry is None else ancestry.get("root_id", session),
        "context_values": dict(task.values),
        "cancelled": cancelled,
        "debug": {
            "cancelled": cancelled,
            "waiting_reason": None,
            "active_task_ids": sorted(each.id for each in task.run.started),
            "held_synchronization": [],
            "supervisors": sorted(task.run.state(SupervisorsOfRun).by_id),
        },
    }


@builtin("runtime_context()", section="14.3", context=True)
def runtime_context(rt: Any) -> dict[str, object]:
    """Ids of the current task and of what it belongs to; nil where there is none."""
    return context_of(rt)


@builtin("task_current()", section="14.3", context=True)
def task_current(rt: Any) -> dict[str, object]:
    """The same as `runtime_context()`."""
    return context_of(rt)


def _key(name: str, key: object) -> str:
    if type(key) is not str:
        raise RuntimeFault(f"{name}: first argument must be a string key")
    return key


@builtin("runtime_context_values()", section="14.3", context=True)
def runtime_context_values(rt: Any) -> dict[str, object]:
    """The values of the current task; a task starts with those of the task that started it."""
    return dict(rt.task.values)


@builtin("runtime_context_get(key, default?)", section="14.3", context=True)
def runtime_context_get(rt: Any, key: object = None, default: object = None) -> object:
    """One value of the current task."""
    values: dict[str, object] = rt.task.values
    return values.get(_key("runtime_context_get", key), default)


@builtin("runtime_context_set(key, value)", section="14.3", context=True)
def runtime_context_set(rt: Any, key: object = None, value: object = None) -> object:
    """Set a value of the current task, and of those it starts from now on; the value before."""
    name = _key("runtime_context_set", key)
    task: Task = rt.task
    before = task.values.get(name)
    task.values = {**task.values, name: value}
    return before


@builtin("runtime_context_clear(key)", section="14.3", context=True)
def runtime_context_clear(rt: Any, key: object = None) -> object:
    """Forget a value of the current task; the value it had."""
    name = _key("runtime_context_clear", key)
    task: Task = rt.task
    before = task.values.get(name)
    task.values = {other: value for other, value in task.values.items() if other != name}
    return before
