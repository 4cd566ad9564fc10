"""Coverage-guided fuzzing with atheris: of the parser, and of the whole pipeline.

    pip install -e '.[soak]'
    python scripts/fuzz_atheris.py               # 500,000 inputs for the parser, 100,000 for the pipeline
    python scripts/fuzz_atheris.py --scale 0.01
    python scripts/fuzz_atheris.py --target parser --seconds 600
    python scripts/fuzz_atheris.py --show FILE   # an input that was found, and what becomes of it

Where `scripts/fuzz.py` makes up texts by rules, this keeps those texts that reach code which no text
reached before, and changes them further. It begins with the chunks of tests/spec. What counts as a finding
is the same: whatever is not a value or an error of the user, a hang (20 s), a crash.
"""

import argparse
import asyncio
import importlib
import importlib.util
import mmap
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

FULL: Final = {"parser": 500_000, "pipeline": 100_000}
"""Inputs for each target."""

_PART: Final = 20_000
"""Inputs for one child: a crash or a hang ends a child, and its memory grows with what it has loaded."""

_HANG_SECONDS: Final = 20
_MEMORY_MEGABYTES: Final = 3000
_LONGEST: Final = 1500
ROOT: Final = Path(__file__).resolve().parents[1]
_COMMENT: Final = re.compile(r"//[^\n]*")
_TOKEN: Final = re.compile(r"\w+|->|\?\.|\|>|[=!<>&|*?]{2}|[^\w\s]")


# --- the child ----------------------------------------------------------------------------------------


