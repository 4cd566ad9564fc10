"""Lowering of `match`, `try`, `defer`, `retry`, `deadline` and `mutex`.

Rules: docs/language.md#match, docs/language.md#errors.
"""

from collections.abc import Sequence

from harnlet.check.kinds import Kind, of_index
from harnlet.compile import python_nodes as ast
from harnlet.compile.access import enum_of
from harnlet.compile.lowering import (
    DEFER_RULE,
    DISCARD,
    LOAD,
    Give,
    Lowering,
    Sink,
    Store,
    lowers_block,
    lowers_statement,
    place,
)
from harnlet.compile.operators import is_class, operate
from harnlet.compile.statements import emit_leave
from harnlet.syntax import nodes

# --- match -------------------------------------------------------------------------------------


class _Arm:
    """One arm, lowered: what runs before its test, the test, and what runs when it holds."""

    def __init__(self) -> None:
        self.before: list[ast.stmt] = []
        self.test: ast.expr | None = None
        self.bindings: list[ast.stmt] = []
        self.guard: ast.expr | None = None
        self.body: list[ast.stmt] = []


@lowers_block(nodes.Match)
def _match(lo: Lowering, node: nodes.Match, sink: Sink) -> None:
    subject = lo.keep(lo.expression(node.subject))
    where = place(node.at)
    arms = [_arm(lo, node, arm, subject, sink) for arm in node.arms]
    failure = lo.call("no_match", [], node.at)
    rest: list[ast.stmt] = [ast.Expr(failure, **where)]
    for arm in reversed(arms):
        if arm.guard is not None:
            # The guard sees the bindings, so the arms after it stand behind a test of their own.
            slot = lo.temporary()
            with lo.into_body(arm.bindings):
                lo.store(slot, arm.guard, node.at)
            with lo.into_body([]) as missed:
                lo.store(slot, lo.constant(False, node.at), node.at)
            inner = arm.bindings if arm.test is None else [ast.If(arm.test, arm.bindings, missed, **where)]
            rest = [*arm.before, *inner, ast.If(lo.load(slot, node.at), arm.body, rest, **where)]
        elif arm.test is None:
            rest = [*arm.before, *arm.bindings, *arm.body]
        else:
            rest = [*arm.before, ast.If(arm.test, [*arm.bindings, *arm.body], rest, **where)]
    lo.body.extend(rest)


def _arm(lo: Lowering, match: nodes.Match, node: nodes.MatchArm, subject: ast.expr, sink: Sink) -> _Arm:
    arm = _Arm()
    with lo.into_body(arm.before):
        if len(node.patterns) > 1:
            tests: list[ast.expr] = []
            for pattern in node.patterns:
                if not isinstance(
                    pattern, nodes.Int | nodes.Float | nodes.String | nodes.Bool | nodes.Nil | nodes.Unary
                ):
                    message = "or-pattern (|) can only combine literal patterns"
                    raise lo.refuse("or-pattern", pattern, message)
                tests.append(_equals(lo, match, pattern, subject))
            arm.test = ast.BoolOp(ast.Or(), tests, **place(node.at))
        else:
            arm.test = _pattern(lo, match, node.patterns[0], subject, arm.bindings)
    if node.guard is not None:
        with lo.into_body(arm.bindings):
            arm.guard = lo.expression(node.guard)
    arm.body = lo.block(node.body, sink)
    return arm


def _equals(lo: Lowering, match: nodes.Match, pattern: nodes.Expression, subject: ast.expr) -> ast.expr:
    kind = lo.kinds.of(match.subject)
    return operate(lo, "==", subject, lo.expression(pattern), kind, lo.kinds.of(pattern), pattern.at)


def _pattern(
    lo: Lowering,
    match: nodes.Match,
    pattern: nodes.Expression,
    subject: ast.expr,
    bindings: list[ast.stmt],
) -> ast.expr | None:
    """The test of a pattern (None: it always matches); what it binds goes into `bindings`."""
    at = pattern.at
    if isinstance(pattern, nodes.Name):
        _bind(lo, pattern, subject, bindings)
        return None
    if isinstance(pattern, nodes.Member | nodes.MethodCall):
        enum = enum_of(lo, pattern.object)
        if enum is not None:
            arguments = pattern.arguments if isinstance(pattern, nodes.MethodCall) else ()
            for number, argument in enumerate(arguments):
                if isinstance(argument, nodes.Name):
                    field = _payload(lo, match, subject, (enum, pattern.name, number), at)
                    _bind(lo, argument, field, bindings)
            return _is_variant(lo, match, subject, enum, pattern.name, at)
    if isinstance(pattern, nodes.Dict) and all(_is_plain_entry(entry) for entry in pattern.entries):
        tests = [is_class(lo, subject, "dict", at)]
        for entry in pattern.entries:
            assert isinstance(entry, nodes.DictEntry)
            assert isinstance(entry.key, str)
            get = ast.Attribute(subject, "get", LOAD, **place(entry.at))
            found: ast.expr = ast.Call(get, [lo.constant(entry.key, entry.at)], [], **place(entry.at))
            if isinstance(entry.value, nodes.Name):
                _bind(lo, entry.value, found, bindings)
            else:
                tests.append(_same(lo, match, found, entry.value, entry.at))
        return _all(tests, at)
    if isinstance(pattern, nodes.List) and not any(isinstance(item, nodes.Spread) for item in pattern.items):
        tests = [is_class(lo, subject, "list", at)]
        if pattern.items:
            length, count = lo.call("len", [subject], at), lo.constant(len(pattern.items), at)
            tests.append(ast.Compare(length, [ast.GtE()], [count], **place(at)))
        for number, item in enumerate(pattern.items):
            assert not isinstance(item, nodes.Spread)
            found = ast.Subscript(subject, lo.constant(number, item.at), LOAD, **place(item.at))
            if isinstance(item, nodes.Name):
                _bind(lo, item, found, bindings)
            else:
                tests.append(_same(lo, match, found, item, item.at))
        return _all(tests, at)
    return _equals(lo, match, pattern, subject)


