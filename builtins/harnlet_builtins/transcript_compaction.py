"""Making transcripts and lists of messages shorter.

Rules: docs/builtins.md#transcripts, docs/builtins.md#compaction-helpers.
"""

from typing import Any, Final

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import Context
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet.session.compact import BadStrategyError, Compressor, compact_messages, estimate_tokens
from harnlet_builtins.json_writer import stringify
from harnlet_builtins.transcript_values import (
    Transcript,
    new_asset,
    note,
    part,
    with_asset,
    with_messages,
)

KEEP_LAST: Final = 12
USUAL: Final = "observation_mask"
_STRATEGIES: Final = ("llm", "truncate", "observation_mask")


def shortened(
    messages: list[Any],
    keep_last: int,
    keep_first: int = 0,
    strategy: str = USUAL,
    compressor: Compressor | None = None,
) -> list[Any]:
    """The messages with the older ones put into one; the very same list if nothing happens.

    Raises RuntimeFault for a strategy that does not exist.
    """
    # Contents that are no text go in as JSON; what stays is taken from the messages as they were.
    texts = [{**message, "content": content_text(message.get("content"))} for message in messages]
    try:
        made = compact_messages(
            texts, keep_last=keep_last, keep_first=keep_first, strategy=strategy, compressor=compressor
        )
    except BadStrategyError as error:
        raise RuntimeFault(str(error)) from None
    if len(made) == len(messages):
        return messages
    stay = len(made) - keep_first - 1
    return [*messages[:keep_first], made[keep_first], *(messages[-stay:] if stay else [])]


def content_text(content: object) -> str:
    """The content of a message as text."""
    if type(content) is str:
        return content
    return "" if content is None else stringify(content)


def compacted(rt: Context, transcript: Transcript, options: Transcript) -> Transcript:
    """The transcript with its older messages put into one, and a record of what was there."""
    name = "transcript_compact"
    strategy = display(options.get("strategy") or USUAL)
    if strategy not in _STRATEGIES:
        raise RuntimeFault(
            f"{name}: strategy '{strategy}' is not supported; use 'llm', 'truncate', or 'observation_mask'"
        )
    keep_last = whole(name, options, "keep_last", KEEP_LAST)
    if options.get("summarize_prompt") is not None and strategy != "llm":
        raise RuntimeFault(f"{name}: summarize_prompt is only supported with strategy 'llm'")
    summary = options.get("summary")
    if strategy == "llm" and summary is None:
        raise RuntimeFault(f"unsupported in Harnlet: {name} with strategy 'llm' and no summary")
    messages = part(transcript, "messages")
    target = options.get("target_tokens")
    if target is not None and estimate_tokens(messages) <= whole(name, options, "target_tokens", 0):
        return transcript
    made = shortened(messages, keep_last, 0, strategy, lambda old: display(summary))
    if made is messages:
        return transcript
    archived = len(messages) - len(made) + 1
    facts = {"strategy": strategy, "archived_messages": archived, "kept_messages": len(made) - 1}
    source = new_asset(
        rt,
        {
            "kind": "compaction_source_transcript",
            "metadata": facts,
            "data": {"id": transcript.get("id"), "messages": messages},
        },
    )
    result = with_messages(rt, transcript, made)
    text = f"compacted {archived} messages with strategy {strategy}"
    result["events"] = [*result["events"], note(rt, "compaction", text, dict(facts))]
    result["summary"] = made[0]["content"] if summary is None else display(summary)
    return with_asset(result, source)


def whole(name: str, options: Transcript, key: str, usual: int) -> int:
    """A number of the options that may not be negative. Raises RuntimeFault in the name of `name`."""
    value = options.get(key)
    if value is None:
        return usual
    if type(value) is not int:
        raise RuntimeFault(f"{name}: {key} must be an int, got {type_name(value)}")
    if value < 0:
        raise RuntimeFault(f"{name}: {key} must be >= 0")
    return value
