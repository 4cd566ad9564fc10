"""Lowering of the binary operators: Python's own where they do the same, a guard or a call elsewhere.

Python's arithmetic differs from ours on bools, on what we cap or define and Python does not, and on
divisions. On everything else that is an error for us it is one for Python, whose TypeError is translated
when somebody catches it (`harnlet.runtime.faulting`): so `nil + 1` needs no test beforehand. Rules:
docs/language.md#operators, docs/architecture.md#operators.
"""

from typing import Any

from harnlet.check.kinds import Kind, is_large, is_number, is_only
from harnlet.compile import python_nodes as ast
from harnlet.compile.lowering import STORE, Lowering, place
from harnlet.syntax import nodes

_HELPERS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "%": "modulo",
    "**": "power",
    "==": "equals",
    "!=": "not_equals",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_OPPOSITES: dict[str, type[ast.cmpop]] = {"<=": ast.Gt, ">=": ast.Lt}
_COUNTABLE = Kind.NUMBER | Kind.NIL
_SCALAR = _COUNTABLE | Kind.STRING
_BOTH_ADD = Kind.STRING | Kind.LIST_BIT | Kind.DICT_BIT | Kind.OTHER


def operate(
    lo: Lowering, operator: str, left: ast.expr, right: ast.expr, kind: int, other: int, at: nodes.Span
) -> ast.expr:
    """The Python expression for a binary operator on two lowered operands of these kinds."""
    found: ast.expr | None
    if kind == Kind.ANY == other and operator not in ("==", "!="):
        found = None
    elif operator in ("+", "-"):
        found = _sum(lo, operator, left, right, kind, other, at)
    elif operator == "*":
        found = _product(lo, left, right, kind, other, at)
    elif operator in ("/", "%"):
        found = _quotient(lo, operator, left, right, kind, other, at)
    elif operator == "**":
        found = _power(lo, left, right, kind, other, at)
    elif operator in ("==", "!="):
        found = _equality(lo, operator, left, right, kind, other, at)
    elif operator in _COMPARISONS:
        found = _order(lo, operator, left, right, kind, other, at)
    else:
        found = None
    if found is not None:
        return found
    if operator in _HELPERS:
        return lo.call(_HELPERS[operator], [left, right], at)
    contains = lo.call("contains", [left, right], at)
    return contains if operator == "in" else ast.UnaryOp(ast.Not(), contains, **place(at))


def is_class(lo: Lowering, value: ast.expr, name: str, at: nodes.Span, *, but: bool = False) -> ast.expr:
    """`value.__class__ is name`, which took half of the time of `type(value) is name` on CPython 3.11."""
    where = place(at)
    found = ast.Attribute(value, "__class__", ast.Load(), **where)
    op: ast.cmpop = ast.IsNot() if but else ast.Is()
    test = ast.Compare(found, [op], [lo.load(name, at)], **where)
    if lo.escapes and isinstance(value, ast.Name) and _is_parameter(lo, value.id):
        # A parameter never gets another value: in a loop the test is made before, which takes a third.
        known = f"{value.id}{'not_' if but else ''}{name}"
        tests = lo.class_tests[lo.function]
        tests.setdefault(known, test)
        return lo.load(known, at)
    return test


def _is_parameter(lo: Lowering, slot: str) -> bool:
    """Whether a Python variable is a parameter of the function that is being lowered."""
    variable = lo.resolution.slot_names.get(slot)
    if variable is None or variable.origin != "parameter" or variable.owner is not lo.function:
        return False
    return lo.function in lo.class_tests


def _sum(
    lo: Lowering, operator: str, left: ast.expr, right: ast.expr, kind: int, other: int, at: nodes.Span
) -> ast.expr | None:
    where = place(at)
    op: ast.operator = ast.Add() if operator == "+" else ast.Sub()
    both = kind & other & (_BOTH_ADD if operator == "+" else Kind.OTHER)
    if not both and not (kind | other) & Kind.BOOL and not _overflows(kind, other):
        return ast.BinOp(left, op, right, **where)
    if both == Kind.STRING and is_only(kind | other, Kind.STRING | Kind.NIL):
        joined = ast.BinOp(left, op, right, **where)
        short = isinstance(left, ast.Constant) or isinstance(right, ast.Constant)
        return joined if short else text_within_cap(lo, joined, at)
    if not lo.hot:
        return None
    if is_only(kind | other, Kind.NUMBER):
        left, right = lo.named(left), lo.named(right)
        # Then both are ints or both are floats.
        first, second = (ast.Attribute(value, "__class__", ast.Load(), **where) for value in (left, right))
        same = ast.Compare(first, [ast.Is()], [second], **where)
        fallback = lo.call(_HELPERS[operator], [left, right], at)
        return ast.IfExp(same, ast.BinOp(left, op, right, **where), fallback, **where)
    for known, is_left in ((other, True), (kind, False)):
        if is_only(known, _COUNTABLE) and not _overflows(kind, other):
            left, right = lo.named(left), lo.named(right)
            test = is_class(lo, left if is_left else right, "bool", at, but=True)
            fallback = lo.call(_HELPERS[operator], [left, right], at)
            return ast.IfExp(test, ast.BinOp(left, op, right, **where), fallback, **where)
    return None


