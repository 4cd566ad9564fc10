"""One decision, one result, one reminder, whoever comes first: docs/cancellation.md#where-we-go-further."""

import asyncio
import itertools
import random
import signal
import threading
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
from harnlet.tools.cancel import CancellationUnavailableError


async def test_completion_first() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    waiting.gate.set()
    # The tool's task has ended, but nobody has looked at it yet when the request comes.
    result = await running
    answer = await host.cancel("s", "c1")
    assert result["status"] == "ok"
    assert (answer["status"], answer["outcome"]) == ("not_found", "completed_first")
    assert reminders_of(host) == []


@pytest.mark.parametrize("before", range(12))
async def test_a_cancel_at_any_moment_agrees_with_the_transcript(before: int) -> None:
    """The request comes `before` turns of the loop after the tool was let go."""
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    waiting.gate.set()
    await rounds(before)
    answer = await host.cancel("s", "c1")
    result = await running
    told = answer["status"] == "cancelled"
    assert told == (result["status"] == "cancelled") == (len(reminders_of(host)) == 1)
    assert told or answer["outcome"] == "completed_first"
    assert len(results_of(host)) == 1


async def test_both_sides_of_that_race_do_happen() -> None:
    seen = set()
    for before in range(12):
        waiting = Waiting()
        host = make_host(waiting.tool)
        running = asyncio.create_task(host.dispatch("s", call("wait")))
        await waiting.started.wait()
        waiting.gate.set()
        await rounds(before)
        seen.add((await host.cancel("s", "c1"))["status"])
        await running
    assert seen == {"cancelled", "not_found"}


async def test_a_post_call_hook_is_too_late_to_cancel_for() -> None:
    from harnlet.plugins import hookimpl

    entered, leave = asyncio.Event(), asyncio.Event()

    class Slow:
        @hookimpl
        async def harnlet_after_tool_call(self, result: dict[str, Any]) -> dict[str, Any]:
            entered.set()
            await leave.wait()
            return {"result": "changed", "ok": "may not be changed"}

    waiting = Waiting()
    waiting.gate.set()
    host = make_host(waiting.tool, plugins=[Slow()])
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await entered.wait()
    answer = await host.cancel("s", "c1")
    assert (answer["status"], answer["outcome"]) == ("not_found", "completed_first")
    leave.set()
    result = await running
    assert (result["status"], result["result"], result["ok"]) == ("ok", "changed", True)


async def test_post_call_hooks_do_not_run_for_a_cancelled_call() -> None:
    from harnlet.plugins import hookimpl

    asked: list[str] = []

    class Curious:
        @hookimpl
        def harnlet_after_tool_call(self, call: dict[str, Any]) -> None:
            asked.append(call["id"])

    waiting = Waiting()
    host = make_host(waiting.tool, plugins=[Curious()])
    running = asyncio.create_task(host.dispatch("s", call("wait", "c1")))
    await waiting.started.wait()
    await host.cancel("s", "c1")
    await running
    waiting.gate.set()
    await host.dispatch("s", call("wait", "c2"))
    assert asked == ["c2"]


async def test_a_late_value_is_evidence_and_never_a_second_result() -> None:
    waiting = Waiting(stubborn=True)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    await until(lambda: waiting.cancellations)
    waiting.value = "written after all"
    waiting.gate.set()
    answer, result = await cancelling, await running
    assert answer["status"] == result["status"] == "cancelled"
    assert result["result"] is None
    assert [message["tool_call_id"] for message in results_of(host)] == ["c1"]
    (late,) = [e for e in host.transcript("s")["events"] if e["kind"] == "tool_late_result"]
    assert late["metadata"]["value"] == "written after all"
    assert "written after all" not in str(results_of(host))


