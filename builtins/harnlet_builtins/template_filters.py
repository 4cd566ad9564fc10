"""The filters of templates: `{{ name | upper }}`, `{{ xs | join: ", " }}`.

Rule: docs/builtins.md#templates.
"""

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from harnlet.runtime import caps
from harnlet.runtime.values import Range, Set, type_name
from harnlet_builtins.template_values import ExpressionError, is_true, text_of

_MARKDOWN: Final = re.compile(r"[\\`*_{}\[\]()#+\-.!<>|]")


class Filter(NamedTuple):
    """A function of the value and the arguments, and how many arguments it takes."""

    run: Callable[..., object]
    least: int
    most: int


def _items(value: object) -> list[object] | None:
    if type(value) is list:
        return value
    return [*value.entries.values()] if type(value) is Set else None


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:].lower()


def _title(value: object) -> str:
    return re.sub(r"\S+", lambda word: _capitalize(word[0]), text_of(value))


def _length(value: object) -> int:
    if value is None:
        return 0
    if type(value) is str or type(value) is list or type(value) is dict:
        return len(value)
    if type(value) is Set:
        return len(value.entries)
    if type(value) is Range:
        return value.length()
    raise ExpressionError(f"`length` not defined for {type_name(value)}")


def _first(value: object) -> object:
    items = value if type(value) is str else _items(value)
    return items[0] if items else None


def _last(value: object) -> object:
    items = value if type(value) is str else _items(value)
    return items[-1] if items else None


def _reverse(value: object) -> object:
    return value[::-1] if type(value) is str or type(value) is list else value


def _join(value: object, separator: object) -> str:
    if type(value) is str:
        return value
    items = _items(value)
    if items is None:
        raise ExpressionError(f"`join` requires a list (got {type_name(value)})")
    between = text_of(separator)
    texts = [text_of(item) for item in items]
    caps.check_text(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _default(value: object, otherwise: object) -> object:
    return value if is_true(value) else otherwise


def _json(value: object, pretty: object = None) -> str:
    # Most templates have no JSON in them.
    from harnlet_builtins.json_indented import indented
    from harnlet_builtins.json_writer import stringify

    text = stringify(value, _json_float)
    return indented(text) if is_true(pretty) else text


def _json_float(number: float) -> str:
    """A float as JSON libraries write it: `1.0`, unlike `json_stringify`."""
    if number - number != 0:
        return "null"
    text = repr(number)
    digits, sign, exponent = text.partition("e")
    return f"{digits}e{int(exponent)}" if sign else text


def _indent(value: object, width: object, first: object = None) -> str:
    if type(width) is not int:
        raise ExpressionError("`indent` requires an integer width")
    text = text_of(value)
    lines = text.split("\n")
    caps.check_text(len(text) + len(lines) * max(width, 0))
    pad = " " * width
    padded = [pad + line if line else line for line in lines]
    if not is_true(first):
        padded[0] = lines[0]
    return "\n".join(padded)


def _replace(value: object, old: object, new: object) -> str:
    text, before, after = text_of(value), text_of(old), text_of(new)
    times = text.count(before)
    caps.check_text(len(text) + times * (len(after) - len(before)))
    return text.replace(before, after)


def _escape_markdown(value: object) -> str:
    text = _MARKDOWN.sub(r"\\\g<0>", text_of(value))
    caps.check_text(len(text))
    return text


def _of_text(change: Callable[[str], Any]) -> Callable[[object], object]:
    return lambda value: change(text_of(value))


FILTERS: Final = {
    "upper": Filter(_of_text(str.upper), 0, 0),
    "lower": Filter(_of_text(str.lower), 0, 0),
    "trim": Filter(_of_text(str.strip), 0, 0),
    "capitalize": Filter(_of_text(_capitalize), 0, 0),
    "title": Filter(_title, 0, 0),
    "length": Filter(_length, 0, 0),
    "first": Filter(_first, 0, 0),
    "last": Filter(_last, 0, 0),
    "reverse": Filter(_reverse, 0, 0),
    "join": Filter(_join, 1, 1),
    "default": Filter(_default, 1, 1),
    "json": Filter(_json, 0, 1),
    "indent": Filter(_indent, 1, 2),
    "lines": Filter(_of_text(lambda text: text.split("\n")), 0, 0),
    "escape_md": Filter(_escape_markdown, 0, 0),
    "replace": Filter(_replace, 2, 2),
}
