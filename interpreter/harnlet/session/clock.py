"""Time, as the host side sees it: a monotonic clock in milliseconds and one-shot timers.

Everything that waits (grace periods, deadlines, `timeout_ms`) asks a `Clock`, never `time` or
`asyncio.sleep`, so that a test or a replay can hold the time in its hand. Nothing polls: a wait is
a future plus one timer.
"""

import asyncio
import heapq
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

FOR_EVER_MS: Final = 1e15
"""Longer times are cut to this: more than 30,000 years."""


class Timer(Protocol):
    """A pending callback."""

    def cancel(self) -> None:
        """Forget the callback; harmless when it has run or was cancelled before."""


class Clock(Protocol):
    """Where sessions and tool calls get the time from."""

    def monotonic_ms(self) -> float:
        """Milliseconds since some fixed moment; never goes back."""

    def wall_ms(self) -> int:
        """Milliseconds since 1970, for ids and records that people read."""

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` in the running event loop after `delay_ms` milliseconds."""

    async def sleep(self, delay_ms: float) -> None:
        """Suspend the current task for `delay_ms` milliseconds."""


class SystemClock:
    """The real clock: `time.monotonic` and the timers of the running event loop."""

    __slots__ = ()

    def monotonic_ms(self) -> float:
        """Milliseconds of `time.monotonic`."""
        return time.monotonic() * 1000.0

    def wall_ms(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Timer:
        """A timer of the running loop."""
        return asyncio.get_running_loop().call_later(min(delay_ms, FOR_EVER_MS) / 1000.0, callback)

    async def sleep(self, delay_ms: float) -> None:
        """`asyncio.sleep` in milliseconds."""
        await asyncio.sleep(delay_ms / 1000.0)


class _ManualTimer:
    __slots__ = ("callback", "due_ms")

    def __init__(self, due_ms: float, callback: Callable[[], None]) -> None:
        self.due_ms = due_ms
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualClock:
    """A clock that stands still until it is told to go on; for tests and replays.

    `start_ms` is its first reading, both monotonic and since 1970.
    """

    __slots__ = ("_now_ms", "_order", "_timers")

    def __init__(self, start_ms: float = 0.0) -> None:
        self._now_ms = start_ms
        self._order = 0
        self._timers: list[tuple[float, int, _ManualTimer]] = []

    def monotonic_ms(self) -> float:
        """The time it was last moved to."""
        return self._now_ms

    def wall_ms(self) -> int:
        """The same time, as an int."""
        return int(self._now_ms)

    def call_later(self, delay_ms: float, callback: Callable[[], None]) -> Timer:
        """Keep `callback` until `advance` passes its moment."""
        timer = _ManualTimer(self._now_ms + delay_ms, callback)
        self._order += 1
        heapq.heappush(self._timers, (timer.due_ms, self._order, timer))
        return timer

    async def sleep(self, delay_ms: float) -> None:
        """Wait until `advance` has passed `delay_ms`."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        timer = self.call_later(delay_ms, wake)
        try:
            await woken
        finally:
            timer.cancel()

    @property
    def timers(self) -> int:
        """How many timers are pending; a test sees with it that nothing was left behind."""
        return sum(1 for _, _, timer in self._timers if timer.callback is not None)

    @property
    def next_ms(self) -> float | None:
        """How long it is until the next timer, None when there is none."""
        due = [timer.due_ms for _, _, timer in self._timers if timer.callback is not None]
        return max(0.0, min(due) - self._now_ms) if due else None

    def advance(self, delay_ms: float) -> None:
        """Move on by `delay_ms`, running what falls due, in order, each at its own moment."""
        end_ms = self._now_ms + delay_ms
        while self._timers and self._timers[0][0] <= end_ms:
            due_ms, _, timer = heapq.heappop(self._timers)
            callback, timer.callback = timer.callback, None
            if callback is not None:
                self._now_ms = max(self._now_ms, due_ms)
                callback()
        self._now_ms = end_ms


async def wait_at_most(clock: Clock, event: "asyncio.Future[Any]", timeout_ms: float) -> bool:
    """Wait for `event`, for `timeout_ms` milliseconds at most; whether it came.

    `event` itself is never cancelled by the time running out.
    """
    if event.done():
        return True
    woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(*_: object) -> None:
        if not woken.done():
            woken.set_result(None)

    timer = clock.call_later(timeout_ms, wake)
    event.add_done_callback(wake)
    try:
        await woken
    finally:
        timer.cancel()
        event.remove_done_callback(wake)
    return event.done()
