"""`==`: which values a script holds for equal.

Rule: docs/language.md#equality. Python's own `==` is not used on collections, because it says that
`1 == true` and that an object (a NaN, a closure) always equals itself.
"""

from collections.abc import Iterable
from operator import eq
from struct import pack
from types import FunctionType

from harnlet.runtime.keys import equality_key, structural_key
from harnlet.runtime.values import Duration, EnumValue, Handle, Pair, Range, Set, StructValue

_REMEMBER_AFTER = 1_000
"""After so many nested collections, pairs that were already met are skipped. A list that holds itself
twice, forty times over, has 2**40 leaves but only forty pairs; small values need no such memory."""

_PLAIN = frozenset({int, float, str, bytes, bool, type(None)})
_PLAIN_BUT_BOOL = _PLAIN - {bool}
_LONG = 12
_ZEROS = (pack(">d", 0.0), pack(">d", -0.0))


def equals(a: object, b: object) -> bool:
    """Whether `a == b`. Never fails and never calls script code."""
    kind = type(a)
    if kind is type(b):
        return a == b if kind in _PLAIN else _same_kind(a, b)
    if (kind is int and type(b) is float) or (kind is float and type(b) is int):
        return a == b
    # Structs of one name that were declared twice have two Python classes.
    return isinstance(a, StructValue) and isinstance(b, StructValue) and _same_kind(a, b)


def not_equals(a: object, b: object) -> bool:
    """Whether `a != b`."""
    return not equals(a, b)


def _same_kind(a: object, b: object) -> bool:
    """`a` and `b` have the same type, which is not a plain one."""
    stack: list[tuple[object, object]] = []
    if not _compare(a, b, stack):
        return False
    met = 0
    seen: set[tuple[int, int]] = set()
    while stack:
        left, right = stack.pop()
        met += 1
        if met > _REMEMBER_AFTER:
            pair = (id(left), id(right))
            if pair in seen:
                continue
            seen.add(pair)
        if not _compare(left, right, stack):
            return False
    return True


def _compare(a: object, b: object, stack: list[tuple[object, object]]) -> bool:
    """False when `a` and `b`, of one type, differ; what is left to compare goes onto the stack."""
    if type(a) is list and type(b) is list:
        if len(a) != len(b):
            return False
        if len(a) >= _LONG and (same := _python_compares(a, b)) is not None:
            return same
        return _all_same(zip(a, b, strict=True), stack)
    if type(a) is dict and type(b) is dict:
        return _same_fields(a, b, stack)
    if type(a) is FunctionType:
        return False
    if type(a) is EnumValue and type(b) is EnumValue:
        same = a.variant == b.variant and a.enum == b.enum and len(a.fields) == len(b.fields)
        return same and _all_same(zip(a.fields, b.fields, strict=True), stack)
    if isinstance(a, StructValue) and isinstance(b, StructValue):
        return a.type.name == b.type.name and _same_fields(a.fields, b.fields, stack)
    if type(a) is Pair and type(b) is Pair:
        return _all_same(((a.first, b.first), (a.second, b.second)), stack)
    if type(a) is Set and type(b) is Set:
        return len(a.entries) == len(b.entries) and _same_elements(a, b, stack)
    if type(a) is Range and type(b) is Range:
        return a.start == b.start and a.end == b.end and a.exclusive == b.exclusive
    if type(a) is Duration and type(b) is Duration:
        return a.milliseconds == b.milliseconds
    return isinstance(a, Handle) and a.same_as(b)


def _python_compares(a: list[object], b: list[object]) -> bool | None:
    """Whether two lists are equal, if Python can tell: it can when one holds only plain values, and
    neither a bool, which it would take for an int."""
    kinds = set(map(type, a))
    if not kinds <= _PLAIN_BUT_BOOL or bool in set(map(type, b)):
        return None
    return all(map(eq, a, b)) if float in kinds else a == b


def _all_same(pairs: Iterable[tuple[object, object]], stack: list[tuple[object, object]]) -> bool:
    for left, right in pairs:
        kind = type(left)
        if kind is not type(right):
            if isinstance(left, StructValue) and isinstance(right, StructValue):
                stack.append((left, right))
            elif not _same_number(left, right):
                return False
        elif kind in _PLAIN:
            if left != right:
                return False
        else:
            stack.append((left, right))
    return True


def _same_fields(a: dict[str, object], b: dict[str, object], stack: list[tuple[object, object]]) -> bool:
    return a.keys() == b.keys() and _all_same([(value, b[name]) for name, value in a.items()], stack)


def _same_elements(a: Set, b: Set, stack: list[tuple[object, object]]) -> bool:
    """Whether each element of `a` has one in `b` that equals it, once the stack has been worked off."""
    others: dict[str, object] | None = None
    for key, element in a.entries.items():
        if key in b.entries:
            other = b.entries[key]
        else:
            if others is None:
                others = {equality_key(each): each for each in b.entries.values()}
            wanted = equality_key(element)
            if wanted not in others:
                return False
            other = others[wanted]
        if not _all_same(((element, other),), stack):
            return False
    return True


def _same_number(a: object, b: object) -> bool:
    """Whether `a` and `b`, of different types, are an int and a float of one value."""
    return ((type(a) is int and type(b) is float) or (type(a) is float and type(b) is int)) and a == b


def position_of(items: list[object], item: object) -> int:
    """The index of the first element that equals `item`, else -1.

    Strings, nil and numbers equal in Python what they equal in the script (but for `1 == True`,
    `0 == False` and NaN): then Python's search, which is ten times as fast, is right.
    """
    kind = type(item)
    if kind is str or item is None or (kind in (int, float) and item not in (0, 1) and item == item):
        try:
            return items.index(item)
        except ValueError:
            return -1
    for place, each in enumerate(items):
        if equals(each, item):
            return place
    return -1


def set_key_of(container: Set, item: object) -> object:
    """The key in `container.entries` of the element that *equals* `item` (`1.0` finds `1`).

    `NO_KEY` when there is none.
    """
    entries = container.entries
    key = structural_key(item)
    if key in entries and equals(entries[key], item):
        return key
    if type(item) is int or type(item) is float:
        for other in _other_number_keys(item):
            if other in entries:
                return other
        return NO_KEY
    if type(item) in _PLAIN or type(item) is Duration:
        return NO_KEY
    for other, element in entries.items():
        if equals(element, item):
            return other
    return NO_KEY


NO_KEY = object()
"""What `set_key_of` gives for an item that no element equals."""


def _other_number_keys(number: int | float) -> tuple[object, ...]:
    """The structural keys of the numbers that equal `number` and have another key."""
    if number == 0:
        return (0, *_ZEROS)
    try:
        other = int(number) if type(number) is float else float(number)
    except (OverflowError, ValueError):
        return ()
    return (structural_key(other),) if other == number else ()
