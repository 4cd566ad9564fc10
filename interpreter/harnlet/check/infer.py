"""The kinds of variables, parameters, results and fields of a whole file, by iteration to a fixed point.

It starts from "nothing seen" everywhere and adds what flows in, so it ends; and it is exact about who
calls a function only for functions that nobody can call but by name in this file. That is what makes
annotations unnecessary for speed: `fib(27)` tells that `n` is an int.
"""

from collections.abc import Callable
from typing import Any

from harnlet.check.kinds import (
    Kind,
    closure_kind,
    closure_numbers,
    elements,
    is_only,
    iterated,
    of_binary,
    of_index,
    range_of,
    stored,
    struct_kind,
    struct_numbers,
    within,
)
from harnlet.check.resolution import PartStore, Resolution
from harnlet.check.results import (
    BUILTIN_RESULTS,
    CALLING,
    CONSTANT_KINDS,
    DICT_METHODS,
    ITER_METHODS,
    LIST_CALLBACKS,
    LIST_METHODS,
    RESULTS_OF,
    TEXT_METHODS,
)
from harnlet.check.scope import Cell, Function, KindOf, Source, StructInfo, Variable
from harnlet.syntax import nodes

_CONSTANT_KINDS: dict[type[Any], int] = {
    nodes.Nil: Kind.NIL,
    nodes.Bool: Kind.BOOL,
    nodes.Float: Kind.FLOAT,
    nodes.String: Kind.STRING,
    nodes.Interpolated: Kind.STRING,
    nodes.Duration: Kind.OTHER,
    nodes.Spawn: Kind.OTHER,
}

_STEP = 1 << 32
"""Adding or taking away less than this, as often as a program can, makes no large number."""


