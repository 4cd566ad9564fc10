"""What a project knows of its directories: facts by directory and namespace, inherited downwards.

The builtins are in `metadata`. Rules: docs/builtins.md#store-checkpoint-metadata-project.
"""

import os
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, TypeAlias

from harnlet_builtins.state_files import read_state, write_state

Facts: TypeAlias = dict[str, object]

ROOT: Final = "."
HASHED: Final = "classification"
"""The namespace whose facts say what a directory looked like."""
_SHARD: Final = "entries.json"
_LARGEST_FILE: Final = 64 * 1024 * 1024


def normal_directory(text: str, base: str = "") -> str:
    """A directory of the project at `base`: its path from there, `.` for the project itself."""
    path = text.replace("\\", "/")
    root = base.replace("\\", "/").rstrip("/")
    if root and (path == root or path.startswith(f"{root}/")):
        path = path[len(root) :]
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or ROOT


def lineage(directory: str) -> Iterator[str]:
    """The root, then each directory on the way, then the directory."""
    yield ROOT
    if directory != ROOT:
        parts = directory.split("/")
        for count in range(1, len(parts) + 1):
            yield "/".join(parts[:count])


def file_name(namespace: str) -> str:
    """A name for the shard of a namespace; two namespaces never have the same one."""
    escaped = re.sub(r"[^A-Za-z0-9_-]|_(?=[0-9A-F]{2})", lambda found: _hex(found[0]), namespace)
    return escaped or "_00"


def _hex(character: str) -> str:
    return "".join(f"_{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


class MetadataStore:
    """All facts of a project, in memory; read from its state directory, and written back on demand."""

    def __init__(self, base: str, folder: str) -> None:
        self.base = base
        self._folder = folder
        self._facts: dict[str, dict[str, Facts]] = {}
        """Directory to namespace to facts."""
        self._changed: set[str] = set()

    def load(self) -> None:
        """Read all shards. Raises OSError."""
        if not os.path.isdir(self._folder):
            return
        for name in sorted(os.listdir(self._folder)):
            shard = read_state(os.path.join(self._folder, name, _SHARD))
            namespace, entries = shard.get("namespace"), shard.get("entries")
            if type(namespace) is str and type(entries) is dict:
                for directory, facts in entries.items():
                    if type(facts) is dict:
                        self._facts.setdefault(directory, {})[namespace] = facts

    def save(self) -> None:
        """Write the shards that have changed. Raises OSError."""
        for namespace in sorted(self._changed):
            entries: Facts = {
                directory: spaces[namespace]
                for directory, spaces in self._facts.items()
                if namespace in spaces
            }
            shard: Facts = {"entries": entries, "namespace": namespace, "version": 1}
            write_state(os.path.join(self._folder, file_name(namespace), _SHARD), shard)
        self._changed.clear()

    def merge(self, directory: str, namespace: str, facts: Facts) -> None:
        """Add facts to those of a directory."""
        spaces = self._facts.setdefault(directory, {})
        spaces[namespace] = {**spaces.get(namespace, {}), **facts}
        self._changed.add(namespace)

    def directories(self, namespace: str | None = None) -> list[str]:
        """The directories with facts, sorted."""
        return sorted(
            each for each, spaces in self._facts.items() if namespace is None or namespace in spaces
        )

    def namespaces(self, namespace: str | None = None) -> list[str]:
        """The namespaces with facts, sorted."""
        found = {each for spaces in self._facts.values() for each in spaces}
        return sorted(found if namespace is None else found & {namespace})

    def local(self, directory: str) -> dict[str, Facts]:
        """What is known of the directory itself, by namespace."""
        return self._facts.get(directory, {})

    def resolved(self, directory: str) -> dict[str, Facts]:
        """The same, with what it inherits; of two facts the nearer one counts."""
        found: dict[str, Facts] = {}
        for each in lineage(directory):
            for namespace, facts in self.local(each).items():
                found[namespace] = {**found.get(namespace, {}), **facts}
        return found

    # --- hashes ------------------------------------------------------------------------------------

    def hashes(self, directory: str) -> tuple[str | None, str | None]:
        """The structure and the content of a directory on the disk as hashes; None when it is not there."""
        place = os.path.join(self.base, directory)
        return structure_hash(place), content_hash(place)

    def stale(self, namespace: str | None = None) -> Facts:
        """The directories that are no more what they were: `tier1` those with other names in them, `tier2`
        those with other content."""
        tiers: tuple[list[object], list[object]] = ([], [])
        for directory in self.directories(namespace):
            known = self.local(directory).get(HASHED, {})
            now = self.hashes(directory) if known.keys() & {"structureHash", "contentHash"} else (None, None)
            for tier, key, found in zip(tiers, ("structureHash", "contentHash"), now, strict=True):
                if key in known and known[key] != found:
                    tier.append(directory)
        return {"any_stale": any(tiers), "tier1": tiers[0], "tier2": tiers[1]}

    def refresh_hashes(self) -> None:
        """Note what all known directories look like now."""
        for directory in self.directories():
            structure, content = self.hashes(directory)
            self.merge(directory, HASHED, {"structureHash": structure, "contentHash": content})


def _names(place: str) -> list[os.DirEntry[str]] | None:
    """What is in a directory but for hidden names; None when it cannot be read."""
    try:
        with os.scandir(place) as found:
            return sorted(
                (each for each in found if not each.name.startswith(".")), key=lambda each: each.name
            )
    except OSError:
        return None


def structure_hash(place: str) -> str | None:
    """A hash of the names in a directory, hexadecimal; None when it cannot be read."""
    names = _names(place)
    if names is None:
        return None
    digest = sha256()
    for each in names:
        kind = b"d" if each.is_dir() else b"f"
        digest.update(kind + os.fsencode(each.name) + b"\0")
    return digest.hexdigest()


def content_hash(place: str) -> str | None:
    """A hash of the files in a directory, without those further down, hexadecimal; None when it cannot be
    read. Of very large files only size and time count."""
    names = _names(place)
    if names is None:
        return None
    digest = sha256()
    for each in names:
        try:
            if not each.is_file():
                continue
            digest.update(os.fsencode(each.name) + b"\0")
            digest.update(_file_digest(each))
        except OSError:
            digest.update(b"unreadable")
    return digest.hexdigest()


def _file_digest(entry: os.DirEntry[str]) -> bytes:
    found = entry.stat()
    if found.st_size > _LARGEST_FILE:
        return f"{found.st_size} {found.st_mtime_ns}".encode()
    digest = sha256()
    with open(entry.path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.digest()
