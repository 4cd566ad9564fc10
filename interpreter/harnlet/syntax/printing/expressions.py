"""Expressions as source text, with the parentheses that precedence and the disambiguation rules need."""

from typing import Any, Final

from harnlet.syntax import nodes as n
from harnlet.syntax.printing.core import POSTFIX, Ask, Steps, braces, each, prints
from harnlet.syntax.printing.literals import is_name, literal_text, quoted, real, whole

_LEVELS: Final = {
    "||": 4,
    "&&": 5,
    "==": 6,
    "!=": 6,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "in": 7,
    "not in": 7,
    "+": 8,
    "-": 8,
    "??": 9,
    "*": 10,
    "/": 10,
    "%": 10,
    "**": 11,
}


def wrapped(text: str, level: int, ask: Ask) -> str:
    """The text in parentheses when something tighter was asked for."""
    return f"({text})" if level < ask.level else text


# --- literals ----------------------------------------------------------------------------------


@prints(n.Nil, n.Bool, n.Int, n.Float, n.Duration, n.Name)
def atom(node: Any, ask: Ask) -> Steps:
    yield from ()
    match node:
        case n.Nil():
            return "nil"
        case n.Bool():
            return "true" if node.value else "false"
        case n.Int():
            return whole(node.value)
        case n.Float():
            return real(node.value)
        case n.Duration():
            return node.text
        case _:
            return str(node.name)


@prints(n.String)
def string(node: n.String, ask: Ask) -> Steps:
    yield from ()
    if node.form == "raw" and '"' not in node.value and "\n" not in node.value:
        return f'r"{node.value}"'
    if node.form == "multiline" and '"""' not in node.value and "${" not in node.value:
        return f'"""\n{node.value}\n"""'
    return quoted(node.value)


@prints(n.Interpolated)
def interpolated(node: n.Interpolated, ask: Ask) -> Steps:
    multiline = node.form == "multiline"
    parts = []
    for part in node.parts:
        if not isinstance(part, str):
            parts.append(f"${{{yield Ask(part)}}}")
        else:
            parts.append(part if multiline else literal_text(part))
    text = "".join(parts)
    if multiline:
        return f'"""\n{text}"""' if text.startswith("\n") else f'"""{text}"""'
    return f'"{text}"'


@prints(n.List)
def list_(node: n.List, ask: Ask) -> Steps:
    items = yield from each(Ask(item, listed=True) for item in node.items)
    return f"[{', '.join(items)}]"


@prints(n.Spread)
def spread(node: n.Spread, ask: Ask) -> Steps:
    return f"...{yield Ask(node.value, listed=True)}"


@prints(n.Dict)
def dict_(node: n.Dict, ask: Ask) -> Steps:
    entries = yield from each(Ask(entry) for entry in node.entries)
    return f"{{{', '.join(entries)}}}"


@prints(n.DictEntry)
def dict_entry(node: n.DictEntry, ask: Ask) -> Steps:
    if isinstance(node.key, str):
        key = node.key if is_name(node.key, reserved=not ask.listed) else quoted(node.key)
    else:
        key = f"[{yield Ask(node.key)}]"
    return f"{key}: {yield Ask(node.value, 1)}"


@prints(n.StructLiteral)
def struct_literal(node: n.StructLiteral, ask: Ask) -> Steps:
    fields = yield from each(Ask(field, listed=True) for field in node.fields)
    return f"{node.name} {{{', '.join(fields)}}}"


# --- operators ---------------------------------------------------------------------------------


@prints(n.Binary)
def binary(node: n.Binary, ask: Ask) -> Steps:
    level = _LEVELS[node.operator]
    left, right = (level + 1, level) if node.operator == "**" else (level, level + 1)
    text = (
        f"{yield Ask(node.left, left, ask.listed)} {node.operator} {yield Ask(node.right, right, ask.listed)}"
    )
    if node.operator == "<" and (ask.level or ask.listed):
        return f"({text})"  # or `f(a < b, c > (d))` would call `a` with type arguments
    return wrapped(text, level, ask)


@prints(n.Unary)
def unary(node: n.Unary, ask: Ask) -> Steps:
    return wrapped(f"{node.operator}{yield Ask(node.operand, 12, ask.listed)}", 12, ask)


@prints(n.TryStar)
def try_star(node: n.TryStar, ask: Ask) -> Steps:
    return wrapped(f"try* {yield Ask(node.operand, 12, ask.listed)}", 12, ask)


