"""Assertions for tests. Rules: docs/builtins.md#testing-helpers."""

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.equality import equals

_MISSING = object()


@builtin("assert(condition, message?)", section="15")
def assert_(condition: object = None, message: object = None) -> None:
    """Throws `Assertion failed`, or the message, unless the condition is true."""
    if not condition:
        raise Thrown("Assertion failed" if message is None else display(message))


@builtin("assert_eq(actual, expected, message?)", section="15")
def assert_eq(actual: object = _MISSING, expected: object = _MISSING, message: object = None) -> None:
    """Throws unless both values are equal."""
    if expected is _MISSING:
        raise Thrown("assert_eq requires at least 2 arguments")
    if not equals(actual, expected):
        default = f"Assertion failed: expected {display(expected)}, got {display(actual)}"
        raise Thrown(default if message is None else display(message))


@builtin("assert_ne(actual, unexpected, message?)", section="15")
def assert_ne(actual: object = _MISSING, unexpected: object = _MISSING, message: object = None) -> None:
    """Throws if both values are equal."""
    if unexpected is _MISSING:
        raise Thrown("assert_ne requires at least 2 arguments")
    if equals(actual, unexpected):
        default = f"Assertion failed: values should not be equal: {display(actual)}"
        raise Thrown(default if message is None else display(message))
