"""A wheel built from the repository works in an empty environment, with tables and standard scripts."""

import os
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from harnlet import __version__

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str, cwd: Path) -> str:
    clean = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        command, cwd=cwd, env=clean, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.timeout(300)
def test_a_wheel_works_in_an_empty_environment(tmp_path: Path) -> None:
    # Built from a copy of what is committed or would be: a build folder in the repository would be in it.
    source = tmp_path / "source"
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), ".", cwd=source)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    scripts = {
        f"harnlet_builtins/std/{path.name}" for path in ROOT.glob("builtins/harnlet_builtins/std/*.harn")
    }
    assert scripts
    assert scripts | {"harnlet/syntax/tables.py", "harnlet/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]

    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    run(str(python), "-m", "pip", "install", "--quiet", str(wheel), cwd=tmp_path)
    (tmp_path / "hello.harn").write_text(
        'import { pick } from "std/json"\nprintln(pick({a: 1, b: 2}, ["b"]))\n', encoding="utf-8"
    )
    harnlet = str(tmp_path / "empty" / "bin" / "harnlet")
    assert run(harnlet, "run", "hello.harn", cwd=tmp_path) == "{b: 2}\n"
    assert run(harnlet, "--version", cwd=tmp_path) == f"harnlet {__version__}\n"
    assert "harnlet_plugins.tool_calls" in run(harnlet, "plugins", cwd=tmp_path)


def test_the_version_is_the_one_of_the_distribution() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__
