"""Server-sent events from the side of the server: what a handler streams, and what a test reads of it.

Rules: docs/builtins.md#http-server.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet_builtins.handle_tables import HandleTable
from harnlet_builtins.http_responses import lower_headers, status_of
from harnlet_builtins.sse_frames import event_dict, frame_of

_MOST_UNREAD: Final = 10_000
_HEADERS: Final[dict[str, object]] = {
    "cache-control": "no-cache",
    "connection": "keep-alive",
    "content-type": "text/event-stream",
}


@dataclass(slots=True)
class _Stream:
    unread: deque[dict[str, object]] = field(default_factory=deque)
    sent: int = 0
    flushed: int = 0
    closed: bool = False
    cancelled: bool = False
    disconnected: bool = False
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        return not (self.closed or self.cancelled or self.disconnected)

    def write(self, frame: dict[str, object]) -> bool:
        if not self.is_open:
            return False
        if len(self.unread) >= _MOST_UNREAD:
            raise RuntimeFault(f"sse_server_send: more than {_MOST_UNREAD} events that nobody has read")
        self.unread.append(frame)
        self.sent += 1
        return True


class _Streams(HandleTable[_Stream]):
    def __init__(self) -> None:
        super().__init__("sse-response", "SSE response", lambda stream: not stream.is_open)


def _stream(rt: Context, name: str, handle: object) -> _Stream:
    return rt.state(_Streams).get(name, handle)


@builtin("sse_event(event, options?)", section="23.3")
def sse_event(event: object = "", options: object = None) -> str:
    """An event as it is sent: a text, or a dict with `event`, `data`, `id`, `retry_ms`."""
    return frame_of(event_dict(event, options))


@builtin("sse_server_response(options?)", section="23.3", context=True)
def sse_server_response(rt: Context, options: object = None) -> dict[str, object]:
    """A response that streams events. Options: `status`, `headers`."""
    given: dict[str, Any] = options if type(options) is dict else {}
    return {
        "id": rt.state(_Streams).add(rt, "sse_server_response", _Stream()),
        "type": "sse_response",
        "status": status_of(given.get("status"), 200),
        "headers": {**_HEADERS, **lower_headers(given.get("headers"))},
        "body": None,
        "streaming": True,
    }


@builtin("sse_server_send(response, event, options?)", section="23.3", context=True)
def sse_server_send(rt: Context, response: object = None, event: object = "", options: object = None) -> bool:
    """Sends an event; false when the stream has ended."""
    found = event_dict(event, options)
    return _stream(rt, "sse_server_send", response).write({**found, "frame": frame_of(found)})


@builtin("sse_server_heartbeat(response, comment?)", section="23.3", context=True)
def sse_server_heartbeat(rt: Context, response: object = None, comment: object = None) -> bool:
    """Sends a comment, which keeps the connection alive; false when the stream has ended."""
    text = "heartbeat" if comment is None else " ".join(display(comment).split())
    frame: dict[str, object] = {"type": "heartbeat", "comment": text, "frame": f": {text}\n\n"}
    return _stream(rt, "sse_server_heartbeat", response).write(frame)


@builtin("sse_server_flush(response)", section="23.3", context=True)
def sse_server_flush(rt: Context, response: object = None) -> bool:
    """Sends what has been held back; false when the stream has ended."""
    found = _stream(rt, "sse_server_flush", response)
    if found.is_open:
        found.flushed = found.sent
    return found.is_open


@builtin("sse_server_close(response)", section="23.3", context=True)
def sse_server_close(rt: Context, response: object = None) -> bool:
    """Ends the stream; whether it was open."""
    found = _stream(rt, "sse_server_close", response)
    was_open = found.is_open
    found.closed = True
    return was_open


@builtin("sse_server_cancel(response, reason?)", section="23.3", context=True)
def sse_server_cancel(rt: Context, response: object = None, reason: object = None) -> bool:
    """Breaks the stream off; whether it was open."""
    found = _stream(rt, "sse_server_cancel", response)
    if not found.is_open:
        return False
    found.cancelled = True
    found.reason = None if reason is None else display(reason)
    return True


@builtin("sse_server_status(response)", section="23.3", context=True)
def sse_server_status(rt: Context, response: object = None) -> dict[str, object]:
    """`{open, closed, cancelled, disconnected, reason, sent, flushed, pending}`."""
    found = _stream(rt, "sse_server_status", response)
    return {
        "open": found.is_open,
        "closed": found.closed,
        "cancelled": found.cancelled,
        "disconnected": found.disconnected,
        "reason": found.reason,
        "sent": found.sent,
        "flushed": found.flushed,
        "pending": len(found.unread),
    }


@builtin("sse_server_disconnected(response)", section="23.3", context=True)
def sse_server_disconnected(rt: Context, response: object = None) -> bool:
    """Whether the client has gone."""
    return _stream(rt, "sse_server_disconnected", response).disconnected


@builtin("sse_server_cancelled(response)", section="23.3", context=True)
def sse_server_cancelled(rt: Context, response: object = None) -> bool:
    """Whether the stream has been broken off."""
    return _stream(rt, "sse_server_cancelled", response).cancelled


@builtin("sse_server_mock_receive(response)", section="23.3", context=True)
def sse_server_mock_receive(rt: Context, response: object = None) -> dict[str, object] | None:
    """What a client would read next: `{type, event, data, id, retry_ms, frame}`, or nil."""
    unread = _stream(rt, "sse_server_mock_receive", response).unread
    return unread.popleft() if unread else None


@builtin("sse_server_mock_disconnect(response)", section="23.3", context=True)
def sse_server_mock_disconnect(rt: Context, response: object = None) -> bool:
    """Does as if the client had gone; whether the stream was open."""
    found = _stream(rt, "sse_server_mock_disconnect", response)
    was_open = found.is_open
    found.disconnected = True
    return was_open
