"""Types to schemas: what a run-time parameter check can look at (docs/language.md#parameter-checks)."""

from typing import Any

from harnlet.syntax import nodes

_SIMPLE = frozenset({"int", "float", "string", "bool", "list", "dict", "set", "nil", "closure", "bytes"})


def schema_of_type(annotation: nodes.Type) -> dict[str, Any] | None:
    """The schema of a type, or None for one that is not checked at run time."""
    match annotation:
        case nodes.NamedType(name="true" | "false"):
            return {"type": "bool"}
        case nodes.NamedType(name=name, arguments=()):
            return {"type": name} if name in _SIMPLE else None
        case nodes.NamedType(name="list", arguments=(element,)):
            return _list_schema(element)
        case nodes.ListType(element=element):
            return _list_schema(element)
        case nodes.NamedType(name="dict", arguments=(nodes.NamedType(name="string"), value)):
            inner = schema_of_type(value)
            return {"type": "dict"} if inner is None else {"type": "dict", "additional_properties": inner}
        case nodes.NamedType(name="dict"):
            return {"type": "dict"}
        case nodes.NamedType():
            return None
        case nodes.ShapeType():
            return _shape_schema(annotation)
        case nodes.UnionType():
            return _union_schema(annotation)
        case nodes.FunctionType():
            return {"type": "closure"}
        case nodes.LiteralType(value=value):
            return {"type": "string" if isinstance(value, str) else "int", "const": value}


def _list_schema(element: nodes.Type) -> dict[str, Any]:
    inner = schema_of_type(element)
    return {"type": "list"} if inner is None else {"type": "list", "items": inner}


def _shape_schema(shape: nodes.ShapeType) -> dict[str, Any] | None:
    properties: dict[str, Any] = {}
    for field in shape.fields:
        inner = schema_of_type(field.type)
        if inner is None:
            return None
        properties[field.name] = inner
    required = [field.name for field in shape.fields if not field.optional]
    return {"type": "dict", "properties": properties, "required": required}


def _union_schema(union: nodes.UnionType) -> dict[str, Any] | None:
    members = union.members
    for kind, name in ((str, "string"), (int, "int")):
        values = [m.value for m in members if isinstance(m, nodes.LiteralType) and isinstance(m.value, kind)]
        if len(values) == len(members):
            return {"type": name, "enum": values}
    lowered = [schema for schema in map(schema_of_type, members) if schema is not None]
    return {"union": lowered} if lowered else None
