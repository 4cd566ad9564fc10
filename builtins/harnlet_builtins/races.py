"""`parallel_race`: the first of several tasks to succeed (docs/builtins.md#parallel)."""

from typing import Any

from harnlet.errors.faults import RuntimeFault, TypeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.faulting import error_text
from harnlet.runtime.values import EnumValue, callback, type_name
from harnlet.sched.group import run_group
from harnlet.sched.task import Task


def _most_at_once(options: object) -> int:
    if type(options) is dict:
        cap = options.get("max_concurrent")
        if cap is not None and type(cap) is not int:
            raise TypeFault(f"parallel_race: max_concurrent must be an int, got {type_name(cap)}")
    elif options is None or type(options) is int:
        cap = options
    else:
        raise TypeFault(
            "parallel_race: third argument must be max_concurrent int or options dict, "
            f"got {type_name(options)}"
        )
    return 0 if cap is None else max(cap, 0)


def _result(value: object) -> EnumValue | None:
    return value if type(value) is EnumValue and value.enum == "Result" else None


def _has_won(task: Task) -> bool:
    if task.error is not None or task.cancelled:
        return False
    result = _result(task.value)
    return result is None or result.variant != "Err"


def _why_lost(task: Task) -> str:
    if task.error is not None:
        return error_text(task.error)
    result = _result(task.value)
    return display(_payload(result) if result is not None else None)


def _payload(result: EnumValue) -> object:
    return result.fields[0] if result.fields else None


@builtin("parallel_race(items, function, options?)", section="14.2", effect="suspends", context=True)
def parallel_race(rt: Any, items: object = None, function: object = None, options: object = None) -> object:
    """Call `function(item)` for all items at once; the first value, or payload of `Ok`, wins, and the other
    tasks are cancelled. Errors and `Err` lose. `options`: how many at once, as an int or
    `{max_concurrent}`."""
    if type(items) is not list:
        raise TypeFault(f"parallel_race: first argument must be a list, got {type_name(items)}")
    most = _most_at_once(options)
    if not items:
        raise RuntimeFault("parallel_race: expected at least one item")
    winners: list[Task] = []

    def enough(task: Task) -> bool:
        if _has_won(task):
            winners.append(task)
        return bool(winners)

    tasks = run_group(rt.scheduler, "parallel race", items, callback(function), most, enough)
    if not winners:
        reasons = "; ".join(_why_lost(task) for task in tasks)
        raise RuntimeFault(f"parallel_race: all {len(tasks)} task(s) failed: {reasons}")
    value = rt.scheduler.result_of(winners[0])
    result = _result(value)
    return value if result is None else _payload(result)
