"""Build tables.py from harnlet.lark: `python -m harnlet.syntax.generate [--check]`.

Lark builds the LALR(1) tables in strict mode, so a conflict in the grammar is an error here. That
takes most of a second, and Lark itself 40 ms to import; the tables as plain constants load in about
two, and parsing needs nothing else of Lark. A test checks that tables.py is up to date.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import lark
from lark.lexer import Lexer, Token

GRAMMAR: Final = Path(__file__).with_name("harnlet.lark")
TABLES: Final = Path(__file__).with_name("tables.py")
STARTS: Final = ("file", "interpolation")
_WIDTH: Final = 108


class NoLexer(Lexer):
    """Lark wants a lexer to build a parser; to build the tables it need not do anything."""

    def __init__(self, configuration: object) -> None: ...

    def lex(self, text: Any) -> Iterator[Token]:  # type: ignore[override]
        return iter(())


def build(lexer: type[Lexer] = NoLexer) -> lark.Lark:
    """Lark's own parser of the grammar. Raises lark.GrammarError for a conflict."""
    return lark.Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer=lexer,
        start=list(STARTS),
        strict=True,
        keep_all_tokens=True,
    )


def _rule(rule: Any) -> tuple[str, int, str]:
    """The rule's nonterminal, how many symbols it takes, and the function for it; "" passes one on."""
    origin = str(rule.origin.name)
    size = len(rule.expansion)
    if rule.alias:
        return origin, size, str(rule.alias)
    if rule.options.expand1 and size == 1:
        return origin, size, ""
    return origin, size, origin


def _order(table: Any) -> dict[int, int]:
    """The number of each state. Lark's own numbers differ from run to run, as sets do."""
    order: dict[int, int] = {}
    queue = [table.start_states[start] for start in STARTS]
    for state in queue:
        if state not in order:
            order[state] = len(order)
            row = sorted(table.states[state].items())
            queue += [argument for _, (action, argument) in row if action.name == "Shift"]
    return order


def _wrapped(words: list[str]) -> str:
    lines, line = [], "   "
    for word in words:
        if len(line) + len(word) + 1 > _WIDTH:
            lines.append(line)
            line = "   "
        line += " " + word
    return "\n".join([*lines, line])


def render() -> str:
    """The text of tables.py."""
    table: Any = build().parser.parser._parse_table
    rules: dict[tuple[str, int, str], int] = {}
    keys: dict[tuple[str, ...], int] = {}
    actions: list[tuple[int, tuple[int, ...]]] = []
    gotos: list[tuple[int, tuple[int, ...]]] = []
    order = _order(table)
    for state in order:
        row, goto = {}, {}
        for name, (action, argument) in sorted(table.states[state].items()):
            if action.name == "Reduce":
                row[name] = -1 - rules.setdefault(_rule(argument), len(rules))
            elif name.isupper() or name == "$END":
                row[name] = order[argument]
            else:
                goto[name] = order[argument]
        if state in table.end_states.values():
            row["$END"] = 0  # any shift of the end accepts
        for rows, made in ((actions, row), (gotos, goto)):
            rows.append((keys.setdefault(tuple(made), len(keys)), tuple(made.values())))
    out = [
        '"""LALR(1) tables of harnlet.lark, made by `python -m harnlet.syntax.generate`. Do not edit."""',
        "",
        "# ruff: noqa",
        "# fmt: off",
        "",
        '# nonterminal, symbols taken, function; the function "" passes its one symbol on',
        f"RULES: tuple[tuple[str, int, str], ...] = (\n{_wrapped([f'{rule!r},' for rule in rules])}\n)",
        "",
        "# the symbols of a row, shared between rows",
        "KEYS: tuple[tuple[str, ...], ...] = (",
        _wrapped(" ".join(f"{names!r}," for names in keys).split(" ")),
        ")",
        "",
    ]
    for title, rows in (("ACTIONS", actions), ("GOTOS", gotos)):
        out.append(f"{title}: tuple[tuple[int, tuple[int, ...]], ...] = (")
        words = [f"({number}, {values!r})," for number, values in rows]
        out += [_wrapped(" ".join(words).split(" ")), ")", ""]
    starts = {start: order[table.start_states[start]] for start in STARTS}
    out += [f"STARTS: dict[str, int] = {starts!r}", ""]
    return "\n".join(out)


def main(arguments: list[str]) -> int:
    """Write tables.py, or with `--check` only say whether it is up to date (exit code 1 when not)."""
    text = render()
    if "--check" in arguments:
        return int(TABLES.read_text(encoding="utf-8") != text)
    TABLES.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
