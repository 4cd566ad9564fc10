"""The greenlet bridge: plain compiled code that waits for awaitables inside an asyncio task.

Script code runs in a greenlet. To wait, it switches to the greenlet of the event loop with the
awaitable in its hand; the coroutine there awaits it and switches back with the result. Nothing else in
the interpreter needs `async` (docs/architecture.md#async).
"""

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Coroutine
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

import greenlet

from harnlet.sched.first_step import Suspended

if TYPE_CHECKING:
    from harnlet.sched.task import Task

ENDED: Final = object()
"""What a runner has in its hand when its function has ended."""

_MOST_IDLE: Final = 1000
_MOST_WAITS_OF_ABANDONED: Final = 100

Life: TypeAlias = Callable[["Task", Callable[..., Any], tuple[Any, ...]], Any]
"""What a greenlet runs: all that a task does with its function, from beginning to end."""


@final
class ScriptGreenlet(greenlet.greenlet):
    """A greenlet that runs script code, one function after the other; its parent is that of the loop."""

    value: Any = None
    failure: BaseException | None = None


def current_runner() -> ScriptGreenlet | None:
    """The greenlet that runs now, if it is one in which script code can wait."""
    current = greenlet.getcurrent()
    return current if type(current) is ScriptGreenlet else None


def switch_to_loop(awaitable: Awaitable[Any]) -> Any:
    """Let the event loop await for the script; to be called in a runner."""
    parent: Any = greenlet.getcurrent().parent
    return parent.switch(awaitable)


def drop(awaitable: Any) -> None:
    """Give up an awaitable that nobody will await: a coroutine complains unless it is closed."""
    if type(awaitable) is CoroutineType or type(awaitable) is Suspended:
        awaitable.close()


def _work(life: Life, task: "Task", function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    me: Any = greenlet.getcurrent()
    while True:
        try:
            me.value = life(task, function, args)
        except greenlet.GreenletExit:
            return  # Nobody holds this greenlet any more.
        except BaseException as error:  # noqa: BLE001 - `leave` raises it again, whatever it is
            me.failure = error
        task = function = args = None  # type: ignore[assignment]
        life, task, function, args = me.parent.switch(ENDED)


class Bridge:
    """Runs functions in greenlets. Greenlets whose function has ended are used again: starting one
    costs 13 µs on CPython 3.11, which maps and unmaps memory for each, going on with one 0.5 µs."""

    __slots__ = ("_idle", "_thread")

    def __init__(self) -> None:
        self._idle: list[ScriptGreenlet] = []
        self._thread = 0

    def enter(
        self,
        life: Life,
        task: "Task",
        function: Callable[..., Any],
        args: tuple[Any, ...],
        context: contextvars.Context | None,
    ) -> tuple[ScriptGreenlet, Any]:
        """Begin `life(task, function, args)` in a greenlet: it, and what it waits for, or `ENDED`.

        Without a `context` the context variables of the caller are the script's too: which tool call it
        is part of.
        """
        loop_greenlet = greenlet.getcurrent()
        if self._thread != threading.get_ident():
            # A greenlet belongs to its thread; an interpreter may move on to another.
            self._idle.clear()
            self._thread = threading.get_ident()
        if self._idle:
            runner = self._idle.pop()
            runner.parent = loop_greenlet
        else:
            runner = ScriptGreenlet(_work)
        runner.gr_context = loop_greenlet.gr_context if context is None else context
        return runner, runner.switch(life, task, function, args)

    def leave(self, runner: ScriptGreenlet) -> Any:
        """The result of a function that has ended; raises what it raised."""
        value, runner.value = runner.value, None
        failure, runner.failure = runner.failure, None
        runner.gr_context = None
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(runner)
        if failure is not None:
            try:
                raise failure
            finally:
                del failure
        return value

    async def run(
        self, life: Life, task: "Task", function: Callable[..., Any], args: tuple[Any, ...]
    ) -> Any:
        """Run it in a greenlet, waiting on its behalf in the current asyncio task."""
        runner, awaitable = self.enter(life, task, function, args, None)
        if awaitable is ENDED:
            return self.leave(runner)
        return await self._go_on(task, runner, awaitable, False)

    def go_on(self, task: "Task", runner: ScriptGreenlet, awaitable: Any) -> Coroutine[Any, Any, Any]:
        """A coroutine that goes on with what `enter` has begun, for an asyncio task of its own.

        It has begun already, too: the task may be cancelled before its first step, and the script must
        hear of that.
        """
        coroutine = self._go_on(task, runner, awaitable, True)
        coroutine.send(None)
        return coroutine

    async def _go_on(self, task: "Task", runner: ScriptGreenlet, awaitable: Any, pause: bool) -> Any:
        gate = task.run.gate
        while awaitable is not ENDED:
            try:
                if pause:
                    pause = False
                    await asyncio.sleep(0)
                value = await awaitable
                if gate.holder is not None:
                    await gate.wait(task)
            except GeneratorExit:
                drop(awaitable)
                _abandon(runner)
                raise
            except BaseException as error:  # noqa: BLE001 - it goes on where the script waits
                # CancelledError included, so that the script's `finally` runs.
                drop(awaitable)
                runner.parent = greenlet.getcurrent()
                awaitable = runner.throw(error)
            else:
                # Not always the one that it has begun in: a coroutine takes its first step in a script's.
                runner.parent = greenlet.getcurrent()
                awaitable = runner.switch(value)
        return self.leave(runner)


def _abandon(runner: ScriptGreenlet) -> None:
    """The coroutine is being closed, since its loop is: let the script's `finally` run, but not wait."""
    runner.parent = greenlet.getcurrent()
    for _ in range(_MOST_WAITS_OF_ABANDONED):
        awaitable = runner.throw(GeneratorExit())
        if awaitable is ENDED:
            return
        drop(awaitable)
