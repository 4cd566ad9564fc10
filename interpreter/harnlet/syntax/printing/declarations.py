"""Declarations and attributes as source text."""

from typing import Any

from harnlet.syntax import nodes as n
from harnlet.syntax.printing.core import Ask, Steps, braces, each, prints
from harnlet.syntax.printing.expressions import parameters, statements
from harnlet.syntax.printing.literals import quoted, real, whole


def _public(node: Any) -> str:
    return "pub " if node.public else ""


def _type_parameters(given: tuple[n.TypeParameter, ...]) -> Steps:
    texts = yield from each(Ask(one) for one in given)
    return f"<{', '.join(texts)}>" if texts else ""


def _result(result: n.Type | None) -> Steps:
    return f" -> {yield Ask(result)}" if result is not None else ""


@prints(n.Attributed)
def attributed(node: n.Attributed, ask: Ask) -> Steps:
    lines = [_attribute(attribute) for attribute in node.attributes]
    return "\n".join([*lines, (yield Ask(node.declaration))])


def _attribute(node: n.Attribute) -> str:
    if not node.arguments:
        return f"@{node.name}"
    texts = []
    for argument in node.arguments:
        value = _value(argument.value)
        texts.append(value if argument.name is None else f"{argument.name}: {value}")
    return f"@{node.name}({', '.join(texts)})"


def _value(value: Any) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        return whole(value)
    if isinstance(value, float):
        return real(value)
    return f"[{', '.join(map(_value, value))}]"


@prints(n.Function)
def function(node: n.Function, ask: Ask) -> Steps:
    text = f"{_public(node)}{'gen ' if node.stream else ''}fn {node.name}"
    text += yield from _type_parameters(node.type_parameters)
    text += f"({yield from parameters(node.parameters)}){yield from _result(node.result)}"
    if node.where:
        text += " where " + ", ".join(f"{bound.name}: {bound.interface}" for bound in node.where)
    return f"{text} {yield Ask(node.body)}"


@prints(n.Pipeline)
def pipeline(node: n.Pipeline, ask: Ask) -> Steps:
    text = (
        f"{_public(node)}pipeline {node.name}({', '.join(node.parameters)}){yield from _result(node.result)}"
    )
    if node.extends is not None:
        text += f" extends {node.extends}"
    return f"{text} {yield Ask(node.body)}"


@prints(n.Tool)
def tool(node: n.Tool, ask: Ask) -> Steps:
    text = f"{_public(node)}tool {node.name}({yield from parameters(node.parameters)})"
    text += yield from _result(node.result)
    body = yield from statements(node.body.statements)
    if node.description is not None:
        line = f"description {quoted(node.description)}"
        body = f"{line}\n{body}" if body else line
    return f"{text} {braces(body)}"


@prints(n.Skill)
def skill(node: n.Skill, ask: Ask) -> Steps:
    values = yield from each(Ask(field.value) for field in node.fields)
    lines = [f"{field.name} {value}" for field, value in zip(node.fields, values, strict=True)]
    return f"{_public(node)}skill {node.name} {braces(chr(10).join(lines))}"


@prints(n.EvalPack)
def eval_pack(node: n.EvalPack, ask: Ask) -> Steps:
    values = yield from each(Ask(field.value) for field in node.fields)
    lines = [f"{field.name}: {value}" for field, value in zip(node.fields, values, strict=True)]
    lines += yield from each(map(Ask, node.body))
    if node.summarize is not None:
        lines.append(f"summarize {yield Ask(node.summarize)}")
    id = f" {quoted(node.id)}" if node.id is not None else ""
    return f"{_public(node)}eval_pack {node.name}{id} {braces(chr(10).join(lines))}"


@prints(n.Struct)
def struct(node: n.Struct, ask: Ask) -> Steps:
    head = f"{_public(node)}struct {node.name}{yield from _type_parameters(node.type_parameters)}"
    fields = []
    for field in node.fields:
        text = f"{field.name}{'?' if field.optional else ''}"
        fields.append(f"{text}: {yield Ask(field.type)}" if field.type is not None else text)
    return f"{head} {{{', '.join(fields)}}}"


@prints(n.Enum)
def enum(node: n.Enum, ask: Ask) -> Steps:
    head = f"{_public(node)}enum {node.name}{yield from _type_parameters(node.type_parameters)}"
    variants = []
    for variant in node.variants:
        inside = yield from parameters(variant.parameters)
        variants.append(f"{variant.name}({inside})" if inside else variant.name)
    return f"{head} {{{', '.join(variants)}}}"


@prints(n.TypeAliasDeclaration)
def type_alias(node: n.TypeAliasDeclaration, ask: Ask) -> Steps:
    return f"type {node.name}{yield from _type_parameters(node.type_parameters)} = {yield Ask(node.type)}"


@prints(n.Interface)
def interface(node: n.Interface, ask: Ask) -> Steps:
    head = f"interface {node.name}{yield from _type_parameters(node.type_parameters)}"
    lines = []
    for associated in node.types:
        default = f" = {yield Ask(associated.default)}" if associated.default is not None else ""
        lines.append(f"type {associated.name}{default}")
    for method in node.methods:
        text = f"fn {method.name}{yield from _type_parameters(method.type_parameters)}"
        lines.append(f"{text}({yield from parameters(method.parameters)}){yield from _result(method.result)}")
    return f"{head} {braces(chr(10).join(lines))}"


@prints(n.Impl)
def impl(node: n.Impl, ask: Ask) -> Steps:
    methods = yield from each(Ask(method) for method in node.methods)
    return f"impl {node.name} {braces(chr(10).join(methods))}"
