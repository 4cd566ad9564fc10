"""Running a command so that it, and whatever it starts, can be stopped for real."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .process_running import Command, OutputListener, RunningProcess
from .process_stop import ProcessOutput, StopReport
from .process_thread import Persistence, in_own_thread

DEFAULT_GRACE_MS = 2000
DEFAULT_OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """How a process ended."""

    stdout: bytes
    stderr: bytes
    status: int
    """The exit status; -1 when a signal ended it, when it never started, or the host reaped it before us."""
    signal: int | None
    pid: int | None
    """None when it was stopped before it was started."""
    duration_ms: int = 0
    dropped_bytes: int = 0
    """How much output came beyond the limit."""
    output_open: bool = False
    """Whether somebody still held stdout or stderr open when we stopped reading (`linger_ms`, or a stop)."""
    stopped: StopReport | None = None
    """How it was stopped, if `stop` did that."""

    @property
    def success(self) -> bool:
        return self.status == 0


class ManagedProcess:
    """One run of a command, with all that it starts (`docs/cancellation.md`, B5; `docs/builtins.md`, 13.3).

    The command gets a session and process group of its own, no terminal, and an empty stdin unless told
    otherwise. Who awaits it owns it: **cancelling the task that awaits `run` ends the whole process tree**
    before the CancelledError travels on, and `stop_report` then says how:

        process = ManagedProcess(["make", "test"])
        try:
            result = await process.run()
        except asyncio.CancelledError:
            log(process.stop_report)
            raise

    A stop sends SIGTERM to the process group and to whoever has left it, and wakes up at the moment the last
    one has gone. Those who have not when the grace is over, or as soon as it is asked for again, get SIGKILL.
    It looks at the process table before it says that nobody is left. Descendants are found that called
    `setsid`, forked twice, ignore SIGTERM, are stopped, hold the output open, multiply, or have thrown their
    environment away.

    What it cannot do:

    - A process that has cleared its environment, left the session and lost its parent is out of sight where
      the second mark is missing (`process_mark`): in a call inside another Harnlet's call, on systems other
      than Linux, in a command of another user. It is not among the survivors then.
    - A descendant of another user (`sudo`) may be beyond our rights. It is reported as a survivor.
    - A chain of processes each of which calls `setsid`, forks and ends is caught unless each lives for less
      than about 0.1 ms. The search ends after two seconds and reports whom it saw last, if it saw anybody.
    - Work handed to a process of somebody else (`docker run`, `systemd-run`, `at`, `ssh`) is no descendant.

    Needs POSIX, but no rights and no child watcher, and does not touch the host's other children.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: str | os.PathLike[str] | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = None,
        grace_ms: int = DEFAULT_GRACE_MS,
        on_output: OutputListener | None = None,
        output_limit_bytes: int = DEFAULT_OUTPUT_LIMIT_BYTES,
        linger_ms: int | None = None,
    ) -> None:
        """Prepare; nothing is started yet.

        Args:
            argv: the program and its arguments; not empty.
            cwd: the directory to run in; the host's own when None.
            env: the whole environment; the host's own when None. `HARNLET_CALL` is added to it.
            stdin: what the command reads; nothing when None.
            grace_ms: how long it may take to go when it is stopped, before it is killed.
            on_output: called in the event loop with `"stdout"` or `"stderr"` and each piece as it comes.
            output_limit_bytes: how much to keep of stdout, and of stderr; the rest is read and dropped.
            linger_ms: how long to go on reading when the command has ended but something that it left behind
                holds its output open. None: until that closes it, as `subprocess` does.
        """
        if not argv:
            raise ValueError("argv must not be empty")
        self._command = Command(
            argv=list(argv),
            cwd=cwd,
            env=env,
            stdin=stdin,
            on_output=on_output,
            output_limit_bytes=output_limit_bytes,
            linger_seconds=None if linger_ms is None else linger_ms / 1000,
        )
        self._grace_ms = grace_ms
        self._used = False
        self._forbidden: StopReport | None = None
        self._running: RunningProcess | None = None

    @property
    def pid(self) -> int | None:
        """The process number of the command, once it has been started."""
        return self._running.pid if self._running else None

    @property
    def stop_report(self) -> StopReport | None:
        """How it was stopped; None when it has not been, or when that is still in progress."""
        return self._running.report if self._running else self._forbidden

    async def run(self) -> ProcessResult:
        """Start the command; return when it has ended and its output is closed.

        What it left behind on purpose lives on: only a stop kills.

        Raises:
            OSError: it could not be started.
            asyncio.CancelledError: the task was cancelled, and the tree has been ended (see `stop_report`). A
                second cancellation ends the grace. The message of the first is the report's reason.
            RuntimeError: this object has been run before.
        """
        if self._used:
            raise RuntimeError("a ManagedProcess runs once; make another")
        self._used = True
        if self._forbidden is not None:
            return ProcessResult(b"", b"", -1, None, None, stopped=self._forbidden)
        running = self._running = RunningProcess(self._command)
        try:
            await running.over.wait()
        except asyncio.CancelledError as cancellation:
            reason = str(cancellation.args[0]) if cancellation.args else ""
            await running.end(reason, self._grace_ms / 1000, Persistence(running.hurry))
            raise
        except GeneratorExit:  # the loop was closed without waiting for us
            running.end_by_force("the event loop was closed")
            raise
        return _result(running)

    async def stop(self, reason: str = "", grace_ms: int | None = None) -> StopReport:
        """End the whole tree. `run` then returns a result, with this report in `stopped`.

        Several tasks of the event loop may call this: the first reason stays, and the grace that ends first
        counts. Before `run`, it prevents the start. After the end, it does nothing.

        Args:
            reason: for the report.
            grace_ms: how long it may take to go; what the constructor was told when None.

        Raises:
            asyncio.CancelledError: the calling task was cancelled. The stop has been carried through all the
                same, without further grace.
        """
        if self.stop_report is not None:
            return self.stop_report
        running = self._running
        if running is None or running.over.is_set():
            report = StopReport(reason, "asked", (), self.partial(), 0)
            if not self._used:
                self._forbidden = report
            return report
        waits = Persistence(running.hurry)
        report = await running.end(reason, (self._grace_ms if grace_ms is None else grace_ms) / 1000, waits)
        waits.let_go()
        return report

    def partial(self) -> ProcessOutput:
        """The output so far; all of it when it has ended."""
        return self._running.output() if self._running else ProcessOutput(b"", b"")

    async def pids(self) -> list[int]:
        """The numbers of all processes of the tree that are alive, and of any that the command left behind.

        Where processes cannot be listed, the negative number of the process group stands for all of them.
        """
        if self._running is None:
            return []
        return [entry.pid for entry in (await in_own_thread(self._running.tree.scan)).alive]


async def run_process(
    argv: Sequence[str],
    *,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    grace_ms: int = DEFAULT_GRACE_MS,
    on_output: OutputListener | None = None,
    output_limit_bytes: int = DEFAULT_OUTPUT_LIMIT_BYTES,
    linger_ms: int | None = None,
) -> ProcessResult:
    """Run a command to its end: `ManagedProcess(...).run()` for callers who need no report of a stop."""
    process = ManagedProcess(
        argv,
        cwd=cwd,
        env=env,
        stdin=stdin,
        grace_ms=grace_ms,
        on_output=on_output,
        output_limit_bytes=output_limit_bytes,
        linger_ms=linger_ms,
    )
    return await process.run()


def _result(running: RunningProcess) -> ProcessResult:
    output = running.output()
    exited = running.status is not None and running.status >= 0
    return ProcessResult(
        stdout=output.stdout,
        stderr=output.stderr,
        status=running.status if exited and running.status is not None else -1,
        signal=-running.status if running.status is not None and running.status < 0 else None,
        pid=running.pid,
        duration_ms=running.duration_ms,
        dropped_bytes=output.dropped_bytes,
        output_open=running.output_was_open,
        stopped=running.report,
    )
