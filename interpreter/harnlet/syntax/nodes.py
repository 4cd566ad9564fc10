"""The nodes that a parsed Harnlet program is made of.

Every node is slotted and, for type checkers, frozen; `at` says where in the source it stands.
The lowering, the checker, the formatter and the tests all read these classes and nothing else of
the syntax phase. Rules: docs/language.md#grammar.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, TypeVar, cast, dataclass_transform

Span: TypeAlias = tuple[int, int, int, int]
"""Where a node stands: line, column, end line, end column. Lines and columns count from 1 in code
points; the end column is the first one after the node."""

_DATA = frozenset((Span, str, bool, int, float, str | None))
"""Of fields that hold no node."""

_NodeType = TypeVar("_NodeType", bound=type)


@dataclass_transform(frozen_default=True)
def node(cls: _NodeType) -> _NodeType:
    """Make a slotted node class from its annotations, like a dataclass.

    Not a real dataclass, for two reasons that were measured on CPython 3.11: making these seventy took
    35 ms of every start, and a frozen one takes four times as long to construct, while the parser makes
    a node for nearly every token. Type checkers see a frozen dataclass.
    """
    names = [*getattr(cls, "FIELDS", ()), *cls.__annotations__]
    defaults = {name: vars(cls)[name] for name in cls.__annotations__ if name in vars(cls)}
    inner = [name for name, annotation in cls.__annotations__.items() if annotation not in _DATA]
    parameters = ", ".join(f"{name}=_{name}" if name in defaults else name for name in names)
    body = "\n".join(f"    self.{name} = {name}" for name in names) or "    pass"
    scope = {f"_{name}": value for name, value in defaults.items()}
    exec(f"def __init__(self, {parameters}):\n{body}", scope)
    members = {
        name: value
        for name, value in vars(cls).items()
        if name not in defaults and name not in ("__dict__", "__weakref__")
    }
    members |= {
        "__slots__": tuple(cls.__annotations__),
        "__init__": scope["__init__"],
        "__match_args__": tuple(names),
        "FIELDS": tuple(names),
        "INNER": (*getattr(cls, "INNER", ()), *inner),
    }
    made: Any = type(cls)(cls.__name__, cls.__bases__, members)
    return cast(_NodeType, made)


@node
class Node:
    """What all nodes have. Equal are nodes of one class with equal fields, spans included."""

    at: Span

    if TYPE_CHECKING:
        FIELDS: ClassVar[tuple[str, ...]]
        INNER: ClassVar[tuple[str, ...]]
        """The fields that may hold nodes."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.FIELDS)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.FIELDS)
        return f"{type(self).__name__}({fields})"


# --- types -------------------------------------------------------------------------------------


@node
class NamedType(Node):
    """`int`, `Pair<K, V>`: a name and its arguments."""

    name: str
    arguments: tuple["Type", ...] = ()


@node
class UnionType(Node):
    """`int | nil`"""

    members: tuple["Type", ...]


@node
class ShapeField(Node):
    """`age?: int` in a shape."""

    name: str
    type: "Type"
    optional: bool


@node
class ShapeType(Node):
    """`{name: string, age?: int}`"""

    fields: tuple[ShapeField, ...]


@node
class ListType(Node):
    """`[int]`, the same as `list<int>`"""

    element: "Type"


@node
class FunctionType(Node):
    """`fn(int) -> string`"""

    parameters: tuple["Type", ...]
    result: "Type"


@node
class LiteralType(Node):
    """`"GET"`, `5`: a string or an int that stands for itself."""

    value: str | int


Type: TypeAlias = NamedType | UnionType | ShapeType | ListType | FunctionType | LiteralType


# --- parts -------------------------------------------------------------------------------------


@node
class Block(Node):
    """Statements between braces (or, for a closure, after `->`)."""

    statements: tuple["Statement", ...]


@node
class Parameter(Node):
    """`name: type = default`, or `...rest`."""

    name: str
    type: Type | None = None
    default: "Expression | None" = None
    rest: bool = False


