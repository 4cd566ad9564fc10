"""Expressions with blocks (`if`, `match`, `try`, ...) as source text.

Inside other expressions they stand in parentheses, always: what follows a block on its line would
otherwise depend on more than precedence.
"""

from harnlet.syntax import nodes as n
from harnlet.syntax.printing.core import Ask, Steps, braces, each, prints
from harnlet.syntax.printing.expressions import statements


def inside(text: str, ask: Ask) -> str:
    return f"({text})" if ask.level or ask.listed else text


def head(expression: n.Expression) -> Steps:
    """An expression before a block. In parentheses when the brace of the block could be taken for a
    part of it (`if READY {}`), or `while (` for all of the condition."""
    text = yield Ask(expression)
    word = text[len(text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")) :]
    if text.startswith("(") or word[:1].isupper() or not text.isascii() or any(c in text for c in '?{"'):
        return f"({text})"
    return text


@prints(n.If)
def if_(node: n.If, ask: Ask) -> Steps:
    text = f"if {yield from head(node.condition)} {yield Ask(node.then)}"
    if node.otherwise is not None:
        text += f" else {yield Ask(node.otherwise)}"
    return inside(text, ask)


@prints(n.Match)
def match(node: n.Match, ask: Ask) -> Steps:
    subject = yield from head(node.subject)
    arms = yield from each(Ask(arm) for arm in node.arms)
    return inside(f"match {subject} {braces(chr(10).join(arms))}", ask)


@prints(n.MatchArm)
def match_arm(node: n.MatchArm, ask: Ask) -> Steps:
    patterns = yield from each(Ask(pattern, 1) for pattern in node.patterns)
    guard = f" if {yield Ask(node.guard, 1)}" if node.guard is not None else ""
    return f"{' | '.join(patterns)}{guard} -> {yield Ask(node.body)}"


@prints(n.Try)
def try_(node: n.Try, ask: Ask) -> Steps:
    text = f"try {yield Ask(node.body)}"
    if node.catch is not None:
        name, kind = node.catch.name, node.catch.type
        binder = f" ({name}: {yield Ask(kind)})" if kind is not None else f" ({name})" if name else ""
        text += f" catch{binder} {yield Ask(node.catch.body)}"
    if node.finally_ is not None:
        text += f" finally {yield Ask(node.finally_)}"
    return inside(text, ask)


@prints(n.Retry)
def retry(node: n.Retry, ask: Ask) -> Steps:
    return inside(f"retry {yield from head(node.count)} {yield Ask(node.body)}", ask)


@prints(n.Deadline)
def deadline(node: n.Deadline, ask: Ask) -> Steps:
    return inside(f"deadline {yield from head(node.limit)} {yield Ask(node.body)}", ask)


@prints(n.Spawn)
def spawn(node: n.Spawn, ask: Ask) -> Steps:
    return inside(f"spawn {yield Ask(node.body)}", ask)


@prints(n.Parallel)
def parallel(node: n.Parallel, ask: Ask) -> Steps:
    operand = yield from head(node.operand)
    if operand.startswith(("each", "settle")):
        operand = f"({operand})"
    kind = "" if node.kind == "count" else f"{node.kind} "
    limit = ""
    if node.max_concurrent is not None:
        limit = f" with {{ max_concurrent: {yield Ask(node.max_concurrent, 1)} }}"
    body = braces((yield from statements(node.body.statements)))
    if node.variable is not None:
        body = f"{{ {node.variable} ->{body[1:]}"
    stream = " as stream" if node.stream else ""
    return inside(f"parallel {kind}{operand}{limit} {body}{stream}", ask)
