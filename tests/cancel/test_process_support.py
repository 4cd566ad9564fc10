"""What the tests of processes share, programs that misbehave and ways to watch them; and tests of these."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import pytest

from harnlet.tools.process import ManagedProcess, ProcessResult
from harnlet.tools.process_stop import StopReport

PATIENCE_SECONDS = 30
"""After this long a test that waits for an event gives up. It only ever ends a test that fails."""

LONG_MS = 600_000
"""A grace that no test lives to see the end of."""

PRELUDE = """
import os, signal, sys, time

def say(word): os.write(1, b"%s %d\\n" % (word.encode(), os.getpid()))
def linger(): time.sleep(120)
def ignore_term(): signal.signal(signal.SIGTERM, signal.SIG_IGN)
def fork(work):
    if os.fork() == 0:
        work()
        os._exit(0)
def daemonise(work):
    def middle():
        os.setsid()
        fork(work)
    fork(middle)
    os.wait()
def stay():
    say("here")
    linger()
"""


def python(code: str) -> list[str]:
    """The command that runs Python code, for which the functions of `PRELUDE` are there."""
    return [sys.executable, "-I", "-S", "-c", f"{PRELUDE}\n{code}"]


def state(pid: int) -> str:
    """The state letter of a process as the kernel gives it; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def alive(pid: int) -> bool:
    return state(pid) not in ("", "Z", "X")


def reap(zombie: int) -> None:
    """Take the exit status of a child, as a host may do that waits for any child."""
    assert os.waitpid(zombie, os.WNOHANG)[0] == zombie


async def until(fact: Callable[[], bool]) -> None:
    """Wait for something that announces itself in no other way than by being so."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not fact():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.002)


class Watched:
    """A managed process that runs in a task of its own and whose words can be awaited.

    All its descendants that keep their environment can be told by a variable of the tests' own, so that the
    finding of processes is not tested by itself.
    """

    def __init__(self, argv: list[str], *, grace_ms: int = LONG_MS, **options: Any) -> None:
        self.token = secrets.token_hex(8)
        self._words: asyncio.Queue[str] = asyncio.Queue()
        self._rest = {"stdout": b"", "stderr": b""}
        self.process = ManagedProcess(
            argv,
            env={**os.environ, "HARNLET_TEST": self.token},
            on_output=self._hear,
            grace_ms=grace_ms,
            **options,
        )
        self.task: asyncio.Task[ProcessResult] = asyncio.create_task(self.process.run())

    def _hear(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        *lines, self._rest[stream] = (self._rest[stream] + data).split(b"\n")
        for line in lines:
            self._words.put_nowait(line.decode())

    async def line(self, containing: str = "") -> str:
        """The next line that it prints, or the next that contains something."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while containing not in (line := await self._next_line()):
                pass
            return line

    async def _next_line(self) -> str:
        word = asyncio.create_task(self._words.get())
        try:
            await asyncio.wait([word, self.task], return_when=asyncio.FIRST_COMPLETED)
            if word.done() or not self._words.empty():
                return await word
            raise EOFError(f"it has ended: {self.process.partial()}")
        finally:
            word.cancel()

    async def pids_of(self, count: int, word: str = "here") -> list[int]:
        """The process numbers in the next `count` lines that begin with the word."""
        return [int((await self.line(f"{word} ")).split()[-1]) for _ in range(count)]

    async def ended(self) -> None:
        """Return when the task is done, however it ended."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.wait([self.task])

    async def cancelled(self, reason: str = "") -> StopReport:
        """Cancel the task, and answer with the report of the stop."""
        self.task.cancel(reason)
        await self.ended()
        assert self.task.cancelled()
        report = self.process.stop_report
        assert report is not None
        return report

    def relatives(self) -> list[int]:
        """All living processes that carry the tests' own variable."""
        variable = f"HARNLET_TEST={self.token}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if variable in path.read_bytes().split(b"\0") and alive(int(path.parent.name)):
                    found.append(int(path.parent.name))
        return found


@asynccontextmanager
async def watched(argv: list[str], **options: Any) -> AsyncIterator[Watched]:
    """A `Watched`, of which nothing is left afterwards even when the test fails."""
    one = Watched(argv, **options)
    try:
        yield one
    finally:
        while not one.task.done():
            one.task.cancel()
            await asyncio.sleep(0)
        while leftovers := one.relatives():
            for pid in leftovers:
                with suppress(ProcessLookupError):
                    os.kill(pid, 9)
            await asyncio.sleep(0)


async def test_the_helpers_tell_a_living_process_from_a_dead_one() -> None:
    async with watched(python("stay()")) as one:
        [pid] = await one.pids_of(1)
        assert alive(pid)
        assert one.relatives() == [pid]
        one.task.cancel()
        await one.ended()
        assert not alive(pid)
        assert one.relatives() == []


async def test_the_helpers_clean_up_what_a_test_has_left() -> None:
    async with watched(python("daemonise(stay)"), linger_ms=0) as one:
        [orphan] = await one.pids_of(1)
        await one.ended()
        assert alive(orphan)
    await until(lambda: not alive(orphan))


async def test_waiting_for_a_fact_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(until.__globals__, "PATIENCE_SECONDS", 0)
    with pytest.raises(TimeoutError):
        await until(lambda: False)
