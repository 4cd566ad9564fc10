"""The tools `exec` and `shell`: docs/cancellation.md#stopped-means-stopped, docs/builtins.md#processes."""

import asyncio
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cancel.support import call, make_host, reminders_of, results_of
from harnlet.errors.faults import CategorisedFault, Thrown
from harnlet.session.clock import SystemClock
from harnlet.tools.host import ToolHost
from harnlet_plugins import commands

COMMANDS = "harnlet_plugins.commands"


def command_host(*capabilities: str) -> ToolHost:
    return make_host(plugins=[COMMANDS], clock=SystemClock(), capabilities=capabilities)


def lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped by whoever adopted it does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


async def appears(path: Path) -> None:
    """Wait for another process to write a line into `path`; bounded by the test's own timeout."""

    def look() -> None:
        while not (path.exists() and path.read_text().endswith("\n")):
            os.sched_yield()

    await asyncio.to_thread(look)


async def test_without_the_capability_it_is_refused() -> None:
    for name in ("exec", "shell"):
        result = await command_host().dispatch("s", call(name, command="true"))
        assert result["error_category"] == "permission_denied"
        assert "capability processes" in result["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"argv": ["printf", "%s-%s", "a", "b"]},
        {"command": "printf", "args": ["%s-%s", "a", "b"]},
    ],
)
async def test_exec(arguments: dict[str, Any]) -> None:
    result = await command_host("processes").dispatch("s", call("exec", **arguments))
    assert result["result"] == {"stdout": "a-b", "stderr": "", "status": 0, "success": True}
    assert result["executor"] == "process"


async def test_shell_in_a_directory_with_a_variable(tmp_path: Path) -> None:
    result = await command_host("processes").dispatch(
        "s", call("shell", command="pwd; printf $HELLO; exit 3", cwd=str(tmp_path), env={"HELLO": "hi"})
    )
    assert result["ok"], "a command that fails is a result like any other"
    assert result["result"] == {
        "stdout": f"{tmp_path}\nhi",
        "stderr": "",
        "status": 3,
        "success": False,
    }


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("exec", {}, "exec: command is required"),
        ("exec", {"argv": ["a"], "command": "b"}, "exec: give either `argv` or `command`"),
        ("shell", {"command": " "}, "shell: command string is required"),
        ("shell", {}, "invalid arguments for tool 'shell': command: is required"),
    ],
)
async def test_wrong_arguments(name: str, arguments: dict[str, Any], error: str) -> None:
    result = await command_host("processes").dispatch("s", call(name, **arguments))
    assert result["error"].startswith(error)
    assert result["error_category"] == "schema_validation"


async def test_a_program_that_is_not_there() -> None:
    result = await command_host("processes").dispatch("s", call("exec", argv=["/no/such/program"]))
    assert (result["status"], result["error_category"]) == ("error", "environment")


async def test_a_polite_command_ends_and_what_it_wrote_is_kept(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    host = command_host("processes")
    line = f"echo out; echo err >&2; echo ready > {ready}; exec sleep 1000"
    running = asyncio.create_task(host.dispatch("s", call("shell", command=line)))
    await appears(ready)
    (listed,) = host.in_flight("s")
    assert len(listed["processes"]) == 1
    answer = await host.cancel("s", "c1", "enough")
    result = await running
    assert (answer["status"], answer["outcome"]) == ("cancelled", "stopped")
    assert (answer["escalation"], answer["survivors"]) == ("terminated", 0)
    assert answer["partial"] == result["partial"] == "out\nerr\n"
    assert not lives(listed["processes"][0])
    assert len(results_of(host)) == len(reminders_of(host)) == 1


async def test_a_command_that_ignores_everything_is_killed_with_all_it_started(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os.setsid()\n"
        "    time.sleep(1000)\n"
        f"open({str(ready)!r}, 'w').write(f'{{os.getpid()}} {{child}}\\n')\n"
        "time.sleep(1000)\n"
    )
    host = command_host("processes")
    running = asyncio.create_task(host.dispatch("s", call("exec", argv=[sys.executable, "-c", program])))
    await appears(ready)
    pids = [int(word) for word in ready.read_text().split()]
    answer = await host.cancel("s", "c1", timeout_ms=30_000)
    assert (answer["outcome"], answer["escalation"], answer["survivors"]) == ("killed", "killed", 0)
    assert (await running)["outcome"] == "killed"
    assert [pid for pid in pids if lives(pid)] == []


async def test_the_deadline_of_a_command(tmp_path: Path) -> None:
    host = command_host("processes")
    result = await host.dispatch("s", call("shell", command="echo so far; sleep 1000"), timeout_ms=300)
    assert (result["status"], result["partial"]) == ("timeout", "so far\n")


async def test_a_cancel_before_the_command_starts(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    host = command_host("processes")
    running = asyncio.create_task(host.dispatch("s", call("shell", command=f"echo ran > {trace}; sleep 100")))
    cancelling = asyncio.create_task(host.cancel("s", "c1"))
    assert (await cancelling)["status"] == (await running)["status"] == "cancelled"


# -- the builtins ----------------------------------------------------------------------------


def run_of(*capabilities: str) -> Any:
    return SimpleNamespace(capabilities=frozenset(capabilities))


async def run(builtin: Any, *args: object, rt: Any = None) -> Any:
    return await builtin.function(run_of("processes") if rt is None else rt, *args)


async def test_builtins(tmp_path: Path) -> None:
    here = str(tmp_path)
    assert (await run(commands.exec_, "printf", "%s", 5))["stdout"] == "5"
    assert (await run(commands.exec_at, here, "pwd"))["stdout"] == f"{here}\n"
    assert await run(commands.shell, "echo a; echo b >&2; exit 2") == {
        "stdout": "a\n",
        "stderr": "b\n",
        "status": 2,
        "success": False,
    }
    assert (await run(commands.shell_at, here, "pwd"))["stdout"] == f"{here}\n"
    assert (await run(commands.shell, "kill -9 $$"))["status"] == -1


@pytest.mark.parametrize(
    ("builtin", "arguments", "text"),
    [
        (commands.exec_, (), "exec: command is required"),
        (commands.exec_at, ("/",), "exec_at: directory and command are required"),
        (commands.shell, ("",), "shell: command string is required"),
        (commands.shell_at, (None, "x"), "shell_at: directory and command string are required"),
        (commands.exec_, ("/no/such/program",), "exec failed: No such file or directory (os error 2)"),
        (commands.shell_at, ("/no/such/place", "x"), "shell failed: No such file or directory (os error 2)"),
    ],
)
async def test_errors_of_the_builtins(builtin: Any, arguments: Any, text: str) -> None:
    with pytest.raises(Thrown) as caught:
        await run(builtin, *arguments)
    assert caught.value.value == text


async def test_the_builtins_need_the_capability() -> None:
    with pytest.raises(CategorisedFault) as caught:
        await run(commands.shell, "true", rt=run_of())
    assert caught.value.caught() == "Error [permission_denied]: shell needs the capability processes"
