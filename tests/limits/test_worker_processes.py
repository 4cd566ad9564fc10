"""What a worker leaves behind when it goes, or is made to go: no process, no call, no half a transcript.

All with real processes. The worker here has been taken over: before it serves, it starts a process that
leaves its session and loses its parent, which no script can do.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from harnlet import Interpreter, LimitError, Limits, WorkerError, tool
from harnlet.host import worker_child, worker_runs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="marks in resource limits are Linux's")

FUGITIVES = {
    "another program": 'os.execvp("sleep", ["sleep", "3600"])',
    "a cleared environment": 'os.execve("/bin/sleep", ["sleep", "3600"], {})',
    "ignored signals": 'os.execvp("sh", ["sh", "-c", "trap \'\' TERM HUP INT; while :; do sleep 3600; done"])',
    "our pipes held open": "import time; time.sleep(3600)",
}
START = """
import os, sys
sys.path[:] = sys.argv[1:]
if os.fork() == 0:
    os.setsid()
    fugitive = os.fork()
    if fugitive == 0:
        HOW
    with open(FILE, "w") as file:
        file.write(str(fugitive))
    os._exit(0)
os.wait()
from harnlet.worker import main
main()
"""
STUCK = "return 3 ** 200000000"
"""Holds Python's lock for minutes."""


class Fugitive:
    """The process that has left the worker."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def process(self) -> psutil.Process | None:
        """It, as long as it is there."""
        try:
            found = psutil.Process(int(self._file.read_text()))
            return None if found.status() == psutil.STATUS_ZOMBIE else found
        except psutil.NoSuchProcess:
            return None


@pytest.fixture(params=[*FUGITIVES.values()], ids=[*FUGITIVES])
def fugitive(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fugitive:
    file = tmp_path / "fugitive"
    start = START.replace("HOW", request.param).replace("FILE", repr(str(file)))
    monkeypatch.setattr(worker_child, "_START", start)
    return Fugitive(file)


async def test_who_has_left_a_worker_is_killed_with_it(fugitive: Fugitive) -> None:
    seen: list[bool] = []

    @tool
    async def look() -> None:
        process = fugitive.process()
        assert process is not None
        ours = {each.pid for each in psutil.Process().children()}
        seen.append(process.ppid() not in ours and os.getsid(process.pid) not in ours)

    async with Interpreter(isolation="process", tools=[look]) as harn:
        assert await harn.run('host_tool_call("look", {})\nreturn 7') == 7
    assert seen == [True]
    assert fugitive.process() is None


async def test_an_overrun_kills_all_of_it(fugitive: Fugitive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_runs, "GRACE_SECONDS", 0.1)
    async with Interpreter(isolation="process", limits=Limits(integer_bits=10**10, seconds=2)) as harn:
        with pytest.raises(LimitError) as caught:
            await harn.run(STUCK)
    assert (caught.value.limit, caught.value.cap) == ("seconds", 2)
    assert fugitive.process() is None


async def test_a_worker_killed_in_the_middle_of_a_tool_call(fugitive: Fugitive) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()
    workers: list[int] = []

    @tool
    async def stuck() -> None:
        workers.extend(each.pid for each in psutil.Process().children())
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with Interpreter(isolation="process", tools=[stuck]) as harn:
        running = asyncio.create_task(harn.run('host_tool_call("stuck", {}, {id: "c1"})', session="s"))
        await begun.wait()
        assert [each["call_id"] for each in harn.in_flight_tool_calls()] == ["c1"]
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        with pytest.raises(WorkerError) as caught:
            await running
        assert str(caught.value) == "the worker process died (signal SIGKILL)"
        assert ended.is_set()
        assert harn.in_flight_tool_calls() == []
        transcript: dict[str, Any] = harn.transcript("s")
        assert (await harn.cancel_tool_call("s", "c1"))["status"] == "not_found"
        assert await harn.run("return 1") == 1
    assert [each["tool_call_id"] for each in transcript["messages"]] == ["c1"]
    assert transcript["messages"][0]["is_error"] is True
    assert [each["kind"] for each in transcript["events"]] == [
        *("tool_call_start", "tool_cancel_request", "tool_call_end", "tool_result", "tool_cancel_settled")
    ]
    assert transcript["events"][-1]["metadata"]["outcome"] == "stopped"
    assert fugitive.process() is None
