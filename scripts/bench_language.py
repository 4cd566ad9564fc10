"""How fast the language is, beside CPython and other embeddable languages: `make bench`.

    python scripts/bench_language.py                    # everything, written into docs/performance.md
    python scripts/bench_language.py programs           # one part of it, printed only
    python scripts/bench_language.py programs fib sieve --alone

Everything that is compared runs in one process, in turns, and the best of several rounds counts, so that the
ratios survive a busy machine. `--alone` leaves the rivals out; `--rounds` says how often each is run.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for folder in ("interpreter", "builtins", "plugins", "scripts"):
    sys.path.insert(0, str(ROOT / folder))

from bench import calls, growth, parsing, processes  # noqa: E402
from bench import programs as all_programs  # noqa: E402
from bench.engines import Harnlet, Python, rivals  # noqa: E402
from bench.report import Report  # noqa: E402

PARTS = ("programs", "variants", "growth", "calls", "safe-points", "processes", "parsing")


def programs(report: Report, options: argparse.Namespace) -> None:
    """The programs in all engines; prints each as it is done, since it takes minutes."""
    engines = [Python(), Harnlet(), *([] if options.alone else rivals())]
    report.engines = engines
    shown = engines[1:]
    print(f"{'program':24} {'Python ms':>9} " + " ".join(f"{engine.name[:13]:>13}" for engine in shown))
    try:
        for program in all_programs.PROGRAMS:
            if options.names and program.name not in options.names:
                continue
            result = all_programs.measure(program, engines, options.rounds)
            report.programs.append(result)
            ratios = [result.ratio(engine) for engine in shown]
            cells = [f"{'-':>13}" if ratio is None else f"{ratio:13.2f}" for ratio in ratios]
            print(f"{program.title:24} {result.times['Python'] * 1000:9.1f} " + " ".join(cells), flush=True)
    finally:
        for engine in engines:
            engine.close()


def variants(report: Report, options: argparse.Namespace) -> None:
    """Annotated scripts, and comprehensions in Python."""
    report.variants = all_programs.variants(options.rounds)


def building(report: Report, options: argparse.Namespace) -> None:
    """Collections in loops."""
    rounds = max(options.rounds // 3, 1)
    report.growth = list(growth.measure(rounds))
    report.dict_order = growth.dict_order(rounds)


def crossing(report: Report, options: argparse.Namespace) -> None:
    """Calls of host functions."""
    report.host_calls = calls.host_calls(options.rounds)


def safe_points(report: Report, options: argparse.Namespace) -> None:
    """What safe points cost."""
    report.safe_points = calls.safe_points(options.rounds, options.names)


def separate(report: Report, options: argparse.Namespace) -> None:
    """Starting up, and memory."""
    report.startup = processes.startup(options.rounds * 2)
    report.memory = processes.idle_memory()


def large_file(report: Report, options: argparse.Namespace) -> None:
    """A file of 10,000 lines."""
    report.large_file, report.parsing = parsing.measure(options.rounds)


MEASURE: dict[str, Callable[[Report, argparse.Namespace], None]] = dict(
    zip(PARTS, (programs, variants, building, crossing, safe_points, separate, large_file), strict=True)
)


def main() -> None:
    """Measure what was asked for."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("part", nargs="?", choices=PARTS, help="all when none is given")
    parser.add_argument("names", nargs="*", help="of programs; all when none is given")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--alone", action="store_true", help="without the rivals")
    options = parser.parse_args()
    report = Report()
    for part in PARTS if options.part is None else (options.part,):
        print(f"... {part}", flush=True)
        MEASURE[part](report, options)
    print(report.text())
    if options.part is None and not options.alone:
        report.write()
        print("\nwritten to docs/performance.md")


if __name__ == "__main__":
    main()
