"""The entries of tool registries: what a tool is made of, and what it must not be made of.

Rule: docs/builtins.md#tool-registries.
"""

from typing import Any, Final

from harnlet.errors.faults import Thrown
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name

Entry = dict[str, Any]

REGISTRY: Final = "tool_registry"
_EXECUTORS: Final = ("harn", "host_bridge", "mcp_server", "provider_native")
_ALIASES: Final = {"harn_builtin": "harn"}
_NEEDS: Final = {"host_bridge": "host_capability", "mcp_server": "mcp_server"}
_ELSEWHERE: Final = ("host_capability", "mcp_server")


def tools_of(name: str, registry: object) -> list[Entry]:
    """The entries of a registry. Raises Thrown in the name of the builtin `name`."""
    if registry is None:
        raise Thrown(f"{name}: requires a tool registry")
    if not is_registry(registry):
        raise Thrown(f"{name}: argument must be a tool registry (created with tool_registry())")
    return entries(registry)


def is_registry(value: object) -> bool:
    """Whether it is a dict that says it is a registry."""
    return type(value) is dict and value.get("_type") == REGISTRY


def entries(registry: Any) -> list[Entry]:
    """The entries of a registry; what scripts put there beside is passed over."""
    tools = registry.get("tools")
    return [each for each in tools if type(each) is dict] if type(tools) is list else []


def with_tools(registry: Any, tools: list[Entry]) -> Entry:
    """The registry with other tools."""
    return {**registry, "tools": tools}


def name_of(entry: Entry) -> str:
    """The tool's name."""
    return display(entry.get("name"))


def without_handler(entry: Entry) -> Entry:
    """What may be shown of a tool."""
    return {key: value for key, value in entry.items() if key != "handler"}


def parameters_of(entry: Entry) -> dict[str, Any]:
    """Parameter name to type text or schema dict."""
    parameters = entry.get("parameters")
    return parameters if type(parameters) is dict else {}


def new_entry(name: str, description: str, config: Entry) -> Entry:
    """The entry that `tool_define` stores. Raises Thrown for a config that makes no sense."""
    if "params" in config:
        raise Thrown("tool_define: use 'parameters', not 'params'")
    handler = config.get("handler")
    executor = _executor(name, config.get("executor"), handler)
    _check_executor(name, executor, handler, config)
    _check_loading(config)
    entry = dict(config)
    if "returns" in entry:
        entry["outputSchema"] = entry.pop("returns")
    entry.update(name=name, description=description, handler=handler, executor=executor)
    if entry.get("parameters") is None:
        entry["parameters"] = {}
    return entry


def _executor(name: str, given: object, handler: object) -> str:
    if given is None:
        if handler is None:
            raise Thrown(
                f'tool_define: tool "{name}" has no `handler` and no `executor`. Give it a `handler`, or '
                "say with `executor` who runs it."
            )
        return "harn"
    executor = _ALIASES.get(given, given) if type(given) is str else given
    if executor not in _EXECUTORS:
        raise Thrown(
            f'tool_define: unknown executor "{display(given)}" for tool "{name}". Expected one of: '
            + ", ".join(f'"{each}"' for each in _EXECUTORS)
        )
    return str(executor)


def _check_executor(name: str, executor: str, handler: object, config: Entry) -> None:
    says = f'tool_define: tool "{name}" declares executor: "{executor}"'
    if executor == "harn":
        if handler is None:
            raise Thrown(f"{says} but is missing `handler`. Give it a function that runs the tool.")
        for key in _ELSEWHERE:
            if config.get(key) is not None:
                raise Thrown(f"{says} but also has a `{key}`. Its handler runs here: leave that out.")
        return
    if handler is not None:
        raise Thrown(f"{says} but also has a `handler`. It would never be called: leave it out.")
    needed = _NEEDS.get(executor)
    if needed is not None:
        value = config.get(needed)
        if type(value) is not str or not value:
            raise Thrown(f"{says} but is missing `{needed}`. Give it a non-empty string.")


def _check_loading(config: Entry) -> None:
    deferred = config.get("defer_loading", False)
    if type(deferred) is not bool:
        raise Thrown(f"tool_define: `defer_loading` must be a bool (got {type_name(deferred)})")
    if "namespace" in config:
        namespace = config["namespace"]
        if type(namespace) is not str or not namespace:
            raise Thrown(f"tool_define: `namespace` must be a non-empty string (got {type_name(namespace)})")
