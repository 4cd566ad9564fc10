"""Builders of declarations and attributes. Rules: docs/language.md#program-and-declarations."""

import re
from typing import Any, Final

from harnlet.syntax import nodes as n
from harnlet.syntax.build.common import Building, Values, rule, span
from harnlet.syntax.build.expressions import exact
from harnlet.syntax.build.parameters import in_order
from harnlet.syntax.numbers import parse_float
from harnlet.syntax.tokens import KEYWORDS, Token

_NOT_A_NAME: Final = re.compile(r"[^\w]+")


@rule
def public(s: Values, b: Building) -> Any:
    declaration = s[1]
    declaration.public = True
    declaration.at = span(s[0], declaration)
    return declaration


@rule
def attributed(s: Values, b: Building) -> n.Attributed:
    return n.Attributed(span(s[0][0], s[1]), tuple(s[0]), s[1])


@rule
def attributed_public(s: Values, b: Building) -> n.Attributed:
    return n.Attributed(span(s[0][0], s[2]), tuple(s[0]), public(s[1:], b))


# --- attributes --------------------------------------------------------------------------------


@rule
def attribute(s: Values, b: Building) -> n.Attribute:
    return n.Attribute(span(s[0], s[1]), s[1].text, ())


@rule
def attribute_with(s: Values, b: Building) -> n.Attribute:
    return n.Attribute(span(s[0], s[4]), s[1].text, tuple(s[3]))


@rule
def attribute_positional(s: Values, b: Building) -> n.AttributeArgument:
    (value, at) = s[0]
    return n.AttributeArgument(at, None, value)


@rule
def attribute_named(s: Values, b: Building) -> n.AttributeArgument:
    value, at = s[2]
    return n.AttributeArgument((*s[0].at[:2], *at[2:]), s[0].text, value)


# An attribute's value is plain data; with it goes its place.


@rule
def value_text(s: Values, b: Building) -> tuple[str, n.Span]:
    return s[0].value, s[0].at


@rule
def value_int(s: Values, b: Building) -> tuple[int, n.Span]:
    return exact(s[0], b), s[0].at


@rule
def value_float(s: Values, b: Building) -> tuple[float, n.Span]:
    return parse_float(s[0].text), s[0].at


@rule
def value_negative_int(s: Values, b: Building) -> tuple[int, n.Span]:
    return -exact(s[1], b), span(s[0], s[1])


@rule
def value_negative_float(s: Values, b: Building) -> tuple[float, n.Span]:
    return -parse_float(s[1].text), span(s[0], s[1])


@rule
def value_true(s: Values, b: Building) -> tuple[bool, n.Span]:
    return True, s[0].at


@rule
def value_false(s: Values, b: Building) -> tuple[bool, n.Span]:
    return False, s[0].at


@rule
def value_nil(s: Values, b: Building) -> tuple[None, n.Span]:
    return None, s[0].at


@rule
def value_identifier(s: Values, b: Building) -> tuple[str, n.Span]:
    return s[0].text, s[0].at


@rule
def value_list(s: Values, b: Building) -> tuple[tuple[Any, ...], n.Span]:
    return tuple(value for value, _ in s[1]), span(s[0], s[2])


# --- callables ---------------------------------------------------------------------------------


@rule
def function(s: Values, b: Building) -> n.Function:
    name: Token = s[1]
    return n.Function(
        at=span(s[0], s[8]),
        name=name.text,
        type_parameters=tuple(s[2]),
        parameters=in_order(s[4], b),
        result=s[6],
        where=tuple(s[7]),
        body=s[8],
        public=False,
        stream=False,
        name_at=name.at,
    )


@rule
def stream_function(s: Values, b: Building) -> n.Function:
    made: Any = s[1]
    made.stream = True
    made.at = span(s[0], made)
    return made  # type: ignore[no-any-return]


@rule
def pipeline(s: Values, b: Building) -> n.Pipeline:
    names = tuple(name.text for name in s[3])
    return n.Pipeline(span(s[0], s[6]), s[1].text, names, s[5], None, s[6], False)


@rule
def pipeline_extends(s: Values, b: Building) -> n.Pipeline:
    names = tuple(name.text for name in s[3])
    return n.Pipeline(span(s[0], s[8]), s[1].text, names, s[5], s[7].text, s[8], False)


@rule
def tool_body(s: Values, b: Building) -> tuple[None, n.Block]:
    return None, n.Block(span(s[0], s[2]), tuple(s[1]))


@rule
def tool_body_description(s: Values, b: Building) -> tuple[str, n.Block]:
    return s[2].value, n.Block(span(s[0], s[3]), ())


@rule
def tool_body_both(s: Values, b: Building) -> tuple[str, n.Block]:
    return s[2].value, n.Block(span(s[0], s[5]), tuple(s[4]))


@rule
def tool(s: Values, b: Building) -> n.Tool:
    description, body = s[6]
    return n.Tool(span(s[0], body), s[1].text, in_order(s[3], b), s[5], description, body, False)


