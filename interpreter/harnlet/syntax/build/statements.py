"""Builders of statements, patterns and imports. Rules: docs/language.md#statements."""

from typing import Any

from harnlet.syntax import nodes as n
from harnlet.syntax.build.common import Building, Values, rule, span
from harnlet.syntax.tokens import Token


@rule
def block(s: Values, b: Building) -> n.Block:
    return n.Block(span(s[0], s[2]), tuple(s[1]))


@rule
def let(s: Values, b: Building) -> n.Let:
    return n.Let(span(s[0], s[3]), s[1], None, s[3], False)


@rule
def var(s: Values, b: Building) -> n.Let:
    return n.Let(span(s[0], s[3]), s[1], None, s[3], True)


@rule
def let_typed(s: Values, b: Building) -> n.Let:
    return n.Let(span(s[0], s[5]), n.NamePattern(s[1].at, s[1].text), s[3], s[5], False)


@rule
def var_typed(s: Values, b: Building) -> n.Let:
    return n.Let(span(s[0], s[5]), n.NamePattern(s[1].at, s[1].text), s[3], s[5], True)


@rule
def for_in(s: Values, b: Building) -> n.For:
    return n.For(span(s[0], s[4]), s[1], s[3], s[4])


@rule
def while_loop(s: Values, b: Building) -> n.While:
    return n.While(span(s[0], s[2]), s[1], s[2])


@rule
def while_parenthesised(s: Values, b: Building) -> n.While:
    s[2].at = span(s[1], s[3])
    return n.While(span(s[0], s[4]), s[2], s[4])


@rule
def break_out(s: Values, b: Building) -> n.Break:
    return n.Break(s[0].at)


@rule
def continue_on(s: Values, b: Building) -> n.Continue:
    return n.Continue(s[0].at)


@rule
def return_nothing(s: Values, b: Building) -> n.Return:
    return n.Return(s[0].at, None)


@rule
def return_value(s: Values, b: Building) -> n.Return:
    return n.Return(span(s[0], s[1]), s[1])


@rule
def throw(s: Values, b: Building) -> n.Throw:
    return n.Throw(span(s[0], s[1]), s[1])


@rule
def guard(s: Values, b: Building) -> n.Guard:
    return n.Guard(span(s[0], s[3]), s[1], s[3])


@rule
def require(s: Values, b: Building) -> n.Require:
    return n.Require(span(s[0], s[1]), s[1], None)


@rule
def require_message(s: Values, b: Building) -> n.Require:
    return n.Require(span(s[0], s[3]), s[1], s[3])


@rule
def mutex(s: Values, b: Building) -> n.Mutex:
    return n.Mutex(span(s[0], s[1]), s[1])


@rule
def defer(s: Values, b: Building) -> n.Defer:
    return n.Defer(span(s[0], s[1]), s[1])


@rule
def yield_nothing(s: Values, b: Building) -> n.Yield:
    return n.Yield(s[0].at, None)


@rule
def yield_value(s: Values, b: Building) -> n.Yield:
    return n.Yield(span(s[0], s[1]), s[1])


@rule
def emit(s: Values, b: Building) -> n.Emit:
    return n.Emit(span(s[0], s[1]), s[1])


@rule
def override(s: Values, b: Building) -> n.Override:
    return n.Override(span(s[0], s[5]), s[1].text, tuple(name.text for name in s[3]), s[5])


@rule
def expression_statement(s: Values, b: Building) -> n.ExpressionStatement:
    return n.ExpressionStatement(s[0].at, s[0])


@rule
def assign(s: Values, b: Building) -> n.Assign:
    target, operator = s[0], s[1]
    if not isinstance(target, n.Name | n.Member | n.Index) or getattr(target, "optional", False):
        b.problems.expected(
            "a name, a property or a subscript before the assignment",
            operator,
            name="assignment-target",
            help="compare with `==`" if operator.text == "=" else "",
        )
    return n.Assign(span(target, s[2]), target, operator.text, s[2])


# --- select ------------------------------------------------------------------------------------


@rule
def select_receive(s: Values, b: Building) -> n.SelectCase:
    return n.SelectCase(span(s[0], s[3]), s[0].text, s[2], s[3])


@rule
def select_timeout(s: Values, b: Building) -> tuple[Token, Any, n.Block]:
    return s[0], s[1], s[2]


