"""Run-time parameter checks (docs/language.md#run-time-parameter-checks)."""

from typing import Any

import pytest

from embed.values_support import (
    BUILTINS,
    RuntimeFault,
    StructType,
    TypeFault,
    fails,
    make_set,
)
from harnlet.runtime.schema_check import check_parameter

P = StructType("P")


def f(*_: object) -> None:
    """f()"""


def simple(name: str) -> dict[str, Any]:
    return {"type": name}


def shape(**properties: Any) -> dict[str, Any]:
    return {"type": "dict", "properties": properties, "required": [*properties]}


USER = shape(name=simple("string"), age=simple("int"))
WORDS = {"type": "string", "enum": ["a", "b"]}
INTS = {"type": "list", "items": simple("int")}
MAYBE = {"union": [simple("string"), simple("nil")]}
BY_NAME = {"type": "dict", "additional_properties": simple("int")}


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        (1, simple("int")),
        (1.5, simple("int")),
        (1, simple("float")),
        ("a", simple("string")),
        (True, simple("bool")),
        (None, simple("nil")),
        (b"", simple("bytes")),
        ([], simple("list")),
        ({}, simple("dict")),
        (P.made_of({}), simple("dict")),
        (make_set([]), simple("set")),
        (f, simple("closure")),
        (P, simple("closure")),
        ("a", MAYBE),
        (None, MAYBE),
        ("b", WORDS),
        ("a", {"type": "string", "const": "a"}),
        ([1, 2.0], INTS),
        ([], INTS),
        ([[1], []], {"type": "list", "items": INTS}),
        ({"name": "x", "age": 1, "more": f}, USER),
        (P.made_of({"name": "x", "age": 1}), USER),
        ({}, {"type": "dict", "properties": {"a": simple("int")}, "required": []}),
        ({"a": 1}, BY_NAME),
        ([{"name": "x", "age": 1}], {"type": "list", "items": USER}),
        ({"name": "x"}, {"union": [simple("int"), shape(name=simple("string"))]}),
    ],
)
def test_what_fits(value: object, schema: dict[str, Any]) -> None:
    check_parameter(value, schema, "a")


RUNTIME: list[tuple[object, dict[str, Any], str]] = [
    ("x", simple("int"), "parameter 'a' expected int, got string (x)"),
    (None, simple("int"), "parameter 'a' expected int, got nil (nil)"),
    (True, simple("int"), "parameter 'a' expected int, got bool (true)"),
    (1, simple("bool"), "parameter 'a' expected bool, got int (1)"),
    (BUILTINS["len"], simple("closure"), "parameter 'a' expected closure, got builtin (<builtin len>)"),
    (3, MAYBE, "parameter 'a' expected string|nil, got int (3)"),
    ("c", WORDS, "parameter 'a': value must be one of [a, b]"),
    (5, WORDS, "parameter 'a' expected string, got int (5)"),
    ("b", {"type": "string", "const": "a"}, "parameter 'a': expected constant a, got b"),
    ([1, "x"], INTS, "parameter 'a': at root[1]: expected type 'int', got 'string'"),
    (
        [[1], [2, None]],
        {"type": "list", "items": INTS},
        "parameter 'a': at root[1][1]: expected type 'int', got 'nil'",
    ),
    (5, INTS, "parameter 'a' expected list, got int (5)"),
    (["c"], {"type": "list", "items": WORDS}, "parameter 'a': at root[0]: value must be one of [a, b]"),
    (
        [3],
        {"type": "list", "items": MAYBE},
        "parameter 'a': at root[0]: value did not match any union branch",
    ),
    ([{}], {"type": "list", "items": USER}, "parameter 'a': at root[0]: missing required key 'name'"),
    (
        [{"name": 1, "age": 1}],
        {"type": "list", "items": USER},
        "parameter 'a': at root[0].name: expected type 'string', got 'int'",
    ),
    ({"k": "c"}, shape(k=WORDS), "parameter 'a.k': value must be one of [a, b]"),
    ({"l": ["x"]}, shape(l=INTS), "parameter 'a.l': at root[0]: expected type 'int', got 'string'"),
]


@pytest.mark.parametrize(("value", "schema", "text"), RUNTIME)
def test_runtime_faults(value: object, schema: dict[str, Any], text: str) -> None:
    fails(RuntimeFault, f"TypeError: {text}", check_parameter, value, schema, "a")


TYPE: list[tuple[object, dict[str, Any], str]] = [
    (5, simple("dict"), "parameter 'a': expected dict or struct, got int"),
    (None, USER, "parameter 'a': expected dict or struct, got nil"),
    ({"age": 1}, USER, "parameter 'a': missing field 'name' (string)"),
    ({"name": "x", "agee": 1}, USER, "parameter 'a': missing field 'age' (int), did you mean 'agee'?"),
    ({"name": "x", "bge": 1}, USER, "parameter 'a': missing field 'age' (int)"),
    ({"name": "x", "age": "1"}, USER, "parameter 'a': field 'age' expected int, got string"),
    (P.made_of({"name": 1, "age": 1}), USER, "parameter 'a': field 'name' expected string, got int"),
    ({"user": {"age": 1}}, shape(user=USER), "parameter 'a.user': missing field 'name' (string)"),
    ({"user": "x"}, shape(user=USER), "parameter 'a': field 'user' expected dict or struct, got string"),
    ({"k": 5}, shape(k=MAYBE), "parameter 'a': field 'k' expected string|nil, got int"),
    ({"k": 5}, shape(k=WORDS), "parameter 'a': field 'k' expected string, got int"),
    ({}, shape(k=MAYBE), "parameter 'a': missing field 'k' (string|nil)"),
    ({"j": 1, "k": "x"}, BY_NAME, "parameter 'a': field 'k' expected int, got string"),
]


@pytest.mark.parametrize(("value", "schema", "text"), TYPE)
def test_type_faults(value: object, schema: dict[str, Any], text: str) -> None:
    fails(TypeFault, text, check_parameter, value, schema, "a")
