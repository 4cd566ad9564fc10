"""Programs of several files, for the tests of modules."""

from pathlib import Path

import pytest

from harnlet import HarnletError, Interpreter


async def run(folder: Path, files: dict[str, str], entry: str = "main.harn") -> list[str]:
    """Write the files, run the entry, and return the lines that it printed."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    output: list[str] = []
    main = folder / entry
    async with Interpreter(output=output.append, capabilities=["files"]) as harn:
        await harn.run(harn.compile(main.read_text(encoding="utf-8"), filename=str(main)))
    return "".join(output).splitlines()


async def failure(folder: Path, files: dict[str, str], entry: str = "main.harn") -> HarnletError:
    """The error that running the entry ends with."""
    with pytest.raises(HarnletError) as caught:
        await run(folder, files, entry)
    return caught.value
