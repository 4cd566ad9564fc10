"""`scan_directory`: the files of a project in one list. Rules:
docs/builtins.md#store-checkpoint-metadata-project."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from harnlet.runtime import caps
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins.disk import located, on_disk
from harnlet_builtins.permission import SystemContext
from harnlet_builtins.star_patterns import path_matcher, star_matcher

_MOST_DEPTH: Final = 5


@dataclass(frozen=True, slots=True)
class _Scan:
    wanted: Callable[[str], bool]
    most_depth: int
    hidden: bool
    directories: bool
    files: bool


def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a path matches: without `*` it contains the pattern; with one it begins and ends as the pattern
    does; with `**` that is any directories, and `*` stays within one."""
    if "**" in pattern:
        return path_matcher(pattern)
    if "*" in pattern:
        return star_matcher(pattern)
    return lambda path: pattern in path


@builtin("scan_directory(path?, pattern?, options?)", section="21", effect="system", context=True)
async def scan_directory(
    rt: SystemContext, path: object = None, pattern: object = None, options: object = None
) -> list[object]:
    """The files and directories below a directory: `{path, size, modified, is_dir}`, the path from there on.
    Options, also in place of the pattern: `pattern`, `max_depth = 5`, `include_hidden = false`,
    `include_dirs = true`, `include_files = true`."""
    given = pattern if type(pattern) is dict else options if type(options) is dict else {}
    text = given.get("pattern") if type(pattern) is dict or pattern is None else pattern
    depth = given.get("max_depth")
    scan = _Scan(
        (lambda path: True) if text is None else matcher(display(text)),
        max(depth, 0) if type(depth) is int else _MOST_DEPTH,
        bool(given.get("include_hidden", False)),
        bool(given.get("include_dirs", True)),
        bool(given.get("include_files", True)),
    )
    place = located(rt, "scan_directory", "." if path is None else path)
    return await on_disk("scan_directory", _scanned, place, scan)


def _scanned(root: str, scan: _Scan) -> list[object]:
    found: list[dict[str, object]] = []
    for each in _below(os.path.normpath(root), "", scan, 0):
        found.append(each)
        caps.check_items(len(found))
    return [*sorted(found, key=lambda each: str(each["path"]))]


def _below(root: str, prefix: str, scan: _Scan, depth: int) -> Iterator[dict[str, object]]:
    """What is in a directory and below it. Links are not followed, and what cannot be read is left out."""
    open_ones = [(root, prefix, depth)]
    while open_ones:
        place, prefix, depth = open_ones.pop()
        try:
            with os.scandir(place) as entries:
                inner = list(entries)
        except OSError:
            continue
        for entry in inner:
            if entry.name.startswith(".") and not scan.hidden:
                continue
            relative = f"{prefix}{entry.name}"
            try:
                is_dir, found = entry.is_dir(follow_symlinks=False), entry.stat()
            except OSError:
                continue
            if (scan.directories if is_dir else scan.files) and scan.wanted(relative):
                yield {
                    "path": relative,
                    "size": found.st_size,
                    "modified": int(found.st_mtime),
                    "is_dir": is_dir,
                }
            if is_dir and depth < scan.most_depth:
                open_ones.append((entry.path, f"{relative}/", depth + 1))
