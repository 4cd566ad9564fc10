"""Files and directories; everything here needs the capability `files`. Rules: docs/builtins.md#files."""

import os
from collections.abc import Callable
from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime import caps
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import EnumValue, err, ok, type_name
from harnlet_builtins.disk import located, on_disk
from harnlet_builtins.permission import SystemContext, require
from harnlet_builtins.utf8 import utf8

_MISSING = object()
_BYTES_A_CHARACTER = 4


# --- reading ------------------------------------------------------------------------------------------


def _read_bytes(path: str) -> bytes:
    """The content, unless it is above the cap."""
    most = caps.text_length() * _BYTES_A_CHARACTER
    with open(path, "rb") as file:
        content = file.read(most + 1)
    caps.check_text(len(content) if len(content) > most else 0)
    return content


def _read_text(path: str) -> str:
    text = _read_bytes(path).decode("utf-8")
    caps.check_text(len(text))
    return text


def _read_lines(path: str) -> list[object]:
    lines = _read_text(path).split("\n")
    if not lines[-1]:
        lines.pop()
    caps.check_items(len(lines))
    return [line.removesuffix("\r") for line in lines]


@builtin("read_file(path)", section="13.1", effect="system", context=True)
async def read_file(rt: SystemContext, path: object = "") -> str:
    """The text of a file."""
    place = located(rt, "read_file", path)
    return await on_disk(f"Failed to read file {place}", _read_text, place)


@builtin("read_file_result(path)", section="13.1", effect="system", context=True)
async def read_file_result(rt: SystemContext, path: object = "") -> EnumValue:
    """The text of a file as `Ok`, or what went wrong as `Err`."""
    place = located(rt, "read_file_result", path)
    try:
        return ok(await on_disk(f"Failed to read file {place}", _read_text, place))
    except Thrown as fault:
        return err(fault.value)


@builtin("read_file_bytes(path)", section="13.1", effect="system", context=True)
async def read_file_bytes(rt: SystemContext, path: object = "") -> bytes:
    """The bytes of a file."""
    place = located(rt, "read_file_bytes", path)
    return await on_disk(f"Failed to read file {place}", _read_bytes, place)


@builtin("read_lines(path)", section="13.1", effect="system", context=True)
async def read_lines(rt: SystemContext, path: object = "") -> list[object]:
    """The lines of a text file, without their ends."""
    place = located(rt, "read_lines", path)
    return await on_disk(f"read_lines: {place}", _read_lines, place)


# --- writing ------------------------------------------------------------------------------------------


def _write(path: str, content: bytes, mode: str) -> None:
    with open(path, mode) as file:
        file.write(content)


@builtin("write_file(path, text)", section="13.1", effect="system", context=True)
async def write_file(rt: SystemContext, path: object = "", text: object = "") -> None:
    """Makes a file with the display of a value as its content, in place of what was there."""
    place = located(rt, "write_file", path)
    content = utf8(display(text))
    await on_disk(f"Failed to write file {place}", _write, place, content, "wb")


@builtin("write_file_bytes(path, bytes)", section="13.1", effect="system", context=True)
async def write_file_bytes(rt: SystemContext, path: object = "", content: object = None) -> None:
    """Makes a file with these bytes, in place of what was there."""
    if type(content) is not bytes:
        raise Thrown(f"write_file_bytes expects bytes content, got {type_name(content)}")
    place = located(rt, "write_file_bytes", path)
    await on_disk(f"Failed to write file {place}", _write, place, content, "wb")


@builtin("append_file(path, text)", section="13.1", effect="system", context=True)
async def append_file(rt: SystemContext, path: object = "", text: object = "") -> None:
    """Adds the display of a value at the end of a file, which is made if there is none."""
    place = located(rt, "append_file", path)
    content = utf8(display(text))
    await on_disk(f"Failed to open file {place}", _write, place, content, "ab")


# --- files and directories as a whole -----------------------------------------------------------------


def _copy(source: str, target: str) -> None:
    from shutil import SameFileError, copyfile, copymode

    try:
        copyfile(source, target)
    except SameFileError:
        return
    copymode(source, target)


