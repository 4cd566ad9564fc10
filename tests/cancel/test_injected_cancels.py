"""The real dispatcher with a cancel before every single step, and in random orders.

What must hold whatever comes in between is in `invariants.py`: docs/cancellation.md#what-is-promised.
`scripts/soak_cancel.py` does the same with more.
"""

import pytest

from cancel.invariants import WAYS, at_every_step, at_random, undisturbed
from cancel.scenarios import SCENARIOS, Scenario

QUICK = [each for each in SCENARIOS if not each.outside]
OUTSIDE = [each for each in SCENARIOS if each.outside and not each.slow]


def name_of(scenario: Scenario) -> str:
    return scenario.name


@pytest.mark.parametrize("scenario", [*QUICK, *OUTSIDE], ids=name_of)
def test_undisturbed(scenario: Scenario) -> None:
    assert undisturbed(scenario).problems == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("scenario", QUICK, ids=name_of)
def test_a_cancel_before_every_step(scenario: Scenario, way: str) -> None:
    runs = 0
    for what, run in at_every_step(scenario, [way]):
        assert run.problems == [], what
        runs += 1
    assert runs > 6 * len(scenario.targets), "there was less to disturb than there should be"


@pytest.mark.parametrize("way", ["request", "at once", "dispatcher"])
@pytest.mark.parametrize("scenario", OUTSIDE, ids=name_of)
def test_a_cancel_before_every_step_with_threads_and_processes(scenario: Scenario, way: str) -> None:
    for what, run in at_every_step(scenario, [way]):
        assert run.problems == [], what


@pytest.mark.parametrize("hundred", range(4))
def test_random_orders(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        run = at_random(QUICK, seed)
        assert run.problems == [], f"seed {seed}: {run.scenario.name}"
