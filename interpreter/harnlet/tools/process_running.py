"""A started process with all that is held of it: its pipes, the moment of its end, its tree."""

import asyncio
import contextlib
import errno
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from .process_exit import LeaderExit
from .process_mark import CallMark
from .process_pipes import InputPipe, OutputPipe
from .process_stop import KILL_SECONDS, ProcessOutput, StopOutcome, Stopping, StopReport
from .process_table import ProcTable
from .process_table_portable import best_table
from .process_thread import Persistence
from .process_tree import ProcessTree

OutputListener = Callable[[Literal["stdout", "stderr"], bytes], None]


@dataclass(frozen=True, slots=True)
class Command:
    """What to start, and what to do with its output. The fields are explained at `ManagedProcess`."""

    argv: Sequence[str]
    cwd: str | os.PathLike[str] | None
    env: Mapping[str, str] | None
    stdin: bytes | None
    on_output: OutputListener | None
    output_limit_bytes: int
    linger_seconds: float | None


class RunningProcess:
    """Starts a command and holds it until it is over: by itself, or by `end`."""

    def __init__(self, command: Command) -> None:
        """Start it. Raises OSError when that cannot be."""
        self._loop = asyncio.get_running_loop()
        self._linger = command.linger_seconds
        self._began = self._ended = self._loop.time()
        self._leader_ended = False
        self._concluded = False
        self._stopping: Stopping | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self.over = asyncio.Event()
        self.report: StopReport | None = None
        self.output_was_open = False
        """Whether somebody held the output open when we stopped reading."""
        self.status: int | None = None
        """As `LeaderExit.reap` says, once it is over."""

        mark = CallMark()
        self.pid, stdout, stderr, stdin = _start(command, mark)
        self._table = best_table(self.pid)
        self.tree = ProcessTree(self.pid, mark, self._table)
        self._exit = LeaderExit(
            self.pid, self._on_leader_exit, keeps_zombie=isinstance(self._table, ProcTable)
        )
        self._stdout = self._read("stdout", stdout, command)
        self._stderr = self._read("stderr", stderr, command)
        self._input = InputPipe(stdin, command.stdin or b"") if stdin is not None else None

    @property
    def duration_ms(self) -> int:
        return round((self._ended - self._began) * 1000)

    def output(self) -> ProcessOutput:
        dropped = self._stdout.dropped_bytes + self._stderr.dropped_bytes
        return ProcessOutput(self._stdout.collected(), self._stderr.collected(), dropped)

    def hurry(self) -> None:
        """End the grace of the stop that is in progress, if any."""
        if self._stopping is not None:
            self._stopping.hurry()

    async def end(self, reason: str, grace_seconds: float, waits: Persistence) -> StopReport:
        """Stop the tree, or join the stop that is in progress. Returns when it is over, and not before."""
        if self._stopping is not None:
            self._stopping.hurry_after(grace_seconds)
            return await waits.result_of(self._stopping.over)
        self._stopping = Stopping(self.tree, self._table)
        self._stopping.hurry_after(grace_seconds)
        outcome = None
        try:
            outcome = await self._stopping.drive(waits)
        finally:
            # There is no outcome when the loop was closed under us, or no thread could be started.
            report = self._conclude_stop(reason, self._stopping.began, outcome or self._kill())
            self._stopping.conclude(report)
        return report

    def end_by_force(self, reason: str) -> None:
        """Kill the tree without an event loop; blocks until it is gone (or `KILL_SECONDS`)."""
        self._conclude_stop(reason, self._loop.time(), self._kill())

    def _kill(self) -> StopOutcome:
        return StopOutcome.of(self.tree.destroy(KILL_SECONDS))

    def _conclude_stop(self, reason: str, began: float, outcome: StopOutcome) -> StopReport:
        self._conclude(leader_survives=self.pid in outcome.survivor_pids)
        duration_ms = round((self._loop.time() - began) * 1000)
        self.report = StopReport(
            reason, outcome.escalation, outcome.survivor_pids, self.output(), duration_ms
        )
        return self.report

    def _read(self, name: Literal["stdout", "stderr"], descriptor: int, command: Command) -> OutputPipe:
        return OutputPipe(
            descriptor,
            limit_bytes=command.output_limit_bytes,
            on_data=partial(command.on_output, name) if command.on_output else None,
            on_end=self._look_if_over,
        )

    def _on_leader_exit(self) -> None:
        self._leader_ended = True
        if self._concluded:  # it had survived a stop
            self._reap()
        elif self._linger is not None:
            self._linger_timer = self._loop.call_later(self._linger, self._stop_lingering)
        self._look_if_over()

    def _look_if_over(self) -> None:
        if self._leader_ended and not self._stdout.open and not self._stderr.open:
            self._stop_lingering()

    def _stop_lingering(self) -> None:
        # A stop in progress concludes by itself when it has seen that nobody is left.
        if self._stopping is None and not self._concluded:
            self._conclude(leader_survives=False)

    def _conclude(self, *, leader_survives: bool) -> None:
        if self._concluded:  # it had just ended by itself when the stop came
            return
        self._concluded = True
        self._ended = self._loop.time()
        for pipe in (self._stdout, self._stderr):
            pipe.drain()
            self.output_was_open |= pipe.open
            pipe.close()
        if self._input is not None:
            self._input.close()
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        if not leader_survives:
            self._reap()
        if not self._loop.is_closed():
            self.over.set()

    def _reap(self) -> None:
        self.tree.release_leader()
        self.status = self._exit.reap()
        self._exit.close()


def _start(command: Command, mark: CallMark) -> tuple[int, int, int, int | None]:
    """Start the command, marked; answers its number and our ends of its stdout, stderr and stdin."""
    with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
        stdout, child_stdout = _pipe(ours, theirs)
        stderr, child_stderr = _pipe(ours, theirs)
        child_stdin, stdin = (subprocess.DEVNULL, None) if command.stdin is None else _pipe(theirs, ours)
        try:
            # In the event loop's thread, as asyncio does it: the interpreter is locked from vfork to exec, so
            # that another thread would gain nothing. It takes about a millisecond.
            popen = subprocess.Popen(
                command.argv,
                cwd=command.cwd,
                env=mark.environment(os.environ if command.env is None else command.env),
                stdin=child_stdin,
                stdout=child_stdout,
                stderr=child_stderr,
                start_new_session=True,
            )
        except ValueError as problem:  # a NUL byte in an argument, or text that no system call can take
            raise OSError(errno.EINVAL, str(problem)) from problem
        popen.returncode = 0  # LeaderExit waits for it: Popen shall neither do that nor complain
        mark.brand(popen.pid)
        ours.pop_all()
        return popen.pid, stdout, stderr, stdin


def _pipe(reader: contextlib.ExitStack, writer: contextlib.ExitStack) -> tuple[int, int]:
    """A new pipe, each end of which is closed with the stack that it is given to."""
    read_end, write_end = os.pipe()
    reader.callback(os.close, read_end)
    writer.callback(os.close, write_end)
    return read_end, write_end
