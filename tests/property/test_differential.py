"""Optimised and unoptimised code do the same: every program of the language tests is run both ways."""

import asyncio
from pathlib import Path

import pytest

from harnlet import HarnletError, Interpreter, Limits
from harnlet.runtime.display import display

SPEC = Path(__file__).resolve().parents[1] / "spec"
FILES = sorted(SPEC.rglob("*.harn"))


async def behaviour(source: str, optimise: bool) -> tuple[str, list[str]]:
    printed: list[str] = []
    async with Interpreter(output=printed.append, limits=Limits(seconds=20)) as harn:
        try:
            program = harn.compile(source, optimise=optimise)
            return display(await harn.run_value(program)), printed
        except HarnletError as error:
            return error.render(), printed


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_both_compilations_agree(file: Path) -> None:
    for number, chunk in enumerate(file.read_text(encoding="utf-8").split("\n---\n"), 1):
        optimised = asyncio.run(behaviour(chunk, True))
        assert optimised == asyncio.run(behaviour(chunk, False)), f"chunk {number} of {file}"


def test_there_is_something_to_compare() -> None:
    assert len(FILES) > 20
