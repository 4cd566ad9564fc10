"""Letting go of a collection where a variable is read for the last time (`harnlet.check.last_use`), so that
who gets it holds it alone and may change it in place. Rules: docs/architecture.md#values.
"""

from collections.abc import Sequence

from harnlet.check.kinds import Kind
from harnlet.check.scope import Function, Variable
from harnlet.compile import python_nodes as ast
from harnlet.compile.lowering import LOAD, STORE, Lowering, place
from harnlet.syntax import nodes

_HOLDERS = Kind.LIST_BIT | Kind.DICT_BIT | Kind.STRUCT_BIT


def lets_go(lo: Lowering, node: nodes.Node) -> bool:
    """Whether a variable that may hold a collection is read here for the last time."""
    if not isinstance(node, nodes.Name) or not _may_let_go(lo, node):
        return False
    return lo.last_uses.lets_go(lo.function, node)


def _may_let_go(lo: Lowering, node: nodes.Node) -> bool:
    """Whether that is a variable that may hold a collection."""
    if not isinstance(node, nodes.Name) or not lo.kinds.are_known or not lo.kinds.of(node) & _HOLDERS:
        return False
    return isinstance(lo.reference(node), Variable)


def forget(lo: Lowering, given: nodes.Expression, variable: Variable) -> None:
    """After `var own = given`: only `own` holds the value if `given` is not read any more."""
    if variable.mutable and lets_go(lo, given):
        source = lo.reference(given)
        assert isinstance(source, Variable)
        if source is not variable:
            lo.store(source.slot, lo.constant(None, given.at), given.at)


def hand_over(
    lo: Lowering,
    function: Function,
    given: Sequence[nodes.Expression | nodes.Spread],
    values: list[ast.expr],
    last: ast.expr | None,
) -> tuple[list[ast.expr], ast.expr | None]:
    """The arguments of a direct call of a function, of which those that it makes its own are let go of when
    they are not read any more: `last`, which is evaluated after them, sees to that, if there is one. CPython
    hands the references of its stack on to the frame of the function."""
    if not any(_may_let_go(lo, node) for node in given):
        return values, last
    for number in lo.last_uses.taken(function):
        if number >= len(given) or number >= len(values) or not lets_go(lo, given[number]):
            continue
        node, value = given[number], values[number]
        source = lo.reference(node)
        assert isinstance(source, Variable)
        if not isinstance(value, ast.Name) or value.id != source.slot:
            continue
        where = place(node.at)
        nothing = ast.Constant(None, **where)
        emptied = ast.NamedExpr(ast.Name(source.slot, STORE, **where), nothing, **where)
        if last is not None:
            # A test that always holds: half the price of a tuple.
            test = ast.Compare(emptied, [ast.Is()], [nothing], **where)
            last = ast.IfExp(test, last, ast.Constant(0, **where), **where)
        else:
            both = ast.Tuple([value, emptied], LOAD, **where)
            values[number] = ast.Subscript(both, ast.Constant(0, **where), LOAD, **where)
    return values, last
