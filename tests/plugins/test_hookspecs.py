"""Every hook is documented, and every hook is exercised by a test in this folder or in tests/cancel."""

import asyncio
import inspect
import re
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from cancel.support import REGISTRY, Waiting, call, make_host, rounds, until
from harnlet import Interpreter
from harnlet.errors.hierarchy import InternalError
from harnlet.plugins import hookimpl, hookspecs, load
from harnlet.tools.host import ToolHost

HOOKS = {
    name: function
    for name, function in vars(hookspecs).items()
    if name.startswith("harnlet_") and inspect.isfunction(function)
}
DESIGNED = {
    "harnlet_stdlib_modules",
    "harnlet_tools",
    "harnlet_before_tool_call",
    "harnlet_after_tool_call",
    "harnlet_approve_tool_call",
    "harnlet_tool_cancel_requested",
    "harnlet_tool_settled",
    "harnlet_transcript_store",
    "harnlet_cancel_transport",
    "harnlet_model_providers",
    "harnlet_repl_commands",
    "harnlet_cli_commands",
}


def test_the_hooks_of_the_design_are_there() -> None:
    assert set(HOOKS) >= DESIGNED


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_a_hook_is_documented(name: str) -> None:
    doc = inspect.getdoc(HOOKS[name]) or ""
    assert len(doc) > 60, f"{name} says too little about itself"
    for parameter in inspect.signature(HOOKS[name]).parameters:
        assert parameter in doc or parameter == "session", f"{name} does not explain {parameter}"


