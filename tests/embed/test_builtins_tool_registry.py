"""Registries of tools: docs/builtins.md#tool-registries."""

from typing import Any

import pytest

from embed.builtins_support import Run, Thrown, call, fault_of, problem


def handler() -> object:
    return None


def define(registry: Any, name: str, **config: Any) -> Any:
    return call("tool_define", registry, name, f"Does {name}.", {"handler": call, **config})


def registry_of(*names: str) -> Any:
    made = call("tool_registry")
    for name in names:
        made = define(made, name, parameters={"path": "string", "count": {"type": "int"}})
    return made


def names(registry: Any) -> list[str]:
    return [tool["name"] for tool in registry["tools"]]


def test_defining_gives_a_new_registry() -> None:
    empty = call("tool_registry")
    assert empty == {"_type": "tool_registry", "tools": []}
    one = define(empty, "read", returns={"type": "string"}, annotations={"x": 1})
    assert empty["tools"] == []
    assert one["tools"] == [
        {
            "name": "read",
            "description": "Does read.",
            "handler": call,
            "parameters": {},
            "executor": "harn",
            "outputSchema": {"type": "string"},
            "annotations": {"x": 1},
        }
    ]
    two = define(define(one, "write"), "read")
    assert names(two) == ["write", "read"]


def test_asking_a_registry() -> None:
    registry = registry_of("read", "write", "grep")
    assert call("tool_count", registry) == 3
    assert all("handler" not in tool for tool in call("tool_list", registry))
    assert call("tool_find", registry, "write")["handler"] is call
    assert call("tool_find", registry, "none") is None
    assert names(call("tool_select", registry, ["grep", "read", "none"])) == ["read", "grep"]
    assert names(call("tool_remove", registry, "write")) == ["read", "grep"]
    assert names(registry) == ["read", "write", "grep"]


def test_descriptions_and_prompts() -> None:
    registry = registry_of("write", "read")
    registry = define(registry, "add", returns={"type": "int"})
    assert call("tool_describe", registry) == (
        "Available tools:\n"
        "- add(): Does add.\n"
        "  returns int\n"
        "- read(count: int, path: string): Does read.\n"
        "- write(count: int, path: string): Does write."
    )
    assert call("tool_describe", call("tool_registry")) == "Available tools:\n(none)"
    prompt = call("tool_prompt", registry)
    assert prompt.startswith("# Available Tools\n")
    assert "<tool_call>{" in prompt
    assert "\n## Tools\n\n### add\nDoes add.\nReturns: int\n\n### read\nDoes read.\nParameters: " in prompt
    assert call("tool_prompt", call("tool_registry")) == "No tools are available."


def test_schemas_of_tools() -> None:
    parameters = {
        "a": "int",
        "b": "list",
        "c": "anything",
        "d": {"type": "string", "enum": ["x"]},
        "e": {"$ref": "User"},
        "f": {"$ref": "Other"},
        "g": {"type": "int", "required": False, "default": 2},
    }
    registry = define(call("tool_registry"), "t", parameters=parameters, returns={"type": "dict"})
    made = call("tool_schema", define(registry, "u"), {"User": {"type": "object"}})
    assert made["schema_version"] == "harn-tools/1.0"
    assert made["components"] == {"schemas": {"User": {"type": "object"}}}
    first, second = made["tools"]
    assert first == {
        "name": "t",
        "description": "Does t.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "a": {"type": "integer"},
                "b": {"type": "array"},
                "c": {"type": "string"},
                "d": {"type": "string", "enum": ["x"]},
                "e": {"type": "object"},
                "f": {"$ref": "#/components/schemas/Other"},
                "g": {"type": "integer", "default": 2},
            },
            "required": ["a", "b", "c", "d", "e", "f", "g"],
        },
        "outputSchema": {"type": "object"},
    }
    assert second["inputSchema"] == {"type": "object", "properties": {}}
    assert "components" not in call("tool_schema", registry)


def test_calls_and_results_as_text() -> None:
    text = 'a <tool_call> {"name": "x"}\n</tool_call> <tool_call>{no}</tool_call><tool_call>[1]</tool_call>'
    assert call("tool_parse_call", text) == [{"name": "x"}, [1]]
    assert call("tool_format_result", "n", 'say "hi"\n') == (
        '<tool_result>{"name": "n", "result": "say \\"hi\\"\\n"}</tool_result>'
    )


