"""Shared cells and maps: values that tasks share, with versions for compare-and-set
(docs/builtins.md#shared-cells-maps-mailboxes)."""

from collections.abc import Callable
from typing import Any, final

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.equality import equals
from harnlet_builtins.shared_scopes import (
    Place,
    Store,
    handle_of,
    named_place,
    opened_place,
    scope_of,
    store_for,
    stores,
)

_MISSING = object()


class _Counted:
    """What cells and maps count."""

    __slots__ = ("cas_failures", "cas_successes", "reads", "stale", "version", "writes")

    def __init__(self) -> None:
        self.version = self.reads = self.writes = self.cas_successes = self.cas_failures = self.stale = 0

    def metrics(self) -> dict[str, object]:
        """What `shared_metrics` tells of one."""
        return {
            "version": self.version,
            "read_count": self.reads,
            "write_count": self.writes,
            "cas_success_count": self.cas_successes,
            "cas_failure_count": self.cas_failures,
            "stale_read_count": self.stale,
        }

    def matches(self, current: object, expected: object) -> bool:
        """Whether a compare-and-set may go on: by value, or by a snapshot's value and version."""
        if type(expected) is dict and expected.get("_type") == "shared_snapshot":
            fresh = expected.get("version") == self.version
            if not fresh:
                self.stale += 1
            return fresh and equals(current, expected.get("value"))
        return equals(current, expected)

    def snapshot(self, value: object) -> dict[str, object]:
        """The value with the version at which it was read."""
        self.reads += 1
        return {"_type": "shared_snapshot", "value": value, "version": self.version}


@final
class _Cell(_Counted):
    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


@final
class _Map(_Counted):
    __slots__ = ("entries",)

    def __init__(self, entries: dict[str, object]) -> None:
        super().__init__()
        self.entries = dict(entries)


class _Cells(Store[_Cell]):
    __slots__ = ()


class _Maps(Store[_Map]):
    __slots__ = ()


def _found(rt: Any, name: str, kind: str, factory: Callable[[], Store[Any]], handle: object) -> Any:
    """The one that a call means. A name that nobody has opened in its scope is a fresh one: inside a
    `parallel` item the same name is another cell."""
    place = named_place(rt, name, kind, handle)
    kept = store_for(rt, factory, place).kept
    found = kept.get((place.scope, place.key))
    if found is None:
        found = kept[place.scope, place.key] = _Cell(None) if kind == "shared_cell" else _Map({})
    return found


def _cell(rt: Any, name: str, handle: object) -> _Cell:
    cell: _Cell = _found(rt, name, "shared_cell", _Cells, handle)
    return cell


def _map(rt: Any, name: str, handle: object) -> _Map:
    found: _Map = _found(rt, name, "shared_map", _Maps, handle)
    return found


def _open(
    rt: Any, name: str, factory: Callable[[], Store[Any]], given: object, initial: object
) -> tuple[Store[Any], Place, object, bool]:
    place, options = opened_place(rt, name, given)
    store = store_for(rt, factory, place)
    if type(given) is dict:
        initial = options.get("initial")
    return store, place, initial, (place.scope, place.key) in store.kept


# --- cells --------------------------------------------------------------------------------------


@builtin("shared_cell(key, initial?)", section="14.7", context=True)
def shared_cell(rt: Any, key: object = None, initial: object = None) -> dict[str, object]:
    """Open a cell, or `{key, scope?, initial?, tenant_id?}`; one that is open already keeps its value."""
    store, place, value, known = _open(rt, "shared_cell", _Cells, key, initial)
    if not known:
        store.kept[place.scope, place.key] = _Cell(value)
    return handle_of("shared_cell", place)


@builtin("shared_get(cell)", section="14.7", context=True)
def shared_get(rt: Any, cell: object = None) -> object:
    """The value of a cell."""
    found = _cell(rt, "shared_get", cell)
    found.reads += 1
    return found.value


@builtin("shared_set(cell, value)", section="14.7", context=True)
def shared_set(rt: Any, cell: object = None, value: object = None) -> object:
    """Store a value in a cell; the value before."""
    found = _cell(rt, "shared_set", cell)
    before, found.value = found.value, value
    found.version += 1
    found.writes += 1
    return before


@builtin("shared_snapshot(cell)", section="14.7", context=True)
def shared_snapshot(rt: Any, cell: object = None) -> dict[str, object]:
    """The value of a cell with its version, for `shared_cas`."""
    found = _cell(rt, "shared_snapshot", cell)
    return found.snapshot(found.value)


