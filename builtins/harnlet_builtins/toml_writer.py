"""Values to TOML. Rules: docs/builtins.md#data-formats."""

import re

from harnlet.errors.faults import Thrown
from harnlet.runtime.breath import breath_of_text
from harnlet.runtime.display import display, display_float, display_int
from harnlet.runtime.values import type_name
from harnlet_builtins.data_shapes import elements_of, fields_of
from harnlet_builtins.logs import json_text

_LOWEST, _HIGHEST = -(1 << 63), (1 << 63) - 1
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def write_toml(value: object) -> str:
    """The TOML of a dict: first its plain values, then its tables. Raises Thrown."""
    fields = fields_of(value)
    if fields is None:
        raise Thrown(f"toml_stringify: expected a dict at the top level, got {type_name(value)}")
    writer = _Writer()
    try:
        writer.table(fields, ())
    except RecursionError:
        raise Thrown("toml_stringify: recursion limit exceeded") from None
    return "".join(writer.texts)


def _tables(value: object) -> list[dict[str, object]] | None:
    """The dicts of a list that holds nothing else."""
    if type(value) is not list or not value:
        return None
    found = [fields_of(each) for each in value]
    tables = [each for each in found if each is not None]
    return tables if len(tables) == len(found) else None


class _Writer:
    """Collects the text of a document."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._length = 0
        self._breath = breath_of_text(0)

    def _add(self, text: str) -> None:
        self._length += len(text)
        if self._length > self._breath:
            self._breath = breath_of_text(self._length)
        self.texts.append(text)

    def table(self, fields: dict[str, object], path: tuple[str, ...]) -> None:
        """The lines of a table; its header is written already."""
        names = sorted(fields)
        nested = [name for name in names if fields_of(fields[name]) is not None or _tables(fields[name])]
        for name in names:
            if name not in nested:
                self._add(f"{_key(name)} = ")
                self._inline(fields[name], (*path, name))
                self._add("\n")
        for name in nested:
            here = (*path, name)
            header = ".".join(map(_key, here))
            inner = fields_of(fields[name])
            if inner is None:
                for each in _tables(fields[name]) or ():
                    self._header(f"[[{header}]]\n")
                    self.table(each, here)
                continue
            own = [each for each in inner.values() if fields_of(each) is None and not _tables(each)]
            if own or not inner:
                self._header(f"[{header}]\n")
            self.table(inner, here)

    def _header(self, line: str) -> None:
        self._add(f"\n{line}" if self.texts else line)

    def _inline(self, value: object, path: tuple[str, ...]) -> None:
        fields = fields_of(value)
        if fields is not None:
            self._add("{")
            for place, name in enumerate(sorted(fields)):
                self._add(f"{', ' if place else ' '}{_key(name)} = ")
                self._inline(fields[name], (*path, name))
            self._add(" }" if fields else "}")
            return
        elements = elements_of(value)
        if elements is None:
            self._add(_scalar(value, path))
            return
        self._add("[")
        for place, each in enumerate(elements):
            if place:
                self._add(", ")
            self._inline(each, path)
        self._add("]")


def _scalar(value: object, path: tuple[str, ...]) -> str:
    if value is None:
        raise Thrown(f"toml_stringify: nil has no TOML form (at {'.'.join(map(_key, path))})")
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        if not _LOWEST <= value <= _HIGHEST:
            raise Thrown(f"toml_stringify: {display_int(value)} does not fit 64 bits")
        return str(value)
    if type(value) is float:
        text = display_float(value)
        return text if "." in text or "n" in text else "nan" if text == "NaN" else f"{text}.0"
    return json_text(display(value))


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else json_text(name)
