"""The standard modules about the host: testing, runtime, host (docs/builtins.md#std-modules)."""

from typing import Any

import pytest

from harnlet import Interpreter, tool

WHY = "fn why(f) { return try { f() } catch e { e } }\n"


async def value(module: str, source: str, **options: Any) -> Any:
    async with Interpreter(**options) as harn:
        return await harn.run(f'import "std/{module}"\n{WHY}{source}')


async def test_mocks_and_what_was_called() -> None:
    assert await value(
        "testing",
        """
        mock_host_result("a", "b", 1, {x: 1})
        mock_host_error("a", "c", "broken")
        mock_host_response("d", "e", {result: 2})
        let got = [host_call("a.b", {x: 1, y: 2}), why({ -> host_call("a.c") }), host_call("d.e")]
        let counts = [host_call_count(), host_call_count_for("a", "b"), len(host_calls_for("a", "c")), len(host_calls())]
        let called = [host_was_called("a", "b", {y: 2}), host_was_called("a", "b", {y: 3}), host_was_called("a", "z")]
        clear_host_mocks()
        return [got, counts, called, host_call_count(), why({ -> host_call("d.e") })]
        """,
    ) == [
        [1, "broken", 2],
        [3, 1, 1, 3],
        [True, False, False],
        0,
        "host_call: unsupported operation d.e",
    ]


async def test_assertions() -> None:
    assert await value(
        "testing",
        """
        mock_host_result("a", "b", 1)
        host_call("a.b", {x: 1})
        return [
          why({ -> assert_host_called("a", "b") }),
          why({ -> assert_host_called("a", "b", {x: 1}) }),
          why({ -> assert_host_called("a", "c") }),
          why({ -> assert_host_called("a", "b", {x: 2}) }),
          why({ -> assert_host_called("a", "c", nil, "mine") }),
          why({ -> assert_host_call_count(1) }),
          why({ -> assert_host_call_count(1, "a", "b") }),
          why({ -> assert_host_call_count(2) }),
          why({ -> assert_host_call_count(0, "a", "b") }),
        ]
        """,
    ) == [
        None,
        None,
        "Expected host call a.c to be recorded",
        "Expected host call a.b with params {x: 2} to be recorded",
        "mine",
        None,
        None,
        "Expected 2 host calls, got 1",
        "Expected 0 host calls, got 1",
    ]


async def test_mocks_for_one_function() -> None:
    assert await value(
        "testing",
        """
        mock_host_result("a", "b", "outer")
        let mocks = [{capability: "a", operation: "b", result: "inner"}, {capability: "c", operation: "d", error: "no"}]
        let inside = with_host_mocks(mocks, { -> [host_call("a.b"), why({ -> host_call("c.d") }), host_call_count()] })
        let failed = why({ -> with_host_mocks(mocks, { -> throw "failed" }) })
        let both = with_mocks({host_mocks: mocks}, { -> host_call("a.b") })
        return [inside, failed, both, host_call("a.b"), host_call_count()]
        """,
    ) == [["inner", "no", 2], "failed", "inner", "outer", 1]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("with_host_mocks([5], { -> 1 })", "with_host_mocks: each entry must be a dict, got int"),
        (
            'with_host_mocks([{capability: "a"}], { -> 1 })',
            "with_host_mocks: each entry must include 'capability' and 'operation'",
        ),
        ("with_llm_mocks([], { -> 1 })", "Runtime error: unsupported in Harnlet: llm_mock_push_scope"),
        ("llm_call_count()", "Runtime error: unsupported in Harnlet: llm_mock_calls"),
    ],
)
async def test_mocks_that_cannot_be(expression: str, told: str) -> None:
    assert await value("testing", f"return why({{ -> {expression} }})") == told


async def test_short_names_of_operations() -> None:
    assert await value(
        "runtime",
        """
        for operation in ["task", "pipeline_input", "dry_run", "approved_plan"] { host_mock("runtime", operation, operation) }
        host_mock("process", "exec", "ran")
        host_mock("interaction", "ask", "yes")
        let got = [runtime_task(), runtime_pipeline_input(), runtime_dry_run(), runtime_approved_plan()]
        process_exec("ls")
        process_exec_with_timeout("ls", 5)
        interaction_ask("q")
        interaction_ask_with_kind("q", "k")
        return [got, host_mock_calls().skip(4).map({ call -> call.params })]
        """,
    ) == [
        ["task", "pipeline_input", "dry_run", "approved_plan"],
        [{"command": "ls"}, {"command": "ls", "timeout_ms": 5}, {"question": "q"}, {"question": "q", "kind": "k"}],
    ]


async def test_tools_by_name() -> None:
    @tool
    async def fetch(url: str) -> str:
        """Gets a page."""
        return url

    source = 'return [len(host_tools()), host_tool_lookup("fetch").description, host_tool_lookup("x"), host_tool_available("fetch")]'
    assert await value("host", source, tools=[fetch], plugins=[]) == [1, "Gets a page.", None, True]
