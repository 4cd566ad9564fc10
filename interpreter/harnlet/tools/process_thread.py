"""Blocking work beside the event loop, and waiting for it whatever happens."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def in_own_thread(work: Callable[[], T]) -> "asyncio.Future[T]":
    """Run `work` in a thread of its own, without waiting for anybody.

    Not by `asyncio.to_thread`: its pool is shared with synchronous tools, and when those are stuck, which is
    what a stop is called for, the stop would queue up behind them.
    """
    worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="harnlet-process")
    try:
        return asyncio.get_running_loop().run_in_executor(worker, work)
    finally:
        worker.shutdown(wait=False)  # ends the thread after the work that it has


class Persistence:
    """Waits of one task that a cancellation cannot cut short; it is told at once and kept for later."""

    def __init__(self, on_cancel: Callable[[], None]) -> None:
        self._on_cancel = on_cancel
        self._cancellation: asyncio.CancelledError | None = None

    async def first_of(self, *futures: "asyncio.Future[T]") -> None:
        """Return when one of the futures is done. Cancels none of them."""
        # Asked first, because a wait takes two turns of the loop to tell even of a future that is done; who
        # cancels in every turn would keep it waiting for ever.
        while not any(future.done() for future in futures):
            try:
                await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError as cancellation:
                self._cancellation = self._cancellation or cancellation
                self._on_cancel()

    async def result_of(self, future: "asyncio.Future[T]") -> T:
        await self.first_of(future)
        return future.result()

    def let_go(self) -> None:
        """Raise the first cancellation that came meanwhile: it always travels on."""
        if self._cancellation is not None:
            raise self._cancellation
