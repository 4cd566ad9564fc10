"""Where a path belongs with respect to a workspace: `path_workspace_info`, `path_workspace_normalize`.

Rules: docs/builtins.md#path-strings.
"""

import os

from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins.disk import located, on_disk
from harnlet_builtins.path_text import Place, normalised, place_of
from harnlet_builtins.permission import SystemContext

_ESCAPES = "workspace-relative path escapes the workspace root"
_EMPTY = "path is empty"


def _info(text: str, root: str) -> dict[str, object]:
    place = normalised(place_of(text.strip()))
    home = normalised(place_of(root))
    if not text.strip():
        return _told(text, "invalid", reason=_EMPTY)
    if not place.is_absolute:
        if ".." in place.segments:
            return _told(text, "invalid", place, reason=_ESCAPES)
        return _inside(text, "workspace_relative", place, place.segments, home)
    depth = len(home.segments)
    if place.root == home.root and place.segments[:depth] == home.segments:
        return _inside(text, "host_absolute", place, place.segments[depth:], home)
    drifted = None if os.path.exists(place.text()) else _recovered(place.segments, home)
    if drifted is not None:
        return _inside(text, "workspace_relative", place, drifted, home, drift=True)
    return _told(text, "host_absolute", place, host_path=place.text() or "/")


def _recovered(segments: list[str], home: Place) -> list[str] | None:
    """The end of an absolute path that exists below the root; else one whose directory does. The longest
    one counts."""
    tails = [segments[start:] for start in range(len(segments))]
    for without_last in (False, True):
        for tail in tails:
            part = tail[:-1] if without_last else tail
            if part and os.path.exists(Place(home.root, home.segments + part).text()):
                return tail
    return None


def _inside(
    text: str, kind: str, place: Place, segments: list[str], home: Place, drift: bool = False
) -> dict[str, object]:
    """What is told of a path below the root."""
    relative = "/".join(segments) or "."
    host_path = Place(home.root, home.segments + segments).text()
    normal = place if kind == "host_absolute" else Place("", segments)
    return _told(text, kind, normal, workspace_path=relative, host_path=host_path, drift=drift)


def _told(
    text: str,
    kind: str,
    place: Place | None = None,
    *,
    workspace_path: str | None = None,
    host_path: str | None = None,
    drift: bool = False,
    reason: str | None = None,
) -> dict[str, object]:
    return {
        "input": text,
        "kind": kind,
        "normalized": "" if place is None else place.text() or ".",
        "workspace_path": workspace_path,
        "host_path": host_path,
        "recovered_root_drift": drift,
        "reason": reason,
    }


@builtin("path_workspace_info(path, root?)", section="13.2", effect="system", context=True)
async def path_workspace_info(rt: SystemContext, path: object = "", root: object = None) -> dict[str, object]:
    """What a path is to a workspace, whose root is the current directory by default: `{input, kind,
    normalized, workspace_path, host_path, recovered_root_drift, reason}`."""
    name = "path_workspace_info"
    home = located(rt, name, "" if root is None else root)
    return await on_disk(name, _info, display(path), home)


@builtin("path_workspace_normalize(path, root?)", section="13.2", effect="system", context=True)
async def path_workspace_normalize(rt: SystemContext, path: object = "", root: object = None) -> object:
    """The path relative to the root of the workspace; nil if it is outside."""
    name = "path_workspace_normalize"
    home = located(rt, name, "" if root is None else root)
    info = await on_disk(name, _info, display(path), home)
    return info["workspace_path"]
