"""From Python exceptions to script errors: what a `catch` binds, and where in the script it happened.

Generated code leaves some checks to CPython: an unbound variable is Python's NameError, a call of what
cannot be called its TypeError. Here they become the script's own errors
(docs/language.md#runtime-errors).
"""

import re
import sys
from dataclasses import dataclass, replace
from itertools import islice
from types import CodeType, FrameType, TracebackType
from typing import Any

from harnlet.check.nearest import nearest_name
from harnlet.compile.program import Program
from harnlet.errors.faults import (
    DepthFault,
    DivisionFault,
    Fault,
    PlainFault,
    RuntimeFault,
    Thrown,
    TypeFault,
)
from harnlet.runtime.display import display
from harnlet.runtime.operand_faults import operand_fault
from harnlet.runtime.values import is_callable, type_name

PROGRAM_KEY = "harnlet program"
"""Where the globals of generated code hold their `Program`: no Python name, so nothing can refer to it."""

_SLOT = re.compile(r"'(\w+)'")
_CALLED = re.compile(r"\s*(\(|<.*>\s*\()")
_LAST_NAME = re.compile(r"\w+$")
_NAME = re.compile(r"[^\W\d]\w*")
_OURS = frozenset({"harnlet", "harnlet_builtins", "harnlet_plugins"})


class HostFault(RuntimeFault):
    """A function of the host raised something; scripts can catch it, the embedder finds the exception
    as the cause."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ScriptFrame:
    """One level of the script's call stack: what runs there, and the place in its source."""

    program: Program
    label: str
    line: int
    column: int
    end_line: int
    end_column: int


def caught(exception: Exception) -> object:
    """What `catch (e)` binds. Raises the exception again if scripts cannot catch it: a bug of ours."""
    fault = to_fault(exception)
    if fault is None:
        raise exception
    return fault.caught()


def to_fault(exception: BaseException) -> Fault | None:
    """The script error that an exception stands for, or None for a bug of ours."""
    if isinstance(exception, Fault):
        return exception
    if isinstance(exception, RecursionError):
        return DepthFault()
    if not isinstance(exception, Exception):
        return None
    traceback = exception.__traceback__
    innermost: FrameType | None = None
    after_script: list[FrameType] = []
    while traceback is not None:
        if PROGRAM_KEY in traceback.tb_frame.f_globals:
            innermost, after_script = traceback.tb_frame, []
        else:
            after_script.append(traceback.tb_frame)
        traceback = traceback.tb_next
    if innermost is None:
        return None
    if after_script:
        return _host_fault(exception, after_script)
    return _own_fault(exception, innermost)


def _own_fault(exception: Exception, frame: FrameType) -> Fault | None:
    """An exception of CPython's, raised by generated code itself."""
    program: Program = frame.f_globals[PROGRAM_KEY]
    if isinstance(exception, NameError):
        match = _SLOT.search(str(exception))
        name = program.names.get(match.group(1)) if match else None
        return None if name is None else _undefined(exception, frame, program, name)
    if isinstance(exception, TypeError):
        if "not callable" in str(exception):
            return _not_callable(exception, frame, program)
        return operand_fault(str(exception))
    if isinstance(exception, AttributeError):
        return _no_property(exception, program)
    if isinstance(exception, ZeroDivisionError):
        return DivisionFault()
    if isinstance(exception, ValueError) and "already executing" in str(exception):
        return RuntimeFault("generator is already running")
    if isinstance(exception, OverflowError):
        return RuntimeFault("number too large")
    return None


def _no_property(exception: AttributeError, program: Program) -> Fault:
    """A member or key of nil, which was asked for without a test: which of the two stands in the source."""
    place = script_frames(exception)[-1]
    line = program.lines[place.end_line - 1] if place.end_line <= len(program.lines) else ""
    text = line[: place.end_column - 1].rstrip()
    kind = type_name(exception.obj)
    if text.endswith("]"):
        return TypeFault(f"cannot index into {kind} with string")
    name = _LAST_NAME.search(text)
    return TypeFault(f"cannot access property `{name.group(0) if name else exception.name}` on {kind}")


