"""Errors on their way between a host and its worker: faults of builtins, and how a run ended."""

from dataclasses import asdict, fields
from typing import Any, Final

from harnlet.errors.diagnostic import Diagnostic
from harnlet.errors.faults import (
    CategorisedFault,
    DepthFault,
    DivisionFault,
    Fault,
    PlainFault,
    RuntimeFault,
    Thrown,
    TypeFault,
)
from harnlet.errors.hierarchy import (
    HarnletError,
    HostCallError,
    InternalError,
    LimitError,
    ScriptError,
    SourceError,
    UsageError,
    WorkerError,
)
from harnlet.host.worker_wire import WireError, decode, encode
from harnlet.runtime.conversion import to_host
from harnlet.runtime.faulting import HostFault

# --- faults, from the host's builtins to the script ----------------------------------------------

_TEXTS: Final[dict[str, type[Any]]] = {
    "type": TypeFault,
    "runtime": RuntimeFault,
    "plain": PlainFault,
    "host": HostFault,
}
_NAMES: Final = {kind: name for name, kind in _TEXTS.items()}


class RemoteCause(Exception):
    """Stands in the worker for an exception that is kept in the host, under a number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def encode_fault(fault: Fault, cause: int) -> dict[str, Any]:
    """A fault as JSON; `cause` is the number under which the host keeps it."""
    if isinstance(fault, Thrown):
        return {"fault": "thrown", "value": encode(fault.value, lenient=True)}
    if isinstance(fault, CategorisedFault):
        return {"fault": "categorised", "category": fault.category, "message": fault.message}
    if isinstance(fault, DivisionFault | DepthFault):
        return {"fault": "plain", "message": str(fault)}
    name = _NAMES.get(type(fault), "runtime")
    return {"fault": name, "message": getattr(fault, "message", str(fault)), "cause": cause}


def decode_fault(data: dict[str, Any]) -> Fault:
    """The fault of such JSON."""
    kind = data["fault"]
    if kind == "thrown":
        return Thrown(decode(data["value"]))
    if kind == "categorised":
        return CategorisedFault(str(data["category"]), str(data["message"]))
    fault: Fault = _TEXTS[kind](str(data["message"]))
    if kind == "host":
        fault.__cause__ = RemoteCause(int(data["cause"]))
    return fault


# --- the end of a run, from the worker to the embedder --------------------------------------------

_ERRORS: Final[dict[str, type[HarnletError]]] = {
    each.__name__: each
    for each in (SourceError, ScriptError, HostCallError, LimitError, UsageError, WorkerError, InternalError)
}


def encode_error(error: HarnletError) -> dict[str, Any]:
    """How a run failed, as JSON."""
    data: dict[str, Any] = {
        "error": type(error).__name__,
        "message": error.message,
        "diagnostics": [asdict(each) for each in error.diagnostics],
    }
    if isinstance(error, ScriptError):
        data["value"] = encode(error.value, lenient=True)
    if isinstance(error, LimitError):
        data |= {"limit": error.limit, "used": error.used, "cap": error.cap}
    if isinstance(error.__cause__, RemoteCause):
        data["cause"] = error.__cause__.number
    return data


def decode_error(data: dict[str, Any], causes: dict[int, BaseException]) -> HarnletError:
    """The error of such JSON, which a worker may have made up: only its shape is checked. `causes` are
    the exceptions of the host's own functions, by number. Raises WireError."""
    try:
        kind = _ERRORS[data["error"]]
        message = str(data["message"])
        diagnostics = tuple(_diagnostic(each) for each in data["diagnostics"])
        error: HarnletError
        if kind is SourceError and diagnostics:
            error = SourceError(diagnostics)
        elif kind is LimitError:
            error = LimitError(str(data["limit"]), float(data["used"]), float(data["cap"]), diagnostics)
            if data["limit"] not in ("seconds", "cpu_seconds"):
                error.used, error.cap = int(data["used"]), int(data["cap"])
        elif kind is ScriptError or kind is HostCallError:
            value = to_host(decode(data["value"]), lenient=True)
            error = (HostCallError if kind is HostCallError else ScriptError)(message, diagnostics, value)
        else:
            error = kind(message, diagnostics)
        cause = data.get("cause")
        if type(cause) is int and cause in causes:
            error.__cause__ = causes[cause]
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError) as problem:
        raise WireError(f"an error makes no sense: {problem!r}") from problem
    return error


def _diagnostic(data: dict[str, Any]) -> Diagnostic:
    values: dict[str, Any] = {}
    for field in fields(Diagnostic):
        value = data[field.name]
        if field.name == "notes":
            values["notes"] = tuple(str(each) for each in value)
        elif field.type is int:
            values[field.name] = max(int(value), 1)
        else:
            values[field.name] = str(value)
    return Diagnostic(**values)
