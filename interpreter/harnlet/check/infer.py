"""The kinds of variables, parameters and results of a whole file, by iteration to a fixed point.

It starts from "nothing seen" everywhere and adds what flows in, so it ends; and it is exact about who
calls a function only for functions that nobody can call but by name in this file. That is what makes
annotations unnecessary for speed: `fib(27)` tells that `n` is an int.
"""

from collections.abc import Callable
from typing import Any

from harnlet.check.kinds import Kind, of_binary
from harnlet.check.resolution import Resolution
from harnlet.check.scope import Function, Source, Variable
from harnlet.syntax import nodes

_ROUNDS = 12
"""After so many rounds everything that still moves is `ANY`; real programs settle in three or four."""

_CONSTANT_KINDS: dict[type[Any], int] = {
    nodes.Nil: Kind.NIL,
    nodes.Bool: Kind.BOOL,
    nodes.Int: Kind.INT,
    nodes.Float: Kind.FLOAT,
    nodes.String: Kind.STRING,
    nodes.Interpolated: Kind.STRING,
    nodes.List: Kind.LIST,
    nodes.Dict: Kind.DICT,
    nodes.Range: Kind.RANGE,
    nodes.Duration: Kind.OTHER,
    nodes.Closure: Kind.OTHER,
    nodes.StructLiteral: Kind.OTHER,
    nodes.Spawn: Kind.OTHER,
}

_BUILTIN_RESULTS = {
    "len": Kind.INT,
    "type_of": Kind.STRING,
    "to_string": Kind.STRING,
    "keys": Kind.LIST,
    "values": Kind.LIST,
    "entries": Kind.LIST,
    "pi": Kind.FLOAT,
    "e": Kind.FLOAT,
}


class Kinds:
    """Answers `of(expression)` once `settle()` has run."""

    def __init__(self, resolution: Resolution) -> None:
        self.references = resolution.references
        self.declared = resolution.declared
        self.variables = resolution.variables
        self.functions = list(resolution.functions.values())
        self._rules: dict[type[Any], Callable[[Any], int]] = {
            nodes.Name: self._name,
            nodes.Binary: self._binary,
            nodes.Unary: self._unary,
            nodes.Ternary: lambda node: self.of(node.then) | self.of(node.otherwise),
            nodes.Call: self._call,
            nodes.Slice: lambda node: self.of(node.object) & (Kind.STRING | Kind.LIST),
            nodes.If: self._if,
            nodes.Match: self._match,
        }

    def settle(self) -> None:
        """Run to the fixed point."""
        for function in self.functions:
            if function.lenient:
                for parameter in function.parameters:
                    parameter.sources.append(Kind.ANY)
            if function.generator or function.stream:
                function.result_kind = Kind.OTHER
        for round_number in range(_ROUNDS + 1):
            if not self._round(give_up=round_number == _ROUNDS):
                return

    def _round(self, give_up: bool) -> bool:
        changed = False
        for variable in self.variables:
            kind = variable.kind
            for source in variable.sources:
                kind |= self.of_source(source)
            kind &= variable.mask
            if kind != variable.kind:
                variable.kind = Kind.ANY if give_up else kind
                changed = True
        for function in self.functions:
            if function.generator or function.stream:
                continue
            kind = function.result_kind
            for source in function.results:
                kind |= self.of_source(source)
            if kind != function.result_kind:
                function.result_kind = Kind.ANY if give_up else kind
                changed = True
        return changed

    def of_source(self, source: Source) -> int:
        """The kind of one thing that is stored in a variable."""
        if isinstance(source, int):
            return source
        if isinstance(source, Variable):
            return source.kind
        return self.of(source)

    def of(self, node: nodes.Expression) -> int:
        """The kind of an expression, as far as it is known now."""
        constant = _CONSTANT_KINDS.get(type(node))
        if constant is not None:
            return constant
        rule = self._rules.get(type(node))
        return Kind.ANY if rule is None else rule(node)

    def _name(self, node: nodes.Name) -> int:
        reference = self.references.get(id(node))
        if isinstance(reference, Variable):
            return reference.kind
        if isinstance(reference, str):
            return _BUILTIN_RESULTS[reference] if reference in ("pi", "e") else Kind.ANY
        return Kind.NEVER

    def _binary(self, node: nodes.Binary) -> int:
        chain: list[nodes.Binary] = []
        current: nodes.Expression = node
        while isinstance(current, nodes.Binary):
            chain.append(current)
            current = current.left
        kind = self.of(current)
        for link in reversed(chain):
            kind = of_binary(link.operator, kind, self.of(link.right))
        return kind

    def _unary(self, node: nodes.Unary) -> int:
        if node.operator == "!":
            return Kind.BOOL
        return self.of(node.operand) & Kind.NUMBER

    def _call(self, node: nodes.Call) -> int:
        if isinstance(node.callee, nodes.Name):
            reference = self.references.get(id(node.callee))
            if isinstance(reference, Variable) and reference.function is not None:
                return self._result(reference.function)
            if isinstance(reference, str):
                return _BUILTIN_RESULTS.get(reference, Kind.ANY)
        return Kind.ANY

    def _result(self, function: Function) -> int:
        return function.result_kind

    def _block(self, block: nodes.Block) -> int:
        if not block.statements:
            return Kind.NIL
        last = block.statements[-1]
        if isinstance(last, nodes.ExpressionStatement):
            return self.of(last.expression)
        if isinstance(last, nodes.Return | nodes.Throw | nodes.Break | nodes.Continue):
            return Kind.NEVER
        return Kind.NIL

    def _if(self, node: nodes.If) -> int:
        kind = Kind.NEVER
        current: nodes.If | nodes.Block | None = node
        while isinstance(current, nodes.If):
            kind |= self._block(current.then)
            current = current.otherwise
        return kind | (Kind.NIL if current is None else self._block(current))

    def _match(self, node: nodes.Match) -> int:
        kind = Kind.NEVER
        for arm in node.arms:
            kind |= self._block(arm.body)
        return kind


class UnknownKinds(Kinds):
    """Knows nothing: everything is compiled to the guarded operators. What a program does must not depend
    on which of the two it was compiled with, and a test compares them."""

    def settle(self) -> None:
        """Nothing to find out."""

    def of(self, node: nodes.Expression) -> int:
        """Anything."""
        return Kind.ANY

    def of_source(self, source: Source) -> int:
        """Anything."""
        return Kind.ANY
