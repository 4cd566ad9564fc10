"""The concurrency programs under random schedules: whatever runs next, they print the same and leave nothing
behind. `make soak` runs many more seeds (`scripts/soak_schedules.py`)."""

import random

import pytest

import random_schedules

PROGRAMS = random_schedules.any_order()
SEEDS = range(12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_any_order_prints_the_same_and_a_cancel_at_any_step_leaves_nothing_behind(name: str) -> None:
    source, expected = PROGRAMS[name]
    for seed in SEEDS:
        lines, steps = random_schedules.run(source, seed)
        assert lines == expected, f"seed {seed}"
        random_schedules.run(source, seed, random.Random(seed).randrange(1, steps))


def test_a_seed_decides_the_order() -> None:
    source = "parallel 5 { i -> sleep(0)\n  println(i) }"
    orders = {tuple(random_schedules.run(source, seed).lines) for seed in range(20)}
    assert len(orders) > 10
    assert random_schedules.run(source, 7) == random_schedules.run(source, 7)


def test_a_deadlock_is_found() -> None:
    with pytest.raises(random_schedules.DeadlockError, match="nothing is ready"):
        random_schedules.run('receive(channel("nobody"))', 1)
