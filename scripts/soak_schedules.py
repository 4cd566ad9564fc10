"""The concurrency programs of the language tests under random schedules.

    python scripts/soak_schedules.py                   # 1,000 seeds
    python scripts/soak_schedules.py --seeds 50 --first 1000

Each program of `tests/spec/07-concurrency/any_order.harn` runs twice for each seed: to its end, which must
print what the file says, and cancelled by the host at a step that the seed picks. Neither may leave a task,
a timer, a permit or a waiting request behind. Exit code 1 if anything differs.
"""

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import random_schedules


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    given = parser.parse_args()
    failures = runs = steps = 0
    for name, (source, expected) in random_schedules.any_order().items():
        for seed in range(given.first, given.first + given.seeds):
            try:
                runs += 2
                ended = random_schedules.run(source, seed)
                if ended.lines != expected:
                    raise AssertionError(f"printed {ended.lines}")
                steps += ended.steps
                random_schedules.run(source, seed, random.Random(seed).randrange(1, ended.steps))
            except (AssertionError, random_schedules.DeadlockError) as problem:
                failures += 1
                print(f"{name}: seed {seed}: {problem}", flush=True)
        print(f"{name}: {given.seeds} seeds", flush=True)
    print(f"{runs} runs, {steps} callbacks in random order, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
