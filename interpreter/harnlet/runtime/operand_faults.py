"""What CPython's TypeErrors about operands mean in a script.

Generated code uses Python's operators without a test where only an error can be different
(docs/architecture.md#operators). Python's message names the operator and the Python types; the script's
message is made from that (docs/language.md#runtime-errors).
"""

import re
from collections.abc import Iterator

from harnlet.errors.faults import Fault, RuntimeFault, TypeFault
from harnlet.runtime.values import TYPE_NAMES, Handle

_OPERANDS = re.compile(r"unsupported operand type\(s\) for ([^:]+): '([^']+)' and '([^']+)'")
_JOINED = re.compile(r'can only concatenate (\w+) \(not "([^"]+)"\) to')
_JOINED_BYTES = re.compile(r"can't concat (\w+) to bytes")
_NEGATED = re.compile(r"bad operand type for unary -: '([^']+)'")
_INDEXED = re.compile(r"'([^']+)' object is not subscriptable")


def operand_fault(message: str) -> Fault | None:
    """The script's error for the message of a TypeError; None if it is about something else."""
    if found := _OPERANDS.match(message):
        return _operator_fault(found.group(1), _name(found.group(2)), _name(found.group(3)))
    if found := _JOINED.match(message):
        return _operator_fault("+", _name(found.group(1)), _name(found.group(2)))
    if found := _JOINED_BYTES.match(message):
        return _operator_fault("+", "bytes", _name(found.group(1)))
    if found := _NEGATED.match(message):
        return RuntimeFault(f"Cannot negate value of type {_name(found.group(1))}")
    if found := _INDEXED.match(message):
        return TypeFault(f"cannot index into {_name(found.group(1))} with int")
    return None


def _operator_fault(operator: str, left: str, right: str) -> Fault | None:
    if operator == "+":
        return TypeFault(f"Cannot add {left} and {right}")
    if operator == "-":
        return TypeFault(f"Cannot subtract {right} from {left}")
    if operator == "*":
        return TypeFault(f"Cannot multiply {left} and {right}")
    if operator in ("/", "//"):
        return RuntimeFault(f"Cannot divide {left} by {right}")
    return RuntimeFault(f"Cannot modulo {left} by {right}") if operator == "%" else None


def _name(python_name: str) -> str:
    """The script's name of a type that Python calls `python_name`."""
    if python_name == "StructValue":
        return "struct"
    for cls, name in TYPE_NAMES.items():
        if cls.__name__ == python_name:
            return name
    for handle in _handles(Handle):
        if handle.__name__ == python_name:
            return handle.type_name
    return python_name


def _handles(base: type[Handle]) -> Iterator[type[Handle]]:
    for cls in base.__subclasses__():
        yield cls
        yield from _handles(cls)
