"""The table of methods: every name that a script can call on a value of a built-in type.

A method is declared once, where it is written:

    @method(list, "push(value)")
    def push(items: list[object], value: object = None) -> object: ...

Calls, docs, completion and the checker read the table. Rules: docs/language.md#calls,
docs/builtins.md#method-names-by-type.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from harnlet.runtime.signature import Parameter, most_arguments, parse_signature

_Function = TypeVar("_Function", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Method:
    """One name of one type: how it is written, what it does, and the function behind it."""

    type: type
    name: str
    signature: str
    parameters: tuple[Parameter, ...]
    doc: str
    function: Callable[..., object]
    most: int
    """The most arguments, receiver not counted, that `function` takes."""


METHODS: dict[type, dict[str, Callable[..., object]]] = {}
"""Function by type and name. A function takes the receiver and at most `Method.most` arguments."""

DECLARED: dict[type, dict[str, Method]] = {}
"""The same, with all that was declared."""

ENTRIES: dict[type, dict[str, tuple[Callable[..., object], int]]] = {}
"""Function and most arguments, for `call_method`."""


def method(receiver: type, *signatures: str) -> Callable[[_Function], _Function]:
    """Declare a function as a method of `receiver` under each name in `signatures`.

    The function takes the receiver first and has a default for every parameter, so that missing
    arguments are nil; `call_method` drops the surplus ones.
    """

    def declare(function: _Function) -> _Function:
        for signature in signatures:
            add_method(receiver, signature, function)
        return function

    return declare


def add_method(receiver: type, signature: str, function: Callable[..., object]) -> None:
    """Put one method into the tables."""
    name, parameters = parse_signature(signature)
    doc = (function.__doc__ or "").strip()
    most = most_arguments(parameters)
    DECLARED.setdefault(receiver, {})[name] = Method(
        receiver, name, signature, parameters, doc, function, most
    )
    METHODS.setdefault(receiver, {})[name] = function
    ENTRIES.setdefault(receiver, {})[name] = (function, most)


def method_of(receiver: type, name: str) -> Callable[..., object] | None:
    """The function behind `name` on values of exactly that type, for binding in compiled code.

    It must not be given more than `DECLARED[receiver][name].most` arguments after the receiver.
    """
    return METHODS.get(receiver, {}).get(name)


def declared_methods() -> Iterator[Method]:
    """All methods, by type and name, for docs and completion."""
    for table in DECLARED.values():
        yield from table.values()
