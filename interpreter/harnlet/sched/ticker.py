"""The ticker: makes scripts that compute without waiting give the event loop a turn.

One thread for the whole process looks at every scheduler each 2 ms. Where script code has been running for
longer than a moment, the attention flag is set, so that it comes to its scheduler at the next safe point and
lets others run. To look, the thread needs Python's global lock; so that it gets it soon, the switch interval
is lowered while it looks (`harnlet.sched.switch_interval`). While nothing runs the thread is parked; it ends
with the last scheduler.
"""

import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

from harnlet.sched.switch_interval import SwitchInterval

INTERVAL_SECONDS: Final = 0.002
_MOMENT_SECONDS: Final = 0.0005
"""Code that runs for less than this comes to an end soon: tasks that wait often are left alone."""
_IDLE_LOOKS: Final = 10
"""Parked after this many looks at which nothing ran. Waking the thread costs as much as a few looks."""


class Watched(Protocol):
    """What the ticker looks at. `running` says whether script code runs now, `entered` since when, by
    `time.perf_counter`; only the loop's thread writes them. `short_slices`: whether the switch interval may
    be lowered for it."""

    running: bool
    entered: float
    short_slices: bool

    def end_slice(self) -> None:
        """Set the flag that safe points read, and say why."""


Reference: TypeAlias = "weakref.ref[Watched]"


class Ticker:
    """The thread, and the schedulers that it looks after."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._watched: tuple[Reference, ...] = ()
        self._interval = SwitchInterval()
        self.parked = True
        """Read without the lock by schedulers, which call `unpark` when they see it."""

    def add(self, scheduler: Watched) -> None:
        """Look after a scheduler from now on. The thread starts when script code runs."""
        with self._lock:
            self._watched = (*self._alive(), weakref.ref(scheduler))

    def remove(self, scheduler: Watched) -> None:
        """Stop looking after it; the thread ends when it was the last."""
        with self._lock:
            self._watched = tuple(each for each in self._alive() if each() is not scheduler)
        self._wake.set()

    def unpark(self) -> None:
        """Make the thread look again."""
        self.parked = False
        self._lower_interval()
        self._wake.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None and self._alive():
                    self._thread = threading.Thread(target=self._look, name="harnlet-ticker", daemon=True)
                    self._thread.start()

    def after_fork(self) -> None:
        """In a child process the thread is gone, and nobody will release what it held."""
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread = None
        self.parked = True
        self._interval.after_fork()

    def _lower_interval(self) -> None:
        """For the first look already: a thread that waits for the lock does not hear of it later."""
        if _any(self._watched, lambda scheduler: scheduler.short_slices):
            self._interval.lower()

    def _alive(self) -> tuple[Reference, ...]:
        return tuple(each for each in self._watched if each() is not None)

    def _look(self) -> None:
        idle = 0
        while True:
            watched = self._watched
            if not watched or all(each() is None for each in watched):
                with self._lock:
                    self._watched = self._alive()
                    if not self._watched:
                        self._interval.restore()
                        self.parked = True
                        self._thread = None
                        return
            time.sleep(INTERVAL_SECONDS)
            idle = 0 if _look_at(watched) else idle + 1
            if idle < _IDLE_LOOKS:
                continue
            idle = 0
            self._wake.clear()
            self.parked = True
            # A script that began before it could see that we are parked will not wake us.
            if self._watched is watched and not _any(watched, lambda scheduler: scheduler.running):
                self._interval.restore()
                self._wake.wait()
            self.parked = False
            self._lower_interval()


def _look_at(watched: tuple[Reference, ...]) -> bool:
    """End the slice of what runs; whether anything does.

    A function, so that no scheduler is kept alive by a variable of the thread.
    """
    active = False
    for each in watched:
        scheduler = each()
        if scheduler is not None and scheduler.running:
            active = True
            if time.perf_counter() - scheduler.entered > _MOMENT_SECONDS:
                scheduler.end_slice()
    return active


def _any(watched: tuple[Reference, ...], question: Callable[[Watched], bool]) -> bool:
    return any(scheduler is not None and question(scheduler) for scheduler in (each() for each in watched))


TICKER = Ticker()
"""Shared by all interpreters: a thread for each would cost more than it gives."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=TICKER.after_fork)
