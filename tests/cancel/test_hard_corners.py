"""Corners of dispatch: nothing may stay in flight, nothing may be settled twice."""

import asyncio
import pickle
from collections.abc import Sequence
from typing import Any

import pytest

from cancel.support import (
    Waiting,
    call,
    clock_of,
    kinds_of,
    make_host,
    reminders_of,
    results_of,
    rounds,
    until,
)
from harnlet.errors.hierarchy import HarnletError
from harnlet.plugins import PluginError, hookimpl
from harnlet.session.clock import ManualClock, wait_at_most
from harnlet.session.sessions import UnknownSessionError
from harnlet.session.store import MemoryStore
from harnlet.tools.cancel import CancellationUnavailableError
from harnlet.tools.declaration import ToolDeclaration, closure_tool
from harnlet.tools.task_execution import TaskExecution


def eager(value: Any) -> ToolDeclaration[..., Any]:
    """A tool whose code has ended when its start returns, as under an eager task factory."""

    def start(handle: Any, arguments: dict[str, Any]) -> TaskExecution:
        ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if isinstance(value, Exception):
            ended.set_exception(value)
        else:
            ended.set_result(value)
        return TaskExecution(ended)

    return ToolDeclaration(name="eager", description="", schema=None, start=start)


@pytest.mark.parametrize("value", ["done", ValueError("broken")])
async def test_a_tool_that_ends_while_it_is_started(value: Any) -> None:
    host = make_host(eager(value))
    result = await host.dispatch("s", call("eager"))
    await rounds()
    assert result["status"] == ("ok" if value == "done" else "error")
    assert kinds_of(host) == ["tool_call_start", "tool_call_end", "tool_result"]
    assert host.in_flight() == []


async def test_a_tool_that_cannot_be_started() -> None:
    def start(handle: Any, arguments: dict[str, Any]) -> Any:
        raise OSError("no more threads")

    host = make_host(ToolDeclaration(name="broken", description="", schema=None, start=start))
    result = await host.dispatch("s", call("broken"))
    assert (result["error"], result["error_category"]) == ("no more threads", "environment")
    assert len(results_of(host)) == 1


async def test_a_tool_that_cannot_be_started_and_is_cancelled_by_its_own_start() -> None:
    def start(handle: Any, arguments: dict[str, Any]) -> Any:
        handle.cancel("from within")
        raise OSError("no more threads")

    host = make_host(ToolDeclaration(name="broken", description="", schema=None, start=start))
    result = await host.dispatch("s", call("broken"))
    assert result["status"] == "cancelled"
    assert len(results_of(host)) == len(reminders_of(host)) == 1
    assert "tool_late_result" in kinds_of(host)


async def test_a_schema_that_is_broken_refuses_the_call() -> None:
    async def never(arguments: dict[str, Any]) -> None:
        raise AssertionError("must not run")

    broken = closure_tool("broken", never, schema={"properties": {"a": {"type": 5}}})
    host = make_host(broken)
    result = await host.dispatch("s", call("broken", a="x"))
    assert result["error"].startswith("the call could not be admitted: ")
    assert (result["status"], result["error_category"]) == ("error", "unknown")
    assert host.in_flight() == []


async def test_an_approval_of_a_kind_nobody_knows_refuses_the_call() -> None:
    class Odd:
        @hookimpl
        def harnlet_approve_tool_call(self) -> Any:
            return "yes please"

    waiting = Waiting()
    host = make_host(waiting.tool, plugins=[Odd()])
    assert (await host.dispatch("s", call("wait")))["error_category"] == "unknown"
    assert not waiting.started.is_set()