async def test_giving_up_waiting_does_not_give_up_settling() -> None:
    waiting = Waiting(stubborn=True, grace_ms=10_000)
    host = make_host(waiting.tool)
    clock = clock_of(host)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    cancelling = asyncio.create_task(host.cancel("s", "c1", timeout_ms=50))
    await until(lambda: waiting.cancellations)
    clock.advance(49)
    await rounds()
    assert not cancelling.done()
    clock.advance(1)
    answer = await cancelling
    assert (answer["status"], answer["tool"], answer["outcome"]) == ("timeout", "wait", None)
    assert answer["duration_ms"] == 50
    assert results_of(host) == []
    waiting.gate.set()
    assert (await running)["status"] == "cancelled"
    assert len(results_of(host)) == len(reminders_of(host)) == 1
    assert clock.timers == 0


async def test_not_waiting_at_all() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    answer = await host.cancel("s", "c1", timeout_ms=0)
    assert (answer["status"], answer["outcome"]) == ("cancelled", None)
    assert not running.done()
    assert (await running)["outcome"] == "stopped"


async def test_a_tool_that_swallows_is_abandoned_after_its_grace() -> None:
    waiting = Waiting(stubborn=True, grace_ms=300)
    host = make_host(waiting.tool)
    clock = clock_of(host)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    cancelling = asyncio.create_task(host.cancel("s", "c1", "enough"))
    await until(lambda: waiting.cancellations)
    clock.advance(299)
    await rounds()
    assert not running.done()
    clock.advance(1)
    answer, result = await cancelling, await running
    assert (answer["status"], answer["outcome"], answer["escalation"]) == (
        "cancelled",
        "abandoned",
        "abandoned",
    )
    assert result["outcome"] == "abandoned"
    assert "may still be running" in result["note"]
    assert host.in_flight() == []
    # What it gives back later is kept as evidence.
    waiting.gate.set()
    await until(lambda: "tool_late_result" in kinds_of(host))
    assert len(results_of(host)) == len(reminders_of(host)) == 1
    assert waiting.cancellations == 1, "what a tool awaits while it cleans up is left alone"


async def test_finally_blocks_run_before_the_answer() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    await host.cancel("s", "c1")
    assert waiting.cleaned == 1
    await running


async def test_siblings_are_never_touched() -> None:
    tools = [Waiting(f"tool{number}") for number in range(5)]
    host = make_host(*(each.tool for each in tools))
    running = [
        asyncio.create_task(host.dispatch("s", call(each.tool.name, f"c{number}")))
        for number, each in enumerate(tools)
    ]
    await asyncio.gather(*(each.started.wait() for each in tools))
    await host.cancel("s", "c2")
    for each in tools:
        each.gate.set()
    statuses = [result["status"] for result in await asyncio.gather(*running)]
    assert statuses == ["ok", "ok", "cancelled", "ok", "ok"]
    assert [each.cancellations for each in tools] == [0, 0, 1, 0, 0]


async def test_a_duplicate_live_id_is_refused_without_a_second_result() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait", "c1")))
    await waiting.started.wait()
    second = await host.dispatch("s", call("wait", "c1"))
    assert (second["status"], second["error_category"]) == ("error", "resource_busy")
    assert second["error"] == (
        "call id 'c1' is in flight in session 's' (tool `wait`); a call id must be unique while it runs"
    )
    waiting.gate.set()
    assert (await running)["ok"]
    assert len(results_of(host)) == 1


async def test_without_the_registry_calls_run_and_cancelling_says_what_to_load() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool, registry=False)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    with pytest.raises(CancellationUnavailableError, match=r"harnlet_plugins\.tool_calls is not loaded"):
        await host.cancel("s", "c1")
    with pytest.raises(CancellationUnavailableError):
        host.cancel_threadsafe("s", "c1")
    assert [entry["call_id"] for entry in host.in_flight("s")] == ["c1"]
    waiting.gate.set()
    assert (await running)["ok"]


# -- from other threads ----------------------------------------------------------------------


