"""What is below a directory: `walk_dir`, `glob`. Rules: docs/builtins.md#files."""

import os

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins.disk import located, on_disk
from harnlet_builtins.permission import SystemContext


def _most_depth(options: dict[str, object]) -> int | None:
    depth = options.get("max_depth")
    return max(depth, 0) if type(depth) is int else None


@builtin("walk_dir(path, options?)", section="13.1", effect="system", context=True)
async def walk_dir(rt: SystemContext, path: object = None, options: object = None) -> list[object]:
    """`{path, is_dir, is_file, depth}` of a directory (depth 0) and all that is below it; what cannot be
    read is left out. Options: `max_depth`, `follow_symlinks = false`."""
    if path is None or path == "":
        raise Thrown("walk_dir: root path is required")
    from harnlet_builtins.tree_walk import walk

    given = options if type(options) is dict else {}
    follow = bool(given.get("follow_symlinks"))
    place = located(rt, "walk_dir", path)
    return await on_disk("walk_dir", walk, place, _most_depth(given), follow)


@builtin("glob(pattern, base?, options?)", section="13.1", effect="system", context=True)
async def glob(
    rt: SystemContext, pattern: object = None, base: object = None, options: object = None
) -> list[object]:
    """The paths below `base` (the current directory by default) that match a pattern relative to it,
    sorted: `*` is any characters, also `/`; `?` is one; `[a-z]`, `{a,b}` and `**/` work as well. The base
    may be given as `{base}`. Options: `max_depth`, `follow_symlinks = false`."""
    if pattern is None or pattern == "":
        raise Thrown("glob: pattern is required")
    from harnlet_builtins.file_patterns import FilePattern, PatternError
    from harnlet_builtins.tree_walk import search

    given = base if type(base) is dict else options if type(options) is dict else {}
    root = given.get("base") if type(base) is dict else base
    place = located(rt, "glob", "" if root is None else root)
    try:
        wanted = FilePattern(display(pattern))
    except PatternError as error:
        raise Thrown(f"glob: {error}") from None
    follow = bool(given.get("follow_symlinks"))
    root_path = place.rstrip(os.sep) or os.sep
    return [*sorted(await on_disk("glob", search, wanted, root_path, _most_depth(given), follow))]