@builtin("copy_file(source, target)", section="13.1", effect="system", context=True)
async def copy_file(rt: SystemContext, source: object = "", target: object = "") -> None:
    """Copies a file with its permissions, in place of what was there."""
    old, new = located(rt, "copy_file", source), located(rt, "copy_file", target)
    await on_disk(f"Failed to copy {old} to {new}", _copy, old, new)


def _move(source: str, target: str) -> None:
    from errno import EXDEV
    from shutil import copytree

    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno != EXDEV:
            raise
        # To another file system: a copy, which must be whole before the original goes.
        if os.path.isdir(source) and not os.path.islink(source):
            copytree(source, target, symlinks=True)
        else:
            _copy(source, target)
        _delete(source)


@builtin("move_file(source, target)", section="13.1", effect="system", context=True)
async def move_file(rt: SystemContext, source: object = None, target: object = None) -> None:
    """Gives a file or a directory another place, in place of a file that was there."""
    if source in (None, "") or target in (None, ""):
        raise Thrown("move_file: src and dst are required")
    old, new = located(rt, "move_file", source), located(rt, "move_file", target)
    await on_disk("move_file: copy failed", _move, old, new)


def _delete(path: str) -> None:
    """Remove a file, a link or a whole directory."""
    if os.path.isdir(path) and not os.path.islink(path):
        from shutil import rmtree

        rmtree(path)
    else:
        os.remove(path)


@builtin("delete_file(path)", section="13.1", effect="system", context=True)
async def delete_file(rt: SystemContext, path: object = "") -> None:
    """Deletes a file, or a directory with all that is in it; of a link only the link."""
    place = located(rt, "delete_file", path)
    is_directory = await _answer(os.path.isdir, place)
    kind = "directory" if is_directory else "file"
    await on_disk(f"Failed to delete {kind} {place}", _delete, place)


async def _answer(test: Callable[[str], bool], place: str) -> bool:
    """What a test that never fails says; of a name that cannot be one, no."""
    try:
        return await on_disk("", test, place)
    except Thrown:
        return False


@builtin("file_exists(path)", section="13.1", effect="system", context=True)
async def file_exists(rt: SystemContext, path: object = "") -> bool:
    """Whether there is a file or a directory."""
    return await _answer(os.path.exists, located(rt, "file_exists", path))


@builtin('list_dir(path = ".")', section="13.1", effect="system", context=True)
async def list_dir(rt: SystemContext, path: object = ".") -> list[object]:
    """The names in a directory, sorted."""
    place = located(rt, "list_dir", path)
    names = await on_disk(f"Failed to list directory {place}", os.listdir, place)
    return [*sorted(names)]


def _make_directory(path: str) -> None:
    os.makedirs(path, exist_ok=True)


@builtin("mkdir(path)", section="13.1", effect="system", context=True)
async def mkdir(rt: SystemContext, path: object = "") -> None:
    """Makes a directory, with those it is in; no error if it is there."""
    place = located(rt, "mkdir", path)
    await on_disk(f"Failed to create directory {place}", _make_directory, place)


def _described(path: str) -> dict[str, object]:
    from stat import S_ISDIR, S_ISREG

    found: Any = os.stat(path)
    return {
        "size": found.st_size,
        "is_file": S_ISREG(found.st_mode),
        "is_dir": S_ISDIR(found.st_mode),
        "readonly": not found.st_mode & 0o222,
        "modified": found.st_mtime_ns / 1_000_000_000,
    }


@builtin("stat(path)", section="13.1", effect="system", context=True)
async def stat(rt: SystemContext, path: object = "") -> dict[str, object]:
    """`{size, is_file, is_dir, readonly, modified}`; `modified` in seconds since 1970."""
    place = located(rt, "stat", path)
    return await on_disk(f"Failed to stat {place}", _described, place)


@builtin("temp_dir()", section="13.1", effect="system", context=True)
def temp_dir(rt: SystemContext) -> str:
    """The system's directory for temporary files."""
    require(rt, "temp_dir", "files")
    names = ("TMPDIR",) if os.name == "posix" else ("TMP", "TEMP", "USERPROFILE")
    found = next((os.environ[name] for name in names if os.environ.get(name)), None)
    return found or ("/tmp" if os.name == "posix" else "C:\\Windows\\Temp")
