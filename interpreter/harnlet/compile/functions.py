"""Lowering of everything that becomes a Python function: `fn`, closures, tools, methods, task bodies.

Captured variables are snapshots: the function is made inside a factory that is called with the values,
so that they are cells nobody else can reach, unless the variable never gets another value anyway.
(Keyword-only defaults would do the same, but a call of a function that has them took 40 % longer on
CPython 3.11.) Function names that are bound late are Python's own closure cells. Rules:
docs/language.md#closures, docs/architecture.md#calls.
"""

from collections.abc import Sequence
from typing import Any

from harnlet.check.kinds import Kind, is_only
from harnlet.check.results import CALLING, LIST_CALLBACKS
from harnlet.check.scope import Function, Variable
from harnlet.check.shape import parameter_mask
from harnlet.compile import python_nodes as ast
from harnlet.compile.bulk import METHODS, over_a_list
from harnlet.compile.calls import fit, is_list_method, tail_arguments
from harnlet.compile.lowering import DISCARD, GIVE, LOAD, STORE, Lowering, lowers, lowers_statement, place
from harnlet.compile.schemas import schema_of_type
from harnlet.syntax import nodes


@lowers_statement(nodes.Function)
def _declaration(lo: Lowering, node: nodes.Function) -> None:
    value = function_value(lo, node, node.parameters, node.body)
    variable = lo.declared(node, node.name)
    if (id(node), node.name) in lo.resolution.redeclared:
        at = node.name_at
        lo.expression_statement(lo.call("redeclared", [lo.constant(node.name, at)], at), at)
    elif not (isinstance(value, ast.Name) and value.id == variable.slot):
        lo.store(variable.slot, value, node.name_at)
    lo.fill_box(variable, node.name_at)


@lowers(nodes.Closure)
def _closure(lo: Lowering, node: nodes.Closure) -> ast.expr:
    return function_value(lo, node, node.parameters, node.body)


def function_value(
    lo: Lowering, node: nodes.Node, parameters: Sequence[nodes.Parameter], body: nodes.Block
) -> ast.expr:
    """Emit the function of a node; the expression that is its value."""
    function = lo.resolution.functions[id(node)]
    variable = function.variable
    slot = function.slot if variable is None else variable.slot
    where = place(_head(node))
    captures: list[tuple[Variable, Variable]] = []
    for outer, own in function.captures.items():
        if own.assigned or function.in_loop or not _is_constant(lo, outer):
            captures.append((outer, own))
        else:
            own.slot = outer.slot
    definition = _definition(lo, function, slot, parameters, body, where)
    if _stands_in_bulk_call(lo, function, parameters):
        method = function.callback[0].name if function.callback else ""
        if over_a_list(method, definition, where):
            lo.over_lists.add(id(node))
    if not captures and not function.in_loop and not (lo.in_main and lo.escapes):
        if lo.in_main:
            lo.stand_beside(definition)
        else:
            lo.emit(definition)
        return ast.Name(definition.name, LOAD, **where)
    factory = lo.temporary()
    arguments = [_argument(own.slot + ("s" if own.assigned else ""), where) for _, own in captures]
    given = ast.arguments([], arguments, None, [], [], None, [])
    back = ast.Return(ast.Name(slot, LOAD, **where), **where)
    made = definition_of(factory, given, [definition, back], where)
    if lo.in_main:
        lo.beside_main.append(made)
    else:
        lo.emit(made)
    values: list[ast.expr] = [
        ast.Name(outer.box if outer.boxed else outer.slot, LOAD, **where) for outer, _ in captures
    ]
    return ast.Call(ast.Name(factory, LOAD, **where), values, [], **where)


def _is_constant(lo: Lowering, outer: Variable) -> bool:
    """Whether a variable keeps one value in each call of its function, so that Python's cell of it is the
    snapshot. In the program itself a variable that is no cell is read faster, and a factory called once."""
    if outer.assigned or outer.boxed or outer.in_loop or outer.owner is lo.resolution.main:
        return False
    return outer.origin in ("let", "var", "parameter", "capture") and not outer.owner.jumps


