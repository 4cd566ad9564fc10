"""The cases that trio and anyio test their cancellation with, for one tool call (docs/cancellation.md)."""

import asyncio
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
from harnlet.plugins import hookimpl
from harnlet.tools.current import current_call
from harnlet.tools.host import ToolHost


class Approver:
    """A plugin that approves when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.ended = ""

    @hookimpl
    async def harnlet_approve_tool_call(self, session: str, call: dict[str, Any]) -> Any:
        self.asked.set()
        try:
            return await asyncio.shield(self.answer)
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise


# -- before the start ------------------------------------------------------------------------


async def test_while_it_waits_for_approval() -> None:
    waiting, approver = Waiting(), Approver()
    host = make_host(waiting.tool, plugins=[approver])
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await approver.asked.wait()
    assert [entry["state"] for entry in host.in_flight("s")] == ["announced"]
    answer = await host.cancel("s", "c1", "changed my mind")
    result = await running
    assert (answer["status"], answer["outcome"], answer["escalation"]) == ("cancelled", "never_started", None)
    assert (result["status"], result["outcome"]) == ("cancelled", "never_started")
    assert result["note"].startswith("The call never started")
    assert result["execution_duration_ms"] == 0
    await until(lambda: approver.ended == "cancelled")
    approver.answer.set_result(True)
    await rounds()
    assert not waiting.started.is_set(), "it never starts"
    assert len(results_of(host)) == len(reminders_of(host)) == 1


async def test_a_hook_that_swallows_the_cancellation_holds_nobody() -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    class Deaf:
        @hookimpl
        async def harnlet_before_tool_call(self) -> None:
            entered.set()
            while not leave.is_set():
                try:
                    await leave.wait()
                except asyncio.CancelledError:
                    continue

    waiting = Waiting()
    host = make_host(waiting.tool, plugins=[Deaf()])
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await entered.wait()
    assert (await host.cancel("s", "c1"))["outcome"] == "never_started"
    assert (await running)["status"] == "cancelled"
    leave.set()
    await rounds()
    assert not waiting.started.is_set()


async def test_while_it_waits_behind_its_siblings() -> None:
    first, second, third = Waiting("first"), Waiting("second"), Waiting("third")
    host = make_host(first.tool, second.tool, third.tool)
    calls = [call("first", "c1"), call("second", "c2"), call("third", "c3")]
    running = asyncio.create_task(host.dispatch_batch("s", calls))
    await first.started.wait()
    assert [entry["state"] for entry in host.in_flight("s")] == ["running", "queued", "queued"]
    answer = await host.cancel("s", "c2")
    assert answer["outcome"] == "never_started"
    first.gate.set()
    third.gate.set()
    assert [result["status"] for result in await running] == ["ok", "cancelled", "ok"]
    assert not second.started.is_set()
    assert [message["tool_call_id"] for message in results_of(host)] == ["c2", "c1", "c3"]


async def test_a_batch_may_run_several_at_once() -> None:
    tools = [Waiting(f"t{number}") for number in range(3)]
    host = make_host(*(each.tool for each in tools))
    calls = [call(each.tool.name, each.tool.name) for each in tools]
    running = asyncio.create_task(host.dispatch_batch("s", calls, at_once=2))
    await asyncio.gather(tools[0].started.wait(), tools[1].started.wait())
    await rounds()
    assert not tools[2].started.is_set()
    for each in tools:
        each.gate.set()
    assert [result["tool_call_id"] for result in await running] == ["t0", "t1", "t2"]


async def test_before_the_very_first_step_of_the_dispatch() -> None:
    """The request comes in the same turn of the loop as the announcement."""
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    answer, result = await asyncio.gather(cancelling, running)
    assert answer["status"] == result["status"] == "cancelled"
    assert waiting.cancellations in (0, 1)
    assert len(results_of(host)) == 1


async def test_a_refused_call_cannot_be_cancelled_any_more() -> None:
    host = make_host(Waiting().tool)
    result = await host.dispatch("s", call("wait", nonsense=1))
    answer = await host.cancel("s", "c1")
    assert result["error_category"] == "schema_validation"
    assert (answer["status"], answer["outcome"]) == ("not_found", "completed_first")


# -- twice, completed, own scope -------------------------------------------------------------


async def test_twice_in_the_same_turn() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    answers = await asyncio.gather(*(host.cancel("s", "c1", f"r{n}") for n in range(3)))
    assert sorted(answer["status"] for answer in answers) == [
        "already_cancelled",
        "already_cancelled",
        "cancelled",
    ]
    result = await running
    assert result["cancellation_reason"] == "r0"
    assert waiting.cancellations == 1


async def test_a_call_that_cancels_itself_does_not_deadlock() -> None:
    answers: list[dict[str, Any]] = []
    reached = False

    async def suicidal() -> None:
        nonlocal reached
        here = current_call()
        assert here is not None
        answers.append(await host.cancel(here.session_id, here.call_id, "enough of me"))
        await asyncio.sleep(0)
        reached = True

    host = make_host(suicidal)
    result = await host.dispatch("s", call("suicidal"))
    assert (answers[0]["status"], answers[0]["outcome"]) == ("cancelled", None)
    assert (result["status"], result["cancellation_reason"]) == ("cancelled", "enough of me")
    assert not reached, "it stops at its next await"


async def test_a_call_that_cancels_itself_and_returns_at_once() -> None:
    async def suicidal() -> str:
        await host.cancel("s", "c1")
        return "too late"

    host = make_host(suicidal)
    result = await host.dispatch("s", call("suicidal"))
    assert result["status"] == "cancelled"
    assert len(reminders_of(host)) == len(results_of(host)) == 1


async def test_two_calls_that_cancel_each_other() -> None:
    answers: dict[str, dict[str, Any]] = {}
    gate = asyncio.Event()

    async def hostile(me: str, other: str) -> None:
        try:
            await gate.wait()
        finally:
            answers[me] = await host.cancel("s", other)

    host = make_host(hostile)
    running = [
        asyncio.create_task(host.dispatch("s", call("hostile", me, me=me, other=other)))
        for me, other in (("c1", "c2"), ("c2", "c1"))
    ]
    await until(lambda: [each["state"] for each in host.in_flight()] == ["running"] * 2)
    await rounds()
    gate.set()
    results = await asyncio.gather(*running)
    # Each waits for the end of the other, and neither waits for ever.
    assert [result["status"] for result in results] == ["cancelled", "cancelled"]
    assert {answer["status"] for answer in answers.values()} == {"cancelled"}


async def test_a_tool_that_has_ended_is_not_given_up_by_a_busy_loop() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    await host.cancel("s", "c1", timeout_ms=0)
    await asyncio.sleep(0)
    assert waiting.cleaned == 1
    # The tool has ended, nobody was told yet, and a turn that took long has used up the grace.
    clock_of(host).advance(10_000)
    result = await running
    assert (result["outcome"], result["escalation"]) == ("stopped", "asked")
    assert "may still be running" not in result["note"]


async def test_a_call_that_is_cancelled_before_its_first_line_never_started() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await until(lambda: host.in_flight())
    await until(lambda: host.in_flight()[0]["state"] == "running")
    assert not waiting.started.is_set()
    answer = await host.cancel("s", "c1")
    result = await running
    assert (answer["status"], answer["outcome"], answer["escalation"]) == ("cancelled", "never_started", None)
    assert (result["outcome"], result["escalation"]) == ("never_started", None)
    assert not waiting.started.is_set()
    assert len(results_of(host)) == len(reminders_of(host)) == 1


# -- from a child, from a sibling, hierarchy -------------------------------------------------


class Family:
    """A tool that calls a tool that calls a tool, three deep, the last of which waits."""

    def __init__(self, **options: Any) -> None:
        self.inner = Waiting("inner", **options)
        self.order: list[str] = []
        self.host: ToolHost = make_host(self.outer, self.middle, self.inner.tool)

    async def outer(self) -> Any:
        try:
            return await self.host.dispatch("s", call("middle", "middle"))
        finally:
            self.order.append("outer")

    async def middle(self) -> Any:
        try:
            return await self.host.dispatch("s", call("inner", "inner"))
        finally:
            self.order.append("middle")

    def start(self) -> "asyncio.Task[dict[str, Any]]":
        return asyncio.create_task(self.host.dispatch("s", call("outer", "outer")))


async def test_cancelling_a_parent_cancels_its_children_first() -> None:
    family = Family()
    running = family.start()
    await family.inner.started.wait()
    listed = {entry["call_id"]: entry for entry in family.host.in_flight("s")}
    assert listed["outer"]["children"] == ["middle"]
    assert listed["inner"]["parent"] == "middle"
    answer = await family.host.cancel("s", "outer", "stop it all")
    result = await running
    assert (answer["status"], answer["outcome"]) == ("cancelled", "stopped")
    assert result["cancellation_reason"] == "stop it all"
    messages = results_of(family.host)
    assert [message["tool_call_id"] for message in messages] == ["inner", "middle", "outer"]
    assert all("[cancelled call to" in message["content"] for message in messages)
    assert family.order == ["middle", "outer"]
    assert [reminder["dedupe_key"] for reminder in reminders_of(family.host)] == ["cancel:outer"], (
        "only the call that was asked for leaves a reminder"
    )
    ended = [
        (event["metadata"]["call_id"], event["metadata"]["actor"])
        for event in family.host.transcript("s")["events"]
        if event["kind"] == "tool_cancel_settled"
    ]
    assert ended == [("inner", "parent call"), ("middle", "parent call"), ("outer", "host")]


async def test_a_child_never_takes_its_parent_along() -> None:
    family = Family()
    running = family.start()
    await family.inner.started.wait()
    answer = await family.host.cancel("s", "inner")
    result = await running
    assert answer["status"] == "cancelled"
    assert result["status"] == "ok"
    assert result["result"]["result"]["status"] == "cancelled"


async def test_a_child_that_cancels_its_parent_does_not_deadlock() -> None:
    async def parent() -> Any:
        return await host.dispatch("s", call("child", "child"))

    async def child() -> None:
        await host.cancel("s", "parent", "from below")
        await asyncio.Event().wait()

    host = make_host(parent, child)
    result = await host.dispatch("s", call("parent", "parent"))
    assert (result["status"], result["cancellation_reason"]) == ("cancelled", "from below")
    assert [message["tool_call_id"] for message in results_of(host)] == ["child", "parent"]


async def test_a_parent_waits_for_children_that_it_does_not_wait_for_itself() -> None:
    child = Waiting("child", stubborn=True, grace_ms=400)
    spawned: list[asyncio.Task[Any]] = []

    async def parent() -> None:
        spawned.append(asyncio.create_task(host.dispatch("s", call("child", "child"))))
        await asyncio.Event().wait()

    host = make_host(parent, child.tool)
    clock = clock_of(host)
    running = asyncio.create_task(host.dispatch("s", call("parent", "parent")))
    await child.started.wait()
    cancelling = asyncio.create_task(host.cancel("s", "parent"))
    await until(lambda: child.cancellations)
    await rounds()
    assert not running.done(), "the parent has ended, but what it started lives"
    clock.advance(400)
    assert (await cancelling)["status"] == "cancelled"
    assert [message["tool_call_id"] for message in results_of(host)] == ["child", "parent"]
    assert (await spawned[0])["outcome"] == "abandoned"
    child.gate.set()
    await rounds()


async def test_a_call_that_is_being_stopped_starts_nothing_new() -> None:
    child = Waiting("child")
    child.gate.set()
    inside: list[dict[str, Any]] = []

    async def parent() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            inside.append(await host.dispatch("s", call("child", "child")))

    host = make_host(parent, child.tool)
    running = asyncio.create_task(host.dispatch("s", call("parent", "parent")))
    await until(lambda: host.in_flight("s"))
    await rounds()
    await host.cancel("s", "parent")
    await running
    assert (inside[0]["status"], inside[0]["outcome"]) == ("cancelled", "never_started")
    assert not child.started.is_set()


async def test_cancelling_a_whole_session() -> None:
    family = Family()
    other = Waiting("other")
    family.host.tools.add(other.tool)
    running = family.start()
    beside = asyncio.create_task(family.host.dispatch("s", call("other", "other")))
    elsewhere = asyncio.create_task(family.host.dispatch("t", call("other", "elsewhere")))
    await asyncio.gather(family.inner.started.wait(), other.started.wait())
    await until(lambda: len(family.host.in_flight()) == 5)
    preview = await family.host.cancel_session("s", dry_run=True)
    assert [answer["call_id"] for answer in preview] == ["outer", "other"]
    answers = await family.host.cancel_session("s", "all of you")
    assert [(answer["call_id"], answer["status"]) for answer in answers] == [
        ("outer", "cancelled"),
        ("other", "cancelled"),
    ]
    assert {(await running)["status"], (await beside)["status"]} == {"cancelled"}
    assert [entry["call_id"] for entry in family.host.in_flight()] == ["elsewhere"]
    other.gate.set()
    assert (await elsewhere)["ok"]


# -- host cancellation versus tool cancellation ----------------------------------------------


async def test_cancelling_the_dispatching_task_settles_the_call_first() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    running.cancel("by the host")
    with pytest.raises(asyncio.CancelledError):
        await running
    assert waiting.cleaned == 1
    assert len(results_of(host)) == 1
    assert results_of(host)[0]["content"].startswith("[cancelled call to wait]\nthe task that dispatched")
    assert reminders_of(host) == [], "nobody asked for one"
    assert host.in_flight() == []


async def test_asyncio_timeout_around_a_dispatch_works() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await host.dispatch("s", call("wait"))
    assert len(results_of(host)) == 1
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_dispatching_task_cancelled_twice_leaves_at_once_and_the_settle_step_follows() -> None:
    waiting = Waiting(stubborn=True, grace_ms=100)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    running.cancel()
    await until(lambda: waiting.cancellations)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert results_of(host) == []
    clock_of(host).advance(100)
    await rounds()
    assert len(results_of(host)) == 1
    waiting.gate.set()
    await rounds()


async def test_a_dispatching_task_cancelled_while_the_call_is_being_cancelled() -> None:
    waiting = Waiting(stubborn=True)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    cancelling = asyncio.create_task(host.cancel("s", "c1", "the first"))
    await until(lambda: waiting.cancellations)
    running.cancel()
    await rounds()
    waiting.gate.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await cancelling)["status"] == "cancelled"
    assert "the first" in results_of(host)[0]["content"]
    assert len(reminders_of(host)) == 1


async def test_a_dispatching_task_cancelled_while_it_waits_for_approval() -> None:
    waiting, approver = Waiting(), Approver()
    host = make_host(waiting.tool, plugins=[approver])
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await approver.asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(results_of(host)) == 1
    assert not waiting.started.is_set()
    await until(lambda: approver.ended)


async def test_a_dispatching_task_cancelled_while_a_post_call_hook_runs() -> None:
    entered = asyncio.Event()

    class Slow:
        @hookimpl
        async def harnlet_after_tool_call(self) -> None:
            entered.set()
            await asyncio.Event().wait()

    waiting = Waiting()
    waiting.gate.set()
    host = make_host(waiting.tool, plugins=[Slow()])
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await entered.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert results_of(host)[0]["content"] == "[result of wait]\ndone\n[end of wait result]\n"


async def test_the_canceller_may_itself_be_cancelled() -> None:
    waiting = Waiting(stubborn=True)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    await until(lambda: waiting.cancellations)
    cancelling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelling
    waiting.gate.set()
    assert (await running)["status"] == "cancelled"
    assert clock_of(host).timers == 0


async def test_the_reason_is_preserved_to_the_tool_itself() -> None:
    seen: list[Any] = []
    started = asyncio.Event()

    async def curious() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            here = current_call()
            assert here is not None
            seen.extend([error.args, here.reason, here.stopping])
            raise

    host = make_host(curious)
    running = asyncio.create_task(host.dispatch("s", call("curious")))
    await started.wait()
    await host.cancel("s", "c1", "because")
    await running
    assert seen == [("because",), "because", True]


async def test_closing_the_host_settles_everything() -> None:
    family = Family()
    stubborn = Waiting("stubborn", stubborn=True, grace_ms=100)
    family.host.tools.add(stubborn.tool)
    running = [family.start(), asyncio.create_task(family.host.dispatch("s", call("stubborn", "c9")))]
    await asyncio.gather(family.inner.started.wait(), stubborn.started.wait())
    closing = asyncio.create_task(family.host.aclose())
    await until(lambda: stubborn.cancellations)
    clock_of(family.host).advance(100)
    await closing
    assert {result["status"] for result in await asyncio.gather(*running)} == {"cancelled"}
    assert family.host.in_flight() == []
    assert len(results_of(family.host)) == 4
    assert reminders_of(family.host) == []
    stubborn.gate.set()
    await rounds()


async def test_an_event_of_every_request_and_settlement() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    await host.cancel("s", "c1", "why", actor="repl")
    await running
    await host.cancel("s", "c1", "again", actor="bridge")
    audit = host.audit()
    assert [(record["kind"], record["actor"], record["status"]) for record in audit] == [
        ("tool_cancel_request", "repl", "cancelled"),
        ("tool_cancel_settled", "repl", "cancelled"),
        ("tool_cancel_request", "bridge", "not_found"),
    ]
    assert audit[1]["outcome"] == "stopped"
    assert all("at_ms" in record for record in audit)
    assert kinds_of(host)[-1] == "tool_cancel_request"


async def test_look_before_you_shoot() -> None:
    family = Family()
    running = family.start()
    await family.inner.started.wait()
    preview = await family.host.cancel("s", "outer", dry_run=True)
    assert (preview["status"], preview["dry_run"]) == ("would_cancel", True)
    assert [entry["call_id"] for entry in preview["calls"]] == ["inner", "middle", "outer"]
    assert (await family.host.cancel("s", "nobody", dry_run=True))["status"] == "not_found"
    assert len(family.host.in_flight("s")) == 3
    family.inner.gate.set()
    assert (await running)["ok"]


async def test_what_is_in_flight() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    clock_of(host).advance(1500)
    assert (
        host.in_flight("s")
        == host.in_flight()
        == [
            {
                "session_id": "s",
                "call_id": "c1",
                "tool": "wait",
                "state": "running",
                "age_ms": 1500,
                "parent": None,
                "children": [],
                "processes": [],
                "reason": None,
            }
        ]
    )
    waiting.gate.set()
    await running
    assert host.in_flight("s") == []
