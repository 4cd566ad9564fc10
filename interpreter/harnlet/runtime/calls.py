"""`obj.name(args)` where the type of the receiver is not known before.

Rules: docs/language.md#calls, docs/builtins.md#method-call.
"""

from types import FunctionType
from typing import Any

from harnlet.runtime import (
    methods_dict,
    methods_iter,
    methods_list,
    methods_list_callbacks,
    methods_set,
    methods_text,
)
from harnlet.runtime.methods import ENTRIES
from harnlet.runtime.values import CallableValue, StructValue

METHOD_FAMILIES = (
    methods_dict,
    methods_iter,
    methods_list,
    methods_list_callbacks,
    methods_set,
    methods_text,
)
"""The modules that fill the table which `call_method` reads, loaded together with it."""


def call_method(obj: Any, name: str, *args: object) -> object:
    """The value of `obj.name(args)`; nil for a method that the type does not have."""
    kind = type(obj)
    if kind is dict:
        return _call_on_dict(obj, name, args)
    table = ENTRIES.get(kind)
    if table is not None:
        entry = table.get(name)
        if entry is None:
            return None
        function, most = entry
        return function(obj, *(args if len(args) <= most else args[:most]))
    if type(obj) is StructValue:
        own = obj.type.methods.get(name)
        return None if own is None else own(obj, *args)
    return None


def call_method_optional(obj: object, name: str, *args: object) -> object:
    """The value of `obj?.name(args)`: nil has no method, so `?.` makes no difference."""
    return call_method(obj, name, *args)


def _call_on_dict(obj: dict[str, object], name: str, args: tuple[object, ...]) -> object:
    """A dict's own method first, except in the namespace of stream functions, which has a `map` and
    a `filter` of its own; then a callable stored under the name, without the dict as argument."""
    entry = ENTRIES[dict].get(name)
    if entry is not None and not (name in obj and obj.get("_namespace") == "stream"):
        function, most = entry
        return function(obj, *(args if len(args) <= most else args[:most]))
    stored = obj.get(name)
    if type(stored) is FunctionType or isinstance(stored, CallableValue):
        return stored(*args)
    return None