def child(target: str, progress_file: str, arguments: list[str]) -> None:
    """Fuzz one target in this process, until libFuzzer ends it; counts inputs in the file."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["harnlet", "harnlet_builtins"]):
        fuzz: Any = importlib.import_module("fuzz")
        parser: Any = importlib.import_module("harnlet.syntax.parser")
        errors: Any = importlib.import_module("harnlet.errors.hierarchy")
        fuzz.Interpreter()
        importlib.import_module("harnlet.compile.compiler")
    loop = asyncio.new_event_loop()
    jury = fuzz.Jury()
    loop.set_exception_handler(lambda _, context: jury.complaints.append(str(context)[:300]))

    def parse(source: str) -> None:
        try:
            parser.parse(source, "<fuzz>")
        except errors.HarnletError as error:
            if isinstance(error, errors.InternalError):
                raise
            error.render()

    def run(source: str) -> None:
        found = loop.run_until_complete(jury.try_input(source))
        if found is not None:
            raise AssertionError(found)

    one: Callable[[str], None] = parse if target == "parser" else run
    with open(progress_file, "r+b") as file:
        counter = mmap.mmap(file.fileno(), 8)
    tried = 0

    def try_bytes(data: bytes) -> None:
        nonlocal tried
        tried += 1
        counter[:8] = tried.to_bytes(8, "little")
        # A surrogate is what a program that embeds us may have in its strings.
        one(data.decode("utf-8", "surrogateescape"))

    atheris.Setup([sys.argv[0], *arguments], try_bytes)
    atheris.Fuzz()


# --- the parent ---------------------------------------------------------------------------------------


def seeds(folder: Path) -> tuple[Path, Path]:
    """The chunks of tests/spec as files, and their tokens as a dictionary for libFuzzer."""
    corpus = folder / "corpus"
    corpus.mkdir()
    tokens: set[str] = set()
    count = 0
    for path in sorted((ROOT / "tests" / "spec").rglob("*.harn")):
        for chunk in re.split(r"^---$", _COMMENT.sub("", path.read_text(encoding="utf-8")), flags=re.M):
            text = chunk.strip()
            if 0 < len(text.encode()) <= _LONGEST:
                (corpus / f"{count}").write_text(text, encoding="utf-8")
                count += 1
                tokens.update(token for token in _TOKEN.findall(text) if len(token) < 30)
    dictionary = folder / "tokens"
    quoted = ("".join(f"\\x{byte:02x}" for byte in token.encode()) for token in sorted(tokens))
    dictionary.write_text("".join(f'"{each}"\n' for each in quoted), encoding="ascii")
    return corpus, dictionary


def fuzz_target(target: str, total: int, seconds: float | None, seed: int) -> tuple[int, bool]:
    """How many inputs were tried, and whether one of them is a finding, which is shown."""
    tried, part = 0, 0
    until = None if seconds is None else time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus, dictionary = seeds(folder)
        while tried < total and (until is None or time.monotonic() < until):
            part += 1
            progress = folder / "progress"
            progress.write_bytes(bytes(8))
            arguments = [
                *(f"-runs={min(_PART, total - tried)}", f"-seed={seed + part}", f"-dict={dictionary}"),
                *(f"-timeout={_HANG_SECONDS}", f"-rss_limit_mb={_MEMORY_MEGABYTES}", f"-max_len={_LONGEST}"),
                *(f"-artifact_prefix={folder}/", "-print_final_stats=0", "-verbosity=0", str(corpus)),
            ]
            if until is not None:
                arguments.insert(0, f"-max_total_time={max(1, round(until - time.monotonic()))}")
            command = [sys.executable, __file__, "--child", target, str(progress), *arguments]
            ended = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
            count = int.from_bytes(progress.read_bytes(), "little")
            tried += count
            kept = sum(1 for _ in corpus.iterdir())
            print(f"{target}: {tried:,} inputs, {kept:,} of them kept", flush=True)
            if ended.returncode != 0:
                report(target, folder, ended.returncode, ended.stdout + ended.stderr)
                return tried, True
            if count == 0:
                print(f"{target}: atheris tried nothing:\n{ended.stderr[-2000:]}")
                return tried, True
    return tried, False


def report(target: str, folder: Path, status: int, words: str) -> None:
    """Show a finding; its input is kept."""
    telling = [line for line in words.splitlines() if not line.startswith(("INFO:", "WARNING:"))]
    print(f"FOUND in the {target}: the child ended with {status}", *telling[-60:], sep="\n")
    for each in folder.glob("*-*"):
        kept = Path(tempfile.gettempdir()) / f"harnlet-{target}-{each.name}"
        kept.write_bytes(each.read_bytes())
        print(f"its input is {kept}:\n{each.read_bytes().decode('utf-8', 'backslashreplace')}")


def show(path: Path) -> None:
    """What becomes of an input."""
    fuzz: Any = importlib.import_module("fuzz")
    source = path.read_bytes().decode("utf-8", "surrogateescape")
    print(asyncio.run(fuzz.Jury().try_input(source)) or "nothing is wrong with it")


def main() -> int:
    if len(sys.argv) > 3 and sys.argv[1] == "--child":
        child(sys.argv[2], sys.argv[3], sys.argv[4:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="how much of the inputs")
    parser.add_argument("--seconds", type=float, help="for each target, in place of a number of inputs")
    parser.add_argument("--target", choices=sorted(FULL), action="append")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.show is not None:
        show(options.show)
        return 0
    if importlib.util.find_spec("atheris") is None:
        where = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
        print(
            "Coverage-guided fuzzing is left out: atheris is not installed. `pip install -e '.[soak]'` gets\n"
            f"it where it has wheels, which is CPython 3.11 to 3.13 on x86-64 Linux. This is {where}."
        )
        return 0
    found = False
    for target in options.target or FULL:
        began = time.perf_counter()
        total = sys.maxsize if options.seconds is not None else round(FULL[target] * options.scale)
        tried, bad = fuzz_target(target, total, options.seconds, options.seed)
        minutes = (time.perf_counter() - began) / 60
        end = "a finding" if bad else "nothing found"
        print(f"{target}: {tried:,} inputs in {minutes:.1f} minutes, {end}")
        found = found or bad
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
