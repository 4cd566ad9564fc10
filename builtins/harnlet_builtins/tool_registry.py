"""Registries of tools: plain dicts that scripts build, ask and show to models.

Every function gives a new registry. Rules: docs/builtins.md#tool-registries.
"""

from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet_builtins import tool_texts
from harnlet_builtins.tool_entries import (
    REGISTRY,
    Entry,
    entries,
    is_registry,
    name_of,
    new_entry,
    parameters_of,
    tools_of,
    with_tools,
    without_handler,
)

_MISSING = object()


class _Bound:
    """The registry that a run has bound for `tool_ref` and `tool_def`."""

    def __init__(self) -> None:
        self.registry: Any = None


@builtin("tool_registry()", section="18.1")
def tool_registry() -> Entry:
    """A registry without tools."""
    return {"_type": REGISTRY, "tools": []}


@builtin("tool_define(registry, name, description, config)", section="18.1")
def tool_define(
    registry: object = _MISSING,
    name: object = _MISSING,
    description: object = _MISSING,
    config: object = _MISSING,
) -> Entry:
    """The registry with one more tool at its end; one of the same name is replaced.

    `config` has `parameters`, `handler` or `executor`, and `returns`, the schema of the result.
    """
    if config is _MISSING:
        raise Thrown("tool_define: requires registry, name, description, and config dict")
    if not is_registry(registry):
        raise Thrown("tool_define: first argument must be a tool registry")
    if type(config) is not dict:
        raise Thrown("tool_define: config must be a dict with parameters and handler")
    entry = new_entry(display(name), "" if description is None else display(description), config)
    others = [each for each in entries(registry) if name_of(each) != entry["name"]]
    return with_tools(registry, [*others, entry])


@builtin("tool_list(registry)", section="18.1")
def tool_list(registry: object = None) -> list[Entry]:
    """All tools, without their handlers."""
    return [without_handler(entry) for entry in tools_of("tool_list", registry)]


@builtin("tool_find(registry, name)", section="18.1")
def tool_find(registry: object = None, name: object = None) -> Entry | None:
    """The tool of that name, with its handler; nil if there is none."""
    wanted = display(name)
    tools = tools_of("tool_find", registry)
    return next((entry for entry in tools if name_of(entry) == wanted), None)


@builtin("tool_select(registry, names)", section="18.1")
def tool_select(registry: object = None, names: object = None) -> Entry:
    """The registry with the named tools only."""
    tools = tools_of("tool_select", registry)
    if type(names) is not list:
        raise Thrown("tool_select: second argument must be a list of tool names")
    wanted = {display(name) for name in names}
    return with_tools(registry, [entry for entry in tools if name_of(entry) in wanted])


@builtin("tool_remove(registry, name)", section="18.1")
def tool_remove(registry: object = None, name: object = None) -> Entry:
    """The registry without the tool of that name."""
    unwanted = display(name)
    tools = tools_of("tool_remove", registry)
    return with_tools(registry, [entry for entry in tools if name_of(entry) != unwanted])


@builtin("tool_count(registry)", section="18.1")
def tool_count(registry: object = None) -> int:
    """How many tools there are."""
    return len(tools_of("tool_count", registry))


@builtin("tool_describe(registry)", section="18.1")
def tool_describe(registry: object = None) -> str:
    """One line for each tool, by name."""
    return tool_texts.describe(tools_of("tool_describe", registry))


@builtin("tool_schema(registry, components?)", section="18.1")
def tool_schema(registry: object = None, components: object = None) -> Entry:
    """All tools with the JSON Schema of their arguments, in which every parameter is required."""
    return tool_texts.tools_schema(tools_of("tool_schema", registry), components)


@builtin("tool_prompt(registry)", section="18.1")
def tool_prompt(registry: object = None) -> str:
    """What a model is told about the tools and how it calls them."""
    return tool_texts.prompt(tools_of("tool_prompt", registry))


