"""Updating a variable's value: in place when nobody else holds it, else on a copy.

Generated code writes `xs = put_index(xs, i, v)`. CPython counts references exactly, so a list that only
the variable holds may be changed; everybody else's stays as it was. That makes building a list of n
elements in a loop O(n) although lists are values (docs/architecture.md#values).
"""

from sys import getrefcount
from typing import Any

from harnlet.errors.faults import TypeFault
from harnlet.runtime.access import get_member, index, list_place, store_index, store_member
from harnlet.runtime.calls import call_method
from harnlet.runtime.caps import check_items
from harnlet.runtime.display import display
from harnlet.runtime.operators import add
from harnlet.runtime.values import StructType, StructValue, type_name


def _count_in_callee(value: Any) -> int:
    return getrefcount(value)


def _count_sole_holder() -> int:
    """What `getrefcount` says inside a function about an argument that one local variable of the
    caller holds: measured, since it differs between versions of CPython."""
    value: list[object] = []
    return _count_in_callee(value)


def _count_held_by_parent() -> int:
    """The same for something that a collection holds and one local variable."""
    parent: list[object] = [[]]
    child = parent[0]
    return getrefcount(child)


def _count_own_variable() -> int:
    """What `getrefcount` says in a function about what one of its variables holds alone."""
    value: list[object] = []
    return getrefcount(value)


def _count_of_own(given: Any) -> int:
    own = given
    return getrefcount(own)


def _count_caller_holds_it_too() -> int:
    """The same for what a variable of the function and one of its caller hold."""
    value: list[object] = []
    return _count_of_own(value)


def _trusted(count: int) -> int:
    """The count that tells a sole holder, or one that no value has. From 3.14 on CPython lends references
    where it can: should that go for what a call is given, the counts of one holder and of two were the same,
    and values must be copied then."""
    return count if _count_caller_holds_it_too() > _count_own_variable() else -1


SOLE = _trusted(_count_own_variable())
SOLE_ARGUMENT = _trusted(_count_sole_holder())
HELD_BY_PARENT = _count_held_by_parent()


def put_index(value: Any, key: Any, item: Any) -> Any:
    """The value of a variable after `variable[key] = item`."""
    if getrefcount(value) <= SOLE_ARGUMENT:
        if type(value) is list:
            if type(key) is int and 0 <= key < len(value):
                value[key] = item
            else:
                value[list_place(value, key)] = item
            return value
        if type(value) is dict:
            value[key if type(key) is str else display(key)] = item
            return value
    return store_index(value, key, item)


def put_member(value: Any, name: str, item: Any) -> Any:
    """The value of a variable after `variable.name = item`."""
    if getrefcount(value) <= SOLE_ARGUMENT:
        if type(value) is dict:
            value[name] = item
            return value
        if isinstance(value, StructValue):
            value.put(name, item)
            return value
    return store_member(value, name, item)


def struct_copy(value: Any, name: str) -> Any:
    """A copy of what a variable holds, before `variable.name = item` for a field that its struct declares."""
    if not isinstance(value, StructValue):
        raise TypeFault(f"cannot set property `{name}` on {type_name(value)}")
    return value.copy()


def push_place(value: Any, item: Any) -> Any:
    """The value of a variable after `variable = variable.push(item)`."""
    if type(value) is list and getrefcount(value) <= SOLE_ARGUMENT:
        value.append(item)
        return value
    return call_method(value, "push", item)


def extend_place(value: Any, items: Any) -> Any:
    """The value of a variable after `variable = variable + items`."""
    if type(value) is type(items) and getrefcount(value) <= SOLE_ARGUMENT:
        if type(value) is list:
            check_items(len(value) + len(items))
            value.extend(items)
            return value
        if type(value) is dict:
            value.update(items)
            return value
    return add(value, items)


def spread_place(value: Any, more: Any) -> Any:
    """The value of a variable after `variable = [...variable, ...more]`, or the same with dicts."""
    if getrefcount(value) > SOLE_ARGUMENT:
        return {**value, **more} if type(value) is dict else [*value, *more]
    if type(value) is dict:
        value.update(more)
    else:
        value.extend(more)
    return value


def merge_place(value: dict[str, Any], other: Any) -> dict[str, Any]:
    """The value of a variable after `variable = variable.merge(other)`."""
    if type(other) is not dict:
        return value
    if getrefcount(value) > SOLE_ARGUMENT:
        return {**value, **other}
    value.update(other)
    return value


def put_path(value: Any, shape: str, keys: tuple[Any, ...], item: Any) -> Any:
    """The value of a variable after an assignment to a part of a part of it, `v.a[i].b = item`.

    `shape` has an `m` for each member and an `i` for each subscript in `keys`. What only its parent
    holds, and whose parent only the variable holds, is changed in place.
    """
    if getrefcount(value) > SOLE_ARGUMENT:
        return _put_copy(value, shape, keys, 0, item)
    parent = value
    last = len(keys) - 1
    for number in range(last):
        child = get_member(parent, keys[number]) if shape[number] == "m" else index(parent, keys[number])
        if getrefcount(child) > HELD_BY_PARENT:
            changed = _put_copy(child, shape, keys, number + 1, item)
            _store_in(parent, shape[number], keys[number], changed)
            return value
        parent = child
    _store_in(parent, shape[last], keys[last], item)
    return value


def _put_copy(value: Any, shape: str, keys: tuple[Any, ...], number: int, item: Any) -> Any:
    step, key = shape[number], keys[number]
    if number == len(keys) - 1:
        return store_member(value, key, item) if step == "m" else store_index(value, key, item)
    child = get_member(value, key) if step == "m" else index(value, key)
    changed = _put_copy(child, shape, keys, number + 1, item)
    return store_member(value, key, changed) if step == "m" else store_index(value, key, changed)


def _store_in(parent: Any, step: str, key: Any, item: Any) -> None:
    """Change a part of a value that nobody else holds."""
    if type(parent) is list and step == "i":
        parent[list_place(parent, key)] = item
    elif type(parent) is dict:
        parent[key if type(key) is str else display(key)] = item
    elif isinstance(parent, StructValue) and step == "m":
        parent.put(key, item)
    else:
        # Not something that takes it: the copying store knows the error.
        store_member(parent, key, item) if step == "m" else store_index(parent, key, item)


def dict_rest(source: dict[str, Any], taken: tuple[str, ...]) -> dict[str, Any]:
    """What `...rest` of a dict pattern gets: the entries whose keys were not named."""
    return {key: item for key, item in source.items() if key not in taken}


def list_rest(source: list[Any], count: int) -> list[Any]:
    """What `...rest` of a list pattern gets."""
    return source[count:]


def new_struct(struct: Any, fields: dict[str, Any]) -> Any:
    """The value of a struct literal."""
    if type(struct) is not StructType:
        raise TypeFault(f"Cannot call {display(struct)}")
    return struct.made_of(fields)
