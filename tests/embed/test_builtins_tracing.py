"""Spans in structured logs (docs/builtins.md#event-log-and-tracing)."""

import json
from typing import Any

from harnlet import Interpreter

SOURCE = """
    mock_time(1000)
    let outer = trace_start("outer")
    log_info("a", {k: 1})
    let inner = trace_start("inner")
    log_info("b")
    advance_time(20)
    trace_end(inner)
    trace_end(outer)
    log_info("c")
    return [outer, inner]
"""


def ended(name: str, span: str) -> list[tuple[str, Any]]:
    return [("msg", "span_end"), ("duration_ms", 20), ("name", name), ("span_id", span)]


async def test_logs_carry_the_span_that_is_open() -> None:
    lines: list[str] = []
    async with Interpreter(output=lines.append) as harn:
        outer, inner = await harn.run(SOURCE)
    told: list[list[tuple[str, Any]]] = [json.loads(line, object_pairs_hook=list) for line in lines]
    ts, later = ("ts", "1970-01-01T00:00:01.000Z"), ("ts", "1970-01-01T00:00:01.020Z")
    trace = ("trace_id", outer["trace_id"])
    info = ("level", "info")
    assert told == [
        [ts, info, ("msg", "a"), trace, ("span_id", outer["span_id"]), ("k", 1)],
        [ts, info, ("msg", "b"), trace, ("span_id", inner["span_id"])],
        [later, info, *ended("inner", inner["span_id"]), trace],
        [later, info, *ended("outer", outer["span_id"]), trace],
        [later, info, ("msg", "c")],
    ]
