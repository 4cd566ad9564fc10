"""How the builtins that stop calls check what they are given; the texts are exact
(docs/cancellation.md#the-builtin).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from harnlet.errors.faults import Thrown
from harnlet.tools.request import DEFAULT_TIMEOUT_MS

OPTIONS: Final = ("reason", "inject_reminder", "timeout_ms")
"""The options that a script for Harn knows, in their order."""


class Terms(NamedTuple):
    """How calls are to be stopped; see `CancelRequest`."""

    reason: str | None
    inject_reminder: bool
    timeout_ms: int
    dry_run: bool


def checked_session(name: str, session: object, current_session: str) -> str:
    """The id of a session; a blank one is the run's own. Raises Thrown in the name of the builtin `name`."""
    if not isinstance(session, str):
        raise Thrown(f"{name}: `session_id` must be a string")
    return session if session.strip() else current_session


def checked_terms(
    name: str,
    reason: object,
    inject_reminder: object,
    timeout_ms: object,
    expected: tuple[str, ...] = OPTIONS,
) -> Terms:
    """The terms from three arguments, or from one dict in place of the first.

    `expected` are the options that the error names. Raises Thrown for the first thing wrong.
    """
    dry_run: object = None
    if isinstance(reason, Mapping):
        for key in sorted(reason):
            if key not in OPTIONS and key != "dry_run":
                raise Thrown(f"{name}: unknown option key '{key}' (expected one of: {', '.join(expected)})")
        dry_run = reason.get("dry_run")
        reason, inject_reminder, timeout_ms = (reason.get(key) for key in OPTIONS)
        if reason is not None and not isinstance(reason, str):
            raise Thrown(f"{name}: `reason` must be a string or nil")
    elif reason is not None and not isinstance(reason, str):
        raise Thrown(f"{name}: `opts` must be a dict or nil")
    if inject_reminder is not None and not isinstance(inject_reminder, bool):
        raise Thrown(f"{name}: `inject_reminder` must be a bool")
    if timeout_ms is not None and (isinstance(timeout_ms, bool) or not isinstance(timeout_ms, int)):
        raise Thrown(f"{name}: `timeout_ms` must be an int")
    if timeout_ms is not None and timeout_ms < 0:
        raise Thrown(f"{name}: `timeout_ms` must be >= 0")
    if dry_run is not None and not isinstance(dry_run, bool):
        raise Thrown(f"{name}: `dry_run` must be a bool")
    return Terms(
        reason,
        True if inject_reminder is None else inject_reminder,
        DEFAULT_TIMEOUT_MS if timeout_ms is None else timeout_ms,
        bool(dry_run),
    )
