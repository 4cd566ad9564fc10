"""The canonical form of a schema: one spelling for each key and each type.

Rule: docs/builtins.md#schemas.
"""

from collections.abc import Callable
from typing import Any, Final

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.breath import breathe
from harnlet.runtime.values import type_name

Schema = dict[str, Any]

KEY_ALIASES: Final = {
    "additionalProperties": "additional_properties",
    "minItems": "min_items",
    "maxItems": "max_items",
    "minimum": "min",
    "maximum": "max",
    "minLength": "min_length",
    "maxLength": "max_length",
    "oneOf": "union",
    "anyOf": "union",
    "allOf": "all_of",
}
TYPE_ALIASES: Final = {
    "object": "dict",
    "array": "list",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "nil",
}
CONTAINERS: Final = ("definitions", "$defs")
"""Keys that hold named schemas, which `$ref` refers to."""

MOST_LEVELS: Final = 100
"""How deep schemas may be nested: their walks recurse."""
MOST_NODES: Final = 100_000
"""How many schemas may be in one: a dict that holds itself twice, forty times over, has 2**40."""

_STEPS_OF_A_BREATH: Final = 256
"""About half a millisecond."""


def schema_argument(name: str, value: object) -> Schema:
    """`value` if it is a schema dict. Raises Thrown in the name of the builtin `name`."""
    if type(value) is dict:
        return value
    raise Thrown(f"{name}: expected a type alias or schema dict, got {type_name(value)}")


def canonical_node(schema: Schema) -> Schema:
    """`schema` with canonical keys and types of its own; the schemas inside are left as they are."""
    node = {KEY_ALIASES.get(key, key): value for key, value in schema.items()}
    kind = node.get("type")
    if type(kind) is str:
        node["type"] = TYPE_ALIASES.get(kind, kind)
    elif type(kind) is list:
        del node["type"]
        node["union"] = [{"type": TYPE_ALIASES.get(one, one)} for one in kind if type(one) is str]
    if node.get("uniqueItems") is True and node.get("type") == "list":
        del node["uniqueItems"]
        node["type"] = "set"
    return node


class Steps:
    """Counts what a walk has visited, and how deep it is; comes to a safe point now and then."""

    __slots__ = ("left",)

    def __init__(self, most: int = MOST_NODES) -> None:
        self.left = most

    def enter(self, level: int) -> None:
        """One more schema. Raises RuntimeFault when there are too many, or too deep ones."""
        self.left -= 1
        if self.left < 0:
            raise RuntimeFault("schema is too large")
        if self.left % _STEPS_OF_A_BREATH == 0:
            breathe()
        if level > MOST_LEVELS:
            raise RuntimeFault(f"schema is nested deeper than {MOST_LEVELS} levels")


def rewritten(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """`schema` with every schema in it, innermost first, in canonical form and then changed.

    `change` gets a fresh dict that it may modify. Raises RuntimeFault for schemas that are too deep.
    """
    return _rewritten(schema, change, Steps(), 0)


def _rewritten(schema: Schema, change: Callable[[Schema], Schema], steps: Steps, level: int) -> Schema:
    steps.enter(level)
    node = canonical_node(schema)

    def inner(value: object) -> object:
        return _rewritten(value, change, steps, level + 1) if type(value) is dict else value

    for key in ("items", "additional_properties"):
        if key in node:
            node[key] = inner(node[key])
    for key in ("union", "all_of"):
        if type(node.get(key)) is list:
            node[key] = [inner(each) for each in node[key]]
    for key in ("properties", *CONTAINERS):
        if type(node.get(key)) is dict:
            node[key] = {name: inner(each) for name, each in node[key].items()}
    return change(node)


def canonical(schema: Schema) -> Schema:
    """`schema` in canonical form, with all schemas in it."""
    return rewritten(schema, lambda node: node)


def without_required(schema: Schema) -> Schema:
    """The canonical form in which no property is required, at any depth."""

    def relaxed(node: Schema) -> Schema:
        node.pop("required", None)
        return node

    return rewritten(schema, relaxed)


def with_properties(schema: Schema, wanted: Callable[[str], bool]) -> Schema:
    """The canonical form with only those properties of its own whose names are `wanted`."""
    node = canonical(schema)
    if type(node.get("properties")) is dict:
        node["properties"] = {key: each for key, each in node["properties"].items() if wanted(key)}
    if type(node.get("required")) is list:
        node["required"] = [key for key in node["required"] if type(key) is str and wanted(key)]
    return node


def referred(root: Schema, reference: str) -> Schema | None:
    """The schema that `$ref` names: by path from the root (`#/$defs/user`), or by its name alone."""
    if reference.startswith("#"):
        places = [part for part in reference[1:].split("/") if part]
        found: object = root
        for place in places:
            found = found.get(place) if type(found) is dict else None
        return found if type(found) is dict else None
    components = root.get("components")
    tables = [root.get(key) for key in CONTAINERS]
    tables.append(components.get("schemas") if type(components) is dict else None)
    for table in tables:
        if type(table) is dict and type(table.get(reference)) is dict:
            named: Schema = table[reference]
            return named
    return None
