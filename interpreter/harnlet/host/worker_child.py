"""The worker process, seen from the host: started, spoken to, ended for sure."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import deque
from functools import partial
from typing import IO, Any, Final

from harnlet.errors.hierarchy import WorkerError
from harnlet.host.worker_wire import HEADER_BYTES, WireError, length_of, pack, unpack
from harnlet.tools.process_exit import LeaderExit
from harnlet.tools.process_mark import CallMark
from harnlet.tools.process_stop import KILL_SECONDS
from harnlet.tools.process_table import ProcTable
from harnlet.tools.process_table_portable import best_table
from harnlet.tools.process_thread import Persistence, in_own_thread
from harnlet.tools.process_tree import ProcessTree

_PASSED_ON: Final = ("LANG", "LC_ALL", "PATH", "TMPDIR", "TZ")
"""Variables of the environment that a worker gets without the capability `environment`."""

_LAST_WORDS: Final = 2000
_LINGER_SECONDS: Final = 1.0
"""How long to go on reading from a worker that has ended, when somebody else holds its pipes open; and how
long one that has closed its pipe may take to end."""

_START = "import sys; sys.path[:] = sys.argv[1:]; from harnlet.worker import main; main()"


class Child:
    """One worker process and the pipes to it, with all that it starts, wherever that goes.

    The process is reaped when its whole tree has been killed, and not before (`ProcessTree`).
    """

    def __init__(self, process: "subprocess.Popen[bytes]", mark: CallMark) -> None:
        self.pid = process.pid
        process.returncode = 0  # LeaderExit waits for it: Popen shall neither do that nor complain
        mark.brand(self.pid)
        table = best_table(self.pid)
        self._loop = asyncio.get_running_loop()
        self._tree = ProcessTree(self.pid, mark, table)
        self._gone = asyncio.Event()
        self._exit = LeaderExit(self.pid, self._on_exit, keeps_zombie=isinstance(table, ProcTable))
        self._linger: asyncio.TimerHandle | None = None
        self._output = asyncio.StreamReader()
        self._errors = asyncio.StreamReader()
        self._words: deque[str] = deque(maxlen=20)
        self._listening = asyncio.create_task(self._listen())
        self._transports: list[asyncio.BaseTransport] = []
        self._input: asyncio.WriteTransport
        self._ending: asyncio.Task[None] | None = None
        self.status: int | None = None
        """The exit status, negative for a signal, once it has ended; None when nobody knows."""

    @classmethod
    async def start(cls, whole_environment: bool) -> "Child":
        """A new process: Python without the host's environment, its user's packages and its cwd on the
        path. Raises WorkerError when there can be none."""
        environment = {
            name: value for name, value in os.environ.items() if whole_environment or name in _PASSED_ON
        }
        environment["MALLOC_ARENA_MAX"] = "1"  # An arena for each thread takes 64 MB of addresses.
        path = [each for each in sys.path if each]
        mark = CallMark()
        if sys.platform == "win32":
            raise WorkerError("no worker process can be started: Windows is not supported")
        try:
            # In the event loop's thread: it takes a millisecond (`process_running`).
            process = subprocess.Popen(  # noqa: ASYNC220
                [sys.executable, "-I", "-B", "-X", "utf8", "-c", _START, *path],
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=mark.environment(environment),
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerError(f"no worker process can be started: {error}") from error
        child = cls(process, mark)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        waits = Persistence(lambda: None)
        connecting = child._connect(process.stdin, process.stdout, process.stderr)
        try:
            await waits.result_of(asyncio.create_task(connecting))
            waits.let_go()
        except BaseException:
            await child.end()
            raise
        return child

    async def _connect(self, stdin: IO[bytes], stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self._input, _ = await self._loop.connect_write_pipe(asyncio.Protocol, stdin)
        self._transports.append(self._input)
        for reader, pipe in ((self._output, stdout), (self._errors, stderr)):
            protocol = partial(asyncio.StreamReaderProtocol, reader)
            transport, _ = await self._loop.connect_read_pipe(protocol, pipe)
            self._transports.append(transport)

    def send(self, message: dict[str, Any]) -> None:
        """Send a message, if anybody is there to read it. Raises WireError for one that is too large."""
        frame = pack(message)
        if not self._input.is_closing():
            self._input.write(frame)

    async def receive(self) -> dict[str, Any] | None:
        """The next message; None when the worker has gone. Raises WireError for what is no message."""
        try:
            header = await self._output.readexactly(HEADER_BYTES)
            return unpack(await self._output.readexactly(length_of(header)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def how_it_died(self) -> str:
        """For a worker that has gone by itself: `signal SIGKILL`, `exit status 1`, with its last words.
        Afterwards nothing of it is left."""
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                await self._gone.wait()
        except TimeoutError:
            await self.end()
            return "it closed its pipe"
        await self.end()
        words = "".join(self._words)[-_LAST_WORDS:].strip()
        text = words.splitlines()[-1] if words else ""
        return f"{_status_text(self.status)}{f': {text}' if text else ''}"

    @property
    def starved(self) -> bool:
        """Whether a worker that has gone by itself and has a limit on memory died of that: Python gives up
        where nothing can be undone, as for a greenlet whose stack it cannot save, and may not say why."""
        return self.status == -signal.SIGABRT or "MemoryError" in "".join(self._words)

    async def end(self) -> None:
        """Kill the process and all that it has started, and wait until they have gone: also who has left
        its session or lost its parent. Being cancelled meanwhile is put off."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._end())
        waits = Persistence(lambda: None)
        await waits.result_of(self._ending)
        waits.let_go()

    async def _end(self) -> None:
        try:
            await in_own_thread(partial(self._tree.destroy, KILL_SECONDS))
        finally:
            self._tree.release_leader()
            self.status = self._exit.reap()
            self._exit.close()
            if self._linger is not None:
                self._linger.cancel()
            # Who has survived, being another user's, may hold the pipe open for as long as it likes.
            await asyncio.wait({self._listening}, timeout=_LINGER_SECONDS)
            self._listening.cancel()
            if not self._input.is_closing():
                self._input.abort()
            self._stop_reading()

    def _on_exit(self) -> None:
        self._gone.set()
        self._linger = self._loop.call_later(_LINGER_SECONDS, self._stop_reading)

    def _stop_reading(self) -> None:
        for transport in self._transports:
            transport.close()

    async def _listen(self) -> None:
        while piece := await self._errors.read(_LAST_WORDS):
            self._words.append(piece.decode("utf-8", "replace"))


def _status_text(status: int | None) -> str:
    if status is None:
        return "nobody knows how"
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


__all__ = ["Child", "WireError"]
