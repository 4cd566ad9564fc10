"""Faults: what goes wrong inside a running script, as Python exceptions that its `catch` can bind.

They never leave the interpreter: `harnlet.api` turns an uncaught one into a `ScriptError`.
Kinds and texts: docs/language.md#runtime-errors.
"""


class Fault(Exception):
    """Anything a script can catch. `caught` is the value that `catch (e)` binds."""

    __slots__ = ("cause_fault",)

    def caught(self) -> object:
        """The value that `catch` binds: the display text of the fault."""
        return str(self)

    def uncaught(self, line: int | None) -> str:
        """The text of the fault when nobody caught it, with the line where it can carry one."""
        return str(self) + _at(line)


def _at(line: int | None) -> str:
    return "" if line is None else f" (line {line})"


class Thrown(Fault):
    """`throw value`. Its display needs the value's, so `uncaught` is given by the runtime."""

    # Without an `__init__` of its own it is raised and caught a tenth faster. Generated code reads `args[0]`.
    __slots__ = ()

    @property
    def value(self) -> object:
        """What was thrown."""
        return self.args[0]

    def caught(self) -> object:
        return self.args[0]


class _Message(Fault):
    __slots__ = ("message",)
    prefix = ""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def caught(self) -> str:
        return self.prefix + self.message

    def uncaught(self, line: int | None) -> str:
        return self.caught() + _at(line)


class TypeFault(_Message):
    """Displayed as `Type error: <message>`."""

    __slots__ = ()
    prefix = "Type error: "


class RuntimeFault(_Message):
    """Displayed as `Runtime error: <message>`."""

    __slots__ = ()
    prefix = "Runtime error: "


class PlainFault(_Message):
    """A fault whose caught text has no prefix, but whose uncaught text is a runtime error:
    `Division by zero`, `Undefined variable: x`, `Cannot assign to immutable binding: x`,
    `Stack overflow: too many nested calls`."""

    __slots__ = ()

    def uncaught(self, line: int | None) -> str:
        return "Runtime error: " + self.message + _at(line)


class DivisionFault(PlainFault):
    """Division or remainder by zero."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("Division by zero")


class DepthFault(PlainFault):
    """More nested calls than `Limits.depth` allows."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("Stack overflow: too many nested calls")


class CategorisedFault(Fault):
    """Displayed as `Error [<category>]: <message>`."""

    __slots__ = ("category", "message")

    def __init__(self, category: str, message: str) -> None:
        super().__init__(category, message)
        self.category = category
        self.message = message

    def caught(self) -> str:
        return f"Error [{self.category}]: {self.message}"

    def uncaught(self, line: int | None) -> str:
        return self.caught()
