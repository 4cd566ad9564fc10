"""Every code block of the README and of docs/ is executed.

- `harn`: run like a language test, with its expectations in comments (see `spec_runner`); with
  `file=NAME` it is saved under that name first, and only saved when `only` follows.
- `python`: run as a program; with `file=NAME` saved and not run.
- `console`: lines that start with `$ ` are run by the shell, and must print exactly the lines below them;
  a line of `...` stands for any lines. `make` runs in the repository, everything else in a folder that the
  blocks of a document share.
- `text`, `ebnf`, `mermaid` and blocks without a language are prose.
"""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import spec_runner

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PROSE = {"", "text", "ebnf", "mermaid", "toml", "json"}
_FENCE = re.compile(r"^```(\S*)[ \t]*(.*)$")


@dataclass
class Block:
    language: str
    options: list[str]
    line: int
    text: str

    @property
    def file(self) -> str | None:
        return next((option[5:] for option in self.options if option.startswith("file=")), None)


def blocks_of(document: Path) -> Iterator[Block]:
    current: Block | None = None
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if current is None and fence:
            current = Block(fence.group(1), fence.group(2).split(), number, "")
        elif current is not None and line.startswith("```"):
            yield current
            current = None
        elif current is not None:
            current.text += line + "\n"
    assert current is None, f"{document}: a block is not closed"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_block_runs(document: Path, tmp_path: Path) -> None:
    for block in blocks_of(document):
        where = f"{document.name}:{block.line}"
        if block.language in PROSE:
            continue
        if block.file is not None:
            target = tmp_path / block.file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
            if block.language == "python" or "only" in block.options:
                continue
        if block.language == "harn":
            run_harn(block, where)
        elif block.language == "python":
            done = run([sys.executable, "-W", "error", "-c", block.text], tmp_path)
            assert done.returncode == 0, f"{where}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        elif block.language == "console":
            run_console(block, where, tmp_path)
        else:
            pytest.fail(f"{where}: blocks of {block.language!r} are not known")


def run_harn(block: Block, where: str) -> None:
    problem = spec_runner.check(block.text, where)
    assert problem is None, f"{where}: {problem}"


def run(command: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # A `make` inside `make test` must not take over the outer one's variables.
    environment = {
        key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    return subprocess.run(
        command,
        cwd=folder,
        env={**environment, "PATH": path, "PYTHONPATH": os.pathsep.join(map(str, source_roots()))},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def source_roots() -> list[Path]:
    return [ROOT / "interpreter", ROOT / "builtins", ROOT / "plugins"]


def run_console(block: Block, where: str, folder: Path) -> None:
    for command, expected in commands_of(block.text):
        done = run(["sh", "-c", f"{command} 2>&1"], ROOT if command.startswith("make ") else folder)
        found = done.stdout.splitlines()
        assert matches(expected, found), (
            f"{where}: `{command}` printed\n{done.stdout}\ninstead of\n" + "\n".join(expected)
        )


def commands_of(text: str) -> Iterator[tuple[str, list[str]]]:
    command: str | None = None
    output: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command is not None:
                yield command, output
            command, output = line[2:], []
        else:
            output.append(line)
    if command is not None:
        yield command, output


def matches(expected: list[str], found: list[str]) -> bool:
    """Whether lines are as expected, `...` standing for any number of lines, also none."""
    if not expected:
        return not found
    first, rest = expected[0], expected[1:]
    if first.strip() == "...":
        return any(matches(rest, found[skipped:]) for skipped in range(len(found) + 1))
    return bool(found) and found[0].rstrip() == first.rstrip() and matches(rest, found[1:])


def test_the_check_of_console_output_can_fail() -> None:
    assert matches(["a", "...", "b"], ["a", "x", "y", "b"])
    assert not matches(["a", "...", "b"], ["a", "x", "y"])
    assert not matches([], ["x"])


def test_the_check_of_scripts_can_fail() -> None:
    assert spec_runner.check("println(1) // expect: 1\n", "here") is None
    assert spec_runner.check("println(2) // expect: 1\n", "here") is not None
    assert asyncio.run(spec_runner.run_source("println(2)", Path("x.harn")))[0] == ["2\n"]
