"""A transcript as text for people: one block for each thing that happened, in order."""

from collections.abc import Mapping
from typing import Any, Final

_INDENT: Final = "    "
_DETAILS: Final = ("status", "outcome", "actor", "reason", "escalation", "survivors", "duration_ms")


def render_transcript(transcript: Mapping[str, Any]) -> str:
    """`transcript` (a transcript dict) as readable text, ending in a newline.

    Messages come with their role, reminders with their body, everything else as one line with the
    facts that are known of it.
    """
    lines = [f"transcript {transcript.get('id', '')}"]
    messages = iter(transcript.get("messages", []))
    for event in transcript.get("events", []):
        kind = event.get("kind", "")
        if kind in ("message", "tool_result"):
            lines += _message(next(messages, event))
        elif kind == "system_reminder":
            reminder = event.get("reminder", {})
            lines.append(f"  reminder ({reminder.get('role_hint', 'system')})")
            lines += _indented(reminder.get("body", ""))
        else:
            lines.append(f"  - {_fact(kind, event)}")
    for message in messages:
        lines += _message(message)
    return "\n".join(lines) + "\n"


def _message(message: Mapping[str, Any]) -> list[str]:
    head = f"  {message.get('role', '')}"
    if message.get("role") == "tool_result":
        head += f" {message.get('name', '')} (call {message.get('tool_call_id', '')})"
        if message.get("is_error"):
            head += " error"
    content = message.get("content")
    if content is None:
        content = message.get("text", "")
    body = _indented(content if isinstance(content, str) else _blocks(content))
    note = message.get("note")
    return [head, *body, *(_indented(f"note: {note}") if note else [])]


def _blocks(content: Any) -> str:
    if not isinstance(content, list):
        return str(content)
    return "\n".join(
        str(block.get("text", block.get("type", ""))) if isinstance(block, Mapping) else str(block)
        for block in content
    )


def _fact(kind: str, event: Mapping[str, Any]) -> str:
    facts = event.get("metadata") or {}
    parts = [kind.replace("_", " ")]
    if facts.get("tool") or facts.get("call_id"):
        parts.append(f"{facts.get('tool') or '?'} (call {facts.get('call_id', '')})")
    parts += [f"{key}={facts[key]}" for key in _DETAILS if facts.get(key) is not None]
    if event.get("text"):
        parts.append(str(event["text"]))
    return "  ".join(parts)


def _indented(text: str) -> list[str]:
    return [_INDENT + line for line in text.rstrip("\n").split("\n")]
