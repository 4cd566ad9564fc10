"""Runs the language tests: scripts that carry their own expectations.

A file is split into chunks by lines of `---`; each chunk is a program and a test of its own, named by
the comment in its first line. What it must do stands in comments:

    println(1 + 1)   // expect: 2
    nope()           // error HRN-0101 1-5: call target `nope` is not defined or imported

Each `expect:` is one line of output, in order. An `error` (or `warning`) stands on the line that the
diagnostic points at, with its code and its columns, from the first to the one after the last; `help:`
and `note:` on the lines below belong to it, and a second one for the line stands on a line of its own
below. `// value: 3` is the display of the program's value.
Everything is compared whole: output, and the complete list of diagnostics.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harnlet import HarnletError, Interpreter
from harnlet.errors.diagnostic import Diagnostic
from harnlet.runtime.display import display

_EXPECT = re.compile(r"//\s?expect:(?: (.*))?$")
_VALUE = re.compile(r"//\s?value: (.*)$")
_PROBLEM = re.compile(r"//\s?(error|warning) (HRN-\d{4}) (\d+)(?:-(\d+))?: (.*)$")
_DETAIL = re.compile(r"^\s*//\s?(help|note): (.*)$")


@dataclass
class Problem:
    """One diagnostic as the test wants it."""

    severity: str
    code: str
    line: int
    column: int
    end: int | None
    message: str
    help: str = ""
    notes: list[str] = field(default_factory=list)

    def agrees(self, found: Diagnostic) -> bool:
        """Whether the diagnostic is this one, in every respect that the test names."""
        same_place = (self.line, self.column) == (found.line, found.column)
        if self.end is not None:
            same_place = same_place and self.end == found.end_column
        texts = (self.severity, self.code, self.message, self.help, tuple(self.notes))
        return same_place and texts == (
            found.severity,
            found.code,
            found.message,
            found.help,
            found.notes,
        )


def check(source: str, filename: str) -> str | None:
    """Run a program with expectations; what differs from them, or None."""
    lines = source.splitlines()
    wanted_output = [m.group(1) or "" for line in lines if (m := _EXPECT.search(line))]
    wanted_problems = list(_problems(source))
    wanted_value = [m.group(1) for line in lines if (m := _VALUE.search(line))]
    output, found, value = asyncio.run(run_source(source, Path(filename)))
    printed = "".join(output).splitlines()
    if printed != wanted_output:
        columns = "\n  ".join(printed) + "\nexpected:\n  " + "\n  ".join(wanted_output)
        return "output:\n  " + columns + _shown(found)
    agree = len(found) == len(wanted_problems) and all(
        problem.agrees(diagnostic) for problem, diagnostic in zip(wanted_problems, found, strict=True)
    )
    if not agree:
        return "diagnostics:" + _shown(found) + "\nexpected:\n  " + "\n  ".join(map(repr, wanted_problems))
    if wanted_value and wanted_value != [value]:
        return f"value: {value}, expected: {wanted_value[0]}"
    return None


class SpecError(Exception):
    """A chunk did something else than it says; the message shows both."""


class SpecItem(pytest.Item):
    """One chunk."""

    def __init__(self, *, source: str, first_line: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.source = source
        self.first_line = first_line

    def runtest(self) -> None:
        problem = check(self.source, self.path.name)
        if problem is not None:
            raise SpecError(problem)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, SpecError):
            return f"{self.path}:{self.first_line}: {self.name}\n{excinfo.value}\n"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.first_line - 1, self.name


class SpecFile(pytest.File):
    """A file of chunks."""

    def collect(self) -> Iterator[SpecItem]:
        chunk: list[str] = []
        first = 1
        number = 0
        for line_number, line in enumerate([*self.path.read_text(encoding="utf-8").splitlines(), "---"], 1):
            if line.strip() != "---":
                chunk.append(line)
                continue
            if any(part.strip() for part in chunk):
                number += 1
                title = (
                    chunk[0].removeprefix("//").strip() if chunk[0].startswith("//") else f"chunk {number}"
                )
                yield SpecItem.from_parent(
                    self, name=f"{number}: {title}", source="\n".join(chunk) + "\n", first_line=first
                )
            chunk, first = [], line_number + 1


async def run_source(source: str, path: Path) -> tuple[list[str], list[Diagnostic], str]:
    output: list[str] = []
    found: list[Diagnostic] = []
    value = ""
    async with Interpreter(output=output.append) as harn:
        try:
            program = harn.compile(source, filename=path.name)
            found.extend(program.diagnostics)
            value = display(await harn.run_value(program))
        except HarnletError as error:
            if not error.diagnostics:
                raise
            found.extend(error.diagnostics)
    return output, found, value


def _problems(source: str) -> Iterator[Problem]:
    current: Problem | None = None
    number = 1
    for line_number, line in enumerate(source.splitlines(), 1):
        if not line.lstrip().startswith("//"):
            number = line_number
        match = _PROBLEM.search(line)
        if match:
            if current is not None:
                yield current
            severity, code, column, end, message = match.groups()
            current = Problem(severity, code, number, int(column), int(end) if end else None, message)
            continue
        detail = _DETAIL.match(line)
        if detail and current is not None:
            if detail.group(1) == "help":
                current.help = detail.group(2)
            else:
                current.notes.append(detail.group(2))
    if current is not None:
        yield current


def _shown(found: list[Diagnostic]) -> str:
    return "".join(
        f"\n  {d.line}: // {d.severity} {d.code} {d.column}-{d.end_column}: {d.message}"
        + (f"\n     // help: {d.help}" if d.help else "")
        + "".join(f"\n     // note: {note}" for note in d.notes)
        for d in found
    )
