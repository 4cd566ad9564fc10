"""Lowering of calls: direct ones of known functions, builtins, values, methods, pipes.

A function that nobody can reach but by its name in this file is called with exactly its parameters
and the call depth; everything else may be called by anybody with any number of arguments
(docs/architecture.md#calls).
"""

from harnlet.check.arity import LIST_ARITY, TEXT_ARITY
from harnlet.check.kinds import Kind, is_only, struct_numbers
from harnlet.check.resolution import Undefined
from harnlet.check.scope import Function, Variable
from harnlet.check.shape import placeholder_in
from harnlet.compile import python_nodes as ast
from harnlet.compile.access import enum_of, enum_value
from harnlet.compile.expressions import items, undefined
from harnlet.compile.handing import hand_over
from harnlet.compile.lowering import LOAD, Lowering, lowers, place
from harnlet.compile.operators import walrus
from harnlet.syntax import nodes

METHOD = "m_"


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
    depth = lo.depth(at) if function.counted or spread or function.lenient else None
    if not spread:
        values, depth = hand_over(lo, function, node.arguments, values, depth)
    if spread or function.lenient:
        assert depth is not None
        return ast.Call(name, values, [ast.keyword("depth", depth, **where)], **where)
    return ast.Call(name, fit(lo, function, values, at) + ([] if depth is None else [depth]), [], **where)


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
    if name == "len" and name in lo.resolution.known_builtins and len(node.arguments) == 1:
        argument = node.arguments[0]
        known = Kind.LIST | Kind.DICT | Kind.STRING
        if not isinstance(argument, nodes.Spread) and is_only(lo.kinds.of(argument), known):
            return lo.call("len", arguments, node.at)
    shape = lo.builtins[name]
    spread = any(isinstance(item, nodes.Spread) for item in node.arguments)
    if spread:
        lo.used_values.add(name)
        return call_with(lo.load(f"value_{name}", node.callee.at), arguments, node.at)
    lo.used_builtins.add(name)
    if shape.maximum is not None and len(arguments) > shape.maximum:
        arguments = [lo.keep(argument) for argument in arguments][: shape.maximum]
    return call_with(lo.load(f"call_{name}", node.callee.at), arguments, node.at)


def method_shape(method: nodes.Function) -> str:
    """What a method takes, as `harnlet.runtime.values.Method` has it."""
    return "".join(
        "*" if parameter.rest else "." if parameter.default is None else "?"
        for parameter in method.parameters
    )


def _own_method(lo: Lowering, node: nodes.MethodCall, receiver: ast.expr, given: list[ast.expr]) -> ast.expr:
    """A call of a method of a struct of this file, which is an attribute of its Python class."""
    where = place(node.at)
    found = ast.Attribute(receiver, METHOD + node.name, LOAD, **place(node.name_at))
    function = next(
        struct.methods[node.name] for struct in lo.resolution.structs.values() if node.name in struct.methods
    )
    depth = lo.constant(0, node.at) if node.name in lo.brief_methods else lo.depth(node.at)
    _, last = hand_over(lo, function, (node.object, *node.arguments), [receiver, *given], depth)
    fitted = fit(lo, function, [receiver, *given], node.at)[1:]
    return ast.Call(found, [*fitted, last or depth], [], **where)


def _is_own_method(lo: Lowering, node: nodes.MethodCall) -> bool:
    """Whether the receiver is a struct of this file, and all methods of that name take the same."""
    kind = lo.kinds.of(node.object)
    if node.optional or not is_only(kind, Kind.STRUCT | Kind.NIL) or struct_numbers(kind) is None:
        return False
    if not node.name.isascii() or any(isinstance(argument, nodes.Spread) for argument in node.arguments):
        return False
    shapes = lo.resolution.method_shapes.get(node.name, ())
    return len(shapes) == 1 and next(iter(shapes)).startswith(".")


def is_list_method(lo: Lowering, node: nodes.MethodCall) -> bool:
    """Whether a call surely is of a built-in method of lists, if there is one of its name."""
    if node.optional or any(isinstance(argument, nodes.Spread) for argument in node.arguments):
        return False
    return is_only(lo.kinds.of(node.object), Kind.LIST) and enum_of(lo, node.object) is None