class Kinds:
    """Answers `of(expression)` once `settle()` has run."""

    are_known = True

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        self.references = resolution.references
        self.payloads: dict[tuple[str, str, int], Cell] = {}
        self._rules: dict[type[Any], Callable[[Any], int]] = {
            nodes.Int: lambda node: Kind.COUNT if node.value < _STEP else Kind.COUNT | Kind.LARGE,
            nodes.Range: lambda node: range_of(self.of(node.start)),
            nodes.Name: self._name,
            nodes.List: self._list,
            nodes.Dict: self._dict,
            nodes.Binary: self._binary,
            nodes.Unary: self._unary,
            nodes.Ternary: lambda node: self.of(node.then) | self.of(node.otherwise),
            nodes.Closure: self._closure,
            nodes.Call: self._call,
            nodes.MethodCall: self._method_call,
            nodes.Member: self._member,
            nodes.Index: self._index,
            nodes.Slice: lambda node: self.of(node.object) & (Kind.STRING | Kind.LIST),
            nodes.StructLiteral: self._struct_literal,
            nodes.If: self._if,
            nodes.Match: self._match,
        }
        self._declaring: dict[str, list[StructInfo]] = {}
        """Name of a field -> the structs that have it."""
        self._closures = [
            function
            for function in resolution.functions.values()
            if isinstance(function.node, nodes.Closure)
        ]
        self._closure_kinds = {
            id(function.node): closure_kind(number + 1) for number, function in enumerate(self._closures)
        }
        self._reader: Cell | None = None
        self._pending: list[Cell] = []
        self._found: dict[int, int] | None = None

    # --- the fixed point -----------------------------------------------------------------------

    def settle(self) -> None:
        """Run to the fixed point."""
        cells: list[Cell] = list(self.resolution.variables)
        for function in self.resolution.functions.values():
            self._open_parameters(function)
            if function.generator or function.stream:
                function.result.sources = [Kind.OTHER]
            cells.append(function.result)
        for struct in self.resolution.structs.values():
            cells += self._fields(struct)
            for name in struct.fields:
                self._declaring.setdefault(name, []).append(struct)
        for store in self.resolution.part_stores:
            self._store_part(store)
        self._pending = cells[::-1]
        waiting = set(cells)
        while self._pending:
            cell = self._pending.pop()
            waiting.discard(cell)
            self._reader = cell
            kind = cell.kind
            for source in cell.sources:
                kind |= self.of_source(source)
            kind &= cell.mask
            if kind != cell.kind:
                cell.kind = kind
                for reader in cell.readers:
                    if reader not in waiting:
                        waiting.add(reader)
                        self._pending.append(reader)
        self._reader = None
        self._found = {}

    def _open_parameters(self, function: Function) -> None:
        """What can come in from where the file does not show it."""
        if function.struct is not None and not function.open:
            self._method_parameters(function)
        elif function.callback is not None:
            method, place = function.callback
            for number, parameter in enumerate(function.parameters):
                parameter.sources.append(self._handed(method, place, number))
        elif function.lenient or function.open:
            for parameter in function.parameters:
                parameter.sources.append(Kind.ANY)

    def _handed(self, method: nodes.MethodCall, place: int, number: int) -> Source:
        """What a method gives to its callback as the argument with that number."""

        def kind(kinds: Kinds) -> int:
            # nil has no method that could call anything.
            receiver = kinds.of(method.object) & ~Kind.NIL
            if receiver == Kind.NEVER:
                return Kind.NEVER
            called = LIST_CALLBACKS.get(method.name)
            if called is None or not is_only(receiver, CALLING) or called != place or method.optional:
                return Kind.ANY
            item = iterated(receiver)
            if method.name != "reduce":
                return item if number == 0 else Kind.NIL
            if number == 0:
                first, result = kinds._arguments(method)[:2]
                return first | result
            return item if number == 1 else Kind.NIL

        return kind  # type: ignore[return-value]  # it is only ever called with a `Kinds`

    def _method_parameters(self, function: Function) -> None:
        """The parameters of a method: its receiver, and what the calls of that name in the file give."""
        assert function.struct is not None
        for number, parameter in enumerate(function.parameters):
            if number == 0:
                parameter.sources.append(struct_kind(function.struct.number))
                continue
            for call in self.resolution.method_calls.get(function.name, ()):
                if any(isinstance(argument, nodes.Spread) for argument in call.arguments):
                    parameter.sources.append(Kind.ANY)
                elif number <= len(call.arguments):
                    argument = call.arguments[number - 1]
                    assert not isinstance(argument, nodes.Spread)
                    parameter.sources.append(argument)
                elif not parameter.has_default:
                    parameter.sources.append(Kind.NIL)

    def _fields(self, struct: StructInfo) -> list[Cell]:
        if struct.open or struct.variable.is_value:
            struct.partial.update(struct.fields)
            for cell in struct.fields.values():
                cell.sources.append(Kind.ANY)
        for given in struct.literals:
            for name, cell in struct.fields.items():
                if name in given:
                    cell.sources.append(given[name])
                else:
                    struct.partial.add(name)
                    cell.sources.append(Kind.NIL)
        return list(struct.fields.values())

    def _store_part(self, store: PartStore) -> None:
        """`v.a[i].b = e`: what that adds to the elements of `v`, and to the fields of structs in it."""
        value, steps = store.value, store.steps
        depth = len(steps)
        variable = store.variable

        def added(kinds: KindOf) -> int:
            return stored(kinds.read(variable), depth, kinds.of(value))

        variable.sources.append(added)
        for place, step in enumerate(steps):
            if step is None:
                continue
            for struct in self._declaring.get(step, ()):
                cell = struct.fields[step]
                cell.sources.append(self._stored_in(variable, struct, cell, value, depth - 1 - place))

    def _stored_in(
        self, variable: Variable, struct: StructInfo, cell: Cell, value: nodes.Expression, levels: int
    ) -> Source:
        number = struct.number

        def kind(kinds: KindOf) -> int:
            held = kinds.read(variable)
            if not held & Kind.STRUCTS or number not in (struct_numbers(held) or (number,)):
                return Kind.NEVER
            return kinds.of(value) if levels == 0 else stored(kinds.read(cell), levels, kinds.of(value))

        return kind

    # --- the kinds of expressions --------------------------------------------------------------

    def read(self, cell: Cell) -> int:
        """The kind of a cell; who asks is asked again when it grows."""
        if self._reader is not None:
            cell.readers.add(self._reader)
        return cell.kind

    def of_source(self, source: Source) -> int:
        """The kind of one thing that is stored in a variable."""
        if isinstance(source, int):
            return source
        if isinstance(source, Cell):
            return self.read(source)
        if isinstance(source, nodes.Node):
            return self.of(source)
        return source(self)

    def of(self, node: nodes.Expression) -> int:
        """The kind of an expression, as far as it is known now."""
        found = self._found
        if found is not None:
            known = found.get(id(node))
            if known is not None:
                return known
        kind = _CONSTANT_KINDS.get(type(node))
        if kind is None:
            rule = self._rules.get(type(node))
            kind = Kind.ANY if rule is None else rule(node)
        if found is not None:
            found[id(node)] = kind
        return kind

    def _name(self, node: nodes.Name) -> int:
        reference = self.references.get(id(node))
        if isinstance(reference, Variable):
            return self.read(reference)
        if isinstance(reference, str):
            return CONSTANT_KINDS.get(reference, Kind.ANY)
        return Kind.NEVER if reference is None else Kind.ANY

    def _list(self, node: nodes.List) -> int:
        kind = Kind.LIST_BIT
        for item in node.items:
            if isinstance(item, nodes.Spread):
                spread = self.of(item.value)
                kind |= within(elements(spread)) if spread & Kind.LIST_BIT else Kind.NEVER
            else:
                kind |= within(self.of(item))
        return kind

    def _dict(self, node: nodes.Dict) -> int:
        kind = Kind.DICT_BIT
        for entry in node.entries:
            inner = self.of(entry.value)
            if isinstance(entry, nodes.Spread):
                inner = elements(inner) if inner & Kind.DICT_BIT else Kind.NEVER
            kind |= within(inner)
        return kind

    def _binary(self, node: nodes.Binary) -> int:
        chain: list[nodes.Binary] = []
        current: nodes.Expression = node
        while isinstance(current, nodes.Binary):
            chain.append(current)
            current = current.left
        kind = self.of(current)
        for link in reversed(chain):
            kind = self.of_link(link, kind)
        return kind

    def of_link(self, link: nodes.Binary, left: int) -> int:
        """The kind of one operator of a chain, whose left operand is of kind `left`."""
        kind = of_binary(link.operator, left, self.of(link.right))
        small = isinstance(link.right, nodes.Int) and link.right.value < _STEP
        if small and link.operator in ("+", "-") and not left & Kind.LARGE:
            return kind & ~Kind.LARGE if kind & Kind.INT else kind
        return kind

    def _unary(self, node: nodes.Unary) -> int:
        if node.operator == "!":
            return Kind.BOOL
        kind = self.of(node.operand)
        return (kind & Kind.NUMBER) | (Kind.NEGATIVE if kind & Kind.INT else Kind.NEVER)

    def _call(self, node: nodes.Call) -> int:
        if isinstance(node.callee, nodes.Name):
            reference = self.references.get(id(node.callee))
            if isinstance(reference, Variable):
                if reference.function is not None:
                    return self.read(reference.function.result)
                struct = self.resolution.structs.get(reference.root())
                if struct is not None:
                    return struct_kind(struct.number)
                return self._called(self.read(reference))
            if isinstance(reference, str) and reference in self.resolution.known_builtins:
                return BUILTIN_RESULTS.get(reference, Kind.ANY)
        return Kind.ANY

    def _closure(self, node: nodes.Closure) -> int:
        return self._closure_kinds[id(node)]

    def _called(self, kind: int) -> int:
        """The kind of what a call of a value of that kind gives, when it does not raise."""
        if kind & Kind.OTHER:
            return Kind.ANY
        numbers = closure_numbers(kind) if kind & Kind.CLOSURE_BIT else []
        if numbers is None:
            return Kind.ANY
        result = Kind.NEVER
        for number in numbers:
            result |= self.read(self._closures[number - 1].result)
        return result

    def _arguments(self, node: nodes.MethodCall) -> list[int]:
        """The kinds of the arguments; of the one whose results matter, that of those."""
        called = RESULTS_OF.get(node.name)
        return [
            self._called(self._argument(argument)) if place == called else self._argument(argument)
            for place, argument in enumerate(node.arguments)
        ]

    def _argument(self, node: nodes.Expression | nodes.Spread) -> int:
        return Kind.ANY if isinstance(node, nodes.Spread) else self.of(node)

    def _is_enum(self, node: nodes.Expression) -> bool:
        return isinstance(node, nodes.Name) and id(node) not in self.references

    def _method_call(self, node: nodes.MethodCall) -> int:
        if self._is_enum(node.object):
            return Kind.ENUM
        receiver = self.of(node.object)
        nothing = receiver & Kind.NIL
        receiver &= ~Kind.NIL
        return nothing if receiver == Kind.NEVER else nothing | self._method_of(receiver, node)

    def _method_of(self, receiver: int, node: nodes.MethodCall) -> int:
        """What a method gives for a receiver of that kind, which is not nil."""
        if is_only(receiver, Kind.STRUCT):
            return self._own_method(node.name, receiver)
        if any(isinstance(argument, nodes.Spread) for argument in node.arguments):
            return Kind.ANY
        for only, table in (
            (Kind.LIST, LIST_METHODS),
            (Kind.STRING, TEXT_METHODS),
            (Kind.DICT, DICT_METHODS),
            (Kind.ITER | Kind.RANGE, ITER_METHODS),
        ):
            if is_only(receiver, only):
                rule = table.get(node.name)
                if rule is None or (only == Kind.DICT and self.resolution.has_namespaces):
                    return Kind.ANY
                return rule(receiver, self._arguments(node))
        return Kind.ANY

    def _own_method(self, name: str, receiver: int) -> int:
        numbers = struct_numbers(receiver)
        if numbers is None:
            return Kind.ANY
        kind = Kind.NEVER
        for number in numbers:
            struct = self.resolution.numbered[number - 1]
            function = struct.methods.get(name)
            if function is None or struct.overridden:
                return Kind.ANY
            kind |= self.read(function.result) | (Kind.NEVER if struct.complete else Kind.NIL)
        return kind

    def _member(self, node: nodes.Member) -> int:
        if self._is_enum(node.object):
            return Kind.ENUM
        receiver = self.of(node.object)
        if receiver & Kind.OTHER:
            return Kind.ANY
        kind = Kind.NIL if node.optional else Kind.NEVER
        name = node.name
        if receiver & Kind.DICT_BIT:
            kind |= elements(receiver) | Kind.NIL
        if receiver & Kind.STRUCT_BIT:
            kind |= self._field(name, receiver)
        if receiver & (Kind.LIST_BIT | Kind.STRING):
            kind |= _COLLECTION_MEMBERS.get(name, Kind.NIL)
            if name in ("first", "last"):
                kind |= elements(receiver) | Kind.NIL
        if receiver & Kind.ENUM:
            kind |= {"variant": Kind.STRING, "fields": Kind.LIST}.get(name, Kind.NIL)
        return kind

    def _field(self, name: str, receiver: int) -> int:
        numbers = struct_numbers(receiver)
        if numbers is None:
            return Kind.ANY
        kind = Kind.NEVER
        for number in numbers:
            cell = self.resolution.numbered[number - 1].fields.get(name)
            kind |= Kind.ANY if cell is None else self.read(cell)
        return kind

    def _index(self, node: nodes.Index) -> int:
        kind = of_index(self.of(node.object))
        return kind | Kind.NIL if node.optional else kind

    def _struct_literal(self, node: nodes.StructLiteral) -> int:
        reference = self.references.get(id(node))
        struct = self.resolution.structs.get(reference.root()) if isinstance(reference, Variable) else None
        return Kind.STRUCT_BIT | Kind.FOREIGN if struct is None else struct_kind(struct.number)

    def payload(self, subject: nodes.Expression, enum: str, variant: str, place: int) -> int:
        """The kind of a field of a variant, where the subject of a `match` is one."""
        kind = self.of(subject)
        if kind & Kind.OTHER:
            return Kind.ANY
        cell = self.payloads.get((enum, variant, place))
        if cell is None:
            cell = self.payloads[enum, variant, place] = Cell()
            for arguments in self.resolution.variants.get((enum, variant), ()):
                if any(isinstance(argument, nodes.Spread) for argument in arguments):
                    cell.sources.append(Kind.ANY)
                elif place < len(arguments):
                    cell.sources.append(arguments[place])  # type: ignore[arg-type]  # no spread, as seen
                else:
                    cell.sources.append(Kind.NIL)
            self._pending.append(cell)
        return self.read(cell)

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


_COLLECTION_MEMBERS = {"count": Kind.COUNT, "empty": Kind.BOOL}


class UnknownKinds(Kinds):
    """Knows nothing: everything is compiled to the guarded operators. What a program does must not depend
    on which of the two it was compiled with, and a test compares them."""

    are_known = False

    def settle(self) -> None:
        """Nothing to find out."""

    def of(self, node: nodes.Expression) -> int:
        """Anything."""
        return Kind.ANY

    def of_source(self, source: Source) -> int:
        """Anything."""
        return Kind.ANY

    def of_link(self, link: nodes.Binary, left: int) -> int:
        """Anything."""
        return Kind.ANY

    def payload(self, subject: nodes.Expression, enum: str, variant: str, place: int) -> int:
        """Anything."""
        return Kind.ANY
