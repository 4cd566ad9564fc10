"""What the tests of cancellation share: a host on a clock that stands still, and tools that wait."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from harnlet.plugins import load
from harnlet.session.clock import ManualClock
from harnlet.session.ids import CountingIds
from harnlet.tools.declaration import ToolDeclaration, tool
from harnlet.tools.host import ToolHost

REGISTRY = "harnlet_plugins.tool_calls"


def make_host(*tools: Any, plugins: Iterable[Any] = (), registry: bool = True, **options: Any) -> ToolHost:
    """A host with the registry, on a manual clock."""
    names = [REGISTRY] if registry else []
    options.setdefault("clock", ManualClock())
    options.setdefault("ids", CountingIds())
    return ToolHost(load([*names, *plugins]), tools=tools, **options)


def clock_of(host: ToolHost) -> ManualClock:
    """The host's clock."""
    assert isinstance(host.clock, ManualClock)
    return host.clock


def call(name: str, call_id: str = "c1", **arguments: Any) -> dict[str, Any]:
    """A tool call."""
    return {"id": call_id, "name": name, "arguments": arguments}


async def until(condition: Callable[[], object]) -> None:
    """Let the loop go round until `condition` holds; a bound on rounds, not on time."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


async def rounds(count: int = 20) -> None:
    """Let the loop go round `count` times."""
    for _ in range(count):
        await asyncio.sleep(0)


class Waiting:
    """A tool that runs until it is let go, and remembers what happened to it.

    `stubborn` makes it swallow cancellations.
    """

    def __init__(self, name: str = "wait", *, stubborn: bool = False, **options: Any) -> None:
        self.started = asyncio.Event()
        self.gate = asyncio.Event()
        self.cleaned = 0
        self.cancellations = 0
        self.value: Any = "done"

        async def wait() -> Any:
            self.started.set()
            try:
                while True:
                    try:
                        await self.gate.wait()
                        return self.value
                    except asyncio.CancelledError:
                        self.cancellations += 1
                        if not stubborn:
                            raise
            finally:
                self.cleaned += 1

        self.tool: ToolDeclaration[[], Any] = tool(name=name, **options)(wait)


def results_of(host: ToolHost, session_id: str = "s") -> list[dict[str, Any]]:
    """The tool results in a transcript."""
    return [m for m in host.transcript(session_id)["messages"] if m["role"] == "tool_result"]


def reminders_of(host: ToolHost, session_id: str = "s") -> list[dict[str, Any]]:
    """The reminders in a transcript."""
    events = host.transcript(session_id)["events"]
    return [event["reminder"] for event in events if event["kind"] == "system_reminder"]


def kinds_of(host: ToolHost, session_id: str = "s") -> list[str]:
    """The kinds of the events in a transcript, in order."""
    return [event["kind"] for event in host.transcript(session_id)["events"]]
