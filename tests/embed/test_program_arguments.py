"""What a run is given: arguments of the entry pipeline, `argv`, and what it gives back.

Rules: docs/language.md#program-entry and decision 7.
"""

import asyncio

import pytest

from harnlet import Interpreter, ScriptError, SourceError


async def test_parameters_are_bound_by_name() -> None:
    async with Interpreter() as harn:
        program = harn.compile("pipeline main(task, project) { [task, project] }")
        assert await harn.run(program, {"project": "p", "task": "t"}) == ["t", "p"]


async def test_parameters_without_an_argument_are_nil_and_others_are_ignored() -> None:
    async with Interpreter() as harn:
        program = harn.compile("pipeline main(task, project) { [task, project] }")
        assert await harn.run(program, {"task": "t", "other": 1}) == ["t", None]
        assert await harn.run(program) == [None, None]


async def test_arguments_are_values_of_the_script() -> None:
    async with Interpreter() as harn:
        program = harn.compile(
            "pipeline main(data) { data.items.map({ n -> n * 2 }) + [type_of(data.extra)] }"
        )
        given = {"data": {"items": [1, 2], "extra": None}}
        assert await harn.run(program, given) == [2, 4, "nil"]
        assert given == {"data": {"items": [1, 2], "extra": None}}


async def test_a_script_cannot_change_what_it_was_given() -> None:
    given = {"data": {"list": [1]}}
    async with Interpreter() as harn:
        source = "pipeline main(data) {\n  var own = data\n  own.list[0] = 9\n  own\n}"
        assert await harn.run(source, given) == {"list": [9]}
    assert given == {"data": {"list": [1]}}


async def test_an_argument_keeps_to_its_run() -> None:
    async with Interpreter() as harn:
        program = harn.compile("pipeline main(n) {\n  sleep(0)\n  n\n}")
        runs = [harn.run(program, {"n": n}) for n in range(5)]
        assert await asyncio.gather(*runs) == [0, 1, 2, 3, 4]


async def test_argv() -> None:
    async with Interpreter() as harn:
        assert await harn.run("return argv", argv=["a", "b"]) == ["a", "b"]
        assert await harn.run("return argv") == []


async def test_functions_see_argv() -> None:
    async with Interpreter() as harn:
        assert await harn.run("fn f() { return argv.count }\nreturn f()", argv=["a", "b"]) == 2


async def test_the_parameters_of_a_program_are_listed() -> None:
    async with Interpreter() as harn:
        assert harn.compile("pipeline main(task, project) { }").parameters == ("task", "project")
        assert harn.compile("1").parameters == ()


async def test_a_source_with_several_errors_has_them_all() -> None:
    async with Interpreter() as harn:
        with pytest.raises(SourceError) as caught:
            harn.compile("let = 1\nlet ok = 2\nlet = 3\n")
    assert [problem.line for problem in caught.value.diagnostics] == [1, 3]


async def test_an_uncaught_value_is_there_as_data() -> None:
    async with Interpreter() as harn:
        with pytest.raises(ScriptError) as caught:
            await harn.run('throw {code: 7, list: [1, "x"]}')
    assert caught.value.value == {"code": 7, "list": [1, "x"]}
    assert str(caught.value) == "Thrown: {code: 7, list: [1, x]}"


async def test_an_interpreter_goes_on_after_an_error() -> None:
    async with Interpreter() as harn:
        with pytest.raises(ScriptError):
            await harn.run("1 / 0")
        assert await harn.run("return 2") == 2


async def test_runs_beside_each_other_have_their_own_argv() -> None:
    async with Interpreter() as harn:
        program = harn.compile("tool seen() { return argv }\nsleep(0)\nsleep(0)\nreturn argv")
        runs = [harn.run(program, argv=[name]) for name in ("a", "b", "c")]
        assert await asyncio.gather(*runs) == [["a"], ["b"], ["c"]]
        await harn.run(program, argv=["d"])
        answer = await harn.dispatch_tool_call("s", {"id": "1", "name": "seen", "arguments": {}})
        assert answer["result"] == ["d"]
