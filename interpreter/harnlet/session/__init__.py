"""Sessions and their transcripts (docs/cancellation.md, docs/builtins.md#sessions)."""

from harnlet.session.clock import Clock, ManualClock, SystemClock, Timer
from harnlet.session.events import BadMessageError
from harnlet.session.ids import CountingIds, IdSource, Uuid7Source
from harnlet.session.reminder import BadReminderError, Reminder
from harnlet.session.render import render_transcript
from harnlet.session.session import Session
from harnlet.session.sessions import Sessions, UnknownSessionError
from harnlet.session.store import MemoryStore, TranscriptStore
from harnlet.session.transcript import Transcript

__all__ = [
    "BadMessageError",
    "BadReminderError",
    "Clock",
    "CountingIds",
    "IdSource",
    "ManualClock",
    "MemoryStore",
    "Reminder",
    "Session",
    "Sessions",
    "SystemClock",
    "Timer",
    "Transcript",
    "TranscriptStore",
    "UnknownSessionError",
    "Uuid7Source",
    "render_transcript",
]
