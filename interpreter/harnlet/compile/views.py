"""Views: an element of a list that several statements in a row look into is fetched once for all of them.

    bodies[j].vx += dx
    bodies[j].vy += dy

A view is a Python variable that holds `bodies[j]` from the first statement that needs it to the last. In
between there is nothing but simple bindings and assignments, none of which gives `bodies` or `j` another
value or changes `bodies` in another place: so the element stays the one that it is, for nobody else can
change what the variable of a function holds. The first change of a part of the element asks the reference
counts, and copies if something else holds the element, or the list. The ones after it need not ask again,
until a statement mentions the list, or one of its elements, as a whole: then something else may hold the
element.

An error on the way leaves the view where it is. It can only make a later test find one more reference than
there need be, which costs a copy. Rules: docs/architecture.md#values.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from harnlet.check.kinds import Kind, is_only
from harnlet.check.scope import Variable
from harnlet.check.shape import children
from harnlet.compile import python_nodes as ast
from harnlet.compile.lowering import STORE, VIEWS_RULE, Lowering, place
from harnlet.syntax import nodes

Key: TypeAlias = tuple[Variable, Variable | int]
"""The list, and the index into it."""

_SIMPLE: Final = (
    *(nodes.Name, nodes.Nil, nodes.Bool, nodes.Int, nodes.Float, nodes.String, nodes.Interpolated),
    *(nodes.Binary, nodes.Unary, nodes.Ternary, nodes.Member, nodes.Index, nodes.Slice, nodes.List),
    *(nodes.Dict, nodes.DictEntry, nodes.StructLiteral, nodes.Spread, nodes.Call, nodes.MethodCall),
)
"""Expressions without statements in them. What they call cannot reach the variables of the function."""


class View:
    """One of them, while it is there."""

    __slots__ = ("alone", "first", "key", "last", "mentions", "node", "slot", "uses")

    def __init__(self, key: Key, node: nodes.Index, first: int) -> None:
        self.key = key
        self.node = node
        self.first = self.last = first
        self.uses = 0
        self.mentions: set[int] = set()
        """The statements that mention the list, or an element of it, as a whole."""
        self.slot = ""
        self.alone = False
        """Nothing but the list holds the element, and nothing but its variable the list."""

    def set(self, value: ast.expr) -> ast.stmt:
        """Give the Python variable a value."""
        where = place(self.node.at)
        return ast.Assign([ast.Name(self.slot, STORE, **where)], value, **where)

    def fetch(self, lo: Lowering) -> None:
        """Emit what fetches the element; nil beyond the end."""
        at = self.node.at
        where = place(at)
        held, index = self.key
        key = lo.constant(index, at) if isinstance(index, int) else lo.load(index.slot, at)
        found = self.set(ast.Subscript(lo.load(held.slot, at), key, ast.Load(), **where))
        missing = self.set(ast.Constant(None, **where))
        handler = ast.ExceptHandler(lo.load("IndexError", at), None, [missing], **where)
        lo.emit(ast.Try([found], [handler], [], [], **where))
        self.alone = False


def viewed(lo: Lowering, node: nodes.Node) -> View | None:
    """The view of an expression, if there is one at this place."""
    if not lo.views or not isinstance(node, nodes.Index):
        return None
    key = _key(lo, node)
    return None if key is None else lo.views.get(key)


def _key(lo: Lowering, node: nodes.Index) -> Key | None:
    """What identifies `xs[i]`, where that is a list of the function and an int."""
    if node.optional or not isinstance(node.object, nodes.Name):
        return None
    found = _own(lo, node.object)
    if found is None or not is_only(lo.kinds.of(node.object), Kind.LIST):
        return None
    if isinstance(node.index, nodes.Int):
        return found, node.index.value
    if not isinstance(node.index, nodes.Name) or not is_only(lo.kinds.of(node.index), Kind.INT):
        return None
    index = _own(lo, node.index)
    return None if index is None else (found, index)


def _own(lo: Lowering, node: nodes.Name) -> Variable | None:
    variable = lo.resolution.references.get(id(node))
    if not isinstance(variable, Variable) or variable.owner is not lo.function:
        return None
    return None if variable.shared or variable.boxed or variable.function is not None else variable


class _Scan:
    """What one simple statement does with lists and their elements."""

    def __init__(self, lo: Lowering) -> None:
        self._lo = lo
        self.is_simple = True
        self.uses: list[tuple[Key, nodes.Index]] = []
        self.mentioned: set[Variable] = set()
        self.assigned: set[Variable] = set()
        self.stored: Key | None = None
        """The element of which a part is stored."""

    def statement(self, node: nodes.Statement) -> None:
        if isinstance(node, nodes.Let) and isinstance(node.pattern, nodes.NamePattern):
            self._expression(node.value)
            declared = self._lo.resolution.declared.get((id(node.pattern), node.pattern.name))
            if declared is not None:
                self.assigned.add(declared)
        elif isinstance(node, nodes.Assign):
            self._assign(node)
        else:
            self.is_simple = False

    def _assign(self, node: nodes.Assign) -> None:
        self._expression(node.value)
        target: nodes.Expression = node.target
        steps: list[nodes.Member | nodes.Index] = []
        while isinstance(target, nodes.Member | nodes.Index):
            if isinstance(target, nodes.Index):
                self._expression(target.index)
            steps.append(target)
            target = target.object
        variable = self._lo.resolution.references.get(id(target))
        if not isinstance(variable, Variable):
            self.is_simple = False
            return
        element = steps[1] if len(steps) == 2 else None
        key = _key(self._lo, element) if isinstance(element, nodes.Index) else None
        inner = steps[0].index if steps and isinstance(steps[0], nodes.Index) else None
        if key is None or not isinstance(inner, nodes.Name | nodes.Int | nodes.String | None):
            self.assigned.add(variable)
            return
        assert isinstance(element, nodes.Index)
        self.stored = key
        self.uses += [(key, element)] * (1 if node.operator == "=" else 2)

    def _expression(self, node: nodes.Node, base: bool = False) -> None:
        """`base`: only a part of the value is asked for."""
        if not isinstance(node, _SIMPLE):
            self.is_simple = False
        elif isinstance(node, nodes.Name):
            variable = self._lo.resolution.references.get(id(node))
            if isinstance(variable, Variable):
                self.mentioned.add(variable)
        elif isinstance(node, nodes.Index) and isinstance(node.object, nodes.Name):
            key = _key(self._lo, node)
            if key is not None:
                self.uses.append((key, node))
            if not base:
                self._expression(node.object)
            self._expression(node.index)
        else:
            is_access = isinstance(node, nodes.Member | nodes.Index)
            for child in children(node):
                self._expression(child, is_access and child is node.object)  # type: ignore[union-attr]


class Viewing:
    """The views of one block."""

    def __init__(self, lo: Lowering, items: Sequence[nodes.Statement]) -> None:
        self._lo = lo
        self._open: dict[Key, View] = {}
        self._starting: dict[int, list[View]] = {}
        self._active: list[View] = []
        for number, item in enumerate(items):
            self._scan(number, item)
        self._close(list(self._open))

    def _scan(self, number: int, item: nodes.Statement) -> None:
        scan = None
        if isinstance(item, nodes.Let | nodes.Assign):
            scan = _Scan(self._lo)
            scan.statement(item)
        if scan is None or not scan.is_simple:
            if self._open:
                self._close(list(self._open))
            return
        for key, node in scan.uses:
            view = self._open.get(key)
            if view is None:
                view = self._open[key] = View(key, node, number)
            view.uses += 1
            view.last = number
        for key, view in self._open.items():
            if key[0] in scan.mentioned:
                view.mentions.add(number)
        self._close(
            [
                key
                for key in self._open
                if key[0] in scan.assigned
                or key[1] in scan.assigned
                or (scan.stored is not None and scan.stored[0] is key[0] and scan.stored != key)
            ]
        )

    def _close(self, keys: Sequence[Key]) -> None:
        for key in keys:
            view = self._open.pop(key)
            if view.uses > 1:
                self._starting.setdefault(view.first, []).append(view)

    def before(self, number: int) -> None:
        """Before the statement with that number: fetch what it is the first to need."""
        lo = self._lo
        for view in self._starting.get(number, ()):
            view.slot = lo.temporary()
            view.fetch(lo)
            lo.views[view.key] = view
            self._active.append(view)
        for view in self._active:
            view.alone = view.alone and number not in view.mentions

    def after(self, number: int) -> None:
        """After it: let go of what none of the next ones needs."""
        for view in [view for view in self._active if view.last == number]:
            self._active.remove(view)
            del self._lo.views[view.key]
            self._lo.emit(view.set(ast.Constant(None, **place(view.node.at))))
        for view in self._active:
            view.alone = view.alone and number not in view.mentions


VIEWS_RULE.append(Viewing)
