"""Lowering of values, names, operators and access: everything that is one Python expression.

Operators become Python's own where the kinds of the operands say that they mean the same, else calls
of `harnlet.runtime.operators`. Rules: docs/language.md#expressions.
"""

from functools import partial
from typing import Any

from harnlet.check.kinds import Kind, elements, is_only
from harnlet.check.resolution import AliasSchema, Undefined
from harnlet.check.scope import StructInfo, Variable
from harnlet.compile import python_nodes as ast
from harnlet.compile.lowering import LOAD, Lowering, lowers, place
from harnlet.compile.operators import operate, text_within_cap
from harnlet.compile.schemas import schema_of_type
from harnlet.syntax import nodes

_CHAIN = 60
"""Operators in one Python expression. Longer chains go through temporaries, since CPython's compiler
recurses into each level."""


@lowers(nodes.Nil)
def _nil(lo: Lowering, node: nodes.Nil) -> ast.expr:
    return lo.constant(None, node.at)


@lowers(nodes.Bool, nodes.Int, nodes.Float, nodes.String)
def _literal(lo: Lowering, node: nodes.Bool | nodes.Int | nodes.Float | nodes.String) -> ast.expr:
    return lo.constant(node.value, node.at)


@lowers(nodes.Duration)
def _duration(lo: Lowering, node: nodes.Duration) -> ast.expr:
    return lo.call("Duration", [lo.constant(node.milliseconds, node.at)], node.at)


@lowers(nodes.Interpolated)
def _interpolated(lo: Lowering, node: nodes.Interpolated) -> ast.expr:
    expressions = [part for part in node.parts if not isinstance(part, str)]
    values = iter(lo.expressions(expressions))
    parts: list[ast.expr] = []
    where = place(node.at)
    for part in node.parts:
        if isinstance(part, str):
            parts.append(ast.Constant(part, **where))
            continue
        value = next(values)
        kind = lo.kinds.of(part)
        # Python refuses to write out ints of many digits.
        if not is_only(kind, Kind.STRING | Kind.COUNT | Kind.NEGATIVE):
            value = lo.call("display", [value], part.at)
        parts.append(ast.FormattedValue(value, -1, None, **place(part.at)))
    joined = ast.JoinedStr(parts, **where)
    return joined if len(expressions) == 1 else text_within_cap(lo, joined, node.at)


# --- names -------------------------------------------------------------------------------------


@lowers(nodes.Name)
def _name(lo: Lowering, node: nodes.Name) -> ast.expr:
    reference = lo.reference(node)
    if isinstance(reference, Variable):
        if lo.holders.keeps(node):
            lo.set_flag(reference.slot, False, node.at)
        return lo.read(reference, node.at)
    if reference == "argv":
        runtime = ast.Name("rt", LOAD, **place(node.at))
        return ast.Attribute(runtime, "argv", LOAD, **place(node.at))
    if isinstance(reference, str):
        lo.used_values.add(reference)
        return lo.load(f"value_{reference}", node.at)
    if isinstance(reference, AliasSchema):
        schema = schema_of_type(reference.type, lo.resolution.aliases)
        return lo.constant_data({"type": "any"} if schema is None else schema, node.at)
    assert isinstance(reference, Undefined)
    return undefined(lo, reference, "undefined_variable", node.at)


def undefined(lo: Lowering, missing: Undefined, helper: str, at: nodes.Span) -> ast.expr:
    """A call that raises: the name means nothing."""
    return lo.call(helper, [lo.constant(missing.name, at), lo.constant(missing.hint, at)], at)


# --- operators ---------------------------------------------------------------------------------


@lowers(nodes.Binary)
def _binary(lo: Lowering, node: nodes.Binary) -> ast.expr:
    chain: list[nodes.Binary] = []
    current: nodes.Expression = node
    while isinstance(current, nodes.Binary):
        chain.append(current)
        current = current.left
    chain.reverse()
    value = lo.expression(current)
    kind = lo.kinds.of(current)
    left: nodes.Expression = current
    for count, link in enumerate(chain, 1):
        value = _operate(lo, link, value, left, kind)
        kind = lo.kinds.of_link(link, kind)
        left = link
        if count % _CHAIN == 0:
            value = lo.keep(value)
    return value


def _operate(
    lo: Lowering, node: nodes.Binary, left: ast.expr, left_node: nodes.Expression, kind: int
) -> ast.expr:
    operator = node.operator
    if operator in ("&&", "||"):
        return _logical(lo, node, left, kind)
    if operator == "??":
        return _coalesce(lo, node, left, kind)
    with lo.into_body([]) as before:
        right = lo.expression(node.right)
    if before:
        left = lo.keep(left)
        lo.body.extend(before)
    return operate(lo, operator, left, right, kind, lo.kinds.of(node.right), node.at)


