"""Asking tasks to end, politely (docs/builtins.md#spawn-await-cancel).

How a request reaches a task: `harnlet.sched.stopping`.
"""

from typing import Any

from harnlet.runtime.builtin import builtin
from harnlet.runtime.values import EnumValue
from harnlet.sched.stopping import cancel_gracefully, look_for_stop
from harnlet.sched.task import Task
from harnlet.sched.times import milliseconds

_TIMEOUT_MS = 5000


@builtin("cancel_graceful(task, timeout = 5000)", section="14.1", effect="suspends", context=True)
def cancel_graceful(rt: Any, task: object = None, timeout: object = None) -> EnumValue | None:
    """Ask a task to end, wait up to `timeout` milliseconds for it, and tell how it ended as a Result; what
    has not ended by then is cancelled."""
    if type(task) is not Task:
        return None
    limit_ms = milliseconds(timeout)
    return cancel_gracefully(rt.scheduler, task, _TIMEOUT_MS if limit_ms is None else limit_ms)


@builtin("is_cancelled()", section="14.1", context=True)
def is_cancelled(rt: Any) -> bool:
    """Whether somebody asked the current task to end. One that looks is given time to do so."""
    return look_for_stop(rt.task)
