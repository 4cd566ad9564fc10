"""Lowering of calls: direct ones of known functions, builtins, values, methods, pipes.

A function that nobody can reach but by its name in this file is called with exactly its parameters
and the call depth; everything else may be called by anybody with any number of arguments
(docs/architecture.md#calls).
"""

import ast

from harnlet.check.resolution import Undefined
from harnlet.check.scope import Function, Variable
from harnlet.check.shape import placeholder_in
from harnlet.compile.expressions import enum_of, enum_value, items, undefined, walrus
from harnlet.compile.lowering import LOAD, Lowering, lowers, place
from harnlet.syntax import nodes


@lowers(nodes.Call)
def _call(lo: Lowering, node: nodes.Call) -> ast.expr:
    callee = node.callee
    if not isinstance(callee, nodes.Name):
        return _call_value(lo, node)
    reference = lo.reference(callee)
    if isinstance(reference, Variable):
        if reference.function is not None:
            return call_function(lo, reference, reference.function, node, callee.at)
        arguments = items(lo, node.arguments, "spread_arguments")
        return call_with(lo.read(reference, callee.at), arguments, node.at)
    if isinstance(reference, str):
        return call_builtin(lo, reference, node) if reference in lo.builtins else _call_value(lo, node)
    assert isinstance(reference, Undefined)
    for argument in items(lo, node.arguments, "spread_arguments"):
        lo.expression_statement(_plain(argument), node.at)
    return undefined(lo, reference, "undefined_callable", callee.at)


def _plain(argument: ast.expr) -> ast.expr:
    return argument.value if isinstance(argument, ast.Starred) else argument


def call_with(function: ast.expr, arguments: list[ast.expr], at: nodes.Span) -> ast.expr:
    """A call by name. A value that cannot be called shows in Python's TypeError, which becomes ours
    (`harnlet.runtime.faulting`)."""
    return ast.Call(function, arguments, [], **place(at))


def _call_value(lo: Lowering, node: nodes.Call) -> ast.expr:
    parts = items(lo, (node.callee, *node.arguments), "spread_arguments")
    return lo.call("call_value", parts, node.at)


def call_function(
    lo: Lowering, variable: Variable, function: Function, node: nodes.Call, name_at: nodes.Span
) -> ast.expr:
    """A direct call of a function whose declaration is known; its name stands at `name_at`."""
    at = node.at
    values = items(lo, node.arguments, "spread_arguments")
    spread = any(isinstance(item, nodes.Spread) for item in node.arguments)
    name = lo.read(variable, name_at)
    where = place(at)
    depth = lo.depth(at)
    if spread or function.lenient:
        return ast.Call(name, values, [ast.keyword("depth", depth, **where)], **where)
    return ast.Call(name, [*fit(lo, function, values, at), depth], [], **where)


def fit(lo: Lowering, function: Function, values: list[ast.expr], at: nodes.Span) -> list[ast.expr]:
    """Exactly the arguments that a direct function takes: nil or a marker for missing ones; surplus
    ones are evaluated and dropped."""
    declared: tuple[nodes.Parameter, ...] = getattr(function.node, "parameters", ())
    fitted: list[ast.expr] = []
    for index, parameter in enumerate(declared):
        if parameter.rest:
            fitted.append(ast.List(values[index:], LOAD, **place(at)))
            return fitted
        if index < len(values):
            fitted.append(values[index])
        elif parameter.default is not None:
            fitted.append(lo.load("MISSING", at))
        else:
            fitted.append(lo.constant(None, at))
    surplus = values[len(declared) :]
    if surplus:
        kept = [lo.keep(value) for value in values]
        fitted[: len(values)] = kept[: len(declared)]
    return fitted


def call_builtin(lo: Lowering, name: str, node: nodes.Call) -> ast.expr:
    """A call of a builtin by its name: straight to its function, with at most its arguments."""
    arguments = items(lo, node.arguments, "spread_arguments")
    shape = lo.builtins[name]
    spread = any(isinstance(item, nodes.Spread) for item in node.arguments)
    if spread:
        lo.used_values.add(name)
        return call_with(lo.load(f"value_{name}", node.callee.at), arguments, node.at)
    lo.used_builtins.add(name)
    if shape.maximum is not None and len(arguments) > shape.maximum:
        arguments = [lo.keep(argument) for argument in arguments][: shape.maximum]
    return call_with(lo.load(f"call_{name}", node.callee.at), arguments, node.at)


@lowers(nodes.MethodCall)
def _method_call(lo: Lowering, node: nodes.MethodCall) -> ast.expr:
    enum = enum_of(lo, node.object)
    if enum is not None:
        return enum_value(lo, enum, node.name, items(lo, node.arguments, "spread_arguments"), node.at)
    receiver, *arguments = items(lo, (node.object, *node.arguments), "spread_arguments")
    where = place(node.at)
    if node.name in lo.resolution.method_names and not node.optional:
        # Found first and called from here: a helper in between would take a second Python frame for
        # each level of a recursive method.
        stored, again = walrus(lo, receiver, node.object.at)
        name = lo.constant(node.name, node.name_at)
        found = ast.Call(lo.load("find_method", node.name_at), [stored, name], [], **place(node.name_at))
        depth = ast.keyword("depth", lo.depth(node.at), **where)
        return ast.Call(found, [again, *arguments], [depth], **where)
    helper = "call_method_optional" if node.optional else "call_method"
    name = lo.constant(node.name, node.name_at)
    return ast.Call(lo.load(helper, node.name_at), [receiver, name, *arguments], [], **where)


@lowers(nodes.Pipe)
def _pipe(lo: Lowering, node: nodes.Pipe) -> ast.expr:
    chain: list[nodes.Pipe] = []
    current: nodes.Expression = node
    while isinstance(current, nodes.Pipe):
        chain.append(current)
        current = current.value
    value = lo.expression(current)
    piped: nodes.Expression = current
    for link in reversed(chain):
        value = _pipe_into(lo, link, value, piped)
        piped = link
    return value


def _pipe_into(lo: Lowering, link: nodes.Pipe, value: ast.expr, piped: nodes.Expression) -> ast.expr:
    target = link.function
    if placeholder_in(target):
        lo.bind(link, "_", value, piped.at)
        return lo.expression(target)
    if isinstance(target, nodes.Name):
        reference = lo.reference(target)
        if isinstance(reference, str) and reference in lo.builtins:
            lo.used_builtins.add(reference)
            shape = lo.builtins[reference]
            arguments = [value] if shape.maximum is None or shape.maximum else []
            if not arguments:
                lo.expression_statement(value, piped.at)
            return call_with(lo.load(f"call_{reference}", target.at), arguments, link.at)
    value = lo.keep(value)
    return lo.call("pipe_into", [value, lo.expression(target)], link.at)


def tail_arguments(lo: Lowering, value: nodes.Call | nodes.Pipe) -> list[ast.expr]:
    """The arguments of a call in tail position, in order."""
    if isinstance(value, nodes.Pipe):
        return [lo.expression(value.value)]
    return items(lo, value.arguments, "spread_arguments")
