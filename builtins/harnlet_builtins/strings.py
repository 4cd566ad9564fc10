"""Strings. The first argument is taken by its display. Rules: docs/builtins.md#strings."""

import re
import unicodedata
from typing import Literal

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime import caps
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.equality import position_of
from harnlet.runtime.methods_list import join_displays
from harnlet.runtime.methods_text import WHITESPACE, replace_all, split_at
from harnlet.runtime.operators import repeat
from harnlet_builtins.graphemes import graphemes


@builtin("trim(text)", section="8.1")
def trim(text: object = "") -> str:
    """Without white space at both ends."""
    return display(text).strip(WHITESPACE)


@builtin("lowercase(text)", section="8.1")
def lowercase(text: object = "") -> str:
    """In lower case."""
    return display(text).lower()


@builtin("uppercase(text)", section="8.1")
def uppercase(text: object = "") -> str:
    """In upper case."""
    return display(text).upper()


@builtin('split(text, separator = " ")', section="8.1")
def split(text: object = "", separator: object = " ") -> list[object]:
    """The parts between separators; an empty one is between all characters, and at both ends."""
    return split_at(display(text), display(separator))


@builtin('join(list, separator = "")', section="8.1")
def join(items: object = None, separator: object = "") -> str:
    """The displays of the elements with the separator between them."""
    return join_displays(items, separator) if type(items) is list else ""


@builtin("starts_with(text, start)", section="8.1")
def starts_with(text: object = "", start: object = "") -> bool:
    """Whether the text begins so."""
    return display(text).startswith(display(start))


@builtin("ends_with(text, end)", section="8.1")
def ends_with(text: object = "", end: object = "") -> bool:
    """Whether the text ends so."""
    return display(text).endswith(display(end))


@builtin("contains(container, value)", section="8.1")
def contains(container: object = None, value: object = "") -> bool:
    """Whether a string contains a text, or a list an element that equals the value."""
    if type(container) is str:
        return display(value) in container
    return type(container) is list and position_of(container, value) >= 0


@builtin("replace(text, old, new)", section="8.1")
def replace(text: object = "", old: object = "", new: object = "") -> str:
    """The text with `new` for every `old`."""
    return replace_all(display(text), display(old), display(new))


@builtin("substring(text, start, length?)", section="8.1")
def substring(text: object = "", start: object = None, length: object = None) -> str:
    """`length` characters from `start` on (the method takes an end instead)."""
    whole = display(text)
    first = max(start, 0) if type(start) is int else 0
    return whole[first : first + max(length, 0) if type(length) is int else None]


_PLACE = re.compile(r"\{([^{}]*)\}")


@builtin("format(template, ...values)", section="8.1")
def format_(template: object = "", *values: object) -> str:
    """Fills `{name}` from a dict, or `{}` one by one; what has no value stays."""
    text = display(template)
    length = len(text)
    rest = iter(values)
    named = values[0] if values and type(values[0]) is dict else None

    def fill(place: re.Match[str]) -> str:
        nonlocal length
        name: str = place[1]
        if named is not None:
            filled = display(named[name]) if name in named else place[0]
        else:
            filled = place[0] if name else next((display(value) for value in rest), place[0])
        length += len(filled)
        caps.check_text(length)
        return filled

    return _PLACE.sub(fill, text)


_Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
_FORMS: dict[str, _Form] = {"NFC": "NFC", "NFD": "NFD", "NFKC": "NFKC", "NFKD": "NFKD"}


@builtin('unicode_normalize(text, form = "NFC")', section="8.1")
def unicode_normalize(text: object = "", form: object = "NFC") -> str:
    """The text in a Unicode normal form: NFC, NFD, NFKC or NFKD."""
    chosen = _FORMS.get(display(form).upper())
    if chosen is None:
        raise RuntimeFault("unicode_normalize: form must be NFC, NFD, NFKC, or NFKD")
    return unicodedata.normalize(chosen, display(text))


@builtin("unicode_graphemes(text)", section="8.1")
def unicode_graphemes(text: object = "") -> list[object]:
    """What people see as single characters (extended grapheme clusters)."""
    whole = display(text)
    caps.check_items(len(whole))
    return [*graphemes(whole)]


@builtin('str_pad(text, width, fill = " ", side = "right")', section="8.1")
def str_pad(text: object = "", width: object = None, fill: object = " ", side: object = "right") -> str:
    """The text, padded to so many grapheme clusters: at the left, the right, or both sides."""
    where = display(side)
    if where not in ("left", "right", "both"):
        raise RuntimeFault("str_pad: side must be left, right, or both")
    whole = display(text)
    filler = next(iter(graphemes(display(fill))), " ")
    missing = max((width if type(width) is int else 0) - len(graphemes(whole)), 0)
    before = missing if where == "left" else missing // 2 if where == "both" else 0
    return repeat(filler, before) + whole + repeat(filler, missing - before)
