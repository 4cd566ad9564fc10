"""YAML: `yaml_parse`, `yaml_stringify`. Rules: docs/builtins.md#data-formats.

ruamel-yaml (the extra `yaml`) reads texts to nodes and writes nodes to text; what values nodes stand
for is decided here, by the core schema of YAML 1.2 and nothing else. So no tag makes an object, dates
and `yes` are strings, and an alias shares a value instead of copying it.
"""

import re
from collections.abc import Callable
from io import StringIO
from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime import caps
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display, display_float, display_int
from harnlet.runtime.numbers import parse_int
from harnlet_builtins.data_shapes import elements_of, fields_of
from harnlet_builtins.extras import from_extra

MOST_VALUES = 1_000_000
"""The most values that `yaml_stringify` writes: a node takes half a kilobyte of memory."""

_TAG = "tag:yaml.org,2002:"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_OLD_WORDS = re.compile(r"(?i:yes|no|on|off|<<|=)")
"""Plain words that YAML 1.1 reads as something else than text."""
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED_INT = re.compile(r"([-+]?)0(?:x([0-9A-Fa-f]+)|o([0-7]+)|b([01]+))")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL_FLOAT = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def _yaml(name: str) -> Any:
    package = from_extra(name, "yaml", "ruamel.yaml")
    yaml = package.YAML(typ="safe", pure=True)
    yaml.width = 1 << 31
    yaml.allow_unicode = True
    yaml.default_flow_style = False
    return yaml


# --- reading ------------------------------------------------------------------------------------------


class _YamlError(ValueError):
    """What is wrong with a text, with its place."""


@builtin("yaml_parse(text)", section="10.1")
def yaml_parse(text: object = "") -> object:
    """The value of a YAML document; needs the extra `yaml`."""
    yaml = _yaml("yaml_parse")
    errors = from_extra("yaml_parse", "yaml", "ruamel.yaml.error")
    try:
        root = yaml.compose(display(text))
        return None if root is None else _Reader().value(root)
    except errors.MarkedYAMLError as error:
        raise Thrown(f"YAML parse error: {_described(error)}") from None
    except (errors.YAMLError, _YamlError) as error:
        raise Thrown(f"YAML parse error: {str(error).strip()}") from None
    except RecursionError:
        raise Thrown("YAML parse error: recursion limit exceeded") from None


def _described(error: Any) -> str:
    """A problem, its place, and what was being read, in one line."""
    parts = [f"{error.problem or error.context}{_place(error.problem_mark)}"]
    if error.problem and error.context:
        parts.append(f"{error.context}{_place(error.context_mark)}")
    return ", ".join(parts)


def _place(mark: Any) -> str:
    return "" if mark is None else f" at line {mark.line + 1} column {mark.column + 1}"


class _Reader:
    """Nodes to values. A node that aliases refer to is read once, and its value is shared."""

    def __init__(self) -> None:
        self._done: dict[int, object] = {}
        self._open: set[int] = set()

    def value(self, node: Any) -> object:
        """What a node stands for. Raises _YamlError."""
        if isinstance(node.value, str):
            return _scalar(node)
        key = id(node)
        if key in self._done:
            return self._done[key]
        if key in self._open:
            raise _YamlError(f"a collection contains itself{_place(node.start_mark)}")
        self._open.add(key)
        if node.tag == f"{_TAG}seq":
            value: object = [self.value(each) for each in node.value]
        elif node.tag == f"{_TAG}map":
            value = self._mapping(node)
        else:
            raise _unknown_tag(node)
        self._open.discard(key)
        self._done[key] = value
        return value

    def _mapping(self, node: Any) -> dict[str, object]:
        merged: dict[str, object] = {}
        fields: dict[str, object] = {}
        for key, inner in node.value:
            if key.tag == f"{_TAG}merge" and key.style is None:
                for other in self._merged(inner):
                    merged = {**other, **merged}
                continue
            if not isinstance(key.value, str):
                raise _YamlError(f"a key must be a scalar{_place(key.start_mark)}")
            name = display(_scalar(key))
            if name in fields:
                raise _YamlError(f'duplicate entry with key "{name}"{_place(key.start_mark)}')
            fields[name] = self.value(inner)
        return {**merged, **fields} if merged else fields

    def _merged(self, node: Any) -> list[dict[str, object]]:
        value = self.value(node)
        dicts = [each for each in (value if type(value) is list else [value]) if type(each) is dict]
        if not dicts or (type(value) is list and len(dicts) < len(value)):
            raise _YamlError(f"expected a mapping or list of mappings for merging{_place(node.start_mark)}")
        return dicts