async def test_a_batch_that_is_cancelled_before_its_first_step_leaves_nothing_in_flight() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)

    me = asyncio.current_task()

    def shut_down() -> None:
        """As `asyncio.run` does at its end."""
        for task in asyncio.all_tasks():
            if task is not me:
                task.cancel()

    async def dispatching() -> None:
        # It comes when the tasks of the calls are made and before any of them has run.
        asyncio.get_running_loop().call_soon(shut_down)
        await host.dispatch_batch("s", [call("wait", "c1"), call("wait", "c2")])

    running = asyncio.create_task(dispatching())
    with pytest.raises(asyncio.CancelledError):
        await running
    assert host.in_flight() == []
    assert sorted(message["tool_call_id"] for message in results_of(host)) == ["c1", "c2"]
    assert not waiting.started.is_set()


class FailingStore(MemoryStore):
    """Fails at the announcement of one call."""

    def append(self, session_id: str, records: Sequence[dict[str, Any]]) -> None:
        for record in records:
            event = record.get("event", {})
            if event.get("kind") == "tool_call_start" and event["metadata"]["call_id"] == "c2":
                raise OSError("the disk is full")


async def test_a_batch_that_cannot_be_announced_as_a_whole_leaves_nothing_in_flight() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool, store=FailingStore())
    with pytest.raises(OSError, match="the disk is full"):
        await host.dispatch_batch("s", [call("wait", f"c{number}") for number in (1, 2, 3)])
    assert host.in_flight() == host.in_flight("s") == []
    assert [message["tool_call_id"] for message in results_of(host)] == ["c1"]
    assert not waiting.started.is_set()
    assert host.sessions.require("s").in_flight == 0


async def test_a_batch_with_an_id_twice_runs_the_first_one() -> None:
    waiting = Waiting()
    waiting.gate.set()
    host = make_host(waiting.tool)
    first, second = await host.dispatch_batch("s", [call("wait", "c1"), call("wait", "c1")])
    assert (first["status"], second["error_category"]) == ("ok", "resource_busy")
    assert len(results_of(host)) == 1


async def test_a_call_made_through_another_host_is_a_child_all_the_same() -> None:
    inner_tool = Waiting("inner")
    inner = make_host(inner_tool.tool)

    async def outer_tool() -> Any:
        return await inner.dispatch("there", call("inner", "inner"))

    outer = make_host(outer_tool)
    running = asyncio.create_task(outer.dispatch("here", call("outer_tool", "outer")))
    await inner_tool.started.wait()
    answer = await outer.cancel("here", "outer")
    assert (answer["status"], answer["outcome"]) == ("cancelled", "stopped")
    assert (await running)["status"] == "cancelled"
    assert inner_tool.cleaned == 1
    assert [message["tool_call_id"] for message in results_of(inner, "there")] == ["inner"]
    assert inner.in_flight() == outer.in_flight() == []


async def test_a_child_that_lives_in_another_event_loop_is_waited_for() -> None:
    import threading

    let_go = threading.Event()
    started = threading.Event()

    async def child_tool() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            let_go.wait()

    other = make_host(child_tool)

    def outer_tool() -> Any:
        return asyncio.run(other.dispatch("there", call("child_tool", "child")))

    host = make_host(outer_tool)
    running = asyncio.create_task(host.dispatch("here", call("outer_tool", "outer")))
    await asyncio.to_thread(started.wait)
    cancelling = asyncio.create_task(host.cancel("here", "outer"))
    await rounds()
    assert not running.done()
    let_go.set()
    assert (await cancelling)["status"] == "cancelled"
    assert (await running)["status"] == "cancelled"
    assert [message["tool_call_id"] for message in results_of(other, "there")] == ["child"]


class Full:
    """A store whose medium is full from the batch with number `fails` on."""

    def __init__(self, fails: int) -> None:
        self.left = fails

    def load(self, session_id: str) -> None:
        return None

    def append(self, session_id: str, records: Sequence[Any]) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError("disk full")

    def delete(self, session_id: str) -> None:
        """Nothing to do."""


async def test_what_cannot_be_put_on_record_does_not_run() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool, store=Full(0))
    with pytest.raises(OSError, match="disk full"):
        await host.dispatch("s", call("wait"))
    assert not waiting.started.is_set()
    assert host.in_flight() == host.in_flight("s") == []
    assert host.sessions.require("s").in_flight == 0


