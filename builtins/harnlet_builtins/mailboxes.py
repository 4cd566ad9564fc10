"""Mailboxes: channels that tasks find by name (docs/builtins.md#shared-cells-maps-mailboxes)."""

from typing import Any, final

from harnlet.runtime.builtin import builtin
from harnlet.sched.channel import CLOSED, DEFAULT_CAPACITY, Channel
from harnlet_builtins.shared_scopes import Store, handle_of, named_place, opened_place, store_for


@final
class _Mailbox:
    __slots__ = ("channel", "failed", "received", "sent")

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.sent = self.received = self.failed = 0


class _Mailboxes(Store[_Mailbox]):
    __slots__ = ()


def _found(rt: Any, name: str, handle: object) -> _Mailbox | None:
    place = named_place(rt, name, "mailbox", handle)
    return store_for(rt, _Mailboxes, place).kept.get((place.scope, place.key))


@builtin("mailbox_open(name, capacity = 256)", section="14.7", context=True)
def mailbox_open(rt: Any, name: object = None, capacity: object = None) -> dict[str, object]:
    """Open a mailbox, or `{name, scope?, capacity?}`; the handle. One that is open already stays."""
    place, options = opened_place(rt, "mailbox_open", name)
    if type(name) is dict:
        capacity = options.get("capacity")
    most = max(capacity, 1) if type(capacity) is int else DEFAULT_CAPACITY
    store = store_for(rt, _Mailboxes, place)
    if (place.scope, place.key) not in store.kept:
        store.kept[place.scope, place.key] = _Mailbox(Channel(rt, place.key, most))
    return handle_of("mailbox", place)


@builtin("mailbox_lookup(name)", section="14.7", context=True)
def mailbox_lookup(rt: Any, name: object = None) -> dict[str, object] | None:
    """The handle of a mailbox, nil when there is none of that name."""
    place = named_place(rt, "mailbox_lookup", "mailbox", name)
    known = (place.scope, place.key) in store_for(rt, _Mailboxes, place).kept
    return handle_of("mailbox", place) if known else None


@builtin("mailbox_send(mailbox, value)", section="14.7", effect="suspends", context=True)
def mailbox_send(rt: Any, mailbox: object = None, value: object = None) -> bool:
    """Put a value in, waiting while it is full; false when it is missing or closed."""
    found = _found(rt, "mailbox_send", mailbox)
    if found is None:
        return False
    if found.channel.send(value):
        found.sent += 1
        return True
    found.failed += 1
    return False


@builtin("mailbox_receive(mailbox)", section="14.7", effect="suspends", context=True)
def mailbox_receive(rt: Any, mailbox: object = None) -> object:
    """The next value, waiting for one; nil when it is missing, or closed and empty."""
    found = _found(rt, "mailbox_receive", mailbox)
    return None if found is None else _received(found, found.channel.receive())


@builtin("mailbox_try_receive(mailbox)", section="14.7", context=True)
def mailbox_try_receive(rt: Any, mailbox: object = None) -> object:
    """The next value if there is one now, else nil."""
    found = _found(rt, "mailbox_try_receive", mailbox)
    return None if found is None else _received(found, found.channel.receive_now())


def _received(mailbox: _Mailbox, value: object) -> object:
    if value is CLOSED:
        return None
    mailbox.received += 1
    return value


@builtin("mailbox_close(mailbox)", section="14.7", context=True)
def mailbox_close(rt: Any, mailbox: object = None) -> bool:
    """No more sends; everyone who waits is woken. True the first time."""
    found = _found(rt, "mailbox_close", mailbox)
    if found is None or found.channel.closed:
        return False
    found.channel.close()
    return True


@builtin("mailbox_metrics(mailbox)", section="14.7", context=True)
def mailbox_metrics(rt: Any, mailbox: object = None) -> dict[str, object] | None:
    """What a mailbox has counted; nil when there is none of that name."""
    found = _found(rt, "mailbox_metrics", mailbox)
    if found is None:
        return None
    return {
        "capacity": found.channel.capacity,
        "depth": len(found.channel.buffer),
        "sent_count": found.sent,
        "received_count": found.received,
        "failed_send_count": found.failed,
        "closed": found.channel.closed,
    }
