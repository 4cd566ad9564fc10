"""`jq` and `jq_first`: a subset of the jq language over values. Rules: docs/builtins.md#jq."""

from collections.abc import Callable
from functools import lru_cache

from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display


@lru_cache(maxsize=128)
def _compiled(expression: str) -> Callable[[object], list[object]]:
    from harnlet_builtins.jq_parser import parse_jq

    return parse_jq(expression)


@builtin("jq(value, expression)", section="10.3")
def jq(value: object = None, expression: object = "") -> list[object]:
    """All results of a jq expression for a value."""
    return [*_compiled(display(expression))(value)]


@builtin("jq_first(value, expression)", section="10.3")
def jq_first(value: object = None, expression: object = "") -> object:
    """The first result of a jq expression for a value; nil if there is none."""
    return next(iter(_compiled(display(expression))(value)), None)
