"""What the resolver finds out about the names of a program, for the inference and the lowering."""

from typing import NamedTuple, TypeAlias

from harnlet.check.scope import Function, StructInfo, Variable
from harnlet.errors.diagnostic import Diagnostic
from harnlet.syntax import nodes


class Undefined:
    """A name that means nothing where it stands, with the closest one that would."""

    __slots__ = ("hint", "name")

    def __init__(self, name: str, hint: str | None) -> None:
        self.name = name
        self.hint = hint


class AliasSchema:
    """A type alias where a schema is wanted: the call gets the schema of its type."""

    __slots__ = ("type",)

    def __init__(self, type: nodes.Type) -> None:
        self.type = type


Reference: TypeAlias = Variable | str | Undefined | AliasSchema
"""What a name means: a variable, a builtin or constant of that name, a type, or nothing."""


class TailCallSite(NamedTuple):
    """A `return f(...)`: the function it stands in, the one it calls, and whether a loop is around it."""

    caller: Function
    target: Function
    in_loop: bool


class PartStore(NamedTuple):
    """`v.a[i] = e`: the variable, the names of the members on the way (None for a subscript), and what
    is stored."""

    variable: Variable
    steps: tuple[str | None, ...]
    value: nodes.Expression


class Resolution:
    """What the resolver found. Keys are the `id`s of nodes of `file`, which it keeps alive."""

    def __init__(self, file: nodes.File) -> None:
        self.file = file
        self.main: Function
        self.references: dict[int, Reference] = {}
        self.declared: dict[tuple[int, str], Variable] = {}
        self.redeclared: set[tuple[int, str]] = set()
        self.functions: dict[int, Function] = {}
        self.variables: list[Variable] = []
        self.tail_calls: dict[int, TailCallSite] = {}
        """Call node in tail position -> what it calls."""
        self.enums: set[str] = {"Result"}
        self.diagnostics: list[Diagnostic] = []
        self.missing_builtins: set[str] = set()
        self.slot_names: dict[str, Variable] = {}
        self.exports: dict[str, Variable] = {}
        self.method_names: set[str] = set()
        """The methods of all `impl` blocks of the file."""
        self.method_calls: dict[str, list[nodes.MethodCall]] = {}
        self.structs: dict[Variable, StructInfo] = {}
        self.numbered: list[StructInfo] = []
        """The same, the one with number n at place n - 1."""
        self.variants: dict[tuple[str, str], list[tuple[nodes.Expression | nodes.Spread, ...]]] = {}
        """Enum and variant -> the payloads it is made with."""
        self.part_stores: list[PartStore] = []
        self.looked_at: dict[int, str] = {}
        """Name of a variable that is only looked at, so that nothing keeps its value -> the method that is
        called on it, if one is."""
        self.known_builtins: set[str] = set()
        """The builtins that are those of this project, and no tool of that name."""
        self.method_shapes: dict[str, set[str]] = {}
        """What the methods of each name take."""
        self.has_namespaces = False
        """Some dict may pass for a namespace of functions, whose own come before the methods of dicts."""
        self.has_boxes = False
        self.aliases: dict[str, nodes.TypeAliasDeclaration] = {}
        """The type aliases at the top of the file."""
        self.made: list[nodes.Node] = []
        """Nodes that the resolver made: kept, since a freed node's `id` would come back."""
