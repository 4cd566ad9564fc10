"""What a program does does not depend on what the compiler knows about the kinds of its values."""

import asyncio

from hypothesis import HealthCheck, given, settings

from harnlet import HarnletError, Interpreter, Limits
from harnlet.runtime.display import display
from property.kind_programs import programs

_LIMITS = Limits(seconds=10)


async def behaviour(source: str) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for optimise in (True, False):
        printed: list[str] = []
        async with Interpreter(output=printed.append, limits=_LIMITS) as harn:
            try:
                value = display(await harn.run_value(harn.compile(source, optimise=optimise)))
            except HarnletError as error:
                value = error.render()
        found.append((value, printed))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs)
def test_optimised_and_unoptimised_code_agree(source: str) -> None:
    optimised, unoptimised = asyncio.run(behaviour(source))
    assert optimised == unoptimised, source
