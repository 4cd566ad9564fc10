"""What is measured in processes of their own: starting up, and the memory of interpreters."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "interpreter", ROOT / "builtins", ROOT / "plugins"]

_MEMORY = """
import asyncio, gc, tracemalloc
from harnlet import Interpreter
first = Interpreter()
first.run_sync("println('hello')".replace("'", chr(34)))
def resident():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096
gc.collect()
before = resident()
more = [Interpreter() for _ in range(100)]
gc.collect()
print((resident() - before) / 100)
tracemalloc.start()
gc.collect()
before = tracemalloc.get_traced_memory()[0]
more = [*more, *(Interpreter() for _ in range(20))]
gc.collect()
print((tracemalloc.get_traced_memory()[0] - before) / 20)
"""


def startup(rounds: int) -> dict[str, float]:
    """Best processor times in seconds of whole processes: `python -c "import asyncio"`, and a script that
    says hello, with the code cache filled and empty. Python's own cache has our modules, as it has where
    Harnlet is installed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hello.harn").write_text('println("hello")\n', encoding="utf-8")
        cache = folder / "code"
        environment = _environment(folder)
        run = [sys.executable, "-m", "harnlet", "run", "hello.harn"]
        asyncio = [sys.executable, "-c", "import asyncio"]
        subprocess.run(run, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        best = {"asyncio": 1e9, "warm": 1e9, "cold": 1e9}
        for _ in range(rounds):
            for kind in best:
                if kind == "cold":
                    shutil.rmtree(cache)
                command = asyncio if kind == "asyncio" else run
                before = _processor_seconds()
                done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
                best[kind] = min(best[kind], _processor_seconds() - before)
                assert done.stdout == (b"" if kind == "asyncio" else b"hello\n")
    return best


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def idle_memory() -> dict[str, float]:
    """Bytes that each further idle interpreter takes: of the process, and as Python counts them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = subprocess.run(
            [sys.executable, "-c", _MEMORY],
            cwd=folder,
            env=_environment(folder),
            check=True,
            capture_output=True,
            text=True,
        )
    _, resident, traced = done.stdout.split()
    return {"resident": float(resident), "traced": float(traced)}


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(map(str, SOURCES)),
        "PYTHONPYCACHEPREFIX": str(folder / "pycache"),
        "HARNLET_CACHE": str(folder / "code"),
    }
