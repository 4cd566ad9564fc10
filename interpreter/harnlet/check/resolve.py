"""Names to variables: which declaration each name of a program means, and what each function captures.

One walk in source order, since a name means the nearest declaration that stands before it; only the
names of functions and structs may be used by inner functions ahead of their declaration. The rules for
the forms of the language are in `resolve_statements` and `resolve_expressions`. Rules:
docs/language.md#scopes and docs/language.md#closures.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias, TypeVar

from harnlet.check.imports import Imports
from harnlet.check.kinds import Kind
from harnlet.check.nearest import nearest_name
from harnlet.check.resolution import AliasSchema, Reference, Resolution, TailCallSite, Undefined
from harnlet.check.results import REMAKERS
from harnlet.check.scope import Function, Origin, Scope, Source, Variable, slot_name
from harnlet.check.shape import always_leaves, declares_generator, inner_statements, parameter_mask
from harnlet.errors.codes import code
from harnlet.errors.diagnostic import Diagnostic
from harnlet.errors.hierarchy import SourceError
from harnlet.syntax import nodes
from harnlet.syntax.source import Source as SourceText

_MOST_LEVELS = 500
"""Of expressions inside each other. The parser caps brackets and blocks; chains of members, subscripts and
calls have none, and each link is a level here and in CPython's compiler."""

_DECLARING = (
    *(nodes.Struct, nodes.Impl, nodes.Function),
    *(nodes.Enum, nodes.Interface, nodes.TypeAliasDeclaration),
)

UNSHADOWABLE = frozenset({"await", "cancel", "cancel_graceful", "is_cancelled"})

Severity: TypeAlias = Literal["error", "warning"]

RULES: dict[type[Any], Callable[["Resolver", Any], None]] = {}
_Rule = TypeVar("_Rule", bound=Callable[["Resolver", Any], None])


def resolves(*classes: type[Any]) -> Callable[[_Rule], _Rule]:
    """Register the rule that resolves the names in a node class."""

    def register(rule: _Rule) -> _Rule:
        for cls in classes:
            RULES[cls] = rule
        return rule

    return register


