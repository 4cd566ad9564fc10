"""Stopping and looking through the public doors: scripts and `Interpreter` (docs/cancellation.md#from-anywhere)."""

import asyncio
from typing import Any

import pytest

from cancel.support import Waiting, call, until
from harnlet import Interpreter, SourceError, UsageError
from harnlet.errors.hierarchy import ScriptError
from harnlet.session.clock import ManualClock
from harnlet.session.ids import CountingIds
from harnlet.tools.admission import ToolPolicy
from harnlet.tools.current import current_call
from harnlet.tools.request import REASON_LIMIT

OPTIONS = "expected one of: reason, inject_reminder, timeout_ms"


class Crowd:
    """An interpreter with calls `c1`, `c2`, ... of one tool in flight."""

    def __init__(self, harn: Interpreter, waiting: Waiting) -> None:
        self.harn = harn
        self.waiting = waiting
        self.running: list[asyncio.Task[dict[str, Any]]] = []

    async def start(self, session: str, *call_ids: str) -> None:
        before = len(self.harn.in_flight_tool_calls())
        for call_id in call_ids:
            dispatched = self.harn.dispatch_tool_call(session, call(self.waiting.tool.name, call_id))
            self.running.append(asyncio.create_task(dispatched))
        await until(
            lambda: [each["state"] for each in self.harn.in_flight_tool_calls()[before:]]
            == ["running"] * len(call_ids)
        )
        await asyncio.sleep(0)

    async def results(self) -> list[str]:
        return [result["status"] for result in await asyncio.gather(*self.running)]


def reminder_keys(harn: Interpreter, session: str) -> list[str]:
    events = harn.transcript(session)["events"]
    return [each["reminder"]["dedupe_key"] for each in events if each["kind"] == "system_reminder"]


# -- Interpreter -----------------------------------------------------------------------------


async def test_a_session_is_cancelled_and_the_next_one_is_not_touched() -> None:
    waiting = Waiting()
    async with Interpreter(tools=[waiting.tool]) as harn:
        crowd = Crowd(harn, waiting)
        await crowd.start("s", "c1", "c2", "c3")
        await crowd.start("other", "c1")
        answers = await harn.cancel_session("s", "enough", actor="user")
        assert [(each["call_id"], each["status"], each["outcome"]) for each in answers] == [
            (name, "cancelled", "stopped") for name in ("c1", "c2", "c3")
        ]
        assert {each["actor"] for each in answers} == {"user"}
        assert [each["session_id"] for each in harn.in_flight_tool_calls()] == ["other"]
        waiting.gate.set()
        assert await crowd.results() == ["cancelled", "cancelled", "cancelled", "ok"]
        assert reminder_keys(harn, "s") == ["cancel:c1", "cancel:c2", "cancel:c3"]
        assert reminder_keys(harn, "other") == []
        assert {(record["kind"], record["actor"]) for record in harn.audit()} == {
            ("tool_cancel_request", "user"),
            ("tool_cancel_settled", "user"),
        }
        assert await harn.cancel_session("s") == []


async def test_a_session_without_reminders_and_without_waiting() -> None:
    waiting = Waiting(stubborn=True)
    async with Interpreter(tools=[waiting.tool]) as harn:
        crowd = Crowd(harn, waiting)
        await crowd.start("s", "c1", "c2")
        answers = await harn.cancel_session("s", inject_reminder=False, timeout_ms=0)
        assert [(each["status"], each["outcome"]) for each in answers] == [("cancelled", None)] * 2
        again = await harn.cancel_session("s")
        assert [each["status"] for each in again] == ["already_cancelled"] * 2
        waiting.gate.set()
        assert await crowd.results() == ["cancelled", "cancelled"]
        assert reminder_keys(harn, "s") == []


async def test_the_time_of_a_session_is_for_all_its_calls_together() -> None:
    waiting = Waiting(stubborn=True, grace_ms=60_000)
    clock = ManualClock()
    async with Interpreter(tools=[waiting.tool], clock=clock) as harn:
        crowd = Crowd(harn, waiting)
        await crowd.start("s", "c1", "c2", "c3")
        cancelling = asyncio.create_task(harn.cancel_session("s", timeout_ms=100))
        await until(lambda: {each["state"] for each in harn.in_flight_tool_calls()} == {"cancelling"})
        await asyncio.sleep(0)
        clock.advance(100)
        answers = await cancelling
        assert [(each["status"], each["duration_ms"]) for each in answers] == [("timeout", 100)] * 3
        waiting.gate.set()
        assert await crowd.results() == ["cancelled"] * 3
        assert reminder_keys(harn, "s") == ["cancel:c1", "cancel:c2", "cancel:c3"]