def _head(node: nodes.Node) -> nodes.Span:
    """A position for the making of a function: its first line alone, so that tools which show
    positions do not underline the whole body."""
    line, column = node.at[0], node.at[1]
    return (line, column, line, column + 1)


def _argument(name: str, where: dict[str, Any]) -> ast.arg:
    return ast.arg(name, None, None, **where)


def definition_of(
    name: str, arguments: ast.arguments, body: list[ast.stmt], where: dict[str, Any]
) -> ast.FunctionDef:
    return ast.FunctionDef(name, arguments, body, **where)


def _definition(
    lo: Lowering,
    function: Function,
    slot: str,
    parameters: Sequence[nodes.Parameter],
    body: nodes.Block,
    where: dict[str, Any],
) -> ast.FunctionDef:
    outer = lo.function, lo.escapes, lo.tail_loop, lo.stores
    lo.function, lo.escapes, lo.tail_loop, lo.stores = function, [], False, set()
    try:
        with lo.into_body([]) as statements:
            if function.generator or function.stream:
                _generator(lo, function, parameters, body, where)
            else:
                _body(lo, function, parameters, body, where)
        _declare_globals(lo, statements, where)
        signature = f"{function.label}({', '.join(('...' if p.rest else '') + p.name for p in parameters)})"
        statements.insert(0, ast.Expr(ast.Constant(signature, **where), **where))
        exact = _is_exact(lo, function, parameters)
        return definition_of(slot, _parameters(function, parameters, where, exact), statements, where)
    finally:
        lo.function, lo.escapes, lo.tail_loop, lo.stores = outer


def _is_exact(lo: Lowering, function: Function, declared: Sequence[nodes.Parameter]) -> bool:
    """Whether only a method of lists or iterators calls a closure, with exactly its parameters."""
    if function.callback is None or any(p.rest or p.default is not None for p in declared):
        return False
    method, place = function.callback
    if LIST_CALLBACKS.get(method.name) != place or method.optional:
        return False
    given = 2 if method.name == "reduce" else 1
    return len(declared) == given and is_only(lo.kinds.of(method.object) & ~Kind.NIL, CALLING)


def _stands_in_bulk_call(lo: Lowering, function: Function, declared: Sequence[nodes.Parameter]) -> bool:
    """Whether a closure is the one argument of a method of what surely is a list, and the method is one of
    those that can be put into it."""
    if function.callback is None or not _is_exact(lo, function, declared):
        return False
    if function.generator or function.stream or function.counted:
        return False
    method = function.callback[0]
    return method.name in METHODS and len(method.arguments) == 1 and is_list_method(lo, method)


def _parameters(
    function: Function, declared: Sequence[nodes.Parameter], where: dict[str, Any], exact: bool
) -> ast.arguments:
    names = [_argument(variable.slot, where) for variable in function.parameters]
    if not function.lenient:
        depth = [_argument("depth", where)] if function.counted else []
        return ast.arguments([], names + depth, None, [], [], None, [])
    if exact:
        return ast.arguments([], names, None, [], [], None, [])
    rest = _argument("surplus", where)
    if declared and declared[-1].rest:
        rest = names.pop()
    defaults: list[ast.expr] = [
        ast.Name("MISSING", LOAD, **where) if parameter.default is not None else ast.Constant(None, **where)
        for parameter in declared
        if not parameter.rest
    ]
    if not function.counted:
        return ast.arguments([], names, rest, [], [], None, defaults)
    zero = ast.Constant(0, **where)
    return ast.arguments([], names, rest, [_argument("depth", where)], [zero], None, defaults)


def _declare_globals(lo: Lowering, statements: list[ast.stmt], where: dict[str, Any]) -> None:
    if lo.stores:
        statements.insert(0, ast.Global(sorted(lo.stores), **where))
        lo.stores = set()


