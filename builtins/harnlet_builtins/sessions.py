"""Agent sessions: opening, reading, forking, trimming, closing (docs/builtins.md#sessions).

The sessions are those of the interpreter (`rt.services.sessions`); the same ones that tool calls
are dispatched in and that the host sees.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.conversion import to_host, to_script
from harnlet.runtime.display import display
from harnlet.session.compact import BadStrategyError, Compressor
from harnlet.session.events import BadMessageError
from harnlet.session.session import Session

_COMPACT_KEYS: Final = (
    "keep_last",
    "token_threshold",
    "tool_output_max_chars",
    "compact_strategy",
    "hard_limit_tokens",
    "hard_limit_strategy",
    "custom_compactor",
    "mask_callback",
    "compress_callback",
)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Thrown(f"{name}: `id` must be a string")
    return value


def _text_or_none(name: str, value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise Thrown(f"{name}: `id` must be a string or nil")
    return value


def _count(name: str, field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Thrown(f"{name}: `{field}` must be an int")
    if value < 0:
        raise Thrown(f"{name}: `{field}` must be >= 0")
    return value


def _session(rt: Any, name: str, value: object) -> Session:
    session_id = _text(name, value)
    found: Session | None = rt.services.sessions.get(session_id)
    if found is None:
        raise Thrown(f"{name}: unknown session id '{session_id}'")
    return found


@builtin("agent_session_open(id?)", section="20.1", context=True)
def agent_session_open(rt: Any, id: object = None) -> object:
    """The id of the session `id`, made when there is none; without an id a new one."""
    opened: Session = rt.services.sessions.open(_text_or_none("agent_session_open", id))
    return opened.id


@builtin("agent_session_exists(id)", section="20.1", context=True)
def agent_session_exists(rt: Any, id: object = None) -> object:
    """Whether there is a session of that id."""
    return _text("agent_session_exists", id) in rt.services.sessions


@builtin("agent_session_current_id()", section="20.1", context=True)
def agent_session_current_id(rt: Any) -> object:
    """The id of the session that this run belongs to, nil outside of one."""
    return rt.session_id or None


@builtin("agent_session_length(id)", section="20.1", context=True)
def agent_session_length(rt: Any, id: object = None) -> object:
    """How many messages the session has."""
    return len(_session(rt, "agent_session_length", id).transcript)


@builtin("agent_session_snapshot(id)", section="20.1", context=True)
def agent_session_snapshot(rt: Any, id: object = None) -> object:
    """The transcript dict with the session's lineage, nil for an unknown id."""
    return to_script(rt.services.sessions.snapshot(_text("agent_session_snapshot", id)))


@builtin("agent_session_ancestry(id)", section="20.1", context=True)
def agent_session_ancestry(rt: Any, id: object = None) -> object:
    """`{parent_id, child_ids, root_id}`, nil for an unknown id."""
    return to_script(rt.services.sessions.ancestry(_text("agent_session_ancestry", id)))


@builtin("agent_session_inject(id, message)", section="20.1", context=True)
def agent_session_inject(rt: Any, id: object = None, message: object = None) -> object:
    """Append a message `{role, content, …}` to the transcript."""
    session = _session(rt, "agent_session_inject", id)
    if not isinstance(message, Mapping):
        raise Thrown("agent_session_inject: message must be a dict")
    plain = to_host(message, lenient=True)
    try:
        session.inject(plain if isinstance(plain, Mapping) else {})
    except BadMessageError as error:
        raise Thrown(f"agent_session_inject: {error}") from error
    return None


@builtin("agent_session_trim(id, keep_last)", section="20.1", context=True)
def agent_session_trim(rt: Any, id: object = None, keep_last: object = None) -> object:
    """Keep the last messages only; how many there are now."""
    session = _session(rt, "agent_session_trim", id)
    return rt.services.sessions.trim(session.id, _count("agent_session_trim", "keep_last", keep_last))


@builtin("agent_session_fork(source, target?)", section="20.1", context=True)
def agent_session_fork(rt: Any, source: object = None, target: object = None) -> object:
    """Copy a session into one of its own; the id of the copy."""
    origin = _session(rt, "agent_session_fork", source)
    copy_id = _text_or_none("agent_session_fork", target)
    return _forked("agent_session_fork", lambda: rt.services.sessions.fork(origin.id, copy_id))


@builtin("agent_session_fork_at(source, keep_first, target?)", section="20.1", context=True)
def agent_session_fork_at(
    rt: Any, source: object = None, keep_first: object = None, target: object = None
) -> object:
    """Copy the first messages of a session into one of its own; the id of the copy."""
    origin = _session(rt, "agent_session_fork_at", source)
    count = _count("agent_session_fork_at", "keep_first", keep_first)
    copy_id = _text_or_none("agent_session_fork_at", target)
    return _forked("agent_session_fork_at", lambda: rt.services.sessions.fork_at(origin.id, count, copy_id))


def _forked(name: str, fork: Callable[[], Session]) -> str:
    try:
        return fork().id
    except ValueError as error:
        raise Thrown(f"{name}: {error}") from error


@builtin("agent_session_reset(id)", section="20.1", context=True)
def agent_session_reset(rt: Any, id: object = None) -> object:
    """Empty the transcript."""
    rt.services.sessions.reset(_session(rt, "agent_session_reset", id).id)
    return None


@builtin("agent_session_close(id, status?)", section="20.1", context=True)
def agent_session_close(rt: Any, id: object = None, status: object = None) -> object:
    """Forget the session."""
    session = _session(rt, "agent_session_close", id)
    rt.services.sessions.close(session.id, None if status is None else display(status))
    return None


@builtin("agent_session_compact(id, options?)", section="20.1", context=True)
def agent_session_compact(rt: Any, id: object = None, options: object = None) -> object:
    """Put the older messages into one; how many there are now."""
    name = "agent_session_compact"
    session = _session(rt, name, id)
    if options is not None and not isinstance(options, Mapping):
        raise Thrown(f"{name}: options must be a dict or nil")
    given: Mapping[str, object] = {} if options is None else options
    for key in sorted(given):
        if key not in _COMPACT_KEYS:
            expected = ", ".join(_COMPACT_KEYS)
            raise Thrown(f"{name}: unknown option key '{key}' (expected one of: {expected})")
    keep_last = given.get("keep_last")
    threshold = given.get("token_threshold")
    compressor = given.get("custom_compactor") or given.get("compress_callback")
    usual = "custom" if compressor is not None else "observation_mask"
    try:
        return rt.services.sessions.compact(
            session.id,
            keep_last=12 if keep_last is None else _count(name, "keep_last", keep_last),
            strategy=display(given.get("compact_strategy") or usual),
            token_threshold=None if threshold is None else _count(name, "token_threshold", threshold),
            compressor=_compressor(name, compressor),
        )
    except BadStrategyError as error:
        raise RuntimeFault(str(error)) from error


def _compressor(name: str, closure: object) -> Compressor | None:
    if closure is None:
        return None
    if not callable(closure):
        raise Thrown(f"{name}: a compactor must be a closure")
    return lambda old: display(closure(to_script(old)))
