"""Host data to script values and back (docs/embedding.md#values)."""

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from types import MappingProxyType
from typing import Any

import pytest

from embed.values_support import (
    BUILTINS,
    Duration,
    Pair,
    Range,
    StructType,
    display,
    make_set,
    nested,
    ok,
)
from harnlet.runtime import caps
from harnlet.runtime.conversion import MOST_LEVELS, ConversionError, to_host, to_script
from harnlet.runtime.values import type_name


class Level(IntEnum):
    HIGH = 3


class Text(str):
    secret = "host"


@dataclass
class Thing:
    name: str


@pytest.mark.parametrize(
    ("data", "kind", "text"),
    [
        (None, "nil", "nil"),
        (True, "bool", "true"),
        (5, "int", "5"),
        (1.5, "float", "1.5"),
        ("a", "string", "a"),
        (b"a", "bytes", 'b"61"'),
        (bytearray(b"a"), "bytes", 'b"61"'),
        ((1, [2]), "list", "[1, [2]]"),
        ({"b": 1, "a": (2,)}, "dict", "{a: [2], b: 1}"),
        (OrderedDict(a=1), "dict", "{a: 1}"),
        (MappingProxyType({"a": 1}), "dict", "{a: 1}"),
        (Level.HIGH, "int", "3"),
        (Text("x"), "string", "x"),
        (timedelta(seconds=90), "duration", "90s"),
        (Pair(1, 2), "pair", "(1, 2)"),
    ],
)
def test_what_comes_in(data: object, kind: str, text: str) -> None:
    value = to_script(data)
    assert type_name(value) == kind
    assert display(value) == text


def test_subclasses_lose_what_makes_them_special() -> None:
    assert type(to_script(Text("x"))) is str
    assert type(to_script(Level.HIGH)) is int
    assert type(next(iter(to_script({Text("k"): 1})))) is str  # type: ignore[call-overload]


def test_what_comes_in_is_a_copy() -> None:
    inner: list[Any] = [1]
    data = {"a": inner}
    value = to_script(data)
    inner.append(2)
    data["b"] = []
    assert display(value) == "{a: [1]}"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (object(), "value: a object cannot be passed to a script"),
        ({"users": [{"thing": Thing("x")}]}, "value.users[0].thing: a Thing cannot be passed to a script"),
        ([print], "value[0]: a builtin_function_or_method cannot be passed to a script"),
        ([display], "value[0]: a function cannot be passed to a script"),
        ({1, 2}, "value: a set cannot be passed to a script"),
        (1j, "value: a complex cannot be passed to a script"),
        ({"a": {1: 2}}, "value.a: keys must be strings, got int"),
        (
            [2 ** (caps.INTEGER_BITS + 1)],
            f"value[0]: integer is too large: more than {caps.INTEGER_BITS} bits",
        ),
    ],
)
def test_what_is_refused_is_named_with_its_path(data: object, text: str) -> None:
    with pytest.raises(ConversionError) as caught:
        to_script(data)
    assert str(caught.value) == text
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.path) == (text, caught.value.path)


def test_depth_and_size_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    assert display(to_script(nested(MOST_LEVELS - 1))) == display(nested(MOST_LEVELS - 1))
    for convert in (to_script, to_host):
        with pytest.raises(ConversionError, match=f"nested deeper than {MOST_LEVELS} levels"):
            convert(nested(100_000))
    monkeypatch.setattr(caps, "ITEMS", 1000)
    value: object = 1
    for _ in range(60):
        value = [value, value]
    for convert in (to_script, to_host):
        with pytest.raises(ConversionError, match="more than 1000 elements"):
            convert(value)


def test_a_list_that_contains_itself_is_refused() -> None:
    data: list[Any] = []
    data.append(data)
    with pytest.raises(ConversionError, match="nested deeper"):
        to_script(data)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, None),
        (True, True),
        (5, 5),
        ("a", "a"),
        (b"a", b"a"),
        ([1, [2]], [1, [2]]),
        (make_set([2, 1]), [2, 1]),
        (Pair(1, [2]), (1, [2])),
        (Range(1, 3), range(1, 4)),
        (Duration(1500), timedelta(seconds=1.5)),
        (ok(Pair(1, 2)), {"enum": "Result", "variant": "Ok", "fields": [(1, 2)]}),
        (StructType("P").made_of({"y": [1], "x": None}), {"x": None, "y": [1]}),
    ],
)
def test_what_goes_out(value: object, data: object) -> None:
    out = to_host(value)
    assert out == data
    assert type(out) is type(data)


def test_dicts_go_out_sorted_and_as_copies() -> None:
    value: dict[str, object] = {"b": [1], "a": 2}
    out = to_host(value)
    assert [*out] == ["a", "b"]
    out["b"].append(2)
    assert value == {"b": [1], "a": 2}


def test_functions_and_handles_have_no_data() -> None:
    with pytest.raises(ConversionError, match=r"value\.a\[0\]: a builtin has no data"):
        to_host({"a": [BUILTINS["len"]]})
    assert to_host({"a": [BUILTINS["len"]]}, lenient=True) == {"a": ["<builtin len>"]}
    with pytest.raises(ConversionError, match="duration is too long for the host"):
        to_host(Duration(10**30))