def _body(
    lo: Lowering,
    function: Function,
    parameters: Sequence[nodes.Parameter],
    body: nodes.Block,
    where: dict[str, Any],
) -> None:
    """Emit what a function does: its entry checks, its parameters, its statements."""
    lo.tail_loop = function.jumps
    with lo.into_body([]) as inner:
        _safe_point(lo, function, where)
        _copy_captures(lo, function, where)
        for declared, variable in zip(parameters, function.parameters, strict=True):
            _parameter(lo, function, declared, variable)
        entry = len(inner)
        tests = lo.class_tests[function] = {}
        lo.statements(body.statements, GIVE if function.implicit_result else DISCARD)
        inner[entry:entry] = [
            ast.Assign([ast.Name(name, STORE, **where)], test, **where) for name, test in tests.items()
        ]
    if not lo.tail_loop:
        lo.body.extend(inner)
        return
    if not isinstance(inner[-1], ast.Return | ast.Raise | ast.Continue):
        inner.append(ast.Return(ast.Constant(None, **where), **where))
    lo.emit(ast.While(ast.Constant(True, **where), inner, [], **where))


def _generator(
    lo: Lowering,
    function: Function,
    parameters: Sequence[nodes.Parameter],
    body: nodes.Block,
    where: dict[str, Any],
) -> None:
    """The function only makes the generator: a Python one, around the body."""
    _safe_point(lo, function, where)
    for declared, variable in zip(parameters, function.parameters, strict=True):
        _parameter(lo, function, declared, variable)
    slot = lo.temporary()
    with lo.into_body([]) as inner:
        # Without a yield that Python sees, even an unreachable one, it would be no generator.
        nothing = ast.Expr(ast.Yield(None, **where), **where)
        lo.emit(ast.If(ast.Constant(False, **where), [nothing], [], **where))
        _copy_captures(lo, function, where)
        lo.statements(body.statements, DISCARD)
    _declare_globals(lo, inner, where)
    label = ast.Expr(ast.Constant(f"{function.label}()", **where), **where)
    lo.emit(definition_of(slot, ast.arguments([], [], None, [], [], None, []), [label, *inner], where))
    made = ast.Call(ast.Name(slot, LOAD, **where), [], [], **where)
    wrapper = "StreamValue" if function.stream else "GeneratorValue"
    wrapped = ast.Call(ast.Name(wrapper, LOAD, **where), [made], [], **where)
    lo.emit(ast.Return(wrapped, **where))


def _copy_captures(lo: Lowering, function: Function, where: dict[str, Any]) -> None:
    """A snapshot that the body assigns to starts from the same value in every call."""
    for own in function.captures.values():
        if own.assigned:
            source = ast.Name(own.slot + "s", LOAD, **where)
            lo.emit(ast.Assign([ast.Name(own.slot, STORE, **where)], source, **where))


def _safe_point(lo: Lowering, function: Function, where: dict[str, Any]) -> None:
    """At the entry of a function."""
    if function.brief:
        return
    lo.safe_point(where, ast.Name("depth", LOAD, **where) if function.counted else None)


def _parameter(lo: Lowering, function: Function, declared: nodes.Parameter, variable: Variable) -> None:
    at = declared.at
    where = place(at)
    name = lo.load(variable.slot, at)
    if declared.rest:
        if function.lenient:
            lo.store(variable.slot, lo.call("list", [name], at), at)
    elif declared.default is not None:
        with lo.into_body([]) as body:
            lo.store(variable.slot, lo.expression(declared.default), at)
        missing = ast.Compare(name, [ast.Is()], [lo.load("MISSING", at)], **where)
        lo.emit(ast.If(missing, body, [], **where))
    if declared.type is None or (not declared.rest and _surely_fits(lo, declared.type, variable)):
        return
    schema = schema_of_type(declared.type)
    if schema is not None and declared.rest and schema.get("type") != "list":
        # The type of each value; a list type is that of all of them together.
        schema = {"type": "list", "items": schema}
    if schema is not None:
        values = [name, lo.constant_data(schema, at), lo.constant(declared.name, at)]
        lo.expression_statement(lo.call("check_parameter", values, at), at)
    elif declared.rest:
        return
    elif isinstance(declared.type, nodes.NamedType) and declared.type.name in lo.interfaces:
        values = [name, lo.constant(declared.type.name, at), lo.constant(declared.name, at)]
        lo.expression_statement(lo.call("check_interface", values, at), at)


