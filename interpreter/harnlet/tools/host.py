"""Everything a host needs to run and stop tool calls, wired together: sessions, tools, hooks."""

import asyncio
import concurrent.futures
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harnlet.session.clock import Clock, SystemClock
from harnlet.session.ids import IdSource, Uuid7Source
from harnlet.session.plain import PlainDict
from harnlet.session.remind_request import queue_reminder
from harnlet.session.session import Session
from harnlet.session.sessions import DEFAULT_LIMIT, Sessions
from harnlet.session.store import TranscriptStore
from harnlet.tools.admission import Capabilities, CapabilitySet, ToolPolicy
from harnlet.tools.call import CallRegistry
from harnlet.tools.cancel import cancel_call, cancel_call_threadsafe, cancel_session_calls
from harnlet.tools.desk import Desk
from harnlet.tools.dispatch import Dispatcher, with_call_id
from harnlet.tools.hooks import Hooks, NoHooks
from harnlet.tools.listing import describe_all
from harnlet.tools.registry import ToolRegistry
from harnlet.tools.request import DEFAULT_TIMEOUT_MS, CancelRequest


class ToolHost:
    """Sessions, tools, dispatch and cancellation of one interpreter.

    `hooks` is the plugin manager (None: no plugins; then calls run, but cannot be cancelled).
    `tools` are functions or declarations; those of plugins come before them, so that the host's own
    win. `capabilities` are what tools may need, by name. `session_limit` is how many sessions are
    kept, None for all. `clock` and `ids` make runs repeatable.
    """

    def __init__(
        self,
        hooks: Hooks | None = None,
        *,
        tools: Iterable[Any] = (),
        capabilities: Capabilities | Iterable[str] | None = None,
        policy: ToolPolicy | None = None,
        clock: Clock | None = None,
        ids: IdSource | None = None,
        store: TranscriptStore | None = None,
        session_limit: int | None = DEFAULT_LIMIT,
    ) -> None:
        asked: Hooks = NoHooks() if hooks is None else hooks
        time: Clock = SystemClock() if clock is None else clock
        source: IdSource = Uuid7Source(time) if ids is None else ids
        self.hooks = asked
        self.clock = time
        self.capabilities: Capabilities = (
            CapabilitySet(capabilities)
            if isinstance(capabilities, Iterable)
            else CapabilitySet()
            if capabilities is None
            else capabilities
        )
        kept = _first(asked.gather("harnlet_transcript_store")) if store is None else store
        self.sessions = Sessions(ids=source, store=kept, limit=session_limit)
        self.tools = ToolRegistry(
            [each for found in reversed(asked.gather("harnlet_tools")) for each in found]
        )
        for each in tools:
            self.tools.add(each)
        self.registry: CallRegistry | None = _first(asked.gather("harnlet_tool_call_registry"))
        self.desk = Desk(self.sessions, time, source, asked, self.registry)
        self.dispatcher = Dispatcher(self.desk, self.tools, capabilities=self.capabilities, policy=policy)

    def open(self, id: str | None = None) -> Session:
        """The session `id`, made when there is none."""
        return self.sessions.open(id)

    def transcript(self, session_id: str) -> PlainDict:
        """The transcript of a session as plain data; raises `UnknownSessionError`."""
        return self.sessions.transcript(session_id)

    async def dispatch(
        self, session_id: str, call: Mapping[str, Any], *, timeout_ms: float | None = None
    ) -> PlainDict:
        """Run one tool call and return its result dict; a call without an id is given one."""
        return await self.dispatcher.dispatch(session_id, with_call_id(call), timeout_ms=timeout_ms)

    async def dispatch_batch(
        self,
        session_id: str,
        calls: Sequence[Mapping[str, Any]],
        *,
        at_once: int = 1,
        timeout_ms: float | None = None,
    ) -> list[PlainDict]:
        """Run several calls, `at_once` at a time; a call that waits can be cancelled already."""
        named = [with_call_id(call) for call in calls]
        return await self.dispatcher.dispatch_batch(
            session_id, named, at_once=at_once, timeout_ms=timeout_ms
        )

    async def cancel(
        self,
        session_id: str,
        call_id: str,
        reason: str | None = None,
        inject_reminder: bool = True,
        timeout_ms: float = DEFAULT_TIMEOUT_MS,
        *,
        actor: str = "host",
        dry_run: bool = False,
    ) -> PlainDict:
        """Stop exactly one call. Answer: docs/cancellation.md#the-builtin."""
        request = CancelRequest.make(session_id, call_id, reason, inject_reminder, timeout_ms, actor)
        return await cancel_call(self.desk, request, dry_run=dry_run)

    def cancel_threadsafe(
        self,
        session_id: str,
        call_id: str,
        reason: str | None = None,
        inject_reminder: bool = True,
        timeout_ms: float = DEFAULT_TIMEOUT_MS,
        *,
        actor: str = "host",
    ) -> "concurrent.futures.Future[PlainDict]":
        """Stop exactly one call from any thread or signal handler; decided before this returns."""
        request = CancelRequest.make(session_id, call_id, reason, inject_reminder, timeout_ms, actor)
        return cancel_call_threadsafe(self.desk, request)

    async def cancel_session(
        self,
        session_id: str,
        reason: str | None = None,
        inject_reminder: bool = True,
        timeout_ms: float = DEFAULT_TIMEOUT_MS,
        *,
        actor: str = "host",
        dry_run: bool = False,
    ) -> list[PlainDict]:
        """Stop all calls of a session that are in flight; the answers, oldest call first.

        Calls made by other calls are stopped with those, children first, so only the outermost
        ones are asked and answered for.
        """
        request = CancelRequest.make(session_id, "", reason, inject_reminder, timeout_ms, actor)
        return await cancel_session_calls(self.desk, request, dry_run=dry_run)

    def in_flight(self, session_id: str | None = None) -> list[PlainDict]:
        """The calls in flight, of one session or of all, oldest first; see `listing.describe_all`."""
        if session_id is not None and self.registry is not None:
            return describe_all(self.desk, self.registry.list_for_session(session_id))
        flights = list(self.desk.live.values())
        return describe_all(
            self.desk,
            [f.call for f in flights if session_id is None or f.call.session_id == session_id],
        )

    def remind(self, params: Mapping[str, Any]) -> PlainDict:
        """Queue a reminder by the parameters of `session/remind`; see `session.remind_request`."""
        return queue_reminder(self.sessions, params, self.desk.ids())

    def audit(self) -> list[PlainDict]:
        """The latest requests to stop a call and what came of them, of all sessions, oldest first."""
        return [dict(record) for record in self.desk.audit]

    async def aclose(self, reason: str = "the interpreter is being closed") -> None:
        """Stop everything that is in flight and wait until it is settled; each within its grace."""
        ends = []
        for flight in list(self.desk.live.values()):
            flight.call.cancel(reason, inject_reminder=False, actor="interpreter")
            ends.append(flight.call.completion())
        if ends:
            await asyncio.gather(*ends)


def _first(answers: Sequence[Any]) -> Any:
    return answers[0] if answers else None
