"""The process table where there is no `/proc` (macOS, the BSDs): psutil's, or failing that the group alone.

Best effort. With psutil, descendants are found as on Linux except for the mark in the resource limits.
Without it nothing can be listed, so the process group counts as one process: it can be signalled and it can
be seen whether anybody is left in it, but a descendant that left the group is out of sight.
"""

import contextlib
import importlib.util
import os
from collections.abc import Set

from .process_table import ProcessEntry, ProcessTable, ProcTable, Reading, read_each

_MICROSECONDS = 1_000_000


class PsutilTable:
    """The process table as psutil reads it; needs the extra `harnlet[process]`."""

    def __init__(self) -> None:
        import psutil

        self._psutil = psutil

    @staticmethod
    def available() -> bool:
        return importlib.util.find_spec("psutil") is not None

    def entry(self, pid: int) -> ProcessEntry | None:
        psutil = self._psutil
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                status = process.status()
                state = {psutil.STATUS_ZOMBIE: "Z", psutil.STATUS_STOPPED: "T"}.get(status, "S")
                return ProcessEntry(
                    pid=pid,
                    started=int(process.create_time() * _MICROSECONDS),
                    parent=int(process.ppid()),
                    group=os.getpgid(pid),
                    session=os.getsid(pid),
                    state=state,
                )
        except (psutil.Error, OSError):
            return None

    def read(self, but: Set[int] = frozenset()) -> Reading:
        return read_each(set(self._psutil.pids()) - but, self)

    def youngest(self) -> int | None:
        return None

    def environment(self, pid: int) -> bytes:
        try:
            variables = self._psutil.Process(pid).environ()
        except (self._psutil.Error, OSError):
            return b""
        return b"".join(os.fsencode(f"{name}={value}\0") for name, value in variables.items())

    def limits(self, pid: int) -> bytes:
        return b""


class GroupTable:
    """A table of one entry: the process group, under its negative number as `kill` takes it."""

    def __init__(self, group: int) -> None:
        self._group = group

    def entry(self, pid: int) -> ProcessEntry | None:
        return self.read().entries.get(pid)

    def read(self, but: Set[int] = frozenset()) -> Reading:
        # Not being permitted to signal somebody means that there is somebody.
        with contextlib.suppress(PermissionError):
            try:
                os.killpg(self._group, 0)
            except ProcessLookupError:
                return Reading({}, 0)
        whole = ProcessEntry(
            pid=-self._group, started=0, parent=0, group=self._group, session=self._group, state="S"
        )
        return Reading({whole.pid: whole}, 0)

    def youngest(self) -> int | None:
        return None

    def environment(self, pid: int) -> bytes:
        return b""

    def limits(self, pid: int) -> bytes:
        return b""


def best_table(group: int) -> ProcessTable:
    """The most telling table that this system has, for looking at the tree that began as `group`."""
    if ProcTable.available():
        return ProcTable()
    if PsutilTable.available():
        return PsutilTable()
    return GroupTable(group)
