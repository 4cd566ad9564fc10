"""Trees as short text, for tests of the parser."""

from typing import Any

from harnlet.syntax import nodes as n
from harnlet.syntax.parser import parse


def parsed(text: str) -> n.File:
    """The tree of a text that has to parse."""
    result = parse(text, "test.harn")
    assert result.file is not None, [found.message for found in result.diagnostics]
    return result.file


def short(value: Any) -> str:
    """A tree in prefix notation: operators as written, other nodes by their class."""
    match value:
        case n.Name():
            return value.name
        case n.Int() | n.Float():
            return str(value.value)
        case n.Bool():
            return str(value.value).lower()
        case n.Nil():
            return "nil"
        case n.Duration():
            return value.text
        case n.String():
            return repr(value.value)
        case n.ExpressionStatement():
            return short(value.expression)
        case n.Binary():
            return f"({value.operator} {short(value.left)} {short(value.right)})"
        case n.Unary():
            return f"({value.operator} {short(value.operand)})"
        case n.Block() | n.File():
            inside = value.statements if isinstance(value, n.Block) else value.items
            return "{" + "; ".join(map(short, inside)) + "}"
        case n.Call() if not value.type_arguments:
            return f"{short(value.callee)}({', '.join(map(short, value.arguments))})"
        case n.List():
            return f"[{', '.join(map(short, value.items))}]"
        case n.NamedType() if not value.arguments:
            return value.name
        case n.NamePattern():
            return value.name
        case n.Node():
            names = [name for name in value.FIELDS if name not in ("at", "name_at")]
            parts = [short(getattr(value, name)) for name in names]
            return f"{type(value).__name__}({', '.join(parts)})"
        case tuple():
            return f"({', '.join(map(short, value))})"
        case None:
            return "-"
        case _:
            return str(value)


def tree(text: str) -> str:
    """The items of a text, in prefix notation."""
    return short(parsed(text))[1:-1]


def only(text: str) -> Any:
    """The only item of a text; of an expression statement, the expression."""
    (item,) = parsed(text).items
    return item.expression if isinstance(item, n.ExpressionStatement) else item
