"""Where a function reads a variable for the last time, and which parameters a function makes its own.

A collection that only one variable holds is changed in place. When `found = f(found)` or `return f(found)`
calls `f`, the caller's variable still holds the value, although nobody will ask it again: so a call would
cost a copy. The compiler lets go of it there, if nothing can tell (docs/architecture.md#values).

Nothing can tell after a read when no other read of the variable comes after it: in source order, which is
the order of evaluation, but for the other branches of an `if` or `match`; and not again in the next round
of a loop that the variable outlives. Nor when the function returns, or when the very statement gives the
variable another value, unless an error on the way may be caught in between.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from harnlet.check.resolution import Resolution
from harnlet.check.scope import Function, Variable
from harnlet.check.shape import children
from harnlet.syntax import nodes

_PLAIN: Final = (
    *(nodes.Block, nodes.ExpressionStatement, nodes.Guard, nodes.Require, nodes.Throw),
    *(nodes.Call, nodes.MethodCall, nodes.List, nodes.Dict, nodes.DictEntry, nodes.StructLiteral),
    *(nodes.Spread, nodes.Binary, nodes.Unary, nodes.Member, nodes.Index, nodes.Slice),
    *(nodes.Interpolated, nodes.Propagate),
)
"""What is evaluated once, its parts in the order of its fields."""

_ORIGINS: Final = ("parameter", "let", "var")


class _Step(NamedTuple):
    """A part of the way from a function's body to a place in it."""

    kind: str
    """`loop`: run any number of times. `arm`: one of several of which one is run. `guarded`: errors may be
    caught, and what is read afterwards. `other`: who knows. `return`: then the function is over."""
    node: int
    arm: int = 0


_Path: TypeAlias = tuple[_Step, ...]


class _Use(NamedTuple):
    """A read of a variable."""

    order: int
    node: int
    path: _Path


class LastUses:
    """Of one program; each function is looked at when somebody asks."""

    def __init__(self, resolution: Resolution) -> None:
        self._resolution = resolution
        self._captured = {outer for each in resolution.functions.values() for outer in each.captures}
        self._found: dict[Function, frozenset[int]] = {}
        self._taken: dict[Function, frozenset[int]] = {}

    def lets_go(self, function: Function, name: nodes.Name) -> bool:
        """Whether nobody can tell what the variable holds after this read of it."""
        found = self._found.get(function)
        if found is None:
            found = self._found[function] = _Walk(self._resolution, function, self._captured).last()
        return id(name) in found

    def taken(self, function: Function) -> frozenset[int]:
        """The numbers of the parameters that a function makes its own, by `var own = parameter` or by giving
        it to a function that does: which of its arguments it is worth letting go of."""
        found = self._taken.get(function)
        if found is None:
            self._taken[function] = frozenset()  # While it is looked at: it may call itself.
            found = self._taken[function] = frozenset(self._takes(function))
        return found

    def _takes(self, function: Function) -> Iterable[int]:
        if function.generator or function.stream:
            return
        places = {variable: number for number, variable in enumerate(function.parameters)}
        body = getattr(function.node, "body", None)
        stack: list[nodes.Node] = [body] if isinstance(body, nodes.Block) and places else []
        while stack:
            node = stack.pop()
            if not node.INNER:
                continue
            stack += children(node)
            given: Sequence[nodes.Node] = ()
            if isinstance(node, (nodes.Let, nodes.Assign)):
                given = (node.value,)
            elif type(node) is nodes.Call and isinstance(node.callee, nodes.Name):
                target = self._resolution.references.get(id(node.callee))
                if isinstance(target, Variable) and target.function is not None:
                    taken = self.taken(target.function)
                    given = [each for number, each in enumerate(node.arguments) if number in taken]
            for each in given:
                if not isinstance(each, nodes.Name):
                    continue
                variable = self._resolution.references.get(id(each))
                if isinstance(variable, Variable) and variable in places and self.lets_go(function, each):
                    yield places[variable]


