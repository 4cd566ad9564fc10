"""Host data to script values, and script values to host data.

Only plain data passes: what is neither JSON-like nor one of ours is refused with its path, so that no
host object ever gets into a script. Both directions work through a list of open collections instead of
recursing. Rule: docs/embedding.md#values.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from harnlet.runtime import caps
from harnlet.runtime.display import display
from harnlet.runtime.values import (
    Duration,
    EnumValue,
    Handle,
    Pair,
    Range,
    Set,
    StructValue,
    type_name,
)

MOST_LEVELS = 500
"""How deep data may be nested on its way in or out: what follows (JSON, a host's own code) recurses."""


class ConversionError(TypeError):
    """Data that cannot pass between host and script. `path` says where it is: `value.users[3]`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[type["ConversionError"], tuple[str, str]]:
        return ConversionError, (self.path, self.reason)


def to_script(value: object, path: str = "value") -> object:
    """The script value for host data: None, bool, int, float, str, bytes, lists, tuples, dicts with
    str keys, timedeltas (as durations), and script values of our own classes (pairs, sets, handles, …).

    Collections are copied, so that later changes by the host stay with the host. Raises
    ConversionError for anything else, for data nested deeper than `MOST_LEVELS`, and for ints above
    the cap; `path` is what its message calls the data.
    """
    return _walk(value, path, _incoming)


def to_host(value: object, path: str = "value", *, lenient: bool = False) -> Any:
    """Host data for a script value: JSON-like data as it is (dicts with sorted keys), sets as lists,
    pairs as tuples, ranges as Python ranges, durations as timedeltas, structs as dicts of their
    fields, enum values as `{"enum", "variant", "fields"}`.

    Functions and handles have no data: they are refused with ConversionError or, when `lenient`, given
    as their display text. Raises ConversionError for values nested deeper than `MOST_LEVELS`.
    """
    return _walk(value, path, _outgoing_leniently if lenient else _outgoing)


class _RefusedError(Exception):
    """Why a value cannot pass; whoever knows its path raises ConversionError instead."""


class _Collection:
    """A collection that is being converted: the new one, what is to be put into it, its place."""

    __slots__ = ("items", "key", "level", "parent", "target", "tuple")

    def __init__(self, target: Any, items: Iterable[tuple[Any, Any]], as_tuple: bool = False) -> None:
        self.target = target
        self.items = items
        self.tuple = as_tuple
        self.parent: _Collection | None = None
        self.key: int | str = ""
        self.level = 0

    def path(self, root: str) -> str:
        """Where the collection is."""
        steps: list[str] = []
        place: _Collection | None = self
        while place is not None and place.parent is not None:
            steps.append(_step(place.key))
            place = place.parent
        return root + "".join(reversed(steps))


def _step(key: object) -> str:
    return f"[{key}]" if type(key) is int else f".{key}"


def _walk(root: object, path: str, convert: Callable[[object], object]) -> object:
    """`convert` gives the new value or, for a collection, a `_Collection`; it raises `_RefusedError`."""
    try:
        first = convert(root)
    except _RefusedError as refused:
        raise ConversionError(path, str(refused)) from None
    if type(first) is not _Collection:
        return first
    open_ones = [first]
    tuples: list[_Collection] = []
    made = 0
    while open_ones:
        place = open_ones.pop()
        made += len(place.target)
        if place.level >= MOST_LEVELS:
            raise ConversionError(place.path(path), f"nested deeper than {MOST_LEVELS} levels")
        if made > caps.ITEMS:
            raise ConversionError(path, f"more than {caps.ITEMS} elements")
        for key, item in place.items:
            try:
                new = convert(item)
            except _RefusedError as refused:
                raise ConversionError(place.path(path) + _step(key), str(refused)) from None
            if type(new) is _Collection:
                new.parent, new.key, new.level = place, key, place.level + 1
                open_ones.append(new)
                if new.tuple:
                    tuples.append(new)
                place.target[key] = new.target
            else:
                place.target[key] = new
    for place in reversed(tuples):
        if place.parent is not None:
            place.parent.target[place.key] = tuple(place.target)
    return tuple(first.target) if first.tuple else first.target


# --- in -----------------------------------------------------------------------------------------


def _incoming(value: Any) -> object:
    kind = type(value)
    if kind is str or value is None or kind is bool or kind is float or kind is bytes:
        return value
    if isinstance(value, int):
        number = int.__int__(value)
        if number.bit_length() > caps.integer_bits():
            raise _RefusedError(f"integer is too large: more than {caps.integer_bits()} bits")
        return number
    if isinstance(value, list | tuple):
        return _Collection([None] * len(value), enumerate(value))
    if isinstance(value, Mapping):
        fields = {_key(key): item for key, item in value.items()}
        return _Collection(dict.fromkeys(fields), fields.items())
    if kind in _SCRIPT_OWN or isinstance(value, Handle):
        return value
    if isinstance(value, timedelta):
        return Duration(value // timedelta(milliseconds=1))
    # What is left of plain types are instances of subclasses, which lose what makes them special.
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise _RefusedError(f"a {kind.__name__} cannot be passed to a script")


# Not functions: nothing tells a closure of a script from a function of the host.
_SCRIPT_OWN = frozenset({Pair, Range, Duration, Set, EnumValue})


def _key(key: object) -> str:
    if type(key) is str:
        return key
    if isinstance(key, str):
        return str.__str__(key)
    raise _RefusedError(f"keys must be strings, got {type(key).__name__}")


# --- out ----------------------------------------------------------------------------------------

_SAME_OUTSIDE = frozenset({type(None), bool, int, float, str, bytes})


def _outgoing(value: Any) -> object:
    kind = type(value)
    if kind in _SAME_OUTSIDE:
        return value
    if kind is list:
        return _Collection([None] * len(value), enumerate(value))
    if kind is dict:
        return _fields(value)
    if isinstance(value, StructValue):
        return _fields(value.fields)
    if kind is EnumValue:
        return _fields({"enum": value.enum, "fields": value.fields, "variant": value.variant})
    if kind is Set:
        return _Collection([None] * len(value.entries), enumerate(value.entries.values()))
    if kind is Pair:
        return _Collection([None, None], enumerate((value.first, value.second)), as_tuple=True)
    if kind is Range:
        return value.numbers()
    if kind is Duration:
        try:
            return timedelta(milliseconds=value.milliseconds)
        except OverflowError:
            raise _RefusedError("duration is too long for the host") from None
    raise _RefusedError(f"a {type_name(value)} has no data that could leave the script")


def _outgoing_leniently(value: object) -> object:
    try:
        return _outgoing(value)
    except _RefusedError:
        return display(value)


def _fields(fields: dict[str, object]) -> _Collection:
    names = sorted(fields)
    return _Collection(dict.fromkeys(names), [(name, fields[name]) for name in names])
