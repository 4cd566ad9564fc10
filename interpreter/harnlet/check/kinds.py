"""Kinds: what the compiler knows about the value of an expression, so that it can emit Python's own
operators where they mean the same as ours (docs/architecture.md#operators).

A kind is a set of value types, as bits; joining two kinds is `|`. `NEVER` is the empty set: code that
has not been seen to produce anything. Inference starts there and only ever adds bits, so it ends.

The lowest sixteen bits are the types of the value itself, the next sixteen those of its elements, if it
holds any, and the sixteen after them those of the elements' elements; deeper down everything is unknown.
Collections are values, so what flows into a variable is all that its elements can be: nobody else
can add to them. The bits above say which structs of the file are meant wherever a struct is, and those
above them which closures.
"""

from collections.abc import Callable

_LEVEL = 16
_STRUCTS_FROM = 3 * _LEVEL
_MOST_STRUCTS = 60
_CLOSURES_FROM = _STRUCTS_FROM + _MOST_STRUCTS
_MOST_CLOSURES = 60


class Kind:
    """The bits of a set of value types, which is a plain int (an IntFlag took a third of the compile time).
    `ANY` stands for every value, those without a bit of their own included.

    An int without `NEGATIVE` is surely not below zero, one without `LARGE` has surely few bits.
    """

    NEVER = 0
    NIL = 1
    BOOL = 2
    COUNT = 4
    """An int that is neither negative nor large."""
    NEGATIVE = 8
    LARGE = 16
    INT = COUNT | NEGATIVE | LARGE
    FLOAT = 32
    NUMBER = INT | FLOAT
    STRING = 64
    LIST_BIT = 128
    DICT_BIT = 256
    STRUCT_BIT = 512
    ENUM = 1024
    RANGE_BIT = 2048
    ITER_BIT = 4096
    OTHER = 8192
    CLOSURE_BIT = 16384
    """A closure that stands in this file; any other function is `OTHER`."""
    LEVEL = 32767
    """Everything about the value itself."""
    ELEMENTS = (LEVEL << _LEVEL) | (LEVEL << 2 * _LEVEL)
    """Everything about its elements and theirs."""
    STRUCTS = ((1 << _MOST_STRUCTS) - 1) << _STRUCTS_FROM
    FOREIGN = 1 << _STRUCTS_FROM
    """A struct that is not of this file, or one too many of it."""
    CLOSURES = ((1 << _MOST_CLOSURES) - 1) << _CLOSURES_FROM
    UNNUMBERED = 1 << _CLOSURES_FROM
    """A closure too many."""
    WHICH = STRUCTS | CLOSURES
    LIST = LIST_BIT | ELEMENTS | WHICH
    DICT = DICT_BIT | ELEMENTS | WHICH
    RANGE = RANGE_BIT | ELEMENTS | WHICH
    ITER = ITER_BIT | ELEMENTS | WHICH
    STRUCT = STRUCT_BIT | WHICH
    ANY = LEVEL | ELEMENTS | WHICH


_LOW = (1 << 2 * _LEVEL) - 1
_HOLDERS = Kind.LIST_BIT | Kind.DICT_BIT
_ALL_HOLDERS = _HOLDERS | Kind.RANGE_BIT | Kind.ITER_BIT
_DEEP_HOLDERS = _ALL_HOLDERS << _LEVEL
_DEEPEST = Kind.LEVEL << 2 * _LEVEL


def is_only(kind: int, wanted: int) -> bool:
    """Surely one of `wanted`."""
    return kind != Kind.NEVER and not kind & ~wanted


def is_number(kind: int) -> bool:
    """Surely an int or a float, and no bool."""
    return kind != Kind.NEVER and not kind & ~Kind.NUMBER


def is_large(kind: int) -> bool:
    """Whether it may be an int of many bits."""
    return bool(kind & Kind.LARGE)


def elements(kind: int) -> int:
    """The kind of what a collection of that kind holds."""
    inner = kind >> _LEVEL & _LOW
    if inner & _ALL_HOLDERS:
        inner |= Kind.ELEMENTS if inner & _DEEP_HOLDERS else _DEEPEST
    return inner | (kind & Kind.WHICH)


def within(kind: int) -> int:
    """The bits that a collection gets by holding something of that kind."""
    return (kind & _LOW) << _LEVEL | (kind & Kind.WHICH)


def stored(kind: int, depth: int, value: int) -> int:
    """The bits that a collection gets by a store of something of kind `value`, so many levels down."""
    if not kind & _HOLDERS:
        return Kind.NEVER
    return within(value if depth == 1 else stored(elements(kind), depth - 1, value))


def list_of(kind: int) -> int:
    """A list with elements of that kind."""
    return Kind.LIST_BIT | within(kind)


