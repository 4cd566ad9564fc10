"""Nodes back to source text.

`parse(print_file(file)).file` equals `file` but for the places. What is printed is meant to be parsed,
not admired: one statement a line, parentheses where they could be needed.
"""

from harnlet.syntax import nodes as n
from harnlet.syntax.printing import constructs, declarations, expressions, statements, types
from harnlet.syntax.printing.core import text_of

_MODULES = (constructs, declarations, expressions, statements, types)  # imported for what they register


def print_file(file: n.File) -> str:
    """The source text of a file.

    Two things have no spelling in the language and are printed as near as possible: a brace without
    its partner in a string inside `${...}`, and text in a raw or multi-line string that would end it.
    """
    return text_of(file)


def print_node(node: n.Node) -> str:
    """The source text of one statement, expression or type."""
    return text_of(node)
