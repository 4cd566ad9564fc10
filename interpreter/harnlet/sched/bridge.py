"""The greenlet bridge: plain compiled code that waits for awaitables inside an asyncio task.

Script code runs in a greenlet. To wait, it switches to the greenlet of the event loop with the
awaitable in its hand; the coroutine there awaits it and switches back with the result. Nothing else in
the interpreter needs `async` (docs/architecture.md#async).
"""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, final

import greenlet

from harnlet.errors.hierarchy import UsageError


class ScriptGreenlet(greenlet.greenlet):
    """A greenlet that runs script code; its parent is the one of the event loop."""


def wait(awaitable: Awaitable[Any]) -> Any:
    """The result of `awaitable`; only the current task of the script waits.

    Raises whatever it raises, and CancelledError when the task is cancelled meanwhile. Raises
    UsageError outside of a script's task.
    """
    current = greenlet.getcurrent()
    if not isinstance(current, ScriptGreenlet) or current.parent is None:
        if hasattr(awaitable, "close"):
            awaitable.close()
        raise UsageError("only code that runs in a script's task can wait")
    return current.parent.switch(awaitable)


@final
class YieldOnce:
    """An awaitable that lets every other ready task of the loop run once."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, None]:
        yield


async def run_bridged(function: Callable[..., Any], args: tuple[Any, ...], entered: Callable[[], None]) -> Any:
    """Run `function(*args)` in a greenlet of its own, waiting on its behalf.

    `entered` is called each time just before script code goes on running.
    """
    runner = ScriptGreenlet(function)
    # The context variables of the asyncio task are the script's too: which tool call it is part of.
    runner.gr_context = greenlet.getcurrent().gr_context
    entered()
    result = runner.switch(*args)
    while not runner.dead:
        try:
            value = await result
        except BaseException as error:
            # CancelledError included: it is raised where the script waits, so that its `finally` runs.
            entered()
            result = runner.throw(error)
        else:
            entered()
            result = runner.switch(value)
    return result
