"""The switch interval of the process, lowered while scripts compute.

A thread that wants Python's global lock waits `sys.getswitchinterval()` (5 ms) before the one that holds
it is asked to let go. The ticker is such a thread: with 5 ms a slice of script code lasts 7 to 8 ms, with
half a millisecond 2.5. What that costs: docs/performance.md#concurrency. An embedder who does not want it:
`Interpreter(short_slices=False)` (docs/architecture.md#safe-points).
"""

import sys
import threading
from typing import Final

LOWERED_SECONDS: Final = 0.0005


class SwitchInterval:
    """Lowered and put back by whoever watches over all schedulers. Any thread may call."""

    __slots__ = ("_before", "_lock", "_lowered")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._before: float | None = None
        """What the host has chosen, while it is lowered."""
        self._lowered = LOWERED_SECONDS
        """What `sys` says that it is then."""

    def lower(self) -> None:
        """Lower it, unless it is as low already."""
        with self._lock:
            now = sys.getswitchinterval()
            if now > self._lowered:
                self._before = now
                sys.setswitchinterval(LOWERED_SECONDS)
                self._lowered = sys.getswitchinterval()

    def restore(self) -> None:
        """Put back what the host has chosen; what it has chosen meanwhile stays."""
        with self._lock:
            if self._before is not None and sys.getswitchinterval() == self._lowered:
                sys.setswitchinterval(self._before)
            self._before = None

    def after_fork(self) -> None:
        """In a child process nobody else will put it back, nor release the lock."""
        self._lock = threading.Lock()
        self.restore()
