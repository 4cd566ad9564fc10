"""Deadlines, critical sections, undo and partial output: docs/cancellation.md#where-we-go-further."""

import asyncio
from typing import Any

import pytest

from cancel.support import Waiting, call, clock_of, make_host, reminders_of, results_of, rounds, until
from harnlet.tools.current import MAX_SHIELD_MS, current_call
from harnlet.tools.declaration import tool

# -- deadlines -------------------------------------------------------------------------------


@pytest.mark.parametrize("whose", ["tool", "call"])
async def test_a_call_that_runs_out_of_time(whose: str) -> None:
    waiting = Waiting("slow", timeout_ms=50 if whose == "tool" else None)
    host = make_host(waiting.tool)
    running = asyncio.create_task(
        host.dispatch("s", call("slow"), timeout_ms=50 if whose == "call" else None)
    )
    await waiting.started.wait()
    clock_of(host).advance(49)
    await rounds()
    assert not running.done()
    clock_of(host).advance(1)
    result = await running
    assert (result["ok"], result["status"], result["error_category"]) == (False, "timeout", "timeout")
    assert result["error"] == "tool call timed out after 50 ms"
    assert (
        result["observation"] == "[error from slow]\ntool call timed out after 50 ms\n[end of slow error]\n"
    )
    assert (result["cancelled"], result["cancellation_reason"]) == (False, None)
    assert (result["outcome"], result["actor"]) == ("stopped", "deadline")
    assert waiting.cleaned == 1
    assert reminders_of(host) == []
    assert len(results_of(host)) == 1


async def test_the_sooner_deadline_counts() -> None:
    waiting = Waiting(timeout_ms=100)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait"), timeout_ms=20))
    await waiting.started.wait()
    clock_of(host).advance(20)
    assert (await running)["error"] == "tool call timed out after 20 ms"


async def test_a_deadline_that_is_past_already_starts_nothing() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    result = await host.dispatch("s", call("wait"), timeout_ms=0)
    assert (result["status"], result["outcome"]) == ("timeout", "never_started")
    assert not waiting.started.is_set()


async def test_a_deadline_that_is_not_reached_leaves_nothing_behind() -> None:
    waiting = Waiting(timeout_ms=100)
    waiting.gate.set()
    host = make_host(waiting.tool)
    assert (await host.dispatch("s", call("wait")))["ok"]
    assert clock_of(host).timers == 0


async def test_cancelling_what_is_out_of_time_is_told_who_was_first() -> None:
    waiting = Waiting(timeout_ms=50, stubborn=True)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    clock_of(host).advance(50)
    answer = await host.cancel("s", "c1", "me too")
    assert (answer["status"], answer["actor"], answer["reason"]) == (
        "already_cancelled",
        "deadline",
        "me too",
    )
    waiting.gate.set()
    assert (await running)["status"] == "timeout"
    assert reminders_of(host) == []


async def test_a_deadline_after_a_cancel_changes_nothing() -> None:
    waiting = Waiting(timeout_ms=50, stubborn=True, grace_ms=500)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    await host.cancel("s", "c1", timeout_ms=0)
    await until(lambda: waiting.cancellations)
    clock_of(host).advance(400)
    waiting.gate.set()
    assert (await running)["status"] == "cancelled"


async def test_an_outer_deadline_stops_the_inner_call_first() -> None:
    inner = Waiting("inner")

    async def outer() -> Any:
        return await host.dispatch("s", call("inner", "inner"), timeout_ms=1000)

    host = make_host(outer, inner.tool)
    running = asyncio.create_task(host.dispatch("s", call("outer", "outer"), timeout_ms=100))
    await inner.started.wait()
    clock_of(host).advance(100)
    assert (await running)["status"] == "timeout"
    assert [message["tool_call_id"] for message in results_of(host)] == ["inner", "outer"]


async def test_an_inner_deadline_leaves_the_outer_call_alone() -> None:
    inner = Waiting("inner")

    async def outer() -> Any:
        return await host.dispatch("s", call("inner", "inner"), timeout_ms=100)

    host = make_host(outer, inner.tool)
    running = asyncio.create_task(host.dispatch("s", call("outer", "outer"), timeout_ms=1000))
    await inner.started.wait()
    clock_of(host).advance(100)
    result = await running
    assert (result["status"], result["result"]["status"]) == ("ok", "timeout")


# -- shields ---------------------------------------------------------------------------------


class Shielded:
    """A tool with a critical section, which ends when it is told to."""

    def __init__(self, *caps_ms: float) -> None:
        self.inside = asyncio.Event()
        self.leave = asyncio.Event()
        self.trace: list[str] = []

        async def work() -> str:
            here = current_call()
            assert here is not None
            try:
                if len(caps_ms) == 2:
                    async with here.shield(caps_ms[0]), here.shield(caps_ms[1]):
                        await self.section()
                else:
                    async with here.shield(*caps_ms):
                        await self.section()
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.trace.append("cancelled")
                raise
            return "never"

        self.tool = tool(name="work", grace_ms=10_000)(work)

    async def section(self) -> None:
        self.trace.append("enter")
        self.inside.set()
        await self.leave.wait()
        self.trace.append("leave")


