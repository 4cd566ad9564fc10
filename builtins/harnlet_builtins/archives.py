"""Archives in memory: tar and zip. Rules: docs/builtins.md#multipart-compression-junit.

Nothing is written to a disk, so the paths in an archive are text like any other.
"""

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime import caps
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet_builtins.byte_arguments import bytes_argument, off_the_loop
from harnlet_builtins.utf8 import utf8

_FILE_MODE = 0o644
_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can tell."""


class _Entry(NamedTuple):
    path: str
    content: bytes
    mode: int


def _entries(name: str, given: object) -> list[_Entry]:
    if type(given) is not list:
        raise RuntimeFault(f"{name}: entries must be a list, got {type_name(given)}")
    found = [_entry(name, place, each) for place, each in enumerate(given, 1)]
    caps.check_text(sum(len(each.content) for each in found))
    return found


def _entry(name: str, place: int, given: object) -> _Entry:
    if type(given) is not dict:
        raise RuntimeFault(f"{name}: entry {place} must be a dict, got {type_name(given)}")
    for key in ("path", "content"):
        if given.get(key) is None:
            raise RuntimeFault(f"{name}: entry {place} is missing {key}")
    path, content, mode = display(given["path"]), given["content"], given.get("mode")
    if not path or "\0" in path:
        raise RuntimeFault(f"{name}: entry {place} has an invalid path")
    if type(content) is str:
        content = utf8(content)
    elif type(content) is not bytes:
        raise RuntimeFault(
            f"{name}: entry {place} content must be bytes or string, got {type_name(content)}"
        )
    if mode is None:
        mode = _FILE_MODE
    elif type(mode) is not int or not 0 <= mode <= 0o7777:
        raise RuntimeFault(f"{name}: entry {place} has an invalid mode")
    return _Entry(path, content, mode)


def _too_long(name: str) -> RuntimeFault:
    return RuntimeFault(f"{name}: extracted data is too long: more than {caps.TEXT_LENGTH} bytes")


# --- tar ----------------------------------------------------------------------------------------------


@builtin("tar_create(entries)", section="23.5", effect="suspends")
async def tar_create(entries: object = None) -> bytes:
    """A tar archive of files `{path, content, mode = 0o644}`; content is bytes or a string."""
    found = _entries("tar_create", entries)
    return await off_the_loop(sum(len(each.content) for each in found), _tar, found)


def _tar(entries: list[_Entry]) -> bytes:
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for each in entries:
            member = tarfile.TarInfo(each.path)
            member.size, member.mode = len(each.content), each.mode
            archive.addfile(member, io.BytesIO(each.content))
    return target.getvalue()


@builtin("tar_extract(bytes)", section="23.5", effect="suspends")
async def tar_extract(data: object = None) -> list[object]:
    """The files `{content, mode, path}` of a tar archive."""
    archive = bytes_argument("tar_extract", data)
    return await off_the_loop(len(archive), _untar, archive)


def _untar(data: bytes) -> list[object]:
    import tarfile

    found: list[object] = []
    size = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                if not member.isreg():
                    continue
                size += member.size
                if size > caps.TEXT_LENGTH:
                    raise _too_long("tar_extract")
                # A regular file always has content, as a stream.
                stream: Any = archive.extractfile(member)
                found.append({"content": stream.read(), "mode": member.mode & 0o7777, "path": member.name})
    except (tarfile.TarError, EOFError, ValueError, OverflowError):
        raise RuntimeFault("tar_extract: invalid tar data") from None
    return found


# --- zip ----------------------------------------------------------------------------------------------


@builtin("zip_create(entries)", section="23.5", effect="suspends")
async def zip_create(entries: object = None) -> bytes:
    """A zip archive of files `{path, content}`; content is bytes or a string."""
    found = _entries("zip_create", entries)
    return await off_the_loop(sum(len(each.content) for each in found), _zip, found)


def _zip(entries: list[_Entry]) -> bytes:
    import zipfile

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in entries:
            member = zipfile.ZipInfo(each.path, _FIRST_MOMENT)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (0o100000 | each.mode) << 16
            with archive.open(member, "w") as stream:
                stream.write(each.content)
    return target.getvalue()


@builtin("zip_extract(bytes)", section="23.5", effect="suspends")
async def zip_extract(data: object = None) -> list[object]:
    """The files `{content, path}` of a zip archive."""
    archive = bytes_argument("zip_extract", data)
    # Little can become much here, so it always goes to a thread.
    return await off_the_loop(caps.TEXT_LENGTH, _unzip, archive)


def _unzip(data: bytes) -> list[object]:
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [*_files(archive)]
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError):
        raise RuntimeFault("zip_extract: invalid zip data") from None
    except RuntimeError:
        # An unknown method of compression; a password.
        raise RuntimeFault("zip_extract: this kind of zip archive is not supported") from None


def _files(archive: Any) -> Iterator[dict[str, object]]:
    size = 0
    for member in archive.infolist():
        if member.is_dir():
            continue
        with archive.open(member) as stream:
            # By what comes out: the sizes that the archive tells may be lies.
            content = stream.read(caps.TEXT_LENGTH - size + 1)
        size += len(content)
        if size > caps.TEXT_LENGTH:
            raise _too_long("zip_extract")
        yield {"content": content, "path": member.filename}
