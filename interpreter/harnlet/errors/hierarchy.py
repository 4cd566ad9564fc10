"""The errors that an embedder sees: one root, and below it users' errors apart from our own bugs.

All can be pickled and have `.code`, `.diagnostics` and `.render()`.
"""

from collections.abc import Sequence
from typing import Any

from harnlet.errors.codes import code
from harnlet.errors.diagnostic import Diagnostic
from harnlet.errors.render import render


def first_error(diagnostics: Sequence[Diagnostic]) -> Diagnostic:
    """The first diagnostic that is no warning, or else the first."""
    return next((each for each in diagnostics if each.severity == "error"), diagnostics[0])


class HarnletError(Exception):
    """The root of everything that Harnlet raises to its embedder."""

    default_code = "internal"

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(message, tuple(diagnostics))
        self.message = message
        self.diagnostics = tuple(diagnostics)

    @property
    def code(self) -> str:
        """The stable code, `HRN-0301` and the like (docs/errors.md)."""
        return first_error(self.diagnostics).code if self.diagnostics else code(self.default_code)

    def render(self) -> str:
        """The error as the command line prints it: with place, excerpt and caret where it has one."""
        return render(self.diagnostics) if self.diagnostics else f"error: {self.message}\n"

    def __str__(self) -> str:
        return self.message


class SourceError(HarnletError):
    """The source cannot be compiled: `diagnostics` has everything that is wrong with it."""

    default_code = "unexpected-token"

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(first_error(diagnostics).message, diagnostics)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.diagnostics,)


class ScriptError(HarnletError):
    """A script ended with an error that it did not catch.

    `message` is its display, with the line; `value` is what a `catch` would have bound, as plain data
    where that is possible.
    """

    default_code = "uncaught-error"

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic] = (), value: object = None) -> None:
        super().__init__(message, diagnostics)
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.diagnostics, self.value)


class HostCallError(ScriptError):
    """A function of the host raised: the exception is `__cause__`."""

    default_code = "host-call"


_EXACT = 10**15


def _amount(number: float) -> str:
    return str(number) if isinstance(number, int) and abs(number) < _EXACT else f"{number:g}"


class LimitError(HarnletError):
    """A limit of the interpreter was reached; scripts cannot catch it.

    `limit` names it (`seconds`, `output_bytes`, ...), `used` and `cap` say how far it went.
    """

    default_code = "limit"

    def __init__(
        self, limit: str, used: float, cap: float, diagnostics: Sequence[Diagnostic] = ()
    ) -> None:
        super().__init__(f"limit reached: {limit} ({_amount(used)} of {_amount(cap)})", diagnostics)
        self.limit = limit
        self.used = used
        self.cap = cap

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.limit, self.used, self.cap, self.diagnostics)


class WorkerError(HarnletError):
    """The worker process that ran a script (`isolation="process"`) died, or could not be started."""

    default_code = "worker"


class UsageError(HarnletError):
    """The embedder called the interpreter in a way that cannot work; the message says which."""

    default_code = "usage"


class InternalError(HarnletError):
    """A mistake of Harnlet's own: please report it. The Python exception is `__cause__`."""

    default_code = "internal"
