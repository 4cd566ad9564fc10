"""Turns: whose code may run while a task that computes lets the event loop go round.

Scripts are promised that plain code is never interrupted: other tasks run only when one waits
(docs/builtins.md#concurrency-runtime). The host is promised that no script keeps it waiting. So a turn
that a computing task gives is for the host and for other runs at first; only when it has computed for
`OWN_SECONDS` the other tasks of its own run get their turn, too, so that they can cancel it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, Final, final

if TYPE_CHECKING:
    from harnlet.sched.task import Task

OWN_SECONDS: Final = 0.025
"""Processor time of the thread, so that a busy machine changes nothing."""

LOOP_SECONDS: Final = 0.002
"""The loop gets turns for as long as it has something ready, and this long at most: as much as a slice of
the script. One turn would not do: what the host does often takes many, each a moment long."""

_BLIND_TURNS: Final = 4
"""How many turns a loop gets that does not show whether it has more to do."""


@final
class LoopTurns:
    """An awaitable that lets the loop do what it has to do: `all_ready` or only what is ready now."""

    __slots__ = ("_all_ready",)

    def __init__(self, all_ready: bool) -> None:
        self._all_ready = all_ready

    def __await__(self) -> Generator[None, None, None]:
        yield
        if not self._all_ready:
            return
        ready = getattr(asyncio.get_running_loop(), "_ready", None)
        if ready is None:
            for _ in range(_BLIND_TURNS - 1):
                yield
        elif ready:
            until = time.perf_counter() + LOOP_SECONDS
            while ready and time.perf_counter() < until:
                yield


ONE_TURN: Final = LoopTurns(False)
MANY_TURNS: Final = LoopTurns(True)


@final
class Gate:
    """What the tasks of one run pass to begin, and to go on after a wait.

    It is shut while a task of the run computes and gives such a turn: others stand in a queue until that task
    waits, ends, or has computed for `OWN_SECONDS`.
    """

    __slots__ = ("_draining", "_queue", "holder")

    def __init__(self) -> None:
        self.holder: Task | None = None
        """The task that is giving such a turn now."""
        self._queue: deque[Any] = deque()
        """Of tasks that begin: what to call with what; of others, a future."""
        self._draining = False

    # --- the task that computes ------------------------------------------------------------------

    def give(self, task: "Task") -> None:
        """`task` computes, and gives the loop a turn."""
        now = time.thread_time()
        if task.computing_since is None:
            task.computing_since = now
        if now - task.computing_since < OWN_SECONDS:
            self.holder = task
        else:
            self._open()

    def take_back(self, task: "Task") -> None:
        """Its turn is over, and it goes on computing."""
        if self.holder is task:
            self.holder = None

    def computed(self, task: "Task") -> None:
        """`task`, which has given turns, waits now or has ended."""
        task.computing_since = None
        self._open()

    # --- the others ------------------------------------------------------------------------------

    def begin(self, start: Callable[..., None], *args: Any) -> None:
        """Call `start(*args)` when the loop goes round next and the gate is open, in order."""
        self._queue.append((start, args))
        if not self._draining:
            self._open()

    async def wait(self, task: "Task") -> None:
        """Wait until `task` may go on."""
        while self.holder is not None and self.holder is not task:
            passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._queue.append(passed)
            await passed

    def _open(self) -> None:
        if self._queue and not self._draining:
            loop = asyncio._get_running_loop()
            if loop is not None:  # None when what was left behind is closed after its loop.
                self._draining = True
                loop.call_soon(self._drain)

    def _drain(self) -> None:
        self._draining = False
        queue = self._queue
        woken = False
        until = time.perf_counter() + LOOP_SECONDS
        try:
            while queue and self.holder is None:
                entry = queue[0]
                if type(entry) is tuple:
                    if woken or time.perf_counter() > until:
                        return
                    queue.popleft()
                    start, args = entry
                    start(*args)
                else:
                    # It goes on when the loop goes round next, and may shut the gate again.
                    queue.popleft()
                    woken = True
                    if not entry.done():
                        entry.set_result(None)
        finally:
            if self.holder is None:
                self._open()
