"""Durations from numbers, to seconds and to text. Rules: docs/builtins.md#calendar."""

import math

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.numbers import round_half_away
from harnlet.runtime.values import Duration, type_name

_MISSING = object()
_MOST_MS = (1 << 63) - 1
"""Longer ones cannot be handed to a host or written to a record of 64 bits."""
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))
_MOST_UNITS = 3


def _duration(name: str, value: object, unit_ms: int) -> Duration:
    """So many units; a float is rounded to milliseconds."""
    if value is _MISSING:
        raise Thrown(f"{name}: missing value argument")
    if type(value) is int:
        milliseconds = value * unit_ms
    elif type(value) is float:
        exact = value * unit_ms
        if not math.isfinite(exact):
            raise Thrown(f"{name}: duration overflow")
        milliseconds = round_half_away(exact)
    else:
        raise Thrown(f"{name}: expected number, got {type_name(value)}")
    if abs(milliseconds) > _MOST_MS:
        raise Thrown(f"{name}: duration overflow")
    return Duration(milliseconds)


@builtin("duration_ms(n)", section="12.1")
def duration_ms(n: object = _MISSING) -> Duration:
    """So many milliseconds."""
    return _duration("duration_ms", n, 1)


@builtin("duration_seconds(n)", section="12.1")
def duration_seconds(n: object = _MISSING) -> Duration:
    """So many seconds."""
    return _duration("duration_seconds", n, 1_000)


@builtin("duration_minutes(n)", section="12.1")
def duration_minutes(n: object = _MISSING) -> Duration:
    """So many minutes."""
    return _duration("duration_minutes", n, 60_000)


@builtin("duration_hours(n)", section="12.1")
def duration_hours(n: object = _MISSING) -> Duration:
    """So many hours."""
    return _duration("duration_hours", n, 3_600_000)


@builtin("duration_days(n)", section="12.1")
def duration_days(n: object = _MISSING) -> Duration:
    """So many times 24 hours."""
    return _duration("duration_days", n, 86_400_000)


def _milliseconds(name: str, value: object) -> int:
    if value is _MISSING:
        raise Thrown(f"{name}: missing duration argument")
    if type(value) is not Duration:
        raise Thrown(f"{name}: expected duration, got {type_name(value)}")
    return value.milliseconds


@builtin("duration_to_seconds(duration)", section="12.1")
def duration_to_seconds(duration: object = _MISSING) -> int:
    """Whole seconds, without the rest."""
    milliseconds = _milliseconds("duration_to_seconds", duration)
    seconds = abs(milliseconds) // 1_000
    return -seconds if milliseconds < 0 else seconds


@builtin("duration_to_human(duration)", section="12.1")
def duration_to_human(duration: object = _MISSING) -> str:
    """Up to three units of days, hours, minutes, seconds and milliseconds: `3h 14m`."""
    milliseconds = _milliseconds("duration_to_human", duration)
    parts: list[str] = []
    rest = abs(milliseconds)
    for unit, factor in _UNITS:
        count, rest = divmod(rest, factor)
        if count and len(parts) < _MOST_UNITS:
            parts.append(f"{count}{unit}")
    return f"{'-' if milliseconds < 0 else ''}{' '.join(parts)}" if parts else "0s"
