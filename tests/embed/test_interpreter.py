"""The embedding API: `Interpreter`, its errors and its limits (docs/architecture.md, README.md)."""

import asyncio
import io
import pickle
import threading
from typing import Any

import pytest

from harnlet import (
    HostCallError,
    Interpreter,
    LimitError,
    Limits,
    ScriptError,
    SourceError,
    UsageError,
    hookimpl,
    tool,
)
from harnlet.runtime.builtin import builtin


async def run(source: str, **options: Any) -> Any:
    async with Interpreter(**options) as harn:
        return await harn.run(source)


async def test_a_program_gives_its_value_as_host_data() -> None:
    assert await run("return {b: [1, 2.5, nil], a: {x: true}}") == {"a": {"x": True}, "b": [1, 2.5, None]}
    assert await run("pipeline main() { 6 * 7 }") == 42
    assert await run("let x = 1") is None


async def test_arguments_are_bound_by_name_to_the_parameters_of_the_pipeline() -> None:
    async with Interpreter() as harn:
        program = harn.compile('pipeline default(task, mode) { "${task}/${mode}" }')
        assert await harn.run(program, args={"task": "build", "ignored": 1}) == "build/nil"
        assert await harn.run(program, args={"task": "test", "mode": "fast"}) == "test/fast"


async def test_changing_an_argument_in_the_script_leaves_the_hosts_alone() -> None:
    given = {"items": [1, 2]}
    source = "pipeline main(given) { var g = given\n g.items[0] = 9\n g }"
    assert await run_with(source, {"given": given}) == {"items": [9, 2]}
    assert given == {"items": [1, 2]}


async def run_with(source: str, args: dict[str, Any]) -> Any:
    async with Interpreter() as harn:
        return await harn.run(source, args=args)


def test_run_sync_runs_without_a_loop() -> None:
    assert Interpreter().run_sync("return 1 + 1") == 2


async def test_run_sync_refuses_to_run_inside_a_loop() -> None:
    with pytest.raises(UsageError, match="run_sync cannot be called inside a running event loop"):
        Interpreter().run_sync("return 1")


async def test_output_goes_to_a_function_or_a_stream() -> None:
    parts: list[str] = []
    await run('println("a")\nprint("b")', output=parts.append)
    assert parts == ["a\n", "b"]
    stream = io.StringIO()
    await run('println("a")', output=stream)
    assert stream.getvalue() == "a\n"


async def test_a_syntax_error_has_its_place() -> None:
    with pytest.raises(SourceError) as caught:
        await run("let x = (1 +")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.line, diagnostic.filename) == (1, "<script>")
    assert caught.value.render().startswith("error: unexpected end of file, expected expression\n")


async def test_an_uncaught_error_has_place_frames_and_value() -> None:
    source = 'fn inner(x) {\n  throw {kind: "broken", x: x}\n}\nfn outer() {\n  inner(5)\n}\nouter()\n'
    with pytest.raises(ScriptError) as caught:
        await run(source)
    error = caught.value
    assert error.value == {"kind": "broken", "x": 5}
    assert error.message == "Thrown: {kind: broken, x: 5}"
    assert error.render() == (
        "error: Thrown: {kind: broken, x: 5}\n"
        "  --> <script>:2:3\n"
        "   |\n"
        ' 2 |   throw {kind: "broken", x: x}\n'
        "   |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  = note: called from outer at <script>:5\n"
        "  = note: called from pipeline at <script>:7\n"
    )


async def test_errors_survive_pickling() -> None:
    for source in ("let x = (", "1 / 0", "nope()"):
        with pytest.raises((ScriptError, SourceError)) as caught:
            await run(source)
        again = pickle.loads(pickle.dumps(caught.value))
        assert (type(again), str(again), again.diagnostics, again.code) == (
            type(caught.value),
            str(caught.value),
            caught.value.diagnostics,
            caught.value.code,
        )


class Failing:
    @hookimpl
    def harnlet_stdlib_modules(self) -> list[Any]:
        @builtin("fail(text)", section="")
        def fail(text: object = None) -> object:
            """Raise a Python exception."""
            raise LookupError(str(text))

        return [{"name": "failing", "builtins": [fail]}]


async def test_an_exception_of_the_host_keeps_its_cause() -> None:
    with pytest.raises(HostCallError, match="LookupError: no such row") as caught:
        await run('fail("no such row")', plugins=[Failing()])
    assert isinstance(caught.value.__cause__, LookupError)


async def test_a_script_can_catch_an_exception_of_the_host() -> None:
    source = 'try { fail("x") } catch (e) { return e }'
    assert await run(source, plugins=[Failing()]) == "Runtime error: LookupError: x"


async def test_without_the_plugin_the_builtin_names_it() -> None:
    with pytest.raises(SourceError) as caught:
        await run('cancel_in_flight_tool_call("s", "c")', plugins=[])
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "HRN-0601"
    assert "harnlet_plugins.tool_calls" in diagnostic.message


@pytest.mark.parametrize("source", ["while true { }", "fn f(n) { return f(n + 1) }\nf(0)"])
async def test_a_hot_script_can_be_cancelled_and_lets_others_run(source: str) -> None:
    async with Interpreter() as harn:
        running = asyncio.create_task(harn.run(source))
        turns = 0
        while turns < 3:
            await asyncio.sleep(0)
            turns += 1
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await harn.run("return 1") == 1


