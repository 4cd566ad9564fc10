"""Channels between tasks (docs/builtins.md#channels). The queue itself: `harnlet.sched.channel`."""

from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.sched.channel import CLOSED, DEFAULT_CAPACITY, Channel, select, timeout_ms

_MISSING = object()


def channel_of(name: str, given: object) -> Channel:
    """The channel that is the first argument of `name`."""
    if type(given) is Channel:
        return given
    if given is _MISSING:
        raise Thrown(f"{name}: requires a channel")
    raise Thrown(f"{name}: first argument must be a channel")


@builtin('channel(name = "default", capacity = 256)', section="14.4", context=True)
def channel(rt: Any, name: object = None, capacity: object = None) -> Channel:
    """A new channel that holds at most `capacity` values, at least one."""
    most = capacity if type(capacity) is int else DEFAULT_CAPACITY
    return Channel(rt, "default" if name is None else display(name), max(most, 1))


@builtin("send(channel, value)", section="14.4", effect="suspends")
def send(channel: object = None, value: object = _MISSING) -> bool:
    """Put a value into a channel, waiting while it is full; false when it is closed."""
    if value is _MISSING:
        raise Thrown("send: requires channel and value")
    if type(channel) is not Channel:
        raise Thrown("send: first argument must be a channel")
    return channel.send(value)


@builtin("receive(channel)", section="14.4", effect="suspends")
def receive(channel: object = _MISSING) -> object:
    """The next value of a channel, waiting for one; nil once it is closed and empty."""
    value = channel.receive() if type(channel) is Channel else channel_of("receive", channel)
    return None if value is CLOSED else value


@builtin("try_receive(channel)", section="14.4")
def try_receive(channel: object = _MISSING) -> object:
    """The next value of a channel if there is one now, else nil."""
    value = channel_of("try_receive", channel).receive_now()
    return None if value is CLOSED else value


@builtin("close_channel(channel)", section="14.4")
def close_channel(channel: object = _MISSING) -> None:
    """No more sends. What is in the channel can still be received; everyone who waits on it is woken."""
    channel_of("close_channel", channel).close()


@builtin("channel_select(channels, timeout?)", section="14.4", effect="suspends", context=True)
def channel_select(rt: Any, channels: object = None, timeout: object = None) -> dict[str, object] | None:
    """Wait for the first of several channels: `{index, value, channel}`, nil after `timeout`.

    Earlier channels win. One that is closed and empty never becomes ready; one that is closed while we
    wait gives nil.
    """
    if type(channels) is not list:
        raise Thrown("channel_select: first argument must be a list of channels")
    return _selected(rt, channels, timeout)


@builtin("select(...channels)", section="14.4", effect="suspends", context=True)
def select_(rt: Any, *channels: object) -> dict[str, object] | None:
    """`channel_select` of its arguments, without a timeout; in source text `select` is a statement."""
    return _selected(rt, list(channels), None)


def _selected(rt: Any, channels: list[Any], timeout: object) -> dict[str, object] | None:
    if any(type(each) is not Channel for each in channels):
        raise Thrown("channel_select: channel list must contain only channels")
    index, value = select(rt, channels, timeout_ms(timeout))
    return None if index < 0 else {"index": index, "value": value, "channel": channels[index].name}
