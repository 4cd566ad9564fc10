"""Python's own nodes (`ast.Name`, ...), made in a fraction of the time: the rules import this as `ast`.

A node of `ast` keeps its fields in a dict, which its constructor fills one by one by keyword: with a position
that takes 0.9 us on CPython 3.11 and 1.8 on 3.13. Those with a position are made here, with slots: lowering a
large file takes three quarters of the time, and CPython's `compile`, which asks for the fields by name, four
fifths.
"""

import ast
from ast import AST as AST
from ast import Add as Add
from ast import And as And
from ast import Div as Div
from ast import Eq as Eq
from ast import FloorDiv as FloorDiv
from ast import Gt as Gt
from ast import GtE as GtE
from ast import In as In
from ast import Is as Is
from ast import IsNot as IsNot
from ast import Load as Load
from ast import Lt as Lt
from ast import LtE as LtE
from ast import Mod as Mod
from ast import Module as Module
from ast import Mult as Mult
from ast import Not as Not
from ast import NotEq as NotEq
from ast import Or as Or
from ast import Pow as Pow
from ast import Store as Store
from ast import Sub as Sub
from ast import USub as USub
from ast import boolop as boolop
from ast import cmpop as cmpop
from ast import comprehension as comprehension
from ast import expr as expr
from ast import expr_context as expr_context
from ast import operator as operator
from ast import stmt as stmt
from ast import unaryop as unaryop
from ast import withitem as withitem
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

Position: TypeAlias = tuple[int, int, int, int]
"""Line, column from 0, end line, end column."""



