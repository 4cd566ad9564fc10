"""Events and messages of a transcript: their shapes, and how a message becomes an event.

Shapes: docs/cancellation.md#the-reminder and docs/builtins.md#transcripts.
"""

from collections.abc import Mapping
from typing import Any, Final

from harnlet.session.plain import PlainDict, plain_copy

ROLES: Final = ("user", "assistant", "tool_result", "system")
"""Roles a message may have."""

CALL_START: Final = "tool_call_start"
"""Kind: a tool call was announced; written before anything of it runs."""
CALL_END: Final = "tool_call_end"
"""Kind: a tool call has settled; in one batch with its result."""
CANCEL_REQUEST: Final = "tool_cancel_request"
"""Kind: somebody asked to cancel a tool call, and what the answer was."""
CANCEL_SETTLED: Final = "tool_cancel_settled"
"""Kind: a call that was being stopped has come to its end."""
LATE_RESULT: Final = "tool_late_result"
"""Kind: what a stopped tool gave back all the same; evidence, never a result."""


class BadMessageError(ValueError):
    """A message without a role that a transcript knows."""


def checked_message(message: Mapping[str, Any]) -> PlainDict:
    """A copy of `message` with `role` and `content` first; raises `BadMessageError`."""
    role = message.get("role")
    if role not in ROLES:
        raise BadMessageError(f"message must have a string `role` ({'|'.join(ROLES)})")
    copied: PlainDict = {"role": role, "content": plain_copy(message.get("content"))}
    for key, value in message.items():
        if key not in copied:
            copied[key] = plain_copy(value)
    return copied


def event(
    event_id: str,
    kind: str,
    *,
    role: str = "system",
    visibility: str = "internal",
    text: str = "",
    blocks: list[PlainDict] | None = None,
    metadata: PlainDict | None = None,
) -> PlainDict:
    """An event in the order its keys are shown in; `metadata` only when there is some."""
    made: PlainDict = {
        "id": event_id,
        "kind": kind,
        "role": role,
        "visibility": visibility,
        "text": text,
        "blocks": [] if blocks is None else blocks,
    }
    if metadata is not None:
        made["metadata"] = metadata
    return made


def message_event(event_id: str, message: Mapping[str, Any]) -> PlainDict:
    """The event that stands for `message`."""
    role = str(message.get("role", ""))
    internal = role == "tool_result"
    usual = "internal" if internal else "public"
    content = message.get("content")
    if isinstance(content, list):
        blocks = [_block(item, usual) for item in content]
        visibility = _visibility(blocks, usual)
        text = " ".join(part for part in map(_block_text, blocks) if part)
    else:
        text = "" if content is None else str(content)
        blocks = [{"type": "text", "text": text, "visibility": usual}]
        visibility = usual
    return event(
        event_id,
        "tool_result" if internal else "message",
        role=role,
        visibility=visibility,
        text=text,
        blocks=blocks,
    )


def _block(item: Any, usual: str) -> PlainDict:
    if not isinstance(item, Mapping):
        return {"type": "text", "text": str(item), "visibility": usual}
    block: PlainDict = plain_copy(item)
    block.setdefault("type", "text")
    block.setdefault("visibility", usual)
    return block


def _visibility(blocks: list[PlainDict], usual: str) -> str:
    seen = {block.get("visibility") for block in blocks}
    if "public" in seen:
        return "public"
    return "internal" if "internal" in seen else usual


def _block_text(block: PlainDict) -> str:
    kind = block["type"]
    if kind in ("text", "output_text"):
        return str(block.get("text", ""))
    if kind == "reasoning":
        return ""
    if kind in ("tool_call", "tool_result"):
        return f"<{kind}:{block.get('name', '')}>"
    if kind in ("image", "file"):
        label = next((block[key] for key in ("name", "title", "path", "asset_id") if block.get(key)), "")
        return f"<{kind}:{label}>"
    return f"<{kind}>"
