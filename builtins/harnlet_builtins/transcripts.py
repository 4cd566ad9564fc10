"""Transcripts as values: making, extending, reading, compacting. Rules: docs/builtins.md#transcripts."""

from typing import Any, Final

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet_builtins.json_writer import stringify
from harnlet_builtins.transcript_values import (
    Transcript,
    event_text,
    is_transcript,
    lines,
    messages_of,
    new_asset,
    new_transcript,
    other_events,
    part,
    stats,
    transcript_argument,
    with_asset,
    with_messages,
    with_note,
)

_SECTION: Final = "20.2"


def _options(name: str, options: object) -> Transcript:
    if options is None:
        return {}
    if type(options) is dict:
        return options
    raise Thrown(f"{name}: options must be a dict or nil")


# --- making and extending --------------------------------------------------------------------------


@builtin("transcript(metadata?)", section=_SECTION, context=True)
def transcript(rt: Context, metadata: object = None) -> Transcript:
    """A new transcript without messages."""
    return new_transcript(rt, metadata=metadata)


@builtin("transcript_from_messages(messages)", section=_SECTION, context=True)
def transcript_from_messages(rt: Context, messages: object = None) -> Transcript:
    """A new transcript with the messages of a list; a transcript as it is."""
    if type(messages) is dict and is_transcript(messages):
        return messages
    found = messages_of(messages)
    if found is None:
        raise Thrown("transcript_from_messages: argument must be a message list or transcript")
    return new_transcript(rt, found)


@builtin("transcript_reset(options?)", section=_SECTION, context=True)
def transcript_reset(rt: Context, options: object = None) -> Transcript:
    """A new, active transcript; option `metadata`."""
    given = _options("transcript_reset", options)
    return {**new_transcript(rt, metadata=given.get("metadata")), "state": "active"}


@builtin("conversation()", section=_SECTION)
def conversation() -> list[object]:
    """A list of messages without any."""
    return []


def _added(rt: Context, name: str, given: object, message: Transcript, *, keep_events: bool) -> object:
    messages = messages_of(given)
    if messages is None:
        raise Thrown(f"{name}: first argument must be a message list or transcript")
    longer = [*messages, message]
    if type(given) is dict:
        return with_messages(rt, given, longer, keep_events=keep_events)
    return longer


@builtin("add_user(messages, content)", section=_SECTION, context=True)
def add_user(rt: Context, messages: object = None, content: object = "") -> object:
    """The messages, or the transcript, with one more of the user; events of a transcript that are no
    messages are dropped."""
    return _added(rt, "add_user", messages, {"role": "user", "content": content}, keep_events=False)


@builtin("add_assistant(messages, content)", section=_SECTION, context=True)
def add_assistant(rt: Context, messages: object = None, content: object = "") -> object:
    """The same with a message of the assistant."""
    message = {"role": "assistant", "content": content}
    return _added(rt, "add_assistant", messages, message, keep_events=False)


@builtin("add_system(messages, content)", section=_SECTION, context=True)
def add_system(rt: Context, messages: object = None, content: object = "") -> object:
    """The same with a message of the system."""
    return _added(rt, "add_system", messages, {"role": "system", "content": content}, keep_events=False)


@builtin("add_message(messages, role, content)", section=_SECTION, context=True)
def add_message(rt: Context, messages: object = None, role: object = "", content: object = "") -> object:
    """The messages, or the transcript, with one more; all events of a transcript stay."""
    message = {"role": display(role), "content": content}
    return _added(rt, "add_message", messages, message, keep_events=True)


@builtin("add_tool_result(messages, tool_use_id, result)", section=_SECTION, context=True)
def add_tool_result(
    rt: Context, messages: object = None, tool_use_id: object = "", result: object = ""
) -> object:
    """The messages, or the transcript, with the result of a tool."""
    message = {"role": "tool_result", "tool_use_id": display(tool_use_id), "content": result}
    return _added(rt, "add_tool_result", messages, message, keep_events=True)


@builtin("transcript_add_asset(transcript, asset)", section=_SECTION, context=True)
def transcript_add_asset(rt: Context, transcript: object = None, asset: object = None) -> Transcript:
    """The transcript with one more asset; one of the same id is replaced, and what is no dict is the
    path it is stored at."""
    return with_asset(transcript_argument("transcript_add_asset", transcript), new_asset(rt, asset))


# --- life ------------------------------------------------------------------------------------------


@builtin("transcript_fork(transcript, options?)", section=_SECTION, context=True)
def transcript_fork(rt: Context, transcript: object = None, options: object = None) -> Transcript:
    """The transcript as a fork, under the same id; options `retain_messages` and `retain_summary`,
    both true."""
    made = transcript_argument("transcript_fork", transcript)
    given = _options("transcript_fork", options)
    if given.get("retain_messages", True) is False:
        made = {**made, "messages": [], "events": other_events(made)}
    if given.get("retain_summary", True) is False:
        made = {key: value for key, value in made.items() if key != "summary"}
    return with_note(rt, {**made, "state": "forked"}, "transcript_fork", "transcript forked")


