"""Tasks and waiting: `sleep`, `await`, `cancel` and their kin (docs/builtins.md#concurrency-runtime)."""

import asyncio
from typing import Any

from harnlet.runtime.builtin import builtin
from harnlet.runtime.faulting import error_text
from harnlet.runtime.limits import ScriptExit
from harnlet.runtime.values import Duration, err, ok
from harnlet.sched.scheduler import cancelled_fault
from harnlet.sched.task import Task
from harnlet_builtins.clock import Mock

_GRACE_MS = 5000


def _milliseconds(value: object, otherwise: float) -> float:
    if type(value) is Duration:
        return value.milliseconds
    if type(value) is int or type(value) is float:
        return value
    return otherwise


@builtin("sleep(duration)", section="12.2", effect="suspends", context=True)
async def sleep(rt: Any, duration: object = None) -> None:
    """Wait for a duration or a number of milliseconds; only the calling task waits."""
    await rt.clock.sleep(max(_milliseconds(duration, 0), 0))


@builtin("sleep_ms(milliseconds)", section="12.2", effect="suspends", context=True)
async def sleep_ms(rt: Any, milliseconds: object = None) -> None:
    """Wait for a number of milliseconds; a mocked clock is moved on instead."""
    delay = max(_milliseconds(milliseconds, 0), 0)
    if not rt.state(Mock).advance(int(delay)):
        await rt.clock.sleep(delay)


@builtin("await(task)", section="14.1", effect="suspends", context=True)
def await_(rt: Any, task: object = None) -> object:
    """The value of a task, once it has ended; its error is raised here. What is no task is returned."""
    return rt.scheduler.await_task(task) if type(task) is Task else task


@builtin("cancel(task)", section="14.1", effect="suspends", context=True)
def cancel(rt: Any, task: object = None) -> None:
    """End a task at once; its `finally` and `defer` blocks run."""
    if type(task) is Task:
        rt.scheduler.cancel_task(task)


@builtin("cancel_graceful(task, timeout = 5000)", section="14.1", effect="suspends", context=True)
async def cancel_graceful(rt: Any, task: object = None, timeout: object = _GRACE_MS) -> object:
    """Ask a task to end, wait up to `timeout` milliseconds for it, and tell how it ended as a Result."""
    if type(task) is not Task:
        return None
    running = task.asyncio_task
    if task.taken or running is None:
        return ok(None)
    task.taken = True
    rt.scheduler.cancel_task(task)
    limit = asyncio.ensure_future(rt.clock.sleep(_milliseconds(timeout, _GRACE_MS)))
    try:
        await asyncio.wait({running, limit}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        limit.cancel()
    if not running.done():
        return err("cancel_graceful: timeout, task forcefully aborted")
    if running.cancelled():
        return err(error_text(cancelled_fault()))
    error = running.exception()
    if isinstance(error, Exception):
        return err(error_text(error))
    return ok(running.result())


@builtin("is_cancelled()", section="14.1", context=True)
def is_cancelled(rt: Any) -> bool:
    """Whether somebody asked the current task to end."""
    return bool(rt.task.cancel_requested)


@builtin("exit(code = 0)", section="13.3", effect="system")
def exit_(code: object = 0) -> None:
    """End the program; on the command line with this exit code."""
    raise ScriptExit(code if type(code) is int else 0)
