"""Lowering of what runs beside the current task: `spawn`, `parallel`, `select`.

The bodies are functions of their own, so they see snapshots of the variables around them
(docs/language.md#concurrency-syntax).
"""

from harnlet.compile import python_nodes as ast
from harnlet.compile.functions import function_value
from harnlet.compile.lowering import DISCARD, Lowering, lowers, lowers_statement, place
from harnlet.syntax import nodes


@lowers(nodes.Spawn)
def _spawn(lo: Lowering, node: nodes.Spawn) -> ast.expr:
    return lo.call("spawn_task", [function_value(lo, node, (), node.body)], node.at)


@lowers(nodes.Parallel)
def _parallel(lo: Lowering, node: nodes.Parallel) -> ast.expr:
    parts = [node.operand] if node.max_concurrent is None else [node.operand, node.max_concurrent]
    values = [lo.keep(value) for value in lo.expressions(parts)]
    cap = values[1] if len(values) > 1 else lo.constant(0, node.at)
    parameters = () if node.variable is None else (nodes.Parameter(node.at, node.variable),)
    body = function_value(lo, node, parameters, node.body)
    helper = "parallel_stream" if node.stream else f"parallel_{node.kind}"
    return lo.call(helper, [values[0], body, cap], node.at)


@lowers_statement(nodes.Select)
def _select(lo: Lowering, node: nodes.Select) -> None:
    where = place(node.at)
    channels = lo.expressions([case.channel for case in node.cases])
    watched = lo.tuple(channels, node.at)
    if node.timeout is not None:
        watched = lo.keep(watched)
        limit = lo.expression(node.timeout)
    else:
        limit = lo.constant(0 if node.default is not None else None, node.at)
    mode = lo.constant(node.default is not None, node.at)
    chosen = lo.keep(lo.call("select_channel", [watched, limit, mode], node.at))
    index = lo.call("index", [chosen, lo.constant(0, node.at)], node.at)
    slot = lo.named(index)
    rest: list[ast.stmt] = []
    for body in (node.timeout_body, node.default):
        if body is not None:
            rest = lo.block(body, DISCARD)
    for number, case in reversed(list(enumerate(node.cases))):
        with lo.into_body([]) as then:
            if case.name != "_":
                received = lo.call("index", [chosen, lo.constant(1, case.at)], case.at)
                lo.bind(case, case.name, received, case.at)
            lo.body.extend(lo.block(case.body, DISCARD))
        test = ast.Compare(slot, [ast.Eq()], [lo.constant(number, case.at)], **where)
        rest = [ast.If(test, then, rest, **where)]
    lo.body.extend(rest)
