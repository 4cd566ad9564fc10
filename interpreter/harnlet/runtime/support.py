"""The small functions that generated code calls and that belong to no value: errors, results, matching,
tail calls, declarations (docs/architecture.md#lowering)."""

from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any, NoReturn, final

from harnlet.errors.faults import PlainFault, RuntimeFault, Thrown, TypeFault
from harnlet.runtime import caps
from harnlet.runtime.calls import call_method
from harnlet.runtime.display import display
from harnlet.runtime.struct_calls import call_exactly
from harnlet.runtime.values import (
    METHOD,
    EnumValue,
    Method,
    StructType,
    StructValue,
    is_callable,
    ok,
    type_name,
)

# --- names and bindings ------------------------------------------------------------------------


def undefined_variable(name: str, hint: str | None) -> NoReturn:
    """Reading a name that means nothing."""
    if hint is not None:
        raise RuntimeFault(f"Undefined variable: {name} (did you mean `{hint}`?)")
    raise PlainFault(f"Undefined variable: {name}")


def undefined_callable(name: str, hint: str | None) -> NoReturn:
    """Calling a name that means nothing."""
    if hint is not None:
        raise RuntimeFault(f"Undefined builtin: {name} (did you mean `{hint}`?)")
    raise PlainFault(f"Undefined builtin: {name}")


def immutable(name: str) -> NoReturn:
    """Assigning to a `let`, a parameter, a function name."""
    raise PlainFault(f"Cannot assign to immutable binding: {name}")


def redeclared(name: str) -> NoReturn:
    """A second immutable binding of one name in one scope."""
    raise RuntimeFault(
        f"Cannot redeclare immutable variable '{name}' in the same scope (use 'var' for mutable bindings)"
    )


def argument(arguments: dict[str, object], name: str) -> object:
    """A parameter of the entry pipeline, from the arguments of the run."""
    return arguments.get(name)


# --- results and patterns ----------------------------------------------------------------------


def is_err(value: object) -> bool:
    """Whether a `?` returns."""
    return type(value) is EnumValue and value.enum == "Result" and value.variant == "Err"


def ok_value(value: object) -> object:
    """What `e?` gives when it does not return."""
    if type(value) is EnumValue and value.enum == "Result":
        return value.fields[0] if value.fields else None
    raise TypeFault(f"? operator requires a Result value, got {type_name(value)}")


def as_result(value: object) -> object:
    """The value of a `try` block without handlers: wrapped, unless it is a Result already."""
    if type(value) is EnumValue and value.enum == "Result":
        return value
    return ok(value)


def is_enum(value: object, name: str) -> bool:
    """Whether `catch (e: Name)` catches."""
    return type(value) is EnumValue and value.enum == name


def is_variant(value: object, enum: str, variant: str) -> bool:
    """Whether an enum pattern matches."""
    return type(value) is EnumValue and value.variant == variant and value.enum == enum


def payload(value: EnumValue, number: int) -> object:
    """A payload field by position, nil beyond the end."""
    return value.fields[number] if number < len(value.fields) else None


def is_dict(value: object) -> bool:
    """Whether a dict pattern can match."""
    return type(value) is dict


def is_list(value: object, count: int) -> bool:
    """Whether a list pattern of `count` items can match."""
    return type(value) is list and len(value) >= count


def no_match() -> NoReturn:
    """No arm of a `match` matched."""
    raise Thrown("No match arm matched the value")


@final
class Box:
    """Where a round of a loop keeps a function that inner functions know before it is declared."""

    __slots__ = ("value",)
    value: object


def fill_box(box: Box, value: object) -> None:
    """The function has been declared."""
    box.value = value


def unbox(box: Box, name: str) -> object:
    """What is in the box by now."""
    try:
        return box.value
    except AttributeError:
        raise PlainFault(f"Undefined builtin: {name}") from None


# --- caps ---------------------------------------------------------------------------------------


def text_too_long() -> NoReturn:
    """A text above the cap."""
    caps.refuse_text()


def number_within_cap(number: Any) -> Any:
    """A product that is not small."""
    return number if type(number) is float else caps.int_within_cap(number)


# --- calls -------------------------------------------------------------------------------------


def pipe_into(value: object, target: Any) -> object:
    """`value |> target`"""
    if type(target) is FunctionType or is_callable(target):
        result: object = target(value)
        return result
    raise TypeFault(f"cannot pipe into {type_name(target)}")


def call_value(target: Any, *args: object) -> object:
    """A call of what an expression gives, not of a name."""
    if type(target) is FunctionType or is_callable(target):
        result: object = target(*args)
        return result
    raise TypeFault(f"Cannot call {display(target)}")


def find_method(obj: Any, name: str, count: int) -> Callable[..., object]:
    """What `obj.name(args)` calls, with `obj` as its first argument of `count`, or -1 for who knows how
    many."""
    if isinstance(obj, StructValue):
        found = obj.type.methods.get(name)
        if found is None:
            return _nothing
        exact = len(found.shape) == count and "*" not in found.shape
        return found.function if exact else partial(call_exactly, found)
    return lambda receiver, *args, depth=0: call_method(receiver, name, *args)


def _nothing(*_: object, depth: int = 0) -> None:
    """An unknown method."""


def call_method_optional(obj: Any, name: str, *args: object) -> object:
    """`obj?.name(args)`"""
    return None if obj is None else call_method(obj, name, *args)


@final
class TailCall:
    """A call that a function leaves to its caller, so that recursion in tail position needs no stack."""

    __slots__ = ("arguments", "function")

    def __init__(self, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
        self.function = function
        self.arguments = arguments


def run_tail_calls(function: Callable[..., object], arguments: tuple[object, ...]) -> object:
    """Call, and go on with whatever call comes back instead of a value."""
    result = function(*arguments, depth=-1)
    while type(result) is TailCall:
        result = result.function(*result.arguments, depth=-1)
    return result


# --- declarations ------------------------------------------------------------------------------


def implement(struct: StructType, name: str, method: Any, shape: str) -> None:
    """Attach a method to a struct; `shape` as in `Method`."""
    struct.methods[name] = Method(method, shape)
    setattr(struct.make, METHOD + name, method)


def with_default(schema: dict[str, object], default: object) -> dict[str, object]:
    """The schema of a tool's parameter that may be left out."""
    return {**schema, "required": False, "default": default}


def check_interface(value: object, interface: str, name: str) -> None:
    """The run-time side of an interface: any struct value will do."""
    if not isinstance(value, StructValue):
        raise TypeFault(
            f"parameter '{name}': expected value satisfying interface '{interface}', got {type_name(value)}"
        )


def retry_count(count: object) -> int:
    """How many attempts `retry n` makes: at least one."""
    return count if type(count) is int and count > 0 else 1


def retry_again(left: int, fault: Exception) -> int:
    """After a failed attempt: how many are left. Raises the fault when none is."""
    if left <= 1:
        raise fault
    return left - 1
