"""Looking at the calls in flight before any is stopped (docs/cancellation.md#from-anywhere)."""

from collections.abc import Iterable

from harnlet.session.plain import PlainDict
from harnlet.tools.call import ToolCall
from harnlet.tools.desk import Desk


def family(call: ToolCall) -> list[ToolCall]:
    """A call and all that it made, in the order in which they would be stopped: children first."""
    found = [each for child in call.children for each in family(child)]
    return [*found, call]


def outermost(calls: list[ToolCall]) -> list[ToolCall]:
    """Those that were not made by another one of `calls`, and so are not stopped with it."""
    inside = {id(call) for call in calls}

    def is_below(call: ToolCall) -> bool:
        above = call.parent
        while above is not None:
            if id(above) in inside:
                return True
            above = above.parent
        return False

    return [call for call in calls if call.parent is None or not is_below(call)]


def describe_all(desk: Desk, calls: Iterable[ToolCall]) -> list[PlainDict]:
    """Live calls as plain data; `age_ms` since each was announced.

    `processes` are those of the call's own tool, `reason` is why it is being stopped.
    """
    now_ms = desk.clock.monotonic_ms()
    live = desk.live
    made: list[PlainDict] = []
    for call in calls:
        flight = live.get(id(call))
        execution = None if flight is None else flight.execution
        parent, state = call.parent, call.word.state
        made.append(
            {
                "session_id": call.session_id,
                "call_id": call.call_id,
                "tool": call.tool_name,
                "state": state,
                "age_ms": round(now_ms - call.announced_ms),
                "parent": None if parent is None else parent.call_id,
                "children": [child.call_id for child in call.children],
                "processes": [] if execution is None else execution.pids(),
                "reason": call.reason if state == "cancelling" else None,
            }
        )
    return made