def _same(
    lo: Lowering, match: nodes.Match, found: ast.expr, pattern: nodes.Expression, at: nodes.Span
) -> ast.expr:
    """Whether a part of the subject equals what stands in the pattern."""
    kind = of_index(lo.kinds.of(match.subject))
    return operate(lo, "==", found, lo.expression(pattern), kind, lo.kinds.of(pattern), at)


def _is_variant(
    lo: Lowering, match: nodes.Match, subject: ast.expr, enum: str, variant: str, at: nodes.Span
) -> ast.expr:
    where = place(at)
    tests: list[ast.expr] = []
    if lo.kinds.of(match.subject) != Kind.ENUM:
        tests.append(is_class(lo, subject, "EnumValue", at))
    for part, name in (("variant", variant), ("enum", enum)):
        found = ast.Attribute(subject, part, LOAD, **where)
        tests.append(ast.Compare(found, [ast.Eq()], [lo.constant(name, at)], **where))
    return _all(tests, at)


def _payload(
    lo: Lowering, match: nodes.Match, subject: ast.expr, field: tuple[str, str, int], at: nodes.Span
) -> ast.expr:
    """A field of a variant; nil if the variant was made with fewer."""
    enum, variant, number = field
    made = lo.resolution.variants.get((enum, variant), ())
    full = all(len(arguments) > number for arguments in made)
    spread = any(isinstance(argument, nodes.Spread) for arguments in made for argument in arguments)
    if full and not spread and lo.kinds.of(match.subject) == Kind.ENUM:
        fields = ast.Attribute(subject, "fields", LOAD, **place(at))
        return ast.Subscript(fields, lo.constant(number, at), LOAD, **place(at))
    return lo.call("payload", [subject, lo.constant(number, at)], at)


def _is_plain_entry(entry: nodes.DictEntry | nodes.Spread) -> bool:
    return isinstance(entry, nodes.DictEntry) and isinstance(entry.key, str)


def _all(tests: list[ast.expr], at: nodes.Span) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests, **place(at))


def _bind(lo: Lowering, name: nodes.Name, value: ast.expr, bindings: list[ast.stmt]) -> None:
    if name.name != "_":
        with lo.into_body(bindings):
            lo.bind(name, name.name, value, name.at)


# --- try ---------------------------------------------------------------------------------------


@lowers_block(nodes.Try)
def _try(lo: Lowering, node: nodes.Try, sink: Sink) -> None:
    where = place(node.at)
    if node.catch is None and node.finally_ is None:
        _try_result(lo, node, sink)
        return
    body = lo.block(node.body, sink)
    handlers = [] if node.catch is None else [_handler(lo, node.catch, sink)]
    final = [] if node.finally_ is None else lo.block(node.finally_, DISCARD)
    lo.emit(ast.Try(body, handlers, [], final, **where))


def _try_result(lo: Lowering, node: nodes.Try, sink: Sink) -> None:
    """`try { ... }` alone: its value, or the error, as a Result."""
    where = place(node.at)
    slot, fault = lo.temporary(), lo.temporary()
    body = lo.block(node.body, Store(slot))
    with lo.into_body(body):
        lo.store(slot, lo.call("as_result", [lo.load(slot, node.at)], node.at), node.at)
    with lo.into_body([]) as failed:
        error = lo.call("caught", [lo.load(fault, node.at)], node.at)
        lo.store(slot, lo.call("err", [error], node.at), node.at)
    handler = ast.ExceptHandler(lo.load("Exception", node.at), fault, failed, **where)
    lo.emit(ast.Try(body, [handler], [], [], **where))
    if sink is not DISCARD:
        sink.take(lo, lo.load(slot, node.at))