_TEXT_METHODS = {
    **dict.fromkeys(("lowercase", "lower", "to_lower"), "lower"),
    **dict.fromkeys(("uppercase", "upper", "to_upper"), "upper"),
    "starts_with": "startswith", "ends_with": "endswith",
}
"""Methods of strings that are Python's own, given as many strings as they take."""


def _of_python(
    lo: Lowering, node: nodes.MethodCall, receiver: ast.expr, given: list[ast.expr]
) -> ast.expr | None:
    """A method of a string that Python has as well."""
    where = place(node.at)
    kinds = [lo.kinds.of(argument) for argument in node.arguments if not isinstance(argument, nodes.Spread)]
    if len(given) > 1 or any(kind != Kind.STRING for kind in kinds):
        return None
    if node.name == "contains" and len(given) == 1 and isinstance(given[0], ast.Constant):
        # Only for a constant: Python evaluates the part before the text.
        return ast.Compare(given[0], [ast.In()], [receiver], **where)
    name = _TEXT_METHODS.get(node.name)
    if name is None or len(given) != (1 if name.endswith("with") else 0):
        return None
    return ast.Call(ast.Attribute(receiver, name, LOAD, **place(node.name_at)), given, [], **where)


def _built_in(
    lo: Lowering, node: nodes.MethodCall, receiver: ast.expr, given: list[ast.expr]
) -> ast.expr | None:
    """A call of a method of lists or strings on a value that surely is one."""
    kind = lo.kinds.of(node.object)
    if node.optional or any(isinstance(argument, nodes.Spread) for argument in node.arguments):
        return None
    is_list = is_list_method(lo, node)
    if not is_list and kind != Kind.STRING:
        return None
    if node.name == "count" and not given:
        return lo.call("len", [receiver], node.at)
    arity = (LIST_ARITY if is_list else TEXT_ARITY).get(node.name)
    if arity is None or len(given) > arity:
        return None
    if len(given) == 1 and id(node.arguments[0]) in lo.over_lists:
        return ast.Call(given[0], [receiver], [], **place(node.at))
    if not is_list:
        own = _of_python(lo, node, receiver, given)
        if own is not None:
            return own
    slot = f"{'list' if is_list else 'text'}_{node.name}"
    return ast.Call(lo.load(slot, node.name_at), [receiver, *given], [], **place(node.at))


@lowers(nodes.MethodCall)
def _method_call(lo: Lowering, node: nodes.MethodCall) -> ast.expr:
    enum = enum_of(lo, node.object)
    if enum is not None:
        return enum_value(lo, enum, node.name, items(lo, node.arguments, "spread_arguments"), node.at)
    receiver, *arguments = items(lo, (node.object, *node.arguments), "spread_arguments")
    where = place(node.at)
    built_in = _built_in(lo, node, receiver, arguments)
    if built_in is not None:
        return built_in
    if node.name in lo.resolution.method_names and _is_own_method(lo, node):
        if not lo.kinds.of(node.object) & Kind.NIL:
            return _own_method(lo, node, receiver, arguments)
        # nil has no methods, and a method that is not there gives nil.
        receiver, *arguments = [lo.named(value) for value in (receiver, *arguments)]
        nothing = ast.Constant(None, **where)
        test = ast.Compare(receiver, [ast.Is()], [nothing], **where)
        return ast.IfExp(test, nothing, _own_method(lo, node, receiver, arguments), **where)
    if node.name in lo.resolution.method_names and not node.optional:
        # Found first and called from here: a helper in between would take a second Python frame for
        # each level of a recursive method.
        stored, again = walrus(lo, receiver, node.object.at)
        name = lo.constant(node.name, node.name_at)
        spread = any(isinstance(argument, ast.Starred) for argument in arguments)
        count = lo.constant(-1 if spread else len(arguments) + 1, node.name_at)
        parts = [stored, name, count]
        found = ast.Call(lo.load("find_method", node.name_at), parts, [], **place(node.name_at))
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
