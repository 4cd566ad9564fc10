"""The worker process: runs one script for a host that does not trust it, and ends.

What belongs to the host (sessions, tools, plugins, the console) is asked for over the pipe; everything
else is an interpreter like any other, with the capabilities and limits that it was given.
Rules: docs/limits.md#isolation.
"""

import asyncio
import contextvars
import gc
import os
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final

import pluggy

from harnlet.api import Interpreter
from harnlet.errors.faults import RuntimeFault
from harnlet.errors.hierarchy import HarnletError, LimitError, WorkerError
from harnlet.host.embedded import Helpers
from harnlet.host.outcome import to_error
from harnlet.host.worker_errors import decode_fault, encode_error
from harnlet.host.worker_wire import HEADER_BYTES, WireError, decode, encode, length_of, pack, unpack
from harnlet.runtime.builtin import Builtin
from harnlet.runtime.console import StreamName
from harnlet.runtime.conversion import to_host
from harnlet.runtime.limits import Limits, stop_run
from harnlet.runtime.signature import parse_signature
from harnlet.runtime.values import Closure

_hookimpl: Final = pluggy.HookimplMarker("harnlet")
_SPARE_CPU_SECONDS: Final = 5


class Pipe:
    """The way to the host. Writing blocks: what the host does not take, the script does not make."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._asked = 0

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; raises WireError for one that is too large."""
        frame = memoryview(pack(message))
        while frame:
            frame = frame[os.write(self._outgoing, frame) :]

    def listen(self, hear: Callable[[dict[str, Any]], None]) -> None:
        """Hand each message to `hear`, in the loop. The process ends when the host has gone."""
        loop = asyncio.get_running_loop()

        def read() -> None:
            while True:
                body = self.read()
                if body is None:
                    os._exit(0)
                loop.call_soon_threadsafe(hear, unpack(body))

        threading.Thread(target=read, name="harnlet-host", daemon=True).start()

    def read(self) -> bytes | None:
        """The next body; None at the end."""
        header = self._exactly(HEADER_BYTES)
        return None if header is None else self._exactly(length_of(header))

    def _exactly(self, count: int) -> bytes | None:
        parts: list[bytes] = []
        while count:
            piece = os.read(self._incoming, min(count, 1 << 20))
            if not piece:
                return None
            parts.append(piece)
            count -= len(piece)
        return b"".join(parts)

    async def ask(self, message: dict[str, Any]) -> Any:
        """The host's answer. When we are cancelled, the host is told, and has stopped when this raises."""
        self._asked += 1
        number = self._asked
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self.send({"do": "ask", "id": number, **message})
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            if not future.done():
                self.send({"do": "drop", "id": number})
                await asyncio.wait({future})
            raise
        finally:
            del self._waiting[number]
            if future.done() and not future.cancelled():
                future.exception()

    def answered(self, message: dict[str, Any]) -> None:
        """The host has answered."""
        future = self._waiting.get(message["id"])
        if future is None or future.done():
            return
        if "fault" in message:
            future.set_exception(decode_fault(message))
        elif "cancelled" in message:
            future.cancel()
        else:
            future.set_result(message)


class HostConsole:
    """The console of the host."""

    __slots__ = ("_pipe", "_terminal")

    def __init__(self, pipe: Pipe, terminal: dict[str, bool]) -> None:
        self._pipe = pipe
        self._terminal = terminal

    def write_error(self, text: str) -> None:
        """Written by the host."""
        self._pipe.send({"do": "error_output", "text": text})

    async def read_line(self) -> str | None:
        """Read by the host."""
        line: str | None = (await self._pipe.ask({"what": "line"}))["value"]
        return line

    async def read_rest(self) -> str:
        """Read by the host."""
        text: str = (await self._pipe.ask({"what": "rest"}))["value"]
        return text

    def is_terminal(self, stream: StreamName) -> bool:
        """As it was when the run began."""
        return self._terminal[stream]

    def environment(self, name: str) -> str | None:
        """The worker's."""
        return os.environ.get(name)


class HostBuiltins:
    """A plugin with the builtins that the host runs, and its modules written in Harnlet."""

    def __init__(self, pipe: Pipe, declared: Iterable[list[str]], scripts: dict[str, str]) -> None:
        self._pipe = pipe
        self._builtins = [self._builtin(*each) for each in declared]
        self._scripts = scripts

    @_hookimpl
    def harnlet_stdlib_modules(self) -> list[dict[str, Any]]:
        """All of them."""
        return [{"name": "host", "builtins": self._builtins, "scripts": self._scripts}]

    def _builtin(self, name: str, signature: str, effect: str, section: str) -> Builtin:
        function = partial(self._call, name)
        _, parameters = parse_signature(signature)
        kind: Any = effect
        return Builtin(name, signature, parameters, "", kind, section, True, function, True)

    def _call(self, name: str, rt: Any, *arguments: object) -> object:
        try:
            given = encode([*arguments])
        except WireError as error:
            raise RuntimeFault(f"{name}: {error}") from None
        answer = rt.wait(
            self._pipe.ask(
                {
                    "what": "builtin",
                    "name": name,
                    "arguments": given,
                    "session": rt.session_id,
                    "call": rt.call_id,
                }
            )
        )
        if "limit" in answer:
            stop_run(*answer["limit"])
        return decode(answer["value"])


