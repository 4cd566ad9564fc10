"""The classes of script values that Python has no type for.

nil, bool, int, float, string, bytes, list and dict are Python's own objects; a closure is a plain
Python function. Everything here is slotted and reached by scripts through tables only, never by
attribute. Lists, dicts, sets and structs are values: nobody changes one that somebody else may hold.
Python's truth test on any script value is the script's (docs/language.md#truthiness): compiled code
and methods use it bare. Rules: docs/language.md#values, docs/builtins.md#values.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from types import FunctionType
from typing import ClassVar, NamedTuple, TypeAlias, TypeGuard, final

from harnlet.errors.faults import TypeFault

Closure: TypeAlias = FunctionType
"""A function of the script: callable with any number of positional arguments; its docstring is its
signature, `name(a, b)`."""


_BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow")
_OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        *(*_BINARY, *(f"r{each}" for each in _BINARY), *(f"i{each}" for each in _BINARY), "neg"),
        *("eq", "ne", "lt", "le", "gt", "ge", "bool", "len", "iter", "next", "contains", "call"),
        *("getitem", "setitem", "delitem", "getattr", "setattr", "index", "int", "float"),
    )
)
"""What compiled code, or a builtin on its behalf, may have Python call."""


@final
class Pair:
    """`(first, second)`: what dict iterators, `zip` and `enumerate` of iterators yield."""

    __slots__ = ("first", "second")

    def __init__(self, first: object, second: object) -> None:
        self.first = first
        self.second = second


@final
class Range:
    """`start to end [exclusive]`: lazy, never materialised; empty when it descends."""

    __slots__ = ("end", "exclusive", "start")

    def __init__(self, start: int, end: int, exclusive: bool = False) -> None:
        self.start = start
        self.end = end
        self.exclusive = exclusive

    def numbers(self) -> range:
        """The ints of the range, as Python's range."""
        return range(self.start, self.end if self.exclusive else self.end + 1)

    def length(self) -> int:
        """How many ints; may be above what Python's `len` can return."""
        return max(self.end - self.start + (0 if self.exclusive else 1), 0)


@final
class Duration:
    """A signed count of milliseconds."""

    __slots__ = ("milliseconds",)

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def __bool__(self) -> bool:
        return self.milliseconds != 0


@final
class Set:
    """A set in insertion order: element by structural key (`harnlet.runtime.keys`).

    `entries` must not be changed once the set has been given away.
    """

    __slots__ = ("entries",)

    def __init__(self, entries: dict[Hashable, object]) -> None:
        self.entries = entries

    def __bool__(self) -> bool:
        return bool(self.entries)


@final
class EnumValue:
    """A variant of an enum with its payload; `Result.Ok(v)` and `Result.Err(e)` are ones too."""

    __slots__ = ("enum", "fields", "variant")

    def __init__(self, enum: str, variant: str, fields: list[object]) -> None:
        self.enum = enum
        self.variant = variant
        self.fields = fields


class Handle:
    """Base of values that are shared references, and of all that join from other packages.

    A subclass names its type, says how it is displayed and what it equals; it may be iterable. Its
    methods, if any, are registered with `harnlet.runtime.methods.method`. It cannot define what Python's
    operators do with it: compiled code uses those, and a script would reach what its author meant for the
    host.
    """

    __slots__ = ()
    type_name: ClassVar[str] = "handle"

    _may_define: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        defined = {name for base in cls.__mro__ if base is not object for name in vars(base)}
        reached = sorted((defined & _OPERATORS) - cls._may_define)
        if reached:
            raise TypeError(f"{cls.__name__} is a Handle and defines {reached[0]}: scripts would reach it")

    def display(self) -> str:
        """The text of the value; must not run script code or take anything out of the handle."""
        return f"<{self.type_name}>"

    def same_as(self, other: object) -> bool:
        """What `==` says; `other` has the same Python type. Most handles never equal anything."""
        return False

    def items(self) -> Iterator[object] | None:
        """An iterator for `for` and `iter`, or None if the handle cannot be iterated."""
        return None


class CallableValue(Handle):
    """Base of values, other than closures, that a script can call."""

    __slots__ = ()
    _may_define = frozenset({"__call__"})

    def __call__(self, *args: object) -> object:
        """Call with any number of arguments: missing ones are nil, surplus ones vanish."""
        raise TypeError(f"{type(self).__name__} has no call")

    def plain(self, count: int) -> Callable[..., object]:
        """The fastest callable that behaves like this value for exactly `count` arguments."""
        return self


