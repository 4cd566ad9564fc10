"""Operations of the host: `host_call`, and what is known of them. Rules: docs/builtins.md#host-interface.

Mocks answer first, then the operations below; each asks for the capability of what it does.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import Duration, type_name
from harnlet_builtins import environment, templates, terminal
from harnlet_builtins.host_mocks import HostMocks
from harnlet_builtins.permission import require

Params = dict[str, Any]


class Operation(NamedTuple):
    """One operation: what it is, and the function of the run and the params that does it."""

    description: str
    run: Callable[[Any, Params], object]


def _needed(params: Params, name: str) -> object:
    if params.get(name) is None:
        raise Thrown(f"host_call: missing required parameter '{name}'")
    return params[name]


# --- process.exec -------------------------------------------------------------------------------------


def _argv(params: Params) -> list[str]:
    mode = display(params.get("mode") or "shell")
    if mode == "argv":
        given = params.get("argv")
        if type(given) is not list:
            raise RuntimeFault("host_call process.exec missing argv")
        if not given:
            raise RuntimeFault("host_call process.exec argv must not be empty")
        return [display(word) for word in given]
    if mode != "shell":
        raise RuntimeFault(f'host_call process.exec unsupported mode "{mode}"')
    line = display(_needed(params, "command"))
    return [os.environ.get("SHELL") or "/bin/sh", "-c", line]


def _variables(params: Params) -> dict[str, str] | None:
    given = params.get("env")
    own = {name: display(value) for name, value in given.items()} if type(given) is dict else {}
    if params.get("env_mode") == "replace":
        return own
    return {**os.environ, **own} if own else None


def _seconds(params: Params) -> float | None:
    limit = params.get("timeout_ms", params.get("timeout"))
    if type(limit) is Duration:
        return limit.milliseconds / 1000
    if limit is None or type(limit) is int or type(limit) is float:
        return None if limit is None else limit / 1000
    raise Thrown(f"host_call: timeout_ms must be a number or a duration, got {type_name(limit)}")


def _exec(rt: Any, params: Params) -> object:
    require(rt, "host_call", "processes")
    cwd = params.get("cwd")
    directory = None if cwd is None else display(cwd)
    return rt.wait(_executed(rt, _argv(params), directory, _variables(params), _seconds(params)))


async def _executed(
    rt: Any, argv: list[str], cwd: str | None, env: dict[str, str] | None, seconds: float | None
) -> dict[str, object]:
    # Imported with the first command: most scripts run none.
    from harnlet.tools.process import ManagedProcess
    from harnlet_builtins.entropy import entropy_of_run
    from harnlet_builtins.moments import moment_of_ms, rfc3339_utc
    from harnlet_builtins.os_errors import os_error_text

    pieces: list[tuple[str, bytes]] = []
    process = ManagedProcess(
        argv, cwd=cwd, env=env, on_output=lambda stream, piece: pieces.append((stream, piece))
    )
    number = f"cmd_{rt.state(entropy_of_run)(8).hex()}"
    started = rt.clock.wall_ms()
    running = asyncio.ensure_future(process.run())
    limit = asyncio.ensure_future(_never() if seconds is None else rt.clock.sleep(seconds * 1000))
    try:
        await asyncio.wait({running, limit}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timed_out = limit.done() and not running.done()
        limit.cancel()
        # This ends the whole tree of processes, before it is over.
        running.cancel()
        await asyncio.wait({running})
    code = -1
    if not timed_out:
        error = running.exception()
        if isinstance(error, OSError):
            raise Thrown(f"host_call: process.exec failed: {os_error_text(error)}")
        code = running.result().status
    ended = rt.clock.wall_ms()
    streams = {"stdout": ("stdout",), "stderr": ("stderr",), "combined": ("stdout", "stderr")}
    told = {
        name: b"".join([piece for stream, piece in pieces if stream in wanted]).decode("utf-8", "replace")
        for name, wanted in streams.items()
    }
    return {
        **told,
        "command_id": number,
        "status": "timed_out" if timed_out else "completed",
        "pid": process.pid,
        "process_group_id": process.pid,
        "handle_id": None,
        "started_at": rfc3339_utc(moment_of_ms(started)),
        "ended_at": rfc3339_utc(moment_of_ms(ended)),
        "duration_ms": max(ended - started, 0),
        "exit_code": code,
        "exit_status": code,
        "legacy_status": code,
        "signal": None,
        "timed_out": timed_out,
        "success": code == 0,
    }


async def _never() -> None:
    await asyncio.get_running_loop().create_future()


# --- the others ---------------------------------------------------------------------------------------


def _render(rt: Any, params: Params) -> object:
    return templates.render.function(rt, _needed(params, "path"), params.get("bindings"))


def _ask(rt: Any, params: Params) -> object:
    return rt.wait(terminal.prompt_user.function(rt, _needed(params, "question")))


def _task(rt: Any, params: Params) -> object:
    return environment.env_or.function(rt, "HARN_TASK", "")


def _set_result(rt: Any, params: Params) -> None:
    """Nobody waits for it: a script's result is its value."""


