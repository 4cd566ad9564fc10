"""`obj.name(args)` where the type of the receiver is not known before.

Rules: docs/language.md#calls, docs/builtins.md#method-call.
"""

from collections.abc import Callable
from typing import Any

from harnlet.runtime import (
    methods_dict,
    methods_iter,
    methods_list,
    methods_list_callbacks,
    methods_range,
    methods_set,
    methods_text,
)
from harnlet.runtime.methods import ENTRIES
from harnlet.runtime.struct_calls import call_exactly
from harnlet.runtime.values import StructValue, is_callable

METHOD_FAMILIES = (
    methods_dict,
    methods_iter,
    methods_list,
    methods_list_callbacks,
    methods_range,
    methods_set,
    methods_text,
)
"""The modules that fill the table which `call_method` reads, loaded together with it."""


def call_method(obj: Any, name: str, *args: object) -> object:
    """The value of `obj.name(args)`; nil for a method that the type does not have."""
    kind = type(obj)
    entry = ENTRIES.get(kind, _NONE).get(name)
    if entry is None:
        return _call_other(obj, name, args)
    if kind is dict and "_namespace" in obj and _prefers_own(obj, name):
        return obj[name](*args)
    function, most = entry
    if not args:
        return function(obj)
    return function(obj, *(args if len(args) <= most else args[:most]))


_NONE: dict[str, tuple[Callable[..., object], int]] = {}


def call_method_optional(obj: object, name: str, *args: object) -> object:
    """The value of `obj?.name(args)`: nil has no method, so `?.` makes no difference."""
    return call_method(obj, name, *args)


def _prefers_own(obj: dict[str, object], name: str) -> bool:
    """Whether a dict is the namespace of stream functions, whose own `filter` comes before that of
    dicts."""
    return obj["_namespace"] == "stream" and is_callable(obj.get(name))


def _call_other(obj: Any, name: str, args: tuple[object, ...]) -> object:
    """A method of a struct, or a callable that a dict holds, which is called without the dict."""
    if type(obj) is dict:
        stored = obj.get(name)
        return stored(*args) if is_callable(stored) else None
    if isinstance(obj, StructValue):
        own = obj.type.methods.get(name)
        return None if own is None else call_exactly(own, obj, *args)
    return None
