"""Limits of an interpreter, and the exceptions by which a run ends early.

Rules: docs/limits.md.
"""

import math
import sys
from contextvars import ContextVar
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from harnlet.errors.hierarchy import UsageError

if TYPE_CHECKING:
    from harnlet.runtime.metering import Usage

WATCHED_UP_TO: Final = 200_000
"""Larger values do not grow by a tenth within the few milliseconds between two looks."""

LEAST_INTEGER_BITS: Final = 64
"""Below that compiled code does not look at the size of ints."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use; None means no limit, or the language's own cap where it has one.

    `seconds`: time from start to end of a run, waiting included. `cpu_seconds`: time for which the
    processor worked on the run's own script code. `steps`: rounds of loops and calls of functions.
    `depth`: nested calls; a script can catch that one. `tasks`: tasks at the same time besides the main
    one. `output_bytes`: UTF-8 bytes printed by one interpreter. `collection_items`: elements of one
    list, dict or set. `string_bytes`: bytes of memory of one string's characters, one, two or four for
    each. `integer_bits`: bits of one int, at least 64. `memory_bytes`: memory of a worker process beyond
    what it needs to start (only with `isolation="process"`).

    Raises UsageError for a limit that is negative or no number.
    """

    seconds: float | None = None
    cpu_seconds: float | None = None
    steps: int | None = None
    depth: int = 512
    tasks: int | None = None
    output_bytes: int | None = None
    collection_items: int | None = None
    string_bytes: int | None = None
    integer_bits: int | None = None
    memory_bytes: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.name != "depth":
                continue
            timed = field.name in ("seconds", "cpu_seconds")
            plain = type(value) is int or (timed and type(value) is float and math.isfinite(value))
            if not plain or value < 0:
                kind = "number of seconds" if timed else "whole number"
                raise UsageError(f"Limits({field.name}={value!r}): expected a {kind} that is not negative")
        if self.depth < 1:
            raise UsageError("Limits(depth=0): a program needs a depth of at least 1")
        if self.integer_bits is not None and self.integer_bits < LEAST_INTEGER_BITS:
            raise UsageError(
                f"Limits(integer_bits={self.integer_bits}): the least is {LEAST_INTEGER_BITS} bits"
            )

    @property
    def caps_values(self) -> bool:
        """Whether the size of a value is limited further than by the language."""
        return not self.collection_items is self.string_bytes is self.integer_bits is None

    @property
    def smallest_cap(self) -> int:
        """The smallest size that a collection or an int must not pass by little steps."""
        return min(cap for cap in (self.collection_items, self.integer_bits, sys.maxsize) if cap is not None)

    @property
    def is_watchful(self) -> bool:
        """Whether values could grow past a cap between two looks of the ticker's: some milliseconds."""
        return self.smallest_cap <= WATCHED_UP_TO


class LimitStop(BaseException):
    """Ends the run. No `catch` of a script sees it; the interpreter turns it into a `LimitError`."""

    def __init__(self, limit: str, used: float, cap: float) -> None:
        super().__init__(limit, used, cap)
        self.limit = limit
        self.used = used
        self.cap = cap


class ScriptExit(BaseException):
    """`exit(code)`: ends the run, and a command-line program with that code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


CURRENT_USAGE: "ContextVar[Usage | None]" = ContextVar("harnlet usage", default=None)
"""What the run uses whose code runs here. Set where a run begins, seen by all that it starts."""


def stop_run(limit: str, used: float, cap: float) -> None:
    """Raises LimitStop, and sees to it that the run ends with it whatever the script does."""
    usage = CURRENT_USAGE.get()
    if usage is not None:
        usage.exceed(limit, used, cap)
    raise LimitStop(limit, used, cap)
