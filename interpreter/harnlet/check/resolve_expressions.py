"""The names in expressions (docs/language.md#expressions)."""

from functools import partial
from typing import cast

from harnlet.check.kinds import Kind, elements, is_only, of_index
from harnlet.check.nearest import nearest_name
from harnlet.check.resolution import Reference, Undefined
from harnlet.check.resolve import Resolver, resolves
from harnlet.check.results import GIVES_NEW, PURE_BUILTINS
from harnlet.check.scope import KindOf, Source, StructInfo, Variable
from harnlet.check.shape import placeholder_in
from harnlet.syntax import nodes


@resolves(nodes.Nil, nodes.Bool, nodes.Int, nodes.Float, nodes.Duration, nodes.String)
def _literal(r: Resolver, node: nodes.Node) -> None:
    """Holds no names."""


@resolves(nodes.Name)
def _name(r: Resolver, node: nodes.Name) -> None:
    r.refer(node, called=False)


@resolves(nodes.Interpolated)
def _interpolated(r: Resolver, node: nodes.Interpolated) -> None:
    # Static checks do not look inside: what is undefined there shows when it runs.
    r.unchecked += 1
    for part in node.parts:
        if not isinstance(part, str):
            r.inspect(part)
    r.unchecked -= 1


@resolves(nodes.List)
def _list(r: Resolver, node: nodes.List) -> None:
    for item in node.items:
        if isinstance(item, nodes.Spread):
            r.inspect(item.value)
        else:
            r.expression(item)


@resolves(nodes.Dict)
def _dict(r: Resolver, node: nodes.Dict) -> None:
    plain = not any(isinstance(entry, nodes.Spread) for entry in node.entries)
    for entry in node.entries:
        if isinstance(entry, nodes.DictEntry) and not isinstance(entry.key, str):
            r.expression(entry.key)
        is_schema = plain and isinstance(entry, nodes.DictEntry) and entry.key == "output_schema"
        if isinstance(entry, nodes.Spread):
            r.inspect(entry.value)
        elif not (is_schema and r.schema_argument(entry.value)):
            r.expression(entry.value)


@resolves(nodes.StructLiteral)
def _structliteral(r: Resolver, node: nodes.StructLiteral) -> None:
    target = r.lookup(node.name)
    if target is None:
        close = nearest_name(node.name, r.structs)
        hint = f" — did you mean `{close}`?" if close else ""
        line, column = node.at[:2]
        name = nodes.Name((line, column, line, column + len(node.name)), node.name)
        r.report("unknown-struct", name, f"unknown struct type `{node.name}`{hint}")
    r.result.references[id(node)] = target if target is not None else Undefined(node.name, None)
    for entry in node.fields:
        r.expression(entry.value)
    struct = r.result.structs.get(target.root()) if target is not None else None
    if struct is not None:
        _made_with(struct, node.fields)


def _made_with(struct: StructInfo, entries: tuple[nodes.DictEntry | nodes.Spread, ...]) -> None:
    """Note a value of a struct that is made with these fields."""
    given: dict[str, Source] = {}
    for entry in entries:
        if isinstance(entry, nodes.Spread) or not isinstance(entry.key, str):
            struct.open = True
        else:
            given[entry.key] = entry.value
    struct.literals.append(given)


@resolves(nodes.Closure)
def _closure(r: Resolver, node: nodes.Closure) -> None:
    resolve_closure(r, node)


def resolve_closure(
    r: Resolver,
    node: nodes.Closure,
    variable: Variable | None = None,
    callback: tuple[nodes.MethodCall, int] | None = None,
) -> None:
    """A closure; `variable` is the immutable name it is bound to, if it is, `callback` the method call that
    it is an argument of."""
    known = variable is not None and not variable.mutable
    bound = variable if known else None
    function = r.function_of(node, "<closure>", node.parameters, node.body, implicit=True, variable=bound)
    function.callback = callback


_SCHEMA_ARGUMENTS = {
    "schema_of": 0,
    "schema_is": 1,
    "schema_expect": 1,
    "schema_parse": 1,
    "schema_check": 1,
    "is_type": 1,
    "json_validate": 1,
}
"""Builtins that take a schema, and as which argument: the name of a type alias will do there."""