def _surely_fits(lo: Lowering, annotation: nodes.Type, variable: Variable) -> bool:
    """Whether everything that flows into the parameter is known to pass its check."""
    if not isinstance(annotation, nodes.NamedType) or annotation.arguments:
        return False
    mask = parameter_mask(annotation)
    if mask == Kind.ANY:
        return False
    mask &= ~Kind.OTHER
    incoming = Kind.NEVER
    for source in variable.sources:
        incoming |= lo.kinds.of_source(source)
    return is_only(incoming, mask)


def return_names(lo: Lowering, names: dict[str, Variable], at: nodes.Span) -> None:
    """What the `main` of a module returns: its names with their values."""
    keys: list[ast.expr | None] = [lo.constant(name, at) for name in names]
    values = [lo.load(variable.slot, at) for variable in names.values()]
    lo.emit(ast.Return(ast.Dict(keys, values, **place(at)), **place(at)))


# --- return and tail calls ---------------------------------------------------------------------


@lowers_statement(nodes.Return)
def _return(lo: Lowering, node: nodes.Return) -> None:
    value = node.value
    if value is None:
        lo.emit(ast.Return(lo.constant(None, node.at), **place(node.at)))
        return
    if isinstance(value, nodes.Call | nodes.Pipe) and id(value) in lo.resolution.tail_calls:
        target = lo.resolution.tail_calls[id(value)].target
        if target is lo.function and target.jumps and not lo.resolution.tail_calls[id(value)].in_loop:
            _jump(lo, target, value)
            return
        if lo.function.counted and lo.function in lo.tail_groups.get(target, ()):
            _bounce(lo, target, value)
            return
    lo.expression_into(value, GIVE)


def _jump(lo: Lowering, function: Function, value: nodes.Call | nodes.Pipe) -> None:
    """`return f(...)` inside f itself: store the parameters anew and start over."""
    where = place(value.at)
    arguments = tail_arguments(lo, value)
    fitted = fit(lo, function, arguments, value.at)
    if fitted:
        targets: list[ast.expr] = [
            ast.Name(parameter.slot, STORE, **where) for parameter in function.parameters
        ]
        if len(fitted) == 1:
            lo.emit(ast.Assign(targets, fitted[0], **where))
        else:
            pair = ast.Tuple(targets, STORE, **where)
            lo.emit(ast.Assign([pair], ast.Tuple(fitted, LOAD, **where), **where))
    lo.emit(ast.Continue(**where))


def _bounce(lo: Lowering, target: Function, value: nodes.Call | nodes.Pipe) -> None:
    """`return g(...)` where g comes back to this function: whoever called first makes the call. A
    negative depth tells a function that its caller is ready to do so."""
    where = place(value.at)
    callee = value.function if isinstance(value, nodes.Pipe) else value.callee
    name = lo.expression(callee)
    arguments = tail_arguments(lo, value)
    if not target.lenient:
        arguments = fit(lo, target, arguments, value.at)
    packed = lo.named(ast.Tuple(arguments, LOAD, **where))
    depth: ast.expr = ast.Name("depth", LOAD, **where)
    waiting = ast.Compare(depth, [ast.Lt()], [ast.Constant(0, **where)], **where)
    hand_over = lo.call("TailCall", [name, packed], value.at)
    run = lo.call("run_tail_calls", [name, packed], value.at)
    lo.emit(ast.Return(ast.IfExp(waiting, hand_over, run, **where), **where))
