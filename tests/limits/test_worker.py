"""`isolation="process"`: the same interpreter, with each run in a process of its own (docs/limits.md#isolation).

All with real processes.
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from harnlet import (
    HarnletError,
    HostCallError,
    Interpreter,
    LimitError,
    Limits,
    ScriptError,
    SourceError,
    UsageError,
    WorkerError,
    hookimpl,
    tool,
)
from harnlet.host import worker_runs
from harnlet.host.worker_child import Child
from harnlet.runtime.builtin import builtin
from harnlet.runtime.console import SilentConsole
from harnlet.session.clock import ManualClock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")
STUCK = "return 3 ** 200000000"
"""Holds Python's lock for minutes."""
LOOSE = Limits(integer_bits=10**10)


@pytest.fixture(autouse=True)
async def nothing_left_behind() -> AsyncIterator[None]:
    """No process and no file descriptor more than before."""
    me = psutil.Process()
    before, open_before = {each.pid for each in me.children()}, me.num_fds()
    yield
    assert {each.pid for each in me.children()} <= before
    for _ in range(10):
        if me.num_fds() <= open_before:
            break
        gc.collect()  # Takes long in a process that has run thousands of tests.
        await asyncio.sleep(0)
    assert me.num_fds() <= open_before


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Child]:
    """The workers, as they are started."""
    started: list[Child] = []
    start = Child.start

    async def noted(whole_environment: bool) -> Child:
        child = await start(whole_environment)
        started.append(child)
        return child

    monkeypatch.setattr(Child, "start", noted)
    return started


def isolated(**options: Any) -> Interpreter:
    return Interpreter(isolation="process", **options)


# --- the same as without --------------------------------------------------------------------------

SCRIPTS = {
    "values": '[nil, true, 1, -1, 2 ** 200, 1.5, 1.0 / 0.0, "é😀\\n", {a: [1], "$": {b: 2}}, 1s, 1 to 3]',
    "more values": '[pair(1, [2]), set(3, 1), Ok({a: 1}), bytes_from_string("ab"), { x -> x }, println]',
    "struct": "struct P { x }\nP { x: 1 }",
    "thrown": "fn f() {\n  throw {a: [1, pair(1, 2)]}\n}\nf()",
    "runtime error": "let xs = [1]\nnil.foo",
    "source errors": "let = 1\nlet tool = 2",
    "unknown name": "no_such_function(1)",
    "steps": "while true {}",
    "integer": "try { 2 ** 5000 } catch e { 1 }",
    "exit": "exit(7)",
    "output limit": 'while true { println("x" * 100) }',
    "caught fault of a builtin of the host": "try { agent_session_length(5) } catch e { e }",
    "fault of a builtin of the host": "agent_session_snapshot([])",
    "tool": 'host_tool_call("add", {a: 1, b: 2}).result',
    "tool that fails": 'host_tool_call("add", {a: 1, b: "x"}).error',
    "own tool": 'tool twice(n: int) -> int { n * 2 }\nhost_tool_call("twice", {n: 21}).result',
    "own tool with a default": 'tool t(a: {x: int} = {x: 1}) { a.x }\nhost_tool_call("t", {}).result',
    "own tool that throws": 'tool bad() { throw "no" }\nhost_tool_call("bad", {}).error',
    "sessions": 'agent_session_inject(agent_session_open("s"), {role: "user", content: "x"})\nagent_session_length("s")',
    "builtin that raises": "broken(1)",
    "builtin that raises, caught": "try { broken(1) } catch e { e }",
    "arguments": "pipeline default(given) { [given, given.d] }",
    "parallel": "parallel each [1, 2, 3] { x -> sleep(1ms)\n x * 2 }",
    "module": 'import { greet } from "./lib"\ngreet("you")',
}


class Broken:
    """A plugin, given as an object: it stays in the host."""

    @hookimpl
    def harnlet_stdlib_modules(self) -> list[Any]:
        @builtin("broken(n)", section="6", effect="system")
        def broken(n: object = None) -> object:
            """Raises."""
            raise KeyError(n)

        return [broken]


@tool
async def add(a: int, b: int) -> int:
    return a + b