async def test_looking_stops_nothing_and_says_what_would_be_stopped() -> None:
    waiting = Waiting("inner")

    async def outer() -> Any:
        return await harn.dispatch_tool_call("s", call("inner", "child"))

    async with Interpreter(tools=[waiting.tool, outer]) as harn:
        running = asyncio.create_task(harn.dispatch_tool_call("s", call("outer", "parent")))
        await waiting.started.wait()
        one = await harn.cancel_tool_call("s", "parent", dry_run=True)
        assert (one["status"], one["dry_run"], one["tool"]) == ("would_cancel", True, "outer")
        assert [each["call_id"] for each in one["calls"]] == ["child", "parent"]
        (whole,) = await harn.cancel_session("s", dry_run=True)
        assert [each["call_id"] for each in whole["calls"]] == ["child", "parent"]
        assert (await harn.cancel_tool_call("s", "nobody", dry_run=True))["status"] == "not_found"
        assert harn.audit() == []
        parent, child = harn.in_flight_tool_calls("s")
        assert (parent["children"], child["parent"], parent["reason"]) == (["child"], "parent", None)
        waiting.gate.set()
        assert (await running)["result"]["status"] == "ok"


async def test_a_batch_is_announced_before_it_runs() -> None:
    waiting = Waiting()
    async with Interpreter(tools=[waiting.tool]) as harn:
        calls = [call("wait", f"c{number}") for number in range(3)]
        batch = asyncio.create_task(harn.dispatch_batch("s", calls))
        await waiting.started.wait()
        assert [each["state"] for each in harn.in_flight_tool_calls("s")] == ["running", "queued", "queued"]
        answer = await harn.cancel_tool_call("s", "c1", "not needed")
        assert (answer["status"], answer["outcome"]) == ("cancelled", "never_started")
        waiting.gate.set()
        results = await batch
        assert [result["status"] for result in results] == ["ok", "cancelled", "ok"]


async def test_a_call_may_cancel_the_session_it_is_in() -> None:
    waiting = Waiting()
    answers: list[Any] = []

    async def suicide() -> None:
        answers.extend(await harn.cancel_session("s", "all of us"))
        await asyncio.Event().wait()

    async with Interpreter(tools=[waiting.tool, suicide]) as harn:
        crowd = Crowd(harn, waiting)
        await crowd.start("s", "c1")
        result = await harn.dispatch_tool_call("s", call("suicide", "me"))
        assert (result["status"], result["outcome"]) == ("cancelled", "stopped")
        assert await crowd.results() == ["cancelled"]


async def test_without_the_plugin_all_ways_say_which_one_to_load() -> None:
    waiting = Waiting()
    async with Interpreter(tools=[waiting.tool], plugins=[]) as harn:
        running = asyncio.create_task(harn.dispatch_tool_call("s", call("wait")))
        await waiting.started.wait()
        for ask in (harn.cancel_tool_call("s", "c1"), harn.cancel_session("s")):
            with pytest.raises(UsageError, match=r"plugin harnlet_plugins\.tool_calls is not loaded"):
                await ask
        with pytest.raises(UsageError, match=r"plugin harnlet_plugins\.tool_calls is not loaded"):
            harn.cancel_tool_call_threadsafe("s", "c1")
        assert [each["call_id"] for each in harn.in_flight_tool_calls()] == ["c1"]
        waiting.gate.set()
        assert (await running)["ok"]
        for name in ("cancel_in_flight_tool_call", "cancel_session_tool_calls", "in_flight_tool_calls"):
            with pytest.raises(SourceError) as caught:
                harn.compile(f'{name}("s", "c")')
            expected = f"`{name}` is provided by the plugin `harnlet_plugins.tool_calls`, which is not loaded"
            assert expected in caught.value.render()


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"timeout_ms": -1}, "`timeout_ms` must be >= 0, not -1"),
        ({"timeout_ms": float("nan")}, "`timeout_ms` must be >= 0, not nan"),
        ({"timeout_ms": True}, "`timeout_ms` must be a number of milliseconds, not bool"),
        ({"timeout_ms": "5"}, "`timeout_ms` must be a number of milliseconds, not str"),
        ({"reason": 7}, "`reason` must be a string or None, not int"),
        ({"actor": None}, "`actor` must be a string, not NoneType"),
    ],
)
async def test_bad_requests_of_a_host_are_refused_and_leave_nothing(given: dict[str, Any], text: str) -> None:
    waiting = Waiting()
    async with Interpreter(tools=[waiting.tool]) as harn:
        crowd = Crowd(harn, waiting)
        await crowd.start("s", "c1")
        with pytest.raises(UsageError, match=text):
            await harn.cancel_tool_call("s", "c1", **given)
        with pytest.raises(UsageError, match=text):
            await harn.cancel_session("s", **given)
        with pytest.raises(UsageError, match=text):
            harn.cancel_tool_call_threadsafe("s", "c1", **given)
        with pytest.raises(UsageError, match="`call_id` must be a string, not int"):
            await harn.cancel_tool_call("s", 7)  # type: ignore[arg-type]  # what is tested
        assert harn.audit() == []
        assert [each["state"] for each in harn.in_flight_tool_calls()] == ["running"]
        waiting.gate.set()
        assert await crowd.results() == ["ok"]


