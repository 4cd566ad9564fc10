"""Structured logging: one JSON object a line, in the normal output.

Rules: docs/builtins.md#structured-logging.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display, display_float
from harnlet_builtins.clock import wall_ms

_LEVELS = {"debug": 0, "info": 1, "warn": 2, "error": 3}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ESCAPES = {
    **{code: f"\\u{code:04x}" for code in (*range(0x20), *range(0x7F, 0xA0))},
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
}


class Logs:
    """What a run has set about its logs. `span` is `(trace id, span id)` while a span is open; the
    tracing builtins keep it."""

    def __init__(self) -> None:
        self.level = _LEVELS["debug"]
        self.span: tuple[str, str] | None = None


def json_text(text: str) -> str:
    """A JSON string: control characters escaped, everything else as it is."""
    return f'"{text.translate(_ESCAPES)}"'


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if type(value) is bool or type(value) is int:
        return display(value)
    if type(value) is float:
        return display_float(value) if math.isfinite(value) else "null"
    return json_text(display(value))


def _line(rt: Context, parts: Iterable[tuple[str, object]]) -> None:
    stamp = _EPOCH + timedelta(milliseconds=wall_ms(rt))
    ts = stamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = [f"{json_text(name)}:{_scalar(value)}" for name, value in (("ts", ts), *parts)]
    rt.write(f"{{{','.join(fields)}}}\n")


def write_log(rt: Context, level: str, message: object, fields: object) -> None:
    """One line of a level, unless that is below the one that is set."""
    logs = rt.state(Logs)
    if _LEVELS[level] < logs.level:
        return
    parts: list[tuple[str, object]] = [("level", level), ("msg", display(message))]
    own = fields if type(fields) is dict else {}
    if logs.span is not None:
        ids = zip(("trace_id", "span_id"), logs.span, strict=True)
        parts += [(name, value) for name, value in ids if name not in own]
    parts += sorted(own.items())
    _line(rt, parts)


@builtin("log_debug(message, fields?)", section="5.1", context=True)
def log_debug(rt: Context, message: object = "", fields: object = None) -> None:
    """Writes a line of level `debug`."""
    write_log(rt, "debug", message, fields)


@builtin("log_info(message, fields?)", section="5.1", context=True)
def log_info(rt: Context, message: object = "", fields: object = None) -> None:
    """Writes a line of level `info`."""
    write_log(rt, "info", message, fields)


@builtin("log_warn(message, fields?)", section="5.1", context=True)
def log_warn(rt: Context, message: object = "", fields: object = None) -> None:
    """Writes a line of level `warn`."""
    write_log(rt, "warn", message, fields)


@builtin("log_error(message, fields?)", section="5.1", context=True)
def log_error(rt: Context, message: object = "", fields: object = None) -> None:
    """Writes a line of level `error`."""
    write_log(rt, "error", message, fields)


@builtin("log_set_level(level)", section="5.1", context=True)
def log_set_level(rt: Context, level: object = "") -> None:
    """Leaves out lines below `debug`, `info`, `warn` or `error`."""
    name = display(level)
    if name not in _LEVELS:
        raise Thrown(f"log_set_level: invalid level '{name}'. Expected debug, info, warn, or error")
    rt.state(Logs).level = _LEVELS[name]


@builtin("log_json(key, value)", section="5.1", context=True)
def log_json(rt: Context, key: object = "", value: object = None) -> None:
    """Writes a line with a key and a value."""
    _line(rt, [("key", display(key)), ("value", value)])
