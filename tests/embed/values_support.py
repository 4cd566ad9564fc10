"""What the tests of values, methods and builtins share: a run without an interpreter, and shorthands."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from greenlet import getcurrent, greenlet

from harnlet.errors.faults import CategorisedFault, Fault, RuntimeFault, Thrown, TypeFault
from harnlet.runtime import calls
from harnlet.runtime.builtin import Builtin, Tasks, collect, console_of_run, random_of_run, tasks_of_run
from harnlet.runtime.console import StreamName
from harnlet.runtime.display import display
from harnlet.runtime.keys import make_set
from harnlet.runtime.values import Duration, EnumValue, Pair, Range, Set, StructType, StructValue, err, ok
from harnlet_builtins import (
    cases,
    collections,
    conversion,
    logs,
    math,
    output,
    path_names,
    random_numbers,
    results,
    sets,
    statistics,
    streams,
    streams_timed,
    strings,
    terminal,
)

__all__ = [
    "BUILTINS",
    "CategorisedFault",
    "Duration",
    "EnumValue",
    "FakeConsole",
    "FakeRun",
    "Pair",
    "Range",
    "RuntimeFault",
    "Set",
    "StructType",
    "StructValue",
    "Thrown",
    "TypeFault",
    "call",
    "call_method",
    "console_of_run",
    "display",
    "err",
    "fails",
    "in_run",
    "make_set",
    "nested",
    "ok",
    "random_of_run",
    "shown",
]

FAMILIES = (
    cases,
    collections,
    conversion,
    logs,
    math,
    output,
    path_names,
    random_numbers,
    results,
    sets,
    statistics,
    streams,
    streams_timed,
    strings,
    terminal,
)
BUILTINS: dict[str, Builtin] = {each.name: each for family in FAMILIES for each in collect(family)}

_State = TypeVar("_State")


class FakeClock:
    """A clock that stands still but for sleeps, which take no time at all."""

    def __init__(self) -> None:
        self.now = 0
        self.slept: list[float] = []

    def monotonic_ms(self) -> float:
        return float(self.now)

    def wall_ms(self) -> int:
        return self.now

    async def sleep(self, delay_ms: float) -> None:
        self.slept.append(delay_ms)
        await asyncio.sleep(0)


class FakeConsole:
    """A console with lines to read."""

    def __init__(self, *lines: str, terminals: frozenset[str] = frozenset(), **environment: str) -> None:
        self.lines = list(lines)
        self.terminals = terminals
        self.variables = environment
        self.errors = ""

    def write_error(self, text: str) -> None:
        self.errors += text

    async def read_line(self) -> str | None:
        return self.lines.pop(0) if self.lines else None

    async def read_rest(self) -> str:
        rest, self.lines = self.lines, []
        return "".join([line + "\n" for line in rest])

    def is_terminal(self, stream: StreamName) -> bool:
        return stream in self.terminals

    def environment(self, name: str) -> str | None:
        return self.variables.get(name)


class FakeRun:
    """The context of builtins: keeps the output, waits through greenlets."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.output = ""
        self.task = None
        self.states: dict[Any, Any] = {}

    def wait(self, awaitable: Awaitable[Any], /) -> Any:
        return getcurrent().parent.switch(awaitable)  # type: ignore[union-attr]

    def write(self, text: str, /) -> None:
        self.output += text

    def state(self, factory: Callable[[], _State], /) -> _State:
        if factory not in self.states:
            self.states[factory] = factory()
        found: _State = self.states[factory]
        return found

    def call(self, name: str, *args: object) -> Any:
        """The value of the builtin `name`."""
        return BUILTINS[name].bind(self)(*args)

    def with_tasks(self) -> "FakeRun":
        """This run, with a task of its own for everything that builtins start."""
        starts: Tasks = lambda function: asyncio.ensure_future(in_run(function))  # noqa: E731
        self.states[tasks_of_run] = starts
        return self


async def in_run(function: Callable[[], object]) -> Any:
    """Call `function` in a greenlet and await for it what it waits for."""
    runner = greenlet(function)
    awaited: Any = runner.switch()
    while not runner.dead:
        try:
            value = await awaited
        except Exception as error:  # noqa: BLE001 - whatever it is, the function gets it
            awaited = runner.throw(error)
        else:
            awaited = runner.switch(value)
    return awaited


def call(name: str, *args: object) -> Any:
    """The value of a builtin that needs no particular run."""
    return FakeRun().call(name, *args)


def call_method(receiver: object, name: str, *args: object) -> Any:
    """The value of a method."""
    return calls.call_method(receiver, name, *args)


def shown(name: str, *args: object) -> str:
    """The display of what a builtin gives."""
    return display(call(name, *args))


def fails(kind: type[Fault], text: object, function: Callable[..., object], *args: object) -> None:
    """Assert that a call raises exactly that kind of fault with that text (or thrown value)."""
    with pytest.raises(Fault) as caught:
        function(*args)
    fault = caught.value
    assert type(fault) is kind
    assert (fault.value if isinstance(fault, Thrown) else getattr(fault, "message", None)) == text


def nested(levels: int) -> list[object]:
    """A list in a list in a list …"""
    value: list[object] = []
    for _ in range(levels):
        value = [value]
    return value
