"""The session builtins and `host_tool_call`: docs/builtins.md#sessions, docs/builtins.md#host-interface."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from cancel.support import Waiting, make_host, results_of, until
from harnlet.errors.faults import Fault, RuntimeFault, Thrown
from harnlet.runtime.builtin import Builtin
from harnlet.tools.host import ToolHost
from harnlet_builtins import sessions as builtins
from harnlet_builtins.tools_host import host_tool_call, host_tool_list


def run_of(host: ToolHost | None = None, session_id: str = "") -> Any:
    return SimpleNamespace(services=make_host() if host is None else host, session_id=session_id, call_id="")


def named(name: str) -> Builtin:
    found = getattr(builtins, name)
    assert isinstance(found, Builtin)
    assert found.name == name
    return found


def ask(rt: Any, name: str, *args: object) -> Any:
    return named(f"agent_session_{name}").function(rt, *args)


def thrown(rt: Any, name: str, *args: object) -> Any:
    with pytest.raises(Fault) as caught:
        ask(rt, name, *args)
    return caught.value.caught()


def test_opening_and_looking() -> None:
    rt = run_of()
    assert ask(rt, "exists", "s") is False
    assert ask(rt, "open", "s") == ask(rt, "open", "s") == "s"
    assert ask(rt, "exists", "s") is True
    fresh = ask(rt, "open")
    assert ask(rt, "exists", fresh) is True
    assert ask(rt, "length", "s") == 0
    assert ask(rt, "snapshot", "unknown") is None
    assert ask(rt, "ancestry", "unknown") is None
    assert ask(rt, "current_id") is None
    assert ask(run_of(session_id="mine"), "current_id") == "mine"


def test_writing_and_reading() -> None:
    rt = run_of()
    ask(rt, "open", "s")
    for number in range(3):
        assert ask(rt, "inject", "s", {"role": "user", "content": str(number)}) is None
    assert ask(rt, "length", "s") == 3
    snapshot = ask(rt, "snapshot", "s")
    assert snapshot["_type"] == "transcript"
    assert [message["content"] for message in snapshot["messages"]] == ["0", "1", "2"]
    assert ask(rt, "fork", "s", "f") == "f"
    assert ask(rt, "fork_at", "s", 1, "g") == "g"
    assert [ask(rt, "length", name) for name in ("f", "g")] == [3, 1]
    assert ask(rt, "ancestry", "s") == {"parent_id": None, "child_ids": ["f", "g"], "root_id": "s"}
    assert ask(rt, "trim", "s", 2) == 2
    assert ask(rt, "compact", "s", {"keep_last": 1}) == 2
    assert ask(rt, "reset", "s") is None
    assert ask(rt, "length", "s") == 0
    assert ask(rt, "close", "s", "done") is None
    assert ask(rt, "exists", "s") is False


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("length", ()),
        ("reset", ()),
        ("close", ()),
        ("fork", ()),
        ("fork_at", (1,)),
        ("trim", (1,)),
        ("inject", ({"role": "user"},)),
        ("compact", ()),
    ],
)
def test_an_unknown_id_throws_and_a_wrong_one_too(name: str, arguments: tuple[object, ...]) -> None:
    rt = run_of()
    full = f"agent_session_{name}"
    assert thrown(rt, name, "x", *arguments) == f"{full}: unknown session id 'x'"
    assert thrown(rt, name, 5, *arguments) == f"{full}: `id` must be a string"


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("open", (5,), "agent_session_open: `id` must be a string or nil"),
        ("exists", (None,), "agent_session_exists: `id` must be a string"),
        ("trim", ("s", "x"), "agent_session_trim: `keep_last` must be an int"),
        ("trim", ("s", -1), "agent_session_trim: `keep_last` must be >= 0"),
        ("fork", ("s", 5), "agent_session_fork: `id` must be a string or nil"),
        ("fork", ("s", "s"), "agent_session_fork: a session cannot be forked onto itself: 's'"),
        ("fork_at", ("s", -1), "agent_session_fork_at: `keep_first` must be >= 0"),
        ("inject", ("s", "x"), "agent_session_inject: message must be a dict"),
        (
            "inject",
            ("s", {"role": "tool"}),
            "agent_session_inject: message must have a string `role` (user|assistant|tool_result|system)",
        ),
        ("compact", ("s", 5), "agent_session_compact: options must be a dict or nil"),
        (
            "compact",
            ("s", {"keep": 5}),
            "agent_session_compact: unknown option key 'keep' (expected one of: keep_last, token_threshold, "
            "tool_output_max_chars, compact_strategy, hard_limit_tokens, hard_limit_strategy, "
            "custom_compactor, mask_callback, compress_callback)",
        ),
        ("compact", ("s", {"custom_compactor": 5}), "agent_session_compact: a compactor must be a closure"),
    ],
)
def test_error_texts(name: str, arguments: tuple[object, ...], text: str) -> None:
    rt = run_of()
    ask(rt, "open", "s")
    assert thrown(rt, name, *arguments) == text


def test_compacting_with_a_closure_and_with_a_wrong_strategy() -> None:
    rt = run_of()
    ask(rt, "open", "s")
    for number in range(4):
        ask(rt, "inject", "s", {"role": "user", "content": str(number)})
    with pytest.raises(RuntimeFault, match="unknown compact_strategy 'x'"):
        ask(rt, "compact", "s", {"compact_strategy": "x", "keep_last": 1})
    options = {"keep_last": 1, "custom_compactor": lambda old: f"{len(old)} of them"}
    assert ask(rt, "compact", "s", options) == 2
    assert (
        ask(rt, "snapshot", "s")["messages"][0]["content"] == "[auto-compacted 3 older messages]\n3 of them"
    )


# -- host_tool_call --------------------------------------------------------------------------


async def call_tool(rt: Any, *args: object) -> Any:
    function: Any = host_tool_call.function
    return await function(rt, *args)


async def test_calling_a_tool_of_the_host() -> None:
    async def add(left: int, right: int = 1) -> int:
        return left + right

    host = make_host(add)
    result = await call_tool(run_of(host, "s"), "add", {"left": 4})
    assert (result["ok"], result["result"]) == (True, 5)
    assert result["tool_call_id"].startswith("tool_call_")
    assert len(results_of(host, "s")) == 1, "the run's own session"
    named_result = await call_tool(run_of(host, "s"), "add", {"left": 1}, {"id": "c9", "session_id": "t"})
    assert named_result["tool_call_id"] == "c9"
    assert [message["tool_call_id"] for message in results_of(host, "t")] == ["c9"]
    assert (await call_tool(run_of(host), "add"))["error_category"] == "schema_validation"


async def test_it_can_be_cancelled_by_the_id_that_was_given() -> None:
    waiting = Waiting()
    host = make_host(waiting.tool)
    running = asyncio.create_task(call_tool(run_of(host, "s"), "wait", None, {"id": "mine"}))
    await until(waiting.started.is_set)
    await host.cancel("s", "mine")
    assert (await running)["status"] == "cancelled"


async def test_it_has_a_deadline() -> None:
    waiting = Waiting()
    result = await call_tool(run_of(make_host(waiting.tool)), "wait", {}, {"timeout_ms": 0})
    assert result["status"] == "timeout"


async def test_a_host_object_does_not_get_into_the_script() -> None:
    class Secret:
        def __repr__(self) -> str:
            return "<secret>"

    async def leak() -> Any:
        return {"object": Secret()}

    result = await call_tool(run_of(make_host(leak)), "leak")
    assert result["result"] == '{"object": "<secret>"}'


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "name must be a non-empty string"),
        ((5,), "name must be a non-empty string"),
        (("t", 5), "arguments must be a dict or nil"),
        (("t", {}, 5), "options must be a dict or nil"),
        (("t", {}, {"ids": 1}), "unknown option key 'ids' (expected one of: id, session_id, timeout_ms)"),
        (("t", {}, {"id": 1}), "`id` must be a string or nil"),
        (("t", {}, {"session_id": 1}), "`session_id` must be a string or nil"),
        (("t", {}, {"timeout_ms": 1.5}), "`timeout_ms` must be an int or nil"),
        (("t", {}, {"timeout_ms": True}), "`timeout_ms` must be an int or nil"),
        (("t", {}, {"timeout_ms": -1}), "`timeout_ms` must be >= 0"),
        (("t", {"f": lambda: None}), "arguments.f: "),
    ],
)
async def test_wrong_arguments_of_host_tool_call(arguments: tuple[object, ...], text: str) -> None:
    with pytest.raises(Thrown) as caught:
        await call_tool(run_of(), *arguments)
    assert str(caught.value.value).startswith(f"host_tool_call: {text}")


def test_listing_the_tools_of_the_host() -> None:
    async def beta() -> None:
        """The second."""

    async def alpha(n: int) -> None:
        """The first."""

    listed: Any = host_tool_list.function(run_of(make_host(beta, alpha)))
    assert [(each["name"], each["description"]) for each in listed] == [
        ("alpha", "The first."),
        ("beta", "The second."),
    ]
    assert listed[0]["inputSchema"]["required"] == ["n"]
