"""A folder of small files that are ours alone: nobody else can have written what is read from it.

It is for contents that must not come from a stranger, as code is. Everything goes through a descriptor of the
folder that was checked when it was opened, so that nobody can put another folder in its place meanwhile. All
trouble means "not there": a file that cannot be read or written is never an error for the caller.
"""

import os
import stat
import time
from pathlib import Path

SUPPORTED = os.open in os.supports_dir_fd and hasattr(os, "geteuid")
"""Whether the system has what the checks need. Without (Windows) there is no private folder."""

_STALE_SECONDS = 3600
"""Age of a temporary file that a process left behind when it was killed while writing."""
_TOUCH_SECONDS = 24 * 3600
"""A time stamp older than this is renewed when its file is used: the oldest files are removed first."""


class PrivateFolder:
    """Files by name in the folder `path`, which is made when something is written.

    It must belong to the user, be closed to everybody else (0700), and be no symbolic link; the same holds
    for its files (0600). Altogether they have at most `most_bytes` bytes: beyond that the oldest are removed.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self.path = path
        self.most_bytes = most_bytes

    def read(self, name: str) -> bytes | None:
        """The contents of a file; None when there is none that can be trusted."""
        folder = self._open(create=False)
        if folder is None:
            return None
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        except OSError:
            return None
        finally:
            os.close(folder)
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode) or not _is_ours(status) or status.st_size > self.most_bytes:
                return None
            if time.time() - status.st_mtime > _TOUCH_SECONDS:
                _touch(file)
            with open(file, "rb", closefd=False) as stream:
                return stream.read()
        except OSError:
            return None
        finally:
            os.close(file)

    def write(self, name: str, contents: bytes) -> bool:
        """Put a file there, at once and whole, in place of an older one; whether that worked."""
        if len(contents) > self.most_bytes // 4:
            return False
        folder = self._open(create=True)
        if folder is None:
            return False
        try:
            self._write(folder, name, contents)
            self._prune(folder)
        except OSError:
            return False
        finally:
            os.close(folder)
        return True

    def _open(self, create: bool) -> int | None:
        """A descriptor of the folder, if it is ours."""
        if not SUPPORTED:
            return None
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            if create and not self.path.is_dir():
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.path.mkdir(mode=0o700, exist_ok=True)
            folder = os.open(self.path, flags)
        except OSError:
            return None
        try:
            if _is_ours(os.fstat(folder)):
                return folder
        except OSError:
            pass
        os.close(folder)
        return None

    def _write(self, folder: int, name: str, contents: bytes) -> None:
        # A name that no other process takes; it starts with a dot, so that nobody reads it half written.
        temporary = f".{name}.{os.getpid()}.{time.monotonic_ns():x}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(temporary, flags, 0o600, dir_fd=folder)
        try:
            with open(file, "wb") as stream:
                stream.write(contents)
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(temporary, dir_fd=folder)
            raise

    def _prune(self, folder: int) -> None:
        """Remove the oldest files until a quarter of the room is free, if there is too much; and what
        processes left behind that were killed."""
        now = time.time()
        found: list[tuple[float, int, str]] = []
        for name in os.listdir(folder):
            try:
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                continue
            if name.startswith(".") and now - status.st_mtime > _STALE_SECONDS:
                _remove(name, folder)
            else:
                found.append((status.st_mtime, status.st_size, name))
        total = sum(size for _, size, _ in found)
        if total <= self.most_bytes:
            return
        for _, size, name in sorted(found):
            if total <= self.most_bytes * 3 // 4:
                return
            _remove(name, folder)
            total -= size


def user_cache_folder() -> Path | None:
    """`$XDG_CACHE_HOME/harnlet`, or `~/.cache/harnlet`; None for a user without a home."""
    asked = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(asked):
        return Path(asked) / "harnlet"
    try:
        return Path.home() / ".cache" / "harnlet"
    except RuntimeError:
        return None


def _is_ours(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _touch(file: int) -> None:
    try:
        os.utime(file)
    except OSError:
        return


def _remove(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        return
