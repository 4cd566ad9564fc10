"""Commands: the tools `exec` and `shell`, and the builtins `exec`, `exec_at`, `shell`, `shell_at`.

Everything here needs the capability `processes`. A command ends with its call, or with the script
that runs it: the whole process tree, whatever it has started. Rules: docs/builtins.md#processes.
"""

import os
from collections.abc import Iterable
from typing import Any, Final

from harnlet.errors.faults import Thrown
from harnlet.plugins import hookimpl
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.tools.command_execution import CommandLine, command_tool, plain_result
from harnlet.tools.results import ToolError
from harnlet_builtins.permission import SystemContext, require

_PLACE: Final[dict[str, Any]] = {
    "cwd": {"type": "string", "description": "directory to run in"},
    "env": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "variables to set, beside those of the host",
    },
}


def shell_argv(line: str) -> list[str]:
    """The command that runs `line` by the default shell of the system."""
    return [os.environ.get("SHELL") or "/bin/sh", "-c", line]


def _environment(arguments: dict[str, Any]) -> dict[str, str] | None:
    extra = arguments.get("env")
    return None if not extra else {**os.environ, **extra}


def _exec_line(arguments: dict[str, Any]) -> CommandLine:
    argv = arguments.get("argv")
    if argv is None:
        command = arguments.get("command")
        argv = [] if command is None else [command, *arguments.get("args", [])]
    elif "command" in arguments or "args" in arguments:
        raise ToolError("exec: give either `argv` or `command` with `args`, not both", "schema_validation")
    if not argv or not argv[0]:
        raise ToolError("exec: command is required", "schema_validation")
    return CommandLine(argv, arguments.get("cwd"), _environment(arguments))


def _shell_line(arguments: dict[str, Any]) -> CommandLine:
    line = arguments["command"]
    if not line.strip():
        raise ToolError("shell: command string is required", "schema_validation")
    return CommandLine(shell_argv(line), arguments.get("cwd"), _environment(arguments))


@hookimpl
def harnlet_tools() -> Iterable[Any]:
    """The two tools."""
    texts = {"type": "array", "items": {"type": "string"}}
    return [
        command_tool(
            "exec",
            _exec_line,
            description="Run a command without a shell.",
            schema={
                "type": "object",
                "properties": {
                    "argv": {**texts, "minItems": 1, "description": "the program and its arguments"},
                    "command": {"type": "string", "description": "the program, when there is no argv"},
                    "args": {**texts, "description": "its arguments"},
                    **_PLACE,
                },
                "additionalProperties": False,
            },
        ),
        command_tool(
            "shell",
            _shell_line,
            description="Run a line by the shell.",
            schema={
                "type": "object",
                "properties": {"command": {"type": "string", "description": "the line"}, **_PLACE},
                "required": ["command"],
                "additionalProperties": False,
            },
        ),
    ]


async def _run(rt: SystemContext, name: str, argv: list[str], directory: str | None) -> object:
    # Imported with the first command: most scripts run none.
    from harnlet.tools.process import run_process

    require(rt, name, "processes")
    try:
        return plain_result(await run_process(argv, cwd=directory))
    except OSError as error:
        from harnlet_builtins.os_errors import os_error_text

        raise Thrown(f"{name.removesuffix('_at')} failed: {os_error_text(error)}") from error


@builtin("exec(command, ...args)", section="13.3", effect="system", context=True)
async def exec_(rt: SystemContext, command: object = None, *args: object) -> object:
    """Run a command without a shell; `{stdout, stderr, status, success}`, status -1 for a signal."""
    if command is None or command == "":
        raise Thrown("exec: command is required")
    return await _run(rt, "exec", [display(command), *map(display, args)], None)


@builtin("exec_at(directory, command, ...args)", section="13.3", effect="system", context=True)
async def exec_at(
    rt: SystemContext, directory: object = None, command: object = None, *args: object
) -> object:
    """Like `exec`, in a directory."""
    if directory in (None, "") or command in (None, ""):
        raise Thrown("exec_at: directory and command are required")
    return await _run(rt, "exec_at", [display(command), *map(display, args)], display(directory))


@builtin("shell(line)", section="13.3", effect="system", context=True)
async def shell(rt: SystemContext, line: object = None) -> object:
    """Run a line by the default shell; answers like `exec`."""
    if line is None or line == "":
        raise Thrown("shell: command string is required")
    return await _run(rt, "shell", shell_argv(display(line)), None)


@builtin("shell_at(directory, line)", section="13.3", effect="system", context=True)
async def shell_at(rt: SystemContext, directory: object = None, line: object = None) -> object:
    """Like `shell`, in a directory."""
    if directory in (None, "") or line in (None, ""):
        raise Thrown("shell_at: directory and command string are required")
    return await _run(rt, "shell_at", shell_argv(display(line)), display(directory))


@hookimpl
def harnlet_stdlib_modules() -> Iterable[dict[str, Any]]:
    """The four builtins."""
    return [{"name": "commands", "builtins": [exec_, exec_at, shell, shell_at]}]
