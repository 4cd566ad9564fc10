"""Which functions are brief: sure to end after a few dozen operations, whatever they are called with.

They need no safe point at their entry and are not told the call depth, which for small functions was half
of the cost of a call. A brief function has no loop and calls nothing but other brief functions, so that it
cannot come back to itself; and all that it may call, in all, is a small number, for thirty functions of which
each calls the one before it twice would not end soon at all. Rules: docs/language.md#depth-and-tail-calls,
docs/architecture.md#safe-points.
"""

from typing import Final, get_args

from harnlet.check.arity import TEXT_ARITY
from harnlet.check.infer import Kinds
from harnlet.check.kinds import Kind, is_only, struct_numbers
from harnlet.check.resolution import Resolution
from harnlet.check.scope import Function, Variable
from harnlet.check.shape import children
from harnlet.syntax import nodes

_MOST_CALLS: Final = 32
"""How many calls a brief function may make, those of the functions it calls included: some microseconds."""

_MOST_NODES: Final = 300
"""The size of a brief function. That of most is below 50."""

_DEEPEST: Final = 16
"""How many brief functions may call each other in a row: calls can nest that much deeper than is counted."""

_PLAIN: Final = (
    *(nodes.Block, nodes.Let, nodes.NamePattern, nodes.Assign, nodes.ExpressionStatement, nodes.Return),
    *(nodes.Name, nodes.Nil, nodes.Bool, nodes.Int, nodes.Float, nodes.String, nodes.Interpolated),
    *(nodes.Binary, nodes.Unary, nodes.Ternary, nodes.If, nodes.Member, nodes.Index, nodes.Slice),
    *(nodes.List, nodes.Dict, nodes.DictEntry, nodes.StructLiteral, nodes.Match, nodes.MatchArm),
    *(nodes.Throw, nodes.Guard, nodes.Require),
)
"""What neither loops nor calls a script's function."""

_TYPES: Final = get_args(nodes.Type)


def mark_brief_functions(
    resolution: Resolution, kinds: Kinds, tail_groups: dict[Function, set[Function]]
) -> set[str]:
    """Set `brief` of the functions of a program, which are no longer `counted` then, but for methods: those
    take the depth all the same, since what a call of a method finds may not be brief. The result are the
    names of the methods that are brief whatever has them."""
    return _BriefFunctions(resolution, kinds, tail_groups).mark()


class _BriefFunctions:
    def __init__(
        self, resolution: Resolution, kinds: Kinds, tail_groups: dict[Function, set[Function]]
    ) -> None:
        self._resolution = resolution
        self._kinds = kinds
        self._tail_groups = tail_groups
        self._calls: dict[Function, int | None] = {}
        """How many calls a call of a function makes, itself included; None for one that is not brief, and
        for one that is being looked at: who finds it then is part of a cycle."""

    def mark(self) -> set[str]:
        """Mark the functions of the program that are brief; the names whose methods all are."""
        for function in self._resolution.functions.values():
            function.brief = self._count(function, 0) is not None
        for function in self._resolution.functions.values():
            if function.brief and function.variable is not None:
                function.counted = False
        return {name for name in self._resolution.method_names if self._methods(name, 0) is not None}

    def _count(self, function: Function, depth: int) -> int | None:
        if function not in self._calls:
            if depth > _DEEPEST:
                return None
            self._calls[function] = None
            self._calls[function] = self._look(function, depth)
        return self._calls[function]

    def _look(self, function: Function, depth: int) -> int | None:
        node = function.node
        if not isinstance(node, nodes.Function) or not function.counted or function.lenient:
            return None
        if function.generator or function.stream or function.jumps or function in self._tail_groups:
            return None
        if any(parameter.default is not None for parameter in node.parameters):
            return None
        calls = 1
        size = 0
        stack: list[nodes.Node] = [node.body]
        while stack:
            current = stack.pop()
            size += 1
            if isinstance(current, nodes.Closure):
                continue  # Making one calls nothing.
            if isinstance(current, nodes.Call | nodes.MethodCall):
                more = self._calls_of(current, depth + 1)
                if more is None:
                    return None
                calls += more
            elif not isinstance(current, _PLAIN):
                return None
            if calls > _MOST_CALLS or size > _MOST_NODES:
                return None
            stack.extend(child for child in children(current) if not isinstance(child, _TYPES))
        return calls

    def _calls_of(self, call: nodes.Call | nodes.MethodCall, depth: int) -> int | None:
        if isinstance(call, nodes.MethodCall):
            kind = self._kinds.of(call.object)
            if kind == Kind.STRING and call.name in TEXT_ARITY:
                return 1
            if is_only(kind, Kind.STRUCT | Kind.NIL) and struct_numbers(kind) is not None:
                return self._methods(call.name, depth)
            return None
        if not isinstance(call.callee, nodes.Name):
            return None
        target = self._resolution.references.get(id(call.callee))
        if isinstance(target, Variable):
            return None if target.function is None else self._count(target.function, depth)
        return 1 if target == "len" and "len" in self._resolution.known_builtins else None

    def _methods(self, name: str, depth: int) -> int | None:
        calls = 0
        for struct in self._resolution.structs.values():
            if name not in struct.methods:
                continue
            more = None if struct.overridden else self._count(struct.methods[name], depth)
            if more is None:
                return None
            calls = max(calls, more)
        return calls
