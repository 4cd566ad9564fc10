"""The ticker: makes scripts that compute without waiting give the event loop a turn.

One thread for the whole process looks at every scheduler each 2 ms. A script that has been running
since the last look gets its attention flag set, so that it comes to its scheduler at the next safe point
and lets others run. While nothing runs the thread is parked; it ends with the last scheduler.
"""

import threading
import weakref
from typing import Protocol

INTERVAL_SECONDS = 0.002
_IDLE_LOOKS = 50
"""Parked after this many looks at which nothing ran."""


class Watched(Protocol):
    """What the ticker looks at. `slices` counts how often script code was entered; `running` says
    whether it is inside now. Both are written by the loop's thread only."""

    running: bool
    slices: int

    def want_attention(self) -> None:
        """Set the flag that safe points read."""


class Ticker:
    """The thread, and the schedulers that it looks after."""

    def __init__(self) -> None:
        self._watched: weakref.WeakSet[Watched] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self.parked = False
        """Read without the lock by schedulers, which call `unpark` when they see it."""

    def add(self, scheduler: Watched) -> None:
        """Look after a scheduler from now on."""
        with self._lock:
            self._watched.add(scheduler)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="harnlet-ticker", daemon=True)
                self._thread.start()
        self.unpark()

    def remove(self, scheduler: Watched) -> None:
        """Stop looking after it; the thread ends when it was the last."""
        with self._lock:
            self._watched.discard(scheduler)
        self.unpark()

    def unpark(self) -> None:
        """Make the thread look again."""
        self.parked = False
        self._wake.set()

    def _look(self) -> None:
        seen: dict[int, int] = {}
        idle = 0
        pause = threading.Event()
        while True:
            with self._lock:
                current = list(self._watched)
                if not current:
                    self._thread = None
                    return
            active = False
            looked: dict[int, int] = {}
            for scheduler in current:
                if not scheduler.running:
                    continue
                active = True
                looked[id(scheduler)] = scheduler.slices
                if seen.get(id(scheduler)) == scheduler.slices:
                    scheduler.want_attention()
            seen = looked
            del current
            idle = 0 if active else idle + 1
            if idle > _IDLE_LOOKS:
                self._wake.clear()
                self.parked = True
                self._wake.wait()
                idle = 0
            else:
                pause.wait(INTERVAL_SECONDS)


TICKER = Ticker()
"""Shared by all interpreters: a thread for each would cost more than it gives."""
