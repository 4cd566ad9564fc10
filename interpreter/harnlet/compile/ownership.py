"""Changing in place what only one variable holds: the tests of it in generated code.

What is known beforehand is in `harnlet.check.holders`; otherwise a flag beside the variable or the reference
count tells. Rules: docs/language.md#collections-are-values, docs/architecture.md#values.
"""

from collections.abc import Sequence

from harnlet.check.scope import Variable
from harnlet.compile import python_nodes as ast
from harnlet.compile.lowering import LOAD, Lowering, place
from harnlet.syntax import nodes


def alone(lo: Lowering, value: ast.expr, at: nodes.Span, most: str = "SOLE") -> ast.expr:
    """A test of the reference count: whether only one variable holds the value, or, with `HELD_BY_PARENT`,
    one variable and one collection."""
    count = lo.call("getrefcount", [value], at)
    return ast.Compare(count, [ast.LtE()], [lo.load(most, at)], **place(at))


def known_alone(lo: Lowering, current: ast.Name, at: nodes.Span) -> ast.expr:
    """The same for a variable that may have a flag: that is looked at first."""
    flag = lo.holders.flag(current.id)
    test = alone(lo, current, at)
    if flag is None:
        return test
    return ast.BoolOp(ast.Or(), [ast.Name(flag, LOAD, **place(at)), test], **place(at))


def change(
    lo: Lowering,
    current: ast.Name,
    in_place: Sequence[ast.stmt],
    copy: Sequence[ast.stmt],
    at: nodes.Span,
) -> ast.stmt:
    """Change what a variable holds in place if nothing else holds it, else `copy`, which gives the variable
    a changed copy. Afterwards `changed` belongs."""
    return ast.If(known_alone(lo, current, at), list(in_place), list(copy), **place(at))


def changed(lo: Lowering, variable: Variable, at: nodes.Span) -> None:
    """After a change: now nothing else holds what the variable holds."""
    lo.set_flag(variable.slot, True, at)


def apart(lo: Lowering, value: ast.expr, variable: Variable) -> ast.expr:
    """The value in a form that can be evaluated twice; what the variable itself holds must be seen by the
    reference count."""
    if isinstance(value, ast.Name) and value.id == variable.slot:
        return lo.keep(value)
    return lo.named(value)
