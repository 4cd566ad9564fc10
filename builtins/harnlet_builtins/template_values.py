"""What values are in templates: their text, their truth, their parts. Rule: docs/builtins.md#templates.

Templates are written for people's eyes: nil is no text, and a string of blanks is as good as none.
"""

from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.display import display
from harnlet.runtime.equality import equals, not_equals
from harnlet.runtime.ordering import compare
from harnlet.runtime.values import EnumValue, Pair, StructValue

_ORDERED = frozenset({int, float, str})


class ExpressionError(Exception):
    """What is wrong with an expression; its directive knows where it stands."""


def text_of(value: object) -> str:
    """The text that a value leaves in the output."""
    return "" if value is None else display(value)


def is_true(value: object) -> bool:
    """nil, false, zero, blank strings, empty lists and dicts are false; sets and ranges are always true."""
    if type(value) is str:
        return bool(value) and not value.isspace()
    if value is None or type(value) in (bool, int, float, list, dict):
        return bool(value)
    return True


def part_of(value: object, key: object) -> object:
    """`value.key` and `value[key]`; nil for what is not there."""
    if type(key) is int:
        if (type(value) is list or type(value) is str) and -len(value) <= key < len(value):
            part: object = value[key]
            return part
        return None
    if type(key) is not str:
        return None
    if type(value) is dict:
        return value.get(key)
    if isinstance(value, StructValue):
        return value.fields.get(key)
    if type(value) is EnumValue:
        return {"variant": value.variant, "fields": value.fields}.get(key)
    if type(value) is Pair:
        return {"first": value.first, "second": value.second}.get(key)
    return None


def compared(operator: str, left: Any, right: Any) -> bool:
    """`left == right` and the like. What has no order is neither less nor greater."""
    if operator == "==":
        return equals(left, right)
    if operator == "!=":
        return not_equals(left, right)
    if type(left) not in _ORDERED or type(right) not in _ORDERED:
        return False
    if (type(left) is str) != (type(right) is str) or left != left or right != right:
        return False
    order = compare(left, right)
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]


def template_fault(path: str, message: str, line: int, column: int) -> Thrown:
    """The error of a script for what is wrong with a template; an inline one has no path."""
    return Thrown(f"{path + ' ' if path else ''}at {line}:{column}: {message}")