@resolves(nodes.Call)
def _call(r: Resolver, node: nodes.Call) -> None:
    callee = node.callee
    reference: Reference | None = None
    if isinstance(callee, nodes.Name):
        reference = r.refer(callee, called=True)
    else:
        r.expression(callee)
    wanted = _SCHEMA_ARGUMENTS.get(reference) if isinstance(reference, str) else None
    looks = isinstance(reference, str) and reference in PURE_BUILTINS and reference in r.result.known_builtins
    for index, argument in enumerate(node.arguments):
        if index != wanted or not r.schema_argument(argument):
            if looks and not isinstance(argument, nodes.Spread):
                r.inspect(argument)
            else:
                r.expressions((argument,))
    if isinstance(reference, Variable):
        struct = r.result.structs.get(reference.root())
        if struct is not None:
            first = node.arguments[0] if node.arguments else None
            if isinstance(first, nodes.Dict):
                _made_with(struct, first.entries)
            else:
                struct.open = True
        if reference.name in r.deprecated and reference.root().origin == "fn":
            _warn_deprecated(r, node, r.deprecated[reference.name])
        if any(isinstance(argument, nodes.Spread) for argument in node.arguments):
            reference.is_value = True
        else:
            r.direct_calls.append((reference, cast(tuple[nodes.Expression, ...], node.arguments)))


def _warn_deprecated(r: Resolver, node: nodes.Call, attribute: nodes.Attribute) -> None:
    given = {argument.name: argument.value for argument in attribute.arguments}
    assert isinstance(node.callee, nodes.Name)
    since = f" (since {given['since']})" if "since" in given else ""
    help = f"use `{given['use']}` instead" if "use" in given else ""
    message = f"`{node.callee.name}` is deprecated{since}"
    r.report("deprecated-call", node, message, help, severity="warning")


@resolves(nodes.MethodCall)
def _methodcall(r: Resolver, node: nodes.MethodCall) -> None:
    if r.is_enum(node.object):
        assert isinstance(node.object, nodes.Name)
        r.result.variants.setdefault((node.object.name, node.name), []).append(node.arguments)
        r.expressions(node.arguments)
        return
    r.result.method_calls.setdefault(node.name, []).append(node)
    if type(node.object) is nodes.Name and node.name in GIVES_NEW:
        reference = r.refer(node.object, called=False, kept=False)
        if isinstance(reference, Variable):
            r.inspected.append((reference, node.name))
            r.result.looked_at[id(node.object)] = node.name
    else:
        r.expression(node.object)
    for place, argument in enumerate(node.arguments):
        if isinstance(argument, nodes.Closure):
            resolve_closure(r, argument, callback=(node, place))
        else:
            r.expressions((argument,))


@resolves(nodes.Member)
def _member(r: Resolver, node: nodes.Member) -> None:
    if not r.is_enum(node.object):
        r.inspect(node.object)
    else:
        assert isinstance(node.object, nodes.Name)
        r.result.variants.setdefault((node.object.name, node.name), []).append(())


@resolves(nodes.Index)
def _index(r: Resolver, node: nodes.Index) -> None:
    r.inspect(node.object)
    r.inspect(node.index)


@resolves(nodes.Slice)
def _slice(r: Resolver, node: nodes.Slice) -> None:
    r.inspect(node.object)
    for bound in (node.start, node.end):
        if bound is not None:
            r.expression(bound)


@resolves(nodes.Propagate)
def _propagate(r: Resolver, node: nodes.Propagate) -> None:
    r.expression(node.operand)
    r.function.result.sources.append(Kind.ANY)


@resolves(nodes.Unary)
def _unary(r: Resolver, node: nodes.Unary) -> None:
    r.expression(node.operand)


@resolves(nodes.TryStar)
def _trystar(r: Resolver, node: nodes.TryStar) -> None:
    if r.at_file_level and r.function is r.result.main and not r.unchecked:
        message = "try* requires an enclosing function (fn, tool, or pipeline) so the rethrow has a target"
        r.report("try-star-outside-function", node, message)
    r.expression(node.operand)


@resolves(nodes.Binary)
def _binary(r: Resolver, node: nodes.Binary) -> None:
    chain: list[nodes.Binary] = []
    current: nodes.Expression = node
    while isinstance(current, nodes.Binary):
        chain.append(current)
        current = current.left
    new = chain[-1].operator != "??"
    (r.inspect if new else r.expression)(current)
    for link in reversed(chain):
        (r.inspect if link.operator != "??" else r.expression)(link.right)


@resolves(nodes.Ternary)
def _ternary(r: Resolver, node: nodes.Ternary) -> None:
    r.expression(node.condition)
    r.expression(node.then)
    r.expression(node.otherwise)


@resolves(nodes.Range)
def _range(r: Resolver, node: nodes.Range) -> None:
    r.expression(node.start)
    r.expression(node.end)


