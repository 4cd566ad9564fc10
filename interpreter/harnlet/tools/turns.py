"""Who of a batch is next: so many at a time, in the order they came."""

import asyncio
from collections import deque
from typing import TypeAlias

Ticket: TypeAlias = "asyncio.Future[None]"


class Turns:
    """Hands out turns, `at_once` at a time.

    A ticket is a future that is done when its turn has come. Unlike with a semaphore, whose `acquire`
    may have succeeded in the very moment in which the one who waits is told to stop, it can always
    be seen afterwards whether there was a turn, and so none is ever lost.
    """

    __slots__ = ("_free", "_waiting")

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: deque[Ticket] = deque()

    def ticket(self) -> Ticket:
        """A place in the queue; to be given back, whatever comes."""
        ticket: Ticket = asyncio.get_running_loop().create_future()
        if self._free:
            self._free -= 1
            ticket.set_result(None)
        else:
            self._waiting.append(ticket)
        return ticket

    def give_back(self, ticket: Ticket) -> None:
        """The turn is over, or nobody waits for it any more."""
        if not ticket.done():
            ticket.cancel()
        if ticket.cancelled():
            return  # It never had its turn.
        while self._waiting:
            following = self._waiting.popleft()
            if not following.done():
                following.set_result(None)
                return
        self._free += 1
