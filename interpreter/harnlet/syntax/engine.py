"""The parser loop: LALR(1) over the tables that Lark made, calling a builder at each reduction.

Lark's own loop looks up every rule by a hash written in Python and calls several wrappers a
reduction; this one takes a fifth of its time. Rules that only pass a value on (`and_expr: equality`, a
dozen levels of precedence for each operand) are followed in one step, remembered by where they start
and end.
"""

from typing import Any, Final

from harnlet.syntax import tables
from harnlet.syntax.build import (
    constructs,
    declarations,
    expressions,
    parameters,
    statements,
    types,
)
from harnlet.syntax.build.common import RULES, Builder, Building
from harnlet.syntax.lexer import NESTING
from harnlet.syntax.tokens import Token, kinds

_BUILDERS: Final = (
    constructs,
    declarations,
    expressions,
    parameters,
    statements,
    types,
)  # imported for their rules

ACTIONS: Final = [dict(zip(tables.KEYS[keys], row, strict=True)) for keys, row in tables.ACTIONS]
"""For each state: token type to the state after it, or, negative, ~rule to reduce by."""

GOTOS: Final = [dict(zip(tables.KEYS[keys], row, strict=True)) for keys, row in tables.GOTOS]
"""For each state: nonterminal to the state after it."""

ORIGINS: Final = [origin for origin, _, _ in tables.RULES]
SIZES: Final = [size for _, size, _ in tables.RULES]
_FUNCTIONS: Final[list[Builder | None]] = [RULES[name] if name else None for _, _, name in tables.RULES]
_PASSING: Final = frozenset(~number for number, (_, _, name) in enumerate(tables.RULES) if not name)

_jumps: Final[dict[tuple[int, int, str], int]] = {}
"""(state below, state, token type) to the state that passing rules lead to. Grows to what the grammar
allows and no further; two threads at once write the same."""

_NESTING_TOKENS: Final = kinds(
    "LPAR LPAR_CALL LPAR_METHOD LPAR_WHILE LSQB LSQB_SUB LBRACE_DICT LBRACE_CLOSURE LBRACE_STRUCT LT "
    "LT_GENERIC BANG NEG POW TRY_STAR IF WHILE FOR MATCH RETRY DEADLINE SPAWN MUTEX DEFER TRY SELECT FN "
    "FN_EXPR TOOL PIPELINE EVAL_PACK OVERRIDE IMPL GUARD_ELSE PARALLEL"
)
"""Tokens that stay on the stack while what they begin is open: their number is the nesting. A block
counts by its keyword."""


def _jump(below: int, state: int, kind: str) -> int:
    """Follow rules that only pass a value on."""
    first = state
    while (action := ACTIONS[state].get(kind)) in _PASSING:
        state = GOTOS[below][ORIGINS[~action]]
    _jumps[below, first, kind] = state
    return state


class Machine:
    """One run of the parser: its stacks, open to those that recover from errors.

    `too_deep` says that it stopped because of nesting.
    """

    __slots__ = ("building", "limit", "states", "too_deep", "values")

    def __init__(self, start: str, building: Building) -> None:
        self.building = building
        self.states = [tables.STARTS[start]]
        self.values: list[Any] = []
        self.limit = NESTING
        self.too_deep = False

    def nesting(self) -> int:
        """How many brackets, blocks and prefix operators are open."""
        return sum(1 for value in self.values if type(value) is Token and value.type in _NESTING_TOKENS)

    def deeper(self) -> bool:
        """Look whether the nesting is still allowed, and set how long the stack may get before the
        next look: no sooner than it could become too deep, so that looking stays cheap."""
        room = NESTING - self.building.depth - self.nesting()
        self.limit = len(self.states) + max(room, 0)
        self.too_deep = room < 0
        return not self.too_deep

    def run(self, tokens: list[Token], start: int) -> int:
        """Feed tokens from an index on. Returns -1 when all were accepted, the result being the one
        value left, or the index of a token that cannot stand where it does.
        """
        states, values, building = self.states, self.values, self.building
        actions, gotos, origins, sizes, functions = ACTIONS, GOTOS, ORIGINS, SIZES, _FUNCTIONS
        passing, jumps, limit = _PASSING, _jumps, self.limit
        for index in range(start, len(tokens)):
            token = tokens[index]
            kind = token.type
            while True:
                action = actions[states[-1]].get(kind)
                if action is None:
                    return index
                if action >= 0:
                    if kind == "$END":
                        return -1
                    states.append(action)
                    values.append(token)
                    if len(states) > limit:
                        if not self.deeper():
                            return index
                        limit = self.limit
                    break
                if action in passing:
                    state = states[-1]
                    below = states[-2]
                    jump = jumps.get((below, state, kind))
                    states[-1] = jump if jump is not None else _jump(below, state, kind)
                    continue
                number = ~action
                size = sizes[number]
                function = functions[number]
                if size:
                    taken = values[-size:]
                    del values[-size:]
                    del states[-size:]
                else:
                    taken = []
                values.append(function(taken, building))  # type: ignore[misc]
                states.append(gotos[states[-1]][origins[number]])
        return len(tokens) - 1

    def shift_state(self, kind: str) -> int:
        """The state in which a token of that type would be shifted, or -1 when it is not acceptable."""
        depth = len(self.states)
        pushed: list[int] = []
        while True:
            top = pushed[-1] if pushed else self.states[depth - 1]
            action = ACTIONS[top].get(kind)
            if action is None:
                return -1
            if action >= 0:
                return top
            size = SIZES[~action]
            kept = max(len(pushed) - size, 0)
            depth -= size - (len(pushed) - kept)
            del pushed[kept:]
            pushed.append(GOTOS[pushed[-1] if pushed else self.states[depth - 1]][ORIGINS[~action]])

    def cut(self, place: int) -> None:
        """Drop all above a place of the state stack."""
        del self.states[place + 1 :]
        del self.values[place:]
