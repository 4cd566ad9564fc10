"""Rendering a tree: the text, and on demand which part of it came from where.

A template cannot hang or fill the memory of its host: every node is a safe point now and then, and the
text has the cap of all strings. Rule: docs/builtins.md#templates.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple, Protocol

from harnlet.runtime.breath import breath_of_text, breathe
from harnlet.runtime.values import Range, Set, type_name
from harnlet_builtins.template_expressions import Scope
from harnlet_builtins.template_source import TemplateError
from harnlet_builtins.template_tree import Block, For, If, Include, Node, Output, Place, Text, template_tree
from harnlet_builtins.template_values import ExpressionError, is_true, template_fault, text_of

MOST_INCLUDES: Final = 32
_NODES_OF_A_BREATH: Final = 256
_LONGEST_SHOWN: Final = 80


class Source(NamedTuple):
    """A template that was found: `path` is how errors name it, "" for inline ones; `directory` is where
    its own includes start."""

    path: str
    text: str
    directory: str


class Finder(Protocol):
    """Finds what a template includes."""

    def included(self, path: str, source: Source) -> Source:
        """The template at `path`, as the template `source` says it. Raises ExpressionError."""


def render_template(
    source: Source, bindings: Scope, finder: Finder, spans: list[object] | None = None
) -> str:
    """The text of a template with these bindings; its spans are added to `spans`.

    Raises Thrown `[PATH ]at LINE:COLUMN: …` for what is wrong with it, RuntimeFault above the cap.
    """
    return _Renderer(finder, spans).whole(source, bindings)


class _Renderer:
    def __init__(self, finder: Finder, spans: list[object] | None) -> None:
        self._finder = finder
        self._spans = spans
        self._texts: list[str] = []
        self._length = 0
        self._breath = breath_of_text(0)
        self._nodes = 0
        self._open: list[Source] = []

    def whole(self, source: Source, bindings: Scope) -> str:
        self._template(source, bindings)
        return "".join(self._texts)

    def _template(self, source: Source, bindings: Scope) -> None:
        self._open.append(source)
        try:
            self._block(template_tree(source.text), bindings)
        except TemplateError as error:
            raise template_fault(source.path, error.message, error.line, error.column) from None
        self._open.pop()

    def _block(self, block: Block, scope: Scope) -> None:
        for node in block:
            self._nodes += 1
            if self._nodes % _NODES_OF_A_BREATH == 0:
                breathe(_NODES_OF_A_BREATH)
            if type(node) is Text:
                self._write(node.text)
                self._span("text", node.place, self._length - len(node.text))
            else:
                self._directive(node, scope)

    def _directive(self, node: Node, scope: Scope) -> None:
        try:
            if type(node) is Output:
                self._output(node, scope)
            elif type(node) is If:
                self._if(node, scope)
            elif type(node) is For:
                self._for(node, scope)
            elif type(node) is Include:
                self._include(node, scope)
        except ExpressionError as error:
            raise TemplateError(str(error), *node.place) from None

    def _write(self, text: str) -> None:
        self._texts.append(text)
        self._length += len(text)
        if self._length > self._breath:
            self._breath = breath_of_text(self._length)

    def _output(self, node: Output, scope: Scope) -> None:
        start = self._length
        if node.bare is not None and node.bare not in scope:
            self._write(f"{{{{{node.bare}}}}}")
            self._span("legacy_bare", node.place, start)
            return
        text = text_of(node.value(scope))
        self._write(text)
        self._span("legacy_bare" if node.bare else "expr", node.place, start, text[:_LONGEST_SHOWN])

    def _if(self, node: If, scope: Scope) -> None:
        start = self._length
        for condition, block in node.branches:
            if is_true(condition(scope)):
                self._block(block, scope)
                break
        else:
            self._block(node.otherwise, scope)
        self._span("if", node.place, start)

    def _for(self, node: For, scope: Scope) -> None:
        length, pairs = _items(node.items(scope))
        if length == 0:
            self._block(node.otherwise, scope)
            return
        inner = dict(scope)
        for index, (key, value) in enumerate(pairs):
            self._nodes += 1
            if self._nodes % _NODES_OF_A_BREATH == 0:
                breathe(_NODES_OF_A_BREATH)
            start = self._length
            if node.key is not None:
                inner[node.key] = key
            inner[node.name] = value
            inner["loop"] = {
                "index": index + 1,
                "index0": index,
                "first": index == 0,
                "last": index + 1 == length,
                "length": length,
            }
            self._block(node.body, inner)
            self._span("for_iteration", node.place, start)

    def _include(self, node: Include, scope: Scope) -> None:
        start = self._length
        path = node.path(scope)
        if type(path) is not str:
            raise ExpressionError(f"include path must be a string (got {type_name(path)})")
        inner = dict(scope)
        for name, value in node.bindings:
            inner[name] = value(scope)
        if len(self._open) > MOST_INCLUDES:
            raise ExpressionError(f"include depth exceeded ({MOST_INCLUDES} levels)")
        found = self._finder.included(path, self._open[-1])
        paths = [each.path for each in self._open]
        if found.path in paths:
            circle = " → ".join([*paths[paths.index(found.path) :], found.path])
            raise ExpressionError(f"circular include detected: {circle}")
        self._template(found, inner)
        self._span("include", node.place, start)

    def _span(self, kind: str, place: Place, start: int, shown: str | None = None) -> None:
        if self._spans is None or (kind == "text" and start == self._length):
            return
        span: dict[str, object] = {
            "kind": kind,
            "template_line": place.line,
            "template_col": place.column,
            "output_start": start,
            "output_end": self._length,
        }
        if shown is not None:
            span["bound_value"] = shown
        self._spans.append(span)


def _items(value: Any) -> tuple[int, Iterator[tuple[object, object]]]:
    """How many items a loop has, and each with its key."""
    items: Iterable[object]
    if value is None:
        return 0, iter(())
    if type(value) is dict:
        names = sorted(value)
        return len(names), ((name, value[name]) for name in names)
    if type(value) is list:
        length, items = len(value), value
    elif type(value) is Set:
        length, items = len(value.entries), value.entries.values()
    elif type(value) is Range:
        length, items = value.length(), value.numbers()
    else:
        raise ExpressionError(f"cannot iterate over {type_name(value)} — expected list, dict, set, or range")
    return length, enumerate(items)
