"""Names that Harnlet does not have: docs/builtins.md#harnlets-own-decisions."""

from collections import Counter

import pytest

from embed.builtins_support import ALL, RuntimeFault, problem
from harnlet import Interpreter, hookimpl
from harnlet.runtime.builtin import Builtin, builtin, collect
from harnlet_builtins import families, unsupported


@pytest.mark.parametrize("name", ["llm_call", "workflow.signal", "mcp_connect", "skill_define"])
def test_a_call_says_what_is_missing(name: str) -> None:
    text = f"Runtime error: unsupported in Harnlet: {name}"
    assert problem(name) == problem(name, 1, 2, 3) == (RuntimeFault, text)


def test_every_name_is_declared_once_and_by_nobody_else() -> None:
    declared = collect(unsupported)
    assert {each.name for each in declared} == set(unsupported.NAMES)
    assert len(declared) == len(" ".join(each.names for each in unsupported.FAMILIES).split())
    every = Counter(each.name for each in families.every_builtin())
    assert [name for name in unsupported.NAMES if every[name] != 1] == []
    assert ALL["llm_call"].doc == "Not in Harnlet: calls of language models."


async def test_the_checker_knows_them_and_a_script_can_catch_it() -> None:
    source = """
        let caught = try { llm_call("x") } catch e { e }
        let other = try { workflow.signal("x") } catch e { e }
        return [caught, other]
    """
    async with Interpreter() as harn:
        assert await harn.run(source) == [
            "Runtime error: unsupported in Harnlet: llm_call",
            "Runtime error: unsupported in Harnlet: workflow.signal",
        ]


class Model:
    @hookimpl
    def harnlet_stdlib_modules(self) -> list[Builtin]:
        @builtin("llm_call(prompt)", section="25")
        def llm_call(prompt: object = None) -> object:
            """An answer."""
            return f"answer to {prompt}"

        return [llm_call]


async def test_a_plugin_takes_the_place_of_a_missing_one() -> None:
    async with Interpreter(plugins=[Model()]) as harn:
        assert await harn.run('return llm_call("x")') == "answer to x"
