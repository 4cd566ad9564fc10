"""After a syntax error: say what was expected, and find where to go on.

Rules: docs/language.md#lex-and-parse-error-texts. The parser goes on after the next `;`, at the next
line that starts with a statement keyword, or at the `}` of the block at hand.
"""

from typing import Any, Final

from harnlet.syntax.engine import GOTOS, Machine
from harnlet.syntax.expect import expectation
from harnlet.syntax.lexer import STATEMENT_ONLY, too_deep
from harnlet.syntax.tokens import Token, kinds

_OPENERS: Final = {
    "LPAR": "RPAR",
    "LPAR_CALL": "RPAR",
    "LPAR_METHOD": "RPAR",
    "LPAR_WHILE": "RPAR",
    "LSQB": "RSQB",
    "LSQB_SUB": "RSQB",
    "LBRACE_BLOCK": "RBRACE",
    "LBRACE_DICT": "RBRACE",
    "LBRACE_CLOSURE": "RBRACE",
    "LBRACE_STRUCT": "RBRACE",
}
_CLOSERS: Final = frozenset(_OPENERS.values())
_STATEMENT_STARTS: Final = STATEMENT_ONLY | kinds("FN GEN IF MATCH RETRY PARALLEL TRY TYPE DEADLINE SPAWN")
_SPREAD: Final = (
    "spread (...) can only be used inside list literals, dict literals, or function call arguments"
)


def recover(machine: Machine, tokens: list[Token], at: int) -> int:
    """Deal with the token that cannot stand where it does.

    When a separator was all that lacked and the token starts a line, the separator is put in.
    Otherwise the error is reported and the parser set back to the start of a statement. Returns the
    index to go on at, or -1 when there is nothing left to parse.
    """
    problems = machine.building.problems
    token = tokens[at]
    if machine.too_deep:
        too_deep(problems, token.at)
        return -1
    if _separate(machine, tokens, at):
        return at
    due = expectation(machine, tokens, at)
    end = None
    if at:
        line, column = tokens[at - 1].at[2:]
        end = line, column, line, column + 1
    if token.type == "ELLIPSIS" and due.what == "expression":
        problems.add("spread-misplaced", _SPREAD, token.at, label="unexpected spread")
    else:
        problems.expected(
            due.what, token, name=due.code, got=due.got, help=due.help, notes=due.notes, end=end
        )
    if problems.full:
        return -1
    return _synchronise(machine, tokens, at)


def _separate(machine: Machine, tokens: list[Token], at: int) -> bool:
    """Put in the separator that no line break gave, one inside a block comment for instance."""
    token = tokens[at]
    if not at or token.type in ("NL", "$END", "SEMI"):
        return False
    before = tokens[at - 1]
    if before.type == "NL" or before.at[2] >= token.at[0] or machine.shift_state("NL") < 0:
        return False
    line, column = before.at[2:]
    separator = Token("NL", "\n", (line, column, line, column + 1), before.end, before.end, False)
    machine.run([separator], 0)
    return True


def _synchronise(machine: Machine, tokens: list[Token], at: int) -> int:
    """Set the parser back to the start of the statement at hand and skip to where one can start."""
    place = len(machine.states) - 1
    while place >= 0 and "statement" not in GOTOS[machine.states[place]]:
        place -= 1
    if place < 0:
        return -1
    awaited = [_OPENERS[kind] for value in machine.values[place:] if (kind := _type(value)) in _OPENERS]
    machine.cut(place)
    closed = False  # whether the token before closed a bracket of the broken statement
    for index in range(at, len(tokens)):
        token = tokens[index]
        kind = token.type
        if kind in _OPENERS:
            awaited.append(_OPENERS[kind])
        elif kind in _CLOSERS:
            if kind in awaited:
                while awaited.pop() != kind:
                    pass
                closed = kind == "RBRACE" and not awaited
                continue
            if kind == "RBRACE" and machine.shift_state(kind) >= 0:
                return index
        elif kind == "$END":
            return -1
        elif _starts_line(tokens, index) and kind in _STATEMENT_STARTS:
            if kind in STATEMENT_ONLY:
                while awaited and awaited[-1] != "RBRACE":
                    awaited.pop()
            if not awaited and machine.shift_state(kind) >= 0:
                return index
        elif not awaited and (kind == "SEMI" or (kind == "NL" and closed)):
            return index + 1
        closed = False
    return -1


def _type(value: Any) -> str:
    return value.type if isinstance(value, Token) else ""


def _starts_line(tokens: list[Token], index: int) -> bool:
    return not index or tokens[index - 1].at[2] < tokens[index].at[0] or tokens[index - 1].type == "NL"
