"""Synchronous tools, in threads and in processes: docs/cancellation.md#stopped-means-stopped."""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from cancel.support import call, clock_of, kinds_of, make_host, results_of, rounds, until
from harnlet.session.clock import SystemClock
from harnlet.tools.current import ToolCallStopped, current_call
from harnlet.tools.declaration import tool


async def test_a_plain_function_runs_in_a_thread_of_its_own() -> None:
    def where() -> int:
        return threading.get_ident()

    result = await make_host(where).dispatch("s", call("where"))
    assert result["result"] != threading.get_ident()


async def test_pure_python_is_interrupted_and_its_finally_blocks_run() -> None:
    started, cleaned = threading.Event(), threading.Event()

    def spin() -> None:
        count = 0
        try:
            while True:
                count += 1
                started.set()
        finally:
            cleaned.set()

    host = make_host(spin)
    running = asyncio.create_task(host.dispatch("s", call("spin")))
    await asyncio.to_thread(started.wait)
    answer = await host.cancel("s", "c1")
    assert (answer["status"], answer["outcome"], answer["escalation"]) == ("cancelled", "stopped", "asked")
    assert cleaned.is_set()
    assert (await running)["outcome"] == "stopped"


async def test_except_exception_does_not_swallow_it() -> None:
    started = threading.Event()

    def careless() -> None:
        while True:
            try:
                while True:
                    started.set()
            except Exception:  # noqa: BLE001 - what a careless tool does
                continue

    host = make_host(careless)
    running = asyncio.create_task(host.dispatch("s", call("careless")))
    await asyncio.to_thread(started.wait)
    assert (await host.cancel("s", "c1"))["outcome"] == "stopped"
    await running


async def test_the_request_is_visible_to_a_tool_that_looks() -> None:
    started = threading.Event()

    def polite() -> str:
        here = current_call()
        assert here is not None
        assert (here.session_id, here.call_id, here.tool_name) == ("s", "c1", "polite")
        assert not here.stopping
        with here.shield(60_000):
            started.set()
            while True:
                time.sleep(0)
                try:
                    here.check()
                except ToolCallStopped as error:
                    return str(error)

    host = make_host(polite)
    running = asyncio.create_task(host.dispatch("s", call("polite")))
    await asyncio.to_thread(started.wait)
    assert (await host.cancel("s", "c1", "seen"))["status"] == "cancelled"
    await running
    (late,) = [e for e in host.transcript("s")["events"] if e["kind"] == "tool_late_result"]
    assert late["metadata"]["value"] == "seen"


async def test_a_critical_section_in_a_thread_is_not_interrupted() -> None:
    inside, leave = threading.Event(), threading.Event()
    trace: list[str] = []

    def work() -> None:
        here = current_call()
        assert here is not None
        with here.shield(60_000):
            inside.set()
            while not leave.is_set():
                time.sleep(0)
            trace.append("left")
        while True:
            trace[:] = [*trace[:1], "interrupted later"]

    host = make_host(work)
    running = asyncio.create_task(host.dispatch("s", call("work")))
    await asyncio.to_thread(inside.wait)
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    await rounds()
    assert trace == []
    leave.set()
    assert (await cancelling)["outcome"] == "stopped"
    await running
    assert trace[0] == "left"
    assert clock_of(host).timers == 0


async def test_a_critical_section_in_a_thread_does_not_outlast_its_cap() -> None:
    inside = threading.Event()

    def work() -> None:
        here = current_call()
        assert here is not None
        with here.shield(500):
            while True:
                inside.set()

    host = make_host(work)
    running = asyncio.create_task(host.dispatch("s", call("work")))
    await asyncio.to_thread(inside.wait)
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    await rounds()
    clock_of(host).advance(500)
    assert (await cancelling)["outcome"] == "stopped"
    await running


async def test_an_exception_that_comes_with_the_start_of_a_section_waits_for_its_end() -> None:
    from harnlet.tools.call import CURRENT_CALL, Shield, ToolCall

    handle = ToolCall("s", "c", "t")
    shield = handle.shield = Shield()
    token = CURRENT_CALL.set(handle)
    try:
        here = current_call()
        assert here is not None
        trace: list[str] = []

        def section() -> None:
            assert here is not None
            with here.shield(10):
                shield.owed = True
                with here.shield(10):
                    trace.append("inner")
                trace.append("outer")

        with pytest.raises(ToolCallStopped):
            section()
        assert trace == ["inner", "outer"]
        assert (shield.depth, shield.owed) == (0, False)
    finally:
        CURRENT_CALL.reset(token)


async def test_a_tool_stuck_in_c_is_abandoned_after_its_grace() -> None:
    started, leave = threading.Event(), threading.Lock()
    leave.acquire()

    @tool(grace_ms=200)
    def stuck() -> str:
        started.set()
        leave.acquire()
        return "late"

    host = make_host(stuck)
    running = asyncio.create_task(host.dispatch("s", call("stuck")))
    await asyncio.to_thread(started.wait)
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    await until(lambda: host.in_flight("s")[0]["state"] == "cancelling")
    await rounds()
    clock_of(host).advance(200)
    answer = await cancelling
    assert (answer["outcome"], answer["escalation"]) == ("abandoned", "abandoned")
    assert (await running)["outcome"] == "abandoned"
    leave.release()
    # The thread comes back from C into the exception that waits for it, and serves later calls.
    await asyncio.to_thread(lambda: None)

    def after() -> str:
        return "fine"

    host.tools.add(after)
    assert (await host.dispatch("s", call("after", "c2")))["result"] == "fine"
    assert [message["tool_call_id"] for message in results_of(host)] == ["c1", "c2"]


