"""Types to schemas: what a run-time parameter check can look at (docs/language.md#parameter-checks)."""

from collections.abc import Mapping
from typing import Any

from harnlet.syntax import nodes

_SIMPLE = frozenset({"int", "float", "string", "bool", "list", "dict", "set", "nil", "closure", "bytes"})


Aliases = Mapping[str, nodes.TypeAliasDeclaration]

_MOST_ALIASES = 50
"""How deep aliases may stand for each other: one that stands for itself has no schema."""


def schema_of_type(
    annotation: nodes.Type, aliases: Aliases | None = None, depth: int = 0
) -> dict[str, Any] | None:
    """The schema of a type, or None for one that is not checked at run time.

    Type aliases are expanded where `aliases` are given; parameter checks do without.
    """
    match annotation:
        case nodes.NamedType(name="true" | "false"):
            return {"type": "bool"}
        case nodes.NamedType(name=name, arguments=()) if name in _SIMPLE:
            return {"type": name}
        case nodes.NamedType(name=name, arguments=()) if (
            aliases and name in aliases and depth < _MOST_ALIASES
        ):
            return schema_of_type(aliases[name].type, aliases, depth + 1)
        case nodes.NamedType(name="list", arguments=(element,)) | nodes.ListType(element=element):
            inner = schema_of_type(element, aliases, depth)
            return {"type": "list"} if inner is None else {"type": "list", "items": inner}
        case nodes.NamedType(name="dict", arguments=(nodes.NamedType(name="string"), value)):
            inner = schema_of_type(value, aliases, depth)
            return {"type": "dict"} if inner is None else {"type": "dict", "additional_properties": inner}
        case nodes.NamedType(name="dict"):
            return {"type": "dict"}
        case nodes.ShapeType():
            return _shape_schema(annotation, aliases, depth)
        case nodes.UnionType():
            return _union_schema(annotation, aliases, depth)
        case nodes.FunctionType():
            return {"type": "closure"}
        case nodes.LiteralType(value=value):
            return {"type": "string" if isinstance(value, str) else "int", "const": value}
        case _:
            return None


def _shape_schema(shape: nodes.ShapeType, aliases: Aliases | None, depth: int) -> dict[str, Any] | None:
    properties: dict[str, Any] = {}
    for field in shape.fields:
        inner = schema_of_type(field.type, aliases, depth)
        if inner is None:
            return None
        properties[field.name] = inner
    required = [field.name for field in shape.fields if not field.optional]
    return {"type": "dict", "properties": properties, "required": required}


def _union_schema(union: nodes.UnionType, aliases: Aliases | None, depth: int) -> dict[str, Any] | None:
    members = union.members
    for kind, name in ((str, "string"), (int, "int")):
        values = [m.value for m in members if isinstance(m, nodes.LiteralType) and isinstance(m.value, kind)]
        if len(values) == len(members):
            return {"type": name, "enum": values}
    found = (schema_of_type(member, aliases, depth) for member in members)
    lowered = [schema for schema in found if schema is not None]
    return {"union": lowered} if lowered else None