class Resolver:
    """One use: `Resolver(...).run()`.

    `builtins` are the names of builtin functions, `constants` the predefined values; `provided` tells
    for names that are not loaded which plugin provides them.
    """

    def __init__(
        self,
        file: nodes.File,
        source: SourceText,
        plan: Iterable[tuple[nodes.Statement, ...]],
        builtins: Mapping[str, object],
        constants: Iterable[str],
        provided: Mapping[str, str],
        parameters: Iterable[str] = (),
        module: bool = False,
        imports: Imports | None = None,
    ) -> None:
        self.result = Resolution(file)
        self.source = source
        self.plan = [tuple(part) for part in plan]
        self.entry_parameters = tuple(parameters)
        self.builtins = builtins
        self.constants = frozenset(constants)
        self.provided = provided
        self.module = module
        self.imports = Imports() if imports is None else imports
        self.result.enums |= self.imports.enums
        self.counter = 0
        self.protected = 0
        self.loops = 0
        self.at_file_level = True
        """Outside of any pipeline."""
        self.depth = 0
        self.unchecked = 0
        """Inside how many interpolations."""
        self.declared_somewhere: set[str] = set()
        self.structs: set[str] = set()
        self.deprecated: dict[str, nodes.Attribute] = {}
        self.aliases: dict[str, nodes.TypeAliasDeclaration] = {}
        main = Function("pipeline", None, file, "main")
        main.implicit_result = True
        self.function = main
        self.file_scope = self.scope = Scope(main, Scope(main, None))
        self.result.main = main
        self.result.functions[id(file)] = main
        self.direct_calls: list[tuple[Variable, tuple[nodes.Expression, ...]]] = []
        """Calls by name; settled at the end, since the function may be declared further down."""
        self.returned_calls: list[tuple[nodes.Call | nodes.Pipe, Function, Variable, bool]] = []
        self.may_yield = "yield" in source.text
        self.result.has_namespaces = "_namespace" in source.text
        self.remakes_structs = False
        """Some builtin is called that makes structs anew, with other values in their fields."""
        self.early_methods: set[int] = set()
        self.operands = 0
        """How many expressions stand around, within the statement."""
        self.inside_operand = 0
        """In a block that is part of a larger expression, and of how many."""
        self.returning = False
        """In what the function gives back: afterwards nothing of it runs that could change its variables."""
        self.iterating: list[Variable] = []
        """The variables whose values the loops around run over."""
        self.inspected: list[tuple[Variable, str]] = []
        """Calls of built-in methods on variables; settled at the end, when the own methods are known."""

    def run(self) -> Resolution:
        """Walk the program: the parts of its plan share one scope, each a child of the one before."""
        for statement in inner_statements(self.result.file.items):
            if isinstance(statement, nodes.Enum):
                self.result.enums.add(statement.name)
            elif isinstance(statement, nodes.Function | nodes.Tool | nodes.Pipeline | nodes.Struct):
                self.declared_somewhere.add(statement.name)
                if isinstance(statement, nodes.Struct):
                    self.structs.add(statement.name)
            elif isinstance(statement, nodes.Let) and isinstance(statement.pattern, nodes.NamePattern):
                self.declared_somewhere.add(statement.pattern.name)
        for item in self.result.file.items:
            if isinstance(item, nodes.Attributed) and isinstance(item.declaration, nodes.Function):
                for attribute in item.attributes:
                    if attribute.name == "deprecated":
                        self.deprecated[item.declaration.name] = attribute
            elif isinstance(item, nodes.TypeAliasDeclaration):
                self.aliases[item.name] = self.result.aliases[item.name] = item
        for index, part in enumerate(self.plan):
            self.at_file_level = index == 0
            if index:
                self.scope = Scope(self.function, self.scope)
                if index == 1:
                    for name in self.entry_parameters:
                        variable = self.declare(self.result.file, name, "parameter", False)
                        variable.sources.append(Kind.ANY)
                        self.function.parameters.append(variable)
            self.hoist(part)
            self._find_early_methods(part)
            for statement in part:
                self.statement(statement)
        if self.module:
            self.result.exports = {
                **(self.scope.parent.names if self.scope.parent else {}),
                **self.scope.names,
            }
        self._settle_calls()
        return self.result

    def _find_early_methods(self, statements: Iterable[nodes.Statement]) -> None:
        """The `impl` blocks that run before anybody can have made a value of their struct."""
        seen = False
        for statement in statements:
            bare = statement.declaration if isinstance(statement, nodes.Attributed) else statement
            seen |= isinstance(bare, nodes.Struct)
            if isinstance(bare, nodes.Impl):
                self.early_methods.add(id(bare))
            elif seen and not isinstance(bare, _DECLARING):
                return

    def _settle_calls(self) -> None:
        """Now that every function is known: who can be called by others, with which arguments, and which
        calls are in tail position."""
        for variable in self.result.variables:
            if variable.is_value:
                if variable.function is not None:
                    variable.function.lenient = True
                struct = self.result.structs.get(variable.root())
                if struct is not None:
                    struct.open = True
            if variable.origin == "capture":
                variable.root().aliased = True
        if self.remakes_structs or self.module:
            for struct in self.result.structs.values():
                struct.open = True
        for variable, name in self.inspected:
            variable.aliased |= name in self.result.method_names
        for variable, arguments in self.direct_calls:
            if variable.function is None:
                continue
            for index, parameter in enumerate(variable.function.parameters):
                if index < len(arguments):
                    parameter.sources.append(arguments[index])
                elif not parameter.has_default:
                    parameter.sources.append(Kind.NIL)
        for node, caller, variable, in_loop in self.returned_calls:
            if variable.function is not None:
                caller.tail_calls.append(variable.function)
                self.result.tail_calls[id(node)] = TailCallSite(caller, variable.function, in_loop)
                caller.jumps |= caller is variable.function and not in_loop and not caller.late_names

    # --- scopes and variables ------------------------------------------------------------------

    def _new_variable(
        self, name: str, origin: Origin, mutable: bool, owner: Function | None = None
    ) -> Variable:
        self.counter += 1
        variable = Variable(name, slot_name(name, self.counter), origin, owner or self.function, mutable)
        self.result.variables.append(variable)
        self.result.slot_names[variable.slot] = variable
        return variable

    def declare(
        self, node: nodes.Node, name: str, origin: Origin, mutable: bool, source: Source | None = None
    ) -> Variable:
        scope = self.scope
        key = (id(node), name)
        variable = self.result.declared.get(key) or self._new_variable(name, origin, mutable)
        old = scope.names.get(name)
        if old is not None and not old.mutable and not mutable and old is not variable:
            self.result.redeclared.add(key)
        variable.in_loop = self.loops > 0
        variable.shared = self.module and scope is self.file_scope and origin in ("let", "var")
        if source is not None:
            variable.sources.append(source)
        self.result.declared[key] = variable
        if name != "_" or origin == "pipe":
            scope.names[name] = variable
        return variable

    def hoist(self, statements: Iterable[nodes.Statement]) -> None:
        """Make the variables of the functions and structs that a block will declare."""
        for statement in statements:
            inner = statement.declaration if isinstance(statement, nodes.Attributed) else statement
            if isinstance(inner, nodes.Function | nodes.Struct):
                origin: Origin = "fn" if isinstance(inner, nodes.Function) else "struct"
                name, mutable = inner.name, False
                node: nodes.Node = inner
            elif (
                isinstance(inner, nodes.Let)
                and isinstance(inner.pattern, nodes.NamePattern)
                and isinstance(inner.value, nodes.Closure)
            ):
                name, node, mutable = inner.pattern.name, inner.pattern, inner.mutable
                origin = "var" if mutable else "let"
            else:
                continue
            variable = self._new_variable(name, origin, mutable)
            variable.in_loop = self.loops > 0
            self.result.declared[(id(node), name)] = variable
            self.scope.hoisted.setdefault(name, variable)

    def open(self, is_loop: bool = False) -> None:
        self.scope = Scope(self.function, self.scope, is_loop)

    def close(self) -> None:
        assert self.scope.parent is not None
        self.scope = self.scope.parent

    def lookup(self, name: str) -> Variable | None:
        scope: Scope | None = self.scope
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return self._reach(found)
            scope = scope.parent
        scope = self.scope
        while scope is not None:
            found = scope.hoisted.get(name)
            if found is not None:
                if found.owner is not self.function and found.in_loop:
                    found.boxed = found.is_value = self.result.has_boxes = True
                    return self._reach(found)
                if found.owner is not self.function:
                    found.owner.late_names = found.late = True
                return found
            scope = scope.parent
        return None

    def _reach(self, variable: Variable) -> Variable:
        """The variable as the current function sees it: its own, a late-bound one, or a snapshot."""
        if variable.owner is self.function:
            return variable
        if variable.shared or self._is_inside(variable.function):
            variable.late = True
            return variable
        if variable.origin in ("fn", "struct") and not variable.in_loop:
            variable.owner.late_names = variable.late = True
            return variable
        chain: list[Function] = []
        function: Function | None = self.function
        while function is not None and function is not variable.owner:
            chain.append(function)
            function = function.parent
        current = variable
        for function in reversed(chain):
            known = function.captures.get(current)
            if known is None:
                known = self._new_variable(variable.name, "capture", variable.mutable, function)
                known.sources.append(current)
                known.function = variable.function
                known.in_loop = variable.in_loop
                function.captures[current] = known
            current = known
        return current

    def _is_inside(self, function: Function | None) -> bool:
        """Whether the code being resolved stands in a function, which then knows itself by its name."""
        current: Function | None = self.function if function is not None else None
        while current is not None and current is not function:
            current = current.parent
        return current is not None

    def _visible_names(self) -> set[str]:
        names: set[str] = set()
        scope: Scope | None = self.scope
        while scope is not None:
            names.update(scope.names)
            scope = scope.parent
        return names

    def inspect(self, node: nodes.Expression) -> None:
        """Resolve an expression whose value is looked at and not kept, whatever becomes of it."""
        if type(node) is nodes.Name:
            self.refer(node, called=False, kept=False)
        else:
            self.expression(node)

    def refer(self, node: nodes.Name, called: bool, kept: bool = True) -> Reference:
        name = node.name
        reference: Reference
        variable = None if called and name in UNSHADOWABLE else self.lookup(name)
        if variable is not None:
            reference = variable
            variable.is_value |= not called
            if kept and not self.returning:
                variable.aliased = True
            else:
                self.result.looked_at[id(node)] = ""
        elif name in self.builtins or name in self.constants:
            reference = name
            self._note_builtin(name)
        elif called:
            reference = self._undefined_call(node)
        else:
            self._report_provided(node)
            names = {*self._visible_names(), *self.builtins, *self.constants}
            reference = Undefined(name, nearest_name(name, names) if name != "_" else None)
        self.result.references[id(node)] = reference
        return reference

    def _note_builtin(self, name: str) -> None:
        """Whether a builtin is the one of this project, of which more is known, or one that the embedder
        gave that name."""
        if name in REMAKERS:
            self.remakes_structs = True
        if str(getattr(self.builtins.get(name), "home", "")).startswith("harnlet_builtins."):
            self.result.known_builtins.add(name)

    def _undefined_call(self, node: nodes.Name) -> Reference:
        name = node.name
        if self._report_provided(node):
            return Undefined(name, None)
        hint = nearest_name(name, self.builtins)
        known = self.unchecked or name in self.declared_somewhere or name in self.result.enums
        if not known and not name.startswith(("__", "hostlib_")):
            close = nearest_name(name, {*self.builtins, *self.declared_somewhere, *self._visible_names()})
            self.report(
                "undefined-call",
                node,
                f"call target `{name}` is not defined or imported"
                + (f" — did you mean `{close}`?" if close else ""),
            )
        return Undefined(name, hint)

    def _report_provided(self, node: nodes.Name) -> bool:
        plugin = self.provided.get(node.name)
        if plugin is None or node.name in self.declared_somewhere:
            return False
        self.report(
            "plugin-missing",
            node,
            f"`{node.name}` is provided by the plugin `{plugin}`, which is not loaded",
            help=f"load it: Interpreter(plugins=[..., {plugin!r}])",
        )
        return True

    def report(
        self, name: str, node: nodes.Node, message: str, help: str = "", severity: Severity = "error"
    ) -> None:
        """Add a diagnostic about a node."""
        line, column, end_line, end_column = node.at
        self.result.diagnostics.append(
            Diagnostic(
                code=code(name),
                message=message,
                filename=self.source.filename,
                line=line,
                column=column,
                end_line=end_line,
                end_column=end_column,
                excerpt=self.source.line(line),
                severity=severity,
                label="here" if severity == "error" else "",
                help=help,
            )
        )

    # --- functions -----------------------------------------------------------------------------

    def function_of(
        self,
        node: nodes.Node,
        label: str,
        parameters: Iterable[nodes.Parameter],
        body: nodes.Block,
        *,
        implicit: bool,
        variable: Variable | None = None,
        stream: bool = False,
    ) -> Function:
        self.counter += 1
        function = Function(label, self.function, node, slot_name(label.strip("<>"), self.counter))
        function.implicit_result = implicit
        function.name = getattr(node, "name", label)
        function.variable = variable
        function.counted = variable is not None
        function.stream = stream
        function.generator = self.may_yield and not stream and declares_generator(body)
        function.in_loop = self.loops > 0
        self.result.functions[id(node)] = function
        if variable is not None and not variable.mutable:
            variable.function = function
            function.lenient = False
        outer = self.function, self.scope, self.protected, self.loops, self.operands, self.inside_operand
        self.function, self.protected, self.loops, self.operands, self.inside_operand = function, 0, 0, 0, 0
        self.scope = Scope(function, self.scope)
        for parameter in parameters:
            if parameter.default is not None:
                self.expression(parameter.default)
            declared = self.declare(parameter, parameter.name, "parameter", False)
            declared.mask = Kind.LIST if parameter.rest else parameter_mask(parameter.type)
            declared.has_default = parameter.default is not None or parameter.rest
            if parameter.default is not None:
                declared.sources.append(parameter.default)
            if parameter.rest:
                declared.sources.append(Kind.LIST)
            function.parameters.append(declared)
        self.hoist(body.statements)
        last = body.statements[-1] if body.statements else None
        for statement in body.statements:
            if implicit and statement is last and isinstance(last, nodes.ExpressionStatement):
                self.given_back(last.expression)
            else:
                self.statement(statement)
        if implicit and isinstance(last, nodes.ExpressionStatement):
            function.result.sources.append(last.expression)
        elif not always_leaves(body):
            function.result.sources.append(Kind.NIL)
        self.function, self.scope, self.protected, self.loops, self.operands, self.inside_operand = outer
        return function

    def given_back(self, node: nodes.Expression) -> None:
        """Resolve what a function returns."""
        self.returning = not self.protected
        self.expression(node)
        self.returning = False

    def task(
        self, node: nodes.Spawn | nodes.Parallel, label: str, variable: str | None, source: Source
    ) -> None:
        parameters = [] if variable is None else [nodes.Parameter(node.at, variable)]
        self.result.made.extend(parameters)
        self.function_of(node, label, parameters, node.body, implicit=True)
        if variable is not None:
            self.result.functions[id(node)].parameters[0].sources.append(source)

    def schema_argument(self, node: object) -> bool:
        """Resolve what stands where a schema is wanted, if it is the name of a type alias."""
        if not isinstance(node, nodes.Name) or node.name not in self.aliases or self.lookup(node.name):
            return False
        self.result.references[id(node)] = AliasSchema(self.aliases[node.name].type)
        return True

    # --- walking -----------------------------------------------------------------------------

    def statement(self, node: nodes.Statement) -> None:
        """Resolve one statement in the current scope."""
        operands, returning = self.operands, self.returning
        self.inside_operand += operands > 1
        self.operands, self.returning = 0, False
        RULES[type(node)](self, node)
        self.operands, self.returning = operands, returning
        self.inside_operand -= operands > 1

    def block(self, block: nodes.Block, is_loop: bool = False) -> None:
        """Resolve a block in a scope of its own."""
        self.open(is_loop)
        self.hoist(block.statements)
        for statement in block.statements:
            self.statement(statement)
        self.close()

    def protected_block(self, block: nodes.Block) -> None:
        self.protected += 1
        self.block(block)
        self.protected -= 1

    def expression(self, node: nodes.Expression) -> None:
        """Resolve the names of an expression."""
        self.depth += 1
        if self.depth > _MOST_LEVELS:
            self.result.diagnostics.clear()
            message = f"an expression of more than {_MOST_LEVELS} levels: `a.b.c` and the like count, too"
            self.report("nested-too-deep", node, message, help="give a name to a part of it")
            raise SourceError(self.result.diagnostics)
        self.operands += 1
        RULES[type(node)](self, node)
        self.operands -= 1
        self.depth -= 1

    def expressions(self, items: Iterable[nodes.Expression | nodes.Spread]) -> None:
        """Resolve a list of expressions or spreads, in order."""
        for item in items:
            self.expression(item.value if isinstance(item, nodes.Spread) else item)

    def is_enum(self, node: nodes.Expression) -> bool:
        return (
            isinstance(node, nodes.Name) and node.name in self.result.enums and self.lookup(node.name) is None
        )