def dict_of(kind: int) -> int:
    """A dict with values of that kind."""
    return Kind.DICT_BIT | within(kind)


def range_of(start: int) -> int:
    """A range whose first int is of that kind: the others are not below it."""
    return Kind.RANGE_BIT | within(start & Kind.INT)


def iter_of(kind: int) -> int:
    """An iterator over things of that kind."""
    return Kind.ITER_BIT | within(kind)


def struct_kind(number: int) -> int:
    """A value of the file's struct with that number; the numbers begin with 1."""
    return Kind.STRUCT_BIT | (1 << _STRUCTS_FROM + number if number < _MOST_STRUCTS else Kind.FOREIGN)


def struct_numbers(kind: int) -> list[int] | None:
    """The numbers of the structs that are meant; None when others may be, too."""
    bits = (kind & Kind.STRUCTS) >> _STRUCTS_FROM
    return None if bits & 1 or not bits else _numbers(bits)


def closure_kind(number: int) -> int:
    """The file's closure with that number; the numbers begin with 1."""
    return Kind.CLOSURE_BIT | (1 << _CLOSURES_FROM + number if number < _MOST_CLOSURES else Kind.UNNUMBERED)


def closure_numbers(kind: int) -> list[int] | None:
    """The numbers of the closures that are meant; None when others may be, too."""
    bits = (kind & Kind.CLOSURES) >> _CLOSURES_FROM
    return None if bits & 1 or not bits else _numbers(bits)


def _numbers(bits: int) -> list[int]:
    found: list[int] = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


def iterated(kind: int) -> int:
    """The kind of what a `for` over a value of that kind gives."""
    if kind & Kind.OTHER:
        return Kind.ANY
    found = Kind.NEVER
    if kind & Kind.LIST_BIT:
        found |= elements(kind)
    if kind & Kind.DICT_BIT:
        found |= dict_of(elements(kind) | Kind.STRING)
    if kind & Kind.STRING:
        found |= Kind.STRING
    if kind & Kind.ITER_BIT:
        found |= elements(kind)
    if kind & Kind.RANGE_BIT:
        found |= elements(kind) & Kind.INT
    return found


def of_index(kind: int) -> int:
    """The kind of `value[key]` when it does not raise."""
    found = Kind.NEVER
    if kind & _HOLDERS:
        found |= elements(kind) | Kind.NIL
    if kind & Kind.STRING:
        found |= Kind.STRING | Kind.NIL
    if kind & Kind.RANGE_BIT:
        found |= elements(kind) & Kind.INT
    return Kind.ANY if kind & Kind.OTHER else found


def of_binary(operator: str, left: int, right: int) -> int:
    """The kind of `left operator right` when it does not raise (docs/language.md#operators)."""
    if operator in _BOOLEAN:
        return Kind.BOOL
    if operator == "??":
        return (left & ~Kind.NIL) | right if left & Kind.NIL else left
    result = Kind.NEVER
    if left & Kind.INT and right & Kind.INT:
        result = _INTEGERS[operator](left & Kind.INT, right & Kind.INT)
    if (left & Kind.FLOAT and right & Kind.NUMBER) or (left & Kind.INT and right & Kind.FLOAT):
        result |= Kind.FLOAT
    if operator == "+":
        result |= left & right & Kind.STRING
        held = left & right & _HOLDERS
        if held:
            result |= held | ((left | right) & (Kind.ELEMENTS | Kind.WHICH))
        return result | (left & right & Kind.OTHER)
    if operator == "*":
        if (left & Kind.STRING and right & Kind.INT) or (left & Kind.INT and right & Kind.STRING):
            result |= Kind.STRING
        if left & Kind.NUMBER and right & Kind.OTHER:
            result |= Kind.OTHER
    if left & Kind.OTHER and right & (Kind.OTHER | Kind.NUMBER):
        result |= Kind.OTHER
    return result


def _product(left: int, right: int) -> int:
    return Kind.COUNT | Kind.LARGE | ((left | right) & Kind.NEGATIVE)


def _quotient(left: int, right: int) -> int:
    return left | (right & Kind.NEGATIVE)


def _remainder(left: int, right: int) -> int:
    return Kind.COUNT | (left & Kind.NEGATIVE) | (left & right & Kind.LARGE)


_INTEGERS: dict[str, Callable[[int, int], int]] = {
    "+": lambda left, right: left | right | Kind.LARGE,
    "-": lambda left, right: Kind.INT,
    "*": _product,
    "/": _quotient,
    "%": _remainder,
    "**": lambda left, right: Kind.NUMBER if right & Kind.NEGATIVE else Kind.INT,
}

_BOOLEAN = frozenset({"==", "!=", "<", ">", "<=", ">=", "in", "not in", "&&", "||"})
