"""What the operating system tells about the processes that exist, read from `/proc`.

Everything here blocks for as long as a few small reads take, so callers on an event loop hand it to a
thread. `process_table_portable` offers the same for systems without `/proc`.
"""

import os
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

_READ_SIZE = 64 * 1024
_STAT_SIZE = 4096


@dataclass(frozen=True, slots=True)
class ProcessEntry:
    """One line of the process table.

    A process number alone names nobody: it is given out again after its owner is gone. The number and the
    start time together are an identity, and everything that remembers a process remembers both.
    """

    pid: int
    started: int
    """When it began, in the unit of its table (clock ticks since boot for `/proc`): only for comparing."""
    parent: int
    group: int
    session: int
    state: str
    threads: int = 1

    @property
    def identity(self) -> tuple[int, int]:
        return self.pid, self.started

    @property
    def alive(self) -> bool:
        """Whether it can still do anything. A zombie cannot, unless only its main thread has ended."""
        return self.state not in ("Z", "X") or self.threads > 1

    @property
    def stopped(self) -> bool:
        return self.state == "T"


class Reading(NamedTuple):
    """Every process that we may see. Not a snapshot: they come and go while it is read."""

    entries: dict[int, ProcessEntry]
    vanished: int
    """How many were listed and had gone when it was their turn. Each may have left a child, unlisted."""


class ProcessTable(Protocol):
    """Where a `ProcessTree` looks. Reads of a process that has gone, or is hidden from us, give nothing."""

    def entry(self, pid: int) -> ProcessEntry | None: ...

    def read(self, but: Set[int] = frozenset()) -> Reading:
        """Look up everybody, except for the numbers in `but`."""

    def youngest(self) -> int | None:
        """The number that was given out last; it may be a thread's, or nobody's any more. None: unknown."""

    def environment(self, pid: int) -> bytes:
        """The environment that the process began with: `NAME=value` entries, each ended by a NUL."""

    def limits(self, pid: int) -> bytes:
        """The resource limits of the process in the form of `/proc/<pid>/limits`."""


class ProcTable:
    """The process table of Linux."""

    @staticmethod
    def available() -> bool:
        return Path("/proc/self/stat").exists()

    def entry(self, pid: int) -> ProcessEntry | None:
        return _parse_stat(pid, _read(f"/proc/{pid}/stat", at_most=_STAT_SIZE))

    def read(self, but: Set[int] = frozenset()) -> Reading:
        return read_each({int(name) for name in os.listdir("/proc") if name.isdigit()} - but, self)

    def youngest(self) -> int | None:
        # The load averages come with it: "0.20 0.18 0.12 1/80 11206". 8 µs, for any number of processes.
        fields = _read("/proc/loadavg", at_most=_STAT_SIZE).split()
        return int(fields[4]) if len(fields) > 4 else None

    def environment(self, pid: int) -> bytes:
        return _read(f"/proc/{pid}/environ")

    def limits(self, pid: int) -> bytes:
        return _read(f"/proc/{pid}/limits")


def read_each(pids: Set[int], table: ProcessTable) -> Reading:
    """Look up the processes that a table has listed."""
    entries, vanished = {}, 0
    # Numbers are given out upwards, and the youngest are the most likely to be gone in a moment.
    for pid in sorted(pids, reverse=True):
        entry = table.entry(pid)
        if entry is None:
            vanished += 1
        else:
            entries[pid] = entry
    return Reading(entries, vanished)


def _parse_stat(pid: int, line: bytes) -> ProcessEntry | None:
    # The second field is the command's name in parentheses and may itself hold spaces and parentheses,
    # so the numbers are counted from the last one.
    if not line:
        return None
    fields = line[line.rindex(b")") + 2 :].split()
    return ProcessEntry(
        pid=pid,
        state=fields[0].decode("ascii"),
        parent=int(fields[1]),
        group=int(fields[2]),
        session=int(fields[3]),
        threads=int(fields[17]),
        started=int(fields[19]),
    )


def _read(path: str, at_most: int | None = None) -> bytes:
    # os.open and os.read take half the time of open(): a scan of 2000 processes does this 2000 times.
    # With `at_most` bytes known, one read gets them all.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        if at_most is not None:
            return os.read(descriptor, at_most)
        parts = []
        while part := os.read(descriptor, _READ_SIZE):
            parts.append(part)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
    return b"".join(parts)
