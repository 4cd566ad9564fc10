"""The environment, directories of a run, the host (docs/builtins.md#processes)."""

import os
import sys
from pathlib import Path

import pytest

from embed.builtins_support import Run, Thrown, system_problem
from harnlet import Interpreter

NOT_FOUND = "No such file or directory (os error 2)"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run("environment")
    monkeypatch.setenv("HARNLET_TEST", "value")
    monkeypatch.delenv("HARNLET_NONE", raising=False)
    assert run.call("env", "HARNLET_TEST") == "value"
    assert [run.call("env", name) for name in ("HARNLET_NONE", "", "a=b", "a\0")] == [None] * 4
    assert run.call("env_or", "HARNLET_TEST", 5) == "value"
    assert run.call("env_or", "HARNLET_NONE", [1]) == [1]


async def test_directories_of_a_run(place: Path) -> None:
    here = os.getcwd()
    run = Run("files")
    assert run.call("cwd") == run.call("execution_root") == here
    assert await run.system("source_dir") == await run.system("asset_root") == here
    assert await run.system("project_root") is None
    (place / "a" / "b").mkdir(parents=True)
    (place / "harn.toml").write_text("")
    os.chdir(place / "a" / "b")
    assert await run.system("project_root") == here


async def test_the_directory_of_the_file_that_calls(place: Path) -> None:
    (place / "inner").mkdir()
    (place / "inner" / "module.harn").write_text("pub fn here() { return [source_dir(), asset_root()] }")
    (place / "main.harn").write_text(
        'import "inner/module"\n'
        "let called = [source_dir(), asset_root(), runtime_paths().asset_root]\n"
        "return [called, here(), [1].map({ _ -> source_dir() })]"
    )
    async with Interpreter(capabilities="all") as harn:
        source = (place / "main.harn").read_text()
        for path in ("main.harn", str(place / "main.harn")):
            found = await harn.run(harn.compile(source, filename=path))
            assert found == [[str(place)] * 3, [str(place / "inner")] * 2, [str(place)]]
            os.chdir("/")


async def test_runtime_paths(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getcwd()
    for name in ("HARN_STATE_DIR", "HARN_RUN_DIR", "HARN_WORKTREE_DIR"):
        monkeypatch.delenv(name, raising=False)
    run = Run("files")
    assert await run.system("runtime_paths") == {
        "execution_root": here,
        "asset_root": here,
        "state_root": f"{here}/.harn",
        "run_root": f"{here}/.harn-runs",
        "worktree_root": f"{here}/.harn/worktrees",
    }
    monkeypatch.setenv("HARN_STATE_DIR", "/state")
    monkeypatch.setenv("HARN_RUN_DIR", "runs")
    monkeypatch.setenv("HARN_WORKTREE_DIR", "/trees")
    found = await run.system("runtime_paths")
    assert [found[name] for name in ("state_root", "run_root", "worktree_root")] == [
        "/state",
        f"{here}/runs",
        "/trees",
    ]


async def test_a_current_directory_that_is_gone(place: Path) -> None:
    run = Run("files")
    if sys.platform != "linux":
        pytest.skip("only Linux lets it go")
    (place / "gone").mkdir()
    os.chdir(place / "gone")
    (place / "gone").rmdir()
    assert await system_problem(run, "cwd") == (Thrown, f"cwd: {NOT_FOUND}")
    assert await system_problem(run, "read_file", "a") == (Thrown, f"read_file: {NOT_FOUND}")


async def test_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run("environment")
    monkeypatch.setenv("LOGNAME", "somebody")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert await run.system("username") == "somebody"
    if os.name == "posix":
        assert await run.system("home_dir") == "/home/somebody"
    assert run.call("pid") == os.getpid()
    assert run.call("platform") == {"win32": "windows"}.get(sys.platform, sys.platform)
    assert {type(run.call(name)) for name in ("hostname", "arch")} == {str}
    assert "" not in (run.call("hostname"), run.call("arch"))
