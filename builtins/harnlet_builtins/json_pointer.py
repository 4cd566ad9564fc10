"""JSON pointer (RFC 6901): read, replace and delete at a place. Rules: docs/builtins.md#json-pointer."""

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display

_MISSING = object()


@builtin("json_pointer(value, pointer)", section="10.2")
def json_pointer(value: object = None, pointer: object = _MISSING) -> object:
    """The value at a place; nil if there is none."""
    found = value
    for step in _steps("json_pointer", 2, pointer):
        inner = _step_into(found, step)
        if inner is _MISSING:
            return None
        found = inner
    return found


@builtin("json_pointer_set(value, pointer, new)", section="10.2")
def json_pointer_set(value: object = None, pointer: object = _MISSING, new: object = _MISSING) -> object:
    """A copy with another value at a place, whose parent must exist; `-` appends to a list."""
    if new is _MISSING:
        raise Thrown("json_pointer_set requires 3 arguments")
    return _changed(value, _steps("json_pointer_set", 3, pointer), new)


@builtin("json_pointer_delete(value, pointer)", section="10.2")
def json_pointer_delete(value: object = None, pointer: object = _MISSING) -> object:
    """A copy without what is at a place."""
    steps = _steps("json_pointer_delete", 2, pointer)
    return _changed(value, steps, _MISSING) if steps else None


def _steps(name: str, arguments: int, pointer: object) -> list[str]:
    if pointer is _MISSING:
        raise Thrown(f"{name} requires {arguments} arguments")
    text = display(pointer)
    if not text:
        return []
    if text[0] != "/":
        raise Thrown(f"{name}: pointer must be empty or start with '/'")
    return [_unescaped(name, step) if "~" in step else step for step in text[1:].split("/")]


def _unescaped(name: str, step: str) -> str:
    at = step.find("~")
    while at >= 0:
        following = step[at + 1 : at + 2]
        if not following:
            raise Thrown(f"{name}: dangling '~' in pointer")
        if following not in "01":
            raise Thrown(f"{name}: invalid escape '~{following}' in pointer")
        at = step.find("~", at + 2)
    return step.replace("~1", "/").replace("~0", "~")


def _index(items: list[object], step: str) -> int | None:
    """The index that a step names, up to one after the last."""
    if not (step.isascii() and step.isdigit()) or (step[0] == "0" and step != "0") or len(step) > 18:
        return None
    index = int(step)
    return index if index <= len(items) else None


def _step_into(value: object, step: str) -> object:
    if type(value) is dict:
        return value.get(step, _MISSING)
    if type(value) is list:
        index = _index(value, step)
        return value[index] if index is not None and index < len(value) else _MISSING
    return _MISSING


def _changed(value: object, steps: list[str], new: object) -> object:
    """`value` with `new` at the place, or without what is there if `new` is `_MISSING`; the same value
    when the place cannot be reached."""
    parents: list[object] = []
    place = value
    for step in steps:
        if place is _MISSING:
            return value
        parents.append(place)
        place = _step_into(place, step)
    made = new
    for parent, step in zip(reversed(parents), reversed(steps), strict=True):
        changed = _with(parent, step, made)
        if changed is _MISSING:
            return value
        made = changed
    return made


def _with(parent: object, step: str, new: object) -> object:
    """A copy of `parent` with another element or without one; `_MISSING` if it cannot be."""
    if type(parent) is dict:
        fields = {**parent}
        if new is not _MISSING:
            fields[step] = new
        elif fields.pop(step, _MISSING) is _MISSING:
            return _MISSING
        return fields
    if type(parent) is not list:
        return _MISSING
    items = [*parent]
    index = len(items) if step == "-" else _index(items, step)
    if index is None or (new is _MISSING and index == len(items)):
        return _MISSING
    items[index : index + 1] = [] if new is _MISSING else [new]
    return items
