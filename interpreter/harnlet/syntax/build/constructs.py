"""Builders of expressions with blocks: `if`, `match`, `try`, `parallel`, ... Rules:
docs/language.md#expressions.
"""

from typing import Any

from harnlet.syntax import nodes as n
from harnlet.syntax.build.common import Building, Values, rule, span
from harnlet.syntax.tokens import Token


@rule
def if_then(s: Values, b: Building) -> n.If:
    return n.If(span(s[0], s[2]), s[1], s[2], None)


@rule
def if_else(s: Values, b: Building) -> n.If:
    return n.If(span(s[0], s[4]), s[1], s[2], s[4])


@rule
def match(s: Values, b: Building) -> n.Match:
    return n.Match(span(s[0], s[4]), s[1], tuple(s[3]))


@rule
def match_arm(s: Values, b: Building) -> n.MatchArm:
    return n.MatchArm(span(s[0][0], s[2]), tuple(s[0]), None, s[2])


@rule
def match_arm_guarded(s: Values, b: Building) -> n.MatchArm:
    return n.MatchArm(span(s[0][0], s[4]), tuple(s[0]), s[2], s[4])


@rule
def try_only(s: Values, b: Building) -> n.Try:
    return n.Try(span(s[0], s[1]), s[1], None, None)


@rule
def try_catch(s: Values, b: Building) -> n.Try:
    return n.Try(span(s[0], s[2]), s[1], s[2], None)


@rule
def try_finally(s: Values, b: Building) -> n.Try:
    return n.Try(span(s[0], s[3]), s[1], None, s[3])


@rule
def try_catch_finally(s: Values, b: Building) -> n.Try:
    return n.Try(span(s[0], s[4]), s[1], s[2], s[4])


@rule
def catch_any(s: Values, b: Building) -> n.Catch:
    return n.Catch(span(s[0], s[1]), None, None, s[1])


@rule
def catch_name(s: Values, b: Building) -> n.Catch:
    return n.Catch(span(s[0], s[2]), s[1].text, None, s[2])


@rule
def catch_parenthesised(s: Values, b: Building) -> n.Catch:
    return n.Catch(span(s[0], s[4]), s[2].text, None, s[4])


@rule
def catch_typed(s: Values, b: Building) -> n.Catch:
    return n.Catch(span(s[0], s[6]), s[2].text, s[4], s[6])


@rule
def retry(s: Values, b: Building) -> n.Retry:
    return n.Retry(span(s[0], s[2]), s[1], s[2])


@rule
def deadline(s: Values, b: Building) -> n.Deadline:
    return n.Deadline(span(s[0], s[2]), s[1], s[2])


@rule
def spawn(s: Values, b: Building) -> n.Spawn:
    return n.Spawn(span(s[0], s[1]), s[1])


@rule
def parallel_count(s: Values, b: Building) -> Values:
    return [s[0], "count", s[1], s[2] if len(s) > 2 else None]


@rule
def parallel_each(s: Values, b: Building) -> Values:
    return [s[0], s[1].text, s[2], s[3] if len(s) > 3 else None]


@rule
def parallel_with(s: Values, b: Building) -> Any:
    """The options of `with {...}`: the value of the last `max_concurrent`."""
    value = None
    for key, given in s[2]:
        if key.text != "max_concurrent":
            b.problems.expected("max_concurrent", key)
        value = given
    return value


@rule
def parallel_option(s: Values, b: Building) -> tuple[Token, Any]:
    return s[0], s[2]


@rule
def parallel_body(s: Values, b: Building) -> tuple[None, n.Block]:
    return None, n.Block(span(s[0], s[2]), tuple(s[1]))


@rule
def parallel_body_variable(s: Values, b: Building) -> tuple[str, n.Block]:
    return s[1].text, n.Block(span(s[0], s[4]), tuple(s[3]))


@rule
def parallel(s: Values, b: Building) -> n.Parallel:
    (keyword, kind, operand, limit), (variable, body) = s[0], s[1]
    return n.Parallel(span(keyword, body), kind, operand, limit, variable, body, False)


@rule
def parallel_stream(s: Values, b: Building) -> n.Parallel:
    (keyword, kind, operand, limit), (variable, body) = s[0], s[1]
    return n.Parallel(span(keyword, s[3]), kind, operand, limit, variable, body, True)
