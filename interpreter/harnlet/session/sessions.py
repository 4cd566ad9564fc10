"""All sessions of an interpreter: opening, looking up, forking, closing, forgetting the oldest.

Names and errors: docs/builtins.md#sessions.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harnlet.errors.hierarchy import UsageError
from harnlet.session.compact import Compressor, compact_messages, estimate_tokens
from harnlet.session.ids import IdSource, Uuid7Source
from harnlet.session.plain import PlainDict, plain_copy
from harnlet.session.recovery import recovered
from harnlet.session.reminder import Reminder
from harnlet.session.session import Session
from harnlet.session.store import MemoryStore, TranscriptStore
from harnlet.session.transcript import REMINDER_KIND, Transcript

DEFAULT_LIMIT: Final = 128


class UnknownSessionError(UsageError, LookupError):
    """A session id that nobody opened, or that was closed; `.session_id` is that id."""

    def __init__(self, session_id: str) -> None:
        super().__init__(f"unknown session id '{session_id}'")
        self.session_id = session_id

    def __reduce__(self) -> tuple[type["UnknownSessionError"], tuple[str]]:
        return UnknownSessionError, (self.session_id,)


class Sessions:
    """The sessions of one interpreter.

    `limit` is how many are kept (None: all); beyond it the one that was used longest ago is
    forgotten, but never one with calls in flight. `store` keeps transcripts beyond the process.
    """

    def __init__(
        self,
        *,
        ids: IdSource | None = None,
        store: TranscriptStore | None = None,
        limit: int | None = DEFAULT_LIMIT,
    ) -> None:
        self._ids: IdSource = Uuid7Source() if ids is None else ids
        self._store: TranscriptStore = MemoryStore() if store is None else store
        self._told: TranscriptStore | None = None if type(self._store) is MemoryStore else self._store
        self._limit = limit
        self._live: OrderedDict[str, Session] = OrderedDict()

    def __len__(self) -> int:
        return len(self._live)

    def __iter__(self) -> Iterator[Session]:
        return iter(list(self._live.values()))

    def __contains__(self, session_id: object) -> bool:
        return session_id in self._live

    def open(self, id: str | None = None) -> Session:
        """The session `id`, made when there is none; without an id a new one with a UUIDv7.

        A store that knows the id gives its transcript back, and calls that were running when the
        process died are settled in it (docs/cancellation.md#crash-safe).
        """
        session_id = self._ids() if id is None or id == "" else id
        session = self._live.get(session_id)
        if session is not None:
            self._live.move_to_end(session_id)
            return session
        session = self._make(session_id)
        known = self._store.load(session_id)
        if known is not None:
            session.transcript.restore(known)
            recovered(session.transcript, self._ids)
        return session

    def get(self, session_id: str) -> Session | None:
        """The session, or None; looking counts as use."""
        session = self._live.get(session_id)
        if session is not None:
            self._live.move_to_end(session_id)
        return session

    def peek(self, session_id: str) -> Session | None:
        """The session, or None; does not count as use."""
        return self._live.get(session_id)

    def require(self, session_id: str) -> Session:
        """The session; raises `UnknownSessionError`."""
        session = self.get(session_id)
        if session is None:
            raise UnknownSessionError(session_id)
        return session

    def transcript(self, session_id: str) -> PlainDict:
        """The transcript as plain data; raises `UnknownSessionError`."""
        return self.require(session_id).transcript.to_dict()

    def snapshot(self, session_id: str) -> PlainDict | None:
        """The transcript with the lineage, None for an unknown id."""
        session = self.get(session_id)
        return None if session is None else session.snapshot()

    def ancestry(self, session_id: str) -> PlainDict | None:
        """`{parent_id, child_ids, root_id}`, None for an unknown id."""
        session = self._live.get(session_id)
        if session is None:
            return None
        root = session
        seen = {root.id}
        while root.parent_id is not None and root.parent_id not in seen:
            seen.add(root.parent_id)
            parent = self._live.get(root.parent_id)
            if parent is None:
                break
            root = parent
        return {
            "parent_id": session.parent_id,
            "child_ids": list(session.child_ids),
            "root_id": root.parent_id or root.id,
        }

    def reset(self, session_id: str) -> None:
        """Empty the transcript; the id and the lineage stay."""
        self.require(session_id).transcript.clear()

    def close(self, session_id: str, status: str | None = None) -> None:
        """Forget the session. Its calls in flight go on and settle into the object they hold."""
        session = self.require(session_id)
        session.closed = status or "closed"
        # Or a call that settles later would bring what is deleted here back into the store.
        session.transcript.detach()
        del self._live[session_id]
        self._store.delete(session_id)

    def fork(self, source: str, target: str | None = None) -> Session:
        """A copy of the transcript as a session of its own, which knows where it comes from.

        Reminders go along unless they say `propagate: none`. An existing `target` is overwritten.
        """
        origin = self.require(source)
        made = self._branch(origin, target)
        data = origin.transcript.to_dict()
        data["events"] = self._passed_on(origin, data["events"])
        made.transcript.restore(data)
        made.transcript.replaced()
        return made

    def fork_at(self, source: str, keep_first: int, target: str | None = None) -> Session:
        """Like `fork`, with the first `keep_first` messages and the events up to the last of them."""
        if keep_first < 0:
            raise ValueError("`keep_first` must be >= 0")
        origin = self.require(source)
        made = self._branch(origin, target)
        data = origin.transcript.to_dict()
        seen = 0
        index = 0
        for position, kept in enumerate(data["events"]):
            if seen == keep_first:
                break
            if kept["kind"] in ("message", "tool_result"):
                seen += 1
                index = position + 1
        data["messages"] = data["messages"][:keep_first]
        data["events"] = self._passed_on(origin, data["events"][:index])
        made.transcript.restore(data)
        made.transcript.replaced()
        made.branched_at_event_index = index
        return made

    def trim(self, session_id: str, keep_last: int) -> int:
        """Keep the last `keep_last` messages; how many there are now."""
        if keep_last < 0:
            raise ValueError("`keep_last` must be >= 0")
        transcript = self.require(session_id).transcript
        count = len(transcript)
        transcript.keep_messages(max(0, count - keep_last), count)
        return len(transcript)

    def compact(
        self,
        session_id: str,
        *,
        keep_last: int = 12,
        strategy: str = "observation_mask",
        token_threshold: int | None = None,
        compressor: Compressor | None = None,
    ) -> int:
        """Put older messages into one; how many messages there are now.

        With `token_threshold` nothing happens below it. Reminders that say `preserve_on_compact`
        stay, others go (docs/cancellation.md#the-reminder); other events stay as the record.
        """
        transcript = self.require(session_id).transcript
        if token_threshold is not None and estimate_tokens(transcript.messages) < token_threshold:
            return len(transcript)
        shorter = compact_messages(
            transcript.messages, keep_last=keep_last, strategy=strategy, compressor=compressor
        )
        if len(shorter) == len(transcript.messages):
            return len(shorter)
        stay = [
            old
            for old in transcript.events
            if old["kind"] not in ("message", "tool_result")
            and (old["kind"] != REMINDER_KIND or old["reminder"]["preserve_on_compact"])
        ]
        removed = len(transcript.messages) - len(shorter) + 1
        transcript.begin_batch()
        transcript.replace(shorter, stay)
        transcript.append_event("compaction", text=f"{removed} older messages were put into one")
        transcript.end_batch()
        return len(transcript)

    def inject(self, session_id: str, message: Mapping[str, Any]) -> PlainDict:
        """Append a message; raises `UnknownSessionError`, `BadMessageError`."""
        return self.require(session_id).inject(message)

    def child(self, parent_id: str, child_id: str | None = None) -> Session:
        """A session for an agent that works for another: empty but for reminders with `propagate: all`."""
        origin = self.require(parent_id)
        made = self._branch(origin, child_id)
        for kept in origin.transcript.reminders():
            if kept["propagate"] == "all":
                reminder = Reminder.from_dict(kept, self._ids())
                made.transcript.inject_reminder(reminder.inherited(self._ids(), origin.id))
        return made

    def _make(self, session_id: str) -> Session:
        transcript = Transcript(session_id, self._ids, self._told)
        session = Session(session_id, transcript, self._ids)
        self._live[session_id] = session
        if self._limit is not None and len(self._live) > self._limit:
            self._forget_oldest(session_id)
        return session

    def _forget_oldest(self, spared: str) -> None:
        for session_id, session in self._live.items():
            if session.in_flight == 0 and session_id != spared:
                del self._live[session_id]
                return

    def _branch(self, origin: Session, target: str | None) -> Session:
        target_id = self._ids() if target is None or target == "" else target
        if target_id == origin.id:
            raise ValueError(f"a session cannot be forked onto itself: '{target_id}'")
        made = self._live.get(target_id) or self._make(target_id)
        made.parent_id = origin.id
        if target_id not in origin.child_ids:
            origin.child_ids.append(target_id)
        return made

    def _passed_on(self, origin: Session, events: list[PlainDict]) -> list[PlainDict]:
        passed: list[PlainDict] = []
        for kept in events:
            if kept["kind"] == REMINDER_KIND:
                reminder = Reminder.from_dict(kept["reminder"], self._ids())
                if reminder.propagate == "none":
                    continue
                copied = plain_copy(kept)
                copied["reminder"] = reminder.inherited(reminder.id, origin.id).to_dict()
                passed.append(copied)
            else:
                passed.append(kept)
        return passed
