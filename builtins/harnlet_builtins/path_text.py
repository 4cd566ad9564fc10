"""Paths as text: nothing here touches the disk. `\\` counts as `/`, and drive letters are known.

Rules: docs/builtins.md#path-strings.
"""

import os

from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display


class Place:
    """A path taken apart. `root` is what makes it absolute: `/`, `C:/`, a drive alone, or nothing."""

    __slots__ = ("root", "segments")

    def __init__(self, root: str, segments: list[str]) -> None:
        self.root = root
        self.segments = segments

    @property
    def is_absolute(self) -> bool:
        """Whether it begins at a root."""
        return self.root.endswith("/")

    def text(self) -> str:
        """The path, without a slash at the end."""
        return self.root + "/".join(self.segments)


def place_of(text: str) -> Place:
    """Take a path apart; empty segments are none."""
    plain = text.replace("\\", "/")
    drive = plain[:2] if plain[1:2] == ":" and plain[0].isascii() and plain[0].isalpha() else ""
    rest = plain[len(drive) :]
    return Place(
        drive + ("/" if rest.startswith("/") else ""), [part for part in rest.split("/") if part]
    )


def normalised(place: Place) -> Place:
    """Without `.` and `..`; those that a relative path begins with stay."""
    segments: list[str] = []
    for part in place.segments:
        if part == "..":
            if segments and segments[-1] != "..":
                segments.pop()
            elif not place.is_absolute:
                segments.append(part)
        elif part != ".":
            segments.append(part)
    return Place(place.root, segments)


def _split_name(name: str) -> tuple[str, str]:
    """What is before the last dot and from it on; a leading dot does not count."""
    at = name.rfind(".")
    return (name[:at], name[at:]) if at > 0 and name != ".." else (name, "")


def _last(path: object) -> str:
    segments = place_of(display(path)).segments
    return segments[-1] if segments else ""


def _parent(path: object) -> str:
    place = place_of(display(path))
    return Place(place.root, place.segments[:-1]).text()


def _with_last(path: object, name: str) -> str:
    place = place_of(display(path))
    return Place(place.root, [*place.segments[:-1], name]).text()


@builtin("path_join(...parts)", section="13.2")
def path_join(*parts: object) -> str:
    """The parts with the system's separator between them; an absolute one discards what precedes it."""
    return os.path.join(*map(display, parts)) if parts else ""


@builtin("path_parts(path)", section="13.2")
def path_parts(path: object = "") -> dict[str, object]:
    """`{dir, file, stem, ext, segments}`"""
    name = _last(path)
    stem, extension = _split_name(name)
    return {
        "dir": _parent(path),
        "file": name,
        "stem": stem,
        "ext": extension,
        "segments": [*place_of(display(path)).segments],
    }


@builtin("path_parent(path)", section="13.2")
def path_parent(path: object = "") -> str:
    """Without the last segment."""
    return _parent(path)


@builtin("path_basename(path)", section="13.2")
def path_basename(path: object = "") -> str:
    """The last segment."""
    return _last(path)


@builtin("path_stem(path)", section="13.2")
def path_stem(path: object = "") -> str:
    """The last segment up to its last dot."""
    return _split_name(_last(path))[0]


@builtin("path_extension(path)", section="13.2")
def path_extension(path: object = "") -> str:
    """The last segment from its last dot on; a leading dot does not count."""
    return _split_name(_last(path))[1]


@builtin("path_with_extension(path, extension)", section="13.2")
def path_with_extension(path: object = "", extension: object = "") -> str:
    """With another extension, given with or without its dot; without one if that is empty."""
    stem = _split_name(_last(path))[0]
    new = display(extension)
    return _with_last(path, f"{stem}{'' if not new or new.startswith('.') else '.'}{new}")


@builtin("path_with_stem(path, stem)", section="13.2")
def path_with_stem(path: object = "", stem: object = "") -> str:
    """With another stem and the same extension."""
    return _with_last(path, display(stem) + _split_name(_last(path))[1])


@builtin("path_is_absolute(path)", section="13.2")
def path_is_absolute(path: object = "") -> bool:
    """Whether it begins with `/`, or with a drive and `/`."""
    return place_of(display(path)).is_absolute


@builtin("path_is_relative(path)", section="13.2")
def path_is_relative(path: object = "") -> bool:
    """Whether it is not absolute."""
    return not place_of(display(path)).is_absolute


@builtin("path_normalize(path)", section="13.2")
def path_normalize(path: object = "") -> str:
    """With `.` and `..` resolved and no slash at the end; `.` if nothing is left."""
    text = display(path)
    return (normalised(place_of(text)).text() or ".") if text else ""


@builtin("path_relative_to(path, base)", section="13.2")
def path_relative_to(path: object = "", base: object = "") -> str | None:
    """The way from `base` to `path`; `.` if they are the same, nil if there is none."""
    there, here = normalised(place_of(display(path))), normalised(place_of(display(base)))
    if there.root.lower() != here.root.lower():
        return None
    common = 0
    for one, other in zip(there.segments, here.segments, strict=False):
        if one != other:
            break
        common += 1
    if ".." in here.segments[common:]:
        # What the base is called above where it starts from, nobody knows.
        return None
    up = [".."] * (len(here.segments) - common)
    return "/".join(up + there.segments[common:]) or "."


@builtin("path_to_posix(path)", section="13.2")
def path_to_posix(path: object = "") -> str:
    """With `/` for every `\\`."""
    return display(path).replace("\\", "/")


@builtin("path_to_native(path)", section="13.2")
def path_to_native(path: object = "") -> str:
    """The same as `path_to_posix`."""
    return display(path).replace("\\", "/")


@builtin("path_segments(path)", section="13.2")
def path_segments(path: object = "") -> list[object]:
    """The segments that are not empty."""
    return [*place_of(display(path)).segments]
