"""Telling plugins what happened, so that one that fails or hangs delays nobody.

Async listeners run as tasks in the event loop. Plain ones may block, so each has a thread of its
own, started with its first message: a listener that hangs delays only what it is told itself.
"""

import asyncio
import inspect
import logging
import threading
from collections import deque
from collections.abc import Awaitable
from typing import Any, Final, Protocol

_BACKLOG: Final = 10_000
"""How many messages wait for a listener that is slow; beyond it the oldest are dropped."""

_IDLE_SECONDS: Final = 5.0
"""How long a thread waits for more before it ends; starting one takes some 60 microseconds."""

_LOG: Final = logging.getLogger("harnlet.plugins")


class Listener(Protocol):
    """Something to be told."""

    is_async: bool

    def __call__(self, facts: dict[str, Any]) -> Any:
        """Take one message."""



_Message = tuple[asyncio.AbstractEventLoop | None, dict[str, Any]]


class _Mailbox:
    """What waits for one plain listener, and the thread that takes it there while there is something."""

    __slots__ = ("_changed", "_listener", "_open", "_waiting")

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._waiting: deque[_Message] = deque(maxlen=_BACKLOG)
        self._changed = threading.Condition()
        self._open = False

    def put(self, loop: asyncio.AbstractEventLoop | None, facts: dict[str, Any]) -> None:
        with self._changed:
            self._waiting.append((loop, facts))
            if self._open:
                self._changed.notify()
                return
            self._open = True
        threading.Thread(target=self._work, name="harnlet-listener", daemon=True).start()

    def _work(self) -> None:
        while (message := self._next()) is not None:
            self._deliver(*message)

    def _next(self) -> _Message | None:
        """The next message; None when none has come for a while, and then the thread ends."""
        with self._changed:
            if not self._waiting:
                self._changed.wait(_IDLE_SECONDS)
            if self._waiting:
                return self._waiting.popleft()
            self._open = False
            return None

    def _deliver(self, loop: asyncio.AbstractEventLoop | None, facts: dict[str, Any]) -> None:
        try:
            answer = self._listener(facts)
        except Exception:  # noqa: BLE001
            # Whatever it is, it must not end the thread; the log has it.
            _LOG.exception("a plugin failed while it was told something")
            return
        if inspect.isawaitable(answer) and loop is not None and not loop.is_closed():
            asyncio.run_coroutine_threadsafe(_guarded(answer), loop)


class Notifier:
    """Tells listeners."""

    __slots__ = ("_mailboxes", "_tasks")

    def __init__(self) -> None:
        self._mailboxes: dict[Listener, _Mailbox] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, listener: Listener, facts: dict[str, Any]) -> None:
        """Hand `facts` to `listener`; returns at once."""
        try:
            loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is not None and listener.is_async:
            task = loop.create_task(_guarded(listener(facts)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        mailbox = self._mailboxes.get(listener)
        if mailbox is None:
            mailbox = self._mailboxes[listener] = _Mailbox(listener)
        mailbox.put(loop, facts)


async def _guarded(answer: Awaitable[Any]) -> None:
    try:
        await answer
    except Exception:  # noqa: BLE001
        # As above: nobody is to be bothered.
        _LOG.exception("a plugin failed while it was told something")
