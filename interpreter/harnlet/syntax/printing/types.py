"""Types as source text."""

from harnlet.syntax import nodes as n
from harnlet.syntax.printing.core import Ask, Steps, each, prints
from harnlet.syntax.printing.literals import quoted, whole


@prints(n.NamedType)
def named(node: n.NamedType, ask: Ask) -> Steps:
    arguments = yield from each(Ask(argument) for argument in node.arguments)
    return f"{node.name}<{', '.join(arguments)}>" if arguments else node.name


@prints(n.UnionType)
def union(node: n.UnionType, ask: Ask) -> Steps:
    members = yield from each(Ask(member) for member in node.members)
    return " | ".join(members)


@prints(n.ShapeType)
def shape(node: n.ShapeType, ask: Ask) -> Steps:
    fields = []
    for field in node.fields:
        mark = "?" if field.optional else ""
        fields.append(f"{field.name}{mark}: {yield Ask(field.type)}")
    return f"{{{', '.join(fields)}}}"


@prints(n.ListType)
def listed(node: n.ListType, ask: Ask) -> Steps:
    return f"[{yield Ask(node.element)}]"


@prints(n.FunctionType)
def function(node: n.FunctionType, ask: Ask) -> Steps:
    parameters = yield from each(Ask(parameter) for parameter in node.parameters)
    return f"fn({', '.join(parameters)}) -> {yield Ask(node.result)}"


@prints(n.LiteralType)
def literal(node: n.LiteralType, ask: Ask) -> Steps:
    yield from ()
    return quoted(node.value) if isinstance(node.value, str) else whole(node.value)


@prints(n.TypeParameter)
def type_parameter(node: n.TypeParameter, ask: Ask) -> Steps:
    yield from ()
    return f"{node.variance} {node.name}" if node.variance else node.name