@pytest.mark.parametrize("round_", range(10))
async def test_of_sixteen_threads_exactly_one_cancels(round_: int) -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    barrier = threading.Barrier(16)

    def compete(number: int) -> dict[str, Any]:
        barrier.wait()
        return host.cancel_threadsafe("s", "c1", f"thread {number}").result(30)

    answers: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda n=n: answers.append(compete(n))) for n in range(15)]
    for thread in threads:
        thread.start()
    answers.append(await asyncio.to_thread(compete, 15))
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert len(answers) == 16
    statuses = sorted(answer["status"] for answer in answers)
    assert statuses.count("cancelled") == 1
    assert set(statuses) <= {"cancelled", "already_cancelled", "not_found"}
    winner = next(answer for answer in answers if answer["status"] == "cancelled")
    result = await running
    assert result["cancellation_reason"] == winner["reason"]
    assert len(results_of(host)) == len(reminders_of(host)) == 1


async def test_the_decision_falls_in_the_thread_however_busy_the_loop_is() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    assert host.registry is not None
    handle = host.registry.lookup("s", "c1")
    assert handle is not None
    thread = threading.Thread(target=host.cancel_threadsafe, args=("s", "c1"))
    thread.start()
    thread.join()  # This blocks the loop, and still the decision is there.
    assert handle.is_cancelled
    waiting.gate.set()
    assert (await running)["status"] == "cancelled"


async def test_from_a_signal_handler() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    before = signal.signal(signal.SIGUSR1, lambda *_: host.cancel_threadsafe("s", "c1", "signalled") and None)
    try:
        main = threading.main_thread().ident
        assert main is not None
        # The loop sleeps in its selector by then, and nothing but the handler wakes it.
        threading.Timer(0, signal.pthread_kill, args=(main, signal.SIGUSR1)).start()
        result = await running
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert result["cancellation_reason"] == "signalled"


async def test_a_thread_that_asks_for_what_is_not_there() -> None:
    host = make_host()
    answer = await asyncio.wrap_future(host.cancel_threadsafe("s", "c1"))
    assert answer["status"] == "not_found"


# -- all orders ------------------------------------------------------------------------------


async def _play(order: tuple[str, ...], gaps: list[int]) -> None:
    waiting = Waiting(stubborn="stubborn" in order, grace_ms=100, timeout_ms=1000)
    host = make_host(waiting.tool)
    clock = clock_of(host)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    asked = 0
    requests: list[asyncio.Task[dict[str, Any]]] = []
    for what, gap in zip(order, gaps, strict=True):
        await rounds(gap)
        if what == "cancel":
            asked += 1
            requests.append(asyncio.create_task(host.cancel("s", "c1", f"request {asked}", timeout_ms=0)))
        elif what == "finish":
            waiting.gate.set()
        elif what == "deadline":
            clock.advance(1000)
    await rounds()
    clock.advance(5000)
    result = await running
    answers = [await request for request in requests]
    won = [answer for answer in answers if answer["status"] == "cancelled"]
    assert len(won) == (1 if result["status"] == "cancelled" else 0), (order, gaps)
    assert len(results_of(host)) == 1
    assert len(reminders_of(host)) == len(won)
    if won:
        assert result["cancellation_reason"] == won[0]["reason"]
    assert host.in_flight() == []
    assert clock.timers == 0
    waiting.gate.set()
    await rounds()
    assert len(results_of(host)) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_every_order_of_three_cancellers_completion_and_deadline(seed: int) -> None:
    chance = random.Random(seed)
    events = ("cancel", "cancel", "cancel", "finish", "deadline")
    for order in set(itertools.permutations(events)):
        await _play(order, [chance.randrange(4) for _ in order])


@pytest.mark.parametrize("seed", range(4))
async def test_the_same_with_a_tool_that_does_not_listen(seed: int) -> None:
    chance = random.Random(seed)
    events = ("cancel", "cancel", "finish", "deadline", "stubborn")
    for order in set(itertools.permutations(events)):
        await _play(order, [chance.randrange(4) for _ in order])
