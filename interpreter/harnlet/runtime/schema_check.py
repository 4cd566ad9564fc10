"""Checks of annotated parameters, at the entry of the function.

A schema is the plain dict that the compiler makes of a type: `{type}`, with `items`, `properties` and
`required`, `additional_properties`, `enum` or `const`; or `{union: [...]}`. Unlike everywhere else,
int and float accept each other. Rules and texts: docs/language.md#run-time-parameter-checks.
"""

from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any, TypeAlias

from harnlet.check.nearest import nearest_name
from harnlet.errors.faults import Fault, RuntimeFault, TypeFault
from harnlet.runtime.display import display
from harnlet.runtime.equality import equals
from harnlet.runtime.values import Set, StructType, StructValue, type_name

Schema: TypeAlias = Mapping[str, Any]

_ACCEPTED: dict[str, frozenset[type]] = {
    "int": frozenset({int, float}),
    "float": frozenset({float, int}),
    "string": frozenset({str}),
    "bool": frozenset({bool}),
    "list": frozenset({list}),
    "dict": frozenset({dict}),
    "set": frozenset({Set}),
    "nil": frozenset({type(None)}),
    "closure": frozenset({FunctionType, StructType}),
    "bytes": frozenset({bytes}),
}


def _accepted(value: object, wanted: str) -> bool:
    return type(value) in _ACCEPTED[wanted] or (wanted == "dict" and isinstance(value, StructValue))


def check_parameter(value: object, schema: Schema, name: str) -> None:
    """Raises TypeFault or RuntimeFault, with the text of the first problem, unless `value` fits
    `schema`; `name` is that of the parameter."""
    if len(schema) == 1 and "type" in schema and type(value) in _ACCEPTED[schema["type"]]:
        return
    fault = _problem(value, schema, name)
    if fault is not None:
        raise fault


def _problem(value: object, schema: Schema, name: str) -> Fault | None:
    """What is wrong with the whole parameter."""
    if _wrong_kind(value, schema):
        if schema.get("type") == "dict":
            return TypeFault(f"parameter '{name}': expected dict or struct, got {type_name(value)}")
        return RuntimeFault(
            f"TypeError: parameter '{name}' expected {_type_text(schema)}, "
            f"got {type_name(value)} ({display(value)})"
        )
    return _inner_problem(value, schema, name)


def _field_problem(value: object, schema: Schema, name: str, field: str) -> Fault | None:
    """What is wrong with one field of the dict or struct that `name` is."""
    if _wrong_kind(value, schema):
        expected = "dict or struct" if schema.get("type") == "dict" else _type_text(schema)
        return TypeFault(f"parameter '{name}': field '{field}' expected {expected}, got {type_name(value)}")
    return _inner_problem(value, schema, f"{name}.{field}")


def _wrong_kind(value: object, schema: Schema) -> bool:
    if "union" in schema:
        return all(_misfit(value, member, "") is not None for member in schema["union"])
    return not _accepted(value, schema["type"])


def _inner_problem(value: Any, schema: Schema, name: str) -> Fault | None:
    """What is wrong inside a value of the right type."""
    text = _literal_misfit(value, schema)
    if text is not None:
        return RuntimeFault(f"TypeError: parameter '{name}': {text}")
    if "items" in schema:
        text = _list_misfit(value, schema, "root")
        return None if text is None else RuntimeFault(f"TypeError: parameter '{name}': {text}")
    if "properties" in schema or "additional_properties" in schema:
        return _fields_problem(value, schema, name)
    return None


def _fields_problem(value: Any, schema: Schema, name: str) -> Fault | None:
    fields: dict[str, object] = value.fields if isinstance(value, StructValue) else value
    properties: Schema = schema.get("properties", {})
    for field in schema.get("required", ()):
        if field not in fields:
            return TypeFault(
                f"parameter '{name}': missing field '{field}' ({_type_text(properties[field])})"
                + _hint(field, fields)
            )
    for field, inner in properties.items():
        if field in fields:
            fault = _field_problem(fields[field], inner, name, field)
            if fault is not None:
                return fault
    every = schema.get("additional_properties")
    if every is not None:
        for field in sorted(fields):
            if field not in properties:
                fault = _field_problem(fields[field], every, name, field)
                if fault is not None:
                    return fault
    return None


def _hint(missing: str, fields: Mapping[str, object]) -> str:
    """`, did you mean '…'?` for the nearest key that begins with the same letter."""
    near = nearest_name(missing, [key for key in fields if key[:1] == missing[:1]])
    return "" if near is None else f", did you mean '{near}'?"


# --- places inside lists and unions, where the text names a path ------------------------------------


def _misfit(value: Any, schema: Schema, path: str) -> str | None:
    """Why `value` does not fit `schema`, as `at <path>: …`; None if it fits."""
    if "union" in schema:
        fits = any(_misfit(value, member, path) is None for member in schema["union"])
        return None if fits else f"at {path}: value did not match any union branch"
    if not _accepted(value, schema["type"]):
        return f"at {path}: expected type '{schema['type']}', got '{type_name(value)}'"
    text = _literal_misfit(value, schema)
    if text is not None:
        return f"at {path}: {text}"
    if "items" in schema:
        return _list_misfit(value, schema, path)
    fields: dict[str, object] = value.fields if isinstance(value, StructValue) else value
    properties: Schema = schema.get("properties", {})
    for field in schema.get("required", ()):
        if field not in fields:
            return f"at {path}: missing required key '{field}'"
    every = schema.get("additional_properties")
    if properties or every is not None:
        for field in sorted(fields):
            inner = properties.get(field, every)
            text = None if inner is None else _misfit(fields[field], inner, f"{path}.{field}")
            if text is not None:
                return text
    return None


def _literal_misfit(value: object, schema: Schema) -> str | None:
    if "enum" in schema and not any(equals(value, one) for one in schema["enum"]):
        return f"value must be one of {display(list(schema['enum']))}"
    if "const" in schema and not equals(value, schema["const"]):
        return f"expected constant {display(schema['const'])}, got {display(value)}"
    return None


def _list_misfit(items: Sequence[object], schema: Schema, path: str) -> str | None:
    inner: Schema = schema["items"]
    if len(inner) == 1 and "type" in inner:
        accepted = _ACCEPTED[inner["type"]]
        if all(kind in accepted for kind in set(map(type, items))):
            return None
    for place, item in enumerate(items):
        text = _misfit(item, inner, f"{path}[{place}]")
        if text is not None:
            return text
    return None


def _type_text(schema: Schema) -> str:
    """`int`, `string|nil`"""
    if "union" in schema:
        return "|".join(_type_text(member) for member in schema["union"])
    name: str = schema["type"]
    return name
