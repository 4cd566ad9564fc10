"""Schemas as JSON Schema and as OpenAPI 3.0 schemas. Rule: docs/builtins.md#schemas."""

from collections.abc import Callable
from typing import Final

from harnlet.runtime.operators import to_float
from harnlet_builtins.schema_forms import Schema, rewritten

_KEYS: Final = {
    "additional_properties": "additionalProperties",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min": "minimum",
    "max": "maximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "union": "anyOf",
    "all_of": "allOf",
}
_TYPES: Final = {
    "dict": "object",
    "list": "array",
    "set": "array",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "nil": "null",
    "bytes": "string",
}
_NO_TYPE: Final = frozenset({"any", "closure"})


def to_json_schema(schema: Schema) -> Schema:
    """JSON Schema; what may be nil has a list of types."""
    return rewritten(schema, _named(_nullable_in_json))


def to_openapi_schema(schema: Schema) -> Schema:
    """An OpenAPI 3.0 schema; what may be nil is `nullable`, a constant is an enum of one."""
    return rewritten(schema, _named(_nullable_in_openapi))


def _named(nullable: Callable[[Schema], None]) -> Callable[[Schema], Schema]:
    def change(node: Schema) -> Schema:
        kind = node.get("type")
        for bound in ("min", "max"):
            if type(node.get(bound)) is int:
                # JSON has one kind of number, and the bounds of both kinds are of it.
                node[bound] = to_float(node[bound])
        made = {_KEYS.get(key, key): value for key, value in node.items()}
        if type(kind) is str:
            if kind in _NO_TYPE:
                del made["type"]
            else:
                made["type"] = _TYPES.get(kind, kind)
            if kind == "set":
                made["uniqueItems"] = True
        nullable(made)
        return made

    return change


def _nullable_in_json(node: Schema) -> None:
    if node.pop("nullable", None) is not True:
        return
    if type(node.get("type")) is str:
        node["type"] = [node["type"], "null"]
    elif type(node.get("anyOf")) is list:
        node["anyOf"] = [*node["anyOf"], {"type": "null"}]
    if type(node.get("enum")) is list and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]


def _nullable_in_openapi(node: Schema) -> None:
    branches = node.get("anyOf")
    if type(branches) is list and {"type": "null"} in branches:
        others = [branch for branch in branches if branch != {"type": "null"}]
        node["nullable"] = True
        del node["anyOf"]
        if len(others) == 1 and type(others[0]) is dict:
            node.update(others[0])
        elif others:
            node["anyOf"] = others
    if node.get("nullable") is not True:
        node.pop("nullable", None)
    if "const" in node:
        node["enum"] = [node.pop("const")]
