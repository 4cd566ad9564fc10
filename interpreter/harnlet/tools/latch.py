"""A latch: an event that happens once, set from any thread, awaited in any event loop."""

import asyncio
import contextlib


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


class Latch:
    """Waiting returns at once when the latch is set, and no wake-up is ever missed.

    `set` goes through `call_soon_threadsafe` always, even in the loop's own thread: a signal
    handler runs in that thread too, in the middle of anything, and only this wakes a loop that
    sleeps in its selector. With nobody waiting, setting costs an attribute.
    """

    __slots__ = ("_is_set", "_waiting")

    def __init__(self) -> None:
        self._is_set = False
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._is_set

    def set(self) -> None:
        """Let everyone go who waits or will wait."""
        self._is_set = True
        waiting = self._waiting
        while waiting:
            try:
                future = waiting.pop()
            except IndexError:  # Another thread took the last one.
                return
            # A loop that was closed has nobody left to wake.
            with contextlib.suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(_wake, future)

    def future(self) -> "asyncio.Future[None]":
        """A future of the running loop that is done when the latch is set."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._is_set:
            future.set_result(None)
            return future
        self._waiting.append(future)
        self._check_again(future)
        return future

    def _check_again(self, future: "asyncio.Future[None]") -> None:
        """Set between the first look and the append: then nobody else may wake this one."""
        if self._is_set:
            _wake(future)

    async def wait(self) -> None:
        """Return when the latch is set."""
        if not self._is_set:
            await self.future()
