"""The one text form of a value: what `println`, interpolation, `to_string` and dict keys use.

Works for values nested to any depth (an explicit stack instead of recursion) and refuses texts above
the cap. Rules: docs/language.md#types-type-names-display, docs/language.md#float-display.
"""

from collections.abc import Callable
from types import FunctionType

from harnlet.runtime import caps
from harnlet.runtime.breath import TEXT_OF_A_BREATH, breath_of_text, breathe
from harnlet.runtime.values import (
    Duration,
    EnumValue,
    Handle,
    Pair,
    Range,
    Set,
    StructValue,
    type_name,
)

__all__ = ["display", "type_name"]

_BYTES_SHOWN = 32
_NO_FRACTION_FROM = 1e15
_RECURSIVE_LEVELS = 30
_DIGITS_AT_ONCE = 600
"""`sys.set_int_max_str_digits` cannot be set lower than 640, so this many always convert."""


def display(value: object) -> str:
    """The display text of `value`. Raises RuntimeFault when it would be above the text cap."""
    if type(value) is str:
        return value
    if type(value) is int:
        return display_int(value)
    scalar = _SCALARS.get(type(value))
    return _shallow(value, 0) if scalar is None else scalar(value)


def display_all(items: list[object]) -> list[str]:
    """The display text of each of `items`."""
    try:
        return [_FAST[type(item)](item) for item in items]
    except (KeyError, ValueError):
        return [display(item) for item in items]


def display_float(number: float) -> str:
    """Shortest digits that round-trip, never with an exponent."""
    text = repr(number)
    if "e" in text:
        return _positional(text)
    if -_NO_FRACTION_FROM < number < _NO_FRACTION_FROM:
        return text
    if number != number:
        return "NaN"
    return text.removesuffix(".0")


def _positional(text: str) -> str:
    """`text` (a float's repr) without its exponent."""
    mantissa, exponent = text.split("e")
    sign = "-" if mantissa[0] == "-" else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = whole + fraction
    point = len(whole) + int(exponent)
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def display_int(number: int) -> str:
    """Decimal digits, of an int of any size and whatever limit the host set for conversions."""
    try:
        return str(number)
    except ValueError:
        return "-" + _long_digits(-number) if number < 0 else _long_digits(number)


def _long_digits(number: int) -> str:
    powers: list[tuple[int, int]] = []
    width = _DIGITS_AT_ONCE
    power = 10**width
    while power <= number:
        powers.append((width, power))
        width *= 2
        power *= power
    parts = [number]
    for _, power in reversed(powers):
        parts = [half for part in parts for half in divmod(part, power)]
    return "".join([str(part).zfill(_DIGITS_AT_ONCE) for part in parts]).lstrip("0")


def _display_bool(value: bool) -> str:
    return "true" if value else "false"


def _display_nil(value: None) -> str:
    return "nil"


def _display_bytes(value: bytes) -> str:
    more = len(value) - _BYTES_SHOWN
    return f'b"{value[:_BYTES_SHOWN].hex()}{f"...+{more}" if more > 0 else ""}"'


def display_duration(value: Duration) -> str:
    """The largest unit among hours, minutes and seconds that divides it exactly, else ms."""
    milliseconds = value.milliseconds
    if milliseconds:
        for unit, factor in (("h", 3_600_000), ("m", 60_000), ("s", 1_000)):
            if milliseconds % factor == 0:
                return display_int(milliseconds // factor) + unit
    return display_int(milliseconds) + "ms"


def _display_range(value: Range) -> str:
    text = f"{display_int(value.start)} to {display_int(value.end)}"
    return text + " exclusive" if value.exclusive else text


def display_closure(value: FunctionType) -> str:
    """`<fn(a, b)>`, from the signature that the compiler leaves as the function's docstring."""
    signature = value.__doc__ or "()"
    return f"<fn{signature[signature.index('(') :]}>"


_SCALARS: dict[type, Callable[..., str]] = {
    str: str,
    int: display_int,
    float: display_float,
    bool: _display_bool,
    type(None): _display_nil,
    bytes: _display_bytes,
    Duration: display_duration,
    Range: _display_range,
    FunctionType: display_closure,
}


_FAST: dict[type, Callable[..., str]] = {**_SCALARS, int: str}
"""The same with a shortcut that raises ValueError for ints that are too long for it."""


def _shallow(value: object, level: int) -> str:
    """The text of a collection by recursion, which is three times as fast as the stack of `_nested`, but
    for what is rare or deep. Each text is checked, so that the work stays in proportion to the cap."""
    if level > _RECURSIVE_LEVELS:
        return _nested(value)
    if type(value) is list:
        try:
            parts = [_FAST[type(item)](item) for item in value]
        except (KeyError, ValueError):
            parts = [_part(item, level) for item in value]
        text = f"[{', '.join(parts)}]"
    elif type(value) is dict:
        parts = [f"{key}: {_part(value[key], level)}" for key in sorted(value)]
        text = f"{{{', '.join(parts)}}}"
    else:
        return _nested(value)
    if len(text) > TEXT_OF_A_BREATH:
        breathe()
    caps.check_text(len(text))
    return text


def _part(item: object, level: int) -> str:
    scalar = _SCALARS.get(type(item))
    return _shallow(item, level + 1) if scalar is None else scalar(item)


def _nested(value: object) -> str:
    """The text of a collection. On the stack, punctuation is a string like any other value."""
    texts: list[str] = []
    length = 0
    breath = breath_of_text(0)
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        scalar = _SCALARS.get(type(item))
        if scalar is not None:
            text = scalar(item)
        elif isinstance(item, Handle):
            text = item.display()
        else:
            opening, labels, items, closing = _parts(item)
            try:
                leaves = [_SCALARS[type(each)](each) for each in items]
            except KeyError:
                stack.append(closing)
                _push(stack, labels, items)
                text = opening
            else:
                if labels is not None:
                    leaves = [label + leaf for label, leaf in zip(labels, leaves, strict=True)]
                text = f"{opening}{', '.join(leaves)}{closing}"
        texts.append(text)
        length += len(text)
        if length > breath:
            breath = breath_of_text(length)
    return "".join(texts)


def _push(stack: list[object], labels: list[str] | None, items: list[object]) -> None:
    for place in range(len(items) - 1, -1, -1):
        stack.append(items[place])
        if labels is not None:
            stack.append(labels[place])
        if place:
            stack.append(", ")


def _parts(value: object) -> tuple[str, list[str] | None, list[object], str]:
    """Opening text, label of each element (or None), elements, closing text of a collection."""
    if type(value) is list:
        return "[", None, value, "]"
    if type(value) is dict:
        return _fields("", value)
    if type(value) is EnumValue:
        name = f"{value.enum}.{value.variant}"
        return (f"{name}(", None, value.fields, ")") if value.fields else (name, None, [], "")
    if isinstance(value, StructValue):
        return _fields(value.type.name + " ", value.fields)
    if type(value) is Pair:
        return "(", None, [value.first, value.second], ")"
    if type(value) is Set:
        return "set(", None, list(value.entries.values()), ")"
    raise TypeError(f"cannot display {type_name(value)}")


def _fields(before: str, fields: dict[str, object]) -> tuple[str, list[str], list[object], str]:
    names = sorted(fields)
    return before + "{", [name + ": " for name in names], [fields[name] for name in names], "}"