@pytest.mark.parametrize("timeout_ms", [10**400, float("inf"), 10**18])
async def test_huge_times_are_for_ever(timeout_ms: float) -> None:
    waiting = Waiting()
    async with Interpreter(tools=[waiting.tool]) as harn:
        running = asyncio.create_task(harn.dispatch_tool_call("s", call("wait"), timeout_ms=timeout_ms))
        await waiting.started.wait()
        answer = await harn.cancel_tool_call("s", "c1", timeout_ms=timeout_ms)
        assert (answer["status"], answer["outcome"]) == ("cancelled", "stopped")
        assert (await running)["status"] == "cancelled"


async def test_a_deadline_that_is_none_is_refused_before_anything_is_announced() -> None:
    async with Interpreter(tools=[Waiting().tool]) as harn:
        for wrong in (-1, float("nan"), "5"):
            with pytest.raises(UsageError, match="`timeout_ms` must be"):
                await harn.dispatch_tool_call("s", call("wait"), timeout_ms=wrong)  # type: ignore[arg-type]
            with pytest.raises(UsageError, match="`timeout_ms` must be"):
                await harn.dispatch_batch("s", [call("wait")], timeout_ms=wrong)  # type: ignore[arg-type]
        assert "s" not in harn.sessions
        assert harn.in_flight_tool_calls() == []


async def test_what_is_no_call_and_no_session_is_refused() -> None:
    async with Interpreter(tools=[Waiting().tool]) as harn:
        wrong: Any
        for wrong in (None, "wait", [call("wait")]):
            with pytest.raises(UsageError, match="a tool call must be a mapping of id, name, arguments"):
                await harn.dispatch_tool_call("s", wrong)
            with pytest.raises(UsageError, match="a tool call must be a mapping of id, name, arguments"):
                await harn.dispatch_batch("s", [call("wait"), wrong])
        for wrong in (None, 7, ["s"]):
            with pytest.raises(UsageError, match="`session_id` must be a string"):
                await harn.dispatch_tool_call(wrong, call("wait"))
            with pytest.raises(UsageError, match="`session_id` must be a string"):
                await harn.dispatch_batch(wrong, [call("wait")])
        assert harn.in_flight_tool_calls() == []
        assert "s" not in harn.sessions


async def test_a_reason_of_a_megabyte_is_cut_and_says_so() -> None:
    waiting = Waiting()
    async with Interpreter(tools=[waiting.tool]) as harn:
        crowd = Crowd(harn, waiting)
        await crowd.start("s", "c1")
        answer = await harn.cancel_tool_call("s", "c1", "x" * 1_000_000)
        said = "x" * REASON_LIMIT + f" [cut: {REASON_LIMIT} of 1000000 characters]"
        assert answer["reason"] == said
        (result,) = await asyncio.gather(*crowd.running)
        assert result["cancellation_reason"] == said
        assert len(str(harn.transcript("s"))) < 20 * REASON_LIMIT


ODD_IDS = ["é", "e\u0301", "日本語", "🙂", " c ", "\x00", "\ud800", "a\nb", "c" * 100_000, "cancel:c1", "../c"]


@pytest.mark.parametrize("call_id", ODD_IDS, ids=range(len(ODD_IDS)))
async def test_ids_may_have_any_text_and_are_told_apart(call_id: str) -> None:
    waiting = Waiting()
    async with Interpreter(tools=[waiting.tool]) as harn:
        crowd = Crowd(harn, waiting)
        await crowd.start(call_id, call_id, "plain")
        answer = await harn.cancel_tool_call(call_id, call_id, "why")
        assert (answer["status"], answer["call_id"]) == ("cancelled", call_id)
        assert [each["call_id"] for each in harn.in_flight_tool_calls(call_id)] == ["plain"]
        assert reminder_keys(harn, call_id) == [f"cancel:{call_id}"]
        waiting.gate.set()
        assert await crowd.results() == ["cancelled", "ok"]


async def test_what_an_embedder_may_set() -> None:
    def forbidden() -> None:
        raise AssertionError("the policy lets it not run")

    async with Interpreter(
        tools=[forbidden], policy=ToolPolicy(deny=("forbid*",)), session_limit=2, ids=CountingIds("n")
    ) as harn:
        result = await harn.dispatch_tool_call("s", call("forbidden"))
        assert (result["error_category"], result["status"]) == ("permission_denied", "error")
        assert harn.sessions.open().id.startswith("n")
        harn.sessions.open("third")
        assert "s" not in harn.sessions

        def later() -> str:
            here = current_call()
            assert here is not None
            return here.call_id

        harn.tools.add(later)
        assert (await harn.dispatch_tool_call("t", call("later", "c9")))["result"] == "c9"


