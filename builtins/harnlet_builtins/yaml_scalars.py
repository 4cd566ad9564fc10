"""Plain scalars of YAML: the core schema of YAML 1.2. Rules: docs/builtins.md#data-formats."""

import re
from typing import Any

from harnlet.runtime import caps
from harnlet.runtime.numbers import parse_int
from harnlet_builtins.extras import from_extra

TAG = "tag:yaml.org,2002:"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED_INT = re.compile(r"([-+]?)0(?:x([0-9A-Fa-f]+)|o([0-7]+)|b([01]+))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def yaml_of(name: str) -> Any:
    """The reader and writer of ruamel-yaml for the builtin `name`. Raises RuntimeFault if it is missing."""
    package = from_extra(name, "yaml", "ruamel.yaml")
    yaml = package.YAML(typ="safe", pure=True)
    yaml.width = 1 << 31
    yaml.allow_unicode = True
    yaml.default_flow_style = False
    return yaml


def resolved(text: str) -> object:
    """What a plain scalar is: nil, a bool, a number or text. A number with a leading zero is text."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _SPECIAL_FLOAT.fullmatch(text):
        return float(text.replace(".", ""))
    if _INT.fullmatch(text):
        return parse_int(text)
    based = _BASED_INT.fullmatch(text)
    if based is not None:
        sign, hexadecimal, octal, binary = based.groups()
        number = int(hexadecimal or octal or binary, 16 if hexadecimal else 8 if octal else 2)
        return caps.int_within_cap(-number if sign == "-" else number)
    return float(text) if _FLOAT.fullmatch(text) else text