@resolves(nodes.Pipe)
def _pipe(r: Resolver, node: nodes.Pipe) -> None:
    chain: list[nodes.Pipe] = []
    current: nodes.Expression = node
    while isinstance(current, nodes.Pipe):
        chain.append(current)
        current = current.value
    r.expression(current)
    for link in reversed(chain):
        target = link.function
        if placeholder_in(target):
            r.open()
            r.declare(link, "_", "pipe", False, Kind.ANY)
            r.expression(target)
            r.close()
        else:
            r.expression(target)


@resolves(nodes.If)
def _if(r: Resolver, node: nodes.If) -> None:
    current: nodes.If | nodes.Block | None = node
    while isinstance(current, nodes.If):
        r.expression(current.condition)
        r.block(current.then)
        current = current.otherwise
    if current is not None:
        r.block(current)


@resolves(nodes.Match)
def _match(r: Resolver, node: nodes.Match) -> None:
    r.expression(node.subject)
    for arm in node.arms:
        r.open()
        for pattern in arm.patterns:
            _pattern(r, pattern, node.subject)
        if arm.guard is not None:
            r.expression(arm.guard)
        r.block(arm.body)
        r.close()


def _pattern(r: Resolver, pattern: nodes.Expression, subject: nodes.Expression) -> None:
    if isinstance(pattern, nodes.Name):
        _bind(r, pattern, subject)
    elif isinstance(pattern, nodes.MethodCall) and r.is_enum(pattern.object):
        assert isinstance(pattern.object, nodes.Name)
        enum, variant = pattern.object.name, pattern.name
        for place, argument in enumerate(pattern.arguments):
            if isinstance(argument, nodes.Name):
                _bind(r, argument, partial(_payload, subject, enum, variant, place))
    elif isinstance(pattern, nodes.Member) and r.is_enum(pattern.object):
        pass
    elif isinstance(pattern, nodes.Dict):
        for entry in pattern.entries:
            if isinstance(entry.value, nodes.Name):
                _bind(r, entry.value, partial(_part, subject))
            else:
                r.expression(entry.value)
    elif isinstance(pattern, nodes.List):
        for item in pattern.items:
            if isinstance(item, nodes.Name):
                _bind(r, item, partial(_part, subject))
            else:
                r.expression(item.value if isinstance(item, nodes.Spread) else item)
    else:
        r.expression(pattern)


def _payload(subject: nodes.Expression, enum: str, variant: str, place: int, kinds: KindOf) -> int:
    return kinds.payload(subject, enum, variant, place)


def _part(subject: nodes.Expression, kinds: KindOf) -> int:
    return of_index(kinds.of(subject))


def _bind(r: Resolver, name: nodes.Name, source: Source = Kind.ANY) -> None:
    if name.name != "_":
        r.declare(name, name.name, "match", False, source)


@resolves(nodes.Try)
def _try(r: Resolver, node: nodes.Try) -> None:
    r.protected_block(node.body)
    if node.catch is not None:
        r.open()
        if node.catch.name is not None:
            r.declare(node.catch, node.catch.name, "catch", False, Kind.ANY)
        if node.finally_ is not None:
            r.protected_block(node.catch.body)
        else:
            r.block(node.catch.body)
        r.close()
    if node.finally_ is not None:
        r.protected_block(node.finally_)


@resolves(nodes.Retry)
def _retry(r: Resolver, node: nodes.Retry) -> None:
    r.expression(node.count)
    r.loops += 1  # Each attempt has variables of its own.
    r.protected_block(node.body)
    r.loops -= 1


@resolves(nodes.Deadline)
def _deadline(r: Resolver, node: nodes.Deadline) -> None:
    r.expression(node.limit)
    r.protected_block(node.body)


@resolves(nodes.Parallel)
def _parallel(r: Resolver, node: nodes.Parallel) -> None:
    r.expression(node.operand)
    if node.max_concurrent is not None:
        r.expression(node.max_concurrent)
    label = "<parallel>" if node.kind == "count" else f"<parallel_{node.kind}>"
    source: Source = Kind.COUNT if node.kind == "count" else partial(_item, node.operand)
    r.task(node, label, node.variable, source)


def _item(operand: nodes.Expression, kinds: KindOf) -> int:
    kind = kinds.of(operand) & ~Kind.NIL
    return elements(kind) if is_only(kind, Kind.LIST) else Kind.ANY if kind else Kind.NEVER


@resolves(nodes.Spawn)
def _spawn(r: Resolver, node: nodes.Spawn) -> None:
    r.task(node, "<spawn>", None, Kind.NEVER)
