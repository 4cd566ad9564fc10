"""Schemas: docs/builtins.md#schemas."""

from typing import Any

import pytest

from embed.builtins_support import RuntimeFault, Set, StructType, Thrown, call, problem
from harnlet.runtime.keys import make_set
from harnlet_builtins.schema_forms import MOST_LEVELS

USER = {
    "type": "dict",
    "properties": {
        "name": {"type": "string", "min_length": 2, "maxLength": 5, "pattern": "^[a-z]+$"},
        "age": {"type": "int", "minimum": 18.0, "max": 99},
        "tags": {"type": "list", "items": {"type": "string"}, "min_items": 1, "maxItems": 2},
        "mode": {"enum": ["fast", "slow"]},
        "version": {"const": 1},
    },
    "required": ["name"],
    "additional_properties": False,
}


def errors(value: object, schema: object) -> Any:
    result = call("schema_check", value, schema)
    return [] if result.variant == "Ok" else result.fields[0]["errors"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"name": "abc"}, []),
        ({}, ["at root: missing required key 'name'"]),
        (5, ["at root: expected type 'dict', got 'int'"]),
        ({"name": "abc", "x": 1}, ["at root: unexpected key 'x'"]),
        ({"name": 5}, ["at name: expected type 'string', got 'int'"]),
        ({"name": "a"}, ["at name: expected length >= 2, got 1"]),
        (
            {"name": "ABCDEF"},
            ["at name: expected length <= 5, got 6", "at name: value does not match pattern '^[a-z]+$'"],
        ),
        ({"name": "abc", "age": 17}, ["at age: expected value >= 18, got 17"]),
        ({"name": "abc", "age": 100}, ["at age: expected value <= 99, got 100"]),
        ({"name": "abc", "age": 20.0}, ["at age: expected type 'int', got 'float'"]),
        ({"name": "abc", "tags": []}, ["at tags: expected at least 1 items, got 0"]),
        (
            {"name": "abc", "tags": ["a", 2, "c"]},
            ["at tags: expected at most 2 items, got 3", "at tags[1]: expected type 'string', got 'int'"],
        ),
        ({"name": "abc", "mode": "x"}, ["at mode: value must be one of [fast, slow]"]),
        ({"name": "abc", "version": 2}, ["at version: expected constant 1, got 2"]),
    ],
)
def test_problems_and_their_places(value: object, expected: list[str]) -> None:
    assert errors(value, USER) == expected
    assert call("schema_is", value, USER) is (not expected)
    assert call("is_type", value, USER) is (not expected)


def test_the_result_of_a_check() -> None:
    value = {"name": 5}
    message = "at name: expected type 'string', got 'int'"
    failed = call("schema_check", value, USER)
    assert failed.variant == "Err"
    assert failed.fields == [{"message": message, "errors": [message], "value": value}]
    assert problem("schema_expect", {"name": 5, "x": 1}, USER) == (
        Thrown,
        "at name: expected type 'string', got 'int'; at root: unexpected key 'x'",
    )
    assert problem("json_validate", {}, USER) == (Thrown, "at root: missing required key 'name'")
    assert call("json_validate", {"name": "abc"}, USER) is True


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("object", {}),
        ("array", []),
        ("integer", 1),
        ("number", 1.5),
        ("boolean", True),
        ("null", None),
        ("any", b"x"),
        ("bytes", b"x"),
    ],
)
def test_types_and_their_other_names(kind: str, value: object) -> None:
    assert call("schema_is", value, {"type": kind})
    assert call("schema_is", "text", {"type": kind}) is (kind == "any")


def test_unions_all_of_nil_and_sets() -> None:
    either = {"anyOf": [{"type": "int"}, {"type": "string"}]}
    assert errors(1.5, either) == ["at root: value did not match any union branch"]
    assert errors("x", either) == errors(1, {"type": ["int", "string"]}) == []
    assert errors(None, {"type": ["int", "string"]}) == ["at root: value did not match any union branch"]
    both = {"allOf": [{"min": 1}, {"max": 3}], "type": "int"}
    assert errors(5, both) == ["at root: expected value <= 3, got 5"]
    assert errors(None, {"type": "int", "nullable": True}) == []
    unique = {"type": "array", "uniqueItems": True, "items": {"type": "int"}}
    assert errors(make_set([1, 2]), unique) == []
    assert errors([1], unique) == ["at root: expected type 'set', got 'list'"]
    assert errors(make_set([1, "x"]), unique) == ["at [1]: expected type 'int', got 'string'"]


def test_nested_paths_and_schemas_for_other_keys() -> None:
    schema = {"properties": {"a": {"properties": {"b": {"items": {"type": "int"}}}}}}
    assert errors({"a": {"b": [1, "x"]}}, schema) == ["at a.b[1]: expected type 'int', got 'string'"]
    every = {"type": "dict", "additionalProperties": {"type": "int"}}
    assert errors({"x": 1, "y": "z"}, every) == ["at y: expected type 'int', got 'string'"]
    point = StructType("Point", ("x",))
    assert errors(point.made_of({"x": "1"}), every) == ["at x: expected type 'int', got 'string'"]


