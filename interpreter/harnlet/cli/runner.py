"""`harnlet run`: run one script in a process of its own and turn its end into an exit code."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

from harnlet.api import Interpreter
from harnlet.errors.diagnostic import Diagnostic
from harnlet.errors.hierarchy import HarnletError, UsageError
from harnlet.errors.render import render, to_json
from harnlet.modules.code_cache import CodeCache
from harnlet.plugins import DEFAULT_PLUGINS, PluginError
from harnlet.runtime.console import ProcessConsole
from harnlet.runtime.display import display
from harnlet.runtime.limits import Limits
from harnlet.runtime.values import EnumValue

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM
_PYTHON_DEPTH = 6_000
"""In a process of our own the script may recurse through methods and callbacks, which take several Python
frames a level, as deep as through plain calls."""


class RunRequest(NamedTuple):
    """What the command line asked for."""

    file: Path | None
    code: str | None = None
    argv: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    capabilities: str = "all"
    cache: bool = True
    seconds: float | None = None
    dump_python: bool = False
    json: bool = False


def run_script(request: RunRequest) -> int:
    """Run, print what went wrong to standard error, and return the exit code."""
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _PYTHON_DEPTH))
    try:
        text, filename = _source(request)
        return asyncio.run(_run(request, text, filename))
    except HarnletError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            _forget_output()
            return 1
        sys.stdout.flush()
        sys.stderr.write(_report(error, request.json))
        return 1
    except PluginError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return INTERRUPTED
    except asyncio.CancelledError:
        sys.stderr.write("terminated\n")
        return TERMINATED


def _forget_output() -> None:
    """Whoever read our output has gone. Python flushes it once more at the end, and would complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _source(request: RunRequest) -> tuple[str, str]:
    if request.code is not None:
        return request.code, "<eval>"
    assert request.file is not None
    if request.file == Path("-"):
        return _standard_input(), "<stdin>"
    try:
        return request.file.read_text(encoding="utf-8"), str(request.file)
    except OSError as error:
        raise UsageError(f"cannot read {request.file}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{request.file} is not UTF-8: byte {error.start}") from None


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"standard input is not UTF-8: byte {error.start}") from None


async def _run(request: RunRequest, text: str, filename: str) -> int:
    asked = request.capabilities
    capabilities: Any = asked if asked in ("all", "none") else [part.strip() for part in asked.split(",")]
    interpreter = Interpreter(
        plugins=[*(name for name in DEFAULT_PLUGINS if name not in request.without), *request.plugins],
        capabilities=capabilities,
        limits=Limits(seconds=request.seconds),
        console=ProcessConsole(),
        code_cache=CodeCache.of_user() if request.cache else None,
    )
    async with interpreter as harn:
        inline = request.code is not None
        if request.dump_python:
            sys.stdout.write(harn.python_source(text, filename, inline=inline))
            return 0
        program = harn.compile(text, filename, inline=inline)
        for warning in program.diagnostics:
            sys.stderr.write(_rendered([warning], request.json))
        current = asyncio.current_task()
        assert current is not None
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, current.cancel)
        value = await harn.run_value(program, argv=request.argv)
    return exit_code(value)


def exit_code(value: object) -> int:
    """The exit code of a program's value (docs/language.md#result-and-exit-code)."""
    if type(value) is int:
        return min(max(value, 0), 255)
    if type(value) is EnumValue and value.enum == "Result" and value.variant == "Err":
        sys.stdout.flush()
        sys.stderr.write(display(value.fields[0] if value.fields else None) + "\n")
        return 1
    return 0


def _report(error: HarnletError, as_json: bool) -> str:
    if not as_json:
        return error.render()
    if error.diagnostics:
        return to_json(error.diagnostics)
    place = Diagnostic(error.code, error.message, "", 0, 0, 0, 0)
    return to_json([place])


def _rendered(diagnostics: list[Diagnostic], as_json: bool) -> str:
    return to_json(diagnostics) if as_json else render(diagnostics)
