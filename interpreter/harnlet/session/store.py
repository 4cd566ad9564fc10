"""Where transcripts live: the seam for durable stores, and the store that keeps nothing.

A store is told every change as a batch of records; a batch is written completely or not at all.
That makes the settle step of a tool call (its end, its one result, its reminder) one write.
"""

from collections.abc import Sequence
from typing import Protocol

from harnlet.session.plain import PlainDict


class TranscriptStore(Protocol):
    """Keeps transcripts beyond the life of the process.

    Records are plain data with a key `op`:

    * `message` `{message, event}` and `event` `{event}`: appended, in order;
    * `drop_events` `{ids}`: these events are gone (a reminder was replaced or ran out);
    * `replace` `{transcript}`: the whole transcript is this one now (reset, trim, compact, fork).

    `append` returns once the batch is safe. It runs in the event loop: a slow medium writes in a
    thread of its own and orders the batches there.
    """

    def load(self, session_id: str) -> PlainDict | None:
        """The transcript of `session_id` as it was after its last whole batch, None if unknown."""

    def append(self, session_id: str, records: Sequence[PlainDict]) -> None:
        """Write one batch."""

    def delete(self, session_id: str) -> None:
        """Forget a session."""


class MemoryStore:
    """The default: transcripts live in the objects alone, nothing outlives the process."""

    __slots__ = ()

    def load(self, session_id: str) -> PlainDict | None:
        """Always None: there is nothing beyond the live sessions."""
        return None

    def append(self, session_id: str, records: Sequence[PlainDict]) -> None:
        """Nothing to do."""

    def delete(self, session_id: str) -> None:
        """Nothing to do."""
