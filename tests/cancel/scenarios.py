"""Small worlds of tool calls, for trying what happens when something comes in between.

Each scenario dispatches calls in session `s` and waits for them. `World` remembers what the tools did, so
that afterwards everything that was said can be compared with what happened (`invariants.py`).
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cancel.support import REGISTRY
from harnlet import Interpreter
from harnlet.plugins import hookimpl, load
from harnlet.session.clock import ManualClock
from harnlet.session.ids import CountingIds
from harnlet.tools.command_execution import CommandLine, command_tool
from harnlet.tools.current import current_call
from harnlet.tools.declaration import closure_tool, tool
from harnlet.tools.host import ToolHost


class World:
    """One host, and what its tools did. `began`, `left` and `ended` count by call id: the first line, the
    way out by whatever door, the return of a value."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.began: Counter[str] = Counter()
        self.left: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.undone: Counter[str] = Counter()
        self.dispatched: dict[str, asyncio.Task[Any]] = {}
        self.host = ToolHost(load([REGISTRY]), clock=clock, ids=CountingIds())

    def set_up(self, *tools: Any, plugins: tuple[Any, ...] = (), **options: Any) -> None:
        """Give the host its tools and plugins."""
        self.host = ToolHost(
            load([REGISTRY, *plugins]), tools=tools, clock=self.clock, ids=CountingIds(), **options
        )

    @contextmanager
    def body(self) -> Iterator[str]:
        """Around the code of a tool."""
        here = current_call()
        assert here is not None
        self.began[here.call_id] += 1
        try:
            yield here.call_id
            self.ended[here.call_id] += 1
        finally:
            self.left[here.call_id] += 1

    def start(self, name: str, call_id: str, **options: Any) -> None:
        """Dispatch a call in a task of its own."""
        call = {"id": call_id, "name": name}
        self.dispatched[call_id] = asyncio.get_running_loop().create_task(
            self.host.dispatch("s", call, **options)
        )

    async def finish(self) -> None:
        """Wait for all that was started."""
        if self.dispatched:
            await asyncio.wait(set(self.dispatched.values()))


@dataclass(frozen=True)
class Scenario:
    """`run` sets up the world and starts calls; `targets` are the ids of those that may be hit.

    `outside`: threads or processes take part, so the steps differ from run to run, and this is how many seconds
    they get to say something before the clock is moved on; `elsewhere`: what the tools did, the world cannot tell. `slow` ones are for soaks.
    """

    name: str
    targets: tuple[str, ...]
    run: Callable[[World], Awaitable[None]]
    outside: float = 0.0
    slow: bool = False
    elsewhere: bool = False


SCENARIOS: list[Scenario] = []


def scenario(
    *targets: str, outside: float = 0.0, slow: bool = False, elsewhere: bool = False
) -> Callable[[Callable[[World], Awaitable[None]]], Callable[[World], Awaitable[None]]]:
    """Declare a scenario under the name of its function."""

    def declare(run: Callable[[World], Awaitable[None]]) -> Callable[[World], Awaitable[None]]:
        SCENARIOS.append(Scenario(run.__name__, targets, run, outside, slow, elsewhere))
        return run

    return declare


async def turns(count: int) -> None:
    """So many steps of a task."""
    for _ in range(count):
        await asyncio.sleep(0)


@scenario("c1", "c2")
async def two_async_tools(world: World) -> None:
    async def work() -> str:
        with world.body():
            try:
                await turns(2)
            finally:
                await turns(1)
            return "done"

    world.set_up(work)
    world.start("work", "c1")
    world.start("work", "c2")
    await world.finish()


@scenario("c1")
async def a_tool_that_fails(world: World) -> None:
    async def work() -> None:
        with world.body():
            await turns(2)
            raise ValueError("as it must")

    world.set_up(work)
    world.start("work", "c1")
    await world.finish()


@scenario("c1")
async def a_tool_that_swallows_the_cancel(world: World) -> None:
    @tool(grace_ms=100)
    async def work() -> str:
        with world.body():
            waited = world.clock.monotonic_ms() + 300
            while world.clock.monotonic_ms() < waited:
                try:
                    await world.clock.sleep(waited - world.clock.monotonic_ms())
                except asyncio.CancelledError:
                    continue
            return "all the same"

    world.set_up(work)
    world.start("work", "c1")
    await world.finish()
    await world.clock.sleep(400)


@scenario("c1", "c2", "c3")
async def a_batch_one_at_a_time(world: World) -> None:
    async def work() -> str:
        with world.body():
            await turns(2)
            return "done"

    world.set_up(work)
    calls = [{"id": f"c{number}", "name": "work"} for number in (1, 2, 3)]
    batch = asyncio.get_running_loop().create_task(world.host.dispatch_batch("s", calls))
    world.dispatched["c1"] = world.dispatched["c2"] = world.dispatched["c3"] = batch
    await world.finish()


class Gates:
    """A plugin with every gate and every listener, each of which takes a while."""

    def __init__(self, world: World) -> None:
        self.world = world

    @hookimpl
    async def harnlet_approve_tool_call(self, call: dict[str, Any]) -> Any:
        await turns(1)
        return {"approved": call["id"] != "refused", "arguments": {"by": "approval"}}

    @hookimpl
    async def harnlet_before_tool_call(self) -> Any:
        await turns(1)
        return {"arguments": {"by": "hook"}}

    @hookimpl
    async def harnlet_after_tool_call(self) -> Any:
        await turns(2)
        return {"rendered_result": "by the hook"}

    @hookimpl
    async def harnlet_tool_settled(self) -> None:
        await turns(1)
        raise RuntimeError("nobody is to be bothered")


