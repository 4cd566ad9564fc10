"""Values to YAML, in block style with sorted keys. Rules: docs/builtins.md#data-formats."""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.display import display, display_float, display_int
from harnlet_builtins.data_shapes import elements_of, fields_of
from harnlet_builtins.extras import from_extra
from harnlet_builtins.yaml_scalars import TAG, resolved, yaml_of

MOST_VALUES = 500_000
"""The most values that `yaml_stringify` writes: two minutes of work."""
_CHARACTERS_A_VALUE = 100

_OLD_WORDS = re.compile(r"(?i:yes|no|on|off|<<|=)")
"""Plain words that YAML 1.1 reads as something else than text."""


def count_values(value: object) -> int:
    """How many values are written; long strings count for more. Raises Thrown when they are too many."""
    count = 0
    stack = [value]
    while stack:
        found = stack.pop()
        count += 1 + (len(found) // _CHARACTERS_A_VALUE if type(found) is str else 0)
        if count > MOST_VALUES:
            raise Thrown(f"yaml_stringify: more than {MOST_VALUES} values")
        fields = fields_of(found)
        stack += elements_of(found) or () if fields is None else fields.values()
    return count


def write_yaml(value: object) -> str:
    """The YAML of a value. Raises Thrown."""
    yaml = yaml_of("yaml_stringify")
    errors = from_extra("yaml_stringify", "yaml", "ruamel.yaml.error")
    target = StringIO()
    try:
        yaml.serialize(_Writer(yaml).node(value), target)
    except errors.YAMLError as error:
        raise Thrown(f"yaml_stringify: {error}") from None
    except RecursionError:
        raise Thrown("yaml_stringify: recursion limit exceeded") from None
    return target.getvalue().removesuffix("...\n")


class _Writer:
    """Values to nodes."""

    def __init__(self, yaml: Any) -> None:
        nodes = from_extra("yaml_stringify", "yaml", "ruamel.yaml.nodes")
        self._scalar: Callable[..., Any] = nodes.ScalarNode
        self._sequence: Callable[..., Any] = nodes.SequenceNode
        self._map: Callable[..., Any] = nodes.MappingNode
        self._resolve: Callable[..., str] = yaml.resolver.resolve
        self._kind = nodes.ScalarNode

    def node(self, value: object) -> Any:
        """The node of a value; what YAML has no form for is written as its display."""
        elements = elements_of(value)
        if elements is not None:
            items = [self.node(each) for each in elements]
            return self._sequence(f"{TAG}seq", items, flow_style=not items)
        fields = fields_of(value)
        if fields is not None:
            pairs = [(self._text(name), self.node(fields[name])) for name in sorted(fields)]
            return self._map(f"{TAG}map", pairs, flow_style=not pairs)
        if value is None:
            return self._scalar(f"{TAG}null", "null")
        if type(value) is bool:
            return self._scalar(f"{TAG}bool", "true" if value else "false")
        if type(value) is int:
            return self._scalar(f"{TAG}int", display_int(value))
        if type(value) is float:
            return self._scalar(f"{TAG}float", _float_text(value))
        return self._text(display(value))

    def _text(self, text: str) -> Any:
        return self._scalar(f"{TAG}str", text, style=self._style(text))

    def _style(self, text: str) -> str | None:
        """None for a scalar that may stand without quotes, if its characters allow it."""
        if not text.isprintable():
            lines = text.split("\n")
            block = len(lines) > 1 and lines[0][:1].strip() and all(line.isprintable() for line in lines)
            return "|" if block else '"'
        kind = type(resolved(text)) is str and self._resolve(self._kind, text, (True, False))
        plain = kind == f"{TAG}str" and not _OLD_WORDS.fullmatch(text)
        return None if plain else "'"


def _float_text(number: float) -> str:
    text = display_float(number)
    if text in ("NaN", "inf", "-inf"):
        return {"NaN": ".nan", "inf": ".inf", "-inf": "-.inf"}[text]
    return text if "." in text else f"{text}.0"