def _handler(lo: Lowering, node: nodes.Catch, sink: Sink) -> ast.ExceptHandler:
    where = place(node.at)
    fault = lo.temporary()
    with lo.into_body([]) as body:
        value = _caught(lo, lo.load(fault, node.at), node.at)
        if node.name is not None and node.name != "_":
            lo.bind(node, node.name, value, node.at)
            value = lo.load(lo.declared(node, node.name).slot, node.at)
        else:
            value = lo.keep(value)
        if node.type is not None:
            name = node.type.name if isinstance(node.type, nodes.NamedType) else ""
            matches = lo.call("is_enum", [value, lo.constant(name, node.at)], node.at)
            again: list[ast.stmt] = [ast.Raise(None, None, **where)]
            lo.emit(ast.If(ast.UnaryOp(ast.Not(), matches, **where), again, [], **where))
        lo.body.extend(lo.block(node.body, sink))
    return ast.ExceptHandler(lo.load("Exception", node.at), fault, body, **where)


def _caught(lo: Lowering, fault: ast.expr, at: nodes.Span) -> ast.expr:
    """What a handler gets: the value of a `throw`, the text of any other error."""
    given = ast.Attribute(fault, "args", LOAD, **place(at))
    thrown = ast.Subscript(given, lo.constant(0, at), LOAD, **place(at))
    return ast.IfExp(is_class(lo, fault, "Thrown", at), thrown, lo.call("caught", [fault], at), **place(at))


def _defer(lo: Lowering, node: nodes.Defer, rest: Sequence[nodes.Statement], sink: Sink) -> None:
    """The rest of the block runs in a `try` whose `finally` is the deferred block."""
    where = place(node.at)
    around, lo.escapes = lo.escapes, []  # A deferred block does not leave the loop it was deferred in.
    final = lo.block(node.body, DISCARD)
    lo.escapes = around
    with lo.into_body([]) as body:
        if rest:
            lo.statements(rest, sink)
        elif sink.needs_value:
            sink.take(lo, lo.constant(None, node.at))
    lo.emit(ast.Try(body or [ast.Pass(**where)], [], [], final, **where))


DEFER_RULE.append(_defer)


# --- retry, deadline, mutex --------------------------------------------------------------------


@lowers_block(nodes.Retry)
def _retry(lo: Lowering, node: nodes.Retry, sink: Sink) -> None:
    where = place(node.at)
    left, fault, flag = lo.temporary(), lo.temporary(), lo.temporary()
    lo.store(left, lo.call("retry_count", [lo.expression(node.count)], node.count.at), node.at)
    lo.store(flag, lo.constant("", node.at), node.at)
    lo.escapes.append(flag)
    body = lo.block(node.body, DISCARD)
    lo.escapes.pop()
    with lo.into_body([]) as failed:
        again = lo.call("retry_again", [lo.load(left, node.at), lo.load(fault, node.at)], node.at)
        lo.store(left, again, node.at)
    handler = ast.ExceptHandler(lo.load("Exception", node.at), fault, failed, **where)
    attempt = ast.Try(body, [handler], [ast.Break(**where)], [], **where)
    lo.emit(ast.While(ast.Constant(True, **where), [attempt], [], **where))
    after_loop(lo, flag, node.at)
    if sink.needs_value:
        sink.take(lo, lo.constant(None, node.at))


def after_loop(lo: Lowering, flag: str, at: nodes.Span) -> None:
    """After a loop that the lowering made: go on leaving, if the script's `break` or `continue` left it."""
    if not any(outer is None for outer in lo.escapes):
        return
    where = place(at)
    for word in ("break", "continue"):
        with lo.into_body([]) as body:
            emit_leave(lo, word, at)
        test = ast.Compare(lo.load(flag, at), [ast.Eq()], [lo.constant(word, at)], **where)
        lo.emit(ast.If(test, body, [], **where))


@lowers_block(nodes.Deadline)
def _deadline(lo: Lowering, node: nodes.Deadline, sink: Sink) -> None:
    limit = lo.call("deadline", [lo.expression(node.limit)], node.limit.at)
    _guarded(lo, node, limit, node.body, sink)


@lowers_statement(nodes.Mutex)
def _mutex(lo: Lowering, node: nodes.Mutex) -> None:
    _guarded(lo, node, lo.call("mutex", [], node.at), node.body, DISCARD)


def _guarded(lo: Lowering, node: nodes.Node, manager: ast.expr, block: nodes.Block, sink: Sink) -> None:
    where = place(node.at)
    if isinstance(sink, Give):
        slot = lo.temporary()
        body = lo.block(block, Store(slot))
        lo.emit(ast.With([ast.withitem(manager, None)], body, None, **where))
        sink.take(lo, lo.load(slot, node.at))
        return
    body = lo.block(block, sink)
    lo.emit(ast.With([ast.withitem(manager, None)], body, None, **where))