@scenario("c1", "refused")
async def approval_and_hooks(world: World) -> None:
    async def work(by: str) -> str:
        with world.body():
            await turns(1)
            return by

    world.set_up(work, plugins=(Gates(world),))
    world.start("work", "c1")
    world.start("work", "refused")
    await world.finish()


@scenario("c1")
async def a_deadline(world: World) -> None:
    async def work() -> str:
        with world.body():
            await world.clock.sleep(30)
            return "in time"

    world.set_up(work)
    world.start("work", "c1", timeout_ms=20)
    await world.finish()


@scenario("c1")
async def a_deadline_that_comes_with_the_end(world: World) -> None:
    async def work() -> str:
        with world.body():
            await world.clock.sleep(20)
            return "in time"

    world.set_up(work)
    world.start("work", "c1", timeout_ms=20)
    await world.finish()


@scenario("c1")
async def a_critical_section(world: World) -> None:
    async def work() -> str:
        here = current_call()
        assert here is not None
        with world.body():
            await turns(1)
            async with here.shield(cap_ms=50):
                await turns(1)
                here.record_change("file")
                async with here.shield(cap_ms=500):
                    await turns(1)
            await turns(1)
            return "done"

    world.set_up(work)
    world.start("work", "c1")
    await world.finish()


@scenario("c1")
async def a_critical_section_beyond_its_cap(world: World) -> None:
    async def work() -> str:
        here = current_call()
        assert here is not None
        with world.body():
            async with here.shield(cap_ms=20):
                await world.clock.sleep(40)
            return "done"

    world.set_up(work)
    world.start("work", "c1", timeout_ms=100)
    await world.finish()


@scenario("outer", "inner1", "inner2")
async def parent_and_children(world: World) -> None:
    async def inner() -> str:
        with world.body():
            try:
                await turns(2)
            finally:
                await turns(1)
            return "inner"

    async def outer() -> list[Any]:
        with world.body():
            return await asyncio.gather(
                *(world.host.dispatch("s", {"id": f"inner{n}", "name": "inner"}) for n in (1, 2))
            )

    world.set_up(inner, outer)
    world.start("outer", "outer")
    await world.finish()


@scenario("c1", "c2")
async def a_call_that_cancels_itself_and_its_neighbour(world: World) -> None:
    async def work() -> None:
        with world.body() as call_id:
            await turns(1)
            await world.host.cancel("s", call_id, "myself")
            await world.host.cancel("s", "c2" if call_id == "c1" else "c1", "my neighbour")
            await turns(3)

    world.set_up(work)
    world.start("work", "c1")
    world.start("work", "c2")
    await world.finish()


@scenario("c1")
async def a_tool_with_an_undo(world: World) -> None:
    async def undo(arguments: dict[str, Any], changed: list[str]) -> None:
        await turns(2)
        world.undone["c1"] += 1

    @tool(undo=undo)
    async def work() -> str:
        here = current_call()
        assert here is not None
        with world.body():
            here.record_change("a")
            await turns(2)
            return "done"

    world.set_up(work)
    world.start("work", "c1")
    await world.finish()


@scenario("c1")
async def a_passed_on_call(world: World) -> None:
    """What closures of scripts and tools that live elsewhere are made with."""

    async def elsewhere(arguments: dict[str, Any]) -> str:
        with world.body():
            await turns(2)
            return "done"

    world.set_up(closure_tool("work", elsewhere))
    world.start("work", "c1")
    await world.finish()


@scenario("c1", "c2", outside=2.0)
async def threads(world: World) -> None:
    gate = threading.Event()

    def work() -> str:
        here = current_call()
        assert here is not None
        with world.body():
            for _ in range(50):
                here.check()
            gate.wait(10)
            return "done"

    world.set_up(work)
    world.start("work", "c1")
    world.start("work", "c2")
    await turns(8)
    gate.set()
    await world.finish()


@scenario("c1", outside=2.0, elsewhere=True)
async def a_command(world: World) -> None:
    def command(arguments: dict[str, Any]) -> CommandLine:
        return CommandLine(["/bin/sh", "-c", "exit 0"])

    world.set_up(command_tool("work", command), capabilities=["processes"])
    world.start("work", "c1")
    await world.finish()


SCRIPT = """
tool work() {
  defer { sleep(1) }
  var sum = 0
  for i in range(20) { sum = sum + i }
  sleep(20)
  return sum
}
"""


@scenario("c1", "c2", outside=0.02, elsewhere=True)
async def a_tool_of_a_script(world: World) -> None:
    async with Interpreter(clock=world.clock, ids=CountingIds()) as harn:
        world.host = harn._host
        await harn.run(SCRIPT)
        world.start("work", "c1")
        world.start("work", "c2", timeout_ms=20)
        await world.finish()


def quick() -> int:
    """What the process of its own is to do."""
    return 42


@scenario("c1", outside=2.0, slow=True, elsewhere=True)
async def a_process_of_its_own(world: World) -> None:
    world.set_up(tool(isolation="process", name="work")(quick), capabilities=["processes"])
    world.start("work", "c1")
    await world.finish()
