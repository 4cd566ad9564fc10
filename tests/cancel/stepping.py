"""An event loop that runs one callback at a time, in an order that is said from outside.

With it a test can let something happen before any step of a scenario, and try other orders than the
one that asyncio would take. When nothing is ready, a clock that stands still is moved to its next timer.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from harnlet.session.clock import ManualClock

_RUN_ONCE: Final[Callable[[asyncio.AbstractEventLoop], None]] = vars(asyncio.BaseEventLoop)["_run_once"]


class SteppedLoop(asyncio.SelectorEventLoop):
    """One callback at a time, or one look at what comes from outside when none is ready.

    `pick(n)` says which of `n` ready callbacks is next, `before()` is called before each step. `clock` is moved when
    nothing is ready, after `patience_seconds` in which something outside of the loop may still speak up.
    """

    _ready: "deque[asyncio.Handle]"

    def __init__(self, clock: ManualClock, *, patience_seconds: float = 0.0) -> None:
        super().__init__()
        self.clock = clock
        self.patience_seconds = patience_seconds
        self.steps = 0
        self.pick: Callable[[int], int] = lambda _: 0
        self.before: Callable[[], None] = lambda: None
        self.complaints: list[str] = []
        self._nudge: asyncio.TimerHandle | None = None
        self.set_exception_handler(self._complain)

    def _complain(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.complaints.append(f"{context['message']}: {context.get('exception')!r}")

    def _run_once(self) -> None:
        ready = self._ready
        if ready:
            self.before()
            ready.rotate(-self.pick(len(ready)))
            others = list(ready)[1:]
            while len(ready) > 1:
                ready.pop()
            self.steps += 1
            _RUN_ONCE(self)
            ready.extendleft(reversed(others))
            return
        self.before()
        self.steps += 1
        if self.clock.next_ms is not None and self._nudge is None:
            self._nudge = self.call_later(self.patience_seconds, self._move_clock)
        _RUN_ONCE(self)

    def _move_clock(self) -> None:
        self._nudge = None
        due_ms = self.clock.next_ms
        if due_ms is not None and not self._ready:
            self.clock.advance(due_ms)
