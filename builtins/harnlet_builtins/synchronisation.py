"""Locks by name: mutex, semaphore, gate, read-write lock
(docs/builtins.md#mutex-semaphore-gate-rwlock). The queue itself: `harnlet.sched.permits`."""

from typing import Any, Final

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.sched.permits import DEFAULT_MUTEX, Permit, PermitPools
from harnlet.sched.times import milliseconds

_READERS: Final = 1024


def _timeout(given: object) -> int | None:
    """How long to wait: an int of ms, a duration, or a dict with one; None for without end."""
    if type(given) is dict:
        given = given.get("timeout_ms", given.get("max_wait_ms"))
    return milliseconds(given)


def _positive(name: str, given: object) -> int:
    if given is None:
        return 1
    if type(given) is not int or given <= 0:
        raise RuntimeFault(f"{name}: value must be positive")
    return given


def _key(given: object, otherwise: str) -> str:
    return otherwise if given is None else display(given)


def _acquire(
    rt: Any, kind: str, key: str, capacity: int, permits: int, timeout: object
) -> Permit | None:
    pools: PermitPools = rt.state(PermitPools)
    return pools.get(rt, kind, key, capacity).acquire(permits, _timeout(timeout))


@builtin(
    'sync_mutex_acquire(key = "__default__", timeout?)', section="14.6", effect="suspends", context=True
)
def sync_mutex_acquire(rt: Any, key: object = None, timeout: object = None) -> Permit | None:
    """Take the mutex of that key, waiting for it; a permit, or nil after `timeout`."""
    return _acquire(rt, "mutex", _key(key, DEFAULT_MUTEX), 1, 1, timeout)


@builtin(
    'sync_semaphore_acquire(key = "default", capacity = 1, permits = 1, timeout?)',
    section="14.6",
    effect="suspends",
    context=True,
)
def sync_semaphore_acquire(
    rt: Any, key: object = None, capacity: object = None, permits: object = None, timeout: object = None
) -> Permit | None:
    """Take `permits` of the `capacity` of that key, waiting for them; a permit, or nil after `timeout`."""
    most = _positive("sync_semaphore_acquire", capacity)
    count = _positive("sync_semaphore_acquire", permits)
    return _acquire(rt, "semaphore", _key(key, "default"), most, count, timeout)


@builtin(
    'sync_gate_acquire(key = "default", limit = 1, timeout?)',
    section="14.6",
    effect="suspends",
    context=True,
)
def sync_gate_acquire(
    rt: Any, key: object = None, limit: object = None, timeout: object = None
) -> Permit | None:
    """Pass the gate of that key, which lets `limit` tasks be inside; a permit, or nil after `timeout`."""
    return _acquire(rt, "gate", _key(key, "default"), _positive("sync_gate_acquire", limit), 1, timeout)


@builtin(
    'sync_rwlock_acquire(key = "default", mode = "read", timeout?)',
    section="14.6",
    effect="suspends",
    context=True,
)
def sync_rwlock_acquire(
    rt: Any, key: object = None, mode: object = None, timeout: object = None
) -> Permit | None:
    """Take the lock of that key to `read`, beside others, or to `write`, alone; a permit, or nil after
    `timeout`."""
    if mode not in (None, "read", "write"):
        raise RuntimeFault("sync_rwlock_acquire: mode must be read or write")
    count = _READERS if mode == "write" else 1
    return _acquire(rt, "rwlock", _key(key, "default"), _READERS, count, timeout)


@builtin("sync_release(permit)", section="14.6")
def sync_release(permit: object = None) -> bool:
    """Give a permit back; true the first time."""
    if type(permit) is not Permit:
        raise RuntimeFault("sync_release: first argument must be a sync permit")
    return permit.release()


@builtin("sync_metrics(kind?, key?)", section="14.6", context=True)
def sync_metrics(rt: Any, kind: object = None, key: object = None) -> object:
    """What the locks have counted: a dict, or nil, for a kind and a key; else a list of those that fit."""
    pools: PermitPools = rt.state(PermitPools)
    if kind is not None and key is not None:
        pool = pools.pools.get((display(kind), display(key)))
        return None if pool is None else pool.metrics()
    return [
        pool.metrics()
        for (own_kind, own_key), pool in sorted(pools.pools.items())
        if (kind is None or own_kind == display(kind)) and (key is None or own_key == display(key))
    ]
