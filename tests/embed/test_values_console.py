"""The console of the process (docs/builtins.md#output-input-logging)."""

import asyncio
import io
import sys
import threading

import pytest

from harnlet.runtime.console import ProcessConsole


class Typist(io.StringIO):
    """Standard input whose lines come when the test types them."""

    def __init__(self) -> None:
        super().__init__()
        self.typed = threading.Semaphore(0)
        self.lines: list[str] = []
        self.reads = 0

    def type(self, line: str) -> None:
        self.lines.append(line)
        self.typed.release()

    def readline(self, *_: object) -> str:  # type: ignore[override]
        self.reads += 1
        self.typed.acquire()
        return self.lines.pop(0)

    def read(self, *_: object) -> str:
        return "rest"


@pytest.fixture
def typist(monkeypatch: pytest.MonkeyPatch) -> Typist:
    source = Typist()
    monkeypatch.setattr(sys, "stdin", source)
    return source


async def test_lines_come_without_their_ends(typist: Typist) -> None:
    console = ProcessConsole()
    for line in ("one\n", "two\r\n", "three", ""):
        typist.type(line)
    assert [await console.read_line() for _ in range(4)] == ["one", "two", "three", None]
    assert await console.read_rest() == "rest"


async def test_a_cancelled_read_loses_no_line(typist: Typist) -> None:
    console = ProcessConsole()
    reading = asyncio.ensure_future(console.read_line())
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    typist.type("kept\n")
    assert await console.read_line() == "kept"
    assert typist.reads == 1


async def test_the_rest_begins_with_the_line_of_a_cancelled_read(typist: Typist) -> None:
    console = ProcessConsole()
    reading = asyncio.ensure_future(console.read_line())
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait([reading])
    typist.type("first\n")
    assert await console.read_rest() == "first\nrest"


async def test_errors_of_the_stream_are_raised_and_do_not_stick(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def readline(self, *_: object) -> str:  # type: ignore[override]
            raise ValueError("closed")

    monkeypatch.setattr(sys, "stdin", Broken())
    console = ProcessConsole()
    with pytest.raises(ValueError, match="closed"):
        await console.read_line()
    monkeypatch.setattr(sys, "stdin", io.StringIO("fine\n"))
    assert await console.read_line() == "fine"


def test_errors_and_terminals(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    console = ProcessConsole()
    console.write_error("oops\n")
    assert capsys.readouterr() == ("", "oops\n")
    monkeypatch.setattr(sys, "stdin", None)
    assert not console.is_terminal("stdin")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert console.environment("NO_COLOR") == "1"
    assert console.environment("FORCE_COLOR") is None
