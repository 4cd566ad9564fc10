"""Lowering of bindings, assignment, loops and the simple statements (docs/language.md#statements)."""

import ast
from typing import Any

from harnlet.check.kinds import Kind
from harnlet.check.resolution import Undefined
from harnlet.check.scope import Variable
from harnlet.compile.expressions import condition, operate, undefined
from harnlet.compile.lowering import (
    DISCARD,
    LOAD,
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


# --- assignment --------------------------------------------------------------------------------


@lowers_statement(nodes.Assign)
def _assign(lo: Lowering, node: nodes.Assign) -> None:
    target = node.target
    if isinstance(target, nodes.Name):
        if _push_in_place(lo, node, target):
            return
        value = lo.expression(node.value)
        variable = _assignable(lo, target, value)
        if variable is not None:
            lo.note_store(variable)
            if not _append_text(lo, node, variable, target, value):
                lo.store(variable.slot, _new_value(lo, node, variable, target, value), node.at)
        return
    steps: list[nodes.Member | nodes.Index] = []
    root: nodes.Expression = target
    while isinstance(root, nodes.Member | nodes.Index):
        steps.append(root)
        root = root.object
    steps.reverse()
    if not isinstance(root, nodes.Name):
        raise lo.refuse("assignment-target", node.target, "only a variable or a part of one can be assigned")
    reference = lo.reference(root)
    if isinstance(reference, Variable) and reference.mutable:
        lo.note_store(reference)
        _assign_part(lo, node, reference, steps)
    else:
        _assignable(lo, root, lo.expression(node.value))


def _assignable(lo: Lowering, target: nodes.Name, value: ast.expr) -> Variable | None:
    """The variable to store into; None when that is an error, which is then emitted after the value."""
    reference = lo.reference(target)
    if isinstance(reference, Variable) and reference.mutable:
        return reference
    DISCARD.take(lo, value)
    if isinstance(reference, Variable):
        failure = lo.call("immutable", [lo.constant(target.name, target.at)], target.at)
    else:
        missing = reference if isinstance(reference, Undefined) else Undefined(target.name, None)
        failure = undefined(lo, missing, "undefined_variable", target.at)
    lo.expression_statement(failure, target.at)
    return None


def _push_in_place(lo: Lowering, node: nodes.Assign, target: nodes.Name) -> bool:
    """`xs = xs.push(value)`. The value comes first and alone: a temporary that holds the list while a closure
    is made for it would make each push a copy. Whether the assignment is one of those."""
    given = node.value
    variable = lo.resolution.references.get(id(target))
    if (
        node.operator != "="
        or not isinstance(given, nodes.MethodCall)
        or given.name != "push"
        or given.optional
        or len(given.arguments) != 1
        or isinstance(given.arguments[0], nodes.Spread)
        or not isinstance(variable, Variable)
        or not _is_same(lo, given.object, variable)
    ):
        return False
    value = lo.expression(given.arguments[0])
    if _assignable(lo, target, value) is None:
        return True
    lo.note_store(variable)
    current = lo.load(variable.slot, target.at)
    lo.store(variable.slot, lo.call("push_place", [current, value], node.at), node.at)
    return True


def _append_text(
    lo: Lowering, node: nodes.Assign, variable: Variable, target: nodes.Name, value: ast.expr
) -> bool:
    """`s = s + t` and `s += t` on strings, as the one statement that CPython does in place; the cap on the
    length of texts is looked at afterwards. Whether the assignment is one of those."""
    given = node.value
    if node.operator == "=":
        appends = (
            isinstance(given, nodes.Binary) and given.operator == "+" and _is_same(lo, given.left, variable)
        )
        if not appends or not isinstance(given, nodes.Binary):
            return False
        given = given.right
    elif node.operator != "+=":
        return False
    if not lo.kinds.of(target) == lo.kinds.of(given) == Kind.STRING:
        return False
    if node.operator == "=":
        if isinstance(value, ast.IfExp) and isinstance(value.test, ast.Compare):
            # The value came with the cap around it: take what is joined out again.
            length = value.test.left
            assert isinstance(length, ast.Call)
            assert isinstance(length.args[0], ast.NamedExpr)
            value = length.args[0].value
        if not isinstance(value, ast.BinOp):
            return False
        value = value.right
    where = place(node.at)
    current = lo.load(variable.slot, target.at)
    lo.store(variable.slot, ast.BinOp(current, ast.Add(), value, **where), node.at)
    if not isinstance(value, ast.Constant):
        length = lo.call("len", [current], node.at)
        test = ast.Compare(length, [ast.GtE()], [lo.load("LONGEST_TEXT", node.at)], **where)
        too_long: list[ast.stmt] = [ast.Expr(lo.call("text_too_long", [], node.at), **where)]
        lo.emit(ast.If(test, too_long, [], **where))
    return True


def _new_value(
    lo: Lowering, node: nodes.Assign, variable: Variable, target: nodes.Name, value: ast.expr
) -> ast.expr:
    current = lo.load(variable.slot, target.at)
    if node.operator != "=":
        kind, other = lo.kinds.of(target), lo.kinds.of(node.value)
        if node.operator == "+=" and Kind.LIST in (kind, other):
            return lo.call("extend_place", [current, value], node.at)
        return operate(lo, node.operator[:-1], current, value, kind, other, node.at)
    given = node.value
    if (
        isinstance(given, nodes.Binary)
        and given.operator == "+"
        and _is_same(lo, given.left, variable)
        and Kind.LIST in (lo.kinds.of(given.left), lo.kinds.of(given.right))
        and isinstance(value, ast.Call | ast.BinOp)
    ):
        right = value.args[-1] if isinstance(value, ast.Call) else value.right
        return lo.call("extend_place", [current, right], given.at)
    return value


def _is_same(lo: Lowering, node: nodes.Expression, variable: Variable) -> bool:
    return isinstance(node, nodes.Name) and lo.resolution.references.get(id(node)) is variable


def _assign_part(
    lo: Lowering, node: nodes.Assign, variable: Variable, steps: list[nodes.Member | nodes.Index]
) -> None:
    """`v.a[i] = value` evaluates the value, then the indexes, from left to right. `v.a[i] += value` reads
    its left side first, like any operator."""
    plain = node.operator == "="
    root = lo.load(variable.slot, node.at)
    if plain:
        value = lo.expression(node.value)
        if any(isinstance(step, nodes.Index) and not _is_plain(step.index) for step in steps):
            value = lo.keep(value)
    keys: list[ast.expr] = []
    for step in steps:
        if isinstance(step, nodes.Member):
            keys.append(lo.constant(step.name, step.name_at))
        else:
            key = lo.expression(step.index)
            keys.append(key if plain and len(steps) == 1 else lo.keep(key))
    if not plain:
        current = root
        for step, key in zip(steps, keys, strict=True):
            helper = "get_member" if isinstance(step, nodes.Member) else "index"
            current = lo.call(helper, [current, key], step.at)
        with lo.into_body([]) as before:
            given = lo.expression(node.value)
        if before:
            current = lo.keep(current)
            lo.body.extend(before)
        other = lo.kinds.of(node.value)
        value = operate(lo, node.operator[:-1], current, given, Kind.ANY, other, node.at)
    if len(steps) == 1:
        helper = "put_member" if isinstance(steps[0], nodes.Member) else "put_index"
        updated = lo.call(helper, [root, keys[0], value], node.target.at)
    else:
        shape = "".join("m" if isinstance(step, nodes.Member) else "i" for step in steps)
        path = [root, lo.constant(shape, node.at), lo.tuple(keys, node.at), value]
        updated = lo.call("put_path", path, node.target.at)
    lo.store(variable.slot, updated, node.at)


def _is_plain(node: nodes.Expression) -> bool:
    return isinstance(node, nodes.Int | nodes.String | nodes.Name)


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
    limit = ast.Attribute(ast.Name("rt", LOAD, **where), "limit", LOAD, **where)
    zero = ast.Constant(0, **where)
    attend = ast.Attribute(ast.Name("rt", LOAD, **where), "attend", LOAD, **where)
    call = ast.Expr(ast.Call(attend, [zero], [], **where), **where)
    lo.escapes.append(None)
    with lo.into_body([]) as body:
        lo.emit(ast.If(ast.Compare(limit, [ast.Lt()], [zero], **where), [call], [], **where))
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
        if lo.kinds.of(node.start) == lo.kinds.of(node.end) == Kind.INT:
            if not node.exclusive:
                end = ast.BinOp(end, ast.Add(), ast.Constant(1, **where), **where)
            return lo.call("range", [start, end], node.at)
        made = lo.call("make_range", [start, end, lo.constant(node.exclusive, node.at)], node.at)
        return lo.call("iterate", [made], node.at)
    value = lo.expression(node)
    if lo.kinds.of(node) == Kind.LIST:
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
