"""Methods of strings, by code point. Rules: docs/builtins.md#string-methods."""

from typing import Any

from harnlet.runtime import caps
from harnlet.runtime.display import display
from harnlet.runtime.iterators import make_iter
from harnlet.runtime.methods import method
from harnlet.runtime.operators import repeat

WHITESPACE = "".join(map(chr, (*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B)))) + (
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode's White_Space. Python's `strip` would also take the four separators from U+001C on."""


@method(str, "count()", "len()")
def text_count(s: str) -> object:
    """How many code points."""
    return len(s)


@method(str, "empty()")
def text_empty(s: str) -> object:
    """Whether there is no character."""
    return not s


@method(str, "contains(x)")
def text_contains(s: str, x: object = "") -> object:
    """Whether `x` occurs."""
    return display(x) in s


@method(str, "starts_with(x)")
def text_starts_with(s: str, x: object = "") -> object:
    """Whether it begins with `x`."""
    return s.startswith(display(x))


@method(str, "ends_with(x)")
def text_ends_with(s: str, x: object = "") -> object:
    """Whether it ends with `x`."""
    return s.endswith(display(x))


_MISSING = object()


@method(str, "replace(old, new)")
def text_replace(s: str, old: object = "", new: object = _MISSING) -> object:
    """A string with `new` for every `old`; nil with fewer than two arguments."""
    return None if new is _MISSING else replace_all(s, display(old), display(new))


def replace_all(s: str, old: str, new: str) -> str:
    """`s` with `new` for every `old`. Raises RuntimeFault above the text cap."""
    if len(new) > len(old):
        caps.check_text(len(s) + s.count(old) * (len(new) - len(old)))
    return s.replace(old, new)


@method(str, 'split(sep = ",")')
def text_split(s: str, sep: object = ",") -> list[object]:
    """The parts between occurrences of `sep`."""
    return split_at(s, display(sep))


def split_at(s: str, sep: str) -> list[object]:
    """The parts of `s`; an empty `sep` is between all characters, at both ends too."""
    if len(s) > caps.most_items():
        caps.check_items(s.count(sep))
    parts: list[Any] = s.split(sep) if sep else ["", *s, ""]
    return parts


@method(str, "trim()")
def text_trim(s: str) -> object:
    """Without white space at both ends."""
    return s.strip(WHITESPACE)


@method(str, "trim_start()")
def text_trim_start(s: str) -> object:
    """Without white space at the start."""
    return s.lstrip(WHITESPACE)


@method(str, "trim_end()")
def text_trim_end(s: str) -> object:
    """Without white space at the end."""
    return s.rstrip(WHITESPACE)


@method(str, "lowercase()", "lower()", "to_lower()")
def text_lowercase(s: str) -> object:
    """In lower case."""
    return s.lower()


@method(str, "uppercase()", "upper()", "to_upper()")
def text_uppercase(s: str) -> object:
    """In upper case."""
    return s.upper()


@method(str, "substring(start, end?)")
def text_substring(s: str, start: object = None, end: object = None) -> object:
    """The characters from `start` up to `end`, not included; a negative `end` is the end of the string."""
    first = max(start, 0) if type(start) is int else 0
    return s[first : end if type(end) is int and end >= 0 else None]


@method(str, "index_of(x)")
def text_index_of(s: str, x: object = "") -> object:
    """Where `x` first occurs, else -1."""
    return s.find(display(x))


@method(str, "last_index_of(x)")
def text_last_index_of(s: str, x: object = "") -> object:
    """Where `x` last occurs, else -1."""
    return s.rfind(display(x))


@method(str, "chars()")
def text_chars(s: str) -> list[object]:
    """A list of the characters."""
    caps.check_items(len(s))
    return [*s]


@method(str, "char_at(i)")
def text_char_at(s: str, i: object = None) -> object:
    """The character at `i`; nil when negative or beyond the end."""
    return s[i] if type(i) is int and 0 <= i < len(s) else None


@method(str, "repeat(n = 1)")
def text_repeat(s: str, n: object = 1) -> object:
    """The string `n` times over."""
    return repeat(s, n if type(n) is int else 1)


@method(str, "reverse()")
def text_reverse(s: str) -> object:
    """The characters from the last to the first."""
    return s[::-1]


@method(str, 'pad_left(width, ch = " ")')
def text_pad_left(s: str, width: object = None, ch: object = " ") -> object:
    """With as many `ch` before it as make it `width` characters long."""
    return _padding(s, width, ch) + s


@method(str, 'pad_right(width, ch = " ")')
def text_pad_right(s: str, width: object = None, ch: object = " ") -> object:
    """With as many `ch` after it as make it `width` characters long."""
    return s + _padding(s, width, ch)


def _padding(s: str, width: object, ch: object) -> str:
    missing = (width if type(width) is int else 0) - len(s)
    return repeat(display(ch)[:1] or " ", missing)


@method(str, "lines()")
def text_lines(s: str) -> list[object]:
    """The lines, without their ends; a final newline begins no further line."""
    return [*split_lines(s)]


def split_lines(s: str) -> list[str]:
    """The lines of `s`, which end with LF or CR LF."""
    if len(s) > caps.most_items():
        caps.check_items(s.count("\n"))
    lines = s.split("\n")
    last = lines.pop()
    lines = [line.removesuffix("\r") for line in lines]
    return [*lines, last] if last else lines


@method(str, "iter()")
def text_iter(s: str) -> object:
    """An iterator over the characters."""
    return make_iter(s)