def _tests() -> str:
    here = Path(__file__).resolve().parent
    files = [*here.glob("test_*.py"), *(here.parent / "cancel").glob("test_*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_a_hook_is_exercised(name: str) -> None:
    implemented = re.search(rf"@hookimpl\s+(async )?def {name}\(", _tests(), re.MULTILINE)
    assert implemented, f"no test has a plugin that implements {name}"


# -- what plugins bring ----------------------------------------------------------------------


class Everything:
    """A plugin that implements what is asked for while an interpreter is set up."""

    def __init__(self) -> None:
        self.store = Recorder()

    @hookimpl
    def harnlet_stdlib_modules(self) -> list[dict[str, Any]]:
        return [{"name": "mine", "scripts": {"std/mine": "fn one() { return 1 }"}}]

    @hookimpl
    def harnlet_tools(self) -> list[Any]:
        async def brought() -> str:
            return "by a plugin"

        async def both() -> str:
            return "by a plugin"

        return [brought, both]

    @hookimpl
    def harnlet_transcript_store(self) -> Any:
        return self.store

    @hookimpl
    def harnlet_cancel_transport(self, cancel: Any) -> Any:
        return ("transport", cancel)

    @hookimpl
    def harnlet_model_providers(self) -> dict[str, Any]:
        return {"echo": lambda request: request}

    @hookimpl
    def harnlet_repl_commands(self) -> dict[str, Any]:
        return {"hello": lambda: "hello"}

    @hookimpl
    def harnlet_cli_commands(self) -> list[Any]:
        return ["a click command"]


class Recorder:
    """A store that keeps batches in a list."""

    def __init__(self) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.deleted: list[str] = []
        self.known: dict[str, dict[str, Any]] = {}

    def load(self, session_id: str) -> dict[str, Any] | None:
        return self.known.get(session_id)

    def append(self, session_id: str, records: Any) -> None:
        self.batches.append(list(records))

    def delete(self, session_id: str) -> None:
        self.deleted.append(session_id)


async def test_tools_of_plugins_can_be_called_and_the_hosts_own_win() -> None:
    async def both() -> str:
        return "by the host"

    host = make_host(both, plugins=[Everything()])
    assert (await host.dispatch("s", call("brought", "c1")))["result"] == "by a plugin"
    assert (await host.dispatch("s", call("both", "c2")))["result"] == "by the host"


async def test_the_end_of_a_call_is_one_batch_for_the_store() -> None:
    plugin = Everything()
    waiting = Waiting()
    host = make_host(waiting.tool, plugins=[plugin])
    running = asyncio.create_task(host.dispatch("s", call("wait")))
    await waiting.started.wait()
    kinds = [[record["event"]["kind"] for record in batch] for batch in plugin.store.batches]
    assert kinds == [["tool_call_start"]], "written before anything of the tool runs"
    await host.cancel("s", "c1")
    await running
    kinds = [[record["event"]["kind"] for record in batch] for batch in plugin.store.batches[1:]]
    assert kinds == [
        ["tool_cancel_request"],
        ["tool_call_end", "tool_result", "tool_cancel_settled", "system_reminder"],
    ]
    host.sessions.close("s")
    assert plugin.store.deleted == ["s"]


def test_what_is_gathered_while_an_interpreter_is_set_up() -> None:
    manager = load([Everything()])
    (modules,) = manager.gather("harnlet_stdlib_modules")
    assert modules[0]["name"] == "mine"
    ((kind, cancel),) = manager.gather("harnlet_cancel_transport", cancel=len)
    assert (kind, cancel) == ("transport", len)
    assert manager.gather("harnlet_model_providers")[0]["echo"](7) == 7
    assert manager.gather("harnlet_repl_commands")[0]["hello"]() == "hello"
    assert manager.gather("harnlet_cli_commands") == [["a click command"]]


def test_a_registry_of_the_hosts_own() -> None:
    from harnlet_plugins.call_registry import ToolCallRegistry

    mine = ToolCallRegistry()

    class Own:
        @hookimpl
        def harnlet_tool_call_registry(self) -> ToolCallRegistry:
            return mine

    assert ToolHost(load([REGISTRY, Own()])).registry is mine
    first, second = ToolHost(load([REGISTRY])), ToolHost(load([REGISTRY]))
    assert first.registry is not second.registry


# -- those who are told ----------------------------------------------------------------------


class Listener:
    """Hears of everything, in its thread."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.settled = threading.Event()

    @hookimpl
    def harnlet_tool_cancel_requested(self, session: str, call: Any, request: Any) -> None:
        self.heard.append(("requested", (session, call, request)))

    @hookimpl
    def harnlet_tool_settled(self, session: str, call: Any, result: Any) -> None:
        self.heard.append(("settled", (session, call, result["status"])))
        self.settled.set()


async def cancelled_with(*plugins: Any) -> None:
    waiting = Waiting("fetch")
    host = make_host(waiting.tool, plugins=plugins)
    running = asyncio.create_task(host.dispatch("s", call("fetch")))
    await waiting.started.wait()
    answer = await host.cancel("s", "c1", "why", actor="repl")
    assert answer["status"] == "cancelled"
    assert (await running)["status"] == "cancelled"


async def test_listeners_are_told_of_requests_and_settlements() -> None:
    listener = Listener()
    await cancelled_with(listener)
    await asyncio.to_thread(listener.settled.wait)
    assert sorted(listener.heard, key=lambda entry: entry[0]) == [
        (
            "requested",
            (
                "s",
                {"id": "c1", "name": "fetch"},
                {
                    "session_id": "s",
                    "call_id": "c1",
                    "tool": "fetch",
                    "status": "cancelled",
                    "actor": "repl",
                    "reason": "why",
                    "inject_reminder": True,
                },
            ),
        ),
        ("settled", ("s", {"id": "c1", "name": "fetch"}, "cancelled")),
    ]


async def test_async_listeners_run_in_the_loop() -> None:
    heard: list[Any] = []

    class Async:
        @hookimpl
        async def harnlet_tool_settled(self, call: Any) -> None:
            await asyncio.sleep(0)
            heard.append((call["id"], threading.current_thread() is threading.main_thread()))

    await cancelled_with(Async())
    await until(lambda: heard)
    assert heard == [("c1", True)]


async def test_a_listener_that_hangs_or_fails_delays_nobody(caplog: pytest.LogCaptureFixture) -> None:
    hung, let_go = threading.Event(), threading.Event()

    class Hanging:
        @hookimpl
        def harnlet_tool_cancel_requested(self) -> None:
            hung.set()
            let_go.wait()

        @hookimpl
        async def harnlet_tool_settled(self) -> None:
            await asyncio.Event().wait()

    class Failing:
        @hookimpl
        def harnlet_tool_cancel_requested(self) -> None:
            raise ValueError("thread")

        @hookimpl
        async def harnlet_tool_settled(self) -> None:
            raise ValueError("loop")

    listener = Listener()
    try:
        await cancelled_with(Hanging(), Failing(), listener)
        await asyncio.to_thread(hung.wait)
        await asyncio.to_thread(listener.settled.wait)
        await rounds()
    finally:
        let_go.set()
    assert "a plugin failed while it was told something" in caplog.text


async def test_an_index_imports_a_module_when_one_of_its_builtins_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_family.py").write_text(
        "from harnlet.runtime.builtin import builtin\n"
        '@builtin("slow.twice(n)", section="")\n'
        "def twice(n: object = None) -> object:\n"
        "    return [n, n]\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    class Slow:
        @hookimpl
        def harnlet_stdlib_modules(self) -> list[dict[str, Any]]:
            return [{"name": "slow", "index": {"slow_family": {"slow.twice": 1, "gone": 0}}}]

    async with Interpreter(plugins=[Slow()]) as harn:
        assert "slow.twice" in harn.builtins()
        assert await harn.run("return len([1])") == 1
        assert "slow_family" not in sys.modules
        assert await harn.run("return slow.twice(5, 6)") == [5, 5]
        with pytest.raises(InternalError, match="slow_family does not declare gone, as its index says"):
            harn.builtins()["gone"]