def _not_callable(exception: Exception, frame: FrameType, program: Program) -> Fault:
    """A call of a variable that holds no function: the first name at the place of the call."""
    place = script_frames(exception)[-1]
    line = program.lines[place.line - 1] if place.line <= len(program.lines) else ""
    match = _NAME.search(line, place.column - 1)
    for slot, value in {**frame.f_locals, **script_globals(frame)}.items():
        if match and program.names.get(slot) == match.group(0) and not is_callable(value):
            return TypeFault(f"Cannot call {display(value)}")
    return TypeFault("Cannot call this value")


def script_globals(frame: FrameType) -> dict[str, object]:
    """What the code of a frame can see of the script besides its own variables: the functions and structs
    of the file, and the variables that a module shares with its functions."""
    found = frame.f_globals
    names = found[PROGRAM_KEY].names
    return {name: found[name] for name in frame.f_code.co_names if name in names and name in found}


def _undefined(exception: Exception, frame: FrameType, program: Program, name: str) -> Fault:
    """A variable of the script that had no value yet where it was read or called."""
    place = script_frames(exception)[-1]
    line = program.lines[place.line - 1] if place.line <= len(program.lines) else ""
    rt = frame.f_globals["rt"]
    if _CALLED.match(line, place.column - 1 + len(name)):
        hint = nearest_name(name, rt.builtin_names)
        what = f"Undefined builtin: {name}"
    else:
        slots = (*frame.f_locals, *script_globals(frame))
        bound = {program.names[slot] for slot in slots if slot in program.names}
        hint = nearest_name(name, bound | rt.builtin_names | rt.constant_names) if name != "_" else None
        what = f"Undefined variable: {name}"
    return PlainFault(what) if hint is None else RuntimeFault(f"{what} (did you mean `{hint}`?)")


def _host_fault(exception: Exception, frames: list[FrameType]) -> Fault | None:
    """A fault if anybody but ourselves and the standard library had a hand in it; else it is our bug."""
    for frame in frames:
        root = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if root not in _OURS and root not in sys.stdlib_module_names:
            fault = HostFault(f"{type(exception).__name__}: {exception}")
            fault.__cause__ = exception
            return fault
    return None


def uncaught_text(fault: Fault, line: int | None) -> str:
    """The text of an error that nobody caught (docs/language.md#runtime-errors)."""
    if isinstance(fault, Thrown):
        return f"Thrown: {display(fault.value)}"
    return fault.uncaught(line)


def error_text(exception: Exception) -> str:
    """The text of an error as `parallel settle` and `cancel_graceful` put it into a Result."""
    fault = to_fault(exception)
    if fault is None:
        raise exception
    frames = script_frames(exception)
    return uncaught_text(fault, frames[-1].line if frames else None)


def script_frames(exception: BaseException) -> list[ScriptFrame]:
    """The script's call stack when the exception was raised, outermost first. A call that was one too many
    has no frame: what failed is the call."""
    frames: list[ScriptFrame] = []
    traceback: TracebackType | None = exception.__traceback__
    while traceback is not None:
        program = traceback.tb_frame.f_globals.get(PROGRAM_KEY)
        if program is not None:
            code = traceback.tb_frame.f_code
            frame = _frame(program, code, traceback.tb_lasti, traceback.tb_lineno)
            if code.co_name == "<listcomp>":
                # Up to CPython 3.11 a function of its own; the script's is the one around it.
                frame = replace(frame, label=frames.pop().label)
            frames.append(frame)
        traceback = traceback.tb_next
    if type(exception) is DepthFault and len(frames) > 1:
        frames.pop()
    return frames


def _frame(program: Program, code: CodeType, instruction: int, line: int | None) -> ScriptFrame:
    position: Any = next(islice(code.co_positions(), instruction // 2, None), (line, line, 0, 1))
    first, last, column, end = position
    label = code.co_consts[0] if code.co_consts and isinstance(code.co_consts[0], str) else code.co_name
    start = 0 if column is None else column
    return ScriptFrame(
        program,
        label.partition("(")[0],
        first or line or 1,
        start + 1,
        last or first or 1,
        (start + 1 if end is None else end) + 1,
    )
