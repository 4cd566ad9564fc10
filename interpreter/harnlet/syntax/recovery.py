"""After a syntax error: what was expected, and where to go on."""

from harnlet.syntax.engine import Machine
from harnlet.syntax.tokens import Token


def recover(machine: Machine, tokens: list[Token], at: int) -> int:
    """Report the token that cannot stand where it does. Returns the index to go on at, or -1."""
    machine.building.problems.expected("expression", tokens[at])
    return -1
