"""Standard error, standard input and the terminal, as a run sees them.

A script never touches the process's own streams: it asks the console that the embedder gave to the
run. Rules: docs/builtins.md#output-input-logging.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Literal, Protocol, TypeAlias, TypeVar

_Told = TypeVar("_Told")

StreamName: TypeAlias = Literal["stdin", "stdout", "stderr"]


class Console(Protocol):
    """What the output and input builtins need."""

    def write_error(self, text: str) -> None:
        """Append to standard error."""

    async def read_line(self) -> str | None:
        """The next line of standard input, without its end; None at the end of input."""

    async def read_rest(self) -> str:
        """All that is left on standard input."""

    def is_terminal(self, stream: StreamName) -> bool:
        """Whether that stream is a terminal."""

    def environment(self, name: str) -> str | None:
        """A variable of the environment; only those that say how to colour output are asked for."""


class SilentConsole:
    """A console of a program that shows none: input is at its end, errors go nowhere."""

    __slots__ = ()

    def write_error(self, text: str) -> None:
        """Drops the text."""

    async def read_line(self) -> str | None:
        """None: the input is at its end."""
        return None

    async def read_rest(self) -> str:
        """The empty string."""
        return ""

    def is_terminal(self, stream: StreamName) -> bool:
        """False."""
        return False

    def environment(self, name: str) -> str | None:
        """None."""
        return None


class ProcessConsole:
    """The console of the process, for the command line. Reads wait in a thread of their own."""

    __slots__ = ("_reader",)

    def __init__(self) -> None:
        self._reader = _Reader()

    def write_error(self, text: str) -> None:
        """Writes to `sys.stderr` at once."""
        sys.stderr.write(text)
        sys.stderr.flush()

    async def read_line(self) -> str | None:
        """A line of `sys.stdin`."""
        line = await self._reader.read(sys.stdin.readline)
        return line.removesuffix("\n").removesuffix("\r") if line else None

    async def read_rest(self) -> str:
        """The rest of `sys.stdin`."""
        begun = await self._reader.read(sys.stdin.readline) if self._reader.pending else ""
        return begun + await self._reader.read(sys.stdin.read)

    def is_terminal(self, stream: StreamName) -> bool:
        """Whether `sys.stdin`, `sys.stdout` or `sys.stderr` is one."""
        file = {"stdin": sys.stdin, "stdout": sys.stdout, "stderr": sys.stderr}[stream]
        return file is not None and file.isatty()

    def environment(self, name: str) -> str | None:
        """A variable of `os.environ`."""
        return os.environ.get(name)


class _Reader:
    """Reads in daemon threads: one of the loop's executor would keep the process from ending while
    nobody types. A read whose task was cancelled stays pending, and the next one takes it over."""

    __slots__ = ("_pending",)

    def __init__(self) -> None:
        self._pending: asyncio.Future[str] | None = None

    async def read(self, function: Callable[[], str]) -> str:
        """What `function`, which blocks, returns; OSError and ValueError of it are raised here."""
        loop = asyncio.get_running_loop()
        pending = self._pending
        if pending is None or pending.get_loop() is not loop:
            pending = self._pending = loop.create_future()
            work = partial(_read, function, loop, pending)
            threading.Thread(target=work, name="harnlet-stdin", daemon=True).start()
        try:
            text = await asyncio.shield(pending)
        except (OSError, ValueError):
            self._pending = None
            raise
        self._pending = None
        return text

    @property
    def pending(self) -> bool:
        """Whether a read was given up that may still bring something."""
        return self._pending is not None


def _read(function: Callable[[], str], loop: asyncio.AbstractEventLoop, result: asyncio.Future[str]) -> None:
    try:
        text = function()
    except (OSError, ValueError) as error:
        _tell(loop, result.set_exception, error)
    else:
        _tell(loop, result.set_result, text)


def _tell(loop: asyncio.AbstractEventLoop, setter: Callable[[_Told], None], what: _Told) -> None:
    """Call `setter` in the loop, unless it is closed by now."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(setter, what)
