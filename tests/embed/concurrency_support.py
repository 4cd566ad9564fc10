"""What the tests of tasks, deadlines and channels share: a script that runs on a clock which stands still."""

import asyncio
from types import TracebackType
from typing import Any, Self

from harnlet import Interpreter
from harnlet.session.clock import ManualClock


async def rounds(count: int = 40, most: int = 1000) -> None:
    """Let the loop go round `count` times, and on until nothing else is ready, `most` times at the most: how
    many turns something takes depends on how often the ticker looks."""
    ready: Any = getattr(asyncio.get_running_loop(), "_ready", ())
    for number in range(most):
        await asyncio.sleep(0)
        if number >= count and not ready:
            return


class Script:
    """One run of a source text. `lines` is what it has printed so far.

    Leaving the block ends the run, and checks that it has left nothing behind: no task and no timer.
    """

    def __init__(self, source: str, *, harn: Interpreter | None = None, **options: Any) -> None:
        self.clock = ManualClock()
        self.text: list[str] = []
        self.harn = Interpreter(clock=self.clock, output=self.text.append, **options)
        self.source = source
        self.running: asyncio.Task[Any] | None = None

    async def __aenter__(self) -> Self:
        self.running = asyncio.get_running_loop().create_task(self.harn.run(self.source))
        await rounds()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self.running is not None
        self.running.cancel()
        await asyncio.wait({self.running})
        await self.harn.aclose()
        if error is None:
            assert self.harn._scheduler.live == 0
            assert self.clock.timers == 0
            assert asyncio.all_tasks() == {asyncio.current_task()}

    @property
    def lines(self) -> list[str]:
        return "".join(self.text).splitlines()

    @property
    def over(self) -> bool:
        assert self.running is not None
        return self.running.done()

    async def advance(self, milliseconds: int, *, step: int = 1) -> None:
        """Let time pass in steps, and everything that becomes ready run after each."""
        while milliseconds > 0:
            self.clock.advance(min(step, milliseconds))
            milliseconds -= step
            await rounds(20)

    async def end(self, turns: int = 200_000, *, passing: int = 1) -> Any:
        """The value of the run, which must be over within so many turns of the loop. A little time, `passing`
        milliseconds, passes with each thousand of them: code that computes may have kept the script from what it
        was to do before."""
        assert self.running is not None
        for number in range(turns):
            if self.running.done():
                return self.running.result()
            if number % 1000 == 999:
                self.clock.advance(passing)
            await asyncio.sleep(0)
        raise AssertionError(f"the run does not end; so far it has printed {self.lines}")

    async def cancel(self) -> None:
        """Cancel the run as a host does, and wait for its end."""
        assert self.running is not None
        self.running.cancel()
        await asyncio.wait({self.running})


async def printed(source: str, **options: Any) -> list[str]:
    """What a script prints that needs no time to pass."""
    async with Script(source, **options) as script:
        await script.end()
        return script.lines
