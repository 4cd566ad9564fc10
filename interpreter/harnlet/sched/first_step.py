"""The first step of a coroutine, taken where the script is.

Most waits of a script are for coroutines of the host, and many of those are ready at once. Going to the
greenlet of the event loop and back for them costs a microsecond, so a coroutine begins in the script's own
greenlet: in the same asyncio task, with the same context variables. Only what is left of one that suspends
goes to the loop (docs/architecture.md#async).
"""

from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any, Final, TypeAlias, final

READY: Final = object()
"""What a driver yields when its coroutine has ended."""

_Driver: TypeAlias = Any


@final
class Steps:
    """Takes first steps. One driver serves them all, until a coroutine suspends or raises: making a
    generator, or catching StopIteration, costs as much as the rest."""

    __slots__ = ("_idle",)

    def __init__(self) -> None:
        self._idle: tuple[_Driver, list[Any]] | None = None

    def take(self, awaitable: Coroutine[Any, Any, Any]) -> "Any | Suspended":
        """Its result if it is ready at once, else what is left, to be awaited. Raises what it raises."""
        idle, self._idle = self._idle, None  # The coroutine may run scripts, which come here again.
        if idle is None:
            results: list[Any] = []
            driver = _drive(results)
            driver.send(None)
        else:
            driver, results = idle
        yielded = driver.send(awaitable)
        if yielded is not READY:
            return Suspended(driver, yielded, results)
        self._idle = driver, results
        return results.pop()


@coroutine
def _drive(results: list[Any]) -> Generator[Any, Any, None]:
    """Runs one coroutine after the other: yields what they yield, and READY after each."""
    while True:
        awaitable = yield READY
        results.append((yield from awaitable))
        awaitable = None


@final
class Suspended:
    """What is left of a coroutine that has begun; awaited once, or closed."""

    __slots__ = ("_driver", "_results", "_yielded")

    def __init__(self, driver: _Driver, yielded: object, results: list[Any]) -> None:
        self._driver = driver
        self._yielded = yielded
        self._results = results

    def close(self) -> None:
        """Give it up: its `finally` runs."""
        self._driver.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        driver, yielded, self._yielded = self._driver, self._yielded, None
        while yielded is not READY:
            try:
                sent = yield yielded
            except GeneratorExit:
                driver.close()
                raise
            except BaseException as error:  # noqa: BLE001 - whatever the coroutine is told
                yielded = driver.throw(error)
            else:
                yielded = driver.send(sent)
        driver.close()
        return self._results.pop()
