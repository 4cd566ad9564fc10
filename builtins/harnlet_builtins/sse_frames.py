"""Server-sent events as text: writing frames, and reading them from a stream of bytes.

Rules: docs/builtins.md#http-server, docs/builtins.md#http-client.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Final

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.display import display
from harnlet.sched.times import milliseconds
from harnlet_builtins.json_writer import stringify

LONGEST_EVENT: Final = 8 * 1024 * 1024
"""Characters of one event that is read."""

_LINE_END: Final = re.compile(r"\r\n|\n|\r")


def event_dict(event: object, options: object) -> dict[str, object]:
    """`{type, event, data, id, retry_ms}` from a text, or a dict with some of these. Options stand above.
    Raises RuntimeFault."""
    given: dict[str, object] = {**event} if type(event) is dict else {"data": event}
    if type(options) is dict:
        given |= options
    if type(event) is dict and not given.keys() & {"data", "event", "id", "retry_ms", "retry"}:
        given["data"] = event
    data = given.get("data")
    if type(data) is dict or type(data) is list:
        data = stringify(data)
    retry = given.get("retry_ms", given.get("retry"))
    wait = None if retry is None else milliseconds(retry)
    if retry is not None and (wait is None or wait < 0):
        raise RuntimeFault("sse_event: retry_ms must be a non-negative int or a duration")
    return {
        "type": "event",
        "event": _one_line("event", given.get("event")),
        "data": "" if data is None else display(data),
        "id": _one_line("id", given.get("id")),
        "retry_ms": wait,
    }


def _one_line(name: str, value: object) -> str | None:
    if value is None:
        return None
    text = display(value)
    if re.search(r"[\r\n\0]", text):
        raise RuntimeFault(f"sse_event: {name} must be a single line")
    return text


def frame_of(event: dict[str, object]) -> str:
    """The text of such an event."""
    lines = [
        f"{label}: {display(event[key])}"
        for label, key in (("id", "id"), ("event", "event"), ("retry", "retry_ms"))
        if event[key] is not None
    ]
    lines += [f"data: {line}" for line in _LINE_END.split(display(event["data"]))]
    return "\n".join([*lines, "", ""])


class FrameReader:
    """Makes events of the pieces of a stream (the HTML standard, 9.2)."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._parts: list[str] = []
        """The line that has not ended yet."""
        self._held = 0
        self._ends = False
        """Whether that line ends with a CR."""
        self._data: list[str] = []
        self._size = 0
        self._event = ""
        self._id: str | None = None
        self._retry: int | None = None

    def feed(self, piece: bytes) -> Iterator[dict[str, object]]:
        """The events that are complete with this piece. Raises ValueError when one is too long."""
        text = self._decoder.decode(piece)
        self._held += len(text)
        if self._held > LONGEST_EVENT:
            raise ValueError("event is too long")
        self._parts.append(text)
        if not self._ends and _LINE_END.search(text) is None:
            # Still the same line: joined once it ends, since a line may come in millions of pieces.
            return
        text = "".join(self._parts)
        # A CR at the end may be the first half of a CR LF.
        self._ends = text.endswith("\r")
        *lines, rest = _LINE_END.split(text[:-1] if self._ends else text)
        self._parts = [f"{rest}\r" if self._ends else rest]
        self._held = len(self._parts[0])
        for line in lines:
            event = self._line(line)
            if event is not None:
                yield event

    def _line(self, line: str) -> dict[str, object] | None:
        if not line:
            return self._done()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._size += len(value) + 1
            if self._size > LONGEST_EVENT:
                raise ValueError("event is too long")
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and re.fullmatch(r"[0-9]{1,12}", value):
            self._retry = int(value)
        return None

    def _done(self) -> dict[str, object] | None:
        data, event, retry = self._data, self._event, self._retry
        self._data, self._event, self._retry, self._size = [], "", None, 0
        if not data:
            return None
        return {
            "type": "event",
            "event": event or "message",
            "data": "\n".join(data),
            "id": self._id,
            "retry_ms": retry,
        }
