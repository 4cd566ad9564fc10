"""The result dict of a dispatched call, to the letter: docs/cancellation.md#dispatch."""

import asyncio
from typing import Any

import pytest

from cancel.support import Waiting, call, clock_of, kinds_of, make_host, results_of, until
from harnlet.tools.dispatch import call_id_of
from harnlet.tools.results import CATEGORIES, ToolError, cancelled

HEAD = [
    "ok",
    "status",
    "tool_name",
    "tool_call_id",
    "arguments",
    "result",
    "rendered_result",
    "observation",
    "error",
    "error_category",
    "executor",
    "approval",
    "execution_duration_ms",
    "cancelled",
    "cancellation_reason",
    "mutation_status",
]


async def double(n: int) -> int:
    return n * 2


async def fail(category: str = "") -> None:
    if category:
        raise ToolError("it broke", category)
    raise ValueError("it broke")


async def test_a_successful_call() -> None:
    host = make_host(double)
    result = await host.dispatch("s", call("double", "c7", n=21))
    assert result == {
        "ok": True,
        "status": "ok",
        "tool_name": "double",
        "tool_call_id": "c7",
        "arguments": {"n": 21},
        "result": 42,
        "rendered_result": "42",
        "observation": "[result of double]\n42\n[end of double result]\n",
        "error": None,
        "error_category": None,
        "executor": "python",
        "approval": None,
        "execution_duration_ms": 0,
        "cancelled": False,
        "cancellation_reason": None,
        "mutation_status": "unknown",
    }
    assert list(result) == HEAD


async def test_a_failing_call() -> None:
    host = make_host(fail)
    result = await host.dispatch("s", call("fail"))
    assert list(result) == HEAD
    assert (result["ok"], result["status"], result["cancelled"]) == (False, "error", False)
    assert (result["error"], result["error_category"]) == ("it broke", "tool_error")
    assert result["observation"] == "[error from fail]\nit broke\n[end of fail error]\n"
    assert result["result"] is None


async def test_a_cancelled_call() -> None:
    waiting = Waiting("fetch")
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatch("s", call("fetch", "c1")))
    await waiting.started.wait()
    clock_of(host).advance(250)
    await host.cancel("s", "c1", "user pressed stop")
    result = await running
    assert list(result)[: len(HEAD)] == HEAD
    assert {key: result[key] for key in HEAD} == {
        "ok": False,
        "status": "cancelled",
        "tool_name": "fetch",
        "tool_call_id": "c1",
        "arguments": {},
        "result": None,
        "rendered_result": "[cancelled in-flight: fetch] user pressed stop",
        "observation": "[cancelled call to fetch]\nuser pressed stop\n[end of fetch cancellation]\n",
        "error": "tool call cancelled in-flight: user pressed stop",
        "error_category": "cancelled",
        "executor": None,
        "approval": None,
        "execution_duration_ms": 250,
        "cancelled": True,
        "cancellation_reason": "user pressed stop",
        "mutation_status": "unknown",
    }
    assert {key: result[key] for key in list(result)[len(HEAD) :]} == {
        "outcome": "stopped",
        "escalation": "asked",
        "survivors": 0,
        "actor": "host",
        "note": "The call had started and was stopped by host (user pressed stop). Effects may remain.",
    }


def test_the_texts_of_an_empty_reason() -> None:
    result = cancelled("fetch", "c1", {}, "", approval=None, duration_ms=0, changed_paths=[])
    assert result["rendered_result"] == "[cancelled in-flight: fetch]"
    assert (
        result["observation"] == "[cancelled call to fetch]\ncancelled by host\n[end of fetch cancellation]\n"
    )
    assert result["error"] == "tool call cancelled in-flight: fetch"
    assert result["cancellation_reason"] == ""


async def test_a_recorded_write_is_told() -> None:
    from harnlet.tools.current import current_call

    started = asyncio.Event()

    async def write() -> None:
        here = current_call()
        assert here is not None
        here.record_change("b.txt")
        here.record_change("a.txt")
        here.record_change("b.txt")
        started.set()
        await asyncio.Event().wait()

    host = make_host(write)
    running = asyncio.create_task(host.dispatch("s", call("write")))
    await started.wait()
    answer = await host.cancel("s", "c1")
    result = await running
    assert result["mutation_status"] == "applied"
    assert result["changed_paths"] == ["b.txt", "a.txt"]
    assert list(result)[len(HEAD)] == "changed_paths"
    assert answer["changed_paths"] == ["b.txt", "a.txt"]
    assert "b.txt, a.txt" in result["note"]


@pytest.mark.parametrize("category", CATEGORIES)
async def test_a_tool_may_say_its_category(category: str) -> None:
    result = await make_host(fail).dispatch("s", call("fail", category=category))
    assert result["error_category"] == category


@pytest.mark.parametrize(
    ("error", "category"),
    [
        (TimeoutError("slow"), "timeout"),
        (PermissionError("no"), "permission_denied"),
        (ConnectionResetError("gone"), "network"),
        (FileNotFoundError("where"), "environment"),
        (KeyError("k"), "tool_error"),
    ],
)
async def test_categories_of_python_errors(error: Exception, category: str) -> None:
    async def raising() -> None:
        raise error

    result = await make_host(raising).dispatch("s", call("raising"))
    assert (result["status"], result["error_category"]) == ("error", category)


