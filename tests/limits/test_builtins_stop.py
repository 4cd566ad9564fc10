"""Builtins that compute for long come to safe points: a run can be stopped inside them
(docs/architecture.md#safe-points). A test that hangs here fails by its timeout."""

import pytest

from harnlet import Interpreter, LimitError, Limits

_DOUBLED = "var s = [1]\nfor i in 1 to 40 { s = [s, s] }\n"

HOSTILE = {
    "JSON of a list that doubles": _DOUBLED + "json_stringify(s)",
    "TOML of a list that doubles": _DOUBLED + "toml_stringify({s: s})",
    "the text of a list that doubles": _DOUBLED + "to_string(s)",
    "the text of a pair that doubles": "var s = [1]\nfor i in 1 to 40 { s = pair(s, s) }\nto_string(s)",
    "the key of a list that doubles": _DOUBLED + "hash_value(s)",
    "CSV of a list that doubles": _DOUBLED + "csv_stringify([[s]])",
    "all values of a list that doubles, many times": _DOUBLED + 'jq(s, ".. | .. | .. | .. | ..")',
    "a template that loops over a huge range": 'render_string("{{ for i in r }}{{ end }}", {r: 1 to 10 ** 15})',
    "very many matches": 'regex_match("", "x".repeat(20000000))',
    "very many graphemes": 'unicode_graphemes("e\u0301".repeat(3000000))',
    "a sum of a huge range": "(1 to 10 ** 15).sum()",
    "a union that multiplies": """
        var s = {type: "int"}
        for i in 1 to 12 { s = {union: [s, s, s, s]} }
        schema_is("x", s)
    """,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=list(HOSTILE))
async def test_the_run_ends_in_time(source: str) -> None:
    async with Interpreter(limits=Limits(seconds=0.05)) as harn:
        with pytest.raises(LimitError) as caught:
            await harn.run(source)
        assert caught.value.limit == "seconds"


@pytest.mark.parametrize("source", HOSTILE.values(), ids=list(HOSTILE))
async def test_a_deadline_ends_it(source: str) -> None:
    text = "try { deadline 20ms { " + source + " } } catch e { return e }"
    async with Interpreter() as harn:
        assert await harn.run(text) == "Deadline exceeded"


async def test_what_is_short_takes_no_steps() -> None:
    source = 'for i in 1 to 20 { to_string(pair(1, 2)); json_stringify([1]); hash_value([1]); jq([1], ".[]") }'
    async with Interpreter(limits=Limits(steps=100)) as harn:
        await harn.run(source)


@pytest.mark.parametrize("call", ["zip(v)", "enumerate()", "chunk(2)", "window(2)", "unique()"])
async def test_methods_of_large_lists_come_to_safe_points(call: str) -> None:
    values = {"v": [[number] for number in range(40_000)]}
    source = f"pipeline default(v) {{ return v.{call}.count }}"
    async with Interpreter() as harn:
        assert await harn.run(source, values) in (40_000, 20_000, 39_999)
    async with Interpreter(limits=Limits(steps=10_000)) as harn:
        with pytest.raises(LimitError) as caught:
            await harn.run(source, values)
        assert caught.value.limit == "steps"
