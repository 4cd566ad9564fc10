"""How fast the language is, beside CPython and other embeddable languages: `make bench`.

    python scripts/bench_language.py                    # everything; writes docs/performance.md
    python scripts/bench_language.py programs           # one part of it, printed only
    python scripts/bench_language.py programs fib sieve --alone

Everything that is compared runs in one process, in turns, and the best of several rounds counts, so that the
ratios survive a busy machine. `--alone` leaves the rivals out; `--rounds` says how often each is run.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for folder in ("interpreter", "builtins", "plugins", "scripts"):
    sys.path.insert(0, str(ROOT / folder))

from bench.engines import Harnlet, Python, rivals  # noqa: E402
from bench.programs import PROGRAMS, geometric_mean, measure, variants  # noqa: E402


def programs(names: list[str], rounds: int, alone: bool) -> None:
    """Print the table of programs."""
    engines = [Python(), Harnlet(), *([] if alone else rivals())]
    shown = engines[1:]
    print(f"{'program':24} {'Python ms':>9} " + " ".join(f"{engine.name[:13]:>13}" for engine in shown))
    ratios: dict[str, list[float]] = {engine.name: [] for engine in shown}
    try:
        for program in PROGRAMS:
            if names and program.name not in names:
                continue
            result = measure(program, engines, rounds)
            cells = []
            for engine in shown:
                ratio = result.ratio(engine)
                if ratio is None:
                    cells.append(f"{'-':>13}")
                else:
                    ratios[engine.name].append(ratio)
                    cells.append(f"{ratio:13.2f}")
            print(f"{program.title:24} {result.times['Python'] * 1000:9.1f} " + " ".join(cells), flush=True)
            for name, why in result.refused.items():
                print(f"    {name}: {why}")
    finally:
        for engine in engines:
            engine.close()
    means = [geometric_mean(found) if found else float("nan") for found in ratios.values()]
    print(f"{'geometric mean':34} " + " ".join(f"{mean:13.2f}" for mean in means))


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("part", nargs="?", default="programs", choices=["programs", "variants"])
    parser.add_argument("names", nargs="*", help="of programs; all when none is given")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--alone", action="store_true", help="without the rivals")
    options = parser.parse_args()
    if options.part == "programs":
        programs(options.names, options.rounds, options.alone)
    else:
        for title, ratio in variants(options.rounds).items():
            print(f"{title:70} {ratio:6.2f}")


if __name__ == "__main__":
    main()
