"""A session: a transcript, the reminders that wait for it, its lineage and its calls in flight."""

from collections.abc import Mapping
from typing import Any

from harnlet.session.ids import IdSource
from harnlet.session.plain import PlainDict
from harnlet.session.reminder import Reminder
from harnlet.session.reminder_queue import DrainPoint, Mode, ReminderQueue
from harnlet.session.transcript import Transcript

AUDIT_REMINDER_KIND = "reminder_audit"
"""Kind of the event a reminder in mode `audit_only` leaves: a record, never shown to a model."""


class Session:
    """One conversation. Made by `Sessions.open`."""

    __slots__ = (
        "_ids",
        "branched_at_event_index",
        "child_ids",
        "closed",
        "id",
        "in_flight",
        "parent_id",
        "queue",
        "transcript",
        "turn",
    )

    def __init__(self, session_id: str, transcript: Transcript, ids: IdSource) -> None:
        self.id = session_id
        self.transcript = transcript
        self.queue = ReminderQueue()
        self.turn = 0
        self.in_flight = 0
        self.closed: str | None = None
        self.parent_id: str | None = None
        self.child_ids: list[str] = []
        self.branched_at_event_index: int | None = None
        self._ids = ids

    def __repr__(self) -> str:
        return f"<Session {self.id!r}: {len(self.transcript)} messages, {self.in_flight} calls in flight>"

    def inject(self, message: Mapping[str, Any]) -> PlainDict:
        """Append a message to the transcript; raises `BadMessageError`."""
        return self.transcript.append_message(message)

    def remind(self, body: str, *, mode: str = "finish_step", **fields: Any) -> Reminder:
        """Queue a reminder; it enters the transcript at the next point that drains `mode`.

        `fields` are those of `Reminder.checked`; raises `BadReminderError`.
        """
        fields.setdefault("fired_at_turn", self.turn)
        reminder = Reminder.checked(self._ids(), body, **fields)
        self.queue.push(reminder, mode)
        return reminder

    def push_reminder(self, reminder: Reminder, mode: str) -> Mode:
        """Queue a reminder that is already made; the mode that was understood."""
        return self.queue.push(reminder, mode)

    def drain(self, point: DrainPoint) -> list[Reminder]:
        """Move what `point` drains from the queue into the transcript; those a model may see."""
        taken = self.queue.drain(point)
        shown: list[Reminder] = []
        for mode, reminder in taken:
            if mode == "audit_only":
                self.transcript.append_event(
                    AUDIT_REMINDER_KIND, visibility="audit", text=reminder.body, metadata=reminder.to_dict()
                )
            else:
                self.transcript.inject_reminder(reminder)
                shown.append(reminder)
        return shown

    def begin_turn(self) -> list[Reminder]:
        """A turn of the agent starts: drain for it."""
        return self.drain("turn_start")

    def end_turn(self) -> list[Reminder]:
        """A turn ends: what is in force ages by one turn, then the queue drains."""
        self.transcript.age_reminders()
        shown = self.drain("turn_end")
        self.turn += 1
        return shown

    def end_loop(self) -> None:
        """The agent's loop ends: what was for the record alone is recorded."""
        self.drain("loop_exit")

    def snapshot(self) -> PlainDict:
        """The transcript with the session's lineage, as plain data."""
        made = self.transcript.to_dict()
        made["parent_id"] = self.parent_id
        made["child_ids"] = list(self.child_ids)
        made["branched_at_event_index"] = self.branched_at_event_index
        return made
