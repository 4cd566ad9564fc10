"""Lowering of bindings, assignment, loops and the simple statements (docs/language.md#statements)."""

from typing import Any

from harnlet.check.kinds import Kind, is_only
from harnlet.compile import python_nodes as ast
from harnlet.compile.expressions import condition
from harnlet.compile.handing import forget
from harnlet.compile.lowering import (
    DISCARD,
    STORE,
    Lowering,
    Sink,
    lowers_block,
    lowers_statement,
    place,
)
from harnlet.syntax import nodes


@lowers_statement(nodes.ExpressionStatement)
def _expression(lo: Lowering, node: nodes.ExpressionStatement) -> None:
    lo.expression_into(node.expression, DISCARD)


@lowers_statement(nodes.Let)
def _let(lo: Lowering, node: nodes.Let) -> None:
    pattern = node.pattern
    if isinstance(pattern, nodes.NamePattern):
        value = lo.expression(node.value)
        if pattern.name == "_":
            DISCARD.take(lo, value)
        else:
            lo.bind(pattern, pattern.name, value, pattern.at)
            forget(lo, node.value, lo.declared(pattern, pattern.name))
        return
    destructure(lo, pattern, lo.expression(node.value), node.value.at)


def destructure(
    lo: Lowering, pattern: nodes.DictPattern | nodes.ListPattern, value: ast.expr, at: nodes.Span
) -> None:
    """Bind the names of a pattern to the parts of a value, whose type is checked first."""
    is_dict = isinstance(pattern, nodes.DictPattern)
    source = lo.keep(lo.call("destructure_dict" if is_dict else "destructure_list", [value], at))
    names: list[ast.expr] = []
    parts: tuple[Any, ...] = pattern.fields if isinstance(pattern, nodes.DictPattern) else pattern.items
    for number, part in enumerate(parts):
        key = lo.constant(part.key if is_dict else number, part.at)
        names.append(key)
        found = lo.call("index", [source, key], part.at)
        if part.default is not None:
            found = _with_default(lo, found, part.default, part.at)
        if part.name == "_":
            DISCARD.take(lo, found)
        else:
            lo.bind(part, part.name, found, part.at)
    if pattern.rest is not None and pattern.rest != "_":
        helper = "dict_rest" if is_dict else "list_rest"
        taken = lo.tuple(names, pattern.at) if is_dict else lo.constant(len(names), pattern.at)
        lo.bind(pattern, pattern.rest, lo.call(helper, [source, taken], pattern.at), pattern.at)


def _with_default(lo: Lowering, found: ast.expr, default: nodes.Expression, at: nodes.Span) -> ast.expr:
    slot = lo.temporary()
    lo.store(slot, found, at)
    where = place(at)
    is_nil = ast.Compare(lo.load(slot, at), [ast.Is()], [ast.Constant(None, **where)], **where)
    with lo.into_body([]) as body:
        lo.store(slot, lo.expression(default), at)
    lo.emit(ast.If(is_nil, body, [], **where))
    return lo.load(slot, at)


# --- if and loops ------------------------------------------------------------------------------


@lowers_block(nodes.If)
def _if(lo: Lowering, node: nodes.If, sink: Sink) -> None:
    """An `else if` goes into the `orelse` of the one before, without recursion."""
    current: nodes.If | nodes.Block | None = node
    body = lo.body
    while isinstance(current, nodes.If):
        with lo.into_body(body):
            test = condition(lo, current.condition)
        then = lo.block(current.then, sink)
        orelse: list[ast.stmt] = []
        body.append(ast.If(test, then, orelse, **place(current.condition.at)))
        last, current, body = current, current.otherwise, orelse
    if current is not None:
        body.extend(lo.block(current, sink))
    elif sink.needs_value:
        with lo.into_body(body):
            sink.take(lo, lo.constant(None, last.at))


@lowers_statement(nodes.While)
def _while(lo: Lowering, node: nodes.While) -> None:
    where = place(node.at)
    with lo.into_body([]) as before:
        test = condition(lo, node.condition)
    body = _loop_body(lo, node.body, None)
    if before:
        leave: list[ast.stmt] = [ast.Break(**where)]
        stop = ast.If(ast.UnaryOp(ast.Not(), test, **where), leave, [], **where)
        lo.emit(ast.While(ast.Constant(True, **where), [*before, stop, *body], [], **where))
    else:
        lo.emit(ast.While(test, body, [], **where))


def _loop_body(lo: Lowering, block: nodes.Block, bind: Any) -> list[ast.stmt]:
    """The statements of one round, with the safe point of the loop at their head."""
    line, column = block.at[:2]
    where = place((line, column, line, column + 1))
    lo.escapes.append(None)
    with lo.into_body([]) as body:
        lo.safe_point(where)
        if bind is not None:
            bind()
        lo.statements(block.statements, DISCARD)
    lo.escapes.pop()
    return body