async def test_an_end_that_cannot_be_put_on_record_ends_the_call_and_is_not_silent() -> None:
    waiting = Waiting()
    waiting.gate.set()
    host = make_host(waiting.tool, store=Full(1))
    with pytest.raises(OSError, match="disk full"):
        await host.dispatch("s", call("wait"))
    assert host.in_flight() == host.in_flight("s") == []
    assert len(results_of(host)) == 1


async def test_a_session_that_is_closed_under_a_call() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    session = host.sessions.require("s")
    host.sessions.close("s")
    answer = await host.cancel("s", "c1")
    assert answer["status"] == (await running)["status"] == "cancelled"
    assert len(session.transcript) == 1
    assert "s" not in host.sessions, "cancelling opens no session"


async def test_reminders_that_wait_enter_before_and_after_a_call() -> None:
    waiting = Waiting()
    waiting.gate.set()
    host = make_host(waiting.tool)
    session = host.open("s")
    session.remind("now", mode="interrupt")
    session.remind("then", mode="steer")
    session.remind("never", mode="queue")
    await host.dispatch("s", call("wait"))
    assert [reminder["body"] for reminder in reminders_of(host)] == ["now", "then"]
    kinds = kinds_of(host)
    assert kinds.index("system_reminder") < kinds.index("tool_call_end") < len(kinds) - 1
    assert kinds[-1] == "system_reminder"


async def test_a_session_with_calls_in_flight_is_not_forgotten() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool, session_limit=2)
    running = asyncio.create_task(host.dispatch("busy", call("wait")))
    await waiting.started.wait()
    for number in range(5):
        host.open(f"s{number}")
    assert "busy" in host.sessions
    waiting.gate.set()
    await running
    host.open("another")
    host.open("one more")
    assert "busy" not in host.sessions


@pytest.mark.parametrize(
    "error", [UnknownSessionError("s"), CancellationUnavailableError(), PluginError("plugin x: no")]
)
def test_errors_can_be_pickled_and_have_one_root(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, HarnletError)
    assert (type(again), str(again)) == (type(error), str(error))


async def test_waiting_for_something_with_a_bound() -> None:
    clock = ManualClock()
    event: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(wait_at_most(clock, event, 10))
    await rounds()
    clock.advance(10)
    assert await waiting is False
    assert not event.cancelled()
    waiting = asyncio.create_task(wait_at_most(clock, event, 10))
    await rounds()
    event.set_result(None)
    assert await waiting is True
    assert await wait_at_most(clock, event, 0) is True
    assert clock.timers == 0


async def test_the_manual_clock() -> None:
    clock = ManualClock(100)
    seen: list[float] = []
    for delay in (30, 10, 20):
        clock.call_later(delay, lambda: seen.append(clock.monotonic_ms()))
    forgotten = clock.call_later(15, lambda: seen.append(-1))
    forgotten.cancel()
    sleeping = asyncio.create_task(clock.sleep(25))
    await rounds()
    clock.advance(25)
    await sleeping
    assert seen == [110, 120]
    assert (clock.monotonic_ms(), clock.wall_ms(), clock.timers) == (125, 125, 1)


async def test_two_thousand_calls_at_once_are_stopped_one_by_one_and_all_together() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    host = make_host(wait, session_limit=None)
    running = [
        asyncio.create_task(host.dispatch(f"s{number % 10}", call("wait", f"c{number}")))
        for number in range(2000)
    ]
    await until(lambda: len(host.in_flight()) == 2000)
    assert (await host.cancel("s7", "c1237"))["status"] == "cancelled"
    answers = await host.cancel_session("s7")
    assert len(answers) == 199
    assert len(host.in_flight()) == 1800
    await host.aclose()
    statuses = {result["status"] for result in await asyncio.gather(*running)}
    assert statuses == {"cancelled"}
    assert host.in_flight() == []
    assert clock_of(host).timers == 0
