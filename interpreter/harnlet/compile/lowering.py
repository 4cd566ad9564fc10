"""The state of one lowering, from nodes to Python's `ast`, and what all its rules share.

A form becomes "these statements, then this expression": a rule appends statements to `body` and
returns the expression. Rules register themselves for a node class (`@lowers`); there is one module of
them for each family of forms. What the generated code calls by name is listed in
`harnlet.runtime.globals`; every name that stems from a script ends in a number, so the two never meet.
Rules: docs/architecture.md#lowering.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from harnlet.check.holders import Holders
from harnlet.check.imports import Imports
from harnlet.check.infer import Kinds
from harnlet.check.kinds import Kind
from harnlet.check.last_use import LastUses
from harnlet.check.resolution import Resolution
from harnlet.check.scope import Function, Variable
from harnlet.compile import python_nodes as ast
from harnlet.errors.codes import code
from harnlet.errors.diagnostic import Diagnostic
from harnlet.syntax import nodes
from harnlet.syntax.source import Source

LOAD = ast.Load()
STORE = ast.Store()

ExpressionRule = Callable[["Lowering", Any], ast.expr]
StatementRule = Callable[["Lowering", Any], None]
SinkRule = Callable[["Lowering", Any, "Sink"], None]

EXPRESSIONS: dict[type[Any], ExpressionRule] = {}
STATEMENTS: dict[type[Any], StatementRule] = {}
BLOCK_EXPRESSIONS: dict[type[Any], SinkRule] = {}
"""Expressions made of blocks: lowered as statements that hand their value to a sink."""

_Rule = TypeVar("_Rule", bound=Callable[..., Any])


def lowers(*classes: type[Any]) -> Callable[[_Rule], _Rule]:
    """Register the rule for an expression that returns a Python expression."""

    def register(rule: _Rule) -> _Rule:
        for cls in classes:
            EXPRESSIONS[cls] = rule
        return rule

    return register


def lowers_statement(*classes: type[Any]) -> Callable[[_Rule], _Rule]:
    """Register the rule for a statement."""

    def register(rule: _Rule) -> _Rule:
        for cls in classes:
            STATEMENTS[cls] = rule
        return rule

    return register


def lowers_block(*classes: type[Any]) -> Callable[[_Rule], _Rule]:
    """Register the rule for an expression made of blocks, which is given a sink for its value."""

    def register(rule: _Rule) -> _Rule:
        for cls in classes:
            BLOCK_EXPRESSIONS[cls] = rule
        return rule

    return register


class BuiltinShape(Protocol):
    """What the lowering must know of a builtin to call it directly."""

    @property
    def maximum(self) -> int | None:
        """The most arguments it takes, or None for any number."""

    @property
    def home(self) -> str:
        """The module that declares it."""


class UnsupportedError(Exception):
    """A form that the grammar knows and the lowering refuses; carries its diagnostic."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Sink:
    """Where the value of a block goes."""

    needs_value = True

    def take(self, lowering: "Lowering", value: ast.expr) -> None:
        """Emit what stores the value."""


class Discard(Sink):
    """The value is not used."""

    needs_value = False

    def take(self, lowering: "Lowering", value: ast.expr) -> None:
        if not isinstance(value, ast.Constant | ast.Name):
            lowering.emit(ast.Expr(value, **position_of(value)))
        elif isinstance(value, ast.Name):
            # Reading an unbound name is an error that must not be lost.
            lowering.emit(ast.Expr(value, **position_of(value)))


class Store(Sink):
    """The value goes to a Python variable."""

    def __init__(self, slot: str) -> None:
        self.slot = slot

    def take(self, lowering: "Lowering", value: ast.expr) -> None:
        target = ast.Name(self.slot, STORE, **position_of(value))
        lowering.emit(ast.Assign([target], value, **position_of(value)))


class Give(Sink):
    """The value is what the function returns."""

    def take(self, lowering: "Lowering", value: ast.expr) -> None:
        lowering.emit(ast.Return(value, **position_of(value)))


DISCARD = Discard()
GIVE = Give()


def position_of(node: ast.expr | ast.stmt) -> dict[str, Any]:
    """The position keywords of an existing Python node."""
    return {"at": (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)}


def place(at: nodes.Span) -> dict[str, Any]:
    """The position keywords for a span. Python only stores columns, so ours count code points."""
    line, column, end_line, end_column = at
    return {"at": (line, column - 1, end_line, end_column - 1)}


