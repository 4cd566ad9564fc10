"""Lengths of time as scripts give them, in milliseconds."""

from typing import Final

from harnlet.runtime.values import Duration

FOR_EVER_MS: Final = 10**13
"""Three centuries. Timers of the event loop do not take what is beyond a float."""


def milliseconds(value: object) -> int | None:
    """A duration or an int of milliseconds, at most `FOR_EVER_MS`; None for anything else."""
    if type(value) is Duration:
        return min(value.milliseconds, FOR_EVER_MS)
    return min(value, FOR_EVER_MS) if type(value) is int else None
