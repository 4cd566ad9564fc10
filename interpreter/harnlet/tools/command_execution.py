"""Command tools: each call runs one command, and stopping it ends the whole process tree.

The walk (ask, terminate, kill, look again) is `process.py`; here it is fitted to a tool call.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from harnlet.session.plain import PlainDict
from harnlet.tools.call import CURRENT_CALL, Escalation, ToolCall
from harnlet.tools.declaration import DEFAULT_GRACE_MS, AnyTool, ToolDeclaration

if TYPE_CHECKING:
    # The runner of processes is imported with the first command: most programs run none.
    from harnlet.tools.process import ManagedProcess, ProcessResult

_KILLING_MS: Final = 3000.0
"""How long after the grace the process tree may take to be killed and looked for."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What a command tool runs. `env` is the whole environment, None for the host's own."""

    argv: list[str]
    cwd: str | None = None
    env: Mapping[str, str] | None = None
    stdin: bytes | None = None


Answer = Callable[["ProcessResult"], Any]
"""Makes the value of a tool from how its process ended."""


def plain_result(result: "ProcessResult") -> PlainDict:
    """`{stdout, stderr, status, success}`: docs/builtins.md#processes."""
    return {
        "stdout": result.stdout.decode(errors="replace"),
        "stderr": result.stderr.decode(errors="replace"),
        "status": result.status,
        "success": result.success,
    }


class CommandExecution:
    """The process of one call."""

    __slots__ = ("_ended", "_escalation", "_process", "_stopping", "_survivors")

    def __init__(self, call: ToolCall, process: "ManagedProcess", answer: Answer) -> None:
        self._process = process
        self._escalation: Escalation = "asked"
        self._survivors = 0
        self._stopping: asyncio.Task[None] | None = None
        self._ended: asyncio.Future[Any] = asyncio.get_running_loop().create_task(self._run(call, answer))

    async def _run(self, call: ToolCall, answer: Answer) -> Any:
        CURRENT_CALL.set(call)
        call.began = True
        result = await self._process.run()
        if self._stopping is not None:
            # The tree is gone, or what is left of it is known, once the walk has said so.
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(self._stopping)
            raise asyncio.CancelledError
        return answer(result)

    async def _walk(self, reason: str, grace_ms: int) -> None:
        report = await self._process.stop(reason, grace_ms)
        self._escalation = report.escalation
        self._survivors = report.survivors

    @property
    def ended(self) -> "asyncio.Future[Any]":
        """What the tool gives back."""
        return self._ended

    @property
    def escalation(self) -> Escalation:
        """How far the walk had to go."""
        return self._escalation

    @property
    def survivors(self) -> int:
        """How many processes were left when it was over."""
        return self._survivors

    def stop(self, reason: str, grace_ms: int) -> None:
        """Begin the walk."""
        if self._stopping is None and not self._ended.done():
            self._stopping = asyncio.get_running_loop().create_task(self._walk(reason, grace_ms))

    def patience_ms(self, grace_ms: int) -> float:
        """The grace and the time that killing may take; a tree that goes when it is asked needs neither."""
        return grace_ms + _KILLING_MS

    def partial(self) -> str | None:
        """What the command has written so far, its errors last."""
        output = self._process.partial()
        return (output.stdout + output.stderr).decode(errors="replace") or None

    def pids(self) -> list[int]:
        """The command's own process."""
        pid = self._process.pid
        return [] if pid is None else [pid]


def command_tool(
    name: str,
    command: Callable[[dict[str, Any]], CommandLine],
    *,
    description: str = "",
    schema: Mapping[str, Any] | None = None,
    grace_ms: int = DEFAULT_GRACE_MS,
    timeout_ms: int | None = None,
    answer: Answer = plain_result,
) -> AnyTool:
    """A tool that runs a command; needs the capability `processes`.

    `command` makes the command line from the arguments (it may raise `ToolError`), `answer` the
    value from how the process ended. A command that fails is a result like any other.
    """

    def start(call: ToolCall, arguments: dict[str, Any]) -> CommandExecution:
        from harnlet.tools.process import ManagedProcess

        line = command(arguments)
        process = ManagedProcess(
            line.argv, cwd=line.cwd, env=line.env, stdin=line.stdin, grace_ms=grace_ms
        )
        return CommandExecution(call, process, answer)

    return ToolDeclaration(
        name=name,
        description=description,
        schema=schema,
        start=start,
        grace_ms=grace_ms,
        timeout_ms=timeout_ms,
        capabilities=frozenset({"processes"}),
        executor="process",
    )
