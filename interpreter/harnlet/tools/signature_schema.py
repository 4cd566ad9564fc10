"""A JSON Schema for the parameters of a Python function, from its type hints and its docstring.

Known hints: `str int float bool None`, `list[T] tuple set frozenset Sequence`, `dict[str, T]
Mapping`, `Optional`, unions, `Literal`, `Enum`, `TypedDict`, dataclasses, and
`Annotated[T, "description"]`. Anything else is open.
"""

import dataclasses
import enum
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, Literal, Union

_SCALARS: Final[dict[Any, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    None: "null",
}
_LISTS: Final = (list, tuple, set, frozenset, Sequence, AbstractSet)
_ARGUMENT: Final = re.compile(r"^\s+\*{0,2}(\w+)(?:\s*\([^)]*\))?\s*:\s*(.+)$")


def parameters_schema(function: Callable[..., Any]) -> dict[str, Any]:
    """The schema of `function`'s parameters as one object.

    Parameters without a default are required; unknown names are refused unless the function takes
    `**rest`. Raises `TypeError` for parameters that cannot be given by name.
    """
    hints = typing.get_type_hints(function, include_extras=True)
    described = _described_arguments(inspect.getdoc(function) or "")
    properties: dict[str, Any] = {}
    required: list[str] = []
    extra = False
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            extra = True
            continue
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise TypeError(
                f"tool {function.__name__}: parameter '{name}' cannot be given by name; "
                "tools are called with named arguments"
            )
        schema = type_schema(hints.get(name, Any))
        if name in described:
            schema.setdefault("description", described[name])
        if parameter.default is parameter.empty:
            required.append(name)
        elif _is_plain(parameter.default):
            schema["default"] = parameter.default
        properties[name] = schema
    made: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    if not extra:
        made["additionalProperties"] = False
    return made


def type_schema(hint: Any) -> dict[str, Any]:
    """The schema of one type hint; `{}` (anything) for one that is not known."""
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin is typing.Annotated:
        schema = type_schema(arguments[0])
        texts = [note for note in arguments[1:] if isinstance(note, str)]
        return {**schema, "description": texts[0]} if texts else schema
    if origin is Literal:
        return _choices(list(arguments))
    if origin is Union or origin is types.UnionType:
        return _union(arguments)
    if origin in _LISTS or hint in _LISTS:
        return _array(origin or hint, arguments)
    if origin in (dict, Mapping) or hint in (dict, Mapping):
        made: dict[str, Any] = {"type": "object"}
        if len(arguments) == 2 and arguments[1] is not Any:
            made["additionalProperties"] = type_schema(arguments[1])
        return made
    return _class_schema(hint) if isinstance(hint, type) else {}


def _choices(values: list[Any]) -> dict[str, Any]:
    kinds = list(dict.fromkeys(_SCALARS[type(value)] for value in values if type(value) in _SCALARS))
    return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": values}


def _union(members: Sequence[Any]) -> dict[str, Any]:
    parts = [type_schema(member) for member in members]
    if {} in parts:
        return {}
    if all(set(part) == {"type"} and isinstance(part["type"], str) for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


def _array(kind: Any, arguments: Sequence[Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "array"}
    if kind is tuple and arguments and arguments[-1] is not Ellipsis:
        made["prefixItems"] = [type_schema(argument) for argument in arguments]
        made["minItems"] = made["maxItems"] = len(arguments)
    elif arguments and arguments[0] is not Any:
        made["items"] = type_schema(arguments[0])
    if kind in (set, frozenset, AbstractSet):
        made["uniqueItems"] = True
    return made


def _class_schema(kind: type) -> dict[str, Any]:
    if issubclass(kind, enum.Enum):
        return _choices([member.value for member in kind])
    if typing.is_typeddict(kind):
        return _object(kind, typing.get_type_hints(kind), sorted(getattr(kind, "__required_keys__", ())))
    if dataclasses.is_dataclass(kind):
        needed = [
            field.name
            for field in dataclasses.fields(kind)
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        ]
        return _object(kind, typing.get_type_hints(kind), needed)
    return {}


def _object(kind: type, hints: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object",
        "properties": {name: type_schema(hint) for name, hint in hints.items()},
        "additionalProperties": False,
    }
    if required:
        made["required"] = required
    return made


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    return value is None or (isinstance(value, (str, int, float, bool)) and not isinstance(value, enum.Enum))


def _described_arguments(doc: str) -> dict[str, str]:
    """The lines `name: text` of an `Args:` or `Arguments:` section."""
    found: dict[str, str] = {}
    inside = False
    for line in doc.splitlines():
        if line.strip().lower() in ("args:", "arguments:", "parameters:"):
            inside = True
        elif inside and line.strip() and not line[0].isspace():
            inside = False
        elif inside and (match := _ARGUMENT.match(line)):
            found[match[1]] = match[2].strip()
    return found


def description_of(function: Callable[..., Any]) -> str:
    """The docstring without its section of arguments."""
    lines: list[str] = []
    skipping = False
    for line in (inspect.getdoc(function) or "").splitlines():
        if line.strip().lower() in ("args:", "arguments:", "parameters:"):
            skipping = True
        elif skipping and line.strip() and not line[0].isspace():
            skipping = False
        if not skipping:
            lines.append(line)
    return "\n".join(lines).strip()