def _scalar(node: Any) -> object:
    text: str = node.value
    kind = node.tag.removeprefix(_TAG)
    if kind == "str" or (node.style is not None and kind in ("timestamp", "merge")):
        return text
    if kind == "float":
        value = _resolved(text)
        return float(value) if type(value) is int else value
    if kind in ("null", "bool", "int", "timestamp", "merge"):
        return _resolved(text)
    if kind == "binary":
        return _binary(node)
    raise _unknown_tag(node)


def _unknown_tag(node: Any) -> _YamlError:
    return _YamlError(f"unknown tag '{node.tag}'{_place(node.start_mark)}")


def _binary(node: Any) -> bytes:
    from binascii import Error, a2b_base64

    try:
        return a2b_base64("".join(node.value.split()), strict_mode=True)
    except (Error, ValueError) as error:
        raise _YamlError(f"invalid base64: {error}{_place(node.start_mark)}") from None


def _resolved(text: str) -> object:
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


# --- writing ------------------------------------------------------------------------------------------


@builtin("yaml_stringify(value)", section="10.1")
def yaml_stringify(value: object = None) -> str:
    """A value as YAML, in block style with sorted keys; needs the extra `yaml`."""
    yaml = _yaml("yaml_stringify")
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
        self._made = 0

    def node(self, value: object) -> Any:
        """The node of a value; what YAML has no form for is written as its display."""
        self._made += 1
        if self._made > MOST_VALUES:
            raise Thrown(f"yaml_stringify: more than {MOST_VALUES} values")
        elements = elements_of(value)
        if elements is not None:
            items = [self.node(each) for each in elements]
            return self._sequence(f"{_TAG}seq", items, flow_style=not items)
        fields = fields_of(value)
        if fields is not None:
            pairs = [(self._text(name), self.node(fields[name])) for name in sorted(fields)]
            return self._map(f"{_TAG}map", pairs, flow_style=not pairs)
        if value is None:
            return self._scalar(f"{_TAG}null", "null")
        if type(value) is bool:
            return self._scalar(f"{_TAG}bool", "true" if value else "false")
        if type(value) is int:
            return self._scalar(f"{_TAG}int", display_int(value))
        if type(value) is float:
            return self._scalar(f"{_TAG}float", _float_text(value))
        return self._text(display(value))

    def _text(self, text: str) -> Any:
        return self._scalar(f"{_TAG}str", text, style=self._style(text))

    def _style(self, text: str) -> str | None:
        """None for a scalar that may stand without quotes, if its characters allow it."""
        if not text.isprintable():
            lines = text.split("\n")
            block = len(lines) > 1 and lines[0][:1].strip() and all(line.isprintable() for line in lines)
            return "|" if block else '"'
        resolved = type(_resolved(text)) is not str or self._resolve(self._kind, text, (True, False))
        plain = resolved == f"{_TAG}str" and not _OLD_WORDS.fullmatch(text)
        return None if plain else "'"


def _float_text(number: float) -> str:
    text = display_float(number)
    if text in ("NaN", "inf", "-inf"):
        return {"NaN": ".nan", "inf": ".inf", "-inf": "-.inf"}[text]
    return text if "." in text else f"{text}.0"
