"""Safe points in what takes long without calling back into the script.

Compiled code looks at every loop round and function entry whether somebody wants the script's
attention. A sink over a range (`(1 to 1000000000000).sum()`) never gets there, so its source asks now
and then (docs/architecture.md#safe-points).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from itertools import islice
from typing import TypeVar

from harnlet.runtime import caps

_Item = TypeVar("_Item")


def _undisturbed(steps: int) -> None:
    """Nobody wants anything where no scheduler runs the script."""


SAFE_POINT: ContextVar[Callable[[int], None]] = ContextVar("harnlet safe point", default=_undisturbed)
"""What the scheduler wants called, with the steps that were taken: it lets others run, and raises a
cancellation, a deadline or a limit. Set in the context of each task."""

AT_ONCE = 4096
"""Steps between two looks: about 0.1 ms of pulling."""

TEXT_OF_A_BREATH = 100_000
"""Characters that a text may grow by between two looks: a few milliseconds of making them from values."""


def breath_of_text(length: int) -> int:
    """While a text grows: the length at which to call this again. A safe point, but for an empty text.
    Raises RuntimeFault above the cap."""
    if length:
        caps.check_text(length)
        breathe()
    return min(length + TEXT_OF_A_BREATH, caps.text_length())


def breathe(steps: int = 1) -> None:
    """Come to a safe point, after so many steps. Raises whatever the scheduler has to raise into the task."""
    SAFE_POINT.get()(steps)


def breathing(items: Iterable[_Item]) -> Iterator[_Item]:
    """The items, with a safe point now and then. For loops whose rounds cost more than 0.1 µs."""
    source = iter(items)
    while chunk := [*islice(source, AT_ONCE)]:
        yield from chunk
        breathe(len(chunk))


def unhurried(items: Sequence[_Item]) -> Iterable[_Item]:
    """The items, with a safe point now and then if there are many."""
    return breathing(items) if len(items) > AT_ONCE else items


def breathing_range(numbers: range) -> Iterator[int]:
    """The ints of `numbers`, with a safe point now and then."""
    for block in blocks(numbers):
        yield from block


def blocks(numbers: range) -> Iterator[range]:
    """The ranges that `numbers` consists of, with a safe point after each but the last."""
    start, stop = numbers.start, numbers.stop
    while stop - start > AT_ONCE:
        yield range(start, start + AT_ONCE)
        breathe(AT_ONCE)
        start += AT_ONCE
    yield range(start, stop)
