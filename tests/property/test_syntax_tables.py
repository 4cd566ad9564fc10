"""The tables that are shipped are those of the grammar, and our loop over them does what Lark does."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import lark
import pytest

from harnlet.syntax import engine, generate, tables
from harnlet.syntax import nodes as n
from harnlet.syntax.build.common import RULES, Building
from harnlet.syntax.layout import lay_out
from harnlet.syntax.lexer import lex
from harnlet.syntax.parser import parse
from harnlet.syntax.printer import print_file
from harnlet.syntax.problems import Problems
from harnlet.syntax.source import Source
from harnlet.syntax.tokens import Token
from property.test_syntax_robustness import PROGRAM
from property.test_syntax_roundtrip import shape


def test_tables_are_up_to_date() -> None:
    assert generate.TABLES.read_text(encoding="utf-8") == generate.render(), (
        "run `python -m harnlet.syntax.generate`"
    )


def test_tables_do_not_depend_on_the_seed_of_hashes() -> None:
    command = [sys.executable, "-m", "harnlet.syntax.generate", "--check"]
    environment = {"PYTHONHASHSEED": "1", "PYTHONPATH": ":".join(path for path in sys.path if path)}
    assert subprocess.run(command, env=environment, check=False, timeout=50).returncode == 0


def test_tables_are_plain_data() -> None:
    module = ast.parse(generate.TABLES.read_text(encoding="utf-8"))
    for statement in module.body[1:]:
        assert isinstance(statement, ast.AnnAssign)
        assert statement.value is not None
        ast.literal_eval(statement.value)


def test_every_rule_has_a_builder_and_every_builder_a_rule() -> None:
    named = {name for _, _, name in tables.RULES if name}
    assert named == set(RULES)


def test_every_terminal_is_declared_and_used() -> None:
    declared = {
        word
        for line in generate.GRAMMAR.read_text(encoding="utf-8").splitlines()
        if line.startswith("%declare")
        for word in line.split()[1:]
    }
    used = {name for row in engine.ACTIONS for name in row} - {"$END"}
    assert used == declared


class _Carried(lark.Token):
    """One of our tokens in Lark's clothes."""

    __slots__ = ("token",)
    token: Token


class _OurLexer(generate.NoLexer):
    def lex(self, text: Any) -> Iterator[lark.Token]:  # type: ignore[override]
        problems = Problems(Source(text))
        for token in lay_out(lex(text, problems, 0, len(text)))[:-1]:
            carried = _Carried(token.type, token.text)
            carried.token = token
            yield carried


def _fold(tree: Any, building: Building) -> Any:
    if isinstance(tree, _Carried):
        return tree.token
    return RULES[tree.data]([_fold(child, building) for child in tree.children], building)


@pytest.fixture(scope="module")
def lark_parser() -> lark.Lark:
    return generate.build(_OurLexer)


@pytest.mark.parametrize(
    "text", ["", "x", "a + b * -c ** 2 ?? d\n\nf(x)[0].y\n", *PROGRAM.split("\n@test")[:1]], ids=range(4)
)
def test_lark_agrees_about_pieces(lark_parser: lark.Lark, text: str) -> None:
    _agree(lark_parser, text)


def test_lark_agrees_about_a_program(lark_parser: lark.Lark) -> None:
    result = parse(PROGRAM)
    assert result.file is not None
    _agree(lark_parser, PROGRAM)
    _agree(lark_parser, print_file(result.file))


def _agree(lark_parser: lark.Lark, text: str) -> None:
    ours = parse(text)
    building = Building(Problems(Source(text)))
    theirs = _fold(lark_parser.parse(text, start="file"), building)
    assert ours.file is not None
    for node, _, _ in building.pending:
        node.parts = ()  # type: ignore[misc]
    assert shape(_without_parts(ours.file)) == shape(theirs)


def _without_parts(tree: n.File) -> n.File:
    """Clear what is inside interpolated strings, which is parsed apart."""
    waiting: list[Any] = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, n.Interpolated):
            value.parts = ()  # type: ignore[misc]
        elif isinstance(value, n.Node):
            waiting += [getattr(value, name) for name in value.FIELDS]
        elif isinstance(value, tuple):
            waiting += value
    return tree


def test_parsing_needs_nothing_of_lark() -> None:
    program = "import sys, harnlet.syntax.parser as p; p.parse('x'); sys.exit('lark' in sys.modules)"
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0
