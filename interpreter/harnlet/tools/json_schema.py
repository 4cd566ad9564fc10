"""JSON Schema, the part that tools need: checking arguments, and a schema from type hints.

Checking knows type, enum, const, properties, required, additionalProperties, items, the bounds of
numbers, texts and lists, pattern, anyOf, oneOf, allOf and `$ref` into `$defs`. Anything else in a
schema is left to whoever reads it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

_NAMES: Final[dict[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}


def problems(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with `value`, each with the place it is at; empty when it fits."""
    return list(_check(value, schema, "", schema))


def _check(value: Any, schema: Any, at: str, root: Mapping[str, Any]) -> Iterator[str]:
    if schema is True or not isinstance(schema, Mapping):
        if schema is False:
            yield _say(at, "nothing is allowed here")
        return
    if "$ref" in schema:
        yield from _check(value, _resolve(str(schema["$ref"]), root), at, root)
        return
    kinds = schema.get("type")
    if kinds is not None and kinds != _NAMES.get(type(value)):
        names = [kinds] if isinstance(kinds, str) else list(kinds)
        if not any(_is(value, name) for name in names):
            yield _say(at, f"expected {' or '.join(names)}, got {_NAMES.get(type(value), 'a value')}")
            return
    if "enum" in schema and not any(_same(value, allowed) for allowed in schema["enum"]):
        yield _say(at, f"expected one of {', '.join(map(repr, schema['enum']))}, got {value!r}")
    if "const" in schema and not _same(value, schema["const"]):
        yield _say(at, f"expected {schema['const']!r}, got {value!r}")
    check = _BY_KIND.get(type(value)) or _by_shape(value)
    if check is not None:
        yield from check(value, schema, at, root)
    if not _COMBINING.isdisjoint(schema):
        yield from _combined(value, schema, at, root)


def _say(at: str, text: str) -> str:
    return f"{at or 'arguments'}: {text}"


def _is(value: Any, name: str) -> bool:
    if name == "integer":
        return (isinstance(value, int) and not isinstance(value, bool)) or (
            isinstance(value, float) and value.is_integer()
        )
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "object":
        return isinstance(value, Mapping)
    if name == "array":
        return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    return _NAMES.get(type(value)) == name


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _resolve(ref: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in ref.removeprefix("#/").split("/"):
        found = found.get(part, True) if isinstance(found, Mapping) else True
    return found


def _object(value: Any, schema: Mapping[str, Any], at: str, root: Mapping[str, Any]) -> Iterator[str]:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield _say(_under(at, name), "is required")
    extra = schema.get("additionalProperties", True)
    for name, item in value.items():
        if name in properties:
            yield from _check(item, properties[name], _under(at, name), root)
        elif extra is False:
            known = f" (expected one of: {', '.join(properties)})" if properties else ""
            yield _say(_under(at, name), f"is not a parameter{known}")
        else:
            yield from _check(item, extra, _under(at, name), root)


def _under(at: str, name: Any) -> str:
    return f"{at}.{name}" if at else str(name)


def _array(value: Any, schema: Mapping[str, Any], at: str, root: Mapping[str, Any]) -> Iterator[str]:
    yield from _bounded(len(value), schema, "minItems", "maxItems", at, "items")
    if schema.get("uniqueItems") and any(
        _same(item, other) for index, item in enumerate(value) for other in value[:index]
    ):
        yield _say(at, "items must be unique")
    fixed = schema.get("prefixItems", ())
    for index, item in enumerate(value):
        place = f"{at or 'arguments'}[{index}]"
        shape = fixed[index] if index < len(fixed) else schema.get("items", True)
        yield from _check(item, shape, place, root)


def _string(value: Any, schema: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> Iterator[str]:
    yield from _bounded(len(value), schema, "minLength", "maxLength", at, "characters")
    pattern = schema.get("pattern")
    if pattern is not None:
        problem = _pattern_problem(str(pattern), value)
        if problem:
            yield _say(at, problem)


def _pattern_problem(pattern: str, text: str) -> str:
    """Whether a text has a match, in linear time: patterns come from plugins and servers as well, and must
    not stop the host (docs/builtins.md#regex). A pattern that cannot be searched for refuses the text."""
    # Most tools have no pattern in their schema.
    from harnlet.errors.faults import RuntimeFault
    from harnlet.runtime.regex.engines import Flags, RegexError, open_search

    try:
        found = open_search(pattern, Flags(), text)[0].find(0)
    except RegexError as error:
        return f"cannot be checked against {pattern!r}: {error.reason}"
    except RuntimeFault as fault:
        return f"cannot be checked against {pattern!r}: {fault.message}"
    return "" if found is not None else f"must match {pattern!r}"


def _number(value: Any, schema: Mapping[str, Any], at: str, _: Mapping[str, Any]) -> Iterator[str]:
    for word, sign, holds in _BOUNDS:
        if word in schema and not holds(value, schema[word]):
            yield _say(at, f"must be {sign} {schema[word]}, got {value}")
    if "multipleOf" in schema and value % schema["multipleOf"] != 0:
        yield _say(at, f"must be a multiple of {schema['multipleOf']}, got {value}")


def _bounded(
    size: int, schema: Mapping[str, Any], least: str, most: str, at: str, what: str
) -> Iterator[str]:
    if size < schema.get(least, 0):
        yield _say(at, f"needs at least {schema[least]} {what}, got {size}")
    if most in schema and size > schema[most]:
        yield _say(at, f"takes at most {schema[most]} {what}, got {size}")


def _combined(value: Any, schema: Mapping[str, Any], at: str, root: Mapping[str, Any]) -> Iterator[str]:
    for part in schema.get("allOf", ()):
        yield from _check(value, part, at, root)
    for word in ("anyOf", "oneOf"):
        if word not in schema:
            continue
        tries = [list(_check(value, part, at, root)) for part in schema[word]]
        fitting = sum(1 for found in tries if not found)
        if fitting == 0:
            yield from min(tries, key=len) if len(tries) == 1 else [_say(at, _expected(value, schema[word]))]
        elif word == "oneOf" and fitting > 1:
            yield _say(at, "fits more than one of the shapes it may have")


def _expected(value: Any, parts: Sequence[Any]) -> str:
    names = [str(part.get("type", "another shape")) for part in parts if isinstance(part, Mapping)]
    return f"expected {' or '.join(dict.fromkeys(names))}, got {_NAMES.get(type(value), 'a value')}"


_Check = Callable[[Any, Mapping[str, Any], str, Mapping[str, Any]], Iterator[str]]
_BY_KIND: Final[dict[type, _Check]] = {
    dict: _object,
    list: _array,
    tuple: _array,
    str: _string,
    int: _number,
    float: _number,
}
_COMBINING: Final = frozenset({"allOf", "anyOf", "oneOf"})


def _by_shape(value: Any) -> _Check | None:
    """The check for a value of a class that only looks like one of the plain ones."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, Mapping):
        return _object
    if isinstance(value, str):
        return _string
    if isinstance(value, Sequence):
        return _array
    return _number if isinstance(value, (int, float)) else None


_BOUNDS: Final[tuple[tuple[str, str, Callable[[Any, Any], bool]], ...]] = (
    ("minimum", ">=", lambda value, bound: value >= bound),
    ("maximum", "<=", lambda value, bound: value <= bound),
    ("exclusiveMinimum", ">", lambda value, bound: value > bound),
    ("exclusiveMaximum", "<", lambda value, bound: value < bound),
)
