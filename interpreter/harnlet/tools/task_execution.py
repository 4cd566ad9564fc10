"""Async tools: each runs as an asyncio task of its own, and stopping it is `Task.cancel()`.

`finally` blocks run. A tool that swallows the cancellation goes on; its call is given up when the
grace has run out (docs/cancellation.md#stopped-means-stopped).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from harnlet.tools.call import CURRENT_CALL, ToolCall
from harnlet.tools.execution import AskedExecution


class TaskExecution(AskedExecution):
    """The task of one async tool."""

    __slots__ = ()

    def stop(self, reason: str, grace_ms: int) -> None:
        """Throw `CancelledError` into it, once: what it awaits while it cleans up is left alone."""
        if isinstance(self._ended, asyncio.Task):
            self._ended.cancel(reason)


async def _with_names(call: ToolCall, function: Callable[..., Awaitable[Any]], given: dict[str, Any]) -> Any:
    CURRENT_CALL.set(call)
    call.began = True
    return await function(**given)


async def _with_dict(call: ToolCall, function: Callable[..., Awaitable[Any]], given: dict[str, Any]) -> Any:
    CURRENT_CALL.set(call)
    call.began = True
    return await function(given)


def start_coroutine(
    call: ToolCall, function: Callable[..., Awaitable[Any]], arguments: dict[str, Any]
) -> TaskExecution:
    """Start an async function with named arguments."""
    return TaskExecution(asyncio.get_running_loop().create_task(_with_names(call, function, arguments)))


def start_awaitable(
    call: ToolCall, function: Callable[[dict[str, Any]], Awaitable[Any]], arguments: dict[str, Any]
) -> TaskExecution:
    """Start an async callable that takes its arguments as one dict."""
    return TaskExecution(asyncio.get_running_loop().create_task(_with_dict(call, function, arguments)))
