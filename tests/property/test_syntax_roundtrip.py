"""What is printed parses to the tree that was printed: docs/language.md#grammar, in both directions."""

from typing import Any

from hypothesis import HealthCheck, given, settings

from harnlet.syntax import nodes as n
from harnlet.syntax.parser import parse
from harnlet.syntax.printer import print_file
from property.syntax_programs import files
from property.syntax_trees import AT, expressions

QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def shape(value: Any) -> Any:
    """A tree without its places."""
    if isinstance(value, n.Node):
        kept = [name for name in value.FIELDS if name not in ("at", "name_at")]
        return type(value).__name__, *(shape(getattr(value, name)) for name in kept)
    if isinstance(value, tuple):
        return tuple(map(shape, value))
    return type(value).__name__, value


def parsed(text: str) -> n.File:
    result = parse(text)
    assert result.file is not None, (text, [found.message for found in result.diagnostics])
    return result.file


@QUIET
@given(expressions)
def test_expressions_survive_printing(expression: n.Expression) -> None:
    made = n.File(AT, (n.Let(AT, n.NamePattern(AT, "x"), None, expression, False),))
    text = print_file(made)
    again = parsed(text)
    assert shape(again) == shape(made), text
    assert print_file(again) == text


@QUIET
@given(files)
def test_files_survive_printing(made: n.File) -> None:
    text = print_file(made)
    again = parsed(text)
    assert shape(again) == shape(made), text
    assert print_file(again) == text
