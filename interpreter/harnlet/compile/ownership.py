"""What the compiler knows about who holds a collection: when a variable's value may be changed in place.

Collections are values, so a change of what a variable holds must not show anywhere else. Nothing else holds
it when the variable was only given new values and none of its uses keeps one (`is_sole`); otherwise the
reference count tells (`alone`). Rules: docs/language.md#collections-are-values,
docs/architecture.md#values.
"""

from harnlet.check.kinds import Kind, is_only
from harnlet.check.results import GIVES_NEW
from harnlet.check.scope import Cell, Variable
from harnlet.compile import python_nodes as ast
from harnlet.compile.lowering import LOAD, Lowering, place
from harnlet.syntax import nodes


def is_same(lo: Lowering, node: nodes.Expression | nodes.Spread, variable: Variable) -> bool:
    """Whether an expression is just that variable."""
    return isinstance(node, nodes.Name) and lo.resolution.references.get(id(node)) is variable


def is_sole(lo: Lowering, variable: Variable) -> bool:
    """Whether nothing but the variable can hold its value."""
    if (
        variable.origin != "var"
        or variable.aliased
        or variable.shared
        or variable.boxed
        or variable.owner is not lo.function
    ):
        return False
    return all(_is_new(lo, source, variable) for source in variable.sources)


def _is_new(lo: Lowering, source: object, variable: Variable) -> bool:
    """Whether what flows into a variable is a value that was just made, or its own with a part changed."""
    if isinstance(source, nodes.List | nodes.Dict | nodes.StructLiteral):
        return True
    if isinstance(source, nodes.Binary):
        return source.operator == "+"
    if isinstance(source, nodes.MethodCall):
        kind = lo.kinds.of(source.object)
        if source.name == "merge":
            return is_same(lo, source.object, variable) and merges(lo, source)
        return source.name in GIVES_NEW and is_only(kind, Kind.LIST | Kind.STRING)
    return not isinstance(source, nodes.Node | Cell | int)


def merges(lo: Lowering, node: nodes.MethodCall) -> bool:
    """Whether a call of `merge` is surely one of the method of dicts, with one argument."""
    if node.optional or len(node.arguments) != 1 or isinstance(node.arguments[0], nodes.Spread):
        return False
    return is_only(lo.kinds.of(node.object), Kind.DICT) and not lo.resolution.has_namespaces


def alone(lo: Lowering, value: ast.expr, at: nodes.Span, most: str = "SOLE") -> ast.expr:
    """A test of the reference count: whether only one variable holds the value, or, with `HELD_BY_PARENT`,
    one variable and one collection."""
    count = lo.call("getrefcount", [value], at)
    return ast.Compare(count, [ast.LtE()], [lo.load(most, at)], **place(at))


def apart(lo: Lowering, value: ast.expr, variable: Variable) -> ast.expr:
    """The value in a form that can be evaluated twice; what the variable itself holds must be seen by the
    reference count."""
    if isinstance(value, ast.Name) and value.id == variable.slot:
        return lo.keep(value)
    return lo.named(value)


def load(variable: Variable, at: nodes.Span) -> ast.Name:
    """Read the Python variable of a script's variable."""
    return ast.Name(variable.slot, LOAD, **place(at))