async def end_of(source: str, folder: Path, **options: Any) -> tuple[Any, ...]:
    printed: list[str] = []
    limits = Limits(steps=2000, output_bytes=1000, integer_bits=4000)
    plugins = ["harnlet_plugins.tool_calls", Broken()]
    (folder / "lib.harn").write_text('fn greet(who) { return "hello ${who}" }\n')
    file = folder / "main.harn"
    file.write_text(source)
    end: Any
    async with Interpreter(
        output=printed.append, limits=limits, tools=[add], plugins=plugins, **options
    ) as harn:
        try:
            given = {"given": {"a": 2**70, "d": [1, None]}}
            end = await harn.run(source, given, filename=str(file), argv=["x"])
        except HarnletError as error:
            value = error.value if isinstance(error, ScriptError) else None
            cause = repr(error.__cause__) if isinstance(error, HostCallError) else None
            end = (type(error), error.message, error.render(), value, cause)
    return end, "".join(printed)


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS.keys())
async def test_a_run_ends_as_it_would_without_isolation(source: str, tmp_path: Path) -> None:
    alone = await end_of(source, tmp_path, isolation="process")
    beside = await end_of(source, tmp_path)
    if source == SCRIPTS["output limit"]:
        assert alone[0][:1] == beside[0][:1] == (LimitError,)
    else:
        assert alone == beside


async def test_programs_and_inline_code() -> None:
    ends: list[Any] = []
    async with isolated() as harn:
        program = harn.compile("pipeline default(n) { n * 2 }")
        inline = harn.compile("6 * 7", inline=True)
        ends += await asyncio.gather(harn.run(program, {"n": 4}), harn.run(inline))
    assert ends == [8, 42]


def test_sync() -> None:
    assert isolated().run_sync("return 1 + 1") == 2


async def test_the_error_of_a_function_of_the_host_keeps_its_cause() -> None:
    async with isolated(plugins=[Broken()]) as harn:
        with pytest.raises(HostCallError) as caught:
            await harn.run("broken(1)")
    assert isinstance(caught.value.__cause__, KeyError)


async def test_hooks_are_the_hosts() -> None:
    class Denying:
        @hookimpl
        def harnlet_before_tool_call(self, session: str, call: dict[str, Any]) -> dict[str, Any]:
            return {"deny": f"not {call['name']}"}

    async with isolated(plugins=[Denying()], tools=[add]) as harn:
        result = await harn.run('return host_tool_call("add", {a: 1, b: 2})')
    assert result["ok"] is False
    assert "not add" in result["error"]


async def test_the_transcript_is_the_hosts() -> None:
    async with isolated(tools=[add]) as harn:
        await harn.run('host_tool_call("add", {a: 1, b: 2}, {id: "c1"})', session="chat")
        (message,) = harn.transcript("chat")["messages"]
    assert message["role"] == "tool_result"


async def test_output_comes_while_the_script_runs() -> None:
    printed, went_on = asyncio.Event(), asyncio.Event()

    @tool
    async def wait() -> str:
        await printed.wait()
        went_on.set()
        return "done"

    async with isolated(tools=[wait], output=lambda text: printed.set()) as harn:
        assert await harn.run('println("x")\nreturn host_tool_call("wait", {}).result') == "done"
    assert went_on.is_set()


async def test_the_console_is_the_hosts() -> None:
    class Console(SilentConsole):
        def __init__(self) -> None:
            self.errors: list[str] = []

        def write_error(self, text: str) -> None:
            self.errors.append(text)

        async def read_line(self) -> str | None:
            return "typed"

    console = Console()
    async with isolated(console=console) as harn:
        assert await harn.run('eprintln("e")\nreturn read_line()') == "typed"
    assert console.errors == ["e\n"]


# --- what cannot travel ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "what"), [("{ x -> x }", "closure"), ("[1, {a: channel(1)}]", "channel"), ("println", "builtin")]
)
async def test_functions_and_handles_stay_where_they_are(value: str, what: str) -> None:
    async with isolated(plugins=[Broken()]) as harn:
        with pytest.raises(ScriptError, match=f"broken: a {what} cannot leave the process"):
            await harn.run(f"broken({value})")


