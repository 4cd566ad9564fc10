"""Lowering of declarations other than functions: structs, methods, tools, and what has no code.

Rules: docs/language.md#declarations.
"""

from harnlet.check.resolution import Undefined
from harnlet.check.scope import StructInfo, Variable
from harnlet.compile import python_nodes as ast
from harnlet.compile.access import FIELD
from harnlet.compile.calls import method_shape
from harnlet.compile.expressions import has_maker, maker_slot, undefined
from harnlet.compile.functions import definition_of, function_value
from harnlet.compile.lowering import DISCARD, LOAD, STORE, Lowering, lowers_statement, place
from harnlet.compile.schemas import schema_of_type
from harnlet.syntax import nodes


@lowers_statement(nodes.Enum, nodes.TypeAliasDeclaration, nodes.Interface, nodes.Pipeline)
def _static(lo: Lowering, node: nodes.Node) -> None:
    """Known to the checker; nothing happens when the program gets there."""


@lowers_statement(nodes.Import)
def _import(lo: Lowering, node: nodes.Import) -> None:
    bound = lo.imports.bound[id(node)]
    module = lo.keep(lo.call("import_module", [lo.constant(bound.key, node.at)], node.at))
    for name in (*bound.functions, *bound.others):
        value = lo.call("imported", [module, lo.constant(name, node.at)], node.at)
        lo.bind(node, name, value, node.at)


@lowers_statement(nodes.Attributed)
def _attributed(lo: Lowering, node: nodes.Attributed) -> None:
    lo.statement(node.declaration)


@lowers_statement(nodes.Struct)
def _struct(lo: Lowering, node: nodes.Struct) -> None:
    names = [lo.constant(field.name, field.at) for field in node.fields]
    methods = [lo.constant(name, node.at) for name in sorted(lo.resolution.method_names)]
    given = [lo.constant(node.name, node.at), lo.tuple(names, node.at), lo.tuple(methods, node.at)]
    lo.bind(node, node.name, lo.call("StructType", given, node.at), node.at)
    variable = lo.declared(node, node.name)
    struct = lo.resolution.structs.get(variable)
    if struct is not None and has_maker(struct, variable):
        _define_makers(lo, struct, node.at)


def _define_makers(lo: Lowering, struct: StructInfo, at: nodes.Span) -> None:
    """The Python functions that make a value with all its fields: for literals, and of another value."""
    where = place((*at[:2], at[0], at[1] + 1))
    slot = maker_slot(struct.variable)
    lo.resolution.slot_names[slot] = struct.variable
    make = ast.Attribute(ast.Name(struct.variable.slot, LOAD, **where), "make", LOAD, **where)
    made = ast.Name("made", STORE, **where)
    again = ast.Name("made", LOAD, **where)
    other = ast.Name("other", LOAD, **where)
    copier = f"{struct.variable.slot}c"
    for name, parameters in ((slot, [field + "_0" for field in struct.fields]), (copier, ["other"])):
        body: list[ast.stmt] = [ast.Assign([made], ast.Call(make, [], [], **where), **where)]
        for field in struct.fields:
            target = ast.Attribute(again, FIELD + field, STORE, **where)
            value: ast.expr = ast.Name(field + "_0", LOAD, **where)
            if name == copier:
                value = ast.Attribute(other, FIELD + field, LOAD, **where)
            body.append(ast.Assign([target], value, **where))
        body.append(ast.Return(again, **where))
        given = [ast.arg(parameter, None, None, **where) for parameter in parameters]
        lo.define(definition_of(name, ast.arguments([], given, None, [], [], None, []), body, where))
    place_of = ast.Attribute(ast.Name(struct.variable.slot, LOAD, **where), "copier", STORE, **where)
    lo.emit(ast.Assign([place_of], ast.Name(copier, LOAD, **where), **where))


@lowers_statement(nodes.Impl)
def _impl(lo: Lowering, node: nodes.Impl) -> None:
    reference = lo.reference(node)
    if not isinstance(reference, Variable):
        assert isinstance(reference, Undefined)
        lo.expression_statement(undefined(lo, reference, "undefined_variable", node.at), node.at)
        return
    for method in node.methods:
        function = function_value(lo, method, method.parameters, method.body)
        target = lo.read(reference, node.at)
        shape = lo.constant(method_shape(method), method.name_at)
        values = [target, lo.constant(method.name, method.name_at), function, shape]
        lo.expression_statement(lo.call("implement", values, method.name_at), method.name_at)


@lowers_statement(nodes.Tool)
def _tool(lo: Lowering, node: nodes.Tool) -> None:
    handler = function_value(lo, node, node.parameters, node.body)
    parameters = lo.keep(_parameter_schemas(lo, node))
    returns = None if node.result is None else schema_of_type(node.result)
    values = [
        lo.constant(node.name, node.at),
        lo.constant(node.description or "", node.at),
        handler,
        parameters,
        lo.constant(None, node.at) if returns is None else lo.constant_data(returns, node.at),
    ]
    lo.bind(node, node.name, lo.call("declare_tool", values, node.at), node.at)


@lowers_statement(nodes.Skill)
def _skill(lo: Lowering, node: nodes.Skill) -> None:
    fields = _fields(lo, node.fields, node.at)
    lo.bind(
        node, node.name, lo.call("declare_skill", [lo.constant(node.name, node.at), fields], node.at), node.at
    )


@lowers_statement(nodes.EvalPack)
def _eval_pack(lo: Lowering, node: nodes.EvalPack) -> None:
    """The manifest is bound, then the body runs once, with the fields in scope; in a file with pipelines
    an eval pack outside of them is its manifest alone."""
    values = lo.expressions([field.value for field in node.fields])
    names = [lo.keep(value) for value in values]
    keys: list[ast.expr | None] = [lo.constant(field.name, field.at) for field in node.fields]
    fields = ast.Dict(keys, list(names), **place(node.at))
    identity = lo.constant(node.id if node.id is not None else node.name, node.at)
    manifest = lo.keep(lo.call("declare_eval_pack", [identity, fields], node.at))
    lo.bind(node, node.name, manifest, node.at)
    if lo.only_declares:
        return
    for name in ("id", "version"):
        found = lo.call("index", [manifest, lo.constant(name, node.at)], node.at)
        lo.bind(node, name, found, node.at)
    for field, value in zip(node.fields, names, strict=True):
        lo.bind(field, field.name, value, field.at)
    lo.statements(node.body, DISCARD)
    if node.summarize is not None:
        lo.body.extend(lo.block(node.summarize, DISCARD))


def _fields(lo: Lowering, fields: tuple[nodes.SkillField, ...], at: nodes.Span) -> ast.expr:
    values = lo.expressions([field.value for field in fields])
    keys: list[ast.expr | None] = [lo.constant(field.name, field.at) for field in fields]
    return ast.Dict(keys, values, **place(at))


def _parameter_schemas(lo: Lowering, node: nodes.Tool) -> ast.expr:
    keys: list[ast.expr | None] = []
    values: list[ast.expr] = []
    for parameter in node.parameters:
        schema = schema_of_type(parameter.type) if parameter.type is not None else None
        value: ast.expr = lo.constant_data({"type": "any"} if schema is None else schema, parameter.at)
        if parameter.default is not None:
            value = lo.call("with_default", [value, lo.expression(parameter.default)], parameter.at)
        keys.append(lo.constant(parameter.name, parameter.at))
        values.append(value)
    return ast.Dict(keys, values, **place(node.at))
