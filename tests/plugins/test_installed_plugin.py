"""A stranger's installed plugin: found by its entry point, with a command and a way in for cancels."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from harnlet import Interpreter, hookimpl, tool

ROOT = Path(__file__).resolve().parents[2]
SOURCE_ROOTS = [ROOT / "interpreter", ROOT / "builtins", ROOT / "plugins"]

STRANGER = '''
import click
from harnlet import hookimpl

@click.command()
@click.argument("name")
def greet(name):
    """Greet somebody."""
    click.echo(f"hello {name}")

@hookimpl
def harnlet_cli_commands():
    return [greet]
'''


def harnlet(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "harnlet", *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [*SOURCE_ROOTS, folder]))},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_the_command_of_an_installed_plugin_is_one_of_harnlets(tmp_path: Path) -> None:
    (tmp_path / "stranger.py").write_text(STRANGER, encoding="utf-8")
    info = tmp_path / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[harnlet]\nstranger = stranger\n", encoding="utf-8")
    assert harnlet(tmp_path, "greet", "Ada").stdout == "hello Ada\n"
    assert "greet" in harnlet(tmp_path, "--help").stdout
    listed = harnlet(tmp_path, "plugins", "--entry-points").stdout
    assert "stranger 1.0\n  harnlet_cli_commands\n" in listed
    assert "stranger" not in harnlet(tmp_path, "plugins").stdout


Cancel = Callable[..., Awaitable[dict[str, Any]]]


class Transport:
    """Cancels what it is told to, and notes when it was started and closed."""

    def __init__(self, cancel: Cancel, log: list[str]) -> None:
        self.cancel = cancel
        self.log = log

    async def start(self) -> None:
        self.log.append("started")

    async def aclose(self) -> None:
        self.log.append("closed")


class Bus:
    """The plugin."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.transports: list[Transport] = []

    @hookimpl
    def harnlet_cancel_transport(self, cancel: Cancel) -> Transport:
        self.transports.append(Transport(cancel, self.log))
        return self.transports[-1]


async def test_a_transport_is_started_can_cancel_and_is_closed() -> None:
    started = asyncio.Event()

    @tool
    async def wait() -> None:
        """Never ends."""
        started.set()
        await asyncio.Event().wait()

    bus = Bus()
    async with Interpreter(plugins=["harnlet_plugins.tool_calls", bus], tools=[wait]) as harn:
        assert bus.log == ["started"]
        call = {"id": "c", "name": "wait", "arguments": {}}
        running = asyncio.create_task(harn.dispatch_tool_call("s", call))
        await started.wait()
        answer = await bus.transports[0].cancel("s", "c", reason="from elsewhere", actor="bus")
        assert (answer["status"], answer["actor"]) == ("cancelled", "bus")
        assert (await running)["cancellation_reason"] == "from elsewhere"
    assert bus.log == ["started", "closed"]