@rule
def impl(s: Values, b: Building) -> n.Impl:
    return n.Impl(span(s[0], s[4]), s[1].text, tuple(s[3]))


@rule
def and_public(s: Values, b: Building) -> list[Any]:
    methods: list[Any] = s[0]
    methods.append(public(s[1:], b))
    return methods


# --- skills and eval packs ---------------------------------------------------------------------


@rule
def skill_field(s: Values, b: Building) -> n.SkillField:
    return n.SkillField(span(s[0], s[1]), s[0].text, s[1])


@rule
def skill(s: Values, b: Building) -> n.Skill:
    return n.Skill(span(s[0], s[4]), s[1].text, tuple(s[3]), False)


@rule
def eval_field(s: Values, b: Building) -> n.SkillField:
    return n.SkillField(span(s[0], s[2]), s[0].text, s[2])


@rule
def summarize(s: Values, b: Building) -> tuple[Token, n.Block]:
    return s[0], s[1]


def binding_name(id: str) -> str:
    """The name that an `eval_pack` with only an id is bound to, docs/language.md#tool-skill-eval_pack."""
    name = _NOT_A_NAME.sub("_", id.lower()).strip("_")
    if not name or name in KEYWORDS or not (name[0].isalpha() or name[0] == "_"):
        name = f"eval_pack_{name}"
    return name


def _eval_pack(at: n.Span, name: str, id: str | None, entries: list[Any], b: Building) -> n.EvalPack:
    fields: list[n.SkillField] = []
    body: list[Any] = []
    summary: n.Block | None = None
    for item in entries:
        if isinstance(item, n.SkillField):
            fields.append(item)
        elif isinstance(item, tuple):
            if summary is not None:
                b.problems.expected("one summarize at most", item[0], name="duplicate-summarize")
            summary = item[1]
        else:
            body.append(item)
    return n.EvalPack(at, name, id, tuple(fields), tuple(body), summary, False)


@rule
def eval_pack_named(s: Values, b: Building) -> n.EvalPack:
    return _eval_pack(span(s[0], s[4]), s[1].text, None, s[3], b)


@rule
def eval_pack_both(s: Values, b: Building) -> n.EvalPack:
    return _eval_pack(span(s[0], s[5]), s[1].text, s[2].value, s[4], b)


@rule
def eval_pack_string(s: Values, b: Building) -> n.EvalPack:
    return _eval_pack(span(s[0], s[4]), binding_name(s[1].value), s[1].value, s[3], b)


# --- types -------------------------------------------------------------------------------------


@rule
def field_def(s: Values, b: Building) -> n.StructField:
    return n.StructField(s[0].at, s[0].text, False, None)


@rule
def field_def_optional(s: Values, b: Building) -> n.StructField:
    return n.StructField(span(s[0], s[1]), s[0].text, True, None)


@rule
def field_def_typed(s: Values, b: Building) -> n.StructField:
    return n.StructField(span(s[0], s[2]), s[0].text, False, s[2])


@rule
def field_def_optional_typed(s: Values, b: Building) -> n.StructField:
    return n.StructField(span(s[0], s[3]), s[0].text, True, s[3])


@rule
def struct(s: Values, b: Building) -> n.Struct:
    return n.Struct(span(s[0], s[5]), s[1].text, tuple(s[2]), tuple(s[4]), False)


@rule
def variant(s: Values, b: Building) -> n.EnumVariant:
    return n.EnumVariant(s[0].at, s[0].text, ())


@rule
def variant_payload(s: Values, b: Building) -> n.EnumVariant:
    return n.EnumVariant(span(s[0], s[3]), s[0].text, in_order(s[2], b))


@rule
def enum(s: Values, b: Building) -> n.Enum:
    return n.Enum(span(s[0], s[5]), s[1].text, tuple(s[2]), tuple(s[4]), False)


@rule
def type_alias(s: Values, b: Building) -> n.TypeAliasDeclaration:
    return n.TypeAliasDeclaration(span(s[0], s[4]), s[1].text, tuple(s[2]), s[4])


@rule
def associated_type(s: Values, b: Building) -> n.AssociatedType:
    return n.AssociatedType(span(s[0], s[1]), s[1].text, None)


@rule
def associated_type_default(s: Values, b: Building) -> n.AssociatedType:
    return n.AssociatedType(span(s[0], s[3]), s[1].text, s[3])


@rule
def interface_method(s: Values, b: Building) -> n.InterfaceMethod:
    last = s[6] if s[6] is not None else s[5]
    return n.InterfaceMethod(span(s[0], last), s[1].text, tuple(s[2]), in_order(s[4], b), s[6])


@rule
def interface(s: Values, b: Building) -> n.Interface:
    types = tuple(member for member in s[4] if isinstance(member, n.AssociatedType))
    methods = tuple(member for member in s[4] if isinstance(member, n.InterfaceMethod))
    return n.Interface(span(s[0], s[5]), s[1].text, tuple(s[2]), types, methods)