@builtin("tool_parse_call(text)", section="18.1")
def tool_parse_call(text: object = "") -> list[object]:
    """The calls in a model's answer, as `tool_prompt` asks for them; invalid JSON is passed over."""
    return tool_texts.parse_calls(display(text))


@builtin("tool_format_result(name, result)", section="18.1")
def tool_format_result(name: object = "", result: object = "") -> str:
    """A tool's result as a model gets it."""
    return tool_texts.format_result(display(name), display(result))


# --- the bound registry ----------------------------------------------------------------------------


@builtin("tool_bind(registry)", section="18.1", context=True)
def tool_bind(rt: Context, registry: object = None) -> None:
    """Binds the registry that `tool_ref` and `tool_def` look into; nil unbinds it."""
    if registry is not None:
        tools_of("tool_bind", registry)
    rt.state(_Bound).registry = registry


def _bound_tool(rt: Context, builtin_name: str, name: object) -> Entry:
    registry = rt.state(_Bound).registry
    if registry is None:
        raise Thrown(
            f"{builtin_name}: no tool registry bound to this scope. Call tool_bind(registry) first, or "
            "invoke inside an agent_loop."
        )
    wanted = display(name)
    tools = entries(registry)
    for entry in tools:
        if name_of(entry) == wanted:
            return entry
    known = ", ".join(sorted(map(name_of, tools))) or "(none registered)"
    raise Thrown(f'{builtin_name}: unknown tool "{wanted}". Registered tools: {known}')


@builtin("tool_ref(name)", section="18.1", context=True)
def tool_ref(rt: Context, name: object = "") -> str:
    """The name, if the bound registry has such a tool."""
    return name_of(_bound_tool(rt, "tool_ref", name))


@builtin("tool_def(name)", section="18.1", context=True)
def tool_def(rt: Context, name: object = "") -> Entry:
    """A tool of the bound registry, without its handler."""
    return without_handler(_bound_tool(rt, "tool_def", name))


# --- consistency -----------------------------------------------------------------------------------


@builtin("tool_surface_validate(surface?, options?)", section="18.1")
def tool_surface_validate(surface: object = None, options: object = None) -> Entry:
    """What looks wrong in a registry, a list of tools, or a dict with `tools`: `{valid, diagnostics}`.

    A diagnostic is `{severity, code, tool, message}`; only errors make it invalid, or warnings too with
    the option `strict`.
    """
    found = _findings(_surface_tools(surface))
    strict = type(options) is dict and bool(options.get("strict"))
    valid = not any(strict or each["severity"] == "error" for each in found)
    return {"valid": valid, "diagnostics": found}


def _surface_tools(surface: object) -> list[Entry]:
    if type(surface) is dict:
        tools = surface.get("tools")
        return _surface_tools(tools) if type(tools) is dict else entries(surface)
    if type(surface) is list:
        return entries({"tools": surface})
    if surface is None:
        return []
    raise Thrown(f"tool_surface_validate: surface must be a dict or a list, got {type_name(surface)}")


def _findings(tools: list[Entry]) -> list[Entry]:
    found: list[Entry] = []

    def add(severity: str, code: str, tool: str, message: str) -> None:
        found.append({"severity": severity, "code": code, "tool": tool, "message": message})

    seen: set[str] = set()
    for entry in tools:
        name = name_of(entry)
        if type(entry.get("name")) is not str or not name:
            add("error", "missing_name", "", "a tool has no name")
            continue
        if name in seen:
            add("error", "duplicate_name", name, f"more than one tool is called `{name}`")
        seen.add(name)
        if not entry.get("description"):
            add("warning", "missing_description", name, f"tool `{name}` has no description")
        if "parameters" in entry and type(entry["parameters"]) is not dict:
            add("error", "invalid_parameters", name, f"the parameters of tool `{name}` are no dict")
        for parameter, schema in sorted(parameters_of(entry).items()):
            if type(schema) not in (str, dict):
                add(
                    "error", "invalid_parameter", name, f"parameter `{parameter}` of `{name}` has no schema"
                )
    return found