@node
class TypeParameter(Node):
    """`T`, `in T`, `out T`"""

    name: str
    variance: Literal["in", "out"] | None = None


@node
class WhereBound(Node):
    """`T: Interface` after `where`."""

    name: str
    interface: str


@node
class NamePattern(Node):
    """A plain name that a binding declares; `_` binds nothing."""

    name: str


@node
class DictPatternField(Node):
    """`key: alias = default` inside `{...}`; `name` is the alias, or the key itself."""

    key: str
    name: str
    default: "Expression | None" = None


@node
class DictPattern(Node):
    """`{a, b: alias = 1, ...rest}`"""

    fields: tuple[DictPatternField, ...]
    rest: str | None = None


@node
class ListPatternItem(Node):
    """`name = default` inside `[...]`."""

    name: str
    default: "Expression | None" = None


@node
class ListPattern(Node):
    """`[a, b = 1, ...rest]`"""

    items: tuple[ListPatternItem, ...]
    rest: str | None = None


@node
class PairPattern(Node):
    """`(key, value)`, in `for` only."""

    first: str
    second: str


BindingPattern: TypeAlias = NamePattern | DictPattern | ListPattern


# --- expressions -------------------------------------------------------------------------------


@node
class Nil(Node):
    pass


@node
class Bool(Node):
    value: bool


@node
class Int(Node):
    value: int


@node
class Float(Node):
    value: float


@node
class Duration(Node):
    """`500ms`, `2h`; `text` is the spelling, `milliseconds` its length."""

    milliseconds: int
    text: str


@node
class String(Node):
    """A string without interpolation; `form` is how it was written."""

    value: str
    form: Literal["plain", "raw", "multiline"] = "plain"


@node
class Interpolated(Node):
    """A string with `${...}`: literal text and expressions, in order."""

    parts: tuple["str | Expression", ...]
    form: Literal["plain", "multiline"] = "plain"


@node
class Name(Node):
    """A variable, function or builtin by name; `_` on the right of `|>` is a Name too."""

    name: str


@node
class Spread(Node):
    """`...e` in a list, a dict or an argument list."""

    value: "Expression"


@node
class List(Node):
    items: tuple["Expression | Spread", ...]


@node
class DictEntry(Node):
    """`key: value`; a plain or quoted key is a str, a computed one an expression."""

    key: "str | Expression"
    value: "Expression"


@node
class Dict(Node):
    entries: tuple[DictEntry | Spread, ...]


@node
class StructLiteral(Node):
    """`Point {x: 1}`"""

    name: str
    fields: tuple[DictEntry, ...]


@node
class Closure(Node):
    """`{ x -> ... }`, or `fn(x) { ... }` when `keyword` is true."""

    parameters: tuple[Parameter, ...]
    body: Block
    keyword: bool = False


@node
class Call(Node):
    """`f(a, ...b)`; `type_arguments` are kept for the checker."""

    callee: "Expression"
    arguments: tuple["Expression | Spread", ...]
    type_arguments: tuple[Type, ...] = ()


@node
class MethodCall(Node):
    """`o.m(a)`, `o?.m(a)`. `name_at` is where the method's name stands."""

    object: "Expression"
    name: str
    arguments: tuple["Expression | Spread", ...]
    optional: bool
    name_at: Span


@node
class Member(Node):
    """`o.name`, `o?.name`"""

    object: "Expression"
    name: str
    optional: bool
    name_at: Span


@node
class Index(Node):
    """`o[i]`, `o?[i]`"""

    object: "Expression"
    index: "Expression"
    optional: bool


@node
class Slice(Node):
    """`o[a:b]`"""

    object: "Expression"
    start: "Expression | None"
    end: "Expression | None"


@node
class Propagate(Node):
    """`e?` on a Result."""

    operand: "Expression"


