"""The part of `Interpreter` about sessions and tool calls: running them, looking at them, stopping them.

Rules: docs/cancellation.md; how to use it: docs/embedding.md#calls.
"""

import asyncio
import concurrent.futures
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from harnlet.runtime.context import Runtime
from harnlet.session.plain import PlainDict
from harnlet.session.sessions import Sessions
from harnlet.tools.host import ToolHost
from harnlet.tools.registry import ToolRegistry
from harnlet.tools.request import DEFAULT_TIMEOUT_MS


class ToolCalls(ABC):
    """Sessions and tool calls of one interpreter. All times are in milliseconds."""

    _host: ToolHost
    _runtime: Runtime

    @abstractmethod
    def _enter_loop(self) -> asyncio.AbstractEventLoop:
        """The running loop, which the interpreter belongs to from now on; raises `UsageError`."""

    @property
    def id(self) -> str:
        """An id that no other interpreter has; hooks are told it."""
        return self._host.desk.interpreter

    @property
    def sessions(self) -> Sessions:
        """The sessions: `sessions.open(id=None)` gives one, made when there is none."""
        return self._host.sessions

    @property
    def tools(self) -> ToolRegistry:
        """The tools that calls can be dispatched to; `tools.add(function)` adds one at any time."""
        return self._host.tools

    def transcript(self, session_id: str) -> PlainDict:
        """The transcript of a session as plain data (docs/cancellation.md#transcript)."""
        return self._host.transcript(session_id)

    def remind(self, params: Mapping[str, Any]) -> PlainDict:
        """Queue a reminder for the model of a session, by the parameters of `session/remind`.

        They are `sessionId`, `mode`, and fields of a reminder (docs/cancellation.md#asking-for-a-reminder).
        The answer is `{status: "queued", sessionId, id, mode}`. Raises `UsageError` when anything is wrong.
        """
        return self._host.remind(params)

    # --- running ---------------------------------------------------------------------------------

    async def dispatch_tool_call(
        self, session_id: str, call: Mapping[str, Any], *, timeout_ms: float | None = None
    ) -> PlainDict:
        """Run the tool call `{"id", "name", "arguments"}` and return its result dict.

        A cancelled call returns normally, with `status` `"cancelled"`; one that runs longer than
        `timeout_ms` milliseconds with `"timeout"` (docs/cancellation.md#dispatch).
        """
        self._enter_loop()
        return await self._host.dispatch(session_id, call, timeout_ms=timeout_ms)

    async def dispatch_batch(
        self,
        session_id: str,
        calls: Sequence[Mapping[str, Any]],
        *,
        at_once: int = 1,
        timeout_ms: float | None = None,
    ) -> list[PlainDict]:
        """Run several tool calls, `at_once` at a time; their results in the order of `calls`.

        All are announced before the first runs, so each can be cancelled from then on; one that still
        waits never starts. `timeout_ms` is for each call, from its start.
        """
        self._enter_loop()
        return await self._host.dispatch_batch(session_id, calls, at_once=at_once, timeout_ms=timeout_ms)

    # --- stopping --------------------------------------------------------------------------------

    async def cancel_tool_call(
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
        """Stop exactly one tool call that is in flight, and wait up to `timeout_ms` milliseconds until
        it has unwound. The answer says what happened (docs/cancellation.md#the-builtin).

        `actor` is who is to be named in the answer, the result and the record. With `dry_run` nothing is
        stopped: the status is `would_cancel`, and `calls` lists what would be stopped, in that order.
        """
        return await self._host.cancel(
            session_id, call_id, reason, inject_reminder, timeout_ms, actor=actor, dry_run=dry_run
        )

    def cancel_tool_call_threadsafe(
        self,
        session_id: str,
        call_id: str,
        reason: str | None = None,
        inject_reminder: bool = True,
        timeout_ms: float = DEFAULT_TIMEOUT_MS,
        *,
        actor: str = "host",
    ) -> "concurrent.futures.Future[PlainDict]":
        """The same from any thread; the decision has been made when this returns."""
        self._runtime.want_attention()
        return self._host.cancel_threadsafe(
            session_id, call_id, reason, inject_reminder, timeout_ms, actor=actor
        )

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
        """Stop all tool calls of a session that are in flight; the answers, oldest call first.

        Calls that other calls made are stopped with those, before them, and are not answered for.
        `timeout_ms` is for all together. The session itself stays open.
        """
        return await self._host.cancel_session(
            session_id, reason, inject_reminder, timeout_ms, actor=actor, dry_run=dry_run
        )

    # --- looking ---------------------------------------------------------------------------------

    def in_flight_tool_calls(self, session_id: str | None = None) -> list[PlainDict]:
        """The calls that have not ended, of one session or of all, oldest first."""
        return self._host.in_flight(session_id)

    def audit(self) -> list[PlainDict]:
        """The latest requests to stop a call and what came of them, of all sessions, oldest first."""
        return self._host.audit()
