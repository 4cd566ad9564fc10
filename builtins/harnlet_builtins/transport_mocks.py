"""Event streams and websockets without a network. Rules: docs/builtins.md#http-mocks."""

from base64 import b64encode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet_builtins.http_mocks import redacted_url
from harnlet_builtins.sse_frames import event_dict
from harnlet_builtins.star_patterns import star_matcher

_MOST_CALLS: Final = 10_000


@dataclass(slots=True)
class TransportMock:
    """What a connection to a URL like the pattern receives."""

    pattern: str
    matches: Callable[[str], bool]
    messages: list[dict[str, object]]
    echo: bool = False


@dataclass(slots=True)
class _Transports:
    """What a run has mocked, and what was done with it."""

    streams: list[TransportMock] = field(default_factory=list)
    sockets: list[TransportMock] = field(default_factory=list)
    calls: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=_MOST_CALLS))


def mocked_stream(rt: Context, url: str) -> TransportMock | None:
    """The first mock of event streams that matches."""
    return next((each for each in rt.state(_Transports).streams if each.matches(url)), None)


def mocked_socket(rt: Context, url: str) -> TransportMock | None:
    """The first mock of websockets that matches."""
    return next((each for each in rt.state(_Transports).sockets if each.matches(url)), None)


def record(rt: Context, kind: str, operation: str, handle: str, url: str, **more: object) -> None:
    """Remember what was done with a mocked connection."""
    entry = {"kind": kind, "operation": operation, "handle": handle, "url": redacted_url(url), **more}
    rt.state(_Transports).calls.append(entry)


def message_dict(message: object) -> dict[str, object]:
    """A message of a websocket as scripts receive it: text and bytes are text and binary, a dict has a
    `type` of its own."""
    if type(message) is bytes:
        return {"type": "binary", "data_base64": b64encode(message).decode("ascii")}
    if type(message) is dict:
        kind = message.get("type")
        if kind in ("binary", "ping", "pong") and type(message.get("data")) is bytes:
            data = message["data"]
            encoded = b64encode(data if type(data) is bytes else b"").decode("ascii")
            return {"type": kind, "data_base64": encoded}
        return {**message, "type": "text" if kind is None else kind}
    return {"type": "text", "data": display(message)}


def _replaced(mocks: list[TransportMock], new: TransportMock) -> None:
    for place, known in enumerate(mocks):
        if known.pattern == new.pattern:
            mocks[place] = new
            return
    mocks.append(new)


def _listed(name: str, given: object, key: str) -> list[object]:
    found = given.get(key) if type(given) is dict else given
    if found is None:
        return []
    if type(found) is not list:
        raise RuntimeFault(f"{name}: {key} must be a list, got {type_name(found)}")
    return found


@builtin("sse_mock(pattern, events)", section="23.2", context=True)
def sse_mock(rt: Context, pattern: object = None, events: object = None) -> None:
    """What `sse_connect` to URLs like the pattern receives: events, or `{events}`; one is a text or a dict
    with `event`, `data`, `id`, `retry_ms`."""
    text = "*" if pattern is None else display(pattern)
    found: list[dict[str, object]] = []
    for each in _listed("sse_mock", events, "events"):
        event = event_dict(each, None)
        found.append({**event, "event": "message" if event["event"] is None else event["event"]})
    _replaced(rt.state(_Transports).streams, TransportMock(text, star_matcher(text), found))


@builtin("websocket_mock(pattern, messages)", section="23.2", context=True)
def websocket_mock(rt: Context, pattern: object = None, messages: object = None) -> None:
    """What `websocket_connect` to URLs like the pattern receives: messages, or `{messages, echo}`; with
    `echo` what is sent comes back."""
    text = "*" if pattern is None else display(pattern)
    found = [message_dict(each) for each in _listed("websocket_mock", messages, "messages")]
    echo = bool(messages.get("echo")) if type(messages) is dict else False
    _replaced(rt.state(_Transports).sockets, TransportMock(text, star_matcher(text), found, echo))


@builtin("transport_mock_calls()", section="23.2", context=True)
def transport_mock_calls(rt: Context) -> list[object]:
    """What was done with mocked streams and websockets: `{kind, operation, handle, url}`, with `message` for
    what was sent."""
    return [{**each} for each in rt.state(_Transports).calls]


@builtin("transport_mock_clear()", section="23.2", context=True)
def transport_mock_clear(rt: Context) -> None:
    """Forgets all mocks of streams and websockets, and what was done with them."""
    state = rt.state(_Transports)
    state.streams.clear()
    state.sockets.clear()
    state.calls.clear()
