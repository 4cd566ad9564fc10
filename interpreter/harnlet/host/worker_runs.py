"""Runs of scripts in worker processes, one process for each: the host's side.

The script, its values and its tasks are in the worker. Sessions, tools, the registry of calls, hooks and
plugins are here: what the script does with them comes over the pipe as the call of a builtin and is done
here on its behalf, in a task of the host's scheduler. Rules: docs/limits.md#isolation.
"""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from harnlet.errors.faults import Fault
from harnlet.errors.hierarchy import LimitError, WorkerError
from harnlet.host.outcome import to_error
from harnlet.host.worker_child import Child
from harnlet.host.worker_errors import decode_error, encode_fault
from harnlet.host.worker_wire import WireError, decode, encode
from harnlet.runtime.builtin import Builtin
from harnlet.runtime.console import Console
from harnlet.runtime.conversion import to_host, to_script
from harnlet.runtime.faulting import to_fault
from harnlet.runtime.limits import Limits, LimitStop
from harnlet.sched.scheduler import Scheduler
from harnlet.tools.current import current_call
from harnlet.tools.declaration import closure_tool
from harnlet.tools.host import ToolHost
from harnlet.tools.results import ToolError

GRACE_SECONDS: Final = 3.0
"""How long a worker that was told to stop may take: its script has two seconds to clean up."""

MEMORY_BYTES: Final = 512 * 1024 * 1024
"""How much memory a worker may take beyond what it needs to start, unless the limits say."""

LOCAL_MODULE: Final = "harnlet_builtins"
"""The package whose builtins run in the worker, all but those of `HOST_MODULES`."""

HOST_MODULES: Final = frozenset(
    f"{LOCAL_MODULE}.{name}" for name in ("session_text", "sessions", "tools_host")
)
"""The modules of it that work with what belongs to the host."""


