"""Declaring tools, and checking their arguments: docs/embedding.md#tools."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NotRequired, Optional, TypedDict

import hypothesis.strategies as st
import pytest
from hypothesis import given

from harnlet.tools.declaration import DEFAULT_GRACE_MS, ToolDeclaration, closure_tool, tool
from harnlet.tools.json_schema import problems
from harnlet.tools.registry import ToolRegistry
from harnlet.tools.signature_schema import parameters_schema, type_schema


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(TypedDict):
    x: int
    y: int
    label: NotRequired[str]


@dataclass
class Box:
    width: int
    height: int = 1


def test_a_bare_decorator() -> None:
    @tool
    async def fetch(url: str) -> str:
        """Fetch a page.

        Follows redirects.

        Args:
            url: where it is
        """
        return url

    assert (fetch.name, fetch.description) == ("fetch", "Fetch a page.\n\nFollows redirects.")
    assert (fetch.grace_ms, fetch.timeout_ms) == (DEFAULT_GRACE_MS, None)
    assert fetch.describe() == {
        "name": "fetch",
        "description": "Fetch a page.\n\nFollows redirects.",
        "inputSchema": {
            "type": "object",
            "properties": {"url": {"type": "string", "description": "where it is"}},
            "required": ["url"],
            "additionalProperties": False,
        },
    }


async def test_a_declared_function_can_still_be_called() -> None:
    @tool
    async def double(n: int) -> int:
        return n * 2

    assert await double(4) == 8
    nothing = closure_tool("nothing", lambda arguments: double(**arguments))
    with pytest.raises(TypeError, match="not made from a Python function"):
        nothing()


def test_options() -> None:
    @tool(name="get", description="Say what.", grace_ms=50, timeout_ms=900, capabilities=["network"])
    def fetch() -> None:
        """Not this."""

    assert (fetch.name, fetch.description, fetch.grace_ms, fetch.timeout_ms) == ("get", "Say what.", 50, 900)
    assert fetch.capabilities == {"network"}
    assert fetch.describe()["inputSchema"]["properties"] == {}


@pytest.mark.parametrize("options", [{"grace_ms": -1}, {"timeout_ms": -1}])
def test_negative_times_make_no_sense(options: dict[str, int]) -> None:
    def fetch() -> None:
        """Fetch."""

    with pytest.raises(ValueError, match="must be >= 0"):
        tool(**options)(fetch)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (None, {"type": "null"}),
        (Any, {}),
        (object, {}),
        (Optional[int], {"type": ["integer", "null"]}),  # noqa: UP045 - the old spelling is to work too
        (int | str, {"type": ["integer", "string"]}),
        (int | Any, {}),
        (list[int] | None, {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}),
        (list, {"type": "array"}),
        (list[Any], {"type": "array"}),
        (list[list[str]], {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}),
        (Sequence[int], {"type": "array", "items": {"type": "integer"}}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        (dict, {"type": "object"}),
        (dict[str, Any], {"type": "object"}),
        (Mapping[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal[1, "b", None], {"type": ["integer", "string", "null"], "enum": [1, "b", None]}),
        (Annotated[int, "how many"], {"type": "integer", "description": "how many"}),
        (Annotated[int, 5], {"type": "integer"}),
        (Colour, {"type": "string", "enum": ["red", "blue"]}),
        (
            Point,
            {
                "type": "object",
                "properties": {
                    "x": {"type": "integer"},
                    "y": {"type": "integer"},
                    "label": {"type": "string"},
                },
                "additionalProperties": False,
                "required": ["x", "y"],
            },
        ),
        (
            Box,
            {
                "type": "object",
                "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}},
                "additionalProperties": False,
                "required": ["width"],
            },
        ),
    ],
)
def test_schemas_of_type_hints(hint: Any, schema: dict[str, Any]) -> None:
    assert type_schema(hint) == schema


def test_parameters() -> None:
    def many(
        a: int, b: str = "x", c: list[int] | None = None, *, d: Any, e: Colour = Colour.RED, **rest: int
    ) -> None:
        """Take a lot.

        Parameters:
            a (int): the first
            b: the second
        Returns:
            c: not a parameter
        """

    assert parameters_schema(many) == {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "description": "the first"},
            "b": {"type": "string", "description": "the second", "default": "x"},
            "c": {
                "anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}],
                "default": None,
            },
            "d": {},
            "e": {"type": "string", "enum": ["red", "blue"]},
        },
        "required": ["a", "d"],
    }


def test_parameters_that_cannot_be_named_are_refused() -> None:
    def positional(a: int, /) -> None:
        """No."""

    def variadic(*args: int) -> None:
        """No."""

    for function in (positional, variadic):
        with pytest.raises(TypeError, match="called with named arguments"):
            parameters_schema(function)


# -- checking --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "string"}, 1, ["arguments: expected string, got integer"]),
        ({"type": "integer"}, True, ["arguments: expected integer, got boolean"]),
        ({"type": "integer"}, 1.0, []),
        ({"type": "integer"}, 1.5, ["arguments: expected integer, got number"]),
        ({"type": "number"}, 1, []),
        ({"type": "number"}, True, ["arguments: expected number, got boolean"]),
        ({"type": "boolean"}, 0, ["arguments: expected boolean, got integer"]),
        ({"type": "null"}, None, []),
        ({"type": ["integer", "null"]}, None, []),
        ({"type": ["integer", "null"]}, "x", ["arguments: expected integer or null, got string"]),
        ({"type": "array"}, "x", ["arguments: expected array, got string"]),
        (
            {"type": "array", "items": {"type": "integer"}},
            [1, "x"],
            ["arguments[1]: expected integer, got string"],
        ),
        ({"type": "array", "minItems": 1}, [], ["arguments: needs at least 1 items, got 0"]),
        ({"type": "array", "maxItems": 1}, [1, 2], ["arguments: takes at most 1 items, got 2"]),
        ({"type": "array", "uniqueItems": True}, [1, True], []),
        ({"type": "array", "uniqueItems": True}, [1, 1], ["arguments: items must be unique"]),
        ({"prefixItems": [{"type": "string"}]}, [1], ["arguments[0]: expected string, got integer"]),
        ({"enum": [1, "a"]}, "b", ["arguments: expected one of 1, 'a', got 'b'"]),
        ({"enum": [1]}, True, ["arguments: expected one of 1, got True"]),
        ({"const": 5}, 6, ["arguments: expected 5, got 6"]),
        ({"minimum": 1, "maximum": 3}, 0, ["arguments: must be >= 1, got 0"]),
        ({"exclusiveMinimum": 1}, 1, ["arguments: must be > 1, got 1"]),
        ({"exclusiveMaximum": 3}, 3, ["arguments: must be < 3, got 3"]),
        ({"maximum": 3}, 4, ["arguments: must be <= 3, got 4"]),
        ({"multipleOf": 3}, 4, ["arguments: must be a multiple of 3, got 4"]),
        ({"minimum": 1}, "text is not bounded", []),
        ({"minLength": 2}, "a", ["arguments: needs at least 2 characters, got 1"]),
        ({"maxLength": 2}, "abc", ["arguments: takes at most 2 characters, got 3"]),
        ({"pattern": "^a"}, "b", ["arguments: must match '^a'"]),
        ({"pattern": "b"}, "abc", []),
        ({"pattern": "("}, "b", ["arguments: cannot be checked against '(': unclosed group"]),
        ({"pattern": "^(a*)*(a*)*$"}, "a" * 2_000 + "!", ["arguments: must match '^(a*)*(a*)*$'"]),
        ({"required": ["a", "b"]}, {"a": 1}, ["b: is required"]),
        ({"properties": {"a": {"type": "string"}}}, {"a": 1, "z": 2}, ["a: expected string, got integer"]),
        (
            {"properties": {"a": {}}, "additionalProperties": False},
            {"z": 1},
            ["z: is not a parameter (expected one of: a)"],
        ),
        ({"additionalProperties": {"type": "integer"}}, {"z": "x"}, ["z: expected integer, got string"]),
        (
            {"properties": {"a": {"properties": {"b": {"type": "null"}}}}},
            {"a": {"b": 1}},
            ["a.b: expected null, got integer"],
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            1,
            ["arguments: expected string or null, got integer"],
        ),
        ({"anyOf": [{"minimum": 5}]}, 1, ["arguments: must be >= 5, got 1"]),
        (
            {"oneOf": [{"minimum": 1}, {"minimum": 2}]},
            3,
            ["arguments: fits more than one of the shapes it may have"],
        ),
        ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, 3, ["arguments: must be <= 2, got 3"]),
        (
            {"$ref": "#/$defs/n", "$defs": {"n": {"type": "string"}}},
            1,
            ["arguments: expected string, got integer"],
        ),
        ({"$ref": "#/$defs/gone"}, 1, []),
        (False, 1, ["arguments: nothing is allowed here"]),
        (True, 1, []),
    ],
)
def test_checking(schema: Any, value: Any, expected: list[str]) -> None:
    assert problems(value, schema) == expected


def test_all_problems_are_named() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
        "required": ["c"],
    }
    assert problems({"a": 1, "b": "x"}, schema) == [
        "c: is required",
        "a: expected string, got integer",
        "b: expected integer, got string",
    ]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(PLAIN)
def test_a_value_fits_its_own_constant_and_any_open_schema(value: Any) -> None:
    assert problems(value, {"const": value}) == []
    assert problems(value, {"enum": [value]}) == []
    assert problems(value, {}) == []


@given(PLAIN, st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"]))
def test_a_type_and_its_negation_never_agree(value: Any, name: str) -> None:
    fits = problems(value, {"type": name}) == []
    union = problems(value, {"anyOf": [{"type": name}]}) == []
    assert fits == union


# -- the registry of tools -------------------------------------------------------------------


def test_the_registry_of_tools() -> None:
    async def fetch() -> None:
        """Fetch."""

    def compute() -> None:
        """Compute."""

    tools = ToolRegistry([fetch, tool(name="other")(compute)])
    assert [each.name for each in tools] == ["fetch", "other"]
    assert isinstance(tools.get("fetch"), ToolDeclaration)
    assert tools.nearest("fetsh") == "fetch"
    assert tools.nearest("zzz") is None
    assert "fetch" in tools
    assert len(tools) == 2
    replaced = tools.add(closure_tool("fetch", lambda arguments: fetch()))
    assert tools.get("fetch") is replaced
    assert tools.remove("fetch")
    assert not tools.remove("fetch")
    with pytest.raises(TypeError, match="not a tool: 5"):
        tools.add(5)
