"""The `supervisor_*` builtins (docs/builtins.md#supervisors). How it works: `supervision`."""

from typing import Any

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import callback, is_callable
from harnlet.sched.task import Task
from harnlet.sched.times import milliseconds
from harnlet_builtins.restart_policy import RestartPolicy, parse_policy
from harnlet_builtins.supervision import STRATEGIES, Child, Supervisor, SupervisorsOfRun

_SHUTDOWN_MS = 5000


class _Taps:
    """Whether output goes by the children's ears."""

    def __init__(self) -> None:
        self.installed = False


def _listen_to_output(rt: Any) -> None:
    """Have what a task prints told to its `output_tap`, from the first supervisor on."""
    taps: _Taps = rt.state(_Taps)
    if taps.installed:
        return
    taps.installed = True
    write = rt.write

    def write_and_tell(text: str) -> None:
        write(text)
        task: Task = rt.task
        if task.output_tap is not None:
            task.output_tap(text)

    rt.write = write_and_tell


def _children(given: object, otherwise: RestartPolicy) -> list[Child]:
    if type(given) is not list:
        raise RuntimeFault("supervisor_start: children must be a list")
    if not given:
        raise RuntimeFault("supervisor_start: children must include at least one child")
    return [_child(index, spec, otherwise) for index, spec in enumerate(given)]


def _child(index: int, given: object, otherwise: RestartPolicy) -> Child:
    spec: dict[str, object] = given if type(given) is dict else {}
    name = spec.get("name")
    shown = f"child_{index + 1}" if name is None else display(name)
    body = spec.get("task")
    if not is_callable(body):
        body = spec.get("handler")
    if not is_callable(body):
        raise RuntimeFault(f"supervisor_start: child '{shown}' requires a task closure")
    kind = spec.get("kind")
    lease = spec.get("active_lease")
    return Child(
        index=index,
        name=shown,
        kind="task" if kind is None else display(kind),
        body=callback(body, 1),
        policy=parse_policy(spec.get("restart"), otherwise),
        lease=spec.get("lease") if lease is None else lease,
    )


@builtin("supervisor_start(spec)", section="14.8", context=True)
def supervisor_start(rt: Any, spec: object = None) -> dict[str, object]:
    """Start the children of a spec, `{id?, name?, strategy?, shutdown_ms?, restart?, children}`, each a
    task that is started again when it fails; the handle."""
    if spec is None:
        raise RuntimeFault("supervisor_start: spec is required")
    if type(spec) is not dict:
        raise RuntimeFault("supervisor_start: expected a dict")
    task: Task = rt.task
    supervisors = task.run.state(SupervisorsOfRun)
    id = spec.get("id")
    supervisors.numbers += id is None
    own_id = f"supervisor_{supervisors.numbers}" if id is None else display(id)
    if own_id in supervisors.by_id:
        raise RuntimeFault(f"supervisor_start: supervisor '{own_id}' already exists")
    strategy = "one_for_one" if spec.get("strategy") is None else display(spec["strategy"])
    if strategy not in STRATEGIES:
        raise RuntimeFault(f"supervisor_start: unknown strategy '{strategy}'")
    policy = parse_policy(spec.get("restart"), RestartPolicy())
    children = _children(spec.get("children"), policy)
    shutdown_ms = milliseconds(spec.get("shutdown_ms", spec.get("drain_ms")))
    name = spec.get("name")
    supervisor = Supervisor(
        rt,
        own_id,
        own_id if name is None else display(name),
        strategy,
        _SHUTDOWN_MS if shutdown_ms is None else max(shutdown_ms, 0),
        children,
    )
    supervisors.by_id[own_id] = supervisor
    _listen_to_output(rt)
    supervisor.start()
    return {"_type": "supervisor", "id": supervisor.id, "name": supervisor.name}


def _found(rt: Any, name: str, handle: object) -> Supervisor:
    task: Task = rt.task
    id = handle.get("id") if type(handle) is dict else handle
    found = task.run.state(SupervisorsOfRun).by_id.get(display(id))
    if found is None:
        raise RuntimeFault(f"{name}: unknown supervisor '{display(id)}'")
    return found


@builtin("supervisor_state(supervisor)", section="14.8", context=True)
def supervisor_state(rt: Any, supervisor: object = None) -> dict[str, object]:
    """What a supervisor and its children are doing."""
    return _found(rt, "supervisor_state", supervisor).state()


@builtin("supervisor_metrics(supervisor)", section="14.8", context=True)
def supervisor_metrics(rt: Any, supervisor: object = None) -> dict[str, int]:
    """How many starts, stops, failures, restarts, suppressions and escalations there have been."""
    return dict(_found(rt, "supervisor_metrics", supervisor).metrics)


@builtin("supervisor_events(supervisor)", section="14.8", context=True)
def supervisor_events(rt: Any, supervisor: object = None) -> list[dict[str, object]]:
    """What has happened, oldest first."""
    return list(_found(rt, "supervisor_events", supervisor).events)


@builtin("supervisor_stop(supervisor, timeout?)", section="14.8", effect="suspends", context=True)
def supervisor_stop(rt: Any, supervisor: object = None, timeout: object = None) -> dict[str, object]:
    """Ask the children to end, wait for them up to `timeout`, cancel what is left; the state then."""
    found = _found(rt, "supervisor_stop", supervisor)
    limit_ms = milliseconds(timeout)
    found.stop(found.shutdown_ms if limit_ms is None else limit_ms)
    return found.state()
