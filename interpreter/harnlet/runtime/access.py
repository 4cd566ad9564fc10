"""Reading and replacing parts of values: members, subscripts, slices, destructuring, spreads.

Nothing here reaches `getattr`: what a script can name is in these tables and in those of
`harnlet.runtime.methods`. Rules: docs/language.md#property-subscript-slice,
docs/language.md#collections-are-values, docs/builtins.md#access-slicing-iteration-and-membership.
"""

from typing import Any

from harnlet.errors.faults import RuntimeFault, TypeFault
from harnlet.runtime.calls import call_method, call_method_optional
from harnlet.runtime.display import display
from harnlet.runtime.values import FIELD, EnumValue, Pair, Range, StructValue, type_name

__all__ = [
    "call_method",
    "call_method_optional",
    "destructure_dict",
    "destructure_list",
    "get_member",
    "get_member_optional",
    "index",
    "optional_index",
    "slice_",
    "spread_arguments",
    "spread_dict",
    "spread_list",
    "store_index",
    "store_member",
]


# --- members ------------------------------------------------------------------------------------


def get_member(obj: Any, name: str) -> object:
    """`obj.name`"""
    kind = type(obj)
    if kind is dict:
        return obj.get(name)
    if isinstance(obj, StructValue):
        return getattr(obj, FIELD + name, None)
    if kind is list:
        return _list_member(obj, name)
    if kind is str:
        return _string_member(obj, name)
    if kind is EnumValue:
        return obj.variant if name == "variant" else obj.fields if name == "fields" else None
    if kind is Pair:
        if name == "first":
            return obj.first
        if name == "second":
            return obj.second
        raise TypeFault(f"cannot access property `{name}` on pair (expected `first` or `second`)")
    raise TypeFault(f"cannot access property `{name}` on {type_name(obj)}")


def get_member_optional(obj: Any, name: str) -> object:
    """`obj?.name`: nil for nil and for what has no such property."""
    kind = type(obj)
    if kind is dict:
        return obj.get(name)
    if isinstance(obj, StructValue) or kind in _WITH_MEMBERS:
        return get_member(obj, name)
    if kind is Pair and name in ("first", "second"):
        return get_member(obj, name)
    return None


_WITH_MEMBERS = frozenset({list, str, EnumValue})


def _list_member(items: list[object], name: str) -> object:
    if name == "count":
        return len(items)
    if name == "empty":
        return not items
    if name == "first":
        return items[0] if items else None
    if name == "last":
        return items[-1] if items else None
    return None


def _string_member(text: str, name: str) -> object:
    if name == "count":
        return len(text)
    if name == "empty":
        return not text
    return None


def store_member(obj: Any, name: str, value: object) -> object:
    """The value that `obj` becomes by `obj.name = value`."""
    if type(obj) is dict:
        return {**obj, name: value}
    if isinstance(obj, StructValue):
        changed = obj.copy()
        changed.put(name, value)
        return changed
    raise TypeFault(f"cannot set property `{name}` on {type_name(obj)}")


# --- subscripts ---------------------------------------------------------------------------------


def index(obj: Any, i: Any) -> object:
    """`obj[i]`: nil beyond the ends of a list or string and for a missing key; a fault for a range."""
    kind = type(obj)
    if kind is list or kind is str:
        if type(i) is int:
            try:
                return obj[i]
            except IndexError:
                return None
    elif kind is dict:
        return obj.get(i if type(i) is str else display(i))
    elif kind is Range and type(i) is int:
        length = obj.length()
        place = i + length if i < 0 else i
        if 0 <= place < length:
            return obj.start + place
        raise RuntimeFault(
            f"range index out of range: index {display(i)} for range of length {display(length)}"
        )
    raise TypeFault(f"cannot index into {type_name(obj)} with {type_name(i)}")


def optional_index(obj: Any, i: Any) -> object:
    """`obj?[i]`: nil for nil."""
    return None if obj is None else index(obj, i)


def store_index(obj: Any, i: Any, value: object) -> object:
    """The value that `obj` becomes by `obj[i] = value`."""
    if type(obj) is list:
        place = list_place(obj, i)
        copy = obj.copy()
        copy[place] = value
        return copy
    if type(obj) is dict:
        return {**obj, (i if type(i) is str else display(i)): value}
    raise TypeFault(f"cannot assign by index into {type_name(obj)}")


def list_place(items: list[object], i: Any) -> int:
    """The place that `items[i] = …` replaces: counted from the end when negative, 0 when too
    negative. Raises TypeFault for what is no int, RuntimeFault beyond the end."""
    if type(i) is not int:
        raise TypeFault(f"cannot index into list with {type_name(i)}")
    place = i if i >= 0 else max(i + len(items), 0)
    if place >= len(items):
        raise RuntimeFault(f"Index {display(i)} out of bounds for list of length {len(items)}")
    return place


def slice_(obj: Any, start: Any, end: Any) -> object:
    """`obj[start:end]` of a list or string; nil stands for a missing bound."""
    if start is not None and type(start) is not int:
        raise TypeFault(f"slice start must be an integer, got {type_name(start)}")
    if end is not None and type(end) is not int:
        raise TypeFault(f"slice end must be an integer, got {type_name(end)}")
    if type(obj) is list or type(obj) is str:
        return obj[start:end]
    raise TypeFault(f"cannot slice {type_name(obj)}")


# --- destructuring and spreads ------------------------------------------------------------------


def destructure_list(value: object) -> list[object]:
    """`value`, which a list pattern takes apart."""
    if type(value) is list:
        return value
    raise TypeFault(f"cannot destructure {type_name(value)} with [...] pattern — expected list")


def destructure_dict(value: object) -> dict[str, object]:
    """`value`, which a dict pattern takes apart; struct values are refused."""
    if type(value) is dict:
        return value
    raise TypeFault(f"cannot destructure {type_name(value)} with {{...}} pattern — expected dict")


def spread_list(value: object) -> list[object]:
    """`value` for `[...value]`."""
    return destructure_list(value)


def spread_dict(value: object) -> dict[str, object]:
    """`value` for `{...value}`."""
    return destructure_dict(value)


def spread_arguments(value: object) -> list[object]:
    """`value` for `f(...value)`."""
    return destructure_list(value)
