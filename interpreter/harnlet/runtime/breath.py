"""Safe points in what takes long without calling back into the script.

Compiled code looks at every loop round and function entry whether somebody wants the script's
attention. A sink over a range (`(1 to 1000000000000).sum()`) never gets there, so its source asks now
and then (docs/architecture.md#safe-points).
"""

from collections.abc import Callable, Iterator
from contextvars import ContextVar


def _undisturbed() -> None:
    """Nobody wants anything where no scheduler runs the script."""


SAFE_POINT: ContextVar[Callable[[], None]] = ContextVar("harnlet safe point", default=_undisturbed)
"""What the scheduler wants called: it lets others run, and raises a cancellation or deadline. Set in the
context of each task."""

_AT_ONCE = 4096
"""Ints between two looks: about 0.1 ms of pulling."""


def breathe() -> None:
    """Come to a safe point. Raises whatever the scheduler has to raise into the task."""
    SAFE_POINT.get()()


def breathing_range(numbers: range) -> Iterator[int]:
    """The ints of `numbers`, with a safe point now and then."""
    start, stop = numbers.start, numbers.stop
    while stop - start > _AT_ONCE:
        yield from range(start, start + _AT_ONCE)
        breathe()
        start += _AT_ONCE
    yield from range(start, stop)
