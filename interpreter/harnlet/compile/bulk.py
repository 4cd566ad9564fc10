"""`xs.map(f)` and `xs.filter(f)` with a closure that stands there: the loop goes into the closure.

The closure becomes a function of the whole list, so that Python calls it once and not for each element,
which takes half of the time. Its body keeps its safe point, which is looked at for each element as before.
Rules: docs/architecture.md#calls.
"""

from collections.abc import Sequence
from typing import Any

from harnlet.compile import python_nodes as ast
from harnlet.compile.lowering import LOAD, STORE

METHODS = frozenset({"map", "filter"})


def over_a_list(method: str, definition: ast.FunctionDef, where: dict[str, Any]) -> ast.FunctionDef | None:
    """What does for all elements of a list what the function of one element does; None if its body is not
    made for it. `method` is one of `METHODS`."""
    label, safe_point, *body = definition.body
    result = body[-1] if body else None
    if not isinstance(safe_point, ast.If) or not isinstance(result, ast.Return) or result.value is None:
        return None
    if not _runs_through(body[:-1]):
        return None
    item = definition.args.args[0].arg
    whole = ast.arguments([], [ast.arg("items", None, None, **where)], None, [], [], None, [])
    statements: list[ast.stmt]
    if len(body) == 1 and not _rebinds(item, result.value):
        statements = [_comprehension(method, item, safe_point, result.value, where)]
    else:
        statements = _loop(method, item, safe_point, body[:-1], result.value, where)
    definition.args = whole
    definition.body = [label, *statements]
    return definition


def _runs_through(statements: Sequence[ast.stmt]) -> bool:
    """Whether nothing leaves them before their end, and no inner function takes a snapshot in them: it would
    be of variables that are another element's next."""
    return not any(
        isinstance(node, ast.Return | ast.FunctionDef | ast.Global)
        for statement in statements
        for node in ast.walk(statement)
    )


def _rebinds(item: str, value: ast.expr) -> bool:
    """Whether the variable is assigned in the expression, which no comprehension allows."""
    return any(
        isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name) and node.target.id == item
        for node in ast.walk(value)
    )


def _comprehension(
    method: str, item: str, safe_point: ast.If, value: ast.expr, where: dict[str, Any]
) -> ast.stmt:
    """`[value for item in items if not stop or rt.attend(0) is None]`: what `attend` gives is None."""
    attend = safe_point.body[0]
    assert isinstance(attend, ast.Expr)
    nothing = ast.Constant(None, **where)
    attended = ast.Compare(attend.value, [ast.Is()], [nothing], **where)
    calm = ast.UnaryOp(ast.Not(), safe_point.test, **where)
    tests: list[ast.expr] = [ast.BoolOp(ast.Or(), [calm, attended], **where)]
    element = value
    if method == "filter":
        tests.append(value)
        element = ast.Name(item, LOAD, **where)
    source = ast.comprehension(ast.Name(item, STORE, **where), ast.Name("items", LOAD, **where), tests, 0)
    return ast.Return(ast.ListComp(element, [source], **where), **where)


def _loop(
    method: str,
    item: str,
    safe_point: ast.If,
    before: Sequence[ast.stmt],
    value: ast.expr,
    where: dict[str, Any],
) -> list[ast.stmt]:
    """The same where an element takes more than one statement."""
    element = ast.Name(item, LOAD, **where) if method == "filter" else value
    append = ast.Attribute(ast.Name("found", LOAD, **where), "append", LOAD, **where)
    add: ast.stmt = ast.Expr(ast.Call(append, [element], [], **where), **where)
    if method == "filter":
        add = ast.If(value, [add], [], **where)
    found = ast.Assign([ast.Name("found", STORE, **where)], ast.List([], LOAD, **where), **where)
    items = ast.Name("items", LOAD, **where)
    each = ast.For(ast.Name(item, STORE, **where), items, [safe_point, *before, add], [], None, **where)
    return [found, each, ast.Return(ast.Name("found", LOAD, **where), **where)]