async def test_a_value_that_is_too_large_or_too_deep_to_leave() -> None:
    async with isolated() as harn:
        with pytest.raises(WorkerError, match="too large to leave its process"):
            await harn.run('return "x" * 20000000')
        with pytest.raises(WorkerError, match="nested deeper than"):
            await harn.run("var xs = []\nfor i in 1 to 400 { xs = [xs] }\nreturn xs")
        assert await harn.run("return 1") == 1


async def test_a_tool_of_a_script_that_has_ended() -> None:
    async with isolated() as harn:
        await harn.run("tool t() { 1 }")
        result = await harn.dispatch_tool_call("", {"name": "t", "arguments": {}})
    assert (result["status"], result["error"]) == ("error", "the worker process of this tool has ended")


def test_what_goes_together() -> None:
    with pytest.raises(UsageError, match="unknown isolation 'thread'"):
        Interpreter(isolation="thread")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="cannot be combined with a clock"):
        isolated(clock=ManualClock())
    with pytest.raises(UsageError, match=r"memory_bytes=\.\.\.\) needs isolation='process'"):
        Interpreter(limits=Limits(memory_bytes=1))


# --- stopping -------------------------------------------------------------------------------------


async def test_a_tool_call_in_flight_can_be_cancelled() -> None:
    started, ended = asyncio.Event(), asyncio.Event()

    @tool
    async def stuck() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with isolated(tools=[stuck]) as harn:
        running = asyncio.create_task(
            harn.run('return host_tool_call("stuck", {}, {id: "c1"}).status', session="s")
        )
        await started.wait()
        answer = await harn.cancel_tool_call("s", "c1", "enough")
        assert (answer["status"], answer["outcome"]) == ("cancelled", "stopped")
        assert await running == "cancelled"
    assert ended.is_set()


async def test_a_script_cancels_a_call_of_its_own() -> None:
    @tool
    async def stuck() -> None:
        await asyncio.Event().wait()

    source = """
    let call = spawn { host_tool_call("stuck", {}, {id: "c1"}) }
    while in_flight_tool_calls("s").count == 0 { sleep(1ms) }
    let answer = cancel_in_flight_tool_call("s", "c1", "no")
    return [answer.status, await(call).status]
    """
    async with isolated(tools=[stuck]) as harn:
        assert await harn.run(source, session="s") == ["cancelled", "cancelled"]


async def test_a_call_of_a_scripts_own_tool_can_be_cancelled() -> None:
    printed: list[str] = []
    begun = asyncio.Event()

    def output(text: str) -> None:
        printed.append(text)
        begun.set()

    source = """
    tool slow() { try { println("begun")
      sleep(1h) } finally { println("cleaned up") } }
    return host_tool_call("slow", {}, {id: "c1"}).status
    """
    async with isolated(output=output) as harn:
        running = asyncio.create_task(harn.run(source, session="s"))
        await begun.wait()
        assert (await harn.cancel_tool_call("s", "c1"))["outcome"] == "stopped"
        assert await running == "cancelled"
    assert printed == ["begun\n", "cleaned up\n"]


@pytest.mark.parametrize("wait", ["while true {}", "sleep(1h)", 'host_tool_call("stuck", {})'])
async def test_cancelling_a_run_runs_finally(wait: str) -> None:
    called, ended = asyncio.Event(), asyncio.Event()

    @tool
    async def stuck() -> None:
        called.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    printed: list[str] = []
    begun = asyncio.Event()

    def output(text: str) -> None:
        printed.append(text)
        begun.set()

    async with isolated(output=output, tools=[stuck]) as harn:
        source = f'try {{ println("begun")\n{wait} }} finally {{ println("finally") }}'
        running = asyncio.create_task(harn.run(source))
        await begun.wait()
        if "stuck" in wait:
            await called.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert printed == ["begun\n", "finally\n"]
    assert ended.is_set() == ("stuck" in wait)


async def test_what_cannot_hear_is_killed(monkeypatch: pytest.MonkeyPatch, children: list[Child]) -> None:
    monkeypatch.setattr(worker_runs, "GRACE_SECONDS", 0.1)
    begun = asyncio.Event()
    async with isolated(limits=LOOSE, output=lambda text: begun.set()) as harn:
        running = asyncio.create_task(harn.run(f'println("begun")\n{STUCK}'))
        await begun.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert children[0].status == -signal.SIGKILL