class _IntoBody:
    """See `Lowering.into_body`. A class, since `contextlib.contextmanager` took a tenth of the lowering."""

    __slots__ = ("body", "lowering", "outer")

    def __init__(self, lowering: "Lowering", body: list[ast.stmt]) -> None:
        self.lowering = lowering
        self.body = body

    def __enter__(self) -> list[ast.stmt]:
        self.outer = self.lowering.body
        self.lowering.body = self.body
        return self.body

    def __exit__(self, *failure: object) -> None:
        self.lowering.body = self.outer


class Lowering:
    """One program being lowered. Rules read and change `body`, `function` and `loops` through it."""

    def __init__(
        self,
        resolution: Resolution,
        kinds: Kinds,
        source: Source,
        builtins: Mapping[str, BuiltinShape],
    ) -> None:
        self.resolution = resolution
        self.kinds = kinds
        self.source = source
        self.builtins = builtins
        self.body: list[ast.stmt] = []
        self.function: Function = resolution.main
        self.used_builtins: set[str] = set()
        self.used_values: set[str] = set()
        self.tail_loop = False
        """The current function is a `while` loop, so that its own tail calls can `continue`."""
        self.beside_main: list[ast.stmt] = []
        """The functions that the program makes outside of any other: see `define`."""
        self.late: set[str] = set()
        """The names of `main` that those functions read, too, and that get one value: globals."""
        self.stores: set[str] = set()
        """The names of `main` that the current function stores into."""
        self.interfaces: set[str] = set()
        self.imports = Imports()
        self.only_declares = False
        """In the part of a file with pipelines that stands outside of them."""
        self.tail_groups: dict[Function, set[Function]] = {}
        """Function -> the functions that call each other in tail position, itself included."""
        self.over_lists: set[int] = set()
        """The `id`s of closures that became functions of a whole list: see `harnlet.compile.bulk`."""
        self.brief_methods: set[str] = set()
        """The names of methods that are brief whatever has them."""
        self.class_tests: dict[Function, dict[str, ast.expr]] = {}
        """For each function the tests of its parameters that are made once, at its entry, by the name of the
        variable that says how they went."""
        self.last_uses = LastUses(resolution)
        self.holders = Holders(resolution, kinds)
        self.views: dict[Any, Any] = {}
        """The elements of lists that are held in a Python variable at this place (`compile.views`)."""
        self.data: list[tuple[str, object]] = []
        """Constants that Python's compiler knows no literal for: name and plain data."""
        self.escapes: list[str | None] = []
        """For each loop around: None for one of the script's, or, for a loop that the lowering made,
        the Python variable that says how the script's `break` or `continue` left it."""
        self.caught: tuple[str, ast.Assign, ast.Assign] | None = None
        """The last temporary that a subscript was caught in, and the assignments to it."""
        self.holding: list[str] = []
        """Temporaries of the current statement that may hold a collection."""
        self._counter = 0

    @property
    def hot(self) -> bool:
        """In a function or a loop, where speed is worth more code."""
        return self.function is not self.resolution.main or bool(self.escapes)

    # --- statements and blocks -----------------------------------------------------------------

    def emit(self, statement: ast.stmt) -> None:
        """Append a statement to the current body."""
        self.body.append(statement)

    def into_body(self, body: list[ast.stmt]) -> "_IntoBody":
        """Collect statements in another list for a while: `with lowering.into_body([]) as body`."""
        return _IntoBody(self, body)

    def statement(self, node: nodes.Statement) -> None:
        """Lower a statement."""
        rule = STATEMENTS.get(type(node))
        if rule is None:
            raise self.unsupported(node)
        outer, self.holding = self.holding, []
        rule(self, node)
        if self.holding and self.resolution.part_stores and not isinstance(node, _LEAVING):
            # What a temporary holds looks as if somebody else held it, and is copied when it is changed.
            where = place(node.at)
            targets: list[ast.expr] = [ast.Name(slot, STORE, **where) for slot in self.holding]
            self.emit(ast.Assign(targets, ast.Constant(None, **where), **where))
        self.holding = outer

    def statements(self, items: Sequence[nodes.Statement], sink: Sink) -> None:
        """Lower the statements of a block; the value of the last one, or nil, goes to the sink."""
        last = len(items) - 1
        if self.resolution.has_boxes:
            self.make_boxes(items)
        viewing = VIEWS_RULE[0](self, items) if self.hot and self.kinds.are_known else None
        for index, item in enumerate(items):
            if viewing is not None:
                viewing.before(index)
            if isinstance(item, nodes.Defer):
                DEFER_RULE[0](self, item, items[index + 1 :], sink)
                return
            if index == last and isinstance(item, nodes.ExpressionStatement):
                self.expression_into(item.expression, sink)
                return
            self.statement(item)
            if viewing is not None:
                viewing.after(index)
            if isinstance(item, nodes.Return | nodes.Throw | nodes.Break | nodes.Continue):
                return
        if sink.needs_value:
            at = items[-1].at if items else (1, 1, 1, 1)
            sink.take(self, ast.Constant(None, **place(at)))

    def block(self, block: nodes.Block, sink: Sink) -> list[ast.stmt]:
        """Lower a block into a list of its own, which is never empty."""
        with self.into_body([]) as body:
            if block.statements:
                self.statements(block.statements, sink)
            elif sink.needs_value:
                sink.take(self, ast.Constant(None, **place(block.at)))
        return body or [ast.Pass(**place(block.at))]

    # --- expressions ---------------------------------------------------------------------------

    def expression(self, node: nodes.Expression) -> ast.expr:
        """Lower an expression; statements that it needs go before."""
        rule = EXPRESSIONS.get(type(node))
        if rule is not None:
            return rule(self, node)
        block_rule = BLOCK_EXPRESSIONS.get(type(node))
        if block_rule is None:
            raise self.unsupported(node)
        slot = self.temporary()
        block_rule(self, node, Store(slot))
        return self.load(slot, node.at)

    def expression_into(self, node: nodes.Expression, sink: Sink) -> None:
        """Lower an expression whose value goes to a sink."""
        block_rule = BLOCK_EXPRESSIONS.get(type(node))
        if block_rule is not None:
            block_rule(self, node, sink)
        else:
            sink.take(self, self.expression(node))

    def expressions(self, items: Sequence[nodes.Expression]) -> list[ast.expr]:
        """Lower expressions that are evaluated left to right: one whose successors need statements
        is kept in a temporary first."""
        # As `in_order` does, which would need a function for each: the lowering comes by here most often.
        done: list[ast.expr] = []
        outer = self.body
        before: list[ast.stmt] = []
        for item in items:
            self.body = before
            value = self.expression(item)
            self.body = outer
            if before:
                done = [self.keep(earlier) for earlier in done]
                outer.extend(before)
                before = []
            done.append(value)
        return done

    def in_order(self, makers: Iterable[Callable[[], ast.expr]]) -> list[ast.expr]:
        """Run lowering steps whose expressions must be evaluated in this order."""
        done: list[ast.expr] = []
        for make in makers:
            with self.into_body([]) as before:
                value = make()
            if before:
                done = [self.keep(earlier) for earlier in done]
                self.body.extend(before)
            done.append(value)
        return done

    def keep(self, value: ast.expr) -> ast.expr:
        """The value in a form that later statements cannot change: a constant or a temporary."""
        if isinstance(value, ast.Constant):
            return value
        if isinstance(value, ast.Name):
            variable = self.resolution.slot_names.get(value.id)
            if variable is None or not variable.assigned:
                return value
        slot = self.temporary()
        position = position_of(value)
        self.emit(ast.Assign([ast.Name(slot, STORE, **position)], value, **position))
        if isinstance(value, ast.Name):
            self._set_flag(value.id, False, position)
        return ast.Name(slot, LOAD, **position)

    def named(self, value: ast.expr) -> ast.expr:
        """The value in a form that can be evaluated twice."""
        if isinstance(value, ast.Constant | ast.Name):
            return value
        return self.keep(value)

    def is_bool(self, node: nodes.Expression) -> bool:
        """Whether the expression surely gives a bool."""
        return self.kinds.of(node) == Kind.BOOL

    # --- Python nodes --------------------------------------------------------------------------

    def temporary(self) -> str:
        """A Python variable that no script variable shares: those end in a plain number."""
        self._counter += 1
        return f"t{self._counter}"

    def load(self, slot: str, at: nodes.Span) -> ast.expr:
        """Read a Python variable."""
        return ast.Name(slot, LOAD, **place(at))

    def store(self, slot: str, value: ast.expr, at: nodes.Span) -> None:
        """Assign a Python variable."""
        if slot in self.late:
            self.emit(self._store_global(slot, value, place(at)))
            return
        if self.caught is not None and isinstance(value, ast.Name) and value.id == self.caught[0]:
            temporary, *assignments = self.caught
            last = self.body[-1] if self.body else None
            if isinstance(last, ast.Try) and last.body[-1] is assignments[0]:
                for assignment in assignments:
                    assignment.targets = [ast.Name(slot, STORE, **position_of(assignment.targets[0]))]
                self.caught = None
                if temporary in self.holding:
                    self.holding.remove(temporary)
                self.set_flag(slot, False, at)
                return
        where = place(at)
        self.emit(ast.Assign([ast.Name(slot, STORE, **where)], value, **where))
        self._set_flag(slot, isinstance(value, ast.List | ast.Dict), where)
        if isinstance(value, ast.Name):
            self._set_flag(value.id, False, where)

    def set_flag(self, slot: str, value: bool, at: nodes.Span) -> None:
        """Say in the flag of a variable, if it has one, whether nothing else holds its value (see
        `harnlet.check.holders.Holders.flag`)."""
        self._set_flag(slot, value, place(at))

    def _set_flag(self, slot: str, value: bool, where: dict[str, Any]) -> None:
        flag = self.holders.flag(slot)
        if flag is not None:
            self.emit(ast.Assign([ast.Name(flag, STORE, **where)], ast.Constant(value, **where), **where))

    def constant(self, value: Any, at: nodes.Span) -> ast.expr:
        """A constant."""
        return ast.Constant(value, **place(at))

    def call(self, helper: str, arguments: list[ast.expr], at: nodes.Span) -> ast.expr:
        """Call a function of the runtime."""
        where = place(at)
        return ast.Call(ast.Name(helper, LOAD, **where), arguments, [], **where)

    def constant_data(self, value: object, at: nodes.Span) -> ast.expr:
        """A constant made of lists and dicts, built once for the program."""
        slot = self.temporary()
        self.data.append((slot, value))
        return self.load(slot, at)

    def tuple(self, items: list[ast.expr], at: nodes.Span) -> ast.expr:
        """A Python tuple."""
        return ast.Tuple(items, LOAD, **place(at))

    def expression_statement(self, value: ast.expr, at: nodes.Span) -> None:
        """Evaluate for the effect."""
        self.emit(ast.Expr(value, **place(at)))

    def raise_(self, value: ast.expr, at: nodes.Span) -> None:
        """Raise a Python exception."""
        self.emit(ast.Raise(value, None, **place(at)))

    def safe_point(self, where: dict[str, Any], depth: ast.expr | None = None) -> None:
        """One look at a flag: somebody wants attention, or the call is too deep. `stop` and `limit` are
        in the place of Python's builtins (`harnlet.runtime.context`)."""
        found: ast.expr = ast.Name("stop", LOAD, **where)
        if depth is not None:
            found = ast.Compare(depth, [ast.Gt()], [ast.Name("limit", LOAD, **where)], **where)
        attend = ast.Attribute(ast.Name("rt", LOAD, **where), "attend", LOAD, **where)
        call = ast.Call(attend, [depth or ast.Constant(0, **where)], [], **where)
        self.emit(ast.If(found, [ast.Expr(call, **where)], [], **where))

    def depth(self, at: nodes.Span) -> ast.expr:
        """The call depth that a direct call passes on."""
        where = place(at)
        if not self.function.counted or self.function.brief:
            return ast.Constant(1, **where)
        return ast.BinOp(ast.Name("depth", LOAD, **where), ast.Add(), ast.Constant(1, **where), **where)

    # --- functions -----------------------------------------------------------------------------

    @property
    def in_main(self) -> bool:
        """Whether what is lowered now stands in no function of the script."""
        return self.function is self.resolution.main

    def define(self, definition: ast.FunctionDef) -> None:
        """Make a function, and bind its name.

        Those of `main` stand beside it, not in it, and read each other's names as globals. As inner
        functions of `main` they made CPython copy the set of all of its names for each of them, so that
        the time for compiling a file grew with the square of its length; and they are called faster."""
        if not self.in_main:
            self.emit(definition)
            return
        name = definition.name
        self.stand_beside(definition)
        self.late.add(name)
        where = position_of(definition)
        self.emit(self._store_global(name, ast.Name(definition.name, LOAD, **where), where))

    def _store_global(self, slot: str, value: ast.expr, where: dict[str, Any]) -> ast.stmt:
        """`main` gives a global its value by way of the dict of all of them: names that it declared
        `global` CPython would copy for each function of the file, too."""
        names, key = ast.Name("names", LOAD, **where), ast.Constant(slot, **where)
        return ast.Assign([ast.Subscript(names, key, STORE, **where)], value, **where)

    def stand_beside(self, definition: ast.FunctionDef) -> None:
        """Put the function of a name of `main` beside it, under a name of its own: the script's must
        mean nothing before it is declared."""
        definition.name += "d"
        self.beside_main.append(definition)

    # --- references ----------------------------------------------------------------------------

    def reference(self, node: nodes.Node) -> object:
        """What the resolver found for a name."""
        return self.resolution.references[id(node)]

    def declared(self, node: nodes.Node, name: str) -> Variable:
        """The variable that a node declares."""
        return self.resolution.declared[(id(node), name)]

    def bind(self, node: nodes.Node, name: str, value: ast.expr, at: nodes.Span) -> None:
        """Store into the variable that a node declares; a second immutable one is an error."""
        if (id(node), name) in self.resolution.redeclared:
            self.expression_statement(value, at)
            self.expression_statement(self.call("redeclared", [self.constant(name, at)], at), at)
            return
        variable = self.declared(node, name)
        self.note_store(variable)
        self.store(variable.slot, value, at)
        self.fill_box(variable, at)

    def note_store(self, variable: Variable) -> None:
        """Remember that the current function stores into a module's shared variable."""
        if variable.shared and variable.owner is not self.function:
            self.stores.add(variable.slot)

    def read(self, variable: Variable, at: nodes.Span) -> ast.expr:
        """Read a script variable."""
        if variable.origin == "capture" and variable.root().boxed:
            return self.call("unbox", [self.load(variable.slot, at), self.constant(variable.name, at)], at)
        return self.load(variable.slot, at)

    def fill_box(self, variable: Variable, at: nodes.Span) -> None:
        """After the declaration of a boxed variable: those who took a snapshot of its box see it now."""
        if variable.boxed:
            values = [self.load(variable.box, at), self.load(variable.slot, at)]
            self.expression_statement(self.call("fill_box", values, at), at)

    def make_boxes(self, items: Sequence[nodes.Statement]) -> None:
        """At the start of a block: the boxes of the functions that it will declare."""
        for item in items:
            bare = item.declaration if isinstance(item, nodes.Attributed) else item
            node: nodes.Node = bare.pattern if isinstance(bare, nodes.Let) else bare
            name = getattr(node, "name", None)
            variable = self.resolution.declared.get((id(node), name)) if isinstance(name, str) else None
            if variable is not None and variable.boxed:
                self.store(variable.box, self.call("Box", [], item.at), item.at)

    # --- diagnostics ---------------------------------------------------------------------------

    def unsupported(self, node: nodes.Node, what: str = "") -> UnsupportedError:
        """The refusal of a form that is parsed but not lowered yet."""
        name = what or f"`{type(node).__name__.lower().rstrip('_')}`"
        return UnsupportedError(self.diagnostic("unsupported", node, f"{name} is not supported yet"))

    def refuse(self, name: str, node: nodes.Node, message: str) -> UnsupportedError:
        """A compile error, to be raised."""
        return UnsupportedError(self.diagnostic(name, node, message))

    def diagnostic(self, name: str, node: nodes.Node, message: str) -> Diagnostic:
        """An error at a node."""
        line, column, end_line, end_column = node.at
        return Diagnostic(
            code=code(name),
            message=message,
            filename=self.source.filename,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            excerpt=self.source.line(line),
            label="here",
        )


_LEAVING = (nodes.Return, nodes.Throw, nodes.Break, nodes.Continue)

VIEWS_RULE: list[Callable[[Lowering, Sequence[nodes.Statement]], Any]] = []
"""What makes the views of a block; set by `harnlet.compile.views`."""

DEFER_RULE: list[Callable[[Lowering, nodes.Defer, Sequence[nodes.Statement], Sink], None]] = []
"""The rule for `defer`, which takes the rest of its block with it; set by `harnlet.compile.errors`."""
