"""Coroutines of the host begin in the script's own greenlet, and go on in that of the loop when they suspend:
neither they nor the script can tell (docs/architecture.md#async)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import pytest

from harnlet import DEFAULT_PLUGINS, Interpreter, ScriptError, hookimpl
from harnlet.errors.faults import Thrown
from harnlet.errors.hierarchy import UsageError
from harnlet.runtime.builtin import builtin
from harnlet.sched.first_step import Steps, Suspended

MARK: ContextVar[str] = ContextVar("mark", default="nothing")


class Host:
    """Async builtins that a test fills in: `host(n)` in a run calls `does(n)`."""

    does: Callable[[Any], Awaitable[Any]]

    @hookimpl
    def harnlet_stdlib_modules(self) -> list[dict[str, object]]:
        @builtin("host(value?)", section="", effect="suspends")
        async def host(value: object = None) -> object:
            """Whatever the test says."""
            return await self.does(value)

        @builtin("host_waits(value?)", section="", effect="suspends", context=True)
        async def host_waits(rt: Any, value: object = None) -> object:
            """Waits as only a script may."""
            return rt.wait(self.does(value))

        @builtin("host_runs(function)", section="", effect="suspends", context=True)
        async def host_runs(rt: Any, function: Any = None) -> object:
            """Runs script code as a run of its own, in the asyncio task of the caller."""
            return await rt.scheduler.run(rt.scheduler.new_task("inner"), function)

        return [{"name": "host", "builtins": [host, host_waits, host_runs]}]


@pytest.fixture
def host() -> Host:
    return Host()


def interpreter(host: Host) -> Interpreter:
    return Interpreter(plugins=[*DEFAULT_PLUGINS, host])


async def value_of(host: Host, source: str) -> Any:
    """What a script gives that calls the host."""
    async with interpreter(host) as harn:
        return await harn.run(source)


@pytest.mark.parametrize(
    "source",
    ["host()\nhost()", "await(spawn { host() })", "parallel 2 { _ -> host() }", "sleep(0)\nhost()"],
)
def test_the_current_task_is_the_same_before_and_after(host: Host, source: str) -> None:
    seen: list[Any] = []

    async def does(_: Any) -> int:
        before = asyncio.current_task()
        async with asyncio.timeout(10):
            await asyncio.sleep(0)
        seen.append(before)
        assert before is not None
        assert before is asyncio.current_task()
        return 1

    host.does = does
    asyncio.run(value_of(host, source))
    assert seen


def test_context_variables_are_those_of_the_run(host: Host) -> None:
    seen: list[str] = []

    async def does(value: Any) -> None:
        seen.append(MARK.get())
        MARK.set(f"ready {value}")
        if value == 2:
            await asyncio.sleep(0)
            seen.append(MARK.get())
            MARK.set("suspended")

    async def main() -> None:
        MARK.set("caller")
        host.does = does
        await value_of(host, "host(1)\nhost(2)\nhost(3)")

    asyncio.run(main())
    assert seen == ["caller", "ready 1", "ready 2", "suspended"]


def test_values_and_errors_at_once_and_later(host: Host) -> None:
    async def does(value: Any) -> Any:
        if value["late"]:
            await asyncio.sleep(0)
        if value["fails"]:
            raise Thrown(f"no {value['n']}")
        return [value["n"]]

    host.does = does
    source = """
        var found = []
        for n in 0 to 12 exclusive {
          try {
            found = found.push(host({n: n, late: n % 2 == 0, fails: n % 3 == 0}))
          } catch (e) {
            found = found.push("caught " + to_string(n))
          }
        }
        return found
    """
    expected = [f"caught {n}" if n % 3 == 0 else [n] for n in range(12)]
    assert asyncio.run(value_of(host, source)) == expected


def test_calls_that_are_ready_do_not_keep_the_loop(host: Host) -> None:
    async def does(value: Any) -> Any:
        return value

    async def main() -> None:
        host.does = does
        async with interpreter(host) as harn:
            run = asyncio.create_task(harn.run("while true { host(1) }"))
            for _ in range(20):
                await asyncio.sleep(0)
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            with pytest.raises(ScriptError, match="Deadline exceeded"):
                await harn.run("deadline 20ms { while true { host(1) } }")

    asyncio.run(main())


def test_a_cancellation_reaches_what_has_suspended(host: Host) -> None:
    steps: list[str] = []
    begun = asyncio.Event()

    async def does(_: Any) -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            steps.append("cancelled")
            await asyncio.sleep(0)
            raise
        finally:
            steps.append("cleaned")

    async def main() -> None:
        host.does = does
        async with interpreter(host) as harn:
            run = asyncio.create_task(harn.run("host()"))
            await begun.wait()
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run

    asyncio.run(main())
    assert steps == ["cancelled", "cleaned"]


def test_a_deadline_interrupts_what_has_suspended(host: Host) -> None:
    steps: list[str] = []

    async def does(_: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("cleaned")

    host.does = does
    source = 'try { deadline 10ms { host() } } catch (e) { return "late" }'
    assert asyncio.run(value_of(host, source)) == "late"
    assert steps == ["cleaned"]


def test_a_coroutine_may_run_scripts(host: Host) -> None:
    async def main() -> Any:
        async with interpreter(host) as harn, interpreter(host) as other:

            async def does(depth: Any) -> Any:
                if depth == 0:
                    return ["bottom"]
                if depth % 2:
                    await asyncio.sleep(0)
                inner = harn if depth % 3 else other
                script = (
                    "sleep(0)\nlet a = host(arg)\nsleep(0)\nlet b = await(spawn { host(0) })\nreturn a + b"
                )
                return await inner.run(script.replace("arg", str(depth - 1)))

            host.does = does
            return await harn.run("return [host(6), host(5), host(0)]")

    bottom = "bottom"
    assert asyncio.run(main()) == [[bottom] * 7, [bottom] * 6, [bottom]]


def test_a_coroutine_may_run_script_code_in_its_own_task(host: Host) -> None:
    source = """
        fn inner(n) {
          sleep(0)
          if n == 0 { return [] }
          let before = host_runs({ -> inner(n - 1) })
          sleep(0)
          return before.push(n)
        }
        return [host_runs({ -> inner(5) }), host_runs({ -> 7 })]
    """
    assert asyncio.run(value_of(host, source)) == [[1, 2, 3, 4, 5], 7]


def test_only_the_script_itself_can_wait(host: Host) -> None:
    async def does(value: Any) -> Any:
        return value

    host.does = does
    with pytest.raises(UsageError, match="only code that runs in a script's task can wait"):
        asyncio.run(value_of(host, "host_waits(1)"))


def test_what_is_left_of_a_coroutine() -> None:
    said: list[str] = []

    async def ready() -> str:
        return "ready"

    async def suspends() -> str:
        try:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        except KeyError:
            await asyncio.sleep(0)
            return "told"
        finally:
            said.append("cleaned")
        return "waited"

    steps = Steps()
    left = [steps.take(suspends()) for _ in range(4)]
    assert steps.take(ready()) == "ready"
    assert all(type(each) is Suspended for each in left)
    waiting = left[0].__await__()
    assert [next(waiting), next(waiting)] == [None, None]
    with pytest.raises(StopIteration, match="waited"):
        next(waiting)
    told = left[1].__await__()
    next(told)
    assert told.throw(KeyError()) is None
    with pytest.raises(StopIteration, match="told"):
        next(told)
    assert said == ["cleaned"] * 2
    left[2].close()  # Nobody will await it.
    assert said == ["cleaned"] * 3
    closed = left[3].__await__()
    next(closed)
    closed.close()
    assert said == ["cleaned"] * 4
    assert steps.take(ready()) == "ready"
