"""Whatever is changed in place, handed over or remembered to be held by nobody else: nothing that one name
does ever shows under another. Random programs are compared with a model that copies every value it reads."""

import asyncio

from hypothesis import HealthCheck, assume, given, settings

from harnlet import HarnletError, Interpreter, Limits
from property.value_programs import Model, Tree, harnlet, programs

_LIMITS = Limits(seconds=10)


async def printed(source: str) -> list[str]:
    lines: list[str] = []
    async with Interpreter(output=lines.append, limits=_LIMITS) as harn:
        try:
            await harn.run(source)
        except HarnletError:
            lines.append("failed\n")
    return "".join(lines).splitlines()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(programs())
def test_no_change_shows_elsewhere(program: Tree) -> None:
    expected = Model(program).run()
    assume(expected is not None)
    source = harnlet(program)
    assert asyncio.run(printed(source)) == expected, source
