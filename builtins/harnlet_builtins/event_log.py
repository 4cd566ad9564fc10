"""The event log of a run: topics that events are added to, and streams that follow them.

Kept in memory, and shared by the tasks of an interpreter. Rules: docs/builtins.md#event-log-and-tracing.
"""

import asyncio
import re
from collections.abc import Iterator
from typing import Any, Final

from harnlet.errors.faults import RuntimeFault, TypeFault
from harnlet.runtime import caps
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.iterators import StreamValue
from harnlet.runtime.values import type_name
from harnlet_builtins.clock import wall_ms

_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]+")


class EventLog:
    """The events by topic, and who waits for the next one of each."""

    def __init__(self) -> None:
        self.topics: dict[str, list[dict[str, object]]] = {}
        self.waiting: dict[str, set[asyncio.Future[None]]] = {}


def _topic(name: str, value: object) -> str:
    if value is None:
        raise TypeFault(f"{name}: missing topic")
    if type(value) is not str:
        raise TypeFault(f"{name}: topic must be a string, got {type_name(value)}")
    if not _TOPIC.fullmatch(value):
        raise RuntimeFault(f"event_log: topic '{value}' contains unsupported characters")
    return value


def _headers(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if type(value) is not dict:
        raise TypeFault(f"event_log.emit: headers must be a dict, got {type_name(value)}")
    for name in sorted(value):
        if type(value[name]) is not str:
            raise TypeFault(f"event_log.emit: header '{name}' must be a string, got {type_name(value[name])}")
    return value


@builtin("event_log.emit(topic, kind, payload?, headers?)", section="22", context=True)
def emit(
    rt: Context, topic: object = None, kind: object = None, payload: object = None, headers: object = None
) -> int:
    """Adds an event to a topic; its id, which counts from 1 in each topic."""
    name = _topic("event_log.emit", topic)
    if type(kind) is not str:
        raise TypeFault(f"event_log.emit: kind must be a string, got {type_name(kind)}")
    log = rt.state(EventLog)
    events = log.topics.setdefault(name, [])
    number = len(events) + 1
    caps.check_items(number)
    events.append(
        {
            "id": number,
            "cursor": number,
            "topic": name,
            "kind": kind,
            "payload": payload,
            "headers": _headers(headers),
            "occurred_at_ms": wall_ms(rt),
        }
    )
    for waiter in log.waiting.pop(name, ()):
        if not waiter.done():
            waiter.set_result(None)
    return number


@builtin("event_log.latest(topic)", section="22", context=True)
def latest(rt: Context, topic: object = None) -> int | None:
    """The id of the last event of a topic; nil if it has none."""
    return len(rt.state(EventLog).topics.get(_topic("event_log.latest", topic), ())) or None


@builtin("event_log.subscribe(topic, cursor?)", section="22", effect="suspends", context=True)
def subscribe(rt: Any, topic: object = None, cursor: object = None) -> StreamValue:
    """The events of a topic with an id above `cursor` (all without one), and then those to come: a stream
    that waits for the next one and never ends by itself. Also of one dict `{topic, from_cursor}`."""
    if type(topic) is dict:
        names = ("from_cursor", "cursor", "from")
        cursor = next((topic[name] for name in names if topic.get(name) is not None), None)
        topic = topic.get("topic")
    name = _topic("event_log.subscribe", topic)
    if cursor is not None and (type(cursor) is not int or cursor < 0):
        raise TypeFault(
            f"event_log.subscribe: from_cursor must be a non-negative int or nil, got {type_name(cursor)}"
        )
    return StreamValue(_followed(rt, name, 0 if cursor is None else cursor))


def _followed(rt: Any, topic: str, seen: int) -> Iterator[object]:
    log: EventLog = rt.state(EventLog)
    while True:
        events = log.topics.get(topic, ())
        if seen < len(events):
            yield events[seen]
            seen += 1
            continue
        waiter = asyncio.get_running_loop().create_future()
        log.waiting.setdefault(topic, set()).add(waiter)
        try:
            rt.wait(waiter)
        finally:
            log.waiting.get(topic, set()).discard(waiter)
