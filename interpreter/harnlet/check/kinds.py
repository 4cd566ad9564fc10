"""Kinds: what the compiler knows about the value of an expression, so that it can emit Python's own
operators where they mean the same as ours (docs/architecture.md#operators).

A kind is a set of value types, as bits; joining two kinds is `|`. `NEVER` is the empty set: code that
has not been seen to produce anything. Inference starts there and only ever adds bits, so it ends.
"""


class Kind:
    """The bits of a set of value types, which is a plain int (an IntFlag took a third of the compile time).
    `ANY` stands for every value, those without a bit of their own included."""

    NEVER = 0
    NIL = 1
    BOOL = 2
    INT = 4
    FLOAT = 8
    STRING = 16
    LIST = 32
    DICT = 64
    RANGE = 128
    OTHER = 256
    NUMBER = 12
    ANY = 511


_NUMERIC = Kind.NUMBER


def is_number(kind: int) -> bool:
    """Surely an int or a float, and no bool."""
    return kind != Kind.NEVER and not kind & ~_NUMERIC


def is_only(kind: int, wanted: int) -> bool:
    """Surely one of `wanted`."""
    return kind != Kind.NEVER and not kind & ~wanted


def of_binary(operator: str, left: int, right: int) -> int:
    """The kind of `left operator right` when it does not raise (docs/language.md#operators)."""
    if operator in _BOOLEAN:
        return Kind.BOOL
    if operator == "??":
        return (left & ~Kind.NIL) | right if left & Kind.NIL else left
    if left == Kind.NEVER or right == Kind.NEVER:
        return Kind.NEVER
    if left == Kind.ANY or right == Kind.ANY:
        return _arithmetic_any(operator, left, right)
    result = Kind.NEVER
    if left & Kind.INT and right & Kind.INT:
        result |= Kind.NUMBER if operator == "**" else Kind.INT
    if (left & Kind.FLOAT and right & _NUMERIC) or (left & _NUMERIC and right & Kind.FLOAT):
        result |= Kind.FLOAT
    if operator == "+":
        for same in (Kind.STRING, Kind.LIST, Kind.DICT):
            if left & same and right & same:
                result |= same
    if operator == "*" and (
        (left & Kind.STRING and right & Kind.INT) or (left & Kind.INT and right & Kind.STRING)
    ):
        result |= Kind.STRING
    if (left | right) & Kind.OTHER:
        result |= Kind.OTHER
    return result


_BOOLEAN = frozenset({"==", "!=", "<", ">", "<=", ">=", "in", "not in", "&&", "||"})


def _arithmetic_any(operator: str, left: int, right: int) -> int:
    if operator == "+":
        known = left if right == Kind.ANY else right
        if known in (Kind.STRING, Kind.LIST, Kind.DICT):
            return known
        return Kind.ANY
    if operator == "*":
        return Kind.NUMBER | Kind.STRING | Kind.OTHER
    return Kind.NUMBER | Kind.OTHER
