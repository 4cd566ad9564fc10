"""A reminder: one thing the model should be told, and for how long.

Fields, in their order, and their rules: docs/cancellation.md#the-reminder.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

from harnlet.session.plain import PlainDict

Propagate = Literal["all", "session", "none"]
RoleHint = Literal["system", "developer", "user_block", "ephemeral_cache"]
Source = Literal["stdlib_provider", "hook", "bridge", "in_pipeline", "inherited"]

PROPAGATE: Final = ("all", "session", "none")
ROLE_HINTS: Final = ("system", "developer", "user_block", "ephemeral_cache")
SOURCES: Final = ("stdlib_provider", "hook", "bridge", "in_pipeline", "inherited")


class BadReminderError(ValueError):
    """A reminder with a field that breaks its rule; the message names the field."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder. Build it with `Reminder.checked`, which trims and validates.

    `ttl_turns` counts turns (None: as long as the transcript lives); `fired_at_turn` is the turn
    it was made in.
    """

    id: str
    tags: tuple[str, ...]
    dedupe_key: str | None
    ttl_turns: int | None
    preserve_on_compact: bool
    propagate: Propagate
    role_hint: RoleHint
    source: Source
    body: str
    fired_at_turn: int = 0
    originating_agent_id: str | None = None

    @classmethod
    def checked(
        cls,
        reminder_id: str,
        body: str,
        *,
        tags: Iterable[str] = (),
        dedupe_key: str | None = None,
        ttl_turns: int | None = None,
        preserve_on_compact: bool = False,
        propagate: str = "session",
        role_hint: str = "system",
        source: str = "bridge",
        fired_at_turn: int = 0,
        originating_agent_id: str | None = None,
    ) -> "Reminder":
        """A reminder whose fields all keep their rules; raises `BadReminderError` otherwise."""
        if not isinstance(reminder_id, str) or not reminder_id:
            raise BadReminderError("reminder `id` must be a non-empty string")
        if not isinstance(body, str) or not body.strip():
            raise BadReminderError("reminder `body` must be a non-blank string")
        return cls(
            id=reminder_id,
            tags=_tags(tags),
            dedupe_key=_text_or_none("dedupe_key", dedupe_key),
            ttl_turns=_turns(ttl_turns),
            preserve_on_compact=_flag("preserve_on_compact", preserve_on_compact),
            propagate=cast(Propagate, _one_of("propagate", propagate, PROPAGATE)),
            role_hint=cast(RoleHint, _one_of("role_hint", role_hint, ROLE_HINTS)),
            source=cast(Source, _one_of("source", source, SOURCES)),
            body=body.strip(),
            fired_at_turn=_turn(fired_at_turn),
            originating_agent_id=_text_or_none("originating_agent_id", originating_agent_id),
        )

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any], reminder_id: str) -> "Reminder":
        """From the fields of a message or a stored event; `reminder_id` is used when none is there."""
        unknown = [key for key in fields if key not in cls.__slots__]
        if unknown:
            raise BadReminderError(
                f"unknown reminder field '{unknown[0]}' (expected one of: {', '.join(cls.__slots__)})"
            )
        given = {key: value for key, value in fields.items() if key not in ("id", "body")}
        return cls.checked(fields.get("id") or reminder_id, fields.get("body", ""), **given)

    def to_dict(self) -> PlainDict:
        """All fields as plain data, in their order."""
        return {
            "id": self.id,
            "tags": list(self.tags),
            "dedupe_key": self.dedupe_key,
            "ttl_turns": self.ttl_turns,
            "preserve_on_compact": self.preserve_on_compact,
            "propagate": self.propagate,
            "role_hint": self.role_hint,
            "source": self.source,
            "body": self.body,
            "fired_at_turn": self.fired_at_turn,
            "originating_agent_id": self.originating_agent_id,
        }

    def inherited(self, reminder_id: str, origin: str) -> "Reminder":
        """The copy that a session which descends from `origin` gets."""
        first_origin = self.originating_agent_id or origin
        return replace(self, id=reminder_id, source="inherited", originating_agent_id=first_origin)


def cancellation_reminder(reminder_id: str, tool_name: str, call_id: str, reason: str) -> Reminder:
    """The reminder of one cancelled tool call."""
    return Reminder(
        id=reminder_id,
        tags=("tool_call_cancelled",),
        dedupe_key=f"cancel:{call_id}",
        ttl_turns=None,
        preserve_on_compact=False,
        propagate="session",
        role_hint="system",
        source="bridge",
        body=f"Tool call `{tool_name}` (call_id={call_id}) was cancelled by the host: {reason}",
    )


def _tags(tags: object) -> tuple[str, ...]:
    if isinstance(tags, str) or not isinstance(tags, Iterable):
        raise BadReminderError("reminder `tags` must be a list of strings")
    kept: dict[str, None] = {}
    for tag in tags:
        if not isinstance(tag, str) or not tag.strip():
            raise BadReminderError("reminder `tags` must be a list of non-blank strings")
        kept[tag.strip()] = None
    return tuple(kept)


def _text_or_none(field: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadReminderError(f"reminder `{field}` must be a string or nil")
    return value.strip() or None


def _turns(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise BadReminderError("reminder `ttl_turns` must be an int > 0 or nil")
    return value


def _turn(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadReminderError("reminder `fired_at_turn` must be an int >= 0")
    return value


def _flag(field: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadReminderError(f"reminder `{field}` must be a bool")
    return value


def _one_of(field: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise BadReminderError(f"reminder `{field}` must be one of: {', '.join(allowed)}")
    return value
