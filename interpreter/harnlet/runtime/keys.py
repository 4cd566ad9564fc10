"""Structural keys: the type-tagged identity that sets, `unique`, `dedup_by` and `hash_value` use.

Unlike `==`, the key of `1` differs from the key of `1.0`. Rule: docs/builtins.md#structural-hash-key.
"""

from collections.abc import Callable, Hashable, Iterable
from struct import pack

from harnlet.runtime.breath import breath_of_text, unhurried
from harnlet.runtime.display import display, display_int
from harnlet.runtime.values import Duration, EnumValue, Pair, Set, StructValue, type_name

_TRUE = (True,)
_FALSE = (False,)


def structural_key(value: object) -> Hashable:
    """A fast key: equal for two values exactly when their key texts are equal.

    nil, int and string stand for themselves and float for its eight bytes; everything else is a tuple
    of one. Tuples are never nested: hashing nested ones recurses in C without a guard.
    """
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if kind is float:
        return pack(">d", value)
    if kind is bool:
        return _TRUE if value else _FALSE
    return (key_text(value),)


def make_set(items: Iterable[object]) -> Set:
    """The set of `items`: of those with one key the first stays."""
    given = [*items]
    if set(map(type, given)) <= _OWN_KEYS:
        return Set(dict(zip(given, given, strict=True)))
    entries: dict[Hashable, object] = {}
    for item in unhurried(given):
        key = structural_key(item)
        if key not in entries:
            entries[key] = item
    return Set(entries)


_OWN_KEYS = frozenset({int, str, type(None)})


def key_text(value: object) -> str:
    """The structural key as text. Raises RuntimeFault when it would be above the text cap."""
    return _text(value, _structural_leaf)


def equality_key(value: object) -> str:
    """A text that is the same for any two values that `==` calls equal.

    The reverse holds but for what never equals itself (closures, NaN): compare those again.
    """
    return _text(value, _equality_leaf)


class _Mark:
    """Text of a key that stands on the stack between values."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


_COMMA = _Mark(",")
_LIST_END = _Mark("]")
_GROUP_END = _Mark("}")


def _text(value: object, leaf: Callable[[object, list[object]], str]) -> str:
    texts: list[str] = []
    length = 0
    breath = breath_of_text(0)
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        if type(item) is _Mark:
            text = item.text
        elif type(item) is list:
            text = "L"
            _push_list(stack, item)
        elif type(item) is dict:
            text = "D"
            _push_fields(stack, item)
        else:
            text = leaf(item, stack)
        texts.append(text)
        length += len(text)
        if length > breath:
            breath = breath_of_text(length)
    return "".join(texts)


def _push_list(stack: list[object], items: list[object]) -> None:
    stack.append(_LIST_END)
    for each in reversed(items):
        stack.append(_COMMA)
        stack.append(each)


def _push_fields(stack: list[object], fields: dict[str, object]) -> None:
    stack.append(_GROUP_END)
    for name in sorted(fields, reverse=True):
        stack.append(_COMMA)
        stack.append(fields[name])
        stack.append(_Mark(f"{_size(name)}:{name}="))


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _structural_leaf(value: object, stack: list[object]) -> str:
    if value is None:
        return "N"
    if type(value) is bool:
        return "T" if value else "F"
    if type(value) is int:
        return f"i{display_int(value)};"
    if type(value) is float:
        return f"f{int.from_bytes(pack('>d', value), 'big')};"
    if type(value) is str:
        return f"s{_size(value)}:{value}"
    if type(value) is bytes:
        return f"b{value.hex()};"
    if type(value) is Duration:
        return f"d{display_int(value.milliseconds)};"
    if type(value) is Set:
        return f"S{''.join([key + ',' for key in sorted(_element_keys(value))])}}}"
    name = type_name(value)
    text = display(value)
    return f"o{len(name)}:{name}{_size(text)}:{text}"


def _element_keys(value: Set) -> list[str]:
    """The key texts of a set's elements. Those of collections are at hand, so that sets in sets in
    sets need no recursion."""
    return [
        key[0] if type(key) is tuple and type(key[0]) is str else _structural_leaf(element, [])
        for key, element in value.entries.items()
    ]


def _equality_leaf(value: object, stack: list[object]) -> str:
    if type(value) is float and value.is_integer():
        return f"i{display_int(int(value))};"
    if type(value) is Pair:
        _push_list(stack, [value.first, value.second])
        return "P"
    if type(value) is EnumValue:
        _push_list(stack, value.fields)
        return f"E{len(value.enum)}:{value.enum}{len(value.variant)}:{value.variant}"
    if isinstance(value, StructValue):
        _push_fields(stack, value.fields)
        return f"C{len(value.type.name)}:{value.type.name}"
    if type(value) is Set:
        # Recursion, one Python call for each set in a set: only needed where ints meet floats.
        return f"S{''.join([key + ',' for key in sorted(map(equality_key, value.entries.values()))])}}}"
    return _structural_leaf(value, stack)
