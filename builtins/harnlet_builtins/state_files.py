"""Where a project keeps what its scripts remember, and how it is written there: JSON, whole or not at all.

Rules: docs/builtins.md#store-checkpoint-metadata-project.
"""

import os
from typing import Final, NamedTuple

from harnlet.runtime.display import display
from harnlet_builtins.calling import calling_files, directory_of
from harnlet_builtins.disk import on_disk
from harnlet_builtins.environment import project_root_of
from harnlet_builtins.json_indented import indented
from harnlet_builtins.json_reader import JsonError, parse
from harnlet_builtins.json_writer import stringify
from harnlet_builtins.permission import SystemContext, require
from harnlet_builtins.utf8 import utf8

_PLAIN: Final = (type(None), bool, int, float, str)


class Place(NamedTuple):
    """A project: its directory, and where its state is kept."""

    base: str
    state: str


def project_place(rt: SystemContext, name: str) -> Place:
    """The project of the program that runs: the nearest directory, from that of its file upwards, with a
    `harn.toml`; else that of its file. State is kept in `.harn` there, unless HARN_STATE_DIR says otherwise.
    To be called by a builtin itself, before it waits. Raises CategorisedFault without the capability `files`;
    `name` is the builtin that asks."""
    require(rt, name, "files")
    # The outermost file: a module that remembers something does so for the program that imported it.
    files = calling_files()[::-1]
    found: Place = rt.wait(on_disk(name, _place, files))
    return found


def _place(files: list[str]) -> Place:
    start = directory_of(files) or os.getcwd()
    base = project_root_of(start) or start
    return Place(base, os.path.join(base, os.environ.get("HARN_STATE_DIR") or ".harn"))


def as_json(value: object) -> object:
    """What is left of a value when it is stored: what JSON has no form for becomes nil."""
    if type(value) is dict:
        return {key: as_json(each) for key, each in value.items()}
    if type(value) is list:
        return [as_json(each) for each in value]
    return value if type(value) in _PLAIN else None


def read_state(path: str) -> dict[str, object]:
    """The dict in a file; an empty one when there is no file, or none that makes sense. Raises OSError."""
    try:
        with open(path, encoding="utf-8") as file:
            found = parse(file.read())
    except (FileNotFoundError, NotADirectoryError, JsonError, UnicodeDecodeError):
        return {}
    return found if type(found) is dict else {}


def write_state(path: str, value: dict[str, object]) -> None:
    """Put a dict into a file as JSON for people, in place of what was there. Who reads meanwhile sees the old
    or the new one, never half. Raises OSError."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    partial = f"{path}.{os.getpid()}.{os.urandom(4).hex()}.tmp"
    try:
        with open(partial, "wb") as file:
            file.write(utf8(indented(stringify(value)) + "\n"))
        os.replace(partial, path)
    finally:
        if os.path.exists(partial):
            os.remove(partial)


def shown(value: object) -> str:
    """A name as scripts give it."""
    return "" if value is None else display(value)
