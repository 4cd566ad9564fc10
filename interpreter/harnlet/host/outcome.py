"""How a run ended: from the exception that left the script to the error that the embedder sees."""

from typing import Any

from harnlet.compile.program import Program
from harnlet.errors.codes import code
from harnlet.errors.diagnostic import Diagnostic
from harnlet.errors.faults import Fault, Thrown
from harnlet.errors.hierarchy import HarnletError, HostCallError, InternalError, LimitError, ScriptError
from harnlet.runtime.conversion import ConversionError, to_host
from harnlet.runtime.display import display
from harnlet.runtime.faulting import HostFault, ScriptFrame, script_frames, to_fault, uncaught_text
from harnlet.runtime.limits import LimitStop

_MOST_NOTES = 12


def to_error(error: BaseException) -> HarnletError:
    """The error for an exception that no `catch` of the script took."""
    if isinstance(error, HarnletError):
        return error
    fault = to_fault(error)
    frames = script_frames(error)
    if fault is None:
        message = f"internal error: {type(error).__name__}: {error} (please report this)"
        return InternalError(message, _diagnostics(message, frames, "internal"))
    message = uncaught_text(fault, frames[-1].line if frames else None)
    diagnostics = _diagnostics(message, frames, "uncaught-error")
    value = _plain(_value(fault))
    if isinstance(fault, HostFault):
        host = HostCallError(message, diagnostics, value)
        host.__cause__ = fault.__cause__
        return host
    return ScriptError(message, diagnostics, value)


def to_result(value: object) -> Any:
    """The value of a program as host data. Raises ScriptError for one that is nested too deep."""
    try:
        return to_host(value, lenient=True)
    except ConversionError as error:
        raise ScriptError(f"Type error: the program's value cannot leave it: {error.reason}") from None


def _plain(value: object) -> object:
    """What was thrown, as host data; its display when that cannot be."""
    try:
        return to_host(value, lenient=True)
    except ConversionError:
        return display(value)


def to_limit_error(stop: LimitStop) -> LimitError:
    """The error for a limit that ended the run, with the place where the script was."""
    error = LimitError(stop.limit, stop.used, stop.cap)
    return LimitError(
        stop.limit, stop.used, stop.cap, _diagnostics(error.message, script_frames(stop), "limit")
    )


def _value(fault: Fault) -> object:
    return fault.value if isinstance(fault, Thrown) else fault.caught()


def _diagnostics(message: str, frames: list[ScriptFrame], name: str) -> tuple[Diagnostic, ...]:
    if not frames:
        return ()
    inner = frames[-1]
    callers = [f"called from {frame.label} at {_place(frame)}" for frame in reversed(frames[:-1])]
    if len(callers) > _MOST_NOTES:
        half = _MOST_NOTES // 2
        left_out = f"... {len(callers) - 2 * half} more calls ..."
        callers = [*callers[:half], left_out, *callers[-half:]]
    program: Program = inner.program
    return (
        Diagnostic(
            code=code(name),
            message=message,
            filename=program.filename,
            line=inner.line,
            column=inner.column,
            end_line=inner.end_line,
            end_column=inner.end_column,
            excerpt=program.lines[inner.line - 1] if inner.line <= len(program.lines) else "",
            notes=tuple(callers),
        ),
    )


def _place(frame: ScriptFrame) -> str:
    return f"{frame.program.filename}:{frame.line}"