@final
class StructType(CallableValue):
    """A declared struct: the constructor that scripts call, and the methods of its `impl`."""

    __slots__ = ("copier", "fields", "loose", "make", "methods", "name")
    type_name: ClassVar[str] = "closure"

    def __init__(self, name: str, fields: tuple[str, ...] = (), methods: tuple[str, ...] = ()) -> None:
        """`methods` are the names that values of it may be asked for as attributes."""
        self.name = name
        self.fields = fields
        self.methods: dict[str, Method] = {}
        self.copier: Callable[[StructValue], StructValue] | None = None
        """Makes another value with the same fields, of one that has exactly the declared ones."""
        self.loose = False
        """Some value has, or had, other fields than the declared ones."""
        # No defaults of fields: an attribute of the class by the same name would keep CPython from
        # specialising the access to that of the instance.
        members: dict[str, object] = {"type": self, **{METHOD + method: no_method for method in methods}}
        self.make: type[StructValue] = type("StructValue", (StructValue,), members)
        """The Python class of its values; called, it makes one without fields."""

    def __call__(self, *args: object) -> "StructValue":
        """`P({x: 1})`; without a dict no field is set (docs/language.md#structs)."""
        given = args[0] if args else None
        return self.made_of(given if isinstance(given, dict) else {})

    def made_of(self, fields: dict[str, object]) -> "StructValue":
        """A value with these fields."""
        value = self.make()
        for name, item in fields.items():
            value.put(name, item)
        return value

    def display(self) -> str:
        return "<fn(fields)>"


FIELD = "f_"
METHOD = "m_"


class Method(NamedTuple):
    """A method of a struct: its function, which takes exactly the parameters and the call depth, and for
    each parameter a `.`, or `?` if it has a default, or `*` for all the rest."""

    function: Callable[..., object]
    shape: str


def no_method(*_: object) -> None:
    """A method that the struct does not have: `nil`."""


class StructValue:
    """An instance of a struct: of a Python class of its own, made by the `StructType`.

    A field is a Python attribute whose name begins with `f_`, so that reading it is one instruction and
    no field can be mistaken for anything else that Python objects have; methods begin with `m_`.
    """

    type: ClassVar[StructType]

    @property
    def fields(self) -> dict[str, object]:
        """The fields that were set, unknown ones included, by name."""
        return {name[2:]: item for name, item in self.__dict__.items()}

    def put(self, name: str, item: object) -> None:
        """Set a field of a value that nobody else holds."""
        if name not in self.type.fields:
            self.type.loose = True
        setattr(self, FIELD + name, item)

    def items(self) -> Iterable[object]:
        """What is in its fields. Does not ask for the `__dict__`, if it can be helped: CPython 3.11 reads the
        attributes of an object more slowly ever after."""
        if self.type.loose:
            return self.__dict__.values()
        return [getattr(self, FIELD + name, None) for name in self.type.fields]

    def copy(self) -> "StructValue":
        """Another value with the same fields."""
        copier = self.type.copier
        if copier is not None and not self.type.loose:
            try:
                return copier(self)
            except AttributeError:
                pass  # Not all fields are set.
        other = self.type.make()
        other.__dict__.update(self.__dict__)
        return other


def ok(value: object) -> EnumValue:
    """`Result.Ok(value)`"""
    return EnumValue("Result", "Ok", [value])


def err(value: object) -> EnumValue:
    """`Result.Err(value)`"""
    return EnumValue("Result", "Err", [value])


def is_callable(value: object) -> TypeGuard[Callable[..., object]]:
    """Whether a script can call `value`."""
    return type(value) is FunctionType or isinstance(value, CallableValue)


TYPE_NAMES: dict[type, str] = {
    type(None): "nil",
    bool: "bool",
    int: "int",
    float: "float",
    str: "string",
    bytes: "bytes",
    list: "list",
    dict: "dict",
    FunctionType: "closure",
    Pair: "pair",
    Range: "range",
    Duration: "duration",
    Set: "set",
    EnumValue: "enum",
}


def type_name(value: object) -> str:
    """The name `type_of` gives (docs/language.md#types-type-names-display).

    Raises TypeError for an object that is no script value: one can only come from a mistake of ours
    or of a plugin, and must not travel on.
    """
    name = TYPE_NAMES.get(type(value))
    if name is not None:
        return name
    if isinstance(value, StructValue):
        return "struct"
    if isinstance(value, Handle):
        return value.type_name
    raise TypeError(f"not a script value: an object of Python type {type(value).__name__}")


def callback(function: object, count: int = 1) -> Callable[..., object]:
    """What a method calls for the script's `function` with exactly `count` arguments.

    Raises TypeFault `expected callable, got T` (docs/language.md#built-ins-as-callbacks).
    """
    if type(function) is FunctionType:
        return function
    if isinstance(function, CallableValue):
        return function.plain(count)
    raise TypeFault(f"expected callable, got {type_name(function)}")