async def test_a_critical_section_is_not_interrupted() -> None:
    shielded = Shielded(1000)
    host = make_host(shielded.tool)
    running = asyncio.create_task(host.dispatch("s", call("work")))
    await shielded.inside.wait()
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    await rounds()
    assert host.in_flight("s")[0]["state"] == "cancelling", "the decision stands"
    assert shielded.trace == ["enter"]
    clock_of(host).advance(999)
    shielded.leave.set()
    assert (await cancelling)["outcome"] == "stopped"
    await running
    assert shielded.trace == ["enter", "leave", "cancelled"]
    assert clock_of(host).timers == 0


async def test_no_critical_section_outlasts_its_cap() -> None:
    shielded = Shielded(300)
    host = make_host(shielded.tool)
    running = asyncio.create_task(host.dispatch("s", call("work")))
    await shielded.inside.wait()
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    await rounds()
    clock_of(host).advance(299)
    await rounds()
    assert shielded.trace == ["enter"]
    clock_of(host).advance(1)
    assert (await cancelling)["status"] == "cancelled"
    await running
    assert shielded.trace == ["enter", "cancelled"]


async def test_an_inner_section_cannot_extend_the_outer_ones_cap() -> None:
    shielded = Shielded(300, 5000)
    host = make_host(shielded.tool)
    running = asyncio.create_task(host.dispatch("s", call("work")))
    await shielded.inside.wait()
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    await rounds()
    clock_of(host).advance(300)
    await cancelling
    await running
    assert shielded.trace == ["enter", "cancelled"]


async def test_a_cap_has_a_cap() -> None:
    shielded = Shielded(10 * MAX_SHIELD_MS)
    host = make_host(shielded.tool)
    running = asyncio.create_task(host.dispatch("s", call("work")))
    await shielded.inside.wait()
    await host.cancel("s", "c1", timeout_ms=0)
    await rounds()
    clock_of(host).advance(MAX_SHIELD_MS)
    assert (await running)["status"] == "cancelled"


async def test_a_tool_may_end_within_its_critical_section() -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def work() -> str:
        here = current_call()
        assert here is not None
        async with here.shield():
            inside.set()
            await leave.wait()
        return "done in time, but too late"

    host = make_host(work)
    running = asyncio.create_task(host.dispatch("s", call("work")))
    await inside.wait()
    await host.cancel("s", "c1", timeout_ms=0)
    leave.set()
    assert (await running)["status"] == "cancelled"
    assert clock_of(host).timers == 0


async def test_a_parents_stop_respects_the_childs_critical_section() -> None:
    shielded = Shielded(1000)

    async def outer() -> Any:
        return await host.dispatch("s", call("work", "inner"))

    host = make_host(outer, shielded.tool)
    running = asyncio.create_task(host.dispatch("s", call("outer", "outer")))
    await shielded.inside.wait()
    cancelling = asyncio.create_task(host.cancel("s", "outer"))
    await rounds()
    assert shielded.trace == ["enter"]
    shielded.leave.set()
    assert (await cancelling)["status"] == "cancelled"
    await running
    assert shielded.trace == ["enter", "leave", "cancelled"]


# -- partial output and undo -----------------------------------------------------------------


async def test_output_so_far_is_in_the_result() -> None:
    started = asyncio.Event()

    async def talk() -> None:
        here = current_call()
        assert here is not None
        here.output("line 1\n")
        here.output("line 2\n")
        started.set()
        await asyncio.Event().wait()

    host = make_host(talk)
    running = asyncio.create_task(host.dispatch("s", call("talk")))
    await started.wait()
    answer = await host.cancel("s", "c1")
    assert answer["partial"] == (await running)["partial"] == "line 1\nline 2\n"


async def undoing(undo: Any, *, stubborn: bool = False) -> tuple[Any, Any, Waiting]:
    """Cancel a tool that has `undo`; the host, the running call and the tool."""
    waiting = Waiting(undo=undo, grace_ms=100, stubborn=stubborn)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    await host.cancel("s", "c1", timeout_ms=0)
    await rounds()
    return host, running, waiting


async def test_an_undo_runs_after_the_stop_and_is_on_record() -> None:
    given: list[Any] = []

    async def undo(arguments: dict[str, Any], changed: list[str]) -> None:
        await asyncio.sleep(0)
        given.append((arguments, changed))

    host, running, _ = await undoing(undo)
    result = await running
    assert given == [({}, [])]
    assert result["undo"] == {"status": "ok"}
    assert result["note"].endswith("They were undone.")
    (settled,) = [e for e in host.transcript("s")["events"] if e["kind"] == "tool_cancel_settled"]
    assert settled["metadata"]["undo"] == {"status": "ok"}


async def test_an_undo_that_fails_is_on_record_and_the_call_is_settled() -> None:
    def undo(arguments: dict[str, Any], changed: list[str]) -> None:
        raise ValueError("cannot")

    _, running, _ = await undoing(undo)
    assert (await running)["undo"] == {"status": "failed", "error": "cannot"}


async def test_an_undo_that_hangs_is_given_the_grace_and_no_more() -> None:
    async def undo(arguments: dict[str, Any], changed: list[str]) -> None:
        await asyncio.Event().wait()

    host, running, _ = await undoing(undo)
    assert not running.done()
    clock_of(host).advance(100)
    result = await running
    assert (result["undo"], result["outcome"]) == ({"status": "timed out"}, "stopped")


async def test_an_abandoned_call_is_not_undone() -> None:
    host, running, waiting = await undoing(lambda arguments, changed: None, stubborn=True)
    clock_of(host).advance(100)
    result = await running
    waiting.gate.set()
    assert (result["outcome"], result["undo"]) == ("abandoned", {"status": "not run"})