async def test_no_exception_strays_into_the_next_call_of_the_thread() -> None:
    def short() -> int:
        return sum(range(50))

    host = make_host(short)
    for number in range(150):
        running = asyncio.create_task(host.dispatch("s", call("short", f"c{number}")))
        await rounds(number % 5)
        answer = await host.cancel("s", f"c{number}")
        result = await running
        assert (answer["status"] == "cancelled") == (result["status"] == "cancelled")
        assert result["status"] in ("ok", "cancelled"), result
    assert len(results_of(host)) == 150
    assert host.in_flight() == []


async def test_no_profiler_or_debugger_hangs_afterwards() -> None:
    """An exception that was sent and taken back makes CPython 3.11 spin at the next traced call."""

    def short() -> int:
        return sum(range(2000))

    host = make_host(short)
    for number in range(60):
        running = asyncio.create_task(host.dispatch("s", call("short", f"c{number}")))
        await rounds(number % 4)
        await host.cancel("s", f"c{number}")
        await running
    calls: list[str] = []
    sys.setprofile(lambda frame, event, argument: calls.append(event))
    try:
        kinds_of(host)
    finally:
        sys.setprofile(None)
    assert calls.count("call") > 1


async def test_errors_of_a_thread_are_results() -> None:
    def broken() -> None:
        raise ValueError("no")

    def exhausted() -> None:
        raise StopIteration("odd")

    host = make_host(broken, exhausted)
    assert (await host.dispatch("s", call("broken", "c1")))["error"] == "no"
    assert "StopIteration" in (await host.dispatch("s", call("exhausted", "c2")))["error"]


async def test_a_thread_may_dispatch_and_its_calls_are_its_children() -> None:
    child_started = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def child() -> None:
        child_started.set()
        await asyncio.Event().wait()

    def parent() -> Any:
        return asyncio.run_coroutine_threadsafe(host.dispatch("s", call("child", "child")), loop).result(30)

    host = make_host(parent, child)
    running = asyncio.create_task(host.dispatch("s", call("parent", "parent")))
    await child_started.wait()
    assert [(entry["call_id"], entry["parent"]) for entry in host.in_flight("s")] == [
        ("parent", None),
        ("child", "parent"),
    ]
    answer = await host.cancel("s", "parent")
    result = await running
    assert answer["status"] == result["status"] == "cancelled"
    assert [message["tool_call_id"] for message in results_of(host)] == ["child", "parent"]


# -- isolation="process" ---------------------------------------------------------------------


@tool(isolation="process")
def isolated_add(left: int, right: int) -> dict[str, Any]:
    """Add in a process of its own."""
    print("printed, not part of the value")  # noqa: T201
    return {"sum": left + right, "pid": os.getpid()}


@tool(isolation="process")
def isolated_failure() -> None:
    """Fail in a process of its own."""
    raise ValueError("broken over there")


@tool(isolation="process", grace_ms=0)
def isolated_forever(marker: str) -> None:
    """Hang in C where no exception reaches it."""
    print("about to hang", flush=True)  # noqa: T201
    Path(marker).write_text(str(os.getpid()))
    time.sleep(3600)


@tool(isolation="process")
def isolated_exit() -> None:
    """End the process without an answer."""
    os._exit(3)


async def test_an_isolated_tool() -> None:
    host = make_host(isolated_add, clock=SystemClock())
    result = await host.dispatch("s", call("isolated_add", left=2, right=3))
    assert result["ok"], result
    assert result["result"]["sum"] == 5
    assert result["result"]["pid"] != os.getpid()


async def test_errors_of_an_isolated_tool() -> None:
    host = make_host(isolated_failure, isolated_exit, clock=SystemClock())
    failed = await host.dispatch("s", call("isolated_failure"))
    ended = await host.dispatch("s", call("isolated_exit"))
    assert (failed["error"], failed["error_category"]) == ("broken over there", "tool_error")
    assert ended["error"] == "the tool's process ended without an answer (status 3)"


async def test_an_isolated_tool_stuck_in_c_is_stopped_for_real(tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    host = make_host(isolated_forever, clock=SystemClock())
    running = asyncio.create_task(host.dispatch("s", call("isolated_forever", marker=str(marker))))
    await until_file(marker)
    pid = int(marker.read_text())
    answer = await host.cancel("s", "c1")
    result = await running
    assert (answer["status"], answer["survivors"]) == ("cancelled", 0)
    assert answer["outcome"] in ("stopped", "killed")
    assert result["partial"] == "about to hang\n"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def until_file(path: Path) -> None:
    """Wait for somebody else's file to have a line; the bound is the test's own timeout."""

    def look() -> None:
        while not (path.exists() and path.read_text()):
            os.sched_yield()

    await asyncio.to_thread(look)


async def test_a_function_that_cannot_be_found_by_name_is_refused() -> None:
    @tool(isolation="process")
    def local() -> None:
        """Not a function of a module."""

    result = await make_host(local).dispatch("s", call("local"))
    assert result["error"] == "tool local: isolation='process' needs a function of a module"


def test_isolation_of_an_async_tool_makes_no_sense() -> None:
    async def asynchronous() -> None:
        """Async."""

    with pytest.raises(ValueError, match="isolation is for plain functions"):
        tool(isolation="process")(asynchronous)


async def test_the_kinds_of_events_of_a_thread_tool_are_those_of_any_other() -> None:
    def quick() -> int:
        return 1

    host = make_host(quick)
    await host.dispatch("s", call("quick"))
    assert kinds_of(host) == ["tool_call_start", "tool_call_end", "tool_result"]