async def test_finally_and_defer_run_when_a_run_is_cancelled() -> None:
    printed: list[str] = []
    source = """
    defer { println("deferred") }
    try { println("waiting")
      sleep(1h) } catch (e) { println("caught") } finally { println("finally") }
    """
    waiting = asyncio.Event()

    def write(text: str) -> None:
        printed.append(text)
        waiting.set()

    async with Interpreter(output=write) as harn:
        running = asyncio.create_task(harn.run(source))
        await waiting.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert printed == ["waiting\n", "finally\n", "deferred\n"]


async def test_the_time_limit_stops_loops_and_waits_and_cannot_be_caught() -> None:
    for body in ("while true { }", "sleep(1h)"):
        async with Interpreter(limits=Limits(seconds=0.05)) as harn:
            with pytest.raises(LimitError) as caught:
                await harn.run(f"try {{ {body} }} catch (e) {{ return 1 }}")
            assert (caught.value.limit, caught.value.cap) == ("seconds", 0.05)
            assert await harn.run("return 2") == 2


async def test_the_limits_of_output_and_tasks() -> None:
    with pytest.raises(LimitError, match="output_bytes"):
        await run('while true { println("xxxxxxxxx") }', limits=Limits(output_bytes=1000))
    with pytest.raises(LimitError, match="tasks"):
        await run("for i in 1 to 10 { spawn { sleep(1h) } }", limits=Limits(tasks=5))


async def test_no_task_outlives_its_run() -> None:
    before = asyncio.all_tasks()
    async with Interpreter() as harn:
        await harn.run("spawn { sleep(1h) }\nspawn { while true { } }\nreturn 1")
        assert asyncio.all_tasks() == before


async def test_unknown_capabilities_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown capability 'disk'"):
        Interpreter(capabilities={"disk"})


async def test_processes_need_their_capability() -> None:
    with pytest.raises(ScriptError, match="processes"):
        await run('shell("true")', capabilities={"files"})
    assert await run('return shell("true").success', capabilities={"processes"}) is True


def endless() -> tuple[asyncio.Event, Any]:
    """An event for "it has started", and a tool that never ends by itself."""
    started = asyncio.Event()

    @tool
    async def forever() -> str:
        """Never ends by itself."""
        started.set()
        await asyncio.Event().wait()
        return "never"

    return started, forever


@tool
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


async def test_dispatch_and_cancel_from_the_host() -> None:
    started, forever = endless()
    async with Interpreter(tools=[forever, add]) as harn:
        session = harn.sessions.open("s")
        assert session.id == "s"
        done = await harn.dispatch_tool_call("s", {"id": "sum", "name": "add", "arguments": {"a": 2}})
        assert (done["ok"], done["status"], done["result"]) == (True, "ok", 3)
        running = asyncio.create_task(
            harn.dispatch_tool_call("s", {"id": "long", "name": "forever", "arguments": {}})
        )
        await started.wait()
        assert [call["call_id"] for call in harn.in_flight_tool_calls("s")] == ["long"]
        answer = await harn.cancel_tool_call("s", "long", reason="enough")
        result = await running
    assert list(answer)[:4] == ["status", "call_id", "tool", "reason"]
    assert answer["status"] == "cancelled"
    assert (result["status"], result["cancellation_reason"]) == ("cancelled", "enough")


async def test_cancel_from_another_thread() -> None:
    started, forever = endless()
    async with Interpreter(tools=[forever]) as harn:
        harn.sessions.open("s")
        running = asyncio.create_task(
            harn.dispatch_tool_call("s", {"id": "long", "name": "forever", "arguments": {}})
        )
        await started.wait()
        assert [call["call_id"] for call in harn.in_flight_tool_calls("s")] == ["long"]
        answers: list[dict[str, Any]] = []

        def stop() -> None:
            answers.append(harn.cancel_tool_call_threadsafe("s", "long", reason="from a thread").result(20))

        thread = threading.Thread(target=stop)
        thread.start()
        result = await running
        await asyncio.to_thread(thread.join)
    assert answers[0]["status"] == "cancelled"
    assert result["cancellation_reason"] == "from a thread"


async def test_a_tool_of_the_script_is_stopped_in_a_hot_loop() -> None:
    source = """
    tool spin(times: int = 3) -> int {
      description "Spins."
      try { while true { } } finally { println("unwound") }
    }
    let work = spawn { host_tool_call("spin", {}, {id: "c1", session_id: "s"}) }
    sleep(10ms)
    let answer = cancel_in_flight_tool_call("s", "c1", "hot")
    return {answer: answer, result: await(work)}
    """
    printed: list[str] = []
    seen = await run(source, output=printed.append)
    assert seen["answer"]["status"] == "cancelled"
    assert seen["answer"]["outcome"] == "stopped"
    assert seen["result"]["status"] == "cancelled"
    assert printed == ["unwound\n"]


async def test_many_interpreters_share_a_program() -> None:
    first, second = Interpreter(), Interpreter()
    program = first.compile("var n = 0\nn = n + 1\nreturn n")
    async with first, second:
        assert await asyncio.gather(*(harn.run(program) for harn in (first, second) * 5)) == [1] * 10
