"""Knowing the moment at which processes end, without blocking and without a child watcher.

asyncio's own subprocesses would need the child watcher of the host's event loop policy, which on CPython 3.11
costs one thread for each process and reaps a child as soon as it ends. We reap ours only when we have done
with its tree: as long as it is a zombie, its number, which is also that of its group and session, cannot
become another's.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Sequence

from .process_signal import open_handle
from .process_table import ProcessEntry, ProcessTable
from .process_tree import MOST_HANDLES

_POLL_SECONDS = 0.01


class LeaderExit:
    """Calls `on_exit` once in the event loop when a child of ours has ended; reaps it when told to.

    By descriptor (pidfd) where there are any, else by a thread that waits.
    """

    def __init__(self, pid: int, on_exit: Callable[[], None], *, keeps_zombie: bool) -> None:
        """`keeps_zombie`: whether the system can wait for a child and leave it unreaped."""
        self._pid = pid
        self._on_exit = on_exit
        self._loop = asyncio.get_running_loop()
        self._keeps_zombie = keeps_zombie
        self._wait_status: int | None = None
        self._over = False
        self._handle = open_handle(pid)
        if self._handle is not None:
            self._loop.add_reader(self._handle, self._tell)
        else:
            threading.Thread(target=self._wait, name=f"harnlet-wait-{pid}", daemon=True).start()

    def reap(self) -> int | None:
        """The exit code, or the negative number of the signal that ended it; None when that is unknown.

        Unknown: it has not ended, or somebody else reaped it (a host that waits for any child).
        """
        if self._wait_status is None:
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self._pid, os.WNOHANG)
                if pid:
                    self._wait_status = status
        return None if self._wait_status is None else os.waitstatus_to_exitcode(self._wait_status)

    def close(self) -> None:
        """No call any more. Safe when the loop has been closed, and twice."""
        self._over = True
        if self._handle is not None:
            if not self._loop.is_closed():
                self._loop.remove_reader(self._handle)
            os.close(self._handle)
            self._handle = None

    def _wait(self) -> None:
        with contextlib.suppress(ChildProcessError):
            if self._keeps_zombie:
                os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOWAIT)
            else:
                _, self._wait_status = os.waitpid(self._pid, 0)
        with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody to tell
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        if not self._over:
            self.close()
            self._on_exit()


class Departures:
    """Resolves `all_gone` when each of some processes, ours or not, has ended.

    The first `MOST_HANDLES` are waited for by descriptor; the others, and all where there are no descriptors,
    are looked up every 10 ms.
    """

    def __init__(self, entries: Sequence[ProcessEntry], table: ProcessTable) -> None:
        self._loop = asyncio.get_running_loop()
        self._table = table
        self._handles: set[int] = set()
        self._polled: list[ProcessEntry] = []
        self._timer: asyncio.TimerHandle | None = None
        self.all_gone: asyncio.Future[None] = self._loop.create_future()
        for place, entry in enumerate(entries):
            handle = open_handle(entry.pid) if place < MOST_HANDLES else None
            if handle is None:
                self._polled.append(entry)
            else:
                self._handles.add(handle)
                self._loop.add_reader(handle, self._gone, handle)
        self._look()

    def close(self) -> None:
        """No waiting any more. Safe when the loop has been closed, and twice."""
        if self._timer is not None:
            self._timer.cancel()
        for handle in self._handles:
            if not self._loop.is_closed():
                self._loop.remove_reader(handle)
            os.close(handle)
        self._handles.clear()

    def _gone(self, handle: int) -> None:
        self._handles.discard(handle)
        self._loop.remove_reader(handle)
        os.close(handle)
        self._settle()

    def _look(self) -> None:
        self._polled = [entry for entry in self._polled if self._is_alive(entry)]
        if self._polled:
            self._timer = self._loop.call_later(_POLL_SECONDS, self._look)
        self._settle()

    def _is_alive(self, entry: ProcessEntry) -> bool:
        current = self._table.entry(entry.pid)
        return current is not None and current.identity == entry.identity and current.alive

    def _settle(self) -> None:
        if not self._handles and not self._polled and not self.all_gone.done():
            self.all_gone.set_result(None)
