"""Transcripts as values of a script: dicts of messages, and of the events that are made from them.

They have the shape of a session's transcript, but belong to nobody. Rule: docs/builtins.md#transcripts.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import Context
from harnlet.runtime.display import display
from harnlet.session.events import event, message_event
from harnlet.session.transcript import VERSION
from harnlet_builtins.ids import uuid

Transcript = dict[str, Any]

TYPE: Final = "transcript"
ASSET_TYPE: Final = "transcript_asset"
OF_MESSAGES: Final = ("message", "tool_result")
"""Kinds of the events that stand for messages."""


def new_id(rt: Context) -> str:
    """An id for a transcript, an event or an asset."""
    return str(uuid.function(rt))


def is_transcript(value: object) -> bool:
    """Whether it is a dict that says it is a transcript."""
    return type(value) is dict and value.get("_type") == TYPE


def transcript_argument(name: str, value: object) -> Transcript:
    """`value` if it is a transcript. Raises Thrown in the name of the builtin `name`."""
    if type(value) is dict and is_transcript(value):
        return value
    raise Thrown(f"{name}: argument must be a transcript")


def part(transcript: Transcript, key: str) -> list[Any]:
    """Messages, events or assets; what scripts put there beside is passed over."""
    items = transcript.get(key)
    return [each for each in items if type(each) is dict] if type(items) is list else []


def messages_of(value: object) -> list[Any] | None:
    """The messages of a transcript or of a list of messages; None for anything else."""
    if type(value) is dict and is_transcript(value):
        return part(value, "messages")
    if type(value) is list and all(type(each) is dict for each in value):
        return value
    return None


def new_transcript(rt: Context, messages: Iterable[Transcript] = (), metadata: object = None) -> Transcript:
    """A transcript with these messages."""
    made = {
        "_type": TYPE,
        "version": VERSION,
        "id": new_id(rt),
        "messages": [],
        "events": [],
        "assets": [],
    }
    if metadata is not None:
        made["metadata"] = metadata
    return with_messages(rt, made, [*messages])


def other_events(transcript: Transcript) -> list[Any]:
    """The events that stand for no message."""
    return [each for each in part(transcript, "events") if each.get("kind") not in OF_MESSAGES]


def with_messages(
    rt: Context, transcript: Transcript, messages: list[Any], *, keep_events: bool = True
) -> Transcript:
    """The transcript with other messages: their events are made anew, other events come behind them."""
    events = [event_of(rt, message) for message in messages]
    if keep_events:
        events += other_events(transcript)
    return {**transcript, "messages": messages, "events": events}


def event_of(rt: Context, message: Transcript) -> Transcript:
    """The event that stands for a message, with texts as the language displays them."""
    content = message.get("content")
    shown: object = "" if content is None else content
    if type(content) is list:
        shown = [item if type(item) is dict else display(item) for item in content]
    elif content is not None:
        shown = display(content)
    return message_event(new_id(rt), {"role": display(message.get("role", "")), "content": shown})


def note(rt: Context, kind: str, text: str, metadata: Transcript | None = None) -> Transcript:
    """An internal event that is no message."""
    blocks = [{"type": "text", "text": text, "visibility": "internal"}]
    return event(new_id(rt), kind, text=text, blocks=blocks, metadata=metadata)


def with_note(rt: Context, transcript: Transcript, kind: str, text: str) -> Transcript:
    """The transcript with one more event."""
    return {**transcript, "events": [*part(transcript, "events"), note(rt, kind, text)]}


def with_asset(transcript: Transcript, asset: Transcript) -> Transcript:
    """The transcript with one more asset at the end; one of the same id is replaced."""
    others = [each for each in part(transcript, "assets") if each.get("id") != asset["id"]]
    return {**transcript, "assets": [*others, asset]}


def new_asset(rt: Context, given: object) -> Transcript:
    """An asset with what it must have; anything but a dict says where it is stored."""
    usual = {"_type": ASSET_TYPE, "id": new_id(rt), "kind": "blob", "visibility": "internal"}
    return {**usual, **(given if type(given) is dict else {"storage": {"path": given}})}


def event_text(found: Transcript) -> str:
    """The text of an event; "" if it has none."""
    text = found.get("text")
    return "" if text is None else display(text)


def lines(transcript: Transcript, line: Callable[[Transcript], str | None]) -> str:
    """One line for each event with text that `line` gives one for."""
    made = (line(each) for each in part(transcript, "events") if event_text(each))
    return "\n".join(each for each in made if each is not None)


def stats(transcript: Transcript) -> Transcript:
    """How many there are of what."""
    messages = part(transcript, "messages")
    events = part(transcript, "events")
    roles = [message.get("role") for message in messages]
    facing = [
        each
        for each in events
        if each.get("kind") == "message"
        and each.get("visibility") == "public"
        and each.get("role") in ("user", "assistant")
    ]
    return {
        "message_count": len(messages),
        "user_facing_message_count": len(facing),
        "tool_result_message_count": roles.count("tool_result"),
        "tool_call_count": sum(map(_calls_in, messages)),
        "assistant_message_count": roles.count("assistant"),
        "user_message_count": roles.count("user"),
        "visible_event_count": sum(each.get("visibility") == "visible" for each in events),
    }


def _calls_in(message: Transcript) -> int:
    calls = message.get("tool_calls")
    content = message.get("content")
    blocks = content if type(content) is list else []
    found = [block for block in blocks if type(block) is dict and block.get("type") == "tool_call"]
    return len(found) + (len(calls) if type(calls) is list else 0)
