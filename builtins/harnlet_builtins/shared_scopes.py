"""Scopes of shared cells, shared maps and mailboxes, and how a call finds the one it means
(docs/builtins.md#shared-cells-maps-mailboxes).

What belongs to a task, a group or a run ends with the run; the scopes that are meant to be seen by all
(`process`, a session, a tenant, a name of one's own) live as long as the interpreter.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, NamedTuple, TypeVar

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.display import display
from harnlet.sched.task import Task

DEFAULT_SCOPE: Final = "task_group"
_BY_GROUP: Final = ("task_group", "workflow", "workflow_local", "workflow_run", "run")
_OF_RUN: Final = ("task", "task_local", "root_task", *_BY_GROUP)

_Kept = TypeVar("_Kept")


class Place(NamedTuple):
    """Where something is kept: the text of its scope, its key, and whether only this run has it."""

    scope: str
    key: str
    of_run: bool


class Store(Generic[_Kept]):
    """Things by scope and key, in the order in which they were opened."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], _Kept] = {}


def stores(rt: Any, factory: "Callable[[], Store[_Kept]]") -> "tuple[Store[_Kept], Store[_Kept]]":
    """The store of the current run, and that of the interpreter."""
    task: Task = rt.task
    return task.run.state(factory), rt.state(factory)


def store_for(rt: Any, factory: "Callable[[], Store[_Kept]]", place: Place) -> "Store[_Kept]":
    """The store in which that place is."""
    own, common = stores(rt, factory)
    return own if place.of_run else common


def scope_of(rt: Any, name: str, scope: object, options: Mapping[str, object]) -> tuple[str, bool]:
    """The text that a scope name stands for, and whether only this run has it.

    Raises RuntimeFault, in the name of the builtin `name`, for a scope that cannot be had.
    """
    task: Task = rt.task
    given = DEFAULT_SCOPE if scope is None else display(scope)
    if given in ("task", "task_local"):
        return f"{given}:{task.id}", True
    if given == "root_task":
        return f"{given}:{task.root.id}", True
    if given in _BY_GROUP:
        return f"{given}:{task.group_id or task.root.id}", True
    if given in ("agent_session", "session"):
        return f"{given}:{task.session_id or task.root.id}", not task.session_id
    if given in ("tenant", "tenant_scoped"):
        tenant = options.get("tenant_id")
        if tenant is None:
            raise RuntimeFault(f"{name}: tenant scope requires tenant_id in options or runtime context")
        return f"{given}:{display(tenant)}", False
    if given in ("process", "global"):
        return f"{given}:process", False
    if given in ("durable", "event_log"):
        raise RuntimeFault(
            f"{name}: durable shared state is explicit; use store_* or agent_state_* APIs"
        )
    if given in ("external", "host"):
        raise RuntimeFault(
            f"{name}: external shared state must be provided by a host/connector builtin"
        )
    return given, False


def opened_place(rt: Any, name: str, given: object) -> tuple[Place, Mapping[str, object]]:
    """The place that an open call means: `(key, ...)` or one dict of options; and the options."""
    options: Mapping[str, object] = given if type(given) is dict else {"key": given}
    key = options.get("key", options.get("name"))
    if key is None or display(key) == "":
        raise RuntimeFault(f"{name}: key/name is required")
    scope, of_run = scope_of(rt, name, options.get("scope"), options)
    return Place(scope, display(key), of_run), options


def handle_of(kind: str, place: Place) -> dict[str, object]:
    """The dict that an open call returns."""
    return {"_type": kind, "scope": place.scope, "key": place.key}


def named_place(rt: Any, name: str, kind: str, handle: object) -> Place:
    """The place that a call means by a handle, or by a bare name in the default scope."""
    if type(handle) is dict:
        scope, key = handle.get("scope"), handle.get("key")
        if handle.get("_type") != kind or type(scope) is not str or type(key) is not str:
            raise RuntimeFault(f"{name}: expected {kind} handle")
        return Place(scope, key, _is_of_run(rt, scope))
    if type(handle) is not str:
        raise RuntimeFault(f"{name}: expected {kind} handle")
    if not handle:
        raise RuntimeFault(f"{name}: name must not be empty")
    scope, of_run = scope_of(rt, name, None, {})
    return Place(scope, handle, of_run)


def _is_of_run(rt: Any, scope: str) -> bool:
    word, _, rest = scope.partition(":")
    if word in ("agent_session", "session"):
        return bool(rest == rt.task.root.id)
    return rest != "" and word in _OF_RUN
