"""What `harnlet run hello.harn` imports: nothing that it does not need (docs/architecture.md)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harnlet.cli.start import main
from harnlet.version import __version__

ROOT = Path(__file__).resolve().parents[2]

ALLOWED = {"harnlet", "harnlet_builtins", "harnlet_plugins", "greenlet", "pluggy"}
"""Third-party packages of a run. Lark is not among them: its tables ship with the package. Nor is
click, for a command line without options."""

HEAVY = {
    *("csv", "decimal", "difflib", "doctest", "email", "hashlib", "html", "http", "multiprocessing"),
    *("sqlite3", "tempfile", "tomllib", "unittest", "xml", "zipfile"),
}
"""Parts of the standard library that only rarely used builtins need."""

OURS = {
    "harnlet.check.arity",
    "harnlet.check.module_info",
    "harnlet.check.nearest",
    "harnlet.compile.program",
    "harnlet_builtins.index",
    "harnlet_builtins.output",
    "harnlet_builtins.permission",
    "harnlet_builtins.scripts",
}
"""What a program from the code cache may load of the compiler and of the builtins."""

PROGRAM = """
import sys
before = set(sys.modules)
from harnlet.cli.start import main
sys.argv[1:] = ["run", "hello.harn"]
try:
    main()
except SystemExit:
    pass
print(*sorted(set(sys.modules) - before), sep=",")
"""


def imported_by_a_run(folder: Path) -> set[str]:
    """The modules that `harnlet run hello.harn` imports in a process of its own."""
    (folder / "hello.harn").write_text('println("hello")\n', encoding="utf-8")
    roots = [ROOT / "interpreter", ROOT / "builtins", ROOT / "plugins"]
    python_path = os.pathsep.join(map(str, roots))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": python_path, "HARNLET_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    hello, names = done.stdout.split("\n")[:2]
    assert hello == "hello"
    return set(names.split(","))


def test_a_run_imports_only_what_it_needs(tmp_path: Path) -> None:
    found = {name.partition(".")[0] for name in imported_by_a_run(tmp_path)}
    assert found - sys.stdlib_module_names <= ALLOWED
    assert sorted(found & HEAVY) == []


def test_a_second_run_imports_no_compiler(tmp_path: Path) -> None:
    first = imported_by_a_run(tmp_path)
    assert {"harnlet.syntax.parser", "harnlet.compile.compiler"} <= first
    second = imported_by_a_run(tmp_path)
    assert second < first
    phases = ("harnlet.syntax.", "harnlet.check.", "harnlet.compile.", "harnlet_builtins.")
    assert sorted(name for name in second - OURS if name.startswith(phases)) == []


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (["run", "hello.harn"], "hello\n", 0),
        (["run", "seven.harn"], "", 7),
        (["run", "--seconds", "50", "hello.harn"], "hello\n", 0),
        (["run", "arguments.harn", "a"], "[a]\n", 0),
        (["--version"], f"harnlet {__version__}\n", 0),
        (["run", "nothing.harn"], "", 1),
        (["run"], "", 2),
    ],
)
def test_the_command_is_the_same_with_and_without_options(
    tmp_path: Path,
    words: list[str],
    said: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "hello.harn").write_text('println("hello")\n', encoding="utf-8")
    (tmp_path / "seven.harn").write_text("return 7\n", encoding="utf-8")
    (tmp_path / "arguments.harn").write_text("println(argv)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HARNLET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "argv", ["harnlet", *words])
    limit = sys.getrecursionlimit()
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.setrecursionlimit(limit)
    assert ended.value.code == code
    assert capsys.readouterr().out == said