@rule
def select_default(s: Values, b: Building) -> tuple[Token, None, n.Block]:
    return s[0], None, s[1]


@rule
def select(s: Values, b: Building) -> n.Select:
    cases: list[n.SelectCase] = []
    timeout: tuple[Any, n.Block] | None = None
    default: n.Block | None = None
    for case in s[2]:
        if isinstance(case, n.SelectCase):
            cases.append(case)
            continue
        token, limit, body = case
        if (timeout is not None) if token.type == "TIMEOUT" else (default is not None):
            b.problems.expected(f"one {token.text} at most in a select", token, name="select-cases")
        elif timeout is not None or default is not None:
            b.problems.expected("select cannot have both timeout and default", token, name="select-cases")
        if token.type == "TIMEOUT":
            timeout = limit, body
        else:
            default = body
    if not cases and timeout is None and default is None:
        b.problems.expected("at least one select case", s[3], name="select-cases")
    at = span(s[0], s[3])
    if timeout is None:
        return n.Select(at, tuple(cases), None, None, default)
    return n.Select(at, tuple(cases), timeout[0], timeout[1], default)


# --- patterns ----------------------------------------------------------------------------------


@rule
def name_pattern(s: Values, b: Building) -> n.NamePattern:
    return n.NamePattern(s[0].at, s[0].text)


@rule
def pair_pattern(s: Values, b: Building) -> n.PairPattern:
    return n.PairPattern(span(s[0], s[4]), s[1].text, s[3].text)


def _with_rest(items: list[Any], b: Building) -> tuple[tuple[Any, ...], str | None]:
    """The items of a pattern and the name of its rest, which has to be the last of them."""
    rest: str | None = None
    kept = []
    for place, item in enumerate(items):
        if not isinstance(item, Token):
            kept.append(item)
        elif place + 1 < len(items):
            line, column = item.at[:2]
            b.problems.add(
                "parameter-order",
                f"Expected the rest of a pattern to be its last part, got ... at {line}:{column}",
                item.at,
                rendered="expected the rest of a pattern to be its last part",
            )
        else:
            rest = item.text
    return tuple(kept), rest


@rule
def dict_pattern(s: Values, b: Building) -> n.DictPattern:
    fields, rest = _with_rest(s[1], b)
    return n.DictPattern(span(s[0], s[2]), fields, rest)


@rule
def list_pattern(s: Values, b: Building) -> n.ListPattern:
    items, rest = _with_rest(s[1], b)
    return n.ListPattern(span(s[0], s[2]), items, rest)


@rule
def dict_pattern_plain(s: Values, b: Building) -> n.DictPatternField:
    return n.DictPatternField(s[0].at, s[0].text, s[0].text)


@rule
def dict_pattern_default(s: Values, b: Building) -> n.DictPatternField:
    return n.DictPatternField(span(s[0], s[2]), s[0].text, s[0].text, s[2])


@rule
def dict_pattern_alias(s: Values, b: Building) -> n.DictPatternField:
    return n.DictPatternField(span(s[0], s[2]), s[0].text, s[2].text)


@rule
def dict_pattern_alias_default(s: Values, b: Building) -> n.DictPatternField:
    return n.DictPatternField(span(s[0], s[4]), s[0].text, s[2].text, s[4])


@rule
def list_pattern_plain(s: Values, b: Building) -> n.ListPatternItem:
    return n.ListPatternItem(s[0].at, s[0].text)


@rule
def list_pattern_default(s: Values, b: Building) -> n.ListPatternItem:
    return n.ListPatternItem(span(s[0], s[2]), s[0].text, s[2])


@rule
def pattern_rest(s: Values, b: Building) -> Token:
    """The rest of a pattern stays a token until the whole pattern is known."""
    token: Token = s[1]
    return token


# --- files and imports -------------------------------------------------------------------------


@rule
def file(s: Values, b: Building) -> n.File:
    source = b.problems.source
    return n.File((1, 1, *source.position(len(source.text))), tuple(s[0]))


@rule
def import_all(s: Values, b: Building) -> n.Import:
    return n.Import(span(s[0], s[1]), s[1].value, None, False)


@rule
def import_some(s: Values, b: Building) -> n.Import:
    names = tuple(n.ImportedName(name.at, name.text) for name in s[2])
    return n.Import(span(s[0], s[5]), s[5].value, names, False)