@builtin("shared_cas(cell, expected, new)", section="14.7", context=True)
def shared_cas(rt: Any, cell: object = None, expected: object = _MISSING, new: object = _MISSING) -> bool:
    """Store `new` if the cell holds `expected`, a value or a snapshot; whether it did."""
    if new is _MISSING:
        raise RuntimeFault("shared_cas: requires handle, expected, and new value")
    found = _cell(rt, "shared_cas", cell)
    if not found.matches(found.value, expected):
        found.cas_failures += 1
        return False
    found.value = new
    found.version += 1
    found.cas_successes += 1
    return True


# --- maps ---------------------------------------------------------------------------------------


@builtin("shared_map(key, initial?)", section="14.7", context=True)
def shared_map(rt: Any, key: object = None, initial: object = None) -> dict[str, object]:
    """Open a map, or `{key, scope?, initial?, tenant_id?}`; one that is open already keeps its entries."""
    store, place, entries, known = _open(rt, "shared_map", _Maps, key, initial)
    if not known:
        store.kept[place.scope, place.key] = _Map(entries if type(entries) is dict else {})
    return handle_of("shared_map", place)


@builtin("shared_map_get(map, key, default?)", section="14.7", context=True)
def shared_map_get(rt: Any, map: object = None, key: object = None, default: object = None) -> object:
    """The value of a key."""
    found = _map(rt, "shared_map_get", map)
    found.reads += 1
    return found.entries.get(display(key), default)


@builtin("shared_map_set(map, key, value)", section="14.7", context=True)
def shared_map_set(rt: Any, map: object = None, key: object = None, value: object = None) -> object:
    """Set a key; the value before."""
    found = _map(rt, "shared_map_set", map)
    name = display(key)
    before = found.entries.get(name)
    found.entries[name] = value
    found.version += 1
    found.writes += 1
    return before


@builtin("shared_map_delete(map, key)", section="14.7", context=True)
def shared_map_delete(rt: Any, map: object = None, key: object = None) -> object:
    """Remove a key; the value it had."""
    found = _map(rt, "shared_map_delete", map)
    name = display(key)
    if name in found.entries:
        found.version += 1
        found.writes += 1
    return found.entries.pop(name, None)


@builtin("shared_map_entries(map)", section="14.7", context=True)
def shared_map_entries(rt: Any, map: object = None) -> dict[str, object]:
    """All entries, as a dict."""
    found = _map(rt, "shared_map_entries", map)
    found.reads += 1
    return dict(found.entries)


@builtin("shared_map_snapshot(map, key)", section="14.7", context=True)
def shared_map_snapshot(rt: Any, map: object = None, key: object = None) -> dict[str, object]:
    """The value of a key with the version of the map, for `shared_map_cas`."""
    found = _map(rt, "shared_map_snapshot", map)
    return found.snapshot(found.entries.get(display(key)))


@builtin("shared_map_cas(map, key, expected, new)", section="14.7", context=True)
def shared_map_cas(
    rt: Any,
    map: object = None,
    key: object = None,
    expected: object = _MISSING,
    new: object = _MISSING,
) -> bool:
    """Set a key to `new` if it has the value `expected`, or a snapshot; nil removes it. Whether it did."""
    if new is _MISSING:
        raise RuntimeFault("shared_map_cas: requires handle, key, expected, and new value")
    found = _map(rt, "shared_map_cas", map)
    name = display(key)
    if not found.matches(found.entries.get(name), expected):
        found.cas_failures += 1
        return False
    if new is None:
        found.entries.pop(name, None)
    else:
        found.entries[name] = new
    found.version += 1
    found.cas_successes += 1
    return True


# --- both ---------------------------------------------------------------------------------------


@builtin("shared_metrics(handle?)", section="14.7", context=True)
def shared_metrics(rt: Any, handle: object = None) -> object:
    """What a cell or a map has counted; without a handle a list of all, with their type, scope and key."""
    if handle is not None:
        is_map = type(handle) is dict and handle.get("_type") == "shared_map"
        found: _Counted = (_map if is_map else _cell)(rt, "shared_metrics", handle)
        return found.metrics()
    listed: list[dict[str, object]] = []
    kinds: tuple[tuple[str, Callable[[], Store[Any]]], ...] = (
        ("shared_cell", _Cells),
        ("shared_map", _Maps),
    )
    for kind, factory in kinds:
        for store in stores(rt, factory):
            for (scope, key), each in store.kept.items():
                listed.append({"_type": kind, "scope": scope, "key": key, **each.metrics()})
    return listed


@builtin("shared_scope_id(scope?, options?)", section="14.7", context=True)
def shared_scope_id(rt: Any, scope: object = None, options: object = None) -> str:
    """The text that the name of a scope stands for here, such as `task_group:task_root`."""
    return scope_of(rt, "shared_scope_id", scope, options if type(options) is dict else {})[0]
