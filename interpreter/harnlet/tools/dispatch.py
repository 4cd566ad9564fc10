"""Dispatching tool calls: announcing them, seeing them through, one at a time or as a batch."""

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from harnlet.errors.hierarchy import UsageError
from harnlet.session.plain import PlainDict, plain_copy
from harnlet.tools import results
from harnlet.tools.admission import Admission, Capabilities, CapabilitySet, ToolPolicy
from harnlet.tools.call import DuplicateCallError, ToolCall
from harnlet.tools.desk import Desk
from harnlet.tools.flight import Flight
from harnlet.tools.registry import ToolRegistry
from harnlet.tools.request import checked_ms
from harnlet.tools.turns import Turns

_ID_KEYS = ("id", "tool_call_id", "call_id")


def call_id_of(call: Mapping[str, Any]) -> str:
    """The first non-empty string among `id`, `tool_call_id` and `call_id`, else an empty one."""
    for key in _ID_KEYS:
        value = call.get(key)
        if isinstance(value, str) and value:
            return value
    return ""


def with_call_id(call: Mapping[str, Any]) -> Mapping[str, Any]:
    """`call` with an id of its own, made up as `tool_call_<uuid>` when it has none.

    For those who hand calls to the dispatcher; a call without an id runs, but cannot be targeted.
    Raises `UsageError` for what is no mapping.
    """
    if not isinstance(call, Mapping):
        raise UsageError(f"a tool call must be a mapping of id, name, arguments, not {type(call).__name__}")
    if call_id_of(call):
        return call
    return {**call, "id": f"tool_call_{uuid.uuid4()}"}


class Dispatcher:
    """Runs tool calls. Results are values: whatever happens to a call, `dispatch` returns its dict."""

    __slots__ = ("_admission", "desk", "tools")

    def __init__(
        self,
        desk: Desk,
        tools: ToolRegistry,
        *,
        capabilities: Capabilities | None = None,
        policy: ToolPolicy | None = None,
    ) -> None:
        self.desk = desk
        self.tools = tools
        self._admission = Admission(
            tools,
            desk.hooks,
            CapabilitySet() if capabilities is None else capabilities,
            ToolPolicy() if policy is None else policy,
        )

    async def dispatch(
        self, session_id: str, call: Mapping[str, Any], *, timeout_ms: float | None = None
    ) -> PlainDict:
        """Run one call `{id, name, arguments}` to its end and return its result dict.

        A session that does not exist is opened; an empty `session_id` runs without a transcript.
        `timeout_ms` is a deadline for the tool's code, in milliseconds; the tool's own holds too.
        Shape and texts of the result: docs/cancellation.md#dispatch. Raises only what cancels the
        calling task; then the call is stopped and settled first; and `UsageError` for a time that is none
        and a session id that is no text.
        """
        deadline_ms = None if timeout_ms is None else checked_ms("timeout_ms", timeout_ms)
        flight = self._announce(session_id, call)
        if isinstance(flight, dict):
            return flight
        return await self._see_through(flight, deadline_ms)

    async def dispatch_batch(
        self,
        session_id: str,
        calls: Sequence[Mapping[str, Any]],
        *,
        at_once: int = 1,
        timeout_ms: float | None = None,
    ) -> list[PlainDict]:
        """Run several calls, `at_once` at a time; their results in the order of the calls.

        All are announced first, so one that still waits behind its siblings can be cancelled; then
        it never starts, and its siblings are not touched.
        """
        deadline_ms = None if timeout_ms is None else checked_ms("timeout_ms", timeout_ms)
        flights: list[Flight | PlainDict] = []
        turns = Turns(max(1, at_once))

        async def one(flight: Flight | PlainDict) -> PlainDict:
            if isinstance(flight, dict):
                return flight
            ticket = turns.ticket()
            try:
                admitted, _ = await flight.until_stopped(ticket)
                return await self._see_through(flight, deadline_ms) if admitted else self._result_of(flight)
            finally:
                turns.give_back(ticket)

        try:
            for call in calls:
                flights.append(self._announce(session_id, call))  # noqa: PERF401 - one may fail
            for flight in flights:
                if isinstance(flight, Flight):
                    flight.call.word.apply("queue")
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(flight)) for flight in flights]
        finally:
            # A task that is cancelled before its first step never comes to its flight, and a store that
            # fails at one announcement leaves the ones before it without a task.
            for flight in flights:
                if isinstance(flight, Flight):
                    flight.drop()
        return [task.result() for task in tasks]

    def _announce(self, session_id: str, call: Mapping[str, Any]) -> Flight | PlainDict:
        """A flight that can be cancelled from here on, or the result of a call that cannot be one."""
        if not isinstance(session_id, str):
            raise UsageError(f"`session_id` must be a string, not {type(session_id).__name__}")
        desk = self.desk
        call_id = call_id_of(call)
        name = call.get("name")
        tool_name = name if isinstance(name, str) else ""
        try:
            registered = (
                None if desk.registry is None else desk.registry.register(session_id, call_id, tool_name)
            )
        except DuplicateCallError as error:
            # No message: the id belongs to the call that is in flight, which will leave the one result.
            facts = {"session_id": session_id, "call_id": call_id, "tool": tool_name, "error": str(error)}
            desk.note(desk.sessions.get(session_id), "tool_call_refused", facts)
            return results.failure(
                tool_name, call_id, _arguments(call)[0], str(error), "resource_busy", changed_paths=[]
            )
        handle, guard = (ToolCall(session_id, call_id, tool_name), None) if registered is None else registered
        arguments, problem = _arguments(call)
        session = desk.sessions.open(session_id) if session_id else None
        flight = Flight(desk, session, handle, guard, arguments)
        try:
            flight.announce()
        except BaseException:
            if guard is not None:
                guard.__exit__(None, None, None)
            raise
        if not tool_name:
            problem = "a tool call needs a `name`, a non-empty string"
        if problem is not None and flight.result is None:
            flight.refuse(problem, "schema_validation")
        return flight

    async def _see_through(self, flight: Flight, timeout_ms: float | None) -> PlainDict:
        session = flight.session
        if session is not None:
            session.drain("before_tool_dispatch")
        if flight.result is None:
            try:
                tool = await self._admission.admit(flight)
            except Exception as error:  # noqa: BLE001 - a plugin's answer or a schema may be anything
                flight.refuse(f"the call could not be admitted: {error!r}", "unknown")
                tool = None
            if tool is not None:
                await flight.run(tool, _sooner(tool.timeout_ms, timeout_ms))
        if session is not None:
            session.drain("after_tool_dispatch")
        return self._result_of(flight)

    def _result_of(self, flight: Flight) -> PlainDict:
        assert flight.result is not None
        return flight.result


def _arguments(call: Mapping[str, Any]) -> tuple[PlainDict, str | None]:
    """The arguments as a dict of our own; models give them as JSON text too."""
    given = call.get("arguments")
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.strip() else {}
        except ValueError as error:
            return {}, f"`arguments` is not valid JSON: {error}"
    if given is None:
        return {}, None
    if not isinstance(given, Mapping):
        return {}, "`arguments` must be a dict"
    copied: PlainDict = plain_copy(given)
    return copied, None


def _sooner(first: float | None, second: float | None) -> float | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)
