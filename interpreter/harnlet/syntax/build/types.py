"""Builders of types. Rules: docs/language.md#types."""

from harnlet.syntax import nodes as n
from harnlet.syntax.build.common import Building, Values, rule, span
from harnlet.syntax.build.expressions import exact


@rule
def union(s: Values, b: Building) -> n.UnionType:
    members = [*s[0], s[1]]
    return n.UnionType(span(members[0], members[-1]), tuple(members))


@rule
def function_type(s: Values, b: Building) -> n.FunctionType:
    return n.FunctionType(span(s[0], s[5]), tuple(s[2]), s[5])


@rule
def named_type(s: Values, b: Building) -> n.NamedType:
    return n.NamedType(s[0].at, s[0].text)


@rule
def applied_type(s: Values, b: Building) -> n.NamedType:
    return n.NamedType(span(s[0], s[3]), s[0].text, tuple(s[2]))


@rule
def nil_type(s: Values, b: Building) -> n.NamedType:
    return n.NamedType(s[0].at, "nil")


@rule
def bool_type(s: Values, b: Building) -> n.NamedType:
    return n.NamedType(s[0].at, "bool")


@rule
def text_type(s: Values, b: Building) -> n.LiteralType:
    return n.LiteralType(s[0].at, s[0].value)


@rule
def int_type(s: Values, b: Building) -> n.LiteralType:
    return n.LiteralType(s[0].at, exact(s[0], b))


@rule
def negative_int_type(s: Values, b: Building) -> n.LiteralType:
    return n.LiteralType(span(s[0], s[1]), -exact(s[1], b))


@rule
def list_type(s: Values, b: Building) -> n.ListType:
    return n.ListType(span(s[0], s[2]), s[1])


@rule
def shape_type(s: Values, b: Building) -> n.ShapeType:
    return n.ShapeType(span(s[0], s[2]), tuple(s[1]))


@rule
def shape_field(s: Values, b: Building) -> n.ShapeField:
    return n.ShapeField(span(s[0], s[2]), s[0].text, s[2], False)


@rule
def shape_field_optional(s: Values, b: Building) -> n.ShapeField:
    return n.ShapeField(span(s[0], s[3]), s[0].text, s[3], True)


@rule
def type_param(s: Values, b: Building) -> n.TypeParameter:
    return n.TypeParameter(s[0].at, s[0].text)


@rule
def type_param_variance(s: Values, b: Building) -> n.TypeParameter:
    return n.TypeParameter(span(s[0], s[1]), s[1].text, s[0].text)


@rule
def bound(s: Values, b: Building) -> n.WhereBound:
    return n.WhereBound(span(s[0], s[2]), s[0].text, s[2].text)
