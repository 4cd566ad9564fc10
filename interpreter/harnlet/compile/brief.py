"""Which functions are brief: sure to end after a few dozen operations, whatever they are called with.

They need no safe point at their entry and are not told the call depth, which for small functions was half
of the cost of a call. A brief function has no loop and calls nothing but other brief functions, so that it
cannot come back to itself; and all that it may call, in all, is a small number, for thirty functions of which
each calls the one before it twice would not end soon at all. Nothing here depends on kinds: limits count
safe points, and must not depend on what the compiler happens to know. Rules:
docs/language.md#depth-and-tail-calls, docs/architecture.md#safe-points.
"""

from typing import Final, get_args

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


def mark_brief_functions(resolution: Resolution, tail_groups: dict[Function, set[Function]]) -> set[str]:
    """Set `brief` of the functions of a program, which are no longer `counted` then, but for methods: those
    take the depth all the same, since what a call of a method finds may not be brief. The result are the
    names of the methods that are brief whatever has them."""
    return _BriefFunctions(resolution, tail_groups).mark()


class _BriefFunctions:
    def __init__(self, resolution: Resolution, tail_groups: dict[Function, set[Function]]) -> None:
        self._resolution = resolution
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
        every: dict[str, bool] = {}
        for struct in self._resolution.structs.values():
            for name, function in struct.methods.items():
                every[name] = every.get(name, True) and function.brief and not struct.overridden
        return {name for name, brief in every.items() if brief}

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
            if isinstance(current, nodes.Call):
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

    def _calls_of(self, call: nodes.Call, depth: int) -> int | None:
        if not isinstance(call.callee, nodes.Name):
            return None
        target = self._resolution.references.get(id(call.callee))
        if isinstance(target, Variable):
            return None if target.function is None else self._count(target.function, depth)
        return 1 if target == "len" and "len" in self._resolution.known_builtins else None
