"""Lowering of assignments that add to what a variable holds: `v = v + e`, `v += e`, `v = v.push(e)`,
`v = [...v, e]`, `v = {...v, k: e}`, `v = v.merge(e)`.

Each gives a new value, and building a collection that way would take time in the square of its size. So it
is changed in place where nothing else holds it (`harnlet.check.holders`). Rules:
docs/language.md#collections-are-values, docs/architecture.md#values.
"""

from typing import Literal, NamedTuple, TypeAlias

from harnlet.check.kinds import Kind, is_only
from harnlet.check.scope import Variable
from harnlet.compile import python_nodes as ast
from harnlet.compile.lowering import LOAD, STORE, Lowering, place
from harnlet.compile.ownership import apart, change, changed
from harnlet.syntax import nodes

_Way: TypeAlias = Literal["text", "list", "push", "dict", "merge", "spread"]


class _Growth(NamedTuple):
    """What an assignment adds at the end of what the variable holds."""

    way: _Way
    added: nodes.Expression
    at: nodes.Node
    """The place of the operation."""


_HELPERS = {
    "push": "push_place",
    "list": "extend_place",
    "dict": "extend_place",
    "spread": "spread_place",
    "merge": "merge_place",
}
_MOST_STORES = 4
"""More entries than this are added as one dict."""


def grow(lo: Lowering, node: nodes.Assign, variable: Variable) -> bool:
    """Lower an assignment that adds to what the variable holds. Whether it was one, and was emitted."""
    found = _growth(lo, node, variable)
    if found is None:
        return False
    lo.note_store(variable)
    _add(lo, node, variable, found)
    return True


def _growth(lo: Lowering, node: nodes.Assign, variable: Variable) -> _Growth | None:
    given = node.value
    if node.operator == "+=":
        return _sum((lo.kinds.of(node.target), lo.kinds.of(given)), given, node)
    if node.operator != "=":
        return None
    match given:
        case nodes.Binary(operator="+", left=left, right=right) if lo.holders.is_same(left, variable):
            return _sum((lo.kinds.of(left), lo.kinds.of(right)), right, given)
        case nodes.MethodCall(name="push", optional=False, arguments=(argument,)):
            if lo.holders.is_same(given.object, variable) and not isinstance(argument, nodes.Spread):
                return _Growth("push", argument, given)
        case nodes.MethodCall(name="merge", arguments=(argument,)):
            if lo.holders.is_same(given.object, variable) and lo.holders.merges(given):
                assert not isinstance(argument, nodes.Spread)
                way: _Way = "dict" if is_only(lo.kinds.of(argument), Kind.DICT) else "merge"
                return _Growth(way, argument, given)
        case nodes.List(items=(nodes.Spread(value=first), *rest)) if lo.holders.is_same(first, variable):
            return _spread(lo, lo.kinds.of(first), "list", nodes.List(given.at, tuple(rest)))
        case nodes.Dict(entries=(nodes.Spread(value=first), *rest)) if lo.holders.is_same(first, variable):
            return _spread(lo, lo.kinds.of(first), "dict", nodes.Dict(given.at, tuple(rest)))
    return None


def _spread(
    lo: Lowering, kind: int, way: Literal["list", "dict"], added: nodes.List | nodes.Dict
) -> _Growth | None:
    """`[...v, a, b]` is `v + [a, b]`, but for the error where `v` is none."""
    lo.resolution.made.append(added)
    wanted = Kind.LIST if way == "list" else Kind.DICT
    return _Growth(way if is_only(kind, wanted) else "spread", added, added)


def _sum(kinds: tuple[int, int], added: nodes.Expression, node: nodes.Node) -> _Growth | None:
    if kinds[0] == kinds[1] == Kind.STRING:
        return _Growth("text", added, node)
    if any(is_only(kind, Kind.LIST) for kind in kinds):
        return _Growth("list", added, node)
    if any(is_only(kind, Kind.DICT) for kind in kinds):
        return _Growth("dict", added, node)
    return None


def _is_short(lo: Lowering, added: nodes.Expression) -> bool:
    """A text with nothing in it but what stands there and small numbers. The next look at all variables
    (`harnlet.runtime.metering`) comes before many such steps have added up to the cap."""
    if not isinstance(added, nodes.Interpolated):
        return False
    small = Kind.COUNT | Kind.NEGATIVE
    return all(isinstance(part, str) or is_only(lo.kinds.of(part), small) for part in added.parts)


