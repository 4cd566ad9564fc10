"""The worker process, seen from the host: started, spoken to, ended for sure."""

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from typing import Any, Final

from harnlet.errors.hierarchy import WorkerError
from harnlet.host.worker_wire import HEADER_BYTES, WireError, length_of, pack, unpack

_PASSED_ON: Final = ("LANG", "LC_ALL", "PATH", "SYSTEMROOT", "TMPDIR", "TZ")
"""Variables of the environment that a worker gets without the capability `environment`."""

_LAST_WORDS: Final = 2000
_START = "import sys; sys.path[:] = sys.argv[1:]; from harnlet.worker import main; main()"


class Child:
    """One worker process and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._words: deque[str] = deque(maxlen=20)
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, whole_environment: bool) -> "Child":
        """A new process: Python without the host's environment, its user's packages and its cwd on the
        path. Raises WorkerError when there can be none."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if whole_environment or name in _PASSED_ON
        }
        environment["MALLOC_ARENA_MAX"] = "1"  # An arena for each thread takes 64 MB of addresses.
        path = [each for each in sys.path if each]
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-I", "-B", "-X", "utf8", "-c", _START),
                *path,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerError(f"no worker process can be started: {error}") from error
        return cls(process)

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def send(self, message: dict[str, Any]) -> None:
        """Send a message, if anybody is there to read it. Raises WireError for one that is too large."""
        frame = pack(message)
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(frame)

    async def receive(self) -> dict[str, Any] | None:
        """The next message; None when the worker has gone. Raises WireError for what is no message."""
        assert self._process.stdout is not None
        try:
            header = await self._process.stdout.readexactly(HEADER_BYTES)
            return unpack(await self._process.stdout.readexactly(length_of(header)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def how_it_died(self) -> str:
        """For a worker that has gone by itself: `signal SIGKILL`, `exit status 1`, with its last words."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self._process.wait()
                await self._listening
        status = self._process.returncode
        words = "".join(self._words)[-_LAST_WORDS:].strip()
        text = words.splitlines()[-1] if words else ""
        return f"{_status_text(status)}{f': {text}' if text else ''}"

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal, once it has ended."""
        return self._process.returncode

    async def end(self) -> None:
        """Kill the process, and what it has started in its session, and wait until it has gone. Being
        cancelled meanwhile is put off."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()
        self._listening.cancel()
        ends = asyncio.gather(self._process.wait(), self._listening, return_exceptions=True)
        cancelled: asyncio.CancelledError | None = None
        while not ends.done():
            try:
                await asyncio.shield(ends)
            except asyncio.CancelledError as error:
                cancelled = error
        self._transport_close()
        if cancelled is not None:
            raise cancelled

    def _transport_close(self) -> None:
        transport: Any = getattr(self._process, "_transport", None)
        if transport is not None:
            transport.close()

    async def _listen(self) -> None:
        assert self._process.stderr is not None
        while piece := await self._process.stderr.read(_LAST_WORDS):
            self._words.append(piece.decode("utf-8", "replace"))


def _status_text(status: int | None) -> str:
    if status is None:
        return "it closed its pipe"
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


__all__ = ["Child", "WireError"]