# -- scripts ---------------------------------------------------------------------------------


async def test_a_script_lists_looks_and_stops_a_session() -> None:
    waiting = Waiting()
    async with Interpreter(tools=[waiting.tool]) as harn:
        crowd = Crowd(harn, waiting)
        await crowd.start("s", "c1", "c2")
        await crowd.start("t", "c3")
        answer = await harn.run("""
            let seen = in_flight_tool_calls("s")
            let all = in_flight_tool_calls()
            let looked = cancel_session_tool_calls("s", {dry_run: true})
            let one = cancel_in_flight_tool_call("s", "c1", {dry_run: true, reason: "perhaps"})
            let stopped = cancel_session_tool_calls("s", "enough", false)
            return {
              seen: seen.map({ c -> [c.call_id, c.tool, c.state, c.children, c.processes, c.reason] }),
              all: all.map({ c -> c.session_id }),
              looked: looked.map({ a -> [a.status, a.call_id, a.calls.map({ c -> c.call_id })] }),
              one: [one.status, one.reason, one.dry_run],
              stopped: stopped.map({ a -> [a.status, a.call_id, a.reason, a.actor, a.outcome] }),
              left: in_flight_tool_calls("s"),
            }
        """)
        assert answer == {
            "seen": [[name, "wait", "running", [], [], None] for name in ("c1", "c2")],
            "all": ["s", "s", "t"],
            "looked": [["would_cancel", name, [name]] for name in ("c1", "c2")],
            "one": ["would_cancel", "perhaps", True],
            "stopped": [["cancelled", name, "enough", "script", "stopped"] for name in ("c1", "c2")],
            "left": [],
        }
        assert reminder_keys(harn, "s") == []
        waiting.gate.set()
        assert await crowd.results() == ["cancelled", "cancelled", "ok"]


async def test_a_blank_session_is_the_runs_own() -> None:
    waiting = Waiting()
    async with Interpreter(tools=[waiting.tool]) as harn:
        crowd = Crowd(harn, waiting)
        await crowd.start("mine", "c1")
        await crowd.start("other", "c2")
        answer = await harn.run(
            'return [in_flight_tool_calls("")[0].call_id, cancel_session_tool_calls(" ")[0].call_id]',
            session="mine",
        )
        assert answer == ["c1", "c1"]
        waiting.gate.set()
        assert await crowd.results() == ["cancelled", "ok"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("cancel_session_tool_calls()", "cancel_session_tool_calls: `session_id` must be a string"),
        ("cancel_session_tool_calls(7)", "cancel_session_tool_calls: `session_id` must be a string"),
        ('cancel_session_tool_calls("s", 7)', "cancel_session_tool_calls: `opts` must be a dict or nil"),
        (
            'cancel_session_tool_calls("s", {call: "c"})',
            f"cancel_session_tool_calls: unknown option key 'call' ({OPTIONS}, dry_run)",
        ),
        (
            'cancel_session_tool_calls("s", {reason: 7})',
            "cancel_session_tool_calls: `reason` must be a string or nil",
        ),
        (
            'cancel_session_tool_calls("s", nil, "no")',
            "cancel_session_tool_calls: `inject_reminder` must be a bool",
        ),
        (
            'cancel_session_tool_calls("s", {timeout_ms: 1.5})',
            "cancel_session_tool_calls: `timeout_ms` must be an int",
        ),
        ('cancel_session_tool_calls("s", nil, nil, -1)', "cancel_session_tool_calls: `timeout_ms` must be >= 0"),
        ('cancel_session_tool_calls("s", {dry_run: "x"})', "cancel_session_tool_calls: `dry_run` must be a bool"),
        ("in_flight_tool_calls(7)", "in_flight_tool_calls: `session_id` must be a string or nil"),
        (
            'cancel_in_flight_tool_call("s", "c", {dry: true})',
            f"cancel_in_flight_tool_call: unknown option key 'dry' ({OPTIONS})",
        ),
    ],
)
async def test_wrong_arguments_are_catchable_strings(source: str, text: str) -> None:
    async with Interpreter() as harn:
        assert await harn.run(f"try {{ {source} }} catch (problem) {{ return problem }}") == text
        with pytest.raises(ScriptError):
            await harn.run(source)


async def test_unknown_sessions_are_no_error() -> None:
    async with Interpreter() as harn:
        assert await harn.run('return [cancel_session_tool_calls("nobody"), in_flight_tool_calls("nobody")]') == [
            [],
            [],
        ]
        assert "nobody" not in harn.sessions
