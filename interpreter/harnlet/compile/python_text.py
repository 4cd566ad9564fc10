"""The Python that a script compiles to, as text for people: `harnlet run --dump-python`.

It is the very tree that is handed to CPython, written out, with the script's own lines as comments above what
they became. Names that are not in it are those of `harnlet.runtime.instance`.
"""

import ast
from collections.abc import Sequence
from typing import TypeVar

_Statement = TypeVar("_Statement", bound=ast.stmt)


def python_text(module: ast.Module, lines: Sequence[str]) -> str:
    """The text of a module made by `harnlet.compile.compiler.lower`, with `lines` of the script between."""
    marker = "line"
    while any(marker in line for line in lines):
        marker += "_"
    marking = _Marking(marker)
    body: list[ast.stmt] = []
    for top in module.body:  # constants, and functions, the last of which is the program
        if isinstance(top, ast.FunctionDef) and top.name != "main":
            body += marking.definition(top)
        else:
            marking.generic_visit(top)
            body.append(top)
    module.body = body
    out = []
    for line in ast.unparse(ast.fix_missing_locations(module)).split("\n"):
        bare = line.strip()
        number = bare.removeprefix(marker)
        if number != bare and number.isdigit():
            text = lines[int(number) - 1].strip()
            line = f"{line[: -len(bare)]}# {number}: {text}"
        out.append(line)
    return "\n".join(out) + "\n"


class _Marking(ast.NodeTransformer):
    """Puts a name, made of `marker` and the number of the script's line, before the first statement of it."""

    def __init__(self, marker: str) -> None:
        self._marker = marker
        self._last = 0

    def definition(self, function: ast.FunctionDef) -> Sequence[ast.stmt]:
        """A function that stands beside `main`."""
        self._last = 0
        found = self._marked(function)
        self._last = 0
        return found if isinstance(found, list) else [found]

    def _marked(self, statement: _Statement) -> _Statement | list[ast.stmt]:
        new = statement.lineno != self._last
        self._last = statement.lineno
        self.generic_visit(statement)
        if not new:
            return statement
        return [ast.Expr(ast.Name(f"{self._marker}{statement.lineno}", ast.Load())), statement]

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt]:
        if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
            # An `elif` stays one.
            return self._with_elif(node)
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or isinstance(node, ast.expr | ast.Global):
            return node
        if isinstance(node, ast.stmt):
            return self._marked(node)
        return super().generic_visit(node)

    def _with_elif(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        following = node.orelse[0]
        node.orelse = []
        marked = self._marked(node)
        self._last = following.lineno
        rest = self.visit(following)
        node.orelse = [rest[-1] if isinstance(rest, list) else following]
        return marked