def _overflows(kind: int, other: int) -> bool:
    """Whether an int that is too large for a float may meet one, which is an error for Python."""
    return bool((kind & Kind.LARGE and other & Kind.FLOAT) or (other & Kind.LARGE and kind & Kind.FLOAT))


def _product(
    lo: Lowering, left: ast.expr, right: ast.expr, kind: int, other: int, at: nodes.Span
) -> ast.expr | None:
    """Checked against the cap on integers only when it is large: numbers that double their length with
    every step are what runs away."""
    if not is_only(kind, _COUNTABLE) or not is_only(other, _COUNTABLE) or _overflows(kind, other):
        return None
    where = place(at)
    product = ast.BinOp(left, ast.Mult(), right, **where)
    if Kind.FLOAT in (kind, other) or not is_large(kind | other):
        return product
    stored, again = walrus(lo, product, at)
    low, high = lo.load("LOWEST_SMALL", at), lo.load("HIGHEST_SMALL", at)
    test = ast.Compare(low, [ast.Lt(), ast.Lt()], [stored, high], **where)
    return ast.IfExp(test, again, lo.call("within_cap", [again], at), **where)


def _quotient(
    lo: Lowering, operator: str, left: ast.expr, right: ast.expr, kind: int, other: int, at: nodes.Span
) -> ast.expr | None:
    where = place(at)
    if is_only(kind, Kind.INT) and is_only(other, Kind.INT):
        # Python's floor is our truncation unless a sign is negative; its ZeroDivisionError is ours.
        op: ast.operator = ast.FloorDiv() if operator == "/" else ast.Mod()
        zero = ast.Constant(0, **where)
        tests: list[ast.expr] = []
        if kind & Kind.NEGATIVE:
            left = lo.named(left)
            tests.append(ast.Compare(left, [ast.GtE()], [zero], **where))
        if other & Kind.NEGATIVE:
            left, right = lo.named(left), lo.named(right)
            tests.append(ast.Compare(right, [ast.Gt()], [zero], **where))
        if not tests:
            return ast.BinOp(left, op, right, **where)
        left, right = lo.named(left), lo.named(right)
        test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests, **where)
        fallback = lo.call(_HELPERS[operator], [left, right], at)
        return ast.IfExp(test, ast.BinOp(left, op, right, **where), fallback, **where)
    constant = right.value if isinstance(right, ast.Constant) and is_only(other, Kind.COUNT) else None
    if lo.hot and kind & Kind.INT and constant:
        left = lo.named(left)
        zero = ast.Constant(0, **where)
        tests = [is_class(lo, left, "int", at), ast.Compare(left, [ast.GtE()], [zero], **where)]
        op = ast.FloorDiv() if operator == "/" else ast.Mod()
        fallback = lo.call(_HELPERS[operator], [left, right], at)
        test = ast.BoolOp(ast.And(), tests, **where)
        return ast.IfExp(test, ast.BinOp(left, op, right, **where), fallback, **where)
    if operator == "%" or Kind.FLOAT not in (kind, other) or not is_only(kind | other, _COUNTABLE):
        return None
    if _overflows(kind, other):
        return None
    if isinstance(right, ast.Constant) and right.value:
        return ast.BinOp(left, ast.Div(), right, **where)
    left, right = lo.named(left), lo.named(right)
    fallback = lo.call("divide", [left, right], at)
    return ast.IfExp(right, ast.BinOp(left, ast.Div(), right, **where), fallback, **where)


def _power(
    lo: Lowering, left: ast.expr, right: ast.expr, kind: int, other: int, at: nodes.Span
) -> ast.expr | None:
    """Small powers of small numbers, which neither overflow nor leave the real numbers."""
    exponent = right.value if isinstance(right, ast.Constant) else None
    if not is_number(other) or not isinstance(exponent, int | float) or not 0 < exponent <= 3:
        return None
    where = place(at)
    result = ast.BinOp(left, ast.Pow(), right, **where)
    if is_only(kind, Kind.INT) and not is_large(kind) and isinstance(exponent, int):
        return result
    if kind != Kind.FLOAT:
        return None
    left = lo.named(left)
    low: ast.expr = ast.Constant(-1e100 if isinstance(exponent, int) else 0.0, **where)
    test = ast.Compare(low, [ast.Lt(), ast.Lt()], [left, ast.Constant(1e100, **where)], **where)
    result = ast.BinOp(left, ast.Pow(), right, **where)
    return ast.IfExp(test, result, lo.call("power", [left, right], at), **where)


