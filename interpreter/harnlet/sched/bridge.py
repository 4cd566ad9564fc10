"""The greenlet bridge: plain compiled code that waits for awaitables inside an asyncio task.

Script code runs in a greenlet. To wait, it switches to the greenlet of the event loop with the
awaitable in its hand; the coroutine there awaits it and switches back with the result. Nothing else in
the interpreter needs `async` (docs/architecture.md#async).
"""

import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final, TypeAlias, final

import greenlet

from harnlet.sched.turns import Turns

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
    if type(awaitable) is CoroutineType:
        awaitable.close()


@final
class YieldOnce:
    """An awaitable that lets every other ready task of the loop run once."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        yield


TURN: Final = YieldOnce()


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

    __slots__ = ("_idle", "_thread", "turns")

    def __init__(self) -> None:
        self.turns = Turns()
        self._idle: list[ScriptGreenlet] = []
        self._thread = 0

    def enter(
        self, life: Life, task: "Task", function: Callable[..., Any], args: tuple[Any, ...]
    ) -> tuple[ScriptGreenlet, Any]:
        """Begin `life(task, function, args)` in a greenlet: it, and what it waits for, or `ENDED`.

        The context variables of the caller are the script's too: which tool call it is part of.
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
        runner.gr_context = loop_greenlet.gr_context
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
        runner, awaitable = self.enter(life, task, function, args)
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
        while awaitable is not ENDED:
            try:
                if pause:
                    pause = False
                    await TURN
                value = await awaitable
                while self.turns.holders and self.turns.keeps_out(task):
                    await TURN
            except GeneratorExit:
                drop(awaitable)
                _abandon(runner)
                raise
            except BaseException as error:  # noqa: BLE001 - it goes on where the script waits
                # CancelledError included, so that the script's `finally` runs.
                drop(awaitable)
                awaitable = runner.throw(error)
            else:
                awaitable = runner.switch(value)
        return self.leave(runner)


def _abandon(runner: ScriptGreenlet) -> None:
    """The coroutine is being closed, since its loop is: let the script's `finally` run, but not wait."""
    for _ in range(_MOST_WAITS_OF_ABANDONED):
        awaitable = runner.throw(GeneratorExit())
        if awaitable is ENDED:
            return
        drop(awaitable)
