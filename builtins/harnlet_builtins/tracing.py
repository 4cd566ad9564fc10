"""Spans that a script opens and closes itself: `trace_start`, `trace_end`, `trace_id`.

While one is open, structured logs carry its ids. Rules: docs/builtins.md#event-log-and-tracing.
"""

from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet_builtins.clock import wall_ms
from harnlet_builtins.entropy import entropy_of_run
from harnlet_builtins.logs import Logs, write_log

_ID_BYTES = 4


class Spans:
    """The open spans of a run as `(trace id, span id)`, the innermost last."""

    def __init__(self) -> None:
        self.open: list[tuple[str, str]] = []


def _show(rt: Context) -> None:
    open_ones = rt.state(Spans).open
    rt.state(Logs).span = open_ones[-1] if open_ones else None


@builtin("trace_start(name)", section="22", context=True)
def trace_start(rt: Context, name: object = "") -> dict[str, object]:
    """Opens a span: `{trace_id, span_id, name, start_ms}`. One inside another belongs to the same trace."""
    spans, entropy = rt.state(Spans), rt.state(entropy_of_run)
    span = entropy(_ID_BYTES).hex()
    trace = spans.open[-1][0] if spans.open else entropy(_ID_BYTES).hex()
    spans.open.append((trace, span))
    _show(rt)
    return {"trace_id": trace, "span_id": span, "name": display(name), "start_ms": wall_ms(rt)}


@builtin("trace_end(span)", section="22", context=True)
def trace_end(rt: Context, span: object = None) -> None:
    """Closes a span, and logs `span_end` with its `duration_ms`."""
    found: dict[str, Any] = span if type(span) is dict else {}
    trace, number, start = found.get("trace_id"), found.get("span_id"), found.get("start_ms")
    if type(trace) is not str or type(number) is not str or type(start) is not int:
        raise Thrown("trace_end: argument must be a span dict from trace_start")
    spans = rt.state(Spans)
    if spans.open and spans.open[-1] == (trace, number):
        spans.open.pop()
    _show(rt)
    fields = {
        "duration_ms": wall_ms(rt) - start,
        "name": found.get("name"),
        "span_id": number,
        "trace_id": trace,
    }
    write_log(rt, "info", "span_end", fields)


@builtin("trace_id()", section="22", context=True)
def trace_id(rt: Context) -> str | None:
    """The id of the trace that is open; nil if none is."""
    spans = rt.state(Spans).open
    return spans[-1][0] if spans else None
