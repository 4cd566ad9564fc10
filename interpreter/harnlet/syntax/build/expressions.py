"""Builders of expressions. Rules: docs/language.md#expressions."""

from typing import Any

from harnlet.syntax import nodes as n
from harnlet.syntax.build.common import Building, Values, rule, span
from harnlet.syntax.build.parameters import in_order
from harnlet.syntax.numbers import parse_duration, parse_float, parse_int
from harnlet.syntax.tokens import Token


@rule
def binary(s: Values, b: Building) -> n.Binary:
    left, right = s[0], s[2]
    start, end = left.at, right.at
    return n.Binary((start[0], start[1], end[2], end[3]), s[1].text, left, right)


@rule
def binary_not_in(s: Values, b: Building) -> n.Binary:
    return n.Binary(span(s[0], s[2]), "not in", s[0], s[2])


@rule
def unary(s: Values, b: Building) -> n.Unary:
    return n.Unary(span(s[0], s[1]), s[0].text, s[1])


@rule
def try_star(s: Values, b: Building) -> n.TryStar:
    return n.TryStar(span(s[0], s[1]), s[1])


@rule
def pipe(s: Values, b: Building) -> n.Pipe:
    return n.Pipe(span(s[0], s[2]), s[0], s[2])


@rule
def range_to(s: Values, b: Building) -> n.Range:
    return n.Range(span(s[0], s[2]), s[0], s[2], False)


@rule
def range_exclusive(s: Values, b: Building) -> n.Range:
    return n.Range(span(s[0], s[3]), s[0], s[2], True)


@rule
def ternary(s: Values, b: Building) -> n.Ternary:
    return n.Ternary(span(s[0], s[4]), s[0], s[2], s[4])


# --- suffixes ----------------------------------------------------------------------------------


@rule
def member(s: Values, b: Building) -> n.Member:
    return n.Member(span(s[0], s[2]), s[0], s[2].text, False, s[2].at)


@rule
def optional_member(s: Values, b: Building) -> n.Member:
    return n.Member(span(s[0], s[2]), s[0], s[2].text, True, s[2].at)


@rule
def method_call(s: Values, b: Building) -> n.MethodCall:
    return n.MethodCall(span(s[0], s[5]), s[0], s[2].text, tuple(s[4]), False, s[2].at)


@rule
def optional_method_call(s: Values, b: Building) -> n.MethodCall:
    return n.MethodCall(span(s[0], s[5]), s[0], s[2].text, tuple(s[4]), True, s[2].at)


@rule
def index(s: Values, b: Building) -> n.Index:
    return n.Index(span(s[0], s[3]), s[0], s[2], False)


@rule
def optional_index(s: Values, b: Building) -> n.Index:
    return n.Index(span(s[0], s[4]), s[0], s[3], True)


@rule
def slice_both(s: Values, b: Building) -> n.Slice:
    return n.Slice(span(s[0], s[5]), s[0], s[2], s[4])


@rule
def slice_to(s: Values, b: Building) -> n.Slice:
    return n.Slice(span(s[0], s[4]), s[0], None, s[3])


@rule
def slice_from(s: Values, b: Building) -> n.Slice:
    return n.Slice(span(s[0], s[4]), s[0], s[2], None)


@rule
def slice_all(s: Values, b: Building) -> n.Slice:
    return n.Slice(span(s[0], s[3]), s[0], None, None)


@rule
def call(s: Values, b: Building) -> n.Call:
    return n.Call(span(s[0], s[3]), s[0], tuple(s[2]))


@rule
def generic_call(s: Values, b: Building) -> n.Call:
    return n.Call(span(s[0], s[6]), n.Name(s[0].at, s[0].text), tuple(s[5]), tuple(s[2]))


@rule
def propagate(s: Values, b: Building) -> n.Propagate:
    return n.Propagate(span(s[0], s[1]), s[0])