def walk(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it, in no particular order: what `ast.walk` does in twice the time."""
    stack = [node]
    while stack:
        found = stack.pop()
        yield found
        for name in found._fields:
            value = getattr(found, name, None)
            if isinstance(value, ast.AST):
                stack.append(value)
            elif type(value) is list:
                stack += [item for item in value if isinstance(item, ast.AST)]


_POSITION = ("lineno", "col_offset", "end_lineno", "end_col_offset")


class Name(ast.Name):
    __slots__ = ("id", "ctx", *_POSITION)

    def __init__(self, id: str, ctx: ast.expr_context, at: Position) -> None:
        self.id, self.ctx = id, ctx
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Constant(ast.Constant):
    __slots__ = ("value", *_POSITION)

    def __init__(self, value: Any, at: Position) -> None:
        self.value = value
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Attribute(ast.Attribute):
    __slots__ = ("value", "attr", "ctx", *_POSITION)

    def __init__(self, value: ast.expr, attr: str, ctx: ast.expr_context, at: Position) -> None:
        self.value, self.attr, self.ctx = value, attr, ctx
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Subscript(ast.Subscript):
    __slots__ = ("value", "slice", "ctx", *_POSITION)

    def __init__(self, value: ast.expr, slice: ast.expr, ctx: ast.expr_context, at: Position) -> None:
        self.value, self.slice, self.ctx = value, slice, ctx
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Call(ast.Call):
    __slots__ = ("func", "args", "keywords", *_POSITION)

    def __init__(
        self, func: ast.expr, args: list[ast.expr], keywords: list[ast.keyword], at: Position
    ) -> None:
        self.func, self.args, self.keywords = func, args, keywords
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class keyword(ast.keyword):  # noqa: N801  # what `ast` calls it
    __slots__ = ("arg", "value", *_POSITION)

    def __init__(self, arg: str | None, value: ast.expr, at: Position) -> None:
        self.arg, self.value = arg, value
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Starred(ast.Starred):
    __slots__ = ("value", "ctx", *_POSITION)

    def __init__(self, value: ast.expr, ctx: ast.expr_context, at: Position) -> None:
        self.value, self.ctx = value, ctx
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Compare(ast.Compare):
    __slots__ = ("left", "ops", "comparators", *_POSITION)

    def __init__(
        self, left: ast.expr, ops: list[ast.cmpop], comparators: list[ast.expr], at: Position
    ) -> None:
        self.left, self.ops, self.comparators = left, ops, comparators
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class BinOp(ast.BinOp):
    __slots__ = ("left", "op", "right", *_POSITION)

    def __init__(self, left: ast.expr, op: ast.operator, right: ast.expr, at: Position) -> None:
        self.left, self.op, self.right = left, op, right
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class BoolOp(ast.BoolOp):
    __slots__ = ("op", "values", *_POSITION)

    def __init__(self, op: ast.boolop, values: list[ast.expr], at: Position) -> None:
        self.op, self.values = op, values
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class UnaryOp(ast.UnaryOp):
    __slots__ = ("op", "operand", *_POSITION)

    def __init__(self, op: ast.unaryop, operand: ast.expr, at: Position) -> None:
        self.op, self.operand = op, operand
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class IfExp(ast.IfExp):
    __slots__ = ("test", "body", "orelse", *_POSITION)

    def __init__(self, test: ast.expr, body: ast.expr, orelse: ast.expr, at: Position) -> None:
        self.test, self.body, self.orelse = test, body, orelse
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class NamedExpr(ast.NamedExpr):
    __slots__ = ("target", "value", *_POSITION)

    def __init__(self, target: ast.Name, value: ast.expr, at: Position) -> None:
        self.target, self.value = target, value
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class JoinedStr(ast.JoinedStr):
    __slots__ = ("values", *_POSITION)

    def __init__(self, values: list[ast.expr], at: Position) -> None:
        self.values = values
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class FormattedValue(ast.FormattedValue):
    __slots__ = ("value", "conversion", "format_spec", *_POSITION)

    def __init__(self, value: ast.expr, conversion: int, format_spec: ast.expr | None, at: Position) -> None:
        self.value, self.conversion, self.format_spec = value, conversion, format_spec
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class List(ast.List):
    __slots__ = ("elts", "ctx", *_POSITION)

    def __init__(self, elts: list[ast.expr], ctx: ast.expr_context, at: Position) -> None:
        self.elts, self.ctx = elts, ctx
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Tuple(ast.Tuple):
    __slots__ = ("elts", "ctx", *_POSITION)

    def __init__(self, elts: list[ast.expr], ctx: ast.expr_context, at: Position) -> None:
        self.elts, self.ctx = elts, ctx
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Dict(ast.Dict):
    __slots__ = ("keys", "values", *_POSITION)

    def __init__(self, keys: list[ast.expr | None], values: list[ast.expr], at: Position) -> None:
        self.keys, self.values = keys, values
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class ListComp(ast.ListComp):
    __slots__ = ("elt", "generators", *_POSITION)

    def __init__(self, elt: ast.expr, generators: list[ast.comprehension], at: Position) -> None:
        self.elt, self.generators = elt, generators
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Yield(ast.Yield):
    __slots__ = ("value", *_POSITION)

    def __init__(self, value: ast.expr | None, at: Position) -> None:
        self.value = value
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Expr(ast.Expr):
    __slots__ = ("value", *_POSITION)

    def __init__(self, value: ast.expr, at: Position) -> None:
        self.value = value
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Assign(ast.Assign):
    __slots__ = ("targets", "value", *_POSITION)

    def __init__(self, targets: list[ast.expr], value: ast.expr, at: Position) -> None:
        self.targets, self.value = targets, value
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class If(ast.If):
    __slots__ = ("test", "body", "orelse", *_POSITION)

    def __init__(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], at: Position) -> None:
        self.test, self.body, self.orelse = test, body, orelse
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class While(ast.While):
    __slots__ = ("test", "body", "orelse", *_POSITION)

    def __init__(self, test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt], at: Position) -> None:
        self.test, self.body, self.orelse = test, body, orelse
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class For(ast.For):
    __slots__ = ("target", "iter", "body", "orelse", *_POSITION)

    def __init__(
        self,
        target: ast.expr,
        iter: ast.expr,
        body: list[ast.stmt],
        orelse: list[ast.stmt],
        type_comment: None,
        at: Position,
    ) -> None:
        self.target, self.iter, self.body, self.orelse = target, iter, body, orelse
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Try(ast.Try):
    __slots__ = ("body", "handlers", "orelse", "finalbody", *_POSITION)

    def __init__(
        self,
        body: list[ast.stmt],
        handlers: Sequence[ast.ExceptHandler],
        orelse: list[ast.stmt],
        finalbody: list[ast.stmt],
        at: Position,
    ) -> None:
        self.body, self.handlers, self.orelse, self.finalbody = body, list(handlers), orelse, finalbody
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class ExceptHandler(ast.ExceptHandler):
    __slots__ = ("type", "name", "body", *_POSITION)

    def __init__(self, type: ast.expr | None, name: str | None, body: list[ast.stmt], at: Position) -> None:
        self.type, self.name, self.body = type, name, body
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class With(ast.With):
    __slots__ = ("items", "body", *_POSITION)

    def __init__(
        self, items: list[ast.withitem], body: list[ast.stmt], type_comment: None, at: Position
    ) -> None:
        self.items, self.body = items, body
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Return(ast.Return):
    __slots__ = ("value", *_POSITION)

    def __init__(self, value: ast.expr | None, at: Position) -> None:
        self.value = value
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Raise(ast.Raise):
    __slots__ = ("exc", *_POSITION)

    def __init__(self, exc: ast.expr | None, cause: None, at: Position) -> None:
        self.exc = exc
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Break(ast.Break):
    __slots__ = _POSITION

    def __init__(self, at: Position) -> None:
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Continue(ast.Continue):
    __slots__ = _POSITION

    def __init__(self, at: Position) -> None:
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Pass(ast.Pass):
    __slots__ = _POSITION

    def __init__(self, at: Position) -> None:
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class Global(ast.Global):
    __slots__ = ("names", *_POSITION)

    def __init__(self, names: list[str], at: Position) -> None:
        self.names = names
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class arg(ast.arg):  # noqa: N801  # what `ast` calls it
    __slots__ = ("arg", *_POSITION)

    def __init__(self, arg: str, annotation: None, type_comment: None, at: Position) -> None:
        self.arg = arg
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class FunctionDef(ast.FunctionDef):
    # `type_params` is a field that Python 3.12 added and its compiler wants.
    __slots__ = ("name", "args", "body", "decorator_list", "type_params", *_POSITION)

    def __init__(self, name: str, args: ast.arguments, body: list[ast.stmt], at: Position) -> None:
        self.name, self.args, self.body = name, args, body
        self.decorator_list: list[ast.expr] = []
        self.type_params: list[Any] = []
        self.lineno, self.col_offset, self.end_lineno, self.end_col_offset = at


class arguments(ast.arguments):  # noqa: N801  # what `ast` calls it
    __slots__ = ("args", "defaults", "kw_defaults", "kwarg", "kwonlyargs", "posonlyargs", "vararg")

    def __init__(
        self,
        posonlyargs: Sequence[ast.arg],
        args: Sequence[ast.arg],
        vararg: ast.arg | None,
        kwonlyargs: Sequence[ast.arg],
        kw_defaults: Sequence[ast.expr],
        kwarg: ast.arg | None,
        defaults: Sequence[ast.expr],
    ) -> None:
        self.posonlyargs, self.args, self.vararg = list(posonlyargs), list(args), vararg
        self.kwonlyargs, self.kw_defaults, self.kwarg = list(kwonlyargs), list(kw_defaults), kwarg
        self.defaults = list(defaults)
