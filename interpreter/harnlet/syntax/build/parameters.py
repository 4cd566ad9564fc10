"""Builders of parameters, and their order. Rules: docs/language.md#program-and-declarations."""

from harnlet.syntax import nodes as n
from harnlet.syntax.build.common import Building, Values, rule, span


def in_order(parameters: list[n.Parameter], b: Building) -> tuple[n.Parameter, ...]:
    """The parameters, after a look at their order: docs/language.md#program-and-declarations."""
    optional = False
    for place, parameter in enumerate(parameters):
        if parameter.rest:
            if place + 1 < len(parameters):
                _misplaced("Rest parameter must be the last parameter", parameters[place + 1], b)
        elif parameter.default is not None:
            optional = True
        elif optional:
            _misplaced("Required parameter cannot follow a parameter with a default value", parameter, b)
    return tuple(parameters)


def _misplaced(what: str, parameter: n.Parameter, b: Building) -> None:
    line, column = parameter.at[:2]
    shown = "..." if parameter.rest else f"id({parameter.name})"
    b.problems.add(
        "parameter-order",
        f"Expected {what}, got {shown} at {line}:{column}",
        parameter.at,
        rendered=f"expected {what}, found {shown}",
        label="unexpected parameter",
    )


@rule
def param(s: Values, b: Building) -> n.Parameter:
    return n.Parameter(s[0].at, s[0].text)


@rule
def param_default(s: Values, b: Building) -> n.Parameter:
    return n.Parameter(span(s[0], s[2]), s[0].text, None, s[2])


@rule
def param_typed(s: Values, b: Building) -> n.Parameter:
    return n.Parameter(span(s[0], s[2]), s[0].text, s[2])


@rule
def param_typed_default(s: Values, b: Building) -> n.Parameter:
    return n.Parameter(span(s[0], s[4]), s[0].text, s[2], s[4])


@rule
def param_rest(s: Values, b: Building) -> n.Parameter:
    return n.Parameter(span(s[0], s[1]), s[1].text, None, None, True)


@rule
def param_rest_typed(s: Values, b: Building) -> n.Parameter:
    return n.Parameter(span(s[0], s[3]), s[1].text, s[3], None, True)
