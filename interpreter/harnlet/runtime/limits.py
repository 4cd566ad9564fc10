"""Limits of an interpreter, and the exception by which one ends a run.

Rules: docs/embedding.md#limits.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use; None means no limit.

    `seconds`: time from start to end of a run, waiting included. `depth`: nested calls; a script can
    catch that one. `output_bytes`: UTF-8 bytes printed by one interpreter. `tasks`: tasks at the same
    time besides the main one.
    """

    seconds: float | None = None
    depth: int = 512
    output_bytes: int | None = None
    tasks: int | None = None


class LimitStop(BaseException):
    """Ends the run. No `catch` of a script sees it; the interpreter turns it into a `LimitError`."""

    def __init__(self, limit: str, used: float, cap: float) -> None:
        super().__init__(limit, used, cap)
        self.limit = limit
        self.used = used
        self.cap = cap


class ScriptExit(BaseException):
    """`exit(code)`: ends the run, and a command-line program with that code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code
