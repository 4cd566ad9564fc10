"""Fuzzing of the parser and the whole pipeline: no traceback, no hang, no crash, whatever the text.

    python scripts/fuzz.py                       # 1,000,000 inputs
    python scripts/fuzz.py --scale 0.001
    python scripts/fuzz.py --show 4711           # one input, and what becomes of it

Each input is compiled and run under limits, with a clock that jumps over waits. Whatever is not a value or
an error of the user is a finding. Children do the work, so that a crash or a hang is one, too.
`scripts/fuzz_atheris.py` has inputs that coverage guides.
"""

import argparse
import asyncio
import faulthandler
import json
import mmap
import os
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, Final

from fuzz_inputs import Inputs
from harnlet import HarnletError, InternalError, Interpreter, Limits
from harnlet.runtime.methods import declared_methods
from harnlet.session.clock import ManualClock

FULL: Final = 1_000_000
_PART: Final = 2_000
"""Inputs for one child, and for one report."""

_AT_ONCE: Final = 100
"""Inputs for one interpreter."""

_HANG_SECONDS: Final = 20
LIMITS: Final = Limits(
    seconds=10,
    steps=20_000,
    tasks=50,
    output_bytes=100_000,
    collection_items=20_000,
    string_bytes=1_000_000,
)


class Jury:
    """Runs inputs and says what is wrong with what became of them."""

    def __init__(self) -> None:
        self._left = 0
        self._harn: Interpreter | None = None
        self._clock = ManualClock()
        self.complaints: list[str] = []

    async def try_input(self, source: str) -> str | None:
        """None, or what is wrong."""
        if self._left == 0:
            await self.aclose()
            self._left = _AT_ONCE
            self._clock = ManualClock()
            self._harn = Interpreter(output=_nowhere, limits=LIMITS, clock=self._clock)
        assert self._harn is not None
        self._left -= 1
        try:
            found = await self._run(self._harn, source)
        except RecursionError as error:
            found = _describe(error)
        if self.complaints:
            found = found or f"asyncio complains: {self.complaints[0]}"
            self.complaints.clear()
        if found is not None:
            self._left = 0
        return found

    async def _run(self, harn: Interpreter, source: str) -> str | None:
        running = asyncio.create_task(harn.run(source))
        while not running.done():
            for _ in range(20):
                await asyncio.sleep(0)
            if not running.done() and self._clock.timers:
                self._clock.advance(3_600_000)
        try:
            running.result()
        except InternalError as error:
            return _describe(error.__cause__ or error)
        except HarnletError as error:
            error.render()
        except Exception as error:  # noqa: BLE001 - that is what we look for
            return _describe(error)
        except asyncio.CancelledError as error:
            return _describe(error)
        return None

    async def aclose(self) -> None:
        """Every interpreter must work to the end."""
        if self._harn is not None:
            assert await self._harn.run("return 6 * 7") == 42
            await self._harn.aclose()
            self._harn = None


def _nowhere(text: str) -> None:
    """Output that nobody reads."""


def _describe(error: BaseException) -> str:
    inner = error
    while inner.__cause__ is not None:
        inner = inner.__cause__
    frames = traceback.extract_tb(inner.__traceback__)
    ours = [frame for frame in frames if "harnlet" in frame.filename] or frames
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "nowhere"
    return f"{type(inner).__name__} at {place}: {str(inner)[:200]}"


def inputs_of(seed: int) -> Inputs:
    """The inputs, with the names of all builtins and methods."""
    methods = sorted({method.name for method in declared_methods()})
    return Inputs(seed, sorted(Interpreter().builtins()), methods)


