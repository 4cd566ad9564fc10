"""What `harnlet run hello.harn` imports: nothing that it does not need (docs/architecture.md)."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ALLOWED = {"harnlet", "harnlet_builtins", "harnlet_plugins", "click", "greenlet", "pluggy"}
"""Third-party packages of a run. Lark is not among them: its tables ship with the package."""

HEAVY = {"csv", "doctest", "html", "http", "multiprocessing", "sqlite3", "tomllib", "unittest", "xml"}
"""Parts of the standard library that only rarely used builtins need."""

PROGRAM = """
import sys
before = set(sys.modules)
from harnlet.cli.main import main
try:
    main(["run", "hello.harn"])
except SystemExit:
    pass
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(name for name in names if name not in sys.stdlib_module_names), sep=",")
print(*sorted(names & set(sys.argv[1].split(","))), sep=",")
"""


def test_a_run_imports_only_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "hello.harn").write_text('println("hello")\n', encoding="utf-8")
    roots = [ROOT / "interpreter", ROOT / "builtins", ROOT / "plugins"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(sorted(HEAVY))],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))},
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    hello, third_party, heavy = done.stdout.split("\n")[:3]
    assert hello == "hello"
    assert set(third_party.split(",")) <= ALLOWED
    assert heavy == ""
