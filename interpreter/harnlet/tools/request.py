"""A request to stop calls: what it says, checked and brought into shape.

Whoever asks (a script, a host, a transport) comes through `CancelRequest.make`, so that reasons and
times mean the same everywhere (docs/cancellation.md#the-builtin).
"""

from typing import Final, NamedTuple

from harnlet.errors.hierarchy import UsageError
from harnlet.session.clock import FOR_EVER_MS

DEFAULT_REASON: Final = "host cancelled in-flight tool call"
DEFAULT_TIMEOUT_MS: Final = 5000
REASON_LIMIT: Final = 4000
"""How many characters of a reason are kept. It is repeated in the result, the message, the reminder, two
events and two answers, and a model has to read most of them."""


class CancelRequest(NamedTuple):
    """Somebody wants one call stopped. `timeout_ms` is how long to wait for it to unwind, 0 not at all."""

    session_id: str
    call_id: str
    reason: str
    inject_reminder: bool
    timeout_ms: float
    actor: str

    @classmethod
    def make(
        cls,
        session_id: str,
        call_id: str,
        reason: str | None = None,
        inject_reminder: bool = True,
        timeout_ms: float = DEFAULT_TIMEOUT_MS,
        actor: str = "host",
    ) -> "CancelRequest":
        """A request with the reason trimmed, and cut when it is long; a blank one is the default.

        Raises `UsageError` for ids and reasons that are no text, and for times that are none.
        """
        for name, value in (("session_id", session_id), ("call_id", call_id), ("actor", actor)):
            if not isinstance(value, str):
                raise UsageError(f"`{name}` must be a string, not {type(value).__name__}")
        if reason is not None and not isinstance(reason, str):
            raise UsageError(f"`reason` must be a string or None, not {type(reason).__name__}")
        wait_ms = checked_ms("timeout_ms", timeout_ms)
        said = (reason or "").strip() or DEFAULT_REASON
        if len(said) > REASON_LIMIT:
            said = f"{said[:REASON_LIMIT]} [cut: {REASON_LIMIT} of {len(said)} characters]"
        return cls(session_id, call_id, said, bool(inject_reminder), wait_ms, actor)


def checked_ms(name: str, value: float) -> float:
    """`value` as a time in milliseconds; who says a number of 400 digits means for ever.

    Raises `UsageError` for what is no number, or below 0.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"`{name}` must be a number of milliseconds, not {type(value).__name__}")
    if not value >= 0:  # NaN is not, either.
        raise UsageError(f"`{name}` must be >= 0, not {value}")
    return min(value, FOR_EVER_MS)
