"""Calls of the methods of structs, with however many arguments a script gives (docs/language.md#calls)."""

from harnlet.runtime.values import Method


class _Missing:
    """The argument that was not given to a parameter with a default."""

    __slots__ = ()


MISSING = _Missing()


def call_exactly(method: Method, *args: object, depth: int = 0) -> object:
    """Call a method, which takes exactly its parameters, with whatever arguments there are."""
    shape = method.shape
    if len(args) == len(shape) and "*" not in shape:
        return method.function(*args, depth)
    given = iter(args)
    fitted: list[object] = []
    for parameter in shape:
        if parameter == "*":
            fitted.append([*given])
        else:
            fitted.append(next(given, MISSING if parameter == "?" else None))
    return method.function(*fitted, depth)