def test_a_bound_registry() -> None:
    run = Run()
    nothing = (
        "tool_ref: no tool registry bound to this scope. Call tool_bind(registry) first, or invoke inside "
        "an agent_loop."
    )
    assert fault_of(run.call, "tool_ref", "read").caught() == nothing
    assert run.call("tool_bind", registry_of("write", "read")) is None
    assert run.call("tool_ref", "read") == "read"
    assert "handler" not in run.call("tool_def", "read")
    unknown = 'tool_def: unknown tool "x". Registered tools: read, write'
    assert fault_of(run.call, "tool_def", "x").caught() == unknown
    run.call("tool_bind", registry_of())
    assert (
        fault_of(run.call, "tool_ref", "x").caught()
        == 'tool_ref: unknown tool "x". Registered tools: (none registered)'
    )
    run.call("tool_bind", None)
    assert fault_of(run.call, "tool_ref", "read").caught() == nothing
    assert fault_of(run.call, "tool_bind", 5).caught() == (
        "tool_bind: argument must be a tool registry (created with tool_registry())"
    )


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"params": {}}, "tool_define: use 'parameters', not 'params'"),
        ({}, 'tool_define: tool "x" has no `handler` and no `executor`. '),
        (
            {"executor": "y"},
            'tool_define: unknown executor "y" for tool "x". Expected one of: '
            '"harn", "host_bridge", "mcp_server", "provider_native"',
        ),
        ({"executor": 5}, 'tool_define: unknown executor "5" for tool "x". '),
        ({"executor": "harn"}, 'tool_define: tool "x" declares executor: "harn" but is missing `handler`. '),
        (
            {"handler": handler, "host_capability": "a"},
            'tool_define: tool "x" declares executor: "harn" but also has a `host_capability`. ',
        ),
        (
            {"executor": "host_bridge", "handler": handler},
            'tool_define: tool "x" declares executor: "host_bridge" but also has a `handler`. ',
        ),
        (
            {"executor": "host_bridge"},
            'tool_define: tool "x" declares executor: "host_bridge" but is missing `host_capability`. ',
        ),
        (
            {"executor": "mcp_server", "mcp_server": ""},
            'tool_define: tool "x" declares executor: "mcp_server" but is missing `mcp_server`. ',
        ),
        ({"handler": handler, "defer_loading": 1}, "tool_define: `defer_loading` must be a bool "),
        ({"handler": handler, "namespace": ""}, "tool_define: `namespace` must be a non-empty string "),
    ],
)
def test_configurations_that_make_no_sense(config: object, text: str) -> None:
    kind, message = problem("tool_define", call("tool_registry"), "x", "", config)
    assert kind is Thrown
    assert isinstance(message, str)
    assert message.startswith(text)


def test_executors() -> None:
    registry = call("tool_registry")
    cases: list[tuple[dict[str, object], str]] = [
        ({"handler": handler, "executor": "harn_builtin"}, "harn"),
        ({"executor": "host_bridge", "host_capability": "fs"}, "host_bridge"),
        ({"executor": "mcp_server", "mcp_server": "s"}, "mcp_server"),
        ({"executor": "provider_native"}, "provider_native"),
    ]
    for config, executor in cases:
        entry = call("tool_define", registry, "x", None, config)["tools"][0]
        assert entry["executor"] == executor
        assert entry["handler"] is config.get("handler")
        assert entry["description"] == ""


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            ("tool_define", {"_type": "tool_registry"}),
            "tool_define: requires registry, name, description, and config dict",
        ),
        (("tool_define", {}, "x", "", {}), "tool_define: first argument must be a tool registry"),
        (
            ("tool_define", {"_type": "tool_registry"}, "x", "", 5),
            "tool_define: config must be a dict with parameters and handler",
        ),
        (("tool_list",), "tool_list: requires a tool registry"),
        (
            ("tool_count", {}),
            "tool_count: argument must be a tool registry (created with tool_registry())",
        ),
        (
            ("tool_select", {"_type": "tool_registry"}, "a"),
            "tool_select: second argument must be a list of tool names",
        ),
    ],
)
def test_wrong_arguments(arguments: tuple[str, object], text: str) -> None:
    assert problem(*arguments) == (Thrown, text)


def test_the_findings_of_a_surface() -> None:
    good = registry_of("read")
    assert call("tool_surface_validate", good) == {"valid": True, "diagnostics": []}
    assert call("tool_surface_validate") == {"valid": True, "diagnostics": []}
    doubled = {"tools": [*good["tools"], *good["tools"]]}
    report = call("tool_surface_validate", doubled)
    assert not report["valid"]
    assert [(each["code"], each["tool"]) for each in report["diagnostics"]] == [("duplicate_name", "read")]
    silent = [{"name": "x", "parameters": {"p": 5}}, {"parameters": 1}, {"name": "y", "parameters": 1}]
    codes = [each["code"] for each in call("tool_surface_validate", silent)["diagnostics"]]
    assert codes == [
        "missing_description",
        "invalid_parameter",
        "missing_name",
        "missing_description",
        "invalid_parameters",
    ]
    undescribed = {"tools": {"_type": "tool_registry", "tools": [{"name": "x"}]}}
    assert call("tool_surface_validate", undescribed)["valid"]
    assert not call("tool_surface_validate", undescribed, {"strict": True})["valid"]
    assert problem("tool_surface_validate", 5)[0] is Thrown
