"""How others stop work, and Harnlet doing the same beside them: run by `bench_cancel.py rivals`.

    python scripts/bench_rivals.py NAME        # one line of JSON; names: see RIVALS

Two questions. A command that has children is given up: who of its processes lives on, and for how long is
one kept waiting? A plain function that works for some seconds is cancelled with the run it belongs to: when
is the host told, and how long does the work really go on? Models and servers are those that the packages
have for tests, or the least that their interface asks for; nothing goes over a network. Each rival runs in
a process of its own.
"""

import asyncio
import contextlib
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

WORK_SECONDS = 2.0
CANCEL_AFTER = 0.3
PATIENCE = 8.0
"""For how long the end of a command is waited for, in seconds."""
MARK = f"600.{os.getpid()}"
"""How long the processes sleep: by it they are found again."""
TREE = f"sleep {MARK} & setsid sleep {MARK} & (trap '' TERM; exec sleep {MARK}) & wait"
"""A child, one in a session of its own, and one that ignores SIGTERM; all of them hold the output open."""
SILENT = f"exec >/dev/null 2>&1; {TREE}"
"""The same, and none of them does."""

now = time.perf_counter
Facts = dict[str, Any]


class Work:
    """A plain function that computes, and when it was last seen doing so."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.last = 0.0
        self.ended = False

    def crunch(self) -> str:
        """Count for a while."""
        self.loop.call_soon_threadsafe(self.begun.set)
        end = now() + WORK_SECONDS
        while now() < end:
            for _ in range(1000):
                pass
            self.last = now()
        self.ended = True
        return "done"

    async def facts(self, run: "asyncio.Future[Any]", stop: Callable[[], Any]) -> Facts:
        """Stop `run` while the function works, and look how long that goes on."""
        await self.begun.wait()
        await asyncio.sleep(CANCEL_AFTER)
        asked = now()
        answer = stop()
        if asyncio.iscoroutine(answer):
            await answer
        await asyncio.wait([run])
        told = now() - asked
        await asyncio.sleep(max(0.0, WORK_SECONDS - CANCEL_AFTER - told) + 0.3)
        return {
            "told_ms": told * 1e3,
            "work_went_on_ms": max(0.0, self.last - asked) * 1e3,
            "work_ran_to_its_end": self.ended,
        }


def sleepers() -> list[int]:
    """The processes of the tree that live."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if words[:2] == [b"sleep", MARK.encode()]:
                    found.append(int(folder.name))
    return found


async def tree_facts(run: "asyncio.Future[Any]", stop: Callable[[], Any]) -> Facts:
    """Stop `run` when all three processes are there, and count those that live on."""
    while len(sleepers()) < 3:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.01)
    asked = now()
    answer = stop()
    if asyncio.iscoroutine(answer):
        await answer
    await asyncio.wait([run], timeout=PATIENCE)
    waiting, told = not run.done(), now() - asked
    at_once = len(sleepers())
    await asyncio.sleep(2)
    later = sleepers()
    for pid in later:
        os.kill(pid, signal.SIGKILL)
    await asyncio.wait([run])
    facts: Facts = {"alive_when_told": at_once, "alive_2_s_later": len(later)}
    return {"still_waiting_after_ms": told * 1e3, **facts} if waiting else {"told_ms": told * 1e3, **facts}


# --- commands ------------------------------------------------------------------------------------------


async def _inspect(command: str, stop: bool) -> Facts:
    from inspect_ai.util import subprocess

    run = asyncio.ensure_future(subprocess(["bash", "-c", command], timeout=None if stop else 1))
    facts = await tree_facts(run, run.cancel if stop else lambda: None)
    return {**facts, "ended_as": "cancelled" if run.cancelled() else type(run.exception()).__name__}


async def inspect_cancelled() -> Facts:
    """inspect_ai's `subprocess()`, the task of which is cancelled."""
    return await _inspect(TREE, True)


async def inspect_silent() -> Facts:
    """The same with processes that do not hold the output open."""
    return await _inspect(SILENT, True)


async def inspect_timeout() -> Facts:
    """inspect_ai's `subprocess()` with its `timeout` of 1 s, and nobody cancels; output held open."""
    return await _inspect(TREE, False)


async def harnlet_command() -> Facts:
    """Harnlet's tool `exec`, cancelled, with its own grace of 2 s for the one that ignores SIGTERM."""
    from harnlet import Interpreter

    async with Interpreter(capabilities=["processes"]) as harn:
        call = {"id": "c1", "name": "exec", "arguments": {"command": "bash", "args": ["-c", TREE]}}
        run = asyncio.create_task(harn.dispatch_tool_call("s", call))
        facts = await tree_facts(run, lambda: harn.cancel_tool_call("s", "c1"))
        result = run.result()
    return {**facts, "outcome": result["outcome"], "survivors": result["survivors"]}


# --- plain functions -----------------------------------------------------------------------------------


async def mcp_tool() -> Facts:
    """A sync tool of an `MCPServer`, called by the SDK's client in this process; the call is cancelled."""
    from mcp import Client
    from mcp.server import MCPServer

    work, server = Work(), MCPServer("bench")
    server.tool()(work.crunch)
    async with Client(server) as client:
        run = asyncio.create_task(client.call_tool("crunch", {}))
        # A server that computes in its event loop keeps the canceller from running, too.
        return await work.facts(run, run.cancel)