@lowers_statement(nodes.For)
def _for(lo: Lowering, node: nodes.For) -> None:
    source = _iterable(lo, node.iterable)
    pattern = node.pattern
    where = place(pattern.at)
    if isinstance(pattern, nodes.NamePattern) and pattern.name != "_":
        variable = lo.declared(pattern, pattern.name)
        target, bind = variable.slot, None
    else:
        target = lo.temporary()
        item = lo.load(target, pattern.at)

        def bind() -> None:
            if isinstance(pattern, nodes.PairPattern):
                for field, name in (("first", pattern.first), ("second", pattern.second)):
                    part = lo.call("get_member", [item, lo.constant(field, pattern.at)], pattern.at)
                    if name == "_":
                        DISCARD.take(lo, part)
                    else:
                        lo.bind(pattern, name, part, pattern.at)
            elif not isinstance(pattern, nodes.NamePattern):
                destructure(lo, pattern, item, pattern.at)

    body = _loop_body(lo, node.body, bind)
    lo.emit(ast.For(ast.Name(target, STORE, **where), source, body, [], None, **place(node.at)))


def _iterable(lo: Lowering, node: nodes.Expression) -> ast.expr:
    where = place(node.at)
    if isinstance(node, nodes.Range):
        start, end = lo.expressions([node.start, node.end])
        if is_only(lo.kinds.of(node.start), Kind.INT) and is_only(lo.kinds.of(node.end), Kind.INT):
            if not node.exclusive:
                end = ast.BinOp(end, ast.Add(), ast.Constant(1, **where), **where)
            return lo.call("range", [start, end], node.at)
        made = lo.call("make_range", [start, end, lo.constant(node.exclusive, node.at)], node.at)
        return lo.call("iterate", [made], node.at)
    value = lo.expression(node)
    if isinstance(value, ast.Name):
        lo.set_flag(value.id, False, node.at)  # The loop holds what it goes over.
    if is_only(lo.kinds.of(node), Kind.LIST):
        return value
    return lo.call("iterate", [value], node.at)


@lowers_statement(nodes.Break, nodes.Continue)
def _leave(lo: Lowering, node: nodes.Break | nodes.Continue) -> None:
    word = "break" if isinstance(node, nodes.Break) else "continue"
    if not any(flag is None for flag in lo.escapes):
        raise lo.refuse(f"{word}-outside-loop", node, f"{word} outside of loop")
    emit_leave(lo, word, node.at)


def emit_leave(lo: Lowering, word: str, at: nodes.Span) -> None:
    """Leave the script's innermost loop; a loop that the lowering made around it is left first."""
    where = place(at)
    flag = lo.escapes[-1]
    if flag is not None:
        lo.store(flag, lo.constant(word, at), at)
        lo.emit(ast.Break(**where))
    else:
        lo.emit(ast.Break(**where) if word == "break" else ast.Continue(**where))


# --- simple statements -------------------------------------------------------------------------


@lowers_statement(nodes.Throw)
def _throw(lo: Lowering, node: nodes.Throw) -> None:
    lo.raise_(lo.call("Thrown", [lo.expression(node.value)], node.value.at), node.at)


@lowers_statement(nodes.Guard)
def _guard(lo: Lowering, node: nodes.Guard) -> None:
    where = place(node.at)
    test = condition(lo, node.condition)
    lo.emit(ast.If(ast.UnaryOp(ast.Not(), test, **where), lo.block(node.body, DISCARD), [], **where))


@lowers_statement(nodes.Require)
def _require(lo: Lowering, node: nodes.Require) -> None:
    where = place(node.at)
    test = condition(lo, node.condition)
    with lo.into_body([]) as body:
        if node.message is None:
            message = lo.constant("require condition failed", node.at)
        else:
            message = lo.expression(node.message)
        lo.raise_(lo.call("Thrown", [message], node.at), node.at)
    lo.emit(ast.If(ast.UnaryOp(ast.Not(), test, **where), body, [], **where))


@lowers_statement(nodes.Yield)
def _yield(lo: Lowering, node: nodes.Yield) -> None:
    value = lo.constant(None, node.at) if node.value is None else lo.expression(node.value)
    lo.expression_statement(ast.Yield(value, **place(node.at)), node.at)


@lowers_statement(nodes.Emit)
def _emit(lo: Lowering, node: nodes.Emit) -> None:
    if not lo.function.stream:
        raise lo.refuse("emit-outside-stream", node, "`emit` can only be used inside a `gen fn`")
    lo.expression_statement(ast.Yield(lo.expression(node.value), **place(node.at)), node.at)


@lowers_statement(nodes.Override)
def _override(lo: Lowering, node: nodes.Override) -> None:
    """Parsed, without effect."""
