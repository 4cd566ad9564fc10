"""`cancel_in_flight_tool_call`: docs/cancellation.md#the-builtin."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from cancel.support import Waiting, call, make_host, reminders_of, results_of
from harnlet.errors.faults import Thrown
from harnlet.tools.host import ToolHost
from harnlet.tools.request import CancelRequest
from harnlet_plugins.cancel_builtin import cancel_in_flight_tool_call, checked_request

PREFIX = "cancel_in_flight_tool_call: "


def run_of(host: ToolHost, session_id: str = "") -> Any:
    """What the builtin sees of a run."""
    return SimpleNamespace(services=host, session_id=session_id, call_id="")


async def cancel(rt: Any, *args: object) -> Any:
    function: Any = cancel_in_flight_tool_call.function
    return await function(rt, *args)


def thrown(*args: object) -> Any:
    """What the builtin throws for wrong arguments."""
    given = dict(enumerate(args))
    with pytest.raises(Thrown) as caught:
        checked_request(given.get(0), given.get(1), given.get(2), given.get(3), given.get(4), "")
    return caught.value.value


def request_of(
    session: object, call_id: object, reason: object = None, remind: object = None, timeout_ms: object = None
) -> CancelRequest:
    """The request that the builtin makes of right arguments."""
    request, dry_run = checked_request(session, call_id, reason, remind, timeout_ms, "")
    assert not dry_run
    return request


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "`session_id` must be a string"),
        ((7, "c"), "`session_id` must be a string"),
        ((None, "c"), "`session_id` must be a string"),
        (("s",), "`call_id` must be a string"),
        (("s", 1), "`call_id` must be a string"),
        (("s", ""), "`call_id` must be non-empty"),
        (("s", " \t"), "`call_id` must be non-empty"),
        (("s", "c", 5), "`opts` must be a dict or nil"),
        (("s", "c", ["x"]), "`opts` must be a dict or nil"),
        (
            ("s", "c", {"reasons": "x"}),
            "unknown option key 'reasons' (expected one of: reason, inject_reminder, timeout_ms)",
        ),
        (("s", "c", {"reason": 5}), "`reason` must be a string or nil"),
        (("s", "c", {"inject_reminder": "no"}), "`inject_reminder` must be a bool"),
        (("s", "c", "r", 1), "`inject_reminder` must be a bool"),
        (("s", "c", {"timeout_ms": 1.5}), "`timeout_ms` must be an int"),
        (("s", "c", "r", True, True), "`timeout_ms` must be an int"),
        (("s", "c", "r", True, "5"), "`timeout_ms` must be an int"),
        (("s", "c", {"timeout_ms": -1}), "`timeout_ms` must be >= 0"),
        (("s", "c", None, None, -5), "`timeout_ms` must be >= 0"),
        (("s", "c", {"dry_run": 1}), "`dry_run` must be a bool"),
    ],
)
def test_validation_texts(arguments: tuple[object, ...], text: str) -> None:
    assert thrown(*arguments) == PREFIX + text


def test_the_first_thing_wrong_is_named() -> None:
    wrong: list[object] = [7, 7, 7, 7, -1]
    expected = [
        ("s", "`session_id` must be a string"),
        ("", "`call_id` must be a string"),
        (None, "`call_id` must be non-empty"),
    ]
    assert thrown(*wrong) == PREFIX + expected[0][1]
    assert thrown("s", *wrong[1:]) == PREFIX + expected[1][1]
    assert thrown("s", "", *wrong[2:]) == PREFIX + expected[2][1]
    assert thrown("s", "c", *wrong[2:]) == PREFIX + "`opts` must be a dict or nil"
    options: dict[str, object] = {"reason": 1, "inject_reminder": 1, "timeout_ms": -1, "z": 1, "a": 1}
    assert "unknown option key 'a'" in thrown("s", "c", options)
    del options["z"], options["a"]
    assert thrown("s", "c", options) == PREFIX + "`reason` must be a string or nil"
    options["reason"] = "x"
    assert thrown("s", "c", options) == PREFIX + "`inject_reminder` must be a bool"
    options["inject_reminder"] = None
    assert thrown("s", "c", options) == PREFIX + "`timeout_ms` must be >= 0"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "host cancelled in-flight tool call"),
        ("", "host cancelled in-flight tool call"),
        (" \n ", "host cancelled in-flight tool call"),
        ("  too slow ", "too slow"),
        ({"reason": "too slow"}, "too slow"),
        ({"reason": None}, "host cancelled in-flight tool call"),
        ({}, "host cancelled in-flight tool call"),
    ],
)
def test_the_reason_is_trimmed_and_blank_means_the_default(given: object, expected: str) -> None:
    assert request_of("s", "c", given).reason == expected

def test_defaults_and_both_forms() -> None:
    plain = request_of("s", "c")
    assert (plain.inject_reminder, plain.timeout_ms, plain.actor) == (True, 5000, "script")
    listed = request_of("s", "c", "why", False, 10)
    assert listed == request_of("s", "c", {"reason": "why", "inject_reminder": False, "timeout_ms": 10})


def test_a_blank_session_is_the_runs_own() -> None:
    for given, meant in (("", "mine"), ("  ", "mine"), ("other", "other")):
        request, _ = checked_request(given, "c", None, None, None, "mine")
        assert request.session_id == meant


async def test_cancelling_a_call() -> None:
    waiting = Waiting("fetch")
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("fetch", "c1")))
    await waiting.started.wait()
    answer = await cancel(run_of(host), "s", "c1", " user pressed stop ")
    assert list(answer.items())[:4] == [
        ("status", "cancelled"),
        ("call_id", "c1"),
        ("tool", "fetch"),
        ("reason", "user pressed stop"),
    ]
    assert list(answer)[4:] == ["outcome", "escalation", "survivors", "duration_ms", "actor"]
    assert (answer["outcome"], answer["escalation"], answer["survivors"]) == ("stopped", "asked", 0)
    assert answer["actor"] == "script"
    assert (await running)["cancellation_reason"] == "user pressed stop"
    assert len(results_of(host)) == len(reminders_of(host)) == 1


async def test_not_found_answers_at_once_and_is_no_error() -> None:
    answer = await cancel(run_of(make_host()), "unknown session", "c1", "why")
    assert list(answer.items())[:5] == [
        ("status", "not_found"),
        ("call_id", "c1"),
        ("tool", None),
        ("reason", "why"),
        ("outcome", None),
    ]


async def test_too_late_is_told() -> None:
    waiting = Waiting()
    waiting.gate.set()
    host = make_host(waiting.tool)
    await host.dispatch("s", call("wait"))
    answer = await cancel(run_of(host), "s", "c1")
    assert (answer["status"], answer["tool"], answer["outcome"]) == ("not_found", None, "completed_first")
    assert reminders_of(host) == []


async def test_already_cancelled_answers_at_once_with_this_requests_reason() -> None:
    waiting = Waiting(stubborn=True)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    first = await cancel(run_of(host), "s", "c1", "first", True, 0)
    second = await cancel(run_of(host), "s", "c1", "second")
    assert (first["status"], second["status"]) == ("cancelled", "already_cancelled")
    assert (second["tool"], second["reason"]) == ("wait", "second")
    waiting.gate.set()
    assert (await running)["cancellation_reason"] == "first"


async def test_it_suspends_the_calling_task_only() -> None:
    waiting = Waiting(stubborn=True)
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    cancelling = asyncio.create_task(cancel(run_of(host), "s", "c1"))
    others = 0
    for _ in range(50):
        await asyncio.sleep(0)
        others += 1
    assert others == 50
    assert not cancelling.done()
    waiting.gate.set()
    assert (await cancelling)["status"] == "cancelled"
    await running