async def pydantic_ai_run() -> Facts:
    """A sync tool of a pydantic-ai agent with its `TestModel`; the run's task is cancelled."""
    from pydantic_ai import Agent
    from pydantic_ai.models.test import TestModel

    work, agent = Work(), Agent(TestModel())
    agent.tool_plain(work.crunch)
    run = asyncio.create_task(agent.run("go"))
    return await work.facts(run, run.cancel)


async def openai_agents_run() -> Facts:
    """A sync function tool of an OpenAI Agents run with a model that calls it once; its task is cancelled."""
    from agents import Agent, Model, ModelResponse, RunConfig, Runner, Usage, function_tool
    from openai.types.responses import ResponseFunctionToolCall

    class Calls(Model):
        async def get_response(self, *args: Any, **options: Any) -> Any:
            call = ResponseFunctionToolCall(
                arguments="{}", call_id="c1", name="crunch", type="function_call"
            )
            return ModelResponse(output=[call], usage=Usage(), response_id=None)

        def stream_response(self, *args: Any, **options: Any) -> Any:
            raise AssertionError("the run does not stream")

    work = Work()

    def crunch() -> str:
        return work.crunch()

    agent = Agent(name="bench", model=Calls(), tools=[function_tool(crunch)])
    run = asyncio.create_task(Runner.run(agent, "go", run_config=RunConfig(tracing_disabled=True)))
    return await work.facts(run, run.cancel)


async def harnlet_function() -> Facts:
    """A plain function as a tool of Harnlet; the one call is cancelled."""
    from harnlet import Interpreter, tool

    work = Work()
    async with Interpreter(tools=[tool(name="crunch")(work.crunch)]) as harn:
        run = asyncio.create_task(harn.dispatch_tool_call("s", {"id": "c1", "name": "crunch"}))
        facts = await work.facts(run, lambda: harn.cancel_tool_call("s", "c1"))
        result = run.result()
    return {**facts, "outcome": result["outcome"]}


RIVALS: dict[str, tuple[str, str, Callable[[], Awaitable[Facts]]]] = {
    "inspect_cancelled": ("inspect_ai", "inspect_ai", inspect_cancelled),
    "inspect_silent": ("inspect_ai", "inspect_ai", inspect_silent),
    "inspect_timeout": ("inspect_ai", "inspect_ai", inspect_timeout),
    "harnlet_command": ("harnlet", "harnlet", harnlet_command),
    "mcp": ("mcp", "mcp", mcp_tool),
    "pydantic_ai": ("pydantic_ai", "pydantic-ai-slim", pydantic_ai_run),
    "openai_agents": ("agents", "openai-agents", openai_agents_run),
    "harnlet_function": ("harnlet", "harnlet", harnlet_function),
}
"""By name: the module that must be there, its distribution, and what to run."""


async def report() -> list[str]:
    """One line for each of `RIVALS`, each run in a process of its own.

    They are looked for in the Python that the variable RIVALS_PYTHON names, else in this one.
    """
    python = os.environ.get("RIVALS_PYTHON", sys.executable)
    lines: list[str] = []
    missing: set[str] = set()
    for name in RIVALS:
        piped = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            python, __file__, name, stdout=piped, stderr=piped, env=_paths()
        )
        output, errors = await process.communicate()
        try:
            facts = json.loads(output.splitlines()[-1])
        except (IndexError, ValueError):
            lines.append(f"{name} failed: {errors.decode(errors='replace').strip().splitlines()[-1:]}")
            continue
        if "missing" in facts:
            missing.add(facts["missing"])
            continue
        said = [
            f"{key} {value:.0f}" if isinstance(value, float) else f"{key} {value}"
            for key, value in facts.items()
            if key not in ("who", "what")
        ]
        lines.append(f"{facts['who']}: {facts['what']} {', '.join(said)}")
    if missing:
        names = " ".join(sorted(missing))
        lines.append(f"left out, since not installed: {names} (RIVALS_PYTHON names another Python)")
    return lines


def _paths() -> dict[str, str]:
    """The environment, with the sources of Harnlet for a Python that does not have it installed."""
    root = Path(__file__).resolve().parents[1]
    places = [str(root / name) for name in ("interpreter", "builtins", "plugins")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*places, os.environ.get("PYTHONPATH", "")])}


def main() -> int:
    """Run the one that the command line names; exit code 3 when its package is missing."""
    module, distribution, measure = RIVALS[sys.argv[1]]
    try:
        importlib.import_module(module)
    except ImportError:
        print(json.dumps({"missing": distribution}))
        return 3
    from importlib.metadata import PackageNotFoundError, version

    try:
        versioned = f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        versioned = distribution
    facts = asyncio.run(measure())
    what = (measure.__doc__ or "").strip()
    print(json.dumps({"who": versioned, "what": what, **facts}))
    sys.stdout.flush()
    os._exit(0)  # A thread that goes on must not keep the program.


if __name__ == "__main__":
    sys.exit(main())
