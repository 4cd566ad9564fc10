"""Facts about the directories of a project. Rules: docs/builtins.md#store-checkpoint-metadata-project."""

import asyncio
import os
from collections.abc import Callable
from typing import TypeVar

from harnlet.runtime.builtin import builtin
from harnlet_builtins.disk import on_disk
from harnlet_builtins.metadata_store import HASHED, Facts, MetadataStore, content_hash, normal_directory
from harnlet_builtins.permission import SystemContext
from harnlet_builtins.state_files import Place, as_json, project_place, shown

_Result = TypeVar("_Result")


class _Stores:
    """The stores of a run, one for each project."""

    def __init__(self) -> None:
        self.loaded: dict[Place, MetadataStore] = {}
        self.turn = asyncio.Lock()


def _store(rt: SystemContext, name: str) -> MetadataStore:
    """The store of the project, read when it is first asked for. For the builtin itself, before it waits."""
    store: MetadataStore = rt.wait(_loaded(rt, name, project_place(rt, name)))
    return store


async def _loaded(rt: SystemContext, name: str, place: Place) -> MetadataStore:
    stores = rt.state(_Stores)
    async with stores.turn:
        found = stores.loaded.get(place)
        if found is None:
            found = MetadataStore(place.base, os.path.join(place.state, "metadata"))
            await on_disk(name, found.load)
            stores.loaded[place] = found
    return found


def _on_disk(
    rt: SystemContext, name: str, work: Callable[[MetadataStore], _Result]
) -> tuple[MetadataStore, _Result]:
    """The store, and what a work on it gives that reads or writes files."""
    store = _store(rt, name)

    async def in_turn() -> _Result:
        async with rt.state(_Stores).turn:
            return await on_disk(name, work, store)

    result: _Result = rt.wait(in_turn())
    return store, result


def _space(namespace: object) -> str | None:
    return None if namespace is None else shown(namespace)


@builtin("metadata_set(directory, namespace, facts)", section="21", effect="system", context=True)
def metadata_set(
    rt: SystemContext, directory: object = None, namespace: object = None, facts: object = None
) -> None:
    """Adds facts, a dict, to what is known of a directory; in memory until `metadata_save`."""
    store = _store(rt, "metadata_set")
    if type(facts) is dict and facts:
        found = as_json(facts)
        if type(found) is dict:
            store.merge(normal_directory(shown(directory), store.base), shown(namespace), found)


@builtin("metadata_get(directory, namespace?)", section="21", effect="system", context=True)
def metadata_get(rt: SystemContext, directory: object = None, namespace: object = None) -> Facts | None:
    """What is known of a directory and of those above it, the nearer counts; of all namespaces together, or
    of one. nil if nothing is known."""
    store = _store(rt, "metadata_get")
    resolved = store.resolved(normal_directory(shown(directory), store.base))
    space = _space(namespace)
    if space is not None:
        return _copied(resolved.get(space))
    flat: Facts = {}
    for each in sorted(resolved):
        flat |= resolved[each]
    return flat or None


def _copied(facts: Facts | None) -> Facts | None:
    return {**facts} if facts else None


@builtin("metadata_resolve(directory, namespace?)", section="21", effect="system", context=True)
def metadata_resolve(
    rt: SystemContext, directory: object = None, namespace: object = None
) -> Facts | None:
    """The same as `metadata_get`, by namespace; of one namespace only its facts."""
    store = _store(rt, "metadata_resolve")
    resolved = store.resolved(normal_directory(shown(directory), store.base))
    space = _space(namespace)
    if space is not None:
        return _copied(resolved.get(space))
    return {name: {**facts} for name, facts in resolved.items()} or None


@builtin("metadata_entries(namespace?, directory?)", section="21", effect="system", context=True)
def metadata_entries(rt: SystemContext, namespace: object = None, only: object = None) -> list[object]:
    """All directories with facts, or only one: `{dir, local, resolved}`."""
    store = _store(rt, "metadata_entries")
    space = _space(namespace)
    found: list[object] = []
    wanted = None if only is None else normal_directory(shown(only), store.base)
    for directory in store.directories(space):
        if wanted not in (None, directory):
            continue
        local, resolved = store.local(directory), store.resolved(directory)
        found.append(
            {
                "dir": directory,
                "local": {**local} if space is None else {**local.get(space, {})},
                "resolved": {**resolved} if space is None else {**resolved.get(space, {})},
            }
        )
    return found


@builtin("metadata_save()", section="21", effect="system", context=True)
def metadata_save(rt: SystemContext) -> None:
    """Writes the facts to the disk, below `.harn/metadata`."""
    _on_disk(rt, "metadata_save", MetadataStore.save)


@builtin("metadata_status(namespace?)", section="21", effect="system", context=True)
def metadata_status(rt: SystemContext, namespace: object = None) -> Facts:
    """`{directory_count, namespace_count, namespaces, directories, missing_structure_hash,
    missing_content_hash, stale}`"""
    space = _space(namespace)
    store, stale = _on_disk(rt, "metadata_status", lambda store: store.stale(space))
    directories, namespaces = store.directories(space), store.namespaces(space)
    missing: dict[str, list[object]] = {
        key: [each for each in directories if store.local(each).get(HASHED, {}).get(key) is None]
        for key in ("structureHash", "contentHash")
    }
    return {
        "directory_count": len(directories),
        "namespace_count": len(namespaces),
        "namespaces": namespaces,
        "directories": directories,
        "missing_structure_hash": missing["structureHash"],
        "missing_content_hash": missing["contentHash"],
        "stale": stale,
    }


@builtin("metadata_stale(project?)", section="21", effect="system", context=True)
def metadata_stale(rt: SystemContext, project: object = None) -> Facts:
    """The directories that have changed since their hashes were noted: `{any_stale, tier1, tier2}`, those
    with other names in them and those with other content."""
    return _on_disk(rt, "metadata_stale", MetadataStore.stale)[1]


@builtin("metadata_refresh_hashes()", section="21", effect="system", context=True)
def metadata_refresh_hashes(rt: SystemContext) -> None:
    """Notes what all directories with facts look like now."""
    _on_disk(rt, "metadata_refresh_hashes", MetadataStore.refresh_hashes)


@builtin("invalidate_facts(directory)", section="21")
def invalidate_facts(directory: object = None) -> None:
    """Does nothing."""


@builtin("compute_content_hash(directory)", section="21", effect="system", context=True)
def compute_content_hash(rt: SystemContext, directory: object = None) -> str:
    """A hash of the files in a directory of the project, hexadecimal; empty when it cannot be read."""
    place = os.path.join(project_place(rt, "compute_content_hash").base, shown(directory))
    found: str | None = rt.wait(on_disk("compute_content_hash", content_hash, place))
    return found or ""