UnaryOperator: TypeAlias = Literal["-", "!"]
BinaryOperator: TypeAlias = Literal[
    "+", "-", "*", "/", "%", "**", "==", "!=", "<", ">", "<=", ">=", "in", "not in", "&&", "||", "??"
]


@node
class Unary(Node):
    operator: UnaryOperator
    operand: "Expression"


@node
class Binary(Node):
    operator: BinaryOperator
    left: "Expression"
    right: "Expression"


@node
class Ternary(Node):
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@node
class Range(Node):
    """`a to b`, `a to b exclusive`"""

    start: "Expression"
    end: "Expression"
    exclusive: bool


@node
class Pipe(Node):
    """`value |> function`"""

    value: "Expression"
    function: "Expression"


@node
class If(Node):
    condition: "Expression"
    then: Block
    otherwise: "Block | If | None"


@node
class MatchArm(Node):
    """`p1 | p2 if guard -> { ... }`; patterns are expressions, read as docs/language.md#match says."""

    patterns: tuple["Expression", ...]
    guard: "Expression | None"
    body: Block


@node
class Match(Node):
    subject: "Expression"
    arms: tuple[MatchArm, ...]


@node
class Catch(Node):
    """`catch (e: Type) { ... }`"""

    name: str | None
    type: Type | None
    body: Block


@node
class Try(Node):
    body: Block
    catch: Catch | None
    finally_: Block | None


@node
class TryStar(Node):
    """`try* e`"""

    operand: "Expression"


@node
class Retry(Node):
    count: "Expression"
    body: Block


@node
class Deadline(Node):
    limit: "Expression"
    body: Block


@node
class Parallel(Node):
    """`parallel n`, `parallel each xs`, `parallel settle xs`, with `max_concurrent` and `as stream`."""

    kind: Literal["count", "each", "settle"]
    operand: "Expression"
    max_concurrent: "Expression | None"
    variable: str | None
    body: Block
    stream: bool


@node
class Spawn(Node):
    body: Block


Expression: TypeAlias = (
    Nil
    | Bool
    | Int
    | Float
    | Duration
    | String
    | Interpolated
    | Name
    | List
    | Dict
    | StructLiteral
    | Closure
    | Call
    | MethodCall
    | Member
    | Index
    | Slice
    | Propagate
    | Unary
    | Binary
    | Ternary
    | Range
    | Pipe
    | If
    | Match
    | Try
    | TryStar
    | Retry
    | Deadline
    | Parallel
    | Spawn
)


# --- statements --------------------------------------------------------------------------------


@node
class Let(Node):
    """`let` and, when `mutable`, `var`."""

    pattern: BindingPattern
    type: Type | None
    value: Expression
    mutable: bool


@node
class Assign(Node):
    """`target = value`, `target += value`, ...; the target is a Name, Member or Index."""

    target: Name | Member | Index
    operator: Literal["=", "+=", "-=", "*=", "/=", "%="]
    value: Expression


@node
class ExpressionStatement(Node):
    expression: Expression


@node
class For(Node):
    pattern: BindingPattern | PairPattern
    iterable: Expression
    body: Block


@node
class While(Node):
    condition: Expression
    body: Block


@node
class Break(Node):
    pass


@node
class Continue(Node):
    pass


@node
class Return(Node):
    value: Expression | None


@node
class Throw(Node):
    value: Expression


@node
class Guard(Node):
    condition: Expression
    body: Block


@node
class Require(Node):
    condition: Expression
    message: Expression | None


@node
class Mutex(Node):
    body: Block


@node
class Defer(Node):
    body: Block


@node
class Yield(Node):
    value: Expression | None


@node
class Emit(Node):
    value: Expression


@node
class SelectCase(Node):
    """`name from channel { ... }`"""

    name: str
    channel: Expression
    body: Block


@node
class Select(Node):
    """At least one case; at most one of a timeout (with its limit) and a default."""

    cases: tuple[SelectCase, ...]
    timeout: Expression | None
    timeout_body: Block | None
    default: Block | None