def test_references() -> None:
    node = {"type": "dict", "properties": {"next": {"$ref": "#/$defs/node"}, "value": {"type": "int"}}}
    schema = {"$ref": "#/$defs/node", "$defs": {"node": node}}
    assert errors({"value": 1, "next": {"value": "x"}}, schema) == [
        "at next.value: expected type 'int', got 'string'"
    ]
    assert errors(1, {"$ref": "node", "definitions": {"node": {"type": "string"}}}) == [
        "at root: expected type 'string', got 'int'"
    ]
    assert errors(1, {"$ref": "nowhere"}) == ["at root: unresolved schema reference 'nowhere'"]
    assert problem("schema_is", 1, {"$ref": "#"})[0] is RuntimeFault


def test_defaults_are_filled_in_by_parse_only() -> None:
    schema = {
        "type": "dict",
        "properties": {
            "level": {"type": "int", "default": 3},
            "inner": {"type": "dict", "default": {}, "properties": {"on": {"default": True}}},
            "many": {"items": {"properties": {"x": {"default": 0}}}},
        },
        "required": ["level"],
    }
    given = {"many": [{}, {"x": 1}]}
    assert errors(given, schema) == ["at root: missing required key 'level'"]
    full = {"level": 3, "inner": {"on": True}, "many": [{"x": 0}, {"x": 1}]}
    assert call("schema_parse", given, schema).fields == [full]
    assert call("schema_expect", given, schema, True) == full
    assert given == {"many": [{}, {"x": 1}]}
    assert call("schema_expect", {"level": 1}, schema) == {"level": 1}
    either = {"union": [{"type": "int"}, {"properties": {"a": {"default": 1}}}]}
    assert call("schema_expect", {}, either, True) == {"a": 1}
    assert type(call("schema_expect", make_set([1]), {"items": {"min": 0}}, True)) is Set


def test_changing_schemas() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "object", "required": ["c"]}},
        "required": ["a", "b"],
    }
    assert call("schema_of", schema) is schema
    assert call("schema_partial", schema) == {
        "type": "dict",
        "properties": {"a": {"type": "int"}, "b": {"type": "dict"}},
    }
    assert call("schema_pick", schema, ["a"]) == {
        "type": "dict",
        "properties": {"a": {"type": "int"}},
        "required": ["a"],
    }
    omitted = call("schema_omit", schema, ["a"])
    assert (list(omitted["properties"]), omitted["required"]) == (["b"], ["b"])
    assert call("schema_extend", schema, {"minItems": 1, "required": []}) == {
        "type": "dict",
        "properties": {"a": {"type": "int"}, "b": {"type": "dict", "required": ["c"]}},
        "min_items": 1,
        "required": [],
    }


def test_json_schema_and_openapi() -> None:
    schema: dict[str, Any] = {
        "type": "dict",
        "properties": {
            "a": {"type": "int", "min": 1, "nullable": True},
            "b": {"union": [{"type": "string"}, {"type": "nil"}]},
            "c": {"type": "set", "items": {"type": "float"}},
            "d": {"const": 5},
            "e": {"type": "any"},
        },
        "additional_properties": False,
    }
    made = call("schema_to_json_schema", schema)
    assert made == {
        "type": "object",
        "properties": {
            "a": {"type": ["integer", "null"], "minimum": 1},
            "b": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "c": {"type": "array", "items": {"type": "number"}, "uniqueItems": True},
            "d": {"const": 5},
            "e": {},
        },
        "additionalProperties": False,
    }
    openapi = call("schema_to_openapi_schema", schema)["properties"]
    assert openapi["a"] == {"type": "integer", "minimum": 1, "nullable": True}
    assert openapi["b"] == {"type": "string", "nullable": True}
    assert openapi["d"] == {"enum": [5]}
    back = call("schema_from_json_schema", made)["properties"]
    assert back["a"] == {"union": [{"type": "int"}, {"type": "nil"}], "min": 1}
    assert back["c"] == schema["properties"]["c"]
    assert call("schema_from_openapi_schema", openapi["a"]) == {"type": "int", "min": 1, "nullable": True}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("schema_of", 5), "schema_of: expected a type alias or schema dict, got int"),
        (("schema_is", 1, "int"), "schema_is: expected a type alias or schema dict, got string"),
        (("schema_pick", {}, "a"), "schema_pick: keys must be a list"),
        (("schema_omit", {}, None), "schema_omit: keys must be a list"),
    ],
)
def test_wrong_arguments(arguments: tuple[str, object], text: str) -> None:
    assert problem(*arguments) == (Thrown, text)


def test_schemas_that_are_too_deep_or_too_large_are_refused() -> None:
    deep: dict[str, object] = {"type": "int"}
    wide: dict[str, object] = {"type": "string"}
    for _ in range(MOST_LEVELS + 1):
        deep = {"items": deep}
    for _ in range(40):
        wide = {"union": [wide, wide]}
    text = f"Runtime error: schema is nested deeper than {MOST_LEVELS} levels"
    assert problem("schema_partial", deep) == (RuntimeFault, text)
    assert problem("schema_partial", wide) == (RuntimeFault, "Runtime error: schema is too large")
    assert problem("schema_is", 1, wide) == (RuntimeFault, "Runtime error: schema is too large")


def test_an_invalid_pattern_is_a_problem() -> None:
    assert errors("x", {"pattern": "("})[0].startswith("at root: invalid pattern '(': ")
