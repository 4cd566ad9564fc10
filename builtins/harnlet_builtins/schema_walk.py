"""Checking a value against a schema: every problem with its path, or the value with its defaults.

Types are strict: an int is no float. Rule and texts: docs/builtins.md#schemas.
"""

from typing import Any, Final

from harnlet.runtime.display import display
from harnlet.runtime.equality import equals
from harnlet.runtime.keys import make_set
from harnlet.runtime.values import Set, StructValue, type_name
from harnlet_builtins.data_shapes import elements_of, fields_of
from harnlet_builtins.schema_forms import Schema, Steps, canonical_node, referred

_MOST_STEPS: Final = 2_000_000
"""How many times one check looks at a value; some seconds' work."""
_MOST_BRANCHES: Final = 100_000
"""How many members of unions and the like one check tries: these multiply, values do not."""


def checked(value: object, schema: Schema, apply_defaults: bool = False) -> tuple[object, list[str]]:
    """The value, with defaults filled in if `apply_defaults`, and all problems, in order.

    Raises RuntimeFault when the schema is too deep or the check takes too long.
    """
    walk = _Walk(schema, apply_defaults)
    made = walk.visit(value, schema, "", 0)
    return made, walk.problems


class _Walk:
    """One check. `problems` may be put aside while the branches of a union are tried."""

    def __init__(self, root: Schema, apply_defaults: bool) -> None:
        self.root = root
        self.apply_defaults = apply_defaults
        self.problems: list[str] = []
        self.steps = Steps(_MOST_STEPS)
        self.branches = Steps(_MOST_BRANCHES)
        self.nodes: dict[int, Schema] = {}

    def report(self, path: str, text: str) -> None:
        self.problems.append(f"at {path or 'root'}: {text}")

    def visit(self, value: object, schema: object, path: str, level: int) -> object:
        """The value, as the schema wants it; what is wrong is reported."""
        self.steps.enter(level)
        if type(schema) is not dict:
            return value
        # Schemas live as long as the walk, so that their ids stay theirs.
        node = self.nodes.get(id(schema))
        if node is None:
            node = self.nodes[id(schema)] = canonical_node(schema)
        if "$ref" in node:
            self.branches.enter(level)
            found = referred(self.root, display(node["$ref"]))
            if found is None:
                self.report(path, f"unresolved schema reference '{display(node['$ref'])}'")
                return value
            return self.visit(value, found, path, level + 1)
        if value is None and node.get("nullable") is True:
            return value
        if not self._has_type(value, node.get("type"), path):
            return value
        self._literals(value, node, path)
        for part in _listed(node, "all_of"):
            self.branches.enter(level)
            value = self.visit(value, part, path, level + 1)
        if "union" in node:
            value = self._branch(value, _listed(node, "union"), path, level)
        if type(value) is str:
            self._text(value, node, path)
        elif type(value) is int or type(value) is float:
            self._number(value, node, path)
        elif elements_of(value) is not None:
            value = self._elements(value, node, path, level)
        elif fields_of(value) is not None:
            value = self._fields(value, node, path, level)
        return value

    def _has_type(self, value: object, kind: object, path: str) -> bool:
        if kind is None or kind == "any":
            return True
        found = type_name(value)
        if found == kind or (kind == "dict" and found == "struct"):
            return True
        self.report(path, f"expected type '{display(kind)}', got '{found}'")
        return False

    def _literals(self, value: object, node: Schema, path: str) -> None:
        choices = elements_of(node.get("enum"))
        if choices is not None and not any(equals(value, one) for one in choices):
            self.report(path, f"value must be one of {display(choices)}")
        if "const" in node and not equals(value, node["const"]):
            self.report(path, f"expected constant {display(node['const'])}, got {display(value)}")

    def _branch(self, value: object, branches: list[Any], path: str, level: int) -> object:
        before = self.problems
        for branch in branches:
            self.branches.enter(level)
            self.problems = []
            made = self.visit(value, branch, path, level + 1)
            if not self.problems:
                self.problems = before
                return made
        self.problems = before
        self.report(path, "value did not match any union branch")
        return value

    def _text(self, value: str, node: Schema, path: str) -> None:
        lowest, highest = _bound(node, "min_length"), _bound(node, "max_length")
        if lowest is not None and len(value) < lowest:
            self.report(path, f"expected length >= {_plain(lowest)}, got {len(value)}")
        if highest is not None and len(value) > highest:
            self.report(path, f"expected length <= {_plain(highest)}, got {len(value)}")
        pattern = node.get("pattern")
        if type(pattern) is str:
            problem = _pattern_problem(pattern, value)
            if problem is not None:
                self.report(path, problem)

    def _number(self, value: int | float, node: Schema, path: str) -> None:
        lowest, highest = _bound(node, "min"), _bound(node, "max")
        if lowest is not None and not value >= lowest:
            self.report(path, f"expected value >= {_plain(lowest)}, got {_plain(value)}")
        if highest is not None and not value <= highest:
            self.report(path, f"expected value <= {_plain(highest)}, got {_plain(value)}")

    def _elements(self, value: object, node: Schema, path: str, level: int) -> object:
        items = elements_of(value) or []
        lowest, highest = _bound(node, "min_items"), _bound(node, "max_items")
        if lowest is not None and len(items) < lowest:
            self.report(path, f"expected at least {_plain(lowest)} items, got {len(items)}")
        if highest is not None and len(items) > highest:
            self.report(path, f"expected at most {_plain(highest)} items, got {len(items)}")
        inner = node.get("items")
        if type(inner) is not dict or _all_of_one_type(items, inner):
            return value
        made = [self.visit(item, inner, f"{path}[{place}]", level + 1) for place, item in enumerate(items)]
        if not self.apply_defaults:
            return value
        return make_set(made) if type(value) is Set else made

    def _fields(self, value: object, node: Schema, path: str, level: int) -> object:
        fields = fields_of(value) or {}
        properties = node.get("properties")
        if type(properties) is not dict:
            properties = {}
        made = dict(fields)
        if self.apply_defaults:
            for name, inner in properties.items():
                if name not in made and type(inner) is dict and "default" in inner:
                    made[name] = inner["default"]
        for name in _listed(node, "required"):
            if type(name) is str and name not in made:
                self.report(path, f"missing required key '{name}'")
        every = node.get("additional_properties")
        for name in sorted(made):
            if name not in properties and every is False:
                self.report(path, f"unexpected key '{name}'")
                continue
            inner = properties.get(name, every)
            if type(inner) is dict:
                made[name] = self.visit(made[name], inner, f"{path}.{name}" if path else name, level + 1)
        if not self.apply_defaults:
            return value
        return value.type.made_of(made) if isinstance(value, StructValue) else made


def _listed(node: Schema, key: str) -> list[Any]:
    value = node.get(key)
    return value if type(value) is list else []


def _bound(node: Schema, key: str) -> int | float | None:
    value = node.get(key)
    return value if type(value) is int or type(value) is float else None


def _plain(number: int | float) -> str:
    return display(number).removesuffix(".0")


def _all_of_one_type(items: list[object], schema: Schema) -> bool:
    """Whether the schema asks for a type only and all elements have it: most lists, at once."""
    if len(schema) != 1 or "type" not in schema:
        return False
    wanted = canonical_node(schema).get("type")
    return all(type_name(item) == wanted for item in items)


def _pattern_problem(pattern: str, text: str) -> str | None:
    # The engines are some modules that most runs never need.
    from harnlet.runtime.regex.engines import Flags, RegexError, matches, open_search

    try:
        search, _ = open_search(pattern, Flags(), text)
    except RegexError as error:
        return f"invalid pattern '{pattern}': {error.reason}"
    found = next(iter(matches(search)), None)
    return None if found is not None else f"value does not match pattern '{pattern}'"
