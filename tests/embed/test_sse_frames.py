"""Server-sent events as text and back (docs/builtins.md#http-server)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harnlet_builtins import sse_frames
from harnlet_builtins.sse_frames import FrameReader, event_dict, frame_of

LINES = st.text("ab: \t\u00e9\u2028\U0001f600", max_size=12)
EVENTS = st.fixed_dictionaries(
    {"data": st.lists(LINES, min_size=1, max_size=4).map("\n".join)},
    optional={"event": LINES.filter(bool), "id": LINES, "retry_ms": st.integers(0, 10**9)},
)


def read(data: bytes, sizes: list[int]) -> list[dict[str, object]]:
    """The events of a stream that comes in pieces."""
    reader = FrameReader()
    found: list[dict[str, object]] = []
    for size in [*sizes, len(data)]:
        found += reader.feed(data[:size])
        data = data[size:]
    return found


@settings(deadline=None)
@given(st.lists(EVENTS, max_size=4), st.sampled_from(["\n", "\r\n", "\r"]), st.lists(st.integers(0, 9), max_size=9))
def test_events_come_back_in_any_pieces(events: list[dict[str, Any]], line_end: str, sizes: list[int]) -> None:
    text = "".join(frame_of(event_dict(event, None)) for event in events)
    found = read(text.replace("\n", line_end).encode() + b"\n", sizes)
    wanted, last = [], None
    for event in events:
        last = event.get("id", last)
        wanted.append(
            {
                "type": "event",
                "event": event.get("event", "message"),
                "data": event["data"],
                "id": last,
                "retry_ms": event.get("retry_ms"),
            }
        )
    assert found == wanted


def test_what_is_no_event() -> None:
    stream = b"\xef\xbb\xbf: comment\ndata\n\nevent: only\n\ndata:a\nid: x\0\nretry: soon\nother: b\n\ndata: cut off\n"
    assert [(each["data"], each["event"], each["id"], each["retry_ms"]) for each in read(stream, [2])] == [
        ("", "message", None, None),
        ("a", "message", None, None),
    ]


@pytest.mark.parametrize("stream", [b"data: " + b"x" * 60, b"data: 0123456789\n" * 6])
def test_an_event_without_end(stream: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse_frames, "LONGEST_EVENT", 50)
    with pytest.raises(ValueError, match="event is too long"):
        read(stream, [])
