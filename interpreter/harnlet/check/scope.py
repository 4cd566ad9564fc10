"""What the checker finds out about names: variables, the functions that own them, and scopes.

The resolver fills these in, the kind inference refines them, the lowering reads them. Rules:
docs/language.md#scopes.
"""

import re
from collections.abc import Callable
from typing import Literal, Protocol, TypeAlias

from harnlet.check.kinds import Kind
from harnlet.syntax import nodes

Origin: TypeAlias = Literal[
    "let", "var", "fn", "parameter", "for", "catch", "match", "struct", "tool", "import", "capture", "pipe"
]
"""How a name was declared; `capture` is an inner function's snapshot of an outer variable."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_]")


class Cell:
    """Something that the inference finds a kind for: the join of all its sources, within `mask`."""

    __slots__ = ("kind", "mask", "readers", "sources")

    def __init__(self) -> None:
        self.kind: int = Kind.NEVER
        self.sources: list[Source] = []
        self.mask: int = Kind.ANY
        self.readers: set[Cell] = set()
        """The cells whose kinds depend on this one."""


class Variable(Cell):
    """One declared name. `slot` is its Python name: made from the ASCII letters of the script's name,
    for readers of the generated code, and a number that no other variable of the program has, so
    that no script can choose it."""

    __slots__ = (
        "aliased",
        "assigned",
        "boxed",
        "function",
        "has_default",
        "in_loop",
        "is_value",
        "late",
        "mutable",
        "name",
        "origin",
        "owner",
        "shared",
        "slot",
    )

    def __init__(self, name: str, slot: str, origin: Origin, owner: "Function", mutable: bool) -> None:
        super().__init__()
        self.name = name
        self.slot = slot
        self.origin: Origin = origin
        self.owner = owner
        self.mutable = mutable
        self.assigned = False
        """Assigned after its declaration. A snapshot that is assigned is copied on every call."""
        self.function: Function | None = None
        """For `fn` names, and names bound to a closure literal: the function itself."""
        self.in_loop = False
        """Declared in the body of a loop: each round has its own, so inner functions take snapshots
        even of function names."""
        self.has_default = False
        """A parameter that is something without an argument."""
        self.boxed = False
        """A function of a loop's body that inner functions read before it is declared: each round keeps
        it in a box of its own, and the snapshots are of the box."""
        self.late = False
        """Inner functions read it where it is, not a snapshot: what they see is what it is when they run."""
        self.is_value = False
        """Used other than by calling it: then anybody may call the function it names."""
        self.aliased = False
        """Its value may be held by something else, too, after the variable was used."""
        self.shared = False
        """A top-level variable of an imported module, which its functions read and write in place."""

    @property
    def box(self) -> str:
        """The Python name of the box of a boxed variable."""
        return f"{self.slot}b"

    def root(self) -> "Variable":
        """The variable that a snapshot, or a snapshot of a snapshot, was taken of."""
        current = self
        while current.origin == "capture":
            outer = current.sources[0]
            assert isinstance(outer, Variable)
            current = outer
        return current

    def __repr__(self) -> str:
        return f"<{self.origin} {self.name} as {self.slot}>"


class KindOf(Protocol):
    """What the inference offers to a source that computes its kind."""

    def of(self, node: nodes.Expression) -> int:
        """The kind of an expression, as far as it is known now."""

    def read(self, cell: Cell) -> int:
        """The kind of a cell, as far as it is known now."""

    def payload(self, subject: nodes.Expression, enum: str, variant: str, place: int) -> int:
        """The kind of a field of a variant, where the subject of a `match` is one."""


Source: TypeAlias = nodes.Expression | int | Cell | Callable[[KindOf], int]
"""What can flow into a cell: the value of an expression, a kind, what is in another cell, or something
that is computed from those."""


class Scope:
    """The names declared so far between two braces. `hoisted` are the function names that the block
    will declare: inner functions may call them before they are there (docs/language.md#closures)."""

    __slots__ = ("function", "hoisted", "is_loop", "names", "parent")

    def __init__(self, function: "Function", parent: "Scope | None", is_loop: bool = False) -> None:
        self.function = function
        self.parent = parent
        self.names: dict[str, Variable] = {}
        self.hoisted: dict[str, Variable] = {}
        self.is_loop = is_loop


class Function:
    """A body that becomes one Python function: the program itself, a `fn`, a closure, a task body."""

    __slots__ = (
        "brief",
        "callback",
        "captures",
        "counted",
        "generator",
        "implicit_result",
        "in_loop",
        "jumps",
        "label",
        "late_names",
        "lenient",
        "name",
        "node",
        "open",
        "parameters",
        "parent",
        "result",
        "slot",
        "stream",
        "struct",
        "tail_calls",
        "variable",
    )

    def __init__(self, label: str, parent: "Function | None", node: object, slot: str) -> None:
        self.label = label
        """What error reports call it: its name, `pipeline`, `<closure>`, `<spawn>`, ..."""
        self.parent = parent
        self.node = node
        self.slot = slot
        self.parameters: list[Variable] = []
        self.captures: dict[Variable, Variable] = {}
        """Variable of an outer function -> this function's own snapshot of it."""
        self.generator = False
        self.stream = False
        self.implicit_result = False
        self.lenient = True
        """May be called with any number of arguments, by anybody. Otherwise only by direct calls in
        this file, which pass exactly its parameters and the call depth."""
        self.open = False
        """May be called from outside of the file, with whatever arguments."""
        self.callback: tuple[nodes.MethodCall, int] | None = None
        """For a closure that stands among the arguments of a method call, and as which of them."""
        self.struct: StructInfo | None = None
        """For a method: whose."""
        self.name = label
        self.variable: Variable | None = None
        self.counted = False
        """Is told the call depth: a function with a name, or a method."""
        self.brief = False
        """Needs no safe point, and no call depth: see `harnlet.compile.brief`."""
        self.result = Cell()
        self.jumps = False
        """Calls itself in tail position: becomes a loop."""
        self.late_names = False
        """Inner functions find functions that it declares when they are called, so each call of it needs
        names of its own."""
        self.tail_calls: list[Function] = []
        """The functions that it calls with `return f(...)`, outside of any `try` or `defer`."""
        self.in_loop = False


class StructInfo:
    """A struct of the file: everything that is known of its values."""

    __slots__ = (
        *("complete", "fields", "literals", "methods", "number"),
        *("open", "overridden", "partial", "variable"),
    )

    def __init__(self, variable: Variable, number: int, fields: tuple[str, ...]) -> None:
        self.variable = variable
        self.number = number
        self.fields: dict[str, Cell] = {name: Cell() for name in fields}
        self.literals: list[dict[str, Source]] = []
        """What its values are made with, field by field."""
        self.methods: dict[str, Function] = {}
        self.open = False
        """Values of it may be made where it is not seen with what."""
        self.overridden = False
        """Some method is declared more than once."""
        self.partial: set[str] = set()
        """Fields that some value may be made without."""
        self.complete = False
        """Its methods are there before any value of it."""


def slot_name(name: str, number: int) -> str:
    """The Python name for a script's name: see `Variable`."""
    return f"{_UNSAFE.sub('', name) or 'u'}_{number}"