async def work(seed: int, start: int, count: int, progress: mmap.mmap) -> None:
    """In a child: try inputs, print a line of JSON for each finding."""
    inputs, jury = inputs_of(seed), Jury()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: jury.complaints.append(str(context)[:300]))
    for number in range(start, start + count):
        progress[:8] = number.to_bytes(8, "little")
        faulthandler.dump_traceback_later(_HANG_SECONDS, exit=True)
        source = inputs.make(number)
        found = await jury.try_input(source)
        if found is not None:
            print(json.dumps({"number": number, "found": found}), flush=True)
    await jury.aclose()
    faulthandler.cancel_dump_traceback_later()


class Parts:
    """Gives parts of the work to children and gathers what they find."""

    def __init__(self, seed: int, total: int, jobs: int, first: int) -> None:
        self.seed = seed
        self.end = first + total
        self.next = first
        self.jobs = jobs
        self.tried = 0
        self.findings: dict[str, int] = {}
        """What was found, and the number of the first input that did."""
        self._reported = 0

    def run(self) -> None:
        """Until everything was tried."""
        running: list[Any] = []
        while running or self.next < self.end:
            while len(running) < self.jobs and self.next < self.end:
                count = min(_PART, self.end - self.next)
                running.append(self._start(self.next, count))
                self.next += count
            for child in running[:]:
                if child[0].poll() is not None:
                    running.remove(child)
                    again = self._end(*child)
                    if again is not None:
                        running.append(again)
            time.sleep(0.05)

    def _start(self, start: int, count: int) -> Any:
        progress = tempfile.NamedTemporaryFile()  # noqa: SIM115 - lives as long as the child
        progress.write(bytes(8))
        progress.flush()
        command = [sys.executable, __file__, "--child", progress.name, str(self.seed), str(start), str(count)]
        output = tempfile.TemporaryFile("w+")  # noqa: SIM115
        errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        child = subprocess.Popen(command, stdout=output, stderr=errors)
        return child, progress, output, errors, start, count

    def _end(self, child: Any, progress: Any, output: Any, errors: Any, start: int, count: int) -> Any:
        """What a child has found; another child for what it could not do."""
        output.seek(0)
        for line in output:
            note = json.loads(line)
            self._found(note["found"], note["number"])
        done = count
        if child.returncode != 0:
            progress.seek(0)
            number = int.from_bytes(progress.read(8), "little")
            errors.seek(0)
            text = errors.read()
            last = [line for line in text.splitlines() if "harnlet" in line or "Error" in line][:1]
            self._found(f"child ended with {child.returncode}: {last}", number)
            done = number - start + 1
        self.tried += done
        if self.tried - self._reported >= 20_000:
            self._reported = self.tried
            print(f"{self.tried:,} tried, {len(self.findings)} kinds of findings", flush=True)
        left = count - done
        return self._start(start + done, left) if left > 0 else None

    def _found(self, what: str, number: int) -> None:
        kind = what.split(": ")[0]
        if kind not in self.findings:
            self.findings[kind] = number
            print(f"FOUND with --seed {self.seed} --show {number}: {what}", flush=True)


def show(seed: int, number: int) -> None:
    """One input, and what becomes of it."""
    source = inputs_of(seed).make(number)
    print(source)
    print("-" * 40)
    print(asyncio.run(Jury().try_input(source)) or "nothing is wrong with it")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help=f"how much of {FULL:,} inputs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--show", type=int)
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        path, *numbers = options.child
        with open(path, "r+b") as file, mmap.mmap(file.fileno(), 8) as progress:
            seed, start, count = map(int, numbers)
            asyncio.run(work(seed, start, count, progress))
        return 0
    if options.show is not None:
        show(options.seed, options.show)
        return 0
    parts = Parts(options.seed, round(FULL * options.scale), options.jobs, options.first)
    began = time.perf_counter()
    parts.run()
    minutes = (time.perf_counter() - began) / 60
    print(f"{parts.tried:,} inputs in {minutes:.1f} minutes: {len(parts.findings)} kinds of findings")
    return 1 if parts.findings else 0


if __name__ == "__main__":
    sys.exit(main())