def _equality(
    lo: Lowering, operator: str, left: ast.expr, right: ast.expr, kind: int, other: int, at: nodes.Span
) -> ast.expr | None:
    where = place(at)
    same = operator == "=="
    # CPython warns of `is` between constants, which are plain values: `==` below does for them.
    for constant, value in ((right, left), (left, right)):
        is_nil = isinstance(constant, ast.Constant) and constant.value is None
        if is_nil and isinstance(value, ast.Name | ast.Call | ast.IfExp):
            identity: ast.cmpop = ast.Is() if same else ast.IsNot()
            return ast.Compare(value, [identity], [constant], **where)
    plain = ast.Compare(left, [_COMPARISONS[operator]()], [right], **where)
    # A string equals nothing but a string, also for Python; numbers must not meet bools.
    if Kind.STRING in (kind, other) or (is_only(kind, _SCALAR) and is_only(other, _SCALAR)):
        return plain
    for known, constant, value in ((other, right, left), (kind, left, right)):
        if isinstance(constant, ast.Constant) and is_number(known):
            if constant.value not in (0, 1):
                return plain
            if isinstance(value, ast.Name):
                rival = ast.Constant(bool(constant.value), **where)
                identity = ast.IsNot() if same else ast.Is()
                also = ast.Compare(value, [identity], [rival], **where)
                joint: ast.boolop = ast.And() if same else ast.Or()
                return ast.BoolOp(joint, [plain, also], **where)
    return None


def _order(
    lo: Lowering, operator: str, left: ast.expr, right: ast.expr, kind: int, other: int, at: nodes.Span
) -> ast.expr | None:
    where = place(at)
    if kind == other == Kind.STRING:
        return ast.Compare(left, [_COMPARISONS[operator]()], [right], **where)
    if is_only(kind, _COUNTABLE) and is_only(other, _COUNTABLE):
        if kind == Kind.NIL or other == Kind.NIL:
            return None
        if (kind | other) & Kind.NIL:
            left, right = lo.named(left), lo.named(right)
        nothing = ast.Constant(None, **where)
        tests: list[ast.expr] = [
            ast.Compare(value, [ast.IsNot()], [nothing], **where)
            for own, value in ((kind, left), (other, right))
            if own & Kind.NIL
        ]
        if operator in _OPPOSITES and ((kind | other) & Kind.FLOAT or tests):
            # NaN and nil count as equal to everything, for us.
            opposite = ast.Compare(left, [_OPPOSITES[operator]()], [right], **where)
            return ast.UnaryOp(ast.Not(), _all_of([*tests, opposite], where), **where)
        return _all_of([*tests, ast.Compare(left, [_COMPARISONS[operator]()], [right], **where)], where)
    if not lo.hot:
        return None
    for known, is_left in ((other, True), (kind, False)):
        name = "int" if is_only(known, Kind.INT) else "float" if known == Kind.FLOAT else None
        if name is not None:
            left, right = lo.named(left), lo.named(right)
            unknown = left if is_left else right
            compare = ast.Compare(left, [_COMPARISONS[operator]()], [right], **where)
            fallback = lo.call(_HELPERS[operator], [left, right], at)
            return ast.IfExp(is_class(lo, unknown, name, at), compare, fallback, **where)
    return None


def _all_of(tests: list[ast.expr], where: dict[str, Any]) -> ast.expr:
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests, **where)


def text_within_cap(lo: Lowering, text: ast.expr, at: nodes.Span) -> ast.expr:
    """A text made of others, with the cap on its length: without it `s = s + s` takes all memory in
    thirty rounds."""
    stored, again = walrus(lo, text, at)
    length = lo.call("len", [stored], at)
    test = ast.Compare(length, [ast.Lt()], [lo.load("LONGEST_TEXT", at)], **place(at))
    return ast.IfExp(test, again, lo.call("text_too_long", [], at), **place(at))


def walrus(lo: Lowering, value: ast.expr, at: nodes.Span) -> tuple[ast.expr, ast.expr]:
    """The value, stored on the way; and the name to read it again."""
    slot = lo.temporary()
    where = place(at)
    return ast.NamedExpr(ast.Name(slot, STORE, **where), value, **where), lo.load(slot, at)
