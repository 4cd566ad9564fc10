"""JSON text to script values: Python's reader, made as strict as JSON is.

Rule: docs/builtins.md#data-formats.
"""

import re
from functools import cache
from typing import Any

from harnlet_builtins.json_problems import json_problem

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_UNUSUAL_NUMBER = re.compile(r"[0-9]{19}|[eE]\+?[0-9]{3}|-0(?![0-9.eE])")
"""What a text has in it when an int may need more than 64 bits or be a negative zero (which only a float
can), or a float may be infinite. Without it numbers are read by C alone, which is four times as fast."""
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class JsonError(ValueError):
    """A text that is no JSON; the message says what is wrong and where."""


def parse(text: str) -> object:
    """The value of a JSON text. Raises JsonError.

    An int that does not fit 64 bits becomes a float, as in most other programs' JSON; of equal keys
    the last one counts.
    """
    try:
        value: object = _decoder(_UNUSUAL_NUMBER.search(text) is not None).decode(text)
    except RecursionError:
        raise JsonError("recursion limit exceeded") from None
    except ValueError as error:
        raise JsonError(json_problem(text) or str(error)) from None
    if _SURROGATE.search(text):
        problem = json_problem(text)
        if problem is not None:
            raise JsonError(problem)
    return value


@cache
def _decoder(careful: bool) -> Any:
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