def _add(lo: Lowering, node: nodes.Assign, variable: Variable, growth: _Growth) -> None:
    way, added, operation = growth
    at = operation.at
    current = lo.load(variable.slot, node.target.at)
    with lo.into_body([]) as before:
        value = lo.expression(added)
    if _stores(before, variable.slot):
        current = lo.keep(current)
    lo.body.extend(before)
    if way == "text":
        lo.store(variable.slot, ast.BinOp(current, ast.Add(), value, **place(at)), node.at)
        if not isinstance(value, ast.Constant) and not _is_short(lo, added):
            _check_length(lo, current, ast.GtE(), "LONGEST_TEXT", lo.call("text_too_long", [], at), at)
        return
    single: ast.expr | None = None
    if way == "list" and isinstance(value, ast.List) and len(value.elts) == 1:
        single = None if isinstance(value.elts[0], ast.Starred) else value.elts[0]
    elif way == "push":
        single = value
    if isinstance(current, ast.Name) and current.id == variable.slot:
        kind = lo.kinds.of(node.target)
        if is_only(kind, Kind.LIST):
            if single is not None and _push(lo, variable, current, single, at):
                return
            if way == "list" and _extend(lo, variable, current, growth, value):
                return
        elif way == "dict" and is_only(kind, Kind.DICT) and _update(lo, variable, current, value, at):
            return
    if way == "spread":
        spread = "spread_list" if isinstance(added, nodes.List) else "spread_dict"
        current = lo.call(spread, [current], at)
    lo.store(variable.slot, lo.call(_HELPERS[way], [current, value], at), node.at)


def _push(lo: Lowering, variable: Variable, current: ast.Name, item: ast.expr, at: nodes.Span) -> bool:
    where = place(at)
    append = ast.Attribute(current, "append", LOAD, **where)
    if lo.holders.is_sole(variable, lo.function):
        lo.expression_statement(ast.Call(append, [item], [], **where), at)
        return True
    if not lo.hot:
        return False
    item = apart(lo, item, variable)
    in_place: ast.stmt = ast.Expr(ast.Call(append, [item], [], **where), **where)
    longer = ast.List([ast.Starred(current, LOAD, **where), item], LOAD, **where)
    _if_alone(lo, variable, current, [in_place], longer, at)
    return True


def _extend(
    lo: Lowering, variable: Variable, current: ast.Name, growth: _Growth, value: ast.expr
) -> bool:
    if not lo.holders.is_sole(variable, lo.function) or not is_only(lo.kinds.of(growth.added), Kind.LIST):
        return False
    at = growth.at.at
    extend = ast.Attribute(current, "extend", LOAD, **place(at))
    lo.expression_statement(ast.Call(extend, [value], [], **place(at)), at)
    length = lo.call("len", [current], at)
    _check_length(lo, current, ast.Gt(), "MOST_ITEMS", lo.call("check_items", [length], at), at)
    return True


def _update(lo: Lowering, variable: Variable, current: ast.Name, value: ast.expr, at: nodes.Span) -> bool:
    """Add the entries of a dict display one by one."""
    if not isinstance(value, ast.Dict) or len(value.keys) > _MOST_STORES or not lo.hot:
        return False
    keys = [key for key in value.keys if key is not None]
    if len(keys) < len(value.keys):
        return False
    where = place(at)
    pairs = [(lo.named(key), apart(lo, item, variable)) for key, item in zip(keys, value.values, strict=True)]
    stores: list[ast.stmt] = [
        ast.Assign([ast.Subscript(current, key, STORE, **where)], item, **where) for key, item in pairs
    ]
    if lo.holders.is_sole(variable, lo.function):
        lo.body.extend(stores)
        return True
    entries = ast.Dict([None, *(key for key, _ in pairs)], [current, *(item for _, item in pairs)], **where)
    _if_alone(lo, variable, current, stores or [ast.Pass(**where)], entries, at)
    return True


def _check_length(
    lo: Lowering, value: ast.expr, op: ast.cmpop, most: str, failure: ast.expr, at: nodes.Span
) -> None:
    where = place(at)
    test = ast.Compare(lo.call("len", [value], at), [op], [lo.load(most, at)], **where)
    lo.emit(ast.If(test, [ast.Expr(failure, **where)], [], **where))


def _stores(body: list[ast.stmt], slot: str) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id == slot and isinstance(node.ctx, ast.Store)
        for statement in body
        for node in ast.walk(statement)
    )


def _if_alone(
    lo: Lowering,
    variable: Variable,
    current: ast.Name,
    in_place: list[ast.stmt],
    copy: ast.expr,
    at: nodes.Span,
) -> None:
    where = place(at)
    again = ast.Assign([ast.Name(variable.slot, STORE, **where)], copy, **where)
    lo.emit(change(lo, current, in_place, [again], at))
    changed(lo, variable, at)
