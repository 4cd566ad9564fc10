"""What all running tools have in common, however their code runs."""

import asyncio
from typing import Any, Protocol

from harnlet.tools.call import Escalation


class Execution(Protocol):
    """The code of one call, started."""

    @property
    def ended(self) -> "asyncio.Future[Any]":
        """Its value or its error. Done means that nothing of it runs any more."""

    @property
    def escalation(self) -> Escalation:
        """How far stopping it has gone."""

    @property
    def survivors(self) -> int:
        """How many of its processes live on."""

    def stop(self, reason: str, grace_ms: int) -> None:
        """Begin to stop it; returns at once. `ended` tells when it has stopped."""

    def patience_ms(self, grace_ms: int) -> float:
        """How long to wait for `ended` after `stop` before it is given up, in milliseconds."""

    def partial(self) -> str | None:
        """Output so far, None when it has none of its own."""

    def pids(self) -> list[int]:
        """Its processes."""


class AskedExecution:
    """Base of those that can only be asked to stop."""

    __slots__ = ("_ended",)

    def __init__(self, ended: "asyncio.Future[Any]") -> None:
        self._ended = ended

    @property
    def ended(self) -> "asyncio.Future[Any]":
        """Its value or its error."""
        return self._ended

    @property
    def escalation(self) -> Escalation:
        """There is nothing beyond asking."""
        return "asked"

    @property
    def survivors(self) -> int:
        """It has no processes."""
        return 0

    def patience_ms(self, grace_ms: int) -> float:
        """The grace."""
        return grace_ms

    def partial(self) -> str | None:
        """No output of its own: what the tool reported is kept with the call."""
        return None

    def pids(self) -> list[int]:
        """It has no processes."""
        return []