class Worker:
    """One run."""

    def __init__(self, pipe: Pipe, settings: dict[str, Any]) -> None:
        self.pipe = pipe
        limits = settings["limits"]
        self.memory_bytes: int = limits.pop("memory_bytes")
        self.limits = Limits(**limits)
        self.harn = Interpreter(
            plugins=[HostBuiltins(pipe, settings["builtins"], settings["scripts"])],
            capabilities=settings["capabilities"],
            limits=self.limits,
            output=lambda text: pipe.send({"do": "output", "text": text}),
            console=HostConsole(pipe, settings["terminal"]),
        )
        declare = self.harn._helpers["declare_tool"]
        self._helpers: Helpers = declare.__self__  # type: ignore[attr-defined]
        self._declare = declare
        self.harn._helpers["declare_tool"] = self.declare_tool
        self._handlers: dict[str, tuple[Closure, dict[str, Any], contextvars.Context]] = {}
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._running: asyncio.Task[Any] | None = None
        self._argv: list[Any] = []

    async def run(self, job: dict[str, Any]) -> None:
        """Run the script and tell the host how it ended."""
        self.pipe.listen(self.hear)
        self._running = asyncio.create_task(self._run(job))
        limit_resources(self.memory_bytes, self.limits.cpu_seconds)
        try:
            value = await self._running
            ended = {"do": "ended", "value": encode(value, lenient=True)}
        except asyncio.CancelledError:
            ended = {"do": "ended", "value": None}
        except HarnletError as error:
            ended = self._failure(error)
        except WireError as error:
            ended = {"do": "failed", **encode_error(WorkerError(str(error)))}
        try:
            self.pipe.send(ended)
        except WireError as error:
            self.pipe.send({"do": "failed", **encode_error(WorkerError(str(error)))})

    async def _run(self, job: dict[str, Any]) -> Any:
        program = self.harn.compile(job["source"], job["filename"], inline=job["form"] == "inline")
        self._argv = list(job["argv"])
        arguments = decode(job["arguments"])
        return await self.harn.run_value(program, arguments, argv=job["argv"], session=job["session"])

    def _failure(self, error: HarnletError) -> dict[str, Any]:
        cause = error.__cause__
        if isinstance(cause, MemoryError):
            cause = None
            gc.collect()
            error = LimitError("memory_bytes", self.memory_bytes, self.memory_bytes, error.diagnostics)
        return {"do": "failed", **encode_error(error)}

    def hear(self, message: dict[str, Any]) -> None:
        """A message of the host's."""
        kind = message["do"]
        if kind == "answer":
            self.pipe.answered(message)
        elif kind == "cancel" and self._running is not None:
            self._running.cancel()
        elif kind == "call":
            handler, parameters, context = self._handlers[message["name"]]
            task = asyncio.create_task(self._call(message, handler, parameters), context=context.copy())
            self._calls[message["id"]] = task
            task.add_done_callback(lambda _: self._calls.pop(message["id"], None))
        elif kind == "stop_call" and message["id"] in self._calls:
            self._calls[message["id"]].cancel()

    # --- tools of the script ---------------------------------------------------------------------

    def declare_tool(
        self, name: str, description: str, handler: Closure, parameters: dict[str, Any], returns: Any
    ) -> dict[str, Any]:
        """A `tool` declaration: the host dispatches the calls, and sends them here."""
        declared: dict[str, Any] = self._declare(name, description, handler, parameters, returns)
        tool = self._helpers.host.tools.get(name)
        assert tool is not None
        self._handlers[name] = handler, parameters, contextvars.copy_context()
        schema = tool.describe()["inputSchema"]
        self.pipe.send({"do": "tool", "name": name, "description": description, "schema": schema})
        return declared

    async def _call(self, message: dict[str, Any], handler: Closure, parameters: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"do": "answer", "id": message["id"]}
        try:
            arguments = to_host(decode(message["arguments"]))
            value = await self._helpers.run_handler(
                message["name"],
                handler,
                parameters,
                arguments,
                self._argv,
                message["session"],
                message["call"],
            )
            self.pipe.send({**answer, "value": encode(value, lenient=True)})
        except asyncio.CancelledError:
            self.pipe.send({**answer, "cancelled": True})
        except WireError as error:
            self.pipe.send({**answer, "problem": str(error)})
        except Exception as error:  # noqa: BLE001 - a tool's failure is its result, whatever it is
            self.pipe.send({**answer, "problem": to_error(error).message})


def limit_resources(memory_bytes: int, cpu_seconds: float | None) -> None:
    """From now on the process gets no more than this, whatever it does."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    taken = _address_space()
    if taken:
        _lower(resource.RLIMIT_AS, taken + memory_bytes)
    if cpu_seconds is not None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _lower(resource.RLIMIT_CPU, round(usage.ru_utime + usage.ru_stime + cpu_seconds) + _SPARE_CPU_SECONDS)


def _lower(which: int, limit: int) -> None:
    import resource

    _, hard = resource.getrlimit(which)
    least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(which, (least, least))


def _address_space() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Serve the host at standard input and output, which the script cannot reach."""
    pipe = Pipe(os.dup(0), os.dup(1))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    settings, job = pipe.read(), pipe.read()
    if settings is None or job is None:
        return
    worker = Worker(pipe, unpack(settings))
    asyncio.run(worker.run(unpack(job)))
    # What is left are threads that only wait.
    os._exit(0)
