"""The names in statements and declarations (docs/language.md#statements)."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from harnlet.check.kinds import Kind, is_only, iterated, of_index
from harnlet.check.resolution import PartStore, Undefined
from harnlet.check.resolve import Resolver, resolves
from harnlet.check.resolve_expressions import resolve_closure
from harnlet.check.scope import KindOf, Origin, Source, StructInfo, Variable
from harnlet.syntax import nodes


@resolves(
    nodes.Break,
    nodes.Continue,
    nodes.Override,
    nodes.Pipeline,
    nodes.Enum,
    nodes.TypeAliasDeclaration,
    nodes.Interface,
)
def _nothing(r: Resolver, node: nodes.Node) -> None:
    """Holds no names that are resolved here."""


_ATTRIBUTES = frozenset(
    {
        "acp_skill",
        "acp_tool",
        "archivist",
        "complexity",
        "deprecated",
        "deterministic",
        "invariant",
        "retroactive",
        "semantic",
        "test",
    }
)


@resolves(nodes.Import)
def _import(r: Resolver, node: nodes.Import) -> None:
    bound = r.imports.bound[id(node)]
    for name in bound.functions:
        r.declare(node, name, "import", False, Kind.ANY)
    # What is no function may be declared anew in the file: it lives in a scope around it.
    file_scope = r.scope
    assert file_scope.parent is not None
    r.scope = file_scope.parent
    for name in bound.others:
        r.declare(node, name, "import", True, Kind.ANY).mutable = False
    r.scope = file_scope


@resolves(nodes.ExpressionStatement)
def _expressionstatement(r: Resolver, node: nodes.ExpressionStatement) -> None:
    r.expression(node.expression)


@resolves(nodes.Let)
def _let(r: Resolver, node: nodes.Let) -> None:
    pattern = node.pattern
    if isinstance(pattern, nodes.NamePattern):
        if isinstance(node.value, nodes.Closure):
            variable = r.result.declared.get((id(pattern), pattern.name))
            resolve_closure(r, node.value, variable)
        else:
            r.expression(node.value)
        r.declare(pattern, pattern.name, "var" if node.mutable else "let", node.mutable, node.value)
        return
    r.expression(node.value)
    source = partial(_part, node.value)
    _destructure(r, pattern, "var" if node.mutable else "let", node.mutable, source)


def _part(value: nodes.Expression, kinds: KindOf) -> int:
    return of_index(kinds.of(value))


def _part_of_item(iterable: nodes.Expression, kinds: KindOf) -> int:
    return of_index(iterated(kinds.of(iterable)))


def _item(iterable: nodes.Expression, kinds: KindOf) -> int:
    if isinstance(iterable, nodes.Range):
        start = kinds.of(iterable.start)
        return start if is_only(start, Kind.INT) else Kind.INT if start else Kind.NEVER
    return iterated(kinds.of(iterable))


def _destructure(
    r: Resolver,
    pattern: nodes.DictPattern | nodes.ListPattern,
    origin: Origin,
    mutable: bool,
    source: Source,
) -> None:
    parts: Iterable[nodes.DictPatternField | nodes.ListPatternItem]
    parts = pattern.fields if isinstance(pattern, nodes.DictPattern) else pattern.items
    for part in parts:
        if part.default is not None:
            r.expression(part.default)
            r.declare(part, part.name, origin, mutable, part.default)
        r.declare(part, part.name, origin, mutable, source)
    if pattern.rest is not None:
        rest = Kind.DICT if isinstance(pattern, nodes.DictPattern) else Kind.LIST
        r.declare(pattern, pattern.rest, origin, mutable, rest)


def _assigned_value(r: Resolver, node: nodes.Assign) -> None:
    """`xs = xs.push(v)` and `d = d.merge(e)` do not keep what the variable held before."""
    value = node.value
    if (
        isinstance(value, nodes.MethodCall)
        and (value.name == "push" or (value.name == "merge" and not r.result.has_namespaces))
        and isinstance(value.object, nodes.Name)
        and isinstance(node.target, nodes.Name)
        and value.object.name == node.target.name
    ):
        r.result.method_calls.setdefault(value.name, []).append(value)
        reference = r.refer(value.object, called=False, kept=False)
        if isinstance(reference, Variable):
            r.inspected.append((reference, value.name))
            r.result.looked_at[id(value.object)] = value.name
        r.expressions(value.arguments)
        return
    r.expression(value)


@resolves(nodes.Assign)
def _assign(r: Resolver, node: nodes.Assign) -> None:
    _assigned_value(r, node)
    target: nodes.Expression = node.target
    path: list[nodes.Member | nodes.Index] = []
    while isinstance(target, nodes.Member | nodes.Index):
        if isinstance(target, nodes.Index):
            r.expression(target.index)
        path.append(target)
        target = target.object
    if not isinstance(target, nodes.Name):
        r.expression(target)
        return
    reference = r.refer(target, called=False, kept=bool(r.inside_operand))
    if isinstance(reference, Variable):
        reference.assigned = True
        reference.aliased |= reference in r.iterating
        if target is node.target and not reference.mutable:
            message = f"Cannot assign to '{target.name}': variable is immutable (declared with 'let')"
            r.report("immutable-assignment", target, message, severity="warning")
        value = node.value
        if node.operator != "=":
            operator: Any = node.operator[:-1]
            value = nodes.Binary(node.at, operator, node.target, node.value)
            r.result.made.append(value)
        if target is node.target:
            reference.sources.append(value)
        else:
            steps = tuple(step.name if isinstance(step, nodes.Member) else None for step in path)
            r.result.part_stores.append(PartStore(reference, steps[::-1], value))


@resolves(nodes.For)
def _for(r: Resolver, node: nodes.For) -> None:
    over: list[Variable] = []
    r.inspect(node.iterable)
    if isinstance(node.iterable, nodes.Name):
        reference = r.result.references[id(node.iterable)]
        if isinstance(reference, Variable):
            over.append(reference)
    r.iterating += over
    r.loops += 1
    r.open(is_loop=True)
    pattern = node.pattern
    if isinstance(pattern, nodes.NamePattern):
        r.declare(pattern, pattern.name, "for", True, partial(_item, node.iterable))
    elif isinstance(pattern, nodes.PairPattern):
        r.declare(pattern, pattern.first, "for", True, Kind.ANY)
        r.declare(pattern, pattern.second, "for", True, Kind.ANY)
    else:
        _destructure(r, pattern, "for", True, partial(_part_of_item, node.iterable))
    r.block(node.body)
    r.close()
    r.loops -= 1
    del r.iterating[len(r.iterating) - len(over) :]


@resolves(nodes.While)
def _while(r: Resolver, node: nodes.While) -> None:
    r.expression(node.condition)
    r.loops += 1
    r.block(node.body, is_loop=True)
    r.loops -= 1


@resolves(nodes.Return)
def _return(r: Resolver, node: nodes.Return) -> None:
    value = node.value
    if value is None:
        r.function.result.sources.append(Kind.NIL)
        return
    r.given_back(value)
    r.function.result.sources.append(value)
    if r.protected or r.function.generator or r.function.stream:
        return
    callee = value.callee if isinstance(value, nodes.Call) else None
    if isinstance(value, nodes.Pipe):
        callee = value.function
    elif isinstance(value, nodes.Call) and any(isinstance(a, nodes.Spread) for a in value.arguments):
        callee = None
    if isinstance(callee, nodes.Name):
        target = r.result.references.get(id(callee))
        if isinstance(target, Variable) and isinstance(value, nodes.Call | nodes.Pipe):
            r.returned_calls.append((value, r.function, target, r.loops > 0))


@resolves(nodes.Throw)
def _throw(r: Resolver, node: nodes.Throw) -> None:
    r.expression(node.value)


@resolves(nodes.Guard)
def _guard(r: Resolver, node: nodes.Guard) -> None:
    r.expression(node.condition)
    r.block(node.body)


@resolves(nodes.Require)
def _require(r: Resolver, node: nodes.Require) -> None:
    r.expression(node.condition)
    if node.message is not None:
        r.expression(node.message)


@resolves(nodes.Mutex)
def _mutex(r: Resolver, node: nodes.Mutex) -> None:
    r.protected_block(node.body)


@resolves(nodes.Defer)
def _defer(r: Resolver, node: nodes.Defer) -> None:
    r.protected_block(node.body)
    # What stands after a `defer` in its block runs inside a `try`, so no tail calls from here
    # on. Blocks are left in order, so counting up for the rest of the function is only cautious.
    r.protected += 1


@resolves(nodes.Yield)
def _yield(r: Resolver, node: nodes.Yield) -> None:
    if r.function is r.result.main:
        r.report("yield-outside-function", node, "`yield` outside of a function")
    elif r.function.stream:
        r.report("yield-in-stream", node, "`yield` is not a stream emit; use `emit` inside `gen fn`")
    if node.value is not None:
        r.expression(node.value)


@resolves(nodes.Emit)
def _emit(r: Resolver, node: nodes.Emit) -> None:
    r.expression(node.value)


@resolves(nodes.Select)
def _select(r: Resolver, node: nodes.Select) -> None:
    for case in node.cases:
        r.expression(case.channel)
    if node.timeout is not None:
        r.expression(node.timeout)
    for case in node.cases:
        r.open()
        r.declare(case, case.name, "match", False, Kind.ANY)
        r.block(case.body)
        r.close()
    for body in (node.timeout_body, node.default):
        if body is not None:
            r.block(body)


@resolves(nodes.Attributed)
def _attributed(r: Resolver, node: nodes.Attributed) -> None:
    for attribute in node.attributes:
        if attribute.name not in _ATTRIBUTES:
            message = f"unknown attribute `@{attribute.name}`"
            r.report("unknown-attribute", attribute, message, severity="warning")
        elif attribute.name in ("acp_tool", "acp_skill") and not isinstance(node.declaration, nodes.Function):
            message = f"@{attribute.name} can only be applied to function declarations"
            r.report("attribute-target", attribute, message)
    r.statement(node.declaration)


@resolves(nodes.Function)
def _function_declaration(r: Resolver, node: nodes.Function) -> None:
    variable = r.declare(node, node.name, "fn", False, Kind.OTHER)
    function = r.function_of(
        node, node.name, node.parameters, node.body, implicit=False, variable=variable, stream=node.stream
    )
    function.lenient |= r.module


@resolves(nodes.Tool)
def _tool(r: Resolver, node: nodes.Tool) -> None:
    r.function_of(node, node.name, node.parameters, node.body, implicit=True)
    r.declare(node, node.name, "tool", False, Kind.DICT)


@resolves(nodes.Skill)
def _skill(r: Resolver, node: nodes.Skill) -> None:
    for field in node.fields:
        r.expression(field.value)
    r.declare(node, node.name, "tool", False, Kind.DICT)


@resolves(nodes.EvalPack)
def _evalpack(r: Resolver, node: nodes.EvalPack) -> None:
    for field in node.fields:
        r.expression(field.value)
    r.declare(node, node.name, "tool", False, Kind.DICT)
    r.open()
    r.declare(node, "id", "let", True, Kind.ANY)
    r.declare(node, "version", "let", True, Kind.ANY)
    for field in node.fields:
        r.declare(field, field.name, "let", True, Kind.ANY)
    r.hoist(node.body)
    for statement in node.body:
        r.statement(statement)
    if node.summarize is not None:
        r.block(node.summarize)
    r.close()


@resolves(nodes.Struct)
def _struct(r: Resolver, node: nodes.Struct) -> None:
    variable = r.declare(node, node.name, "struct", False, Kind.OTHER)
    names = tuple(dict.fromkeys(field.name for field in node.fields))
    struct = StructInfo(variable, len(r.result.numbered) + 1, names)
    r.result.structs[variable] = struct
    r.result.numbered.append(struct)


@resolves(nodes.Impl)
def _impl(r: Resolver, node: nodes.Impl) -> None:
    target = r.lookup(node.name)
    r.result.references[id(node)] = target if target is not None else Undefined(node.name, None)
    struct = r.result.structs.get(target.root()) if target is not None else None
    for method in node.methods:
        label = f"{node.name}.{method.name}"
        r.result.method_names.add(method.name)
        shape = "".join("*" if p.rest else "." if p.default is None else "?" for p in method.parameters)
        r.result.method_shapes.setdefault(method.name, set()).add(shape)
        function = r.function_of(
            method, label, method.parameters, method.body, implicit=False, stream=method.stream
        )
        function.counted = True
        function.lenient = False
        function.struct = struct
        function.open = struct is None or r.module
        if struct is not None:
            struct.complete = id(node) in r.early_methods and (struct.complete or not struct.methods)
            struct.overridden |= method.name in struct.methods
            struct.methods[method.name] = function
