"""Tools as models read them: descriptions, prompts, JSON Schema, and the calls models write.

Rule: docs/builtins.md#tool-registries.
"""

import re
from typing import Any, Final

from harnlet.runtime.display import display
from harnlet_builtins.json_writer import stringify
from harnlet_builtins.logs import json_text
from harnlet_builtins.tool_entries import Entry, name_of, parameters_of

SCHEMA_VERSION: Final = "harn-tools/1.0"
_JSON_TYPES: Final = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
_OWN_TYPES: Final = frozenset({*_JSON_TYPES, "nil", "any", "set", "bytes", "closure"})
_CALL: Final = re.compile(r"<tool_call>(.*?)</tool_call>", re.DOTALL)
_HOW_TO_CALL: Final = """\
# Available Tools

To use a tool, write its name and its arguments as JSON between these tags:

<tool_call>{"name": "tool_name", "arguments": {"parameter": "value"}}</tool_call>

The answer comes between <tool_result> tags. Write one pair of tags for each call.

## Tools"""


def _type_text(schema: object) -> str:
    if type(schema) is str:
        return schema
    if type(schema) is dict:
        for key in ("type", "$ref"):
            if type(schema.get(key)) is str:
                return str(schema[key])
        if "union" in schema or "type" in schema:
            return stringify(schema.get("union", schema.get("type")))
    return "any"


def _parameters_text(entry: Entry) -> str:
    parameters = parameters_of(entry)
    return ", ".join(f"{name}: {_type_text(parameters[name])}" for name in sorted(parameters))


def describe(tools: list[Entry]) -> str:
    """One line for each tool, by name."""
    lines = ["Available tools:"]
    for entry in sorted(tools, key=name_of):
        lines.append(f"- {name_of(entry)}({_parameters_text(entry)}): {display(entry.get('description'))}")
        if entry.get("outputSchema") is not None:
            lines.append(f"  returns {_type_text(entry['outputSchema'])}")
    return "\n".join(lines) if tools else "Available tools:\n(none)"


def prompt(tools: list[Entry]) -> str:
    """What a model is told about the tools and how it calls them."""
    if not tools:
        return "No tools are available."
    parts = [_HOW_TO_CALL]
    for entry in sorted(tools, key=name_of):
        lines = [f"### {name_of(entry)}", display(entry.get("description"))]
        if parameters_of(entry):
            lines.append(f"Parameters: {_parameters_text(entry)}")
        if entry.get("outputSchema") is not None:
            lines.append(f"Returns: {_type_text(entry['outputSchema'])}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def tools_schema(tools: list[Entry], components: object) -> Entry:
    """All tools with the JSON Schema of their arguments."""
    known = components if type(components) is dict else None
    made: Entry = {
        "schema_version": SCHEMA_VERSION,
        "tools": [_tool_schema(entry, known or {}) for entry in tools],
    }
    if known is not None:
        made["components"] = {"schemas": known}
    return made


def _tool_schema(entry: Entry, components: dict[str, Any]) -> Entry:
    parameters = parameters_of(entry)
    arguments: Entry = {
        "type": "object",
        "properties": {name: _parameter_schema(each, components) for name, each in parameters.items()},
    }
    if parameters:
        arguments["required"] = sorted(parameters)
    made: Entry = {
        "name": entry.get("name"),
        "description": entry.get("description"),
        "inputSchema": arguments,
    }
    if entry.get("outputSchema") is not None:
        made["outputSchema"] = _parameter_schema(entry["outputSchema"], components)
    return made


def _parameter_schema(schema: object, components: dict[str, Any]) -> object:
    """A type text as JSON Schema; a dict as it is, unless its types are those of the language."""
    if type(schema) is not dict:
        return {"type": _JSON_TYPES.get(display(schema), "string")}
    if "$ref" in schema:
        name = display(schema["$ref"])
        if name in components:
            return components[name]
        return {"$ref": name if name.startswith("#") else f"#/components/schemas/{name}"}
    kind = schema.get("type")  # Of JSON Schema's own it may be a list.
    if (type(kind) is str and kind in _OWN_TYPES) or "union" in schema or "properties" in schema:
        # The other way is used for few tools only.
        from harnlet_builtins.schema_dialects import to_json_schema

        kept = {key: value for key, value in schema.items() if key != "required" or type(value) is list}
        return to_json_schema(kept)
    return schema


def parse_calls(text: str) -> list[object]:
    """The JSON bodies of all calls in a model's answer; what is no JSON is passed over."""
    from harnlet_builtins.json_reader import JsonError, parse

    found: list[object] = []
    for body in _CALL.findall(text):
        try:
            found.append(parse(body.strip()))
        except JsonError:
            continue
    return found


def format_result(name: str, result: str) -> str:
    """A tool's result between tags."""
    return f'<tool_result>{{"name": {json_text(name)}, "result": {json_text(result)}}}</tool_result>'
