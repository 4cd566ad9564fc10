"""Nodes of YAML to values. Rules: docs/builtins.md#data-formats.

No tag makes an object, dates and `yes` are strings, and an alias shares a value instead of copying it.
"""

from binascii import Error, a2b_base64
from typing import Any

from harnlet.runtime.display import display
from harnlet_builtins.extras import from_extra
from harnlet_builtins.yaml_scalars import TAG, resolved, yaml_of

MOST_CHARACTERS = 4_000_000
"""Two minutes of work."""


class YamlError(ValueError):
    """What is wrong with a text, with its place."""


def parse_yaml(text: str) -> object:
    """The value of a document. Raises YamlError."""
    if len(text) > MOST_CHARACTERS:
        raise YamlError(f"document is longer than {MOST_CHARACTERS} characters")
    yaml = yaml_of("yaml_parse")
    errors = from_extra("yaml_parse", "yaml", "ruamel.yaml.error")
    try:
        root = yaml.compose(text)
        return None if root is None else _Reader().value(root)
    except errors.MarkedYAMLError as error:
        raise YamlError(_described(error)) from None
    except errors.YAMLError as error:
        raise YamlError(str(error).strip()) from None
    except RecursionError:
        raise YamlError("recursion limit exceeded") from None


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
        """What a node stands for. Raises YamlError."""
        if isinstance(node.value, str):
            return _scalar(node)
        key = id(node)
        if key in self._done:
            return self._done[key]
        if key in self._open:
            raise YamlError(f"a collection contains itself{_place(node.start_mark)}")
        self._open.add(key)
        if node.tag == f"{TAG}seq":
            value: object = [self.value(each) for each in node.value]
        elif node.tag == f"{TAG}map":
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
            if key.tag == f"{TAG}merge" and key.style is None:
                for other in self._merged(inner):
                    merged = {**other, **merged}
                continue
            if not isinstance(key.value, str):
                raise YamlError(f"a key must be a scalar{_place(key.start_mark)}")
            name = display(_scalar(key))
            if name in fields:
                raise YamlError(f'duplicate entry with key "{name}"{_place(key.start_mark)}')
            fields[name] = self.value(inner)
        return {**merged, **fields} if merged else fields

    def _merged(self, node: Any) -> list[dict[str, object]]:
        value = self.value(node)
        dicts = [each for each in (value if type(value) is list else [value]) if type(each) is dict]
        if not dicts or (type(value) is list and len(dicts) < len(value)):
            raise YamlError(f"expected a mapping or list of mappings for merging{_place(node.start_mark)}")
        return dicts


def _scalar(node: Any) -> object:
    text: str = node.value
    kind = node.tag.removeprefix(TAG)
    if kind == "str" or (node.style is not None and kind in ("timestamp", "merge")):
        return text
    if kind == "float":
        value = resolved(text)
        return float(value) if type(value) is int else value
    if kind in ("null", "bool", "int", "timestamp", "merge"):
        return resolved(text)
    if kind == "binary":
        return _binary(node)
    raise _unknown_tag(node)


def _unknown_tag(node: Any) -> YamlError:
    return YamlError(f"unknown tag '{node.tag}'{_place(node.start_mark)}")


def _binary(node: Any) -> bytes:
    try:
        return a2b_base64("".join(node.value.split()), strict_mode=True)
    except (Error, ValueError) as error:
        raise YamlError(f"invalid base64: {error}{_place(node.start_mark)}") from None
