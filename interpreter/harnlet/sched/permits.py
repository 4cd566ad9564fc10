"""Counted permits with a queue: what `mutex { }` and the `sync_*` builtins are made of.

First come, first served: a request that does not fit holds back the smaller ones behind it, so that a
writer is not starved by readers. Rules: docs/builtins.md#mutex-semaphore-gate-rwlock.
"""

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, ClassVar, Final, final

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.values import Handle

if TYPE_CHECKING:
    from harnlet.runtime.context import Runtime

DEFAULT_MUTEX: Final = "__default__"


@final
class _Request:
    """One that waits: for how many permits, and whether it has been given them."""

    __slots__ = ("count", "granted", "since_ms", "woken")

    def __init__(self, count: int, since_ms: float, woken: "asyncio.Future[None]") -> None:
        self.count = count
        self.since_ms = since_ms
        self.woken = woken
        self.granted = False


class PermitPool:
    """The permits of one key. Times are in milliseconds of the run's clock."""

    def __init__(self, rt: "Runtime", kind: str, key: str, capacity: int) -> None:
        self.rt = rt
        self.kind = kind
        self.key = key
        self.capacity = capacity
        self.held = 0
        self.queue: OrderedDict[_Request, None] = OrderedDict()
        self.acquired = self.timed_out = self.cancelled = self.released = self.longest_queue = 0
        self.waited_ms = self.held_ms = 0.0

    def acquire(self, count: int = 1, timeout_ms: float | None = None) -> "Permit | None":
        """Take `count` permits; None when there are not enough within `timeout_ms`.

        Raises RuntimeFault when there will never be enough.
        """
        if count > self.capacity:
            raise RuntimeFault(
                f"sync {self.kind} '{self.key}' requested {count} permits from capacity {self.capacity}"
            )
        if not self.queue and self.held + count <= self.capacity:
            self.held += count
        elif timeout_ms is not None and timeout_ms <= 0:
            self.timed_out += 1
            return None
        elif not self._wait(count, timeout_ms):
            return None
        self.acquired += 1
        return Permit(self, count, self.rt.clock.monotonic_ms())

    def _wait(self, count: int, timeout_ms: float | None) -> bool:
        clock = self.rt.clock
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        request = _Request(count, clock.monotonic_ms(), woken)
        self.queue[request] = None
        self.longest_queue = max(self.longest_queue, len(self.queue))

        def give_up() -> None:
            if not woken.done():
                woken.set_result(None)

        timer = None if timeout_ms is None else clock.call_later(timeout_ms, give_up)
        try:
            self.rt.wait(woken)
        except BaseException:
            # It may have been granted in the very moment in which its task was cancelled.
            self.cancelled += 1
            self._leave(request)
            if request.granted:
                self.give_back(count)
            raise
        finally:
            if timer is not None:
                timer.cancel()
            self.waited_ms += clock.monotonic_ms() - request.since_ms
        if not request.granted:
            self.timed_out += 1
            self._leave(request)
        return request.granted

    def _leave(self, request: _Request) -> None:
        if request in self.queue:
            del self.queue[request]
            self._grant()

    def give_back(self, count: int) -> None:
        """`count` permits are free again: those who wait for them come first."""
        self.held -= count
        self._grant()

    def _grant(self) -> None:
        while self.queue:
            request = next(iter(self.queue))
            if self.held + request.count > self.capacity:
                return
            del self.queue[request]
            if not request.woken.done():
                self.held += request.count
                request.granted = True
                request.woken.set_result(None)

    def metrics(self) -> dict[str, object]:
        """What `sync_metrics` tells."""
        return {
            "kind": self.kind,
            "key": self.key,
            "capacity": self.capacity,
            "acquisition_count": self.acquired,
            "timeout_count": self.timed_out,
            "cancellation_count": self.cancelled,
            "release_count": self.released,
            "current_held": self.held,
            "current_queue_depth": len(self.queue),
            "max_queue_depth": self.longest_queue,
            "total_wait_ms": round(self.waited_ms),
            "total_held_ms": round(self.held_ms),
        }


@final
class Permit(Handle):
    """What an acquire call returns; released once, at the latest when nothing refers to it any more."""

    __slots__ = ("__weakref__", "count", "pool", "released", "since_ms")
    type_name: ClassVar[str] = "sync_permit"

    def __init__(self, pool: PermitPool, count: int, since_ms: float) -> None:
        self.pool = pool
        self.count = count
        self.since_ms = since_ms
        self.released = False

    def release(self) -> bool:
        """Give the permits back; whether this was the first time."""
        if self.released:
            return False
        self.released = True
        pool = self.pool
        pool.released += 1
        pool.held_ms += pool.rt.clock.monotonic_ms() - self.since_ms
        pool.give_back(self.count)
        return True

    def __del__(self) -> None:
        if self.released:
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            # The garbage collector runs in whatever thread it likes, after the run as well.
            for request in self.pool.queue:
                loop = request.woken.get_loop()
                if not loop.is_closed():
                    loop.call_soon_threadsafe(self.release)
                    return
        self.release()

    def display(self) -> str:
        return f"<sync_permit:{self.pool.kind}:{self.pool.key}>"


class PermitPools:
    """The pools of an interpreter, by kind and key."""

    def __init__(self) -> None:
        self.pools: dict[tuple[str, str], PermitPool] = {}

    def get(self, rt: "Runtime", kind: str, key: str, capacity: int) -> PermitPool:
        """The pool, made on first use. Raises RuntimeFault when it has another capacity."""
        pool = self.pools.get((kind, key))
        if pool is None:
            pool = self.pools[kind, key] = PermitPool(rt, kind, key, capacity)
        elif pool.capacity != capacity:
            raise RuntimeFault(
                f"sync {kind} '{key}' already exists with capacity {pool.capacity}, not {capacity}"
            )
        return pool
