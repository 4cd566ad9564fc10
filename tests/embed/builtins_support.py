"""What the tests of data, dates, files and the like share: all builtins, in a run with capabilities."""

import asyncio
import importlib
from collections.abc import Callable
from typing import Any

import pytest

from embed.values_support import FakeRun, in_run
from harnlet.errors.faults import CategorisedFault, Fault, RuntimeFault, Thrown, TypeFault
from harnlet.runtime.builtin import Builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import Duration, EnumValue, Pair, Range, Set, StructType, StructValue, err, ok
from harnlet_builtins import families

__all__ = [
    "ALL",
    "CategorisedFault",
    "Duration",
    "EnumValue",
    "Fault",
    "Pair",
    "Range",
    "Run",
    "RuntimeFault",
    "Set",
    "StructType",
    "StructValue",
    "Thrown",
    "TypeFault",
    "call",
    "display",
    "err",
    "fault_of",
    "ok",
    "problem",
    "system_problem",
    "waited",
    "waited_problem",
    "without_module",
]

ALL: dict[str, Builtin] = {
    each.name: each for each in families.every_builtin()
}


class Run(FakeRun):
    """A run with capabilities."""

    def __init__(self, *capabilities: str, now: int = 0) -> None:
        super().__init__()
        self.capabilities = frozenset(capabilities)
        self.clock.now = now

    def call(self, name: str, *args: object) -> Any:
        """The value of a builtin that waits for nothing."""
        return ALL[name].bind(self)(*args)

    async def system(self, name: str, *args: object) -> Any:
        """The value of a builtin that may wait."""
        return await in_run(lambda: self.call(name, *args))


def call(name: str, *args: object) -> Any:
    """The value of a builtin that needs no particular run."""
    return Run().call(name, *args)


def waited(name: str, *args: object) -> Any:
    """The same of a builtin that may wait."""
    return asyncio.run(Run().system(name, *args))


def fault_of(function: Callable[..., object], *args: object) -> Fault:
    """The fault that a call raises."""
    with pytest.raises(Fault) as caught:
        function(*args)
    return caught.value


def _told(fault: Fault) -> tuple[type[Fault], object]:
    if isinstance(fault, Thrown):
        return type(fault), fault.value
    return type(fault), fault.caught()


def problem(name: str, *args: object) -> tuple[type[Fault], object]:
    """The kind of fault that a builtin raises, and what `catch` binds."""
    return _told(fault_of(call, name, *args))


def waited_problem(name: str, *args: object) -> tuple[type[Fault], object]:
    """The same of a builtin that may wait."""
    return _told(fault_of(waited, name, *args))


async def system_problem(run: Run, name: str, *args: object) -> tuple[type[Fault], object]:
    """The same of one that may wait."""
    with pytest.raises(Fault) as caught:
        await run.system(name, *args)
    return _told(caught.value)


def without_module(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    """As if a package were not installed."""
    real = importlib.import_module

    def importing(module: str) -> Any:
        if module.startswith(prefix):
            raise ImportError(module)
        return real(module)

    monkeypatch.setattr("harnlet_builtins.extras.import_module", importing)