# --- primaries ---------------------------------------------------------------------------------


@rule
def name(s: Values, b: Building) -> n.Name:
    token = s[0]
    return n.Name(token.at, token.text)


@rule
def struct_literal(s: Values, b: Building) -> n.StructLiteral:
    return n.StructLiteral(span(s[0], s[3]), s[0].text, tuple(s[2]))


def exact(token: Token, b: Building) -> int:
    """The value of an INT token; too many digits are reported and count as zero."""
    value = parse_int(token.text)
    if value is None:
        line, column = token.at[:2]
        b.problems.add(
            "number-too-large",
            f"Integer literal is too large at {line}:{column}",
            token.at,
            rendered="integer literal is too large",
        )
        return 0
    return value


@rule
def int_(s: Values, b: Building) -> n.Int:
    return n.Int(s[0].at, exact(s[0], b))


@rule
def float_(s: Values, b: Building) -> n.Float:
    return n.Float(s[0].at, parse_float(s[0].text))


@rule
def duration(s: Values, b: Building) -> n.Duration:
    token = s[0]
    value = parse_duration(token.text)
    if value is None:
        line, column = token.at[:2]
        b.problems.add(
            "number-too-large",
            f"duration literal is too large at {line}:{column}",
            token.at,
            rendered="duration literal is too large",
        )
        value = 0
    return n.Duration(token.at, value, token.text)


@rule
def string(s: Values, b: Building) -> n.String:
    token = s[0]
    if token.type == "RSTRING":
        return n.String(token.at, token.value, "raw")
    return n.String(token.at, token.value, "multiline" if token.text.startswith('"""') else "plain")


@rule
def interpolated(s: Values, b: Building) -> n.Interpolated:
    """The expressions inside are parsed when the rest is done: see parser.py."""
    token = s[0]
    made = n.Interpolated(token.at, (), "multiline" if token.text.startswith('"""') else "plain")
    b.pending.append((made, token, b.depth + b.nesting() + 1))
    return made


@rule
def true(s: Values, b: Building) -> n.Bool:
    return n.Bool(s[0].at, True)


@rule
def false(s: Values, b: Building) -> n.Bool:
    return n.Bool(s[0].at, False)


@rule
def nil(s: Values, b: Building) -> n.Nil:
    return n.Nil(s[0].at)


@rule
def parenthesised(s: Values, b: Building) -> Any:
    """Parentheses leave nothing behind, but the place of what they surround takes them in."""
    inner = s[1]
    inner.at = span(s[0], s[2])
    return inner


@rule
def list_(s: Values, b: Building) -> n.List:
    return n.List(span(s[0], s[2]), tuple(s[1]))


@rule
def spread(s: Values, b: Building) -> n.Spread:
    return n.Spread(span(s[0], s[1]), s[1])


@rule
def dict_(s: Values, b: Building) -> n.Dict:
    return n.Dict(span(s[0], s[2]), tuple(s[1]))


@rule
def entry(s: Values, b: Building) -> n.DictEntry:
    key = s[0]
    return n.DictEntry(span(key, s[2]), key.value if key.type == "STRING" else key.text, s[2])


@rule
def computed_entry(s: Values, b: Building) -> n.DictEntry:
    return n.DictEntry(span(s[0], s[4]), s[1], s[4])


def _between(after: Any, before: Any) -> n.Span:
    """From the end of one token to the start of another."""
    return after.at[2], after.at[3], before.at[0], before.at[1]


@rule
def closure(s: Values, b: Building) -> n.Closure:
    statements = s[3]
    at = span(statements[0], statements[-1]) if statements else _between(s[2], s[4])
    return n.Closure(span(s[0], s[4]), in_order(s[1], b), n.Block(at, tuple(statements)))


@rule
def function_expression(s: Values, b: Building) -> n.Closure:
    return n.Closure(span(s[0], s[4]), in_order(s[2], b), s[4], True)
