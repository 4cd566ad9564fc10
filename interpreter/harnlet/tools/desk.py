"""What all calls of one interpreter share: sessions, clock, ids, hooks, the registry, the record."""

import asyncio
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from harnlet.session.clock import Clock
from harnlet.session.events import CANCEL_REQUEST
from harnlet.session.ids import IdSource
from harnlet.session.plain import PlainDict
from harnlet.session.session import Session
from harnlet.session.sessions import Sessions
from harnlet.tools.call import CallRegistry, ToolCall
from harnlet.tools.hooks import Hooks

AUDIT_LIMIT: Final = 10_000
"""How many records the audit of an interpreter keeps; transcripts keep their own for good."""


@dataclass(eq=False)
class Desk:
    """The services that flights and cancel requests work with."""

    sessions: Sessions
    clock: Clock
    ids: IdSource
    hooks: Hooks
    registry: CallRegistry | None
    interpreter: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Which interpreter's calls these are; hooks are told."""
    audit: deque[PlainDict] = field(default_factory=lambda: deque(maxlen=AUDIT_LIMIT))
    loop: asyncio.AbstractEventLoop | None = None
    """The event loop that the latest call was announced in; threads send their questions there."""
    live: dict[int, Any] = field(default_factory=dict)
    """The flights in the air, by the identity of their call, in the order they were announced."""

    def note(self, session: Session | None, kind: str, facts: PlainDict) -> None:
        """Put one fact on record: in the session's transcript, and in the audit of all."""
        self.audit.append({"kind": kind, "at_ms": self.clock.wall_ms(), **facts})
        if session is not None:
            session.transcript.append_event(kind, visibility="audit", metadata=facts)

    def requested(
        self,
        session: Session | None,
        session_id: str,
        call_id: str,
        tool: str | None,
        *,
        status: str,
        actor: str,
        reason: str,
        inject_reminder: bool,
    ) -> None:
        """Somebody asked for a call to be stopped: on record, and plugins are told."""
        facts: PlainDict = {
            "session_id": session_id,
            "call_id": call_id,
            "tool": tool,
            "status": status,
            "actor": actor,
            "reason": reason,
            "inject_reminder": inject_reminder,
        }
        self.note(session, CANCEL_REQUEST, facts)
        if self.hooks.wanted("harnlet_tool_cancel_requested"):
            self.hooks.tell(
                "harnlet_tool_cancel_requested",
                session=session_id,
                call={"id": call_id, "name": tool},
                request=dict(facts),
                interpreter=self.interpreter,
            )

    def tell_settled(self, call: ToolCall, result: PlainDict) -> None:
        """Tell plugins that a call has ended, whichever way."""
        if self.hooks.wanted("harnlet_tool_settled"):
            self.hooks.tell(
                "harnlet_tool_settled",
                session=call.session_id,
                call={"id": call.call_id, "name": call.tool_name},
                result=dict(result),
                interpreter=self.interpreter,
            )