def runs_in_host(module: str) -> bool:
    """Whether the builtins of a Python module are called over the pipe."""
    return module in HOST_MODULES or module.partition(".")[0] != LOCAL_MODULE


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is to run."""

    source: str
    filename: str
    form: str
    arguments: dict[str, object]
    argv: list[str]
    session: str


class Workers:
    """Runs jobs for one interpreter. `offered` are the builtins that run here, bound to its runtime."""

    def __init__(
        self,
        scheduler: Scheduler,
        host: ToolHost,
        offered: Mapping[str, Builtin],
        scripts: Mapping[str, str],
        limits: Limits,
        capabilities: frozenset[str],
        console: Console,
    ) -> None:
        self.scheduler = scheduler
        self.host = host
        self.limits = limits
        self.capabilities = capabilities
        self.console = console
        self.offered = offered
        self.settings = {
            "do": "start",
            "limits": asdict(limits) | {"memory_bytes": limits.memory_bytes or MEMORY_BYTES},
            "capabilities": sorted(capabilities),
            "builtins": [
                [each.name, each.signature, each.effect, each.section] for each in self.offered.values()
            ],
            "scripts": dict(scripts),
            "terminal": {name: console.is_terminal(name) for name in ("stdin", "stdout", "stderr")},
        }

    async def run(self, job: Job) -> object:
        """The script value that a job gives. Raises what `Interpreter.run` raises, and WorkerError."""
        child = await Child.start("environment" in self.capabilities)
        run = _Run(self, child)
        try:
            child.send(self.settings)
            child.send(
                {
                    "do": "run",
                    "source": job.source,
                    "filename": job.filename,
                    "form": job.form,
                    "arguments": encode(job.arguments),
                    "argv": job.argv,
                    "session": job.session,
                }
            )
            return await run.outcome()
        except WireError as error:
            raise WorkerError(f"worker: {error}") from error
        finally:
            await run.aclose()


class _Run:
    """One job in its worker."""

    def __init__(self, workers: Workers, child: Child) -> None:
        self.workers = workers
        self.child = child
        self.causes: dict[int, BaseException] = {}
        self._asked: dict[int, asyncio.Task[None]] = {}
        self._called: dict[int, asyncio.Future[Any]] = {}
        self._gone = False
        self._doing: dict[str, Callable[[dict[str, Any]], None]] = {
            "output": lambda message: workers.scheduler.rt.write(_text(message, "text")),
            "error_output": lambda message: workers.console.write_error(_text(message, "text")),
            "ask": self._ask,
            "drop": self._drop,
            "tool": self._add_tool,
            "answer": self._answer,
        }

    async def outcome(self) -> object:
        """How it ends; told to stop when we are cancelled, killed when it does not."""
        limit = self.workers.limits.seconds
        began = time.monotonic()
        reading = asyncio.create_task(self._read())
        try:
            await asyncio.wait({reading}, timeout=None if limit is None else limit + GRACE_SECONDS)
            if not reading.done():
                raise LimitError("seconds", time.monotonic() - began, limit or 0)
        except asyncio.CancelledError:
            self.child.send({"do": "cancel"})
            await asyncio.wait({reading}, timeout=GRACE_SECONDS)
            raise
        finally:
            if not reading.done():
                reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        return reading.result()

    async def aclose(self) -> None:
        """Nothing is left: no process, no call that the script made, no tool that waits for it."""
        self._gone = True
        for task in self._asked.values():
            task.cancel()
        for future in self._called.values():
            if not future.done():
                future.set_exception(ToolError("the worker process of this tool has ended", "environment"))
        try:
            await asyncio.gather(*self._asked.values(), return_exceptions=True)
        finally:
            await self.child.end()

    async def _read(self) -> object:
        while True:
            message = await self.child.receive()
            if message is None:
                raise await self._death()
            kind = message.get("do")
            if kind == "ended":
                return decode(message.get("value"))
            if kind == "failed":
                raise decode_error(message, self.causes)
            action = self._doing.get(str(kind))
            if action is None:
                raise WireError("a message of an unknown kind")
            try:
                action(message)
            except LimitStop as stop:
                raise LimitError(stop.limit, stop.used, stop.cap) from None
            except Fault as fault:  # of the host's output
                raise to_error(fault) from fault.__cause__

    async def _death(self) -> Exception:
        how = await self.child.how_it_died()
        limits = self.workers.limits
        if self.child.status == -getattr(signal, "SIGXCPU", 0) and limits.cpu_seconds is not None:
            return LimitError("cpu_seconds", limits.cpu_seconds, limits.cpu_seconds)
        if self.child.starved and limits.memory_bytes is not None:
            return LimitError("memory_bytes", limits.memory_bytes, limits.memory_bytes)
        return WorkerError(f"the worker process died ({how})")

    # --- builtins that run here ------------------------------------------------------------------

    def _ask(self, message: dict[str, Any]) -> None:
        number = _number(message)
        if number in self._asked:
            raise WireError("a number is used twice")
        task = asyncio.create_task(self._serve(number, message))
        self._asked[number] = task
        task.add_done_callback(lambda _: self._asked.pop(number, None))

    def _drop(self, message: dict[str, Any]) -> None:
        task = self._asked.get(_number(message))
        if task is not None:
            task.cancel()

    async def _serve(self, number: int, message: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"do": "answer", "id": number}
        try:
            answer["value"] = encode(await self._call(message))
            self._send(answer)
        except asyncio.CancelledError:
            self._send({**answer, "value": None, "cancelled": True})
        except LimitStop as stop:
            answer["limit"] = [stop.limit, stop.used, stop.cap]
            self._send(answer)
        except WireError as error:
            self._send({"do": "answer", "id": number, "fault": "runtime", "message": str(error), "cause": 0})
        except Exception as error:  # noqa: BLE001 - a plugin's builtin may raise anything
            fault = to_fault(error)
            if fault is None:
                self.causes[number] = error
                answer |= {"fault": "host", "message": f"{type(error).__name__}: {error}", "cause": number}
            else:
                self.causes[number] = fault.__cause__ or fault
                answer |= encode_fault(fault, number)
            self._send(answer)

    async def _call(self, message: dict[str, Any]) -> object:
        what = message.get("what")
        if what == "line":
            return await self.workers.console.read_line()
        if what == "rest":
            return await self.workers.console.read_rest()
        builtin = self.workers.offered.get(_text(message, "name"))
        if builtin is None:
            raise WireError("a builtin that is not the host's")
        arguments = decode(message.get("arguments"))
        if type(arguments) is not list:
            raise WireError("arguments that are no list")
        scheduler = self.workers.scheduler
        task = scheduler.new_task("worker", _text(message, "session"), _text(message, "call"))
        return await scheduler.run(task, builtin, *arguments)

    def _send(self, message: dict[str, Any]) -> None:
        if not self._gone:
            self.child.send(message)

    # --- tools that the script declares ------------------------------------------------------------

    def _add_tool(self, message: dict[str, Any]) -> None:
        name = _text(message, "name")
        schema = message.get("schema")
        if type(schema) is not dict:
            raise WireError("a tool without a schema")

        async def run(arguments: dict[str, Any]) -> Any:
            return await self._call_tool(name, arguments)

        self.workers.host.tools.add(
            closure_tool(name, run, description=_text(message, "description"), schema=schema)
        )

    async def _call_tool(self, name: str, arguments: dict[str, Any]) -> Any:
        if self._gone:
            raise ToolError("the worker process of this tool has ended", "environment")
        call = current_call()
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        number = len(self._called)
        self._called[number] = future
        self._send(
            {
                "do": "call",
                "id": number,
                "name": name,
                "arguments": encode(to_script(arguments, "arguments")),
                "session": "" if call is None else call.session_id,
                "call": "" if call is None else call.call_id,
            }
        )
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            self._send({"do": "stop_call", "id": number})
            with contextlib.suppress(Exception):
                await future
            raise

    def _answer(self, message: dict[str, Any]) -> None:
        future = self._called.get(_number(message))
        if future is None or future.done():
            return
        if "problem" in message:
            future.set_exception(ToolError(_text(message, "problem")))
        elif "cancelled" in message:
            future.cancel()
        else:
            future.set_result(to_host(decode(message.get("value")), lenient=True))


def _text(message: dict[str, Any], key: str) -> str:
    value = message.get(key)
    if type(value) is not str:
        raise WireError(f"`{key}` is no string")
    return value


def _number(message: dict[str, Any]) -> int:
    value = message.get("id")
    if type(value) is not int:
        raise WireError("`id` is no number")
    return value
