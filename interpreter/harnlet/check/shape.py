"""Questions about the shape of a piece of syntax, answered without knowing any names."""

from collections.abc import Iterable, Iterator
from typing import Any

from harnlet.check.kinds import Kind
from harnlet.syntax import nodes

_FUNCTION_LIKE = (
    nodes.Function,
    nodes.Closure,
    nodes.Tool,
    nodes.Spawn,
    nodes.Parallel,
    nodes.Pipeline,
    nodes.Impl,
)


def inner_statements(statements: Iterable[nodes.Statement]) -> Iterator[nodes.Statement]:
    """The statements, and those directly in the bodies of their functions, tools and pipelines."""
    stack = [iter(statements)]
    while stack:
        statement = next(stack[-1], None)
        if statement is None:
            stack.pop()
            continue
        if isinstance(statement, nodes.Attributed):
            statement = statement.declaration
        yield statement
        if isinstance(statement, nodes.Function | nodes.Tool | nodes.Pipeline):
            stack.append(iter(statement.body.statements))
        elif isinstance(statement, nodes.Impl):
            stack.append(iter(statement.methods))


def children(node: nodes.Node) -> list[nodes.Node]:
    """The nodes directly below one, in source order."""
    found: list[nodes.Node] = []
    for name in node.INNER:
        value: Any = getattr(node, name)
        if isinstance(value, nodes.Node):
            found.append(value)
        elif type(value) is tuple:
            found += [item for item in value if isinstance(item, nodes.Node)]
    return found


def declares_generator(body: nodes.Block) -> bool:
    """Whether a `yield` stands in the body, outside of any function nested in it."""
    stack: list[nodes.Node] = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, nodes.Yield):
            return True
        stack.extend(child for child in children(node) if not isinstance(child, _FUNCTION_LIKE))
    return False


def always_leaves(block: nodes.Block) -> bool:
    """Whether a block surely ends by `return`, `throw`, `break` or `continue`."""
    if not block.statements:
        return False
    last = block.statements[-1]
    if isinstance(last, nodes.ExpressionStatement) and isinstance(last.expression, nodes.If):
        current: nodes.If | nodes.Block | None = last.expression
        while isinstance(current, nodes.If):
            if not always_leaves(current.then):
                return False
            current = current.otherwise
        return current is not None and always_leaves(current)
    return isinstance(last, nodes.Return | nodes.Throw | nodes.Break | nodes.Continue)


def placeholder_in(target: nodes.Expression) -> bool:
    """Whether the right side of a pipe holds a `_`, in the places where it counts
    (docs/language.md#pipes)."""
    stack: list[nodes.Expression | nodes.Spread] = [target]
    while stack:
        node = stack.pop()
        match node:
            case nodes.Name(name="_"):
                return True
            case nodes.Call():
                stack.extend(node.arguments)
            case nodes.MethodCall():
                stack.append(node.object)
                stack.extend(node.arguments)
            case nodes.Binary():
                stack += [node.left, node.right]
            case nodes.Unary():
                stack.append(node.operand)
            case nodes.List():
                stack.extend(node.items)
            case nodes.Member():
                stack.append(node.object)
            case nodes.Index():
                stack += [node.object, node.index]
            case nodes.Spread():
                stack.append(node.value)
            case _:
                pass
    return False


_CHECKED = {
    "int": Kind.NUMBER,
    "float": Kind.NUMBER,
    "string": Kind.STRING,
    "bool": Kind.BOOL,
    "nil": Kind.NIL,
    "list": Kind.LIST,
    "dict": Kind.DICT | Kind.STRUCT,
}


def parameter_mask(annotation: nodes.Type | None) -> int:
    """The kinds that the run-time check of an annotated parameter lets through: `int` and `float`
    accept each other there (docs/language.md#parameter-checks)."""
    if isinstance(annotation, nodes.NamedType) and not annotation.arguments:
        return _CHECKED.get(annotation.name, Kind.ANY)
    if isinstance(annotation, nodes.UnionType):
        mask = Kind.NEVER
        for member in annotation.members:
            mask |= parameter_mask(member)
        return mask
    return Kind.ANY