class _Walk:
    """Through the body of one function, in the order of evaluation."""

    def __init__(self, resolution: Resolution, function: Function, captured: set[Variable]) -> None:
        self._resolution = resolution
        self._function = function
        self._captured = captured
        self._uses: dict[Variable, list[_Use]] = {}
        self._homes: dict[Variable, _Path] = dict.fromkeys(function.parameters, ())
        self._replaced: list[tuple[Variable, nodes.Assign, _Path]] = []
        self._order = 0
        self._deferred = False

    def last(self) -> frozenset[int]:
        """The nodes that read a variable for the last time."""
        function = self._function
        if function.generator or function.stream:
            return frozenset()
        node = function.node
        is_main = function is self._resolution.main
        if isinstance(node, nodes.File):
            for item in node.items:
                self._visit(item, ())
        else:
            body = getattr(node, "body", None)
            if not isinstance(body, nodes.Block):
                return frozenset()
            self._visit(body, ())
        if self._deferred:
            return frozenset()
        found = set(self._of_replaced())
        if not is_main:  # The parts of a file do not run in the order in which they stand.
            for variable, uses in self._uses.items():
                found.update(use.node for use in uses if self._is_last(variable, use, uses))
        return frozenset(found)

    def _is_last(self, variable: Variable, use: _Use, uses: list[_Use]) -> bool:
        returns = next((step for step in use.path if step.kind == "return"), None)
        if any(step.kind == "other" for step in use.path):
            return False
        if returns is not None and not any(step.kind == "guarded" for step in use.path):
            after = use.path.index(returns)
            if any(step.kind == "loop" for step in use.path[after:]):
                return False
            return not any(later.order > use.order and returns in later.path for later in uses)
        home = self._homes.get(variable)
        if home is None or use.path[: len(home)] != home:
            return False
        if any(step.kind == "loop" for step in use.path[len(home) :]):
            return False
        return not any(later.order > use.order and not _excluded(use.path, later.path) for later in uses)

    def _of_replaced(self) -> Iterable[int]:
        """`v = f(v)`: the read of `v`, if there is only one."""
        for variable, node, path in self._replaced:
            if any(step.kind in ("guarded", "other") for step in path):
                continue
            inside: list[nodes.Node] = [node.value]
            reads: list[nodes.Node] = []
            while inside:
                current = inside.pop()
                if isinstance(current, nodes.Name):
                    if self._resolution.references.get(id(current)) is variable:
                        reads.append(current)
                elif isinstance(current, _PLAIN) and not isinstance(current, nodes.Block):
                    inside.extend(children(current))
                elif any(True for _ in children(current)):
                    reads.clear()
                    break
            if len(reads) == 1:
                yield id(reads[0])

    # --- the walk ------------------------------------------------------------------------------

    def _read(self, variable: Variable, node: nodes.Node, path: _Path) -> None:
        if self._is_own(variable):
            self._order += 1
            self._uses.setdefault(variable, []).append(_Use(self._order, id(node), path))

    def _is_own(self, variable: Variable) -> bool:
        if variable.owner is not self._function or variable.origin not in _ORIGINS:
            return False
        # What an inner function captures may be Python's own cell, which must keep its value.
        return not variable.shared and not variable.boxed and variable not in self._captured

    def _visit(self, node: nodes.Node, path: _Path) -> None:
        match node:
            case nodes.Name():
                variable = self._resolution.references.get(id(node))
                if isinstance(variable, Variable):
                    self._read(variable, node, path)
            case nodes.Let():
                self._visit(node.value, path)
                self._visit_pattern(node.pattern, path)
            case nodes.Assign():
                self._visit_assign(node, path)
            case nodes.If():
                self._visit(node.condition, path)
                self._visit(node.then, (*path, _Step("arm", id(node), 0)))
                if node.otherwise is not None:
                    self._visit(node.otherwise, (*path, _Step("arm", id(node), 1)))
            case nodes.Ternary():
                self._visit(node.condition, path)
                self._visit(node.then, (*path, _Step("arm", id(node), 0)))
                self._visit(node.otherwise, (*path, _Step("arm", id(node), 1)))
            case nodes.Match():
                self._visit(node.subject, path)
                for number, arm in enumerate(node.arms):
                    for part in (*arm.patterns, *(() if arm.guard is None else (arm.guard,))):
                        self._visit(part, (*path, _Step("other", id(arm))))
                    self._visit(arm.body, (*path, _Step("arm", id(node), number)))
            case nodes.For():
                self._visit(node.iterable, path)
                self._visit(node.pattern, (*path, _Step("loop", id(node))))
                self._visit(node.body, (*path, _Step("loop", id(node))))
            case nodes.While():
                self._visit_all(children(node), (*path, _Step("loop", id(node))))
            case nodes.Retry():
                self._visit_all(children(node), (*path, _Step("loop", id(node)), _Step("guarded", id(node))))
            case nodes.Try() | nodes.Deadline() | nodes.Mutex() | nodes.Catch():
                self._visit_all(children(node), (*path, _Step("guarded", id(node))))
            case nodes.Return():
                if node.value is not None:
                    self._visit(node.value, (*path, _Step("return", id(node))))
            case nodes.Pipeline():
                self._visit(node.body, path)
            case _ if isinstance(node, _PLAIN):
                self._visit_all(children(node), path)
            case _:
                self._visit_other(node, path)

    def _visit_all(self, found: Iterable[nodes.Node], path: _Path) -> None:
        for node in found:
            self._visit(node, path)

    def _visit_assign(self, node: nodes.Assign, path: _Path) -> None:
        target: nodes.Expression = node.target
        if node.operator != "=":
            self._visit(target, path)
        self._visit(node.value, path)
        if not isinstance(target, nodes.Name):
            self._visit(target, path)
        elif node.operator == "=":
            variable = self._resolution.references.get(id(target))
            if isinstance(variable, Variable) and self._is_own(variable):
                self._replaced.append((variable, node, path))

    def _visit_pattern(self, pattern: nodes.Node, path: _Path) -> None:
        for name in ("name", "rest"):
            self._declare(pattern, getattr(pattern, name, None), path)
        for part in children(pattern):
            self._declare(part, getattr(part, "name", None), path)
            self._visit_all(children(part), path)

    def _declare(self, node: nodes.Node, name: object, path: _Path) -> None:
        variable = self._resolution.declared.get((id(node), name)) if isinstance(name, str) else None
        if variable is not None:
            self._homes[variable] = path

    def _visit_other(self, node: nodes.Node, path: _Path) -> None:
        """What is not looked into closely."""
        self._deferred |= isinstance(node, nodes.Defer)
        self._visit_all(children(node), (*path, _Step("other", id(node))))


def _excluded(path: _Path, other: _Path) -> bool:
    """Whether two places are in different branches of which only one is run."""
    for one, two in zip(path, other, strict=False):
        if one != two:
            return one.kind == two.kind == "arm" and one.node == two.node
    return False