async def test_an_error_without_a_text_is_named() -> None:
    async def raising() -> None:
        raise ValueError

    assert (await make_host(raising).dispatch("s", call("raising")))["error"] == "ValueError"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"id": "a", "tool_call_id": "b", "call_id": "c"}, "a"),
        ({"id": "", "tool_call_id": "b", "call_id": "c"}, "b"),
        ({"id": 7, "tool_call_id": None, "call_id": "c"}, "c"),
        ({}, ""),
    ],
)
def test_the_call_id_is_the_first_text_among_three(given: dict[str, Any], expected: str) -> None:
    assert call_id_of(given) == expected


async def test_a_call_without_an_id_is_given_one() -> None:
    host = make_host(double)
    first = await host.dispatch("s", {"name": "double", "arguments": {"n": 1}})
    second = await host.dispatch("s", {"name": "double", "arguments": {"n": 1}})
    assert first["tool_call_id"].startswith("tool_call_")
    assert first["tool_call_id"] != second["tool_call_id"]


async def test_the_dispatcher_itself_runs_a_call_without_an_id_untargetable() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(host.dispatcher.dispatch("s", {"name": "wait", "arguments": {}}))
    await waiting.started.wait()
    assert (await host.cancel("s", "x"))["status"] == "not_found"
    waiting.gate.set()
    assert (await running)["tool_call_id"] == ""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "invalid arguments for tool 'double': n: is required"),
        ({"n": "x"}, "invalid arguments for tool 'double': n: expected integer, got string"),
        ({"n": 1, "m": 2}, "invalid arguments for tool 'double': m: is not a parameter (expected one of: n)"),
        ("{nonsense", "`arguments` is not valid JSON"),
        ([1], "`arguments` must be a dict"),
    ],
)
async def test_wrong_arguments(arguments: Any, error: str) -> None:
    host = make_host(double)
    result = await host.dispatch("s", {"id": "c1", "name": "double", "arguments": arguments})
    assert result["error"].startswith(error)
    assert (result["status"], result["error_category"]) == ("error", "schema_validation")
    assert [message["is_error"] for message in results_of(host)] == [True]


async def test_arguments_may_be_json_text() -> None:
    result = await make_host(double).dispatch("s", {"id": "c1", "name": "double", "arguments": '{"n": 4}'})
    assert result["result"] == 8


async def test_later_changes_to_the_callers_arguments_change_nothing() -> None:
    waiting = Waiting()

    async def echo(items: list[int]) -> list[int]:
        await waiting.gate.wait()
        return items

    host = make_host(echo)
    items = [1]
    running = asyncio.create_task(host.dispatch("s", call("echo", items=items)))
    await until(lambda: host.in_flight("s"))
    items.append(2)
    waiting.gate.set()
    result = await running
    assert result["result"] == result["arguments"]["items"] == [1]


async def test_an_unknown_tool() -> None:
    result = await make_host(double).dispatch("s", call("doubel"))
    assert result["error"] == "unknown tool 'doubel' (did you mean 'double'?)"
    assert result["error_category"] == "tool_error"


async def test_a_call_without_a_name() -> None:
    result = await make_host(double).dispatch("s", {"id": "c1", "arguments": {}})
    assert result["error"] == "a tool call needs a `name`, a non-empty string"


async def test_each_dispatched_call_leaves_one_message_and_its_events() -> None:
    host = make_host(double, fail)
    await host.dispatch("s", call("double", "c1", n=1))
    await host.dispatch("s", call("fail", "c2"))
    await host.dispatch("s", call("nothing", "c3"))
    assert results_of(host) == [
        {
            "role": "tool_result",
            "content": "[result of double]\n2\n[end of double result]\n",
            "name": "double",
            "tool_call_id": "c1",
            "is_error": False,
        },
        {
            "role": "tool_result",
            "content": "[error from fail]\nit broke\n[end of fail error]\n",
            "name": "fail",
            "tool_call_id": "c2",
            "is_error": True,
        },
        {
            "role": "tool_result",
            "content": "[error from nothing]\nunknown tool 'nothing'\n[end of nothing error]\n",
            "name": "nothing",
            "tool_call_id": "c3",
            "is_error": True,
        },
    ]
    assert kinds_of(host) == ["tool_call_start", "tool_call_end", "tool_result"] * 3


async def test_without_a_session_a_call_runs_and_leaves_nothing() -> None:
    host = make_host(double)
    result = await host.dispatch("", call("double", n=1))
    assert result["ok"]
    assert len(host.sessions) == 0


async def test_a_value_that_is_no_plain_text_is_rendered_as_json() -> None:
    async def data() -> dict[str, Any]:
        return {"a": [1, None, "é"]}

    result = await make_host(data).dispatch("s", call("data"))
    assert result["rendered_result"] == '{"a": [1, null, "é"]}'


async def test_a_tool_cancelled_from_outside_of_harnlet_is_a_failure() -> None:
    async def gone() -> None:
        raise asyncio.CancelledError

    result = await make_host(gone).dispatch("s", call("gone"))
    assert (result["status"], result["error_category"], result["cancelled"]) == ("error", "cancelled", False)