@prints(n.Ternary)
def ternary(node: n.Ternary, ask: Ask) -> Steps:
    condition = yield Ask(node.condition, 4, ask.listed)
    then = yield Ask(node.then, 4, ask.listed)
    if not isinstance(node.then, n.Name | n.Int | n.Float | n.Bool | n.Nil):
        then = f"({then})"  # `?` is told by what follows it
    return wrapped(f"{condition} ? {then} : {yield Ask(node.otherwise, 4, ask.listed)}", 3, ask)


@prints(n.Range)
def range_(node: n.Range, ask: Ask) -> Steps:
    tail = " exclusive" if node.exclusive else ""
    return wrapped(
        f"{yield Ask(node.start, 3, ask.listed)} to {yield Ask(node.end, 3, ask.listed)}{tail}", 2, ask
    )


@prints(n.Pipe)
def pipe(node: n.Pipe, ask: Ask) -> Steps:
    return wrapped(
        f"{yield Ask(node.value, 1, ask.listed)} |> {yield Ask(node.function, 2, ask.listed)}", 1, ask
    )


@prints(n.Propagate)
def propagate(node: n.Propagate, ask: Ask) -> Steps:
    text = f"{yield Ask(node.operand, POSTFIX, ask.listed)}?"
    return f"({text})" if ask.level or ask.listed else text


# --- access and calls --------------------------------------------------------------------------


@prints(n.Member)
def member(node: n.Member, ask: Ask) -> Steps:
    return f"{yield Ask(node.object, POSTFIX, ask.listed)}{_dot(node.optional)}{node.name}"


@prints(n.MethodCall)
def method_call(node: n.MethodCall, ask: Ask) -> Steps:
    receiver = yield Ask(node.object, POSTFIX, ask.listed)
    return f"{receiver}{_dot(node.optional)}{node.name}({yield from arguments(node.arguments)})"


@prints(n.Index)
def index(node: n.Index, ask: Ask) -> Steps:
    mark = "?" if node.optional else ""
    return f"{yield Ask(node.object, POSTFIX, ask.listed)}{mark}[{yield Ask(node.index)}]"


@prints(n.Slice)
def slice_(node: n.Slice, ask: Ask) -> Steps:
    text = yield Ask(node.object, POSTFIX, ask.listed)
    start = (yield Ask(node.start, 1)) if node.start is not None else ""
    end = (yield Ask(node.end, 1)) if node.end is not None else ""
    return f"{text}[{start}:{end}]"


@prints(n.Call)
def call(node: n.Call, ask: Ask) -> Steps:
    types = yield from each(Ask(argument) for argument in node.type_arguments)
    generic = f"<{', '.join(types)}>" if types else ""
    direct = isinstance(node.callee, n.Name)
    callee = yield Ask(node.callee, POSTFIX)
    if not direct and not isinstance(node.callee, n.Call | n.MethodCall | n.Index | n.Slice):
        callee = f"({callee})"
    text = f"{callee}{generic}({yield from arguments(node.arguments)})"
    return f"({text})" if ask.listed and not direct else text


def arguments(given: tuple[n.Expression | n.Spread, ...]) -> Steps:
    texts = yield from each(Ask(argument, listed=True) for argument in given)
    return ", ".join(texts)


def _dot(optional: bool) -> str:
    return "?." if optional else "."


# --- functions ---------------------------------------------------------------------------------


@prints(n.Parameter)
def parameter(node: n.Parameter, ask: Ask) -> Steps:
    text = f"...{node.name}" if node.rest else node.name
    if node.type is not None:
        text += f": {yield Ask(node.type)}"
    if node.default is not None:
        text += f" = {yield Ask(node.default, 1, listed=True)}"
    return text


def parameters(given: tuple[n.Parameter, ...]) -> Steps:
    texts = yield from each(Ask(one) for one in given)
    return ", ".join(texts)


@prints(n.Closure)
def closure(node: n.Closure, ask: Ask) -> Steps:
    head = yield from parameters(node.parameters)
    if node.keyword:
        # at the start of a statement `fn` declares
        return f"(fn({head}) {yield Ask(node.body)})"
    body = braces((yield from statements(node.body.statements)))
    text = f"{{ {head}{' ' if head else ''}->{body[1:]}"
    return f"({text})" if ask.level else text


def statements(given: tuple[n.Statement, ...]) -> Steps:
    lines = yield from each(Ask(statement) for statement in given)
    return "\n".join(lines)


@prints(n.Block)
def block(node: n.Block, ask: Ask) -> Steps:
    return braces((yield from statements(node.statements)))