async def test_the_host_keeps_the_time_of_what_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_runs, "GRACE_SECONDS", 0.1)
    async with isolated(limits=Limits(integer_bits=10**10, seconds=2)) as harn:
        with pytest.raises(LimitError) as caught:
            await harn.run(STUCK)
    assert (caught.value.limit, caught.value.cap) == ("seconds", 2)


async def test_closing_the_interpreter_ends_its_workers(children: list[Child]) -> None:
    begun = asyncio.Event()
    harn = isolated(output=lambda text: begun.set())
    running = asyncio.create_task(harn.run('println("begun")\nwhile true {}'))
    await begun.wait()
    await harn.aclose()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert children[0].status is not None


# --- dying ----------------------------------------------------------------------------------------


async def test_a_worker_that_dies_is_an_error_for_its_script_alone(children: list[Child]) -> None:
    begun = {name: asyncio.Event() for name in ("first", "second")}
    go_on = asyncio.Event()

    @tool
    async def meet(name: str) -> str:
        begun[name].set()
        await go_on.wait()
        return name

    async with isolated(tools=[meet]) as harn:
        first = asyncio.create_task(harn.run('return host_tool_call("meet", {name: "first"}).result'))
        await begun["first"].wait()
        second = asyncio.create_task(harn.run('return host_tool_call("meet", {name: "second"}).result'))
        await begun["second"].wait()
        os.kill(children[0].pid, signal.SIGKILL)
        with pytest.raises(WorkerError) as caught:
            await first
        go_on.set()
        assert await second == "second"
        assert await harn.run("return 3") == 3
        assert harn.in_flight_tool_calls() == []
    assert str(caught.value) == "the worker process died (signal SIGKILL)"
    assert caught.value.code == "HRN-0502"


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS is kept by Linux")
@pytest.mark.parametrize(
    "source",
    [
        'var xs = []\nvar i = 0\nwhile true { i = i + 1\nxs = xs.push("${i}" * 100000) }',
        "var xs = [1]\nwhile true { xs = [xs, (1 to 1000000).to_list()] }",
        'var s = "ab"\nvar all = []\nwhile true { all = all.push(s)\ns = "${s}${s}" }',
        'try { (1 to 15000000).to_list().map({ x -> "${x}" }) } catch e { return 1 } finally { println(2) }',
    ],
)
async def test_a_memory_bomb(source: str) -> None:
    async with isolated(limits=Limits(memory_bytes=64_000_000)) as harn:
        with pytest.raises(LimitError) as caught:
            await harn.run(source)
        assert (caught.value.limit, caught.value.cap) == ("memory_bytes", 64_000_000)
        assert await harn.run("return 1") == 1


# --- many, and clean ------------------------------------------------------------------------------


async def test_many_workers(children: list[Child]) -> None:
    async with isolated(tools=[add]) as harn:
        source = 'pipeline default(n) { host_tool_call("add", {a: n, b: 1}).result }'
        assert await asyncio.gather(*(harn.run(source, {"n": n}) for n in range(6))) == [*range(1, 7)]
    assert len({child.pid for child in children}) == 6


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_the_environment_stays_behind(
    monkeypatch: pytest.MonkeyPatch, children: list[Child]
) -> None:
    monkeypatch.setenv("HARNLET_CANARY", "canary-4711")
    environments: list[bytes] = []

    @tool
    def look() -> None:
        environments.append(Path(f"/proc/{children[-1].pid}/environ").read_bytes())

    for capabilities in ("none", "environment"):
        async with isolated(tools=[look], capabilities=capabilities) as harn:
            await harn.run('host_tool_call("look", {})')
    assert b"canary-4711" not in environments[0]
    assert b"canary-4711" in environments[1]


async def test_a_script_that_is_no_source() -> None:
    async with isolated() as harn:
        with pytest.raises(SourceError) as caught:
            await harn.run("let = 1\nlet tool = 2", filename="a.harn")
    assert [(each.filename, each.line) for each in caught.value.diagnostics] == [("a.harn", 1), ("a.harn", 2)]
