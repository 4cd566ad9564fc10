"""Schemas: checking values, completing them, changing schemas. Rules: docs/builtins.md#schemas."""

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.values import EnumValue, err, ok
from harnlet_builtins.data_shapes import elements_of
from harnlet_builtins.schema_forms import (
    Schema,
    canonical,
    schema_argument,
    with_properties,
    without_required,
)
from harnlet_builtins.schema_walk import checked


def _result(value: object, schema: Schema, apply_defaults: bool) -> EnumValue:
    made, problems = checked(value, schema, apply_defaults)
    if problems:
        return err({"message": problems[0], "errors": [*problems], "value": made})
    return ok(made)


def _expected(value: object, schema: Schema, apply_defaults: bool) -> object:
    made, problems = checked(value, schema, apply_defaults)
    if problems:
        raise Thrown("; ".join(problems))
    return made


@builtin("schema_check(value, schema)", section="17")
def schema_check(value: object = None, schema: object = None) -> EnumValue:
    """`Ok(value)` if the value fits the schema, else `Err({message, errors, value})`."""
    return _result(value, schema_argument("schema_check", schema), False)


@builtin("schema_parse(value, schema)", section="17")
def schema_parse(value: object = None, schema: object = None) -> EnumValue:
    """The same as `schema_check`, with the defaults of the schema filled in at all depths."""
    return _result(value, schema_argument("schema_parse", schema), True)


@builtin("schema_expect(value, schema, apply_defaults = false)", section="17")
def schema_expect(value: object = None, schema: object = None, apply_defaults: object = False) -> object:
    """The value if it fits the schema; else throws all problems, joined with `; `."""
    return _expected(value, schema_argument("schema_expect", schema), bool(apply_defaults))


@builtin("schema_is(value, schema)", section="17")
def schema_is(value: object = None, schema: object = None) -> bool:
    """Whether the value fits the schema."""
    return not checked(value, schema_argument("schema_is", schema))[1]


@builtin("is_type(value, schema)", section="17")
def is_type(value: object = None, schema: object = None) -> bool:
    """The same as `schema_is`."""
    return not checked(value, schema_argument("is_type", schema))[1]


@builtin("json_validate(value, schema)", section="17")
def json_validate(value: object = None, schema: object = None) -> bool:
    """`true` if the value fits the schema; else throws all problems, joined with `; `."""
    _expected(value, schema_argument("json_validate", schema), False)
    return True


@builtin("schema_of(type)", section="17")
def schema_of(type: object = None) -> Schema:
    """The schema dict of a type alias; a schema dict as it is."""
    return schema_argument("schema_of", type)


@builtin("schema_extend(base, over)", section="17")
def schema_extend(base: object = None, over: object = None) -> Schema:
    """Both schemas in canonical form, in one; the keys of the second win."""
    first = canonical(schema_argument("schema_extend", base))
    return {**first, **canonical(schema_argument("schema_extend", over))}


@builtin("schema_partial(schema)", section="17")
def schema_partial(schema: object = None) -> Schema:
    """The schema without anything required, at all depths."""
    return without_required(schema_argument("schema_partial", schema))


def _keys(name: str, keys: object) -> list[object]:
    found = elements_of(keys)
    if found is None:
        raise Thrown(f"{name}: keys must be a list")
    return found


@builtin("schema_pick(schema, keys)", section="17")
def schema_pick(schema: object = None, keys: object = None) -> Schema:
    """The schema with these top-level properties only."""
    wanted = _keys("schema_pick", keys)
    return with_properties(schema_argument("schema_pick", schema), lambda key: key in wanted)


@builtin("schema_omit(schema, keys)", section="17")
def schema_omit(schema: object = None, keys: object = None) -> Schema:
    """The schema without these top-level properties."""
    unwanted = _keys("schema_omit", keys)
    return with_properties(schema_argument("schema_omit", schema), lambda key: key not in unwanted)


@builtin("schema_to_json_schema(schema)", section="17")
def schema_to_json_schema(schema: object = None) -> Schema:
    """The schema as JSON Schema."""
    from harnlet_builtins.schema_dialects import to_json_schema

    return to_json_schema(schema_argument("schema_to_json_schema", schema))


@builtin("schema_to_openapi_schema(schema)", section="17")
def schema_to_openapi_schema(schema: object = None) -> Schema:
    """The schema as an OpenAPI schema."""
    from harnlet_builtins.schema_dialects import to_openapi_schema

    return to_openapi_schema(schema_argument("schema_to_openapi_schema", schema))


@builtin("schema_from_json_schema(schema)", section="17")
def schema_from_json_schema(schema: object = None) -> Schema:
    """The canonical schema dict of a JSON Schema."""
    return canonical(schema_argument("schema_from_json_schema", schema))


@builtin("schema_from_openapi_schema(schema)", section="17")
def schema_from_openapi_schema(schema: object = None) -> Schema:
    """The canonical schema dict of an OpenAPI schema."""
    return canonical(schema_argument("schema_from_openapi_schema", schema))
