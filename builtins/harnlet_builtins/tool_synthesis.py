"""Tools that scripts make up from a description: until somebody binds them to something real they only say
what they would do. Rules: docs/builtins.md#synthesized-tools.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet_builtins.json_writer import stringify
from harnlet_builtins.tools_host import host_tool_call
from harnlet_builtins.utf8 import utf8

_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
_LONGEST_NAME: Final = 64
_MOST_TOOLS: Final = 1_000
_LEVELS: Final = (
    ("network", ("http", "oauth", "network", "connector", "mcp")),
    ("process_exec", ("process", "exec", "shell")),
    ("workspace_write", ("workspace.write", "workspace.apply", "workspace.delete")),
)
_TARGETS: Final = ("host_tool", "mcp_tool", "mcp_server")


class _Tools:
    """The tools that a run has made up, by id."""

    def __init__(self) -> None:
        self.specs: dict[str, dict[str, object]] = {}


@builtin("tool_synthesize(config)", section="18.2", context=True)
def tool_synthesize(rt: Context, config: object = None) -> Callable[..., object]:
    """A function of one dict of arguments, made from `{description, name?, parameters?, return_type?,
    capabilities?, side_effect_level?, executor = "dry_run", host_tool?}`. A dry run tells what was asked; the
    executor `host_tool` runs that tool of the host."""
    if type(config) is not dict:
        raise Thrown(f"tool_synthesize: config must be a dict, got {type_name(config)}")
    spec = _spec(config)
    tools = rt.state(_Tools).specs
    key = str(spec["id"])
    if key not in tools and len(tools) >= _MOST_TOOLS:
        raise RuntimeFault(f"tool_synthesize: too many tools: at most {_MOST_TOOLS}")
    tools[key] = spec

    def synthesized(arguments: object = None, *_: object) -> object:
        return _invoked(rt, spec, arguments)

    synthesized.__doc__ = f"{spec['name']}(args)"
    return synthesized


@builtin("tool_synth_invoke(id, arguments?)", section="18.2", effect="suspends", context=True)
def tool_synth_invoke(rt: Context, id: object = None, arguments: object = None) -> object:
    """Calls a tool that was made up, by its id."""
    spec = rt.state(_Tools).specs.get(display(id))
    if spec is None:
        raise Thrown(f"tool_synth_invoke: unknown tool id '{display(id)}'")
    return _invoked(rt, spec, arguments)


@builtin("tool_synthesis_cache()", section="18.2", context=True)
def tool_synthesis_cache(rt: Context) -> list[object]:
    """The tools that were made up: `{id, name, description, parameters, return_type, capabilities,
    side_effect_level, executor}`."""
    return [{**spec} for spec in rt.state(_Tools).specs.values()]


@builtin("tool_synthesis_clear()", section="18.2", context=True)
def tool_synthesis_clear(rt: Context) -> None:
    """Forgets the tools that were made up; functions that a script still holds go on working."""
    rt.state(_Tools).specs.clear()


# --- making -------------------------------------------------------------------------------------------


def _spec(config: dict[str, object]) -> dict[str, object]:
    from hashlib import sha256

    description = config.get("description")
    if type(description) is not str or not description.strip():
        raise Thrown("tool_synthesize: description must be a non-empty string")
    given = config.get("name")
    name = _default_name(description) if given is None else display(given)
    if _NAME.fullmatch(name) is None:
        raise Thrown(
            f'tool_synthesize: invalid tool name "{name}"; use ASCII letters, digits, and underscores'
        )
    parameters = config.get("parameters")
    listed = config.get("capabilities")
    capabilities = sorted({display(each) for each in listed}) if type(listed) is list else []
    level = config.get("side_effect_level")
    spec: dict[str, object] = {
        "name": name,
        "description": description,
        "parameters": parameters if type(parameters) is dict else {},
        "return_type": config.get("return_type", config.get("returns")),
        "capabilities": capabilities,
        "side_effect_level": _level(capabilities) if level is None else display(level),
        "executor": display(config.get("executor") or "dry_run"),
    }
    spec |= {key: display(config[key]) for key in _TARGETS if config.get(key) is not None}
    return {"id": f"tool_synth_{sha256(utf8(stringify(spec))).hexdigest()[:16]}", **spec}


def _default_name(description: str) -> str:
    words = re.findall(r"[a-z0-9]+", description.lower())
    return "_".join(["synth", *words])[:_LONGEST_NAME].rstrip("_")


def _level(capabilities: list[str]) -> str:
    for level, marks in _LEVELS:
        if any(mark in each.lower() for each in capabilities for mark in marks):
            return level
    return "read_only" if capabilities else "none"


# --- calling ------------------------------------------------------------------------------------------


def _invoked(rt: Context, spec: dict[str, object], arguments: object) -> object:
    name = spec["name"]
    given = {} if arguments is None else arguments
    if type(given) is not dict:
        raise Thrown(f"{name}: arguments must be a dict")
    for parameter in _required(spec["parameters"]):
        if parameter not in given:
            raise Thrown(f'{name}: missing required argument "{parameter}"')
    executor = spec["executor"]
    if executor == "dry_run":
        return {
            "_type": "synthesized_tool_result",
            "status": "dry_run",
            "tool_id": spec["id"],
            "name": name,
            "description": spec["description"],
            "args": given,
            "capabilities": spec["capabilities"],
            "side_effect_level": spec["side_effect_level"],
            "message": f"dry run: {name} was not executed",
        }
    if executor in ("host_tool", "host", "host_bridge"):
        return rt.wait(host_tool_call.function(rt, spec.get("host_tool", name), given))  # type: ignore[arg-type]
    raise RuntimeFault(f"unsupported in Harnlet: tool_synthesize with the executor {display(executor)}")


def _required(parameters: Any) -> list[str]:
    """The parameters that a call must give: in a JSON Schema those of `required`, else all that have no
    default and do not say otherwise."""
    if type(parameters) is not dict:
        return []
    if type(parameters.get("properties")) is dict:
        listed = parameters.get("required")
        return sorted(display(each) for each in listed) if type(listed) is list else []
    return sorted(
        name
        for name, each in parameters.items()
        if not (type(each) is dict and (each.get("required") is False or "default" in each))
    )
