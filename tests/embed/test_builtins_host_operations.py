"""Operations of the host that reach the system (docs/builtins.md#host-interface)."""

import os
from pathlib import Path
from typing import Any

import pytest

from harnlet import Interpreter


async def value(expression: str, **options: Any) -> Any:
    async with Interpreter(capabilities="all") as harn:
        return await harn.run(f"return try {{ {expression} }} catch e {{ e }}", **options)


async def test_a_command_in_the_shell() -> None:
    found = await value('host_call("process.exec", {command: "echo out; echo err >&2; exit 3"})')
    for name in ("command_id", "started_at", "ended_at"):
        assert isinstance(found.pop(name), str)
    assert found.pop("pid") == found.pop("process_group_id") > 0
    assert found.pop("duration_ms") >= 0
    assert sorted(found.pop("combined").split()) == ["err", "out"]
    assert found == {
        "status": "completed",
        "handle_id": None,
        "exit_code": 3,
        "exit_status": 3,
        "legacy_status": 3,
        "signal": None,
        "timed_out": False,
        "stdout": "out\n",
        "stderr": "err\n",
        "success": False,
    }


def real(path: Path) -> str:
    return os.path.realpath(path)


async def test_words_places_and_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNLET_OUTER", "outer")
    line = '[\\"sh\\", \\"-c\\", \\"pwd; echo $HARNLET_OUTER-$MY\\"]'.replace("\\", "").replace("$", "\\$")
    params = f'mode: "argv", argv: {line}, cwd: "{tmp_path}", env: {{MY: 5}}'
    found = await value(f'host_call("process.exec", {{{params}}}).stdout')
    assert found == f"{real(tmp_path)}\nouter-5\n"
    found = await value(f'host_call("process.exec", {{{params}, env_mode: "replace"}}).stdout')
    assert found.endswith("\n-5\n")


async def test_a_command_that_takes_too_long_is_ended() -> None:
    command = 'host_call("process.exec", {command: "sleep 600", timeout_ms: 1000})'
    found = await value(command)
    assert (found["status"], found["timed_out"], found["success"]) == ("timed_out", True, False)
    assert found["exit_code"] == -1
    with pytest.raises(ProcessLookupError):
        os.kill(found["pid"], 0)


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ('{mode: "argv"}', "Runtime error: host_call process.exec missing argv"),
        ('{mode: "argv", argv: []}', "Runtime error: host_call process.exec argv must not be empty"),
        ('{mode: "x"}', 'Runtime error: host_call process.exec unsupported mode "x"'),
        ("{}", "host_call: missing required parameter 'command'"),
        (
            '{mode: "argv", argv: ["/no/such"]}',
            "host_call: process.exec failed: No such file or directory (os error 2)",
        ),
        ('{command: "ls", timeout: "x"}', "host_call: timeout_ms must be a number or a duration, got string"),
    ],
)
async def test_commands_that_cannot_run(params: str, told: str) -> None:
    assert await value(f'host_call("process.exec", {params})') == told


async def test_the_other_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HARN_TASK", "the task")
    (tmp_path / "harn.toml").write_text("")
    (tmp_path / "a.tmpl").write_text("{{ x }}!")
    assert await value('host_call("runtime.task")') == "the task"
    assert await value('[host_call("workspace.cwd"), host_call("workspace.project_root")]') == [os.getcwd()] * 2
    assert await value('host_call("template.render", {path: "a.tmpl", bindings: {x: 1}})') == "1!"
