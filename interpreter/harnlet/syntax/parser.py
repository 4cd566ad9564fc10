"""Parsing: text to nodes, with every error found on the way.

Rules: docs/language.md#grammar. `parse` is what the rest of Harnlet calls.
"""

from typing import Any, NamedTuple

from harnlet.errors.diagnostic import Diagnostic
from harnlet.syntax import nodes as n
from harnlet.syntax.build.common import Building
from harnlet.syntax.engine import Machine
from harnlet.syntax.layout import lay_out
from harnlet.syntax.lexer import NESTING, lex, too_deep
from harnlet.syntax.problems import Problems
from harnlet.syntax.recovery import recover
from harnlet.syntax.source import Source


class ParseResult(NamedTuple):
    """The tree of a source, or None and the diagnostics that say why, in source order."""

    file: n.File | None
    diagnostics: tuple[Diagnostic, ...]


class ExpressionResult(NamedTuple):
    """The tree of one expression, or None and the diagnostics that say why, in source order."""

    expression: n.Expression | None
    diagnostics: tuple[Diagnostic, ...]


def parse(text: str, filename: str = "<script>") -> ParseResult:
    """Parse a whole source. Never raises for what is in it.

    `filename` is what diagnostics show. Several errors are reported at once, at most
    `problems.MAXIMUM`.
    """
    problems = Problems(Source(text, filename))
    tree = _run("file", problems, 0, len(text))
    return ParseResult(tree if not problems.found else None, problems.sorted())


def parse_expression(text: str, filename: str = "<expression>") -> ExpressionResult:
    """Parse one expression, as it stands inside `${...}`. Never raises for what is in it."""
    problems = Problems(Source(text, filename))
    tree = _run("interpolation", problems, 0, len(text))
    return ExpressionResult(tree if not problems.found else None, problems.sorted())


def _run(start: str, problems: Problems, begin: int, end: int) -> Any:
    """Parse a part of the source, and then the expressions of its interpolated strings.

    Those are taken from a list rather than parsed where they stand: strings inside strings cost no
    recursion. The list grows while it is walked.
    """
    building = Building(problems)
    tree = _part(start, building, begin, end)
    for node, token, depth in building.pending:
        building.depth = depth
        parts: list[str | n.Expression] = []
        for part in token.value:
            if isinstance(part, str):
                parts.append(part)
            elif depth > NESTING:
                too_deep(problems, token.at)
            elif problems.source.text[part[0] : part[1]].strip():
                expression = _part("interpolation", building, *part)
                if expression is not None:
                    parts.append(expression)
        node.parts = tuple(parts)  # type: ignore[misc]
    return tree


def _part(start: str, building: Building, begin: int, end: int) -> Any:
    """The value of a part of the source, or None when it cannot be parsed to its end."""
    problems = building.problems
    lexed = lex(problems.source.text, problems, begin, end, NESTING - building.depth)
    if lexed.fatal:
        return None
    tokens = lay_out(lexed)
    machine = Machine(start, building)
    building.nesting = machine.nesting
    at = 0
    while True:
        at = machine.run(tokens, at)
        if at < 0:
            return machine.values[0]
        at = recover(machine, tokens, at)
        if at < 0:
            return None
