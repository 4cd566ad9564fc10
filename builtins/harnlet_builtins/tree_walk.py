"""Walking what is below a directory, for `walk_dir` and `glob`. Rules: docs/builtins.md#files."""

import os
from collections.abc import Iterator
from typing import NamedTuple

from harnlet.runtime import caps
from harnlet_builtins.file_patterns import FilePattern


class _Entry(NamedTuple):
    path: str
    is_dir: bool
    is_file: bool
    depth: int


def _entries(root: str, most_depth: int | None, follow_links: bool) -> Iterator[_Entry]:
    """The root and what is below it, each directory before what it holds, names in order. What cannot be
    read is left out, and so is a link back to a directory that is being walked."""
    if not os.path.lexists(root):
        return
    top = _Entry(root, os.path.isdir(root), os.path.isfile(root), 0)
    stack: list[tuple[_Entry, tuple[tuple[int, int], ...]]] = [(top, ())]
    while stack:
        entry, above = stack.pop()
        yield entry
        if not entry.is_dir or (most_depth is not None and entry.depth >= most_depth):
            continue
        # Only links lead back to where we came from.
        identity = _identity(entry.path) if follow_links else None
        here = above if identity is None else (*above, identity)
        stack += [(each, here) for each in reversed(_inner(entry, follow_links, here))]


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _inner(entry: _Entry, follow_links: bool, above: tuple[tuple[int, int], ...]) -> list[_Entry]:
    try:
        with os.scandir(entry.path) as found:
            inner = sorted(found, key=lambda each: each.name)
    except OSError:
        return []
    entries: list[_Entry] = []
    for each in inner:
        try:
            is_dir = each.is_dir(follow_symlinks=follow_links)
            is_file = each.is_file(follow_symlinks=follow_links)
            is_loop = is_dir and each.is_symlink() and _identity(each.path) in above
        except OSError:
            continue
        if not is_loop:
            entries.append(_Entry(each.path, is_dir, is_file, entry.depth + 1))
    return entries


def walk(root: str, most_depth: int | None, follow_links: bool) -> list[object]:
    """What `walk_dir` gives."""
    found: list[object] = []
    for path, is_dir, is_file, depth in _entries(root, most_depth, follow_links):
        found.append({"path": path, "is_dir": is_dir, "is_file": is_file, "depth": depth})
        caps.check_items(len(found))
    return found


def search(wanted: FilePattern, base: str, most_depth: int | None, follow_links: bool) -> list[str]:
    """The paths below `base` that match, in the order of walking."""
    start = len(base.rstrip(os.sep)) + 1
    found: list[str] = []
    for entry in _entries(base, most_depth, follow_links):
        relative = entry.path[start:]
        if os.sep != "/":
            relative = relative.replace(os.sep, "/")
        if entry.depth and wanted.matches(relative):
            found.append(entry.path)
            caps.check_items(len(found))
    return found
