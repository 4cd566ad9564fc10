"""Making a list of messages shorter: the older part becomes one message of the user.

Headers, limits and strategies: docs/builtins.md#compaction-helpers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from harnlet.session.plain import PlainDict, plain_text

STRATEGIES: Final = ("llm", "truncate", "custom", "observation_mask")
_LONG: Final = 500
_LISTED: Final = 15
_FIRST_LINE: Final = 120

Compressor = Callable[[list[PlainDict]], str]
"""Gives the text that stands for the older messages (strategies `llm` and `custom`)."""


class BadStrategyError(ValueError):
    """A compaction strategy that does not exist, or one that needs a compressor and has none."""


def estimate_tokens(messages: Sequence[Mapping[str, Any]]) -> int:
    """A quarter of the UTF-8 bytes of all text contents."""
    size = sum(len(text.encode()) for m in messages if isinstance(text := m.get("content"), str))
    return size // 4


def compact_messages(
    messages: Sequence[PlainDict],
    *,
    keep_last: int = 12,
    keep_first: int = 0,
    strategy: str = "observation_mask",
    compressor: Compressor | None = None,
) -> list[PlainDict]:
    """The messages with all but the first `keep_first` and the last `keep_last` put into one.

    The cut moves back to a message of the user where there is one, so that no answer is parted
    from its question. Nothing happens with too few messages. Raises `BadStrategyError`.
    """
    if strategy not in STRATEGIES:
        raise BadStrategyError(
            f"unknown compact_strategy '{strategy}' "
            "(expected 'llm', 'truncate', 'custom', or 'observation_mask')"
        )
    kept = list(messages)
    if len(kept) <= keep_first + keep_last:
        return kept
    cut = len(kept) - keep_last
    back = cut
    while back > keep_first and back < len(kept) and kept[back].get("role") != "user":
        back -= 1
    if back > keep_first:
        cut = back
    old = kept[keep_first:cut]
    if not old:
        return kept
    summary: PlainDict = {"role": "user", "content": _summary(old, strategy, compressor)}
    return [*kept[:keep_first], summary, *kept[cut:]]


def _summary(old: list[PlainDict], strategy: str, compressor: Compressor | None) -> str:
    if strategy == "truncate":
        return _truncated(old)
    if strategy == "observation_mask":
        return _masked(old)
    if compressor is None:
        raise BadStrategyError(f"compact_strategy '{strategy}' needs something that writes the summary")
    return f"[auto-compacted {len(old)} older messages]\n{compressor(old)}"


def _truncated(old: list[PlainDict]) -> str:
    lines = [f"[auto-compacted {len(old)} older messages via truncate strategy]"]
    for message in old[:_LISTED]:
        text = plain_text(message.get("content"))
        if len(text.encode()) > _LONG:
            text = f"{_first_bytes(text, _LONG)}... [truncated from {len(text)} chars]"
        lines.append(f"[{message.get('role')}] {text}")
    if len(old) > _LISTED:
        lines.append(f"... and {len(old) - _LISTED} more")
    return "\n".join(lines)


def _first_bytes(text: str, size: int) -> str:
    return text.encode()[:size].decode(errors="ignore")


def _masked(old: list[PlainDict]) -> str:
    lines = [f"[auto-compacted {len(old)} older messages via observation masking]"]
    for message in old:
        role = message.get("role")
        text = plain_text(message.get("content"))
        if role == "assistant" or len(text.encode()) <= _LONG:
            lines.append(f"[{role}] {text}")
            continue
        first = text.split("\n", 1)[0][:_FIRST_LINE]
        count = len(text.splitlines())
        lines.append(f"[{role}] {first}... [{count} lines, {len(text)} chars masked]")
    return "\n".join(lines)