def _in_state(rt: Context, name: str, transcript: object, state: str, text: str) -> Transcript:
    return with_note(rt, {**transcript_argument(name, transcript), "state": state}, name, text)


@builtin("transcript_archive(transcript)", section=_SECTION, context=True)
def transcript_archive(rt: Context, transcript: object = None) -> Transcript:
    """The transcript in state `archived`."""
    return _in_state(rt, "transcript_archive", transcript, "archived", "transcript archived")


@builtin("transcript_abandon(transcript)", section=_SECTION, context=True)
def transcript_abandon(rt: Context, transcript: object = None) -> Transcript:
    """The transcript in state `abandoned`."""
    return _in_state(rt, "transcript_abandon", transcript, "abandoned", "transcript abandoned")


@builtin("transcript_resume(transcript)", section=_SECTION, context=True)
def transcript_resume(rt: Context, transcript: object = None) -> Transcript:
    """The transcript in state `active`."""
    return _in_state(rt, "transcript_resume", transcript, "active", "transcript resumed")


# --- reading ---------------------------------------------------------------------------------------


@builtin("transcript_messages(transcript)", section=_SECTION)
def transcript_messages(transcript: object = None) -> list[Any]:
    """Its messages."""
    return part(transcript_argument("transcript_messages", transcript), "messages")


@builtin("transcript_events(transcript)", section=_SECTION)
def transcript_events(transcript: object = None) -> list[Any]:
    """Its events."""
    return part(transcript_argument("transcript_events", transcript), "events")


@builtin("transcript_events_by_kind(transcript, kind)", section=_SECTION)
def transcript_events_by_kind(transcript: object = None, kind: object = "") -> list[Any]:
    """Its events of one kind."""
    wanted = display(kind)
    events = part(transcript_argument("transcript_events_by_kind", transcript), "events")
    return [each for each in events if each.get("kind") == wanted]


@builtin("transcript_assets(transcript)", section=_SECTION)
def transcript_assets(transcript: object = None) -> list[Any]:
    """Its assets."""
    return part(transcript_argument("transcript_assets", transcript), "assets")


@builtin("transcript_summary(transcript)", section=_SECTION)
def transcript_summary(transcript: object = None) -> object:
    """Its summary, nil if there is none."""
    return transcript_argument("transcript_summary", transcript).get("summary")


@builtin("transcript_id(transcript)", section=_SECTION)
def transcript_id(transcript: object = None) -> object:
    """Its id."""
    return transcript_argument("transcript_id", transcript).get("id")


@builtin("transcript_stats(transcript)", section=_SECTION)
def transcript_stats(transcript: object = None) -> Transcript:
    """How many messages, calls and visible events there are."""
    return stats(transcript_argument("transcript_stats", transcript))


@builtin("transcript_render_visible(transcript)", section=_SECTION)
def transcript_render_visible(transcript: object = None) -> str:
    """`role: text` for each public event with text."""

    def line(found: Transcript) -> str | None:
        if found.get("visibility") != "public":
            return None
        return f"{display(found.get('role'))}: {event_text(found)}"

    return lines(transcript_argument("transcript_render_visible", transcript), line)


@builtin("transcript_render_full(transcript)", section=_SECTION)
def transcript_render_full(transcript: object = None) -> str:
    """`[visibility] role: text` for each event with text."""
    return lines(
        transcript_argument("transcript_render_full", transcript),
        lambda found: (
            f"[{display(found.get('visibility'))}] {display(found.get('role'))}: {event_text(found)}"
        ),
    )


@builtin("transcript_export(transcript)", section=_SECTION)
def transcript_export(transcript: object = None) -> str:
    """The transcript as indented JSON."""
    from harnlet_builtins.json_indented import indented

    return indented(stringify(transcript_argument("transcript_export", transcript)))


@builtin("transcript_import(text)", section=_SECTION)
def transcript_import(text: object = "") -> Transcript:
    """The transcript of a JSON text."""
    from harnlet_builtins.json_reader import JsonError, parse

    try:
        value = parse(display(text))
    except JsonError as error:
        raise RuntimeFault(f"transcript_import: {error}") from None
    if type(value) is not dict or not is_transcript(value):
        raise RuntimeFault("transcript_import: the text holds no transcript")
    return value


# --- compacting ------------------------------------------------------------------------------------


@builtin("transcript_compact(transcript, options?)", section=_SECTION, context=True)
def transcript_compact(rt: Context, transcript: object = None, options: object = None) -> Transcript:
    """The transcript with its older messages put into one; what they were is kept as an asset.

    Options: `strategy` (`observation_mask`, `truncate`, or `llm` with a `summary`), `keep_last` (12),
    `target_tokens`, at or below which nothing happens.
    """
    from harnlet_builtins.transcript_compaction import compacted

    given = transcript_argument("transcript_compact", transcript)
    return compacted(rt, given, _options("transcript_compact", options))


@builtin("transcript_summarize(transcript, options?)", section=_SECTION)
def transcript_summarize(transcript: object = None, options: object = None) -> object:
    """Not in Harnlet, which calls no models."""
    raise RuntimeFault("unsupported in Harnlet: transcript_summarize")