@node
class Override(Node):
    """`override name(a) { ... }`: parsed, without effect."""

    name: str
    parameters: tuple[str, ...]
    body: Block


# --- declarations ------------------------------------------------------------------------------


@node
class ImportedName(Node):
    name: str


@node
class Import(Node):
    """`import "p"` when `names` is None, else `import { a, b } from "p"`."""

    path: str
    names: tuple[ImportedName, ...] | None
    public: bool


@node
class AttributeArgument(Node):
    """`name: value`; values are plain Python data, an identifier is its text."""

    name: str | None
    value: "AttributeValue"


AttributeValue: TypeAlias = "str | int | float | bool | tuple[AttributeValue, ...] | None"


@node
class Attribute(Node):
    """`@name(arguments)`"""

    name: str
    arguments: tuple[AttributeArgument, ...]


@node
class Attributed(Node):
    attributes: tuple[Attribute, ...]
    declaration: "Declaration"


@node
class Pipeline(Node):
    name: str
    parameters: tuple[str, ...]
    result: Type | None
    extends: str | None
    body: Block
    public: bool


@node
class Function(Node):
    """`fn name(...) { ... }`; `stream` for `gen fn`. `name_at` is where the name stands."""

    name: str
    type_parameters: tuple[TypeParameter, ...]
    parameters: tuple[Parameter, ...]
    result: Type | None
    where: tuple[WhereBound, ...]
    body: Block
    public: bool
    stream: bool
    name_at: Span


@node
class Tool(Node):
    name: str
    parameters: tuple[Parameter, ...]
    result: Type | None
    description: str | None
    body: Block
    public: bool


@node
class SkillField(Node):
    name: str
    value: Expression


@node
class Skill(Node):
    name: str
    fields: tuple[SkillField, ...]
    public: bool


@node
class EvalPack(Node):
    """`eval_pack name "id" { field: e ... summarize { ... } }`; `name` is the binding's name."""

    name: str
    id: str | None
    fields: tuple[SkillField, ...]
    body: tuple["Statement", ...]
    summarize: Block | None
    public: bool


@node
class StructField(Node):
    name: str
    optional: bool
    type: Type | None


@node
class Struct(Node):
    name: str
    type_parameters: tuple[TypeParameter, ...]
    fields: tuple[StructField, ...]
    public: bool


@node
class EnumVariant(Node):
    name: str
    parameters: tuple[Parameter, ...]


@node
class Enum(Node):
    name: str
    type_parameters: tuple[TypeParameter, ...]
    variants: tuple[EnumVariant, ...]
    public: bool


@node
class TypeAliasDeclaration(Node):
    """`type Name<T> = type`"""

    name: str
    type_parameters: tuple[TypeParameter, ...]
    type: Type


@node
class AssociatedType(Node):
    """`type Item = int` in an interface."""

    name: str
    default: Type | None


@node
class InterfaceMethod(Node):
    name: str
    type_parameters: tuple[TypeParameter, ...]
    parameters: tuple[Parameter, ...]
    result: Type | None


@node
class Interface(Node):
    name: str
    type_parameters: tuple[TypeParameter, ...]
    types: tuple[AssociatedType, ...]
    methods: tuple[InterfaceMethod, ...]


@node
class Impl(Node):
    name: str
    methods: tuple[Function, ...]


Declaration: TypeAlias = (
    Pipeline
    | Function
    | Tool
    | Skill
    | EvalPack
    | Struct
    | Enum
    | TypeAliasDeclaration
    | Interface
    | Impl
)

Statement: TypeAlias = (
    Let
    | Assign
    | ExpressionStatement
    | For
    | While
    | Break
    | Continue
    | Return
    | Throw
    | Guard
    | Require
    | Mutex
    | Defer
    | Yield
    | Emit
    | Select
    | Override
    | Import
    | Attributed
    | Declaration
)


@node
class File(Node):
    """A whole source file: its items in order."""

    items: tuple[Statement, ...]
