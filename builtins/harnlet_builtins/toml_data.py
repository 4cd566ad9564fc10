"""TOML: `toml_parse`, `toml_stringify`. Rules: docs/builtins.md#data-formats."""

import re
from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+"""
_LONG_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*+(?:{_PART}){{200}}", re.MULTILINE)
"""Python's reader takes time with the square of the parts of a key."""


@builtin("toml_parse(text)", section="10.1")
def toml_parse(text: object = "") -> object:
    """The dict of a TOML document; dates and times are strings. Ints are of 64 bits, others are
    refused."""
    import tomllib

    document = display(text)
    if _LONG_KEY.search(document):
        raise Thrown("TOML parse error: recursion limit exceeded")
    try:
        return _value(tomllib.loads(document))
    except RecursionError:
        raise Thrown("TOML parse error: recursion limit exceeded") from None
    except tomllib.TOMLDecodeError as error:
        raise Thrown(f"TOML parse error: {error}") from None
    except ValueError:
        # Ours, or Python's own about an int with thousands of digits.
        raise Thrown("TOML parse error: number does not fit 64 bits") from None


def _value(value: Any) -> object:
    if type(value) is dict:
        return {name: _value(inner) for name, inner in value.items()}
    if type(value) is list:
        return [_value(inner) for inner in value]
    if type(value) is int:
        if not _LOWEST <= value <= _HIGHEST:
            raise ValueError(value)
        return value
    if type(value) in (str, float, bool):
        return value
    text: str = value.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


@builtin("toml_stringify(value)", section="10.1")
def toml_stringify(value: object = None) -> str:
    """A dict as TOML with sorted keys: first its plain values, then its tables."""
    from harnlet_builtins.toml_writer import write_toml

    return write_toml(value)
