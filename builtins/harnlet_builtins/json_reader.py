"""JSON text to script values: Python's reader, made as strict as JSON is.

Rule: docs/builtins.md#data-formats.
"""

import re
from functools import cache
from typing import Any

from harnlet.runtime.breath import breathing
from harnlet_builtins.json_problems import json_problem

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_SHAPES = bytes.maketrans(b"123456789E", b"000000000e")
_MINUS_ZERO = re.compile(r"-0(?![0-9.eE])")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile(r"\\(?:\\|u[dD][89abAB]..\\u[dD][c-fC-F]|(u[dD][89a-fA-F]))")
"""Escaped backslashes, pairs of surrogates, and a surrogate that is in no pair."""

AT_ONCE = 1_000_000
"""A text of more characters than this is read in pieces; so many take some 15 ms."""


class JsonError(ValueError):
    """A text that is no JSON; the message says what is wrong and where."""


def parse(text: str) -> object:
    """The value of a JSON text. Raises JsonError.

    An int that does not fit 64 bits becomes a float, as in most other programs' JSON; of equal keys
    the last one counts.
    """
    try:
        if len(text) <= AT_ONCE:
            value: object = decoder_for(text).decode(text)
        else:
            from harnlet_builtins.json_large import parse_in_pieces

            value = parse_in_pieces(text)
    except RecursionError:
        raise JsonError("recursion limit exceeded") from None
    except ValueError as error:
        raise JsonError(json_problem(text) or str(error)) from None
    if _SURROGATE.search(text) and any(match[1] for match in breathing(_LONE_SURROGATE.finditer(text))):
        raise JsonError(json_problem(text) or "lone surrogate")
    return value


def decoder_for(text: str) -> Any:
    """Python's decoder for a text."""
    return decoder(_has_unusual_number(text))


def _has_unusual_number(text: str) -> bool:
    """Whether an int may need more than 64 bits or be a negative zero (which only a float can), or a float
    may be infinite. Without that numbers are read by C alone, which is four times as fast.

    Looking for it takes a seventh of the time of reading; one regular expression took twice that time.
    """
    shapes = text.encode("utf-8", "surrogatepass").translate(_SHAPES, b"+")
    return b"0" * 19 in shapes or b"e000" in shapes or _MINUS_ZERO.search(text) is not None


@cache
def decoder(careful: bool) -> Any:
    """Python's decoder: one that looks at each number, or one for texts without unusual ones."""
    from json import JSONDecoder

    if careful:
        return JSONDecoder(parse_int=_int, parse_float=_float, parse_constant=_refuse)
    return JSONDecoder(parse_constant=_refuse)


def _int(digits: str) -> int | float:
    if len(digits) <= 20 and digits != "-0":
        number = int(digits)
        if _LOWEST <= number <= _HIGHEST:
            return number
    return _float(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise JsonError("number out of range")
    return number


def _refuse(name: str) -> object:
    raise JsonError(f"{name} is no JSON")
