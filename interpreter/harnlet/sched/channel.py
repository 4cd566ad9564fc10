"""Channels: bounded queues between tasks, and `select` over several of them.

A value goes straight from the sender to the receiver that has waited longest. Nothing is lost when that
receiver is cancelled in the same moment: it gives the value back. Rules: docs/builtins.md#channels,
docs/language.md#harnlets-own-decisions ("waiting ends").
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, final

from harnlet.errors.faults import Thrown
from harnlet.runtime.values import Handle
from harnlet.sched.times import milliseconds

if TYPE_CHECKING:
    from harnlet.runtime.context import Runtime

DEFAULT_CAPACITY: Final = 256
OTHER_LIMIT_MS: Final = 5000
"""The `timeout` of a `select` when what is given is neither a duration nor an int."""
CLOSED: Final = object()
"""What a closed and drained channel gives instead of a value."""


@final
class _Waiter:
    """A receiver, a sender or a `select` that waits. `index` says which of the channels it watches has
    answered, -1 none; `value` is what was or is to be handed over, never put into the future: whoever
    holds a value twice has to copy it to change it."""

    __slots__ = ("future", "index", "value")

    def __init__(self, value: object = None) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.index = -1
        self.value = value

    def wake(self, *_: object) -> None:
        if not self.future.done():
            self.future.set_result(None)


@final
class Channel(Handle):
    """A queue for at most `capacity` values.

    Whenever receivers wait, the buffer is empty; whenever senders wait, it is full.
    """

    __slots__ = ("buffer", "capacity", "closed", "name", "receivers", "rt", "senders")
    type_name: ClassVar[str] = "channel"

    def __init__(self, rt: "Runtime", name: str, capacity: int) -> None:
        self.rt = rt
        self.name = name
        self.capacity = capacity
        self.buffer: deque[object] = deque()
        self.closed = False
        self.receivers: OrderedDict[_Waiter, int] = OrderedDict()
        self.senders: OrderedDict[_Waiter, None] = OrderedDict()

    def display(self) -> str:
        return f"<channel:{self.name}>"

    def items(self) -> Iterator[object]:
        """What is received until the channel is closed and drained."""
        while (value := self.receive()) is not CLOSED:
            yield value

    # --- sending -------------------------------------------------------------------------------

    def send(self, value: object) -> bool:
        """Put a value in, waiting while the channel is full; false when it is closed."""
        if self.closed:
            return False
        if self.receivers and self._hand_over(value):
            return True
        if len(self.buffer) < self.capacity:
            self.buffer.append(value)
            return True
        return self._wait_to_send(value)

    def _hand_over(self, value: object) -> bool:
        while self.receivers:
            waiter, index = self.receivers.popitem(last=False)
            if not waiter.future.done():
                waiter.index, waiter.value = index, value
                waiter.future.set_result(None)
                return True
        return False

    def _wait_to_send(self, value: object) -> bool:
        waiter = _Waiter(value)
        self.senders[waiter] = None
        try:
            self.rt.wait(waiter.future)
        finally:
            self.senders.pop(waiter, None)
        return waiter.index >= 0

    def close(self) -> None:
        """No more sends. What is buffered can still be received; everyone who waits is woken."""
        self.closed = True
        while self.senders:
            self.senders.popitem(last=False)[0].wake()
        while self.receivers:
            waiter, index = self.receivers.popitem(last=False)
            if not waiter.future.done():
                waiter.index, waiter.value = index, CLOSED
                waiter.future.set_result(None)

    # --- receiving -----------------------------------------------------------------------------

    def receive(self) -> object:
        """The next value, waiting for one; `CLOSED` when none can come."""
        if self.buffer:
            value = self.buffer.popleft()
            if self.senders:
                self._refill()
            return value
        if self.closed:
            return CLOSED
        waiter = _Waiter()
        self.receivers[waiter] = 0
        try:
            self.rt.wait(waiter.future)
        except BaseException:
            self.receivers.pop(waiter, None)
            if waiter.index >= 0:
                self._give_back(waiter)
            raise
        value, waiter.value = waiter.value, None
        return value

    def receive_now(self) -> object:
        """The next value, or `CLOSED` when there is none at the moment."""
        return self.receive() if self.buffer else CLOSED

    def _refill(self) -> None:
        while self.senders and len(self.buffer) < self.capacity:
            waiter, _ = self.senders.popitem(last=False)
            if not waiter.future.done():
                self.buffer.append(waiter.value)
                waiter.index = 0
                waiter.future.set_result(None)

    def _give_back(self, waiter: _Waiter) -> None:
        value = waiter.value
        if value is not CLOSED and not self._hand_over(value):
            self.buffer.appendleft(value)


# --- select ------------------------------------------------------------------------------------


def select(
    rt: "Runtime", channels: Sequence[Channel], timeout_ms: float | None, *, wait: bool = True
) -> tuple[int, object]:
    """The position of the first channel that has a value, and the value; -1 when none had one in time.

    A channel that is closed and drained is never ready. One that is closed while we wait ends the wait,
    with nil; and when all are closed and there is no timeout, the first gives nil, since nothing else
    can ever come.
    """
    for index, channel in enumerate(channels):
        if channel.buffer:
            return index, channel.receive()
    if not wait or (timeout_ms is not None and timeout_ms <= 0):
        return -1, None
    if timeout_ms is None and channels and all(channel.closed for channel in channels):
        return 0, None
    waiter = _Waiter()
    for index, channel in enumerate(channels):
        if not channel.closed:
            channel.receivers.setdefault(waiter, index)
    timer: Any = None if timeout_ms is None else rt.clock.call_later(timeout_ms, waiter.wake)
    try:
        rt.wait(waiter.future)
    except BaseException:
        if waiter.index >= 0:
            channels[waiter.index]._give_back(waiter)
        raise
    finally:
        if timer is not None:
            timer.cancel()
        for channel in channels:
            channel.receivers.pop(waiter, None)
    return waiter.index, None if waiter.value is CLOSED else waiter.value


def timeout_ms(limit: object) -> int | None:
    """The milliseconds of the `timeout` of a `select`; None for none."""
    if limit is None:
        return None
    given = milliseconds(limit)
    return OTHER_LIMIT_MS if given is None else given


def select_channel(
    rt: "Runtime", channels: Sequence[object], limit: object, has_default: bool
) -> list[object]:
    """The `select` statement: `[index of the case, value]`, with -1 for `timeout` and `default`."""
    for channel in channels:
        if type(channel) is not Channel:
            raise Thrown("select: cases must receive from channels")
    watched: Sequence[Any] = channels
    return list(select(rt, watched, timeout_ms(limit), wait=not has_default))
