"""The walk that stops a process tree: ask, wait for it to go, kill, make sure."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

from .process_exit import Departures
from .process_table import ProcessTable
from .process_thread import Persistence, in_own_thread
from .process_tree import Destruction, ProcessTree

Escalation = Literal["asked", "terminated", "killed", "abandoned"]

KILL_SECONDS = 2.0
"""How long to go on killing. Who is still there then cannot be ended by us (another user's process), or not
now (it is in an uninterruptible wait), or multiplies faster than we can look."""


class ProcessOutput(NamedTuple):
    """What a process has written so far."""

    stdout: bytes
    stderr: bytes
    dropped_bytes: int = 0
    """How much came beyond the limit, of both together, and is not in here."""


@dataclass(frozen=True, slots=True)
class StopReport:
    """How a process was stopped (`docs/cancellation.md`, B5 and B10)."""

    reason: str
    escalation: Escalation
    """`asked`: nobody was alive any more, or yet. `terminated`: all went when asked (SIGTERM). `killed`:
    somebody had to be killed (SIGKILL), and nobody is left. `abandoned`: somebody is left."""
    survivor_pids: tuple[int, ...]
    partial: ProcessOutput
    duration_ms: int

    @property
    def survivors(self) -> int:
        return len(self.survivor_pids)


class StopOutcome(NamedTuple):
    """What became of the processes themselves."""

    escalation: Escalation
    survivor_pids: tuple[int, ...] = ()

    @classmethod
    def of(cls, destruction: Destruction) -> "StopOutcome":
        if destruction.survivors:
            return cls("abandoned", tuple(entry.pid for entry in destruction.survivors))
        return cls("killed" if destruction.found else "asked")


class Stopping:
    """One stop in progress. It is driven by one task; anybody may hurry it, or wait for it to be `over`."""

    def __init__(self, tree: ProcessTree, table: ProcessTable) -> None:
        self._tree = tree
        self._table = table
        self._loop = asyncio.get_running_loop()
        self._hurried: asyncio.Future[None] = self._loop.create_future()
        self._timers: list[asyncio.TimerHandle] = []
        self.began = self._loop.time()
        self.over: asyncio.Future[StopReport] = self._loop.create_future()

    def hurry(self) -> None:
        """End the grace now."""
        if not self._hurried.done():
            self._hurried.set_result(None)

    def hurry_after(self, seconds: float) -> None:
        """End the grace `seconds` from now, unless it ends earlier."""
        if seconds <= 0:
            self.hurry()
        else:
            self._timers.append(self._loop.call_later(seconds, self.hurry))

    async def drive(self, waits: Persistence) -> StopOutcome:
        """Walk the whole way. Each look at the process table runs in a thread."""
        try:
            asked = sight = await waits.result_of(in_own_thread(self._tree.ask))
            while sight.alive and not self._hurried.done():
                departures = Departures(sight.alive, self._table)
                try:
                    await waits.first_of(departures.all_gone, self._hurried)
                finally:
                    departures.close()
                sight = await waits.result_of(in_own_thread(self._tree.scan))
            if sight.alive or not sight.certain:
                destruction = await waits.result_of(in_own_thread(partial(self._tree.destroy, KILL_SECONDS)))
                if destruction.found:
                    return StopOutcome.of(destruction)
            return StopOutcome("terminated" if asked.alive else "asked")
        finally:
            for timer in self._timers:
                timer.cancel()

    def conclude(self, report: StopReport) -> None:
        """Let go of those who wait for it to be over."""
        if not self._loop.is_closed():
            self.over.set_result(report)