def condition(lo: Lowering, node: nodes.Expression) -> ast.expr:
    """An expression for Python's own truth test, which agrees with ours on every script value: the
    value classes say so in `__bool__` (docs/language.md#truthiness)."""
    return lo.expression(node)


def as_bool(lo: Lowering, value: ast.expr, kind: int, at: nodes.Span) -> ast.expr:
    """The truth of a value as a bool."""
    if kind == Kind.BOOL:
        return value
    where = place(at)
    return ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), value, **where), **where)


def _logical(lo: Lowering, node: nodes.Binary, left: ast.expr, kind: int) -> ast.expr:
    where = place(node.at)
    with lo.into_body([]) as before:
        right = as_bool(lo, lo.expression(node.right), lo.kinds.of(node.right), node.right.at)
    left = as_bool(lo, left, kind, node.left.at)
    if not before:
        op: ast.boolop = ast.And() if node.operator == "&&" else ast.Or()
        if isinstance(left, ast.BoolOp) and type(left.op) is type(op):
            return ast.BoolOp(op, [*left.values, right], **where)
        return ast.BoolOp(op, [left, right], **where)
    slot = lo.temporary()
    lo.store(slot, left, node.at)
    with lo.into_body(before):
        lo.store(slot, right, node.at)
    test = lo.load(slot, node.at)
    if node.operator == "||":
        test = ast.UnaryOp(ast.Not(), test, **where)
    lo.emit(ast.If(test, before, [], **where))
    return lo.load(slot, node.at)


def _coalesce(lo: Lowering, node: nodes.Binary, left: ast.expr, kind: int) -> ast.expr:
    where = place(node.at)
    if isinstance(left, ast.Constant):  # CPython warns of `1 is None`
        return lo.expression(node.right) if left.value is None else left
    if isinstance(node.right, nodes.Int | nodes.Float | nodes.String | nodes.Bool) and _gets(lo, node, left):
        assert isinstance(left, ast.Call)
        left.args = [*left.args, lo.expression(node.right)]
        return left
    left = lo.named(left)
    with lo.into_body([]) as before:
        right = lo.expression(node.right)
    is_nil = ast.Compare(left, [ast.Is()], [ast.Constant(None, **where)], **where)
    if not before:
        return ast.IfExp(is_nil, right, left, **where)
    slot = lo.temporary()
    lo.store(slot, left, node.at)
    with lo.into_body(before):
        lo.store(slot, right, node.at)
    lo.emit(ast.If(is_nil, before, [], **where))
    return lo.load(slot, node.at)


def _gets(lo: Lowering, node: nodes.Binary, left: ast.expr) -> bool:
    """Whether the left side of `d[k] ?? v` is lowered to `d.get(k)`, of a dict that holds no nil: then
    `d.get(k, v)` does."""
    if not isinstance(node.left, nodes.Member | nodes.Index) or not isinstance(left, ast.Call):
        return False
    kind = lo.kinds.of(node.left.object)
    if not is_only(kind, Kind.DICT) or elements(kind) & (Kind.NIL | Kind.OTHER):
        return False
    return isinstance(left.func, ast.Attribute) and left.func.attr == "get" and len(left.args) == 1


@lowers(nodes.Unary)
def _unary(lo: Lowering, node: nodes.Unary) -> ast.expr:
    where = place(node.at)
    kind = lo.kinds.of(node.operand)
    if node.operator == "!":
        return ast.UnaryOp(ast.Not(), lo.expression(node.operand), **where)
    if isinstance(node.operand, nodes.Int | nodes.Float):
        return lo.constant(-node.operand.value, node.at)
    value = lo.expression(node.operand)
    if not kind & (Kind.BOOL | Kind.OTHER):
        return ast.UnaryOp(ast.USub(), value, **where)
    return lo.call("negate", [value], node.at)


@lowers(nodes.Ternary)
def _ternary(lo: Lowering, node: nodes.Ternary) -> ast.expr:
    where = place(node.at)
    test = condition(lo, node.condition)
    with lo.into_body([]) as before_then:
        then = lo.expression(node.then)
    with lo.into_body([]) as before_else:
        otherwise = lo.expression(node.otherwise)
    if not before_then and not before_else:
        return ast.IfExp(test, then, otherwise, **where)
    slot = lo.temporary()
    with lo.into_body(before_then):
        lo.store(slot, then, node.then.at)
    with lo.into_body(before_else):
        lo.store(slot, otherwise, node.otherwise.at)
    lo.emit(ast.If(test, before_then, before_else, **where))
    return lo.load(slot, node.at)


