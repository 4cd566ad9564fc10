"""The transcript of a session: what was said and what happened, in order.

Shape: docs/cancellation.md#the-reminder (`_type: "transcript"`, version 2). Every change is one
batch for the store, so that the end of a tool call, its result and its reminder go together.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from harnlet.session.events import checked_message, event, message_event
from harnlet.session.ids import IdSource
from harnlet.session.plain import PlainDict, plain_copy
from harnlet.session.reminder import Reminder
from harnlet.session.store import TranscriptStore

REMINDER_KIND: Final = "system_reminder"
VERSION: Final = 2
_EXTRA: Final = ("summary", "metadata", "state")


class Transcript:
    """Messages, events and assets of one session.

    Only the event loop's thread changes it. `to_dict` gives copies; nothing of the inside leaks.
    """

    __slots__ = (
        "_batch",
        "_dedupe_keys",
        "_ids",
        "_keys_of",
        "_store",
        "assets",
        "events",
        "extra",
        "id",
        "messages",
    )

    def __init__(self, transcript_id: str, ids: IdSource, store: TranscriptStore | None = None) -> None:
        self.id = transcript_id
        self.messages: list[PlainDict] = []
        self.events: list[PlainDict] = []
        self._keys_of: list[PlainDict] | None = None
        self._dedupe_keys: set[str] = set()
        self.assets: list[PlainDict] = []
        self.extra: PlainDict = {}
        self._ids = ids
        self._store = store
        self._batch: list[PlainDict] | None = None

    def __len__(self) -> int:
        return len(self.messages)

    def append_message(self, message: Mapping[str, Any]) -> PlainDict:
        """Append a message and the event that stands for it; the message as it was kept.

        Raises `BadMessageError` for a role that transcripts do not know.
        """
        kept = checked_message(message)
        made = message_event(self._ids(), kept)
        self.messages.append(kept)
        self.events.append(made)
        self._wrote({"op": "message", "message": kept, "event": made})
        return kept

    def append_event(
        self,
        kind: str,
        *,
        role: str = "system",
        visibility: str = "internal",
        text: str = "",
        metadata: PlainDict | None = None,
    ) -> PlainDict:
        """Append an event that is no message; the event as it was kept."""
        blocks = [{"type": "text", "text": text, "visibility": visibility}] if text else []
        made = event(
            self._ids(), kind, role=role, visibility=visibility, text=text, blocks=blocks, metadata=metadata
        )
        self.events.append(made)
        self._wrote({"op": "event", "event": made})
        return made

    def inject_reminder(self, reminder: Reminder) -> PlainDict:
        """Append `reminder`; one with the same `dedupe_key` that is still there gives way to it."""
        key = reminder.dedupe_key
        if key is not None:
            if key in self._known_dedupe_keys():
                self._drop_events(
                    [
                        old["id"]
                        for old in self.events
                        if old["kind"] == REMINDER_KIND and old["reminder"]["dedupe_key"] == key
                    ]
                )
            self._dedupe_keys.add(key)
        made = event(
            self._ids(),
            REMINDER_KIND,
            text=reminder.body,
            blocks=[{"type": "text", "text": reminder.body, "visibility": "internal"}],
        )
        made["reminder"] = reminder.to_dict()
        self.events.append(made)
        self._wrote({"op": "event", "event": made})
        return made

    def _known_dedupe_keys(self) -> set[str]:
        """The keys that some reminder may have: without them, cancelling the n calls of a session looked
        through all its events n times. Collected anew when the events were replaced as a whole."""
        if self._keys_of is not self.events:
            self._keys_of = self.events
            self._dedupe_keys = {
                old["reminder"]["dedupe_key"] for old in self.events if old["kind"] == REMINDER_KIND
            }
        return self._dedupe_keys

    def reminders(self) -> list[PlainDict]:
        """The reminders that are in force, oldest first, as plain data."""
        return [plain_copy(kept["reminder"]) for kept in self.events if kept["kind"] == REMINDER_KIND]

    def age_reminders(self) -> None:
        """One turn has gone by: a finite `ttl_turns` goes down by one, and at 0 the reminder is gone."""
        gone: list[str] = []
        changed = False
        for kept in self.events:
            if kept["kind"] != REMINDER_KIND:
                continue
            turns = kept["reminder"]["ttl_turns"]
            if turns is None:
                continue
            changed = True
            if turns <= 1:
                gone.append(kept["id"])
            else:
                kept["reminder"]["ttl_turns"] = turns - 1
        self._drop_events(gone)
        if changed and len(gone) == 0:
            self.replaced()

    def replace(
        self, messages: Sequence[Mapping[str, Any]], other_events: Sequence[PlainDict] | None = None
    ) -> None:
        """Put other messages in place of all; `other_events` (None: those there are) stay behind them."""
        stay = [old for old in self.events if old["kind"] not in ("message", "tool_result")]
        kept = [checked_message(message) for message in messages]
        self.messages = kept
        self.events = [message_event(self._ids(), message) for message in kept]
        self.events += stay if other_events is None else list(other_events)
        self.replaced()

    def keep_messages(self, first: int, end: int) -> None:
        """Keep messages `first` up to but not including `end`; other events stay where they are."""
        seen = -1
        events: list[PlainDict] = []
        for old in self.events:
            if old["kind"] in ("message", "tool_result"):
                seen += 1
                if not first <= seen < end:
                    continue
            events.append(old)
        self.messages = self.messages[first:end]
        self.events = events
        self.replaced()

    def clear(self) -> None:
        """Forget everything but the id."""
        self.messages = []
        self.events = []
        self.assets = []
        self.extra = {}
        self.replaced()

    def to_dict(self) -> PlainDict:
        """The transcript as plain data that the caller may change as it likes."""
        made: PlainDict = {
            "_type": "transcript",
            "version": VERSION,
            "id": self.id,
            "messages": plain_copy(self.messages),
            "events": plain_copy(self.events),
            "assets": plain_copy(self.assets),
        }
        made.update(plain_copy(self.extra))
        return made

    def restore(self, data: Mapping[str, Any]) -> None:
        """Take over the contents of a transcript dict (from a store or a fork); the id stays."""
        self.messages = [checked_message(message) for message in data.get("messages", [])]
        self.events = plain_copy(data.get("events", []))
        self.assets = plain_copy(data.get("assets", []))
        self.extra = {key: plain_copy(data[key]) for key in _EXTRA if data.get(key) is not None}

    def replaced(self) -> None:
        """Tell the store that the whole transcript is new."""
        if self._store is not None:
            self._wrote({"op": "replace", "transcript": self.to_dict()})

    def detach(self) -> None:
        """Write to no store from now on."""
        self._store = None

    def begin_batch(self) -> None:
        """Hold back records for the store until `end_batch`, so that they are written together."""
        if self._store is not None:
            self._batch = []

    def end_batch(self) -> None:
        """Write what was held back as one batch."""
        records, self._batch = self._batch, None
        if records and self._store is not None:
            self._store.append(self.id, plain_copy(records))

    def _wrote(self, record: PlainDict) -> None:
        if self._store is None:
            return
        if self._batch is not None:
            self._batch.append(record)
        else:
            self._store.append(self.id, [plain_copy(record)])

    def _drop_events(self, ids: Sequence[str]) -> None:
        if not ids:
            return
        gone = set(ids)
        self.events = [old for old in self.events if old["id"] not in gone]
        self._wrote({"op": "drop_events", "ids": list(ids)})