def _project_root(rt: Any, params: Params) -> object:
    return rt.wait(environment.project_root.function(rt))


def _cwd(rt: Any, params: Params) -> object:
    return environment.cwd.function(rt)


CAPABILITIES: Final[dict[str, tuple[str, dict[str, Operation]]]] = {
    "interaction": (
        "Asking the person at the terminal.",
        {"ask": Operation("Writes a question and reads a line.", _ask)},
    ),
    "process": ("Running commands.", {"exec": Operation("Runs a command to its end.", _exec)}),
    "runtime": (
        "What a run was started for.",
        {
            "set_result": Operation("Takes a result.", _set_result),
            "task": Operation("The task of the run.", _task),
        },
    ),
    "template": ("Rendering templates.", {"render": Operation("Renders a template file.", _render)}),
    "workspace": (
        "Directories of the run.",
        {
            "cwd": Operation("The current directory.", _cwd),
            "project_root": Operation("The nearest directory upwards with a manifest.", _project_root),
        },
    ),
}


@builtin("host_call(name, params?)", section="19", effect="system", context=True)
def host_call(rt: Any, name: object = "", params: object = None) -> object:
    """The result of an operation of the host, `capability.operation`: from a mock, or from one of ours."""
    text = display(name)
    capability, dot, operation = text.partition(".")
    if not capability or not dot or not operation:
        raise Thrown(f"host_call: unsupported operation name '{text}'")
    given: Params = params if type(params) is dict else {}
    mock = rt.state(HostMocks).answer(capability, operation, given)
    if mock is not None:
        if mock.error is not None:
            raise Thrown(mock.error)
        return mock.result
    known = CAPABILITIES.get(capability, ("", {}))[1].get(operation)
    if known is None:
        raise Thrown(f"host_call: unsupported operation {text}")
    return known.run(rt, given)


def _known(rt: Any) -> dict[str, dict[str, str]]:
    """Descriptions of all operations by capability, mocked ones included."""
    found = {
        capability: {name: operation.description for name, operation in operations.items()}
        for capability, (_, operations) in CAPABILITIES.items()
    }
    for mock in rt.state(HostMocks).mocks:
        found.setdefault(mock.capability, {}).setdefault(mock.operation, "Mocked.")
    return found


@builtin("host_capabilities()", section="19", context=True)
def host_capabilities(rt: Any) -> dict[str, object]:
    """What `host_call` knows: `{capability: {description, ops, operations}}`, mocked ones included."""
    return {
        capability: {
            "description": CAPABILITIES.get(capability, ("Mocked.", {}))[0],
            "ops": sorted(operations),
            "operations": {name: {"description": text} for name, text in operations.items()},
        }
        for capability, operations in _known(rt).items()
    }


@builtin("host_has(capability, operation?)", section="19", context=True)
def host_has(rt: Any, capability: object = None, operation: object = None) -> bool:
    """Whether `host_call` knows a capability, and an operation of it."""
    operations = _known(rt).get(display(capability))
    return operations is not None and (operation is None or display(operation) in operations)
