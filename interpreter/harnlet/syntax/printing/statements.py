"""Statements and patterns as source text."""

from typing import Any

from harnlet.syntax import nodes as n
from harnlet.syntax.printing.constructs import head
from harnlet.syntax.printing.core import Ask, Steps, braces, each, prints
from harnlet.syntax.printing.expressions import statements
from harnlet.syntax.printing.literals import quoted


@prints(n.File)
def file(node: n.File, ask: Ask) -> Steps:
    text = yield from statements(node.items)
    return text + "\n" if text else ""


@prints(n.ExpressionStatement)
def expression_statement(node: n.ExpressionStatement, ask: Ask) -> Steps:
    return (yield Ask(node.expression))


@prints(n.Let)
def let(node: n.Let, ask: Ask) -> Steps:
    kind = f": {yield Ask(node.type)}" if node.type is not None else ""
    word = "var" if node.mutable else "let"
    return f"{word} {yield Ask(node.pattern)}{kind} = {yield Ask(node.value)}"


@prints(n.Assign)
def assign(node: n.Assign, ask: Ask) -> Steps:
    return f"{yield Ask(node.target)} {node.operator} {yield Ask(node.value)}"


@prints(n.For)
def for_(node: n.For, ask: Ask) -> Steps:
    return f"for {yield Ask(node.pattern)} in {yield from head(node.iterable)} {yield Ask(node.body)}"


@prints(n.While)
def while_(node: n.While, ask: Ask) -> Steps:
    return f"while {yield from head(node.condition)} {yield Ask(node.body)}"


@prints(n.Break, n.Continue)
def jump(node: n.Break | n.Continue, ask: Ask) -> Steps:
    yield from ()
    return "break" if isinstance(node, n.Break) else "continue"


@prints(n.Return, n.Yield)
def with_optional(node: n.Return | n.Yield, ask: Ask) -> Steps:
    word = type(node).__name__.lower()
    return word if node.value is None else f"{word} {yield Ask(node.value)}"


@prints(n.Throw, n.Emit)
def with_value(node: n.Throw | n.Emit, ask: Ask) -> Steps:
    return f"{type(node).__name__.lower()} {yield Ask(node.value)}"


@prints(n.Guard)
def guard(node: n.Guard, ask: Ask) -> Steps:
    return f"guard {yield Ask(node.condition, 1)} else {yield Ask(node.body)}"


@prints(n.Require)
def require(node: n.Require, ask: Ask) -> Steps:
    message = f", {yield Ask(node.message)}" if node.message is not None else ""
    return f"require {yield Ask(node.condition, 1)}{message}"


@prints(n.Mutex, n.Defer)
def with_block(node: n.Mutex | n.Defer, ask: Ask) -> Steps:
    return f"{type(node).__name__.lower()} {yield Ask(node.body)}"


@prints(n.Select)
def select(node: n.Select, ask: Ask) -> Steps:
    cases = yield from each(map(Ask, node.cases))
    if node.timeout is not None:
        cases.append(f"timeout {yield from head(node.timeout)} {yield Ask(node.timeout_body)}")
    if node.default is not None:
        cases.append(f"default {yield Ask(node.default)}")
    return f"select {braces(chr(10).join(cases))}"


@prints(n.SelectCase)
def select_case(node: n.SelectCase, ask: Ask) -> Steps:
    return f"{node.name} from {yield from head(node.channel)} {yield Ask(node.body)}"


@prints(n.Override)
def override(node: n.Override, ask: Ask) -> Steps:
    return f"override {node.name}({', '.join(node.parameters)}) {yield Ask(node.body)}"


@prints(n.Import)
def import_(node: n.Import, ask: Ask) -> Steps:
    yield from ()
    public = "pub " if node.public else ""
    if node.names is None:
        return f"{public}import {quoted(node.path)}"
    names = ", ".join(name.name for name in node.names)
    return f"{public}import {{ {names} }} from {quoted(node.path)}"


# --- patterns ----------------------------------------------------------------------------------


@prints(n.NamePattern)
def name_pattern(node: n.NamePattern, ask: Ask) -> Steps:
    yield from ()
    return node.name


@prints(n.PairPattern)
def pair_pattern(node: n.PairPattern, ask: Ask) -> Steps:
    yield from ()
    return f"({node.first}, {node.second})"


def _parts(parts: tuple[Any, ...], rest: str | None) -> Steps:
    texts = []
    for part in parts:
        text = part.name
        if isinstance(part, n.DictPatternField) and part.key != part.name:
            text = f"{part.key}: {part.name}"
        if part.default is not None:
            text += f" = {yield Ask(part.default, 1, listed=True)}"
        texts.append(text)
    if rest is not None:
        texts.append(f"...{rest}")
    return ", ".join(texts)


@prints(n.DictPattern)
def dict_pattern(node: n.DictPattern, ask: Ask) -> Steps:
    return f"{{{yield from _parts(node.fields, node.rest)}}}"


@prints(n.ListPattern)
def list_pattern(node: n.ListPattern, ask: Ask) -> Steps:
    return f"[{yield from _parts(node.items, node.rest)}]"
