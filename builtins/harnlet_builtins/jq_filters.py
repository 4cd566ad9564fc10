"""What the parts of a jq expression do: each takes a value and gives a list of results.

Rules: docs/builtins.md#jq.
"""

from collections.abc import Callable, Iterable
from typing import TypeAlias

from harnlet.errors.faults import Thrown
from harnlet.runtime.breath import breathe
from harnlet.runtime.equality import equals, not_equals
from harnlet.runtime.ordering import greater, less
from harnlet.runtime.values import Set, StructValue, type_name
from harnlet_builtins.data_shapes import elements_of, fields_of

Filter: TypeAlias = Callable[[object], list[object]]

MOST_RESULTS = 1_000_000
"""The most results of one part of an expression: `..|..|..` alone makes any number."""


def limited(results: list[object]) -> list[object]:
    """The same results. Raises Thrown when they are too many."""
    if len(results) > MOST_RESULTS:
        raise Thrown(f"jq: more than {MOST_RESULTS} results")
    return results


def identity(value: object) -> list[object]:
    """`.`"""
    return [value]


def literal(result: object) -> Filter:
    """A literal: the same for any value."""
    return lambda value: [result]


def pipe(first: Filter, second: Filter) -> Filter:
    """`a | b`, and every step of a path."""

    def run(value: object) -> list[object]:
        results: list[object] = []
        for each in first(value):
            results += second(each)
            limited(results)
            breathe()
        return results

    return run


def comma(first: Filter, second: Filter) -> Filter:
    """`a, b`"""
    return lambda value: limited(first(value) + second(value))


def _true(value: object) -> bool:
    """Truth as jq has it: everything but nil and false."""
    return value is not None and value is not False


_COMPARE: dict[str, Callable[[object, object], object]] = {
    "==": equals,
    "!=": not_equals,
    "<": less,
    ">": greater,
    "and": lambda a, b: _true(a) and _true(b),
    "or": lambda a, b: _true(a) or _true(b),
}


def binary(operator: str, first: Filter, second: Filter) -> Filter:
    """`a == b` and the like: one result for each pair of results."""
    apply = _COMPARE[operator]

    def run(value: object) -> list[object]:
        rights = second(value)
        lefts = first(value)
        _check_count(len(lefts) * len(rights))
        return [bool(apply(left, right)) for right in rights for left in lefts]

    return run


def _check_count(count: int) -> None:
    if count > MOST_RESULTS:
        raise Thrown(f"jq: more than {MOST_RESULTS} results")


def negated(inner: Filter) -> Filter:
    """`not a`"""
    return lambda value: [not _true(each) for each in inner(value)]


# --- paths --------------------------------------------------------------------------------------------


def field(name: str) -> Filter:
    """`.name`: nil for what has no such field."""

    def run(value: object) -> list[object]:
        fields = fields_of(value)
        return [None if fields is None else fields.get(name)]

    return run


def element(index: int) -> Filter:
    """`.[2]`; a negative index counts from the end."""

    def run(value: object) -> list[object]:
        if type(value) is not list or not -len(value) <= index < len(value):
            return [None]
        return [value[index]]

    return run


def part(start: int | None, end: int | None) -> Filter:
    """`.[1:3]` of a list or a string."""

    def run(value: object) -> list[object]:
        return [value[start:end] if type(value) is list or type(value) is str else None]

    return run


def each(value: object) -> list[object]:
    """`.[]`: the elements, or the values in the order of their keys."""
    fields = fields_of(value)
    if fields is not None:
        return [fields[name] for name in sorted(fields)]
    return elements_of(value) or []


def descend(value: object) -> list[object]:
    """`..`: the value and all that is in it, each before what it holds."""
    results: list[object] = []
    stack = [value]
    while stack:
        found = stack.pop()
        results.append(found)
        limited(results)
        if len(results) % 1024 == 0:
            breathe()
        stack += reversed(each(found))
    return results


# --- functions ----------------------------------------------------------------------------------------


def _length(value: object) -> list[object]:
    fields = fields_of(value)
    if fields is not None:
        return [len(fields)]
    if type(value) is Set:
        return [len(value.entries)]
    if type(value) is int or type(value) is float:
        return [abs(value)]
    return [len(value) if type(value) is list or type(value) is str or type(value) is bytes else 0]


def _keys(value: object) -> list[object]:
    fields = fields_of(value)
    if fields is not None:
        return [sorted(fields)]
    return [[*range(len(value))] if type(value) is list else []]


def _values(value: object) -> list[object]:
    return [[*each(value)]]


_TYPES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    Set: "array",
    dict: "object",
}


def _type(value: object) -> list[object]:
    if isinstance(value, StructValue):
        return ["object"]
    return [_TYPES.get(type(value)) or type_name(value)]


FUNCTIONS: dict[str, Filter] = {"length": _length, "keys": _keys, "values": _values, "type": _type}


def map_(inner: Filter) -> Filter:
    """`map(e)`: a list of the results for all elements."""
    return lambda value: [pipe(each, inner)(value)]


def select(condition: Filter) -> Filter:
    """`select(e)`: the value itself, for each result of `e` that is true."""
    return lambda value: [value for result in condition(value) if _true(result)]


FUNCTIONS_OF_ONE: dict[str, Callable[[Filter], Filter]] = {"map": map_, "select": select}


def construct(fields: Iterable[tuple[str, Filter]]) -> Filter:
    """`{a: .x, b}`: one dict for each way to take a result for each field."""
    pairs = [*fields]

    def run(value: object) -> list[object]:
        dicts: list[dict[str, object]] = [{}]
        for name, inner in pairs:
            results = inner(value)
            _check_count(len(dicts) * len(results))
            dicts = [{**made, name: result} for made in dicts for result in results]
        return [*dicts]

    return run
