"""Tasks and waiting: `sleep`, `await`, `cancel` (docs/builtins.md#concurrency-runtime).

To ask a task to end: `cancelling.py`.
"""

import math
from typing import Any

from harnlet.runtime.builtin import builtin
from harnlet.runtime.limits import ScriptExit
from harnlet.runtime.values import Duration
from harnlet.sched.task import Task
from harnlet_builtins.clock import Mock

_LONGEST_MS = 10**15
"""Some thirty thousand years: for ever, and small enough for every clock."""


def _milliseconds(value: object) -> float:
    """How long to wait; what is no time is no time at all."""
    if type(value) is Duration:
        value = value.milliseconds
    if type(value) is int or (type(value) is float and not math.isnan(value)):
        return min(max(value, 0), _LONGEST_MS)
    return 0


@builtin("sleep(duration)", section="12.2", effect="suspends", context=True)
async def sleep(rt: Any, duration: object = None) -> None:
    """Wait for a duration or a number of milliseconds; only the calling task waits."""
    await rt.clock.sleep(_milliseconds(duration))


@builtin("sleep_ms(milliseconds)", section="12.2", effect="suspends", context=True)
async def sleep_ms(rt: Any, milliseconds: object = None) -> None:
    """Wait for a number of milliseconds; a mocked clock is moved on instead."""
    delay = _milliseconds(milliseconds)
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


@builtin("exit(code = 0)", section="13.3", effect="system")
def exit_(code: object = 0) -> None:
    """End the program; on the command line with this exit code."""
    raise ScriptExit(code if type(code) is int else 0)
