"""What is known of who holds the value of a variable: whether it may be changed in place.

Collections are values, so a change of what a variable holds must not show anywhere else. Rules:
docs/language.md#collections-are-values, docs/architecture.md#values.
"""

from harnlet.check.infer import Kinds
from harnlet.check.kinds import Kind, is_only
from harnlet.check.resolution import Resolution
from harnlet.check.results import GIVES_NEW
from harnlet.check.scope import Cell, Function, Variable
from harnlet.syntax import nodes

_HOLDERS = Kind.LIST | Kind.DICT | Kind.STRUCT | Kind.NIL


class Holders:
    """Of one program, once the kinds are known."""

    def __init__(self, resolution: Resolution, kinds: Kinds) -> None:
        self._resolution = resolution
        self._kinds = kinds
        self._flags: dict[str, str | None] = {}
        self._captured = {outer for each in resolution.functions.values() for outer in each.captures}
        self._in_parts = {store.variable for store in resolution.part_stores}

    def is_same(self, node: nodes.Expression | nodes.Spread, variable: Variable) -> bool:
        """Whether an expression is just that variable."""
        return isinstance(node, nodes.Name) and self._resolution.references.get(id(node)) is variable

    def is_sole(self, variable: Variable, function: Function) -> bool:
        """Whether nothing but the variable can hold its value, in the function that is being lowered: it was
        only given new values, and none of its uses keeps one."""
        if variable.origin != "var" or variable.aliased or variable.owner is not function:
            return False
        if variable.shared or variable.boxed:
            return False
        return all(self._is_new(source, variable) for source in variable.sources)

    def _is_new(self, source: object, variable: Variable) -> bool:
        """Whether what flows into a variable was just made, or is its own value with a part changed."""
        if isinstance(source, nodes.List | nodes.Dict | nodes.StructLiteral):
            return True
        if isinstance(source, nodes.Binary):
            return source.operator == "+"
        if isinstance(source, nodes.MethodCall):
            kind = self._kinds.of(source.object)
            if source.name == "merge":
                return self.is_same(source.object, variable) and self.merges(source)
            return source.name in GIVES_NEW and is_only(kind, Kind.LIST | Kind.STRING)
        return not isinstance(source, nodes.Node | Cell | int)

    def merges(self, node: nodes.MethodCall) -> bool:
        """Whether a call of `merge` is surely one of the method of dicts, with one argument."""
        if node.optional or len(node.arguments) != 1 or isinstance(node.arguments[0], nodes.Spread):
            return False
        return is_only(self._kinds.of(node.object), Kind.DICT) and not self._resolution.has_namespaces

    def flag(self, slot: str) -> str | None:
        """The name of the Python variable beside the one of a script's variable that says, while the code
        runs, whether nothing else holds its value; None if it has none. It is false after each assignment
        and each use that may keep the value, and true when the value has been changed: either nothing else
        held it then, or it was replaced by a copy."""
        if slot not in self._flags:
            variable = self._resolution.slot_names.get(slot)
            wanted = variable is not None and self._kinds.are_known and self._deserves_flag(variable)
            self._flags[slot] = f"{slot}o" if wanted else None
        return self._flags[slot]

    def _deserves_flag(self, variable: Variable) -> bool:
        if variable.origin != "var" or variable.shared or variable.boxed or variable in self._captured:
            return False
        if not is_only(self._kinds.read(variable), _HOLDERS) or self.is_sole(variable, variable.owner):
            return False
        return variable in self._in_parts or any(self._adds(each, variable) for each in variable.sources)

    def _adds(self, source: object, variable: Variable) -> bool:
        """Whether a value that is assigned to a variable is its own with something added."""
        match source:
            case nodes.Binary(operator="+", left=own) | nodes.MethodCall(name="push" | "merge", object=own):
                return self.is_same(own, variable)
            case nodes.List(items=(nodes.Spread(value=own), *_)):
                return self.is_same(own, variable)
            case nodes.Dict(entries=(nodes.Spread(value=own), *_)):
                return self.is_same(own, variable)
        return False

    def keeps(self, name: nodes.Name) -> bool:
        """Whether a read of a variable may leave something else that holds its value."""
        method = self._resolution.looked_at.get(id(name))
        return method is None or method in self._resolution.method_names