@lowers(nodes.Range)
def _range(lo: Lowering, node: nodes.Range) -> ast.expr:
    start, end = lo.expressions([node.start, node.end])
    return lo.call("make_range", [start, end, lo.constant(node.exclusive, node.at)], node.at)


# --- collections -------------------------------------------------------------------------------


@lowers(nodes.List)
def _list(lo: Lowering, node: nodes.List) -> ast.expr:
    where = place(node.at)
    return ast.List(items(lo, node.items, "spread_list"), LOAD, **where)


def items(lo: Lowering, given: tuple[Any, ...], spread: str) -> list[ast.expr]:
    """The items of a list or argument list; spreads are checked and starred."""
    if not any(type(item) is nodes.Spread for item in given):
        return lo.expressions(given)

    def lower(item: nodes.Expression | nodes.Spread) -> ast.expr:
        if not isinstance(item, nodes.Spread):
            return lo.expression(item)
        return lo.call(spread, [lo.expression(item.value)], item.value.at)

    values = lo.in_order(partial(lower, item) for item in given)
    return [
        ast.Starred(value, LOAD, **place(item.at)) if isinstance(item, nodes.Spread) else value
        for item, value in zip(given, values, strict=True)
    ]


@lowers(nodes.Dict)
def _dict(lo: Lowering, node: nodes.Dict) -> ast.expr:
    return dict_display(lo, node.entries, node.at)


def dict_display(lo: Lowering, entries: tuple[Any, ...], at: nodes.Span) -> ast.expr:
    """A Python dict display for the entries of a dict or struct literal."""
    makers: list[Any] = []
    for entry in entries:
        if isinstance(entry, nodes.Spread):
            makers.append(lambda e=entry: lo.call("spread_dict", [lo.expression(e.value)], e.value.at))
            continue
        if isinstance(entry.key, str):
            makers.append(lambda e=entry: lo.constant(e.key, e.at))
        elif lo.kinds.of(entry.key) == Kind.STRING:
            makers.append(lambda e=entry: lo.expression(e.key))
        else:
            makers.append(lambda e=entry: lo.call("display", [lo.expression(e.key)], e.key.at))
        makers.append(lambda e=entry: lo.expression(e.value))
    values = iter(lo.in_order(makers))
    keys: list[ast.expr | None] = []
    contents: list[ast.expr] = []
    for entry in entries:
        keys.append(None if isinstance(entry, nodes.Spread) else next(values))
        contents.append(next(values))
    return ast.Dict(keys, contents, **place(at))


@lowers(nodes.Spread)
def _spread(lo: Lowering, node: nodes.Spread) -> ast.expr:
    message = "spread (...) can only be used inside list literals, dict literals, or function call arguments"
    raise lo.refuse("spread-misplaced", node, message)


@lowers(nodes.StructLiteral)
def _struct_literal(lo: Lowering, node: nodes.StructLiteral) -> ast.expr:
    reference = lo.reference(node)
    struct = lo.resolution.structs.get(reference) if isinstance(reference, Variable) else None
    if struct is not None and has_maker(struct, struct.variable):
        names = [entry.key for entry in node.fields]
        if names == list(struct.fields):
            values = lo.expressions([entry.value for entry in node.fields])
            return lo.call(maker_slot(struct.variable), values, node.at)
    fields = dict_display(lo, node.fields, node.at)
    if not isinstance(reference, Variable):
        assert isinstance(reference, Undefined)
        return undefined(lo, reference, "undefined_variable", node.at)
    return lo.call("new_struct", [lo.read(reference, node.at), fields], node.at)


def has_maker(struct: StructInfo, variable: Variable) -> bool:
    """Whether there is a function that makes values of the struct (see `maker_slot`)."""
    plain = all(name.isascii() for name in struct.fields)
    return bool(struct.fields) and plain and not variable.in_loop and not variable.boxed


def maker_slot(variable: Variable) -> str:
    """The Python name of the function that makes values of a struct from all its fields, in order."""
    return f"{variable.slot}n"


@lowers(nodes.TryStar)
def _try_star(lo: Lowering, node: nodes.TryStar) -> ast.expr:
    return lo.expression(node.operand)


@lowers(nodes.Propagate)
def _propagate(lo: Lowering, node: nodes.Propagate) -> ast.expr:
    where = place(node.at)
    slot = lo.temporary()
    lo.store(slot, lo.expression(node.operand), node.operand.at)
    result = lo.load(slot, node.at)
    lo.emit(ast.If(lo.call("is_err", [result], node.at), [ast.Return(result, **where)], [], **where))
    return lo.call("ok_value", [result], node.at)
