"""What scripts remember from run to run: the store of a project, and the checkpoints of a script.

Both are files that are read once and written whole on every change.
Rules: docs/builtins.md#store-checkpoint-metadata-project.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from harnlet.runtime.builtin import builtin
from harnlet_builtins.calling import calling_files
from harnlet_builtins.disk import on_disk
from harnlet_builtins.permission import SystemContext
from harnlet_builtins.state_files import as_json, project_place, read_state, shown, write_state

Entries: TypeAlias = dict[str, object]


class _Loaded:
    """The files that a run has read, by path; one of its tasks at a time reads or writes."""

    def __init__(self) -> None:
        self.files: dict[str, Entries] = {}
        self.turn = asyncio.Lock()


def _store_path(rt: SystemContext, name: str) -> str:
    return os.path.join(project_place(rt, name).state, "store.json")


def _checkpoint_path(rt: SystemContext, name: str) -> str:
    """Checkpoints belong to the script that runs, not to the modules that it imports."""
    script = calling_files()[-1:] or ["script"]
    stem = os.path.splitext(os.path.basename(script[0]))[0].strip("<>") or "script"
    return os.path.join(project_place(rt, name).state, "checkpoints", f"{stem}.json")


def _entries(rt: SystemContext, name: str, path: str) -> Entries:
    """What is in a file."""

    async def read() -> Entries:
        loaded = rt.state(_Loaded)
        async with loaded.turn:
            if path not in loaded.files:
                loaded.files[path] = await on_disk(name, read_state, path)
            return loaded.files[path]

    found: Entries = rt.wait(read())
    return found


def _change(rt: SystemContext, name: str, path: str, change: Callable[[Entries], Entries]) -> None:
    """Write a file anew. Nothing has changed when that fails."""

    async def written() -> None:
        loaded = rt.state(_Loaded)
        async with loaded.turn:
            entries = change(loaded.files[path])
            await on_disk(name, write_state, path, entries)
            loaded.files[path] = entries

    _entries(rt, name, path)
    rt.wait(written())


def _put(rt: SystemContext, name: str, path: str, key: object, value: object) -> None:
    _change(rt, name, path, lambda entries: {**entries, shown(key): as_json(value)})


def _drop(rt: SystemContext, name: str, path: str, key: object) -> None:
    if shown(key) in _entries(rt, name, path):
        _change(rt, name, path, lambda entries: {k: v for k, v in entries.items() if k != shown(key)})


# --- the store ------------------------------------------------------------------------------------------


@builtin("store_get(key)", section="21", effect="system", context=True)
def store_get(rt: SystemContext, key: object = None) -> object:
    """What the project's store holds under a key; nil if nothing."""
    return _entries(rt, "store_get", _store_path(rt, "store_get")).get(shown(key))


@builtin("store_set(key, value)", section="21", effect="system", context=True)
def store_set(rt: SystemContext, key: object = None, value: object = None) -> None:
    """Puts a value into the store of the project, `store.json`."""
    _put(rt, "store_set", _store_path(rt, "store_set"), key, value)


@builtin("store_delete(key)", section="21", effect="system", context=True)
def store_delete(rt: SystemContext, key: object = None) -> None:
    """Takes a key out of the store."""
    _drop(rt, "store_delete", _store_path(rt, "store_delete"), key)


@builtin("store_list()", section="21", effect="system", context=True)
def store_list(rt: SystemContext) -> list[object]:
    """The keys of the store, sorted."""
    return [*sorted(_entries(rt, "store_list", _store_path(rt, "store_list")))]


@builtin("store_clear()", section="21", effect="system", context=True)
def store_clear(rt: SystemContext) -> None:
    """Takes everything out of the store."""
    _change(rt, "store_clear", _store_path(rt, "store_clear"), lambda entries: {})


@builtin("store_save()", section="21", effect="system", context=True)
def store_save(rt: SystemContext) -> None:
    """Writes the store as it is, which every change has done already."""
    _change(rt, "store_save", _store_path(rt, "store_save"), lambda entries: entries)


# --- checkpoints ----------------------------------------------------------------------------------------


@builtin("checkpoint(key, value)", section="21", effect="system", context=True)
def checkpoint(rt: SystemContext, key: object = None, value: object = None) -> None:
    """Remembers a value for the next runs of this script."""
    _put(rt, "checkpoint", _checkpoint_path(rt, "checkpoint"), key, value)


@builtin("checkpoint_get(key)", section="21", effect="system", context=True)
def checkpoint_get(rt: SystemContext, key: object = None) -> object:
    """The value that was remembered; nil if there is none."""
    return _entries(rt, "checkpoint_get", _checkpoint_path(rt, "checkpoint_get")).get(shown(key))


@builtin("checkpoint_list()", section="21", effect="system", context=True)
def checkpoint_list(rt: SystemContext) -> list[object]:
    """The keys that were remembered, sorted."""
    return [*sorted(_entries(rt, "checkpoint_list", _checkpoint_path(rt, "checkpoint_list")))]


@builtin("checkpoint_exists(key)", section="21", effect="system", context=True)
def checkpoint_exists(rt: SystemContext, key: object = None) -> bool:
    """Whether something was remembered, be it nil."""
    return shown(key) in _entries(rt, "checkpoint_exists", _checkpoint_path(rt, "checkpoint_exists"))


@builtin("checkpoint_delete(key)", section="21", effect="system", context=True)
def checkpoint_delete(rt: SystemContext, key: object = None) -> None:
    """Forgets one key."""
    _drop(rt, "checkpoint_delete", _checkpoint_path(rt, "checkpoint_delete"), key)


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.remove(path)


@builtin("checkpoint_clear()", section="21", effect="system", context=True)
def checkpoint_clear(rt: SystemContext) -> None:
    """Forgets everything, and removes the file."""
    path = _checkpoint_path(rt, "checkpoint_clear")

    async def cleared() -> None:
        loaded = rt.state(_Loaded)
        async with loaded.turn:
            await on_disk("checkpoint_clear", _remove, path)
            loaded.files[path] = {}

    rt.wait(cleared())
