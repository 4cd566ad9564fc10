"""`session/remind`: somebody outside wants the model of a session to be told something.

Checks the parameters of that request and queues the reminder; transports pass on what they were given.
Rules: docs/cancellation.md#asking-for-a-reminder.
"""

from collections.abc import Mapping
from typing import Any, Final

from harnlet.errors.hierarchy import UsageError
from harnlet.session.plain import PlainDict
from harnlet.session.reminder import BadReminderError, Reminder
from harnlet.session.sessions import Sessions

INVALID_PARAMS: Final = -32602
"""The code of JSON-RPC for parameters that are wrong."""

_METHOD: Final = "session/remind"
_SESSION_KEYS: Final = ("sessionId", "session_id")
_SPELLINGS: Final = {
    "dedupeKey": "dedupe_key",
    "ttlTurns": "ttl_turns",
    "preserveOnCompact": "preserve_on_compact",
    "roleHint": "role_hint",
    "firedAtTurn": "fired_at_turn",
    "originatingAgentId": "originating_agent_id",
}


class BadRemindRequestError(UsageError):
    """Parameters that make no reminder; `rpc_code` is the error code for the answer."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.rpc_code = INVALID_PARAMS


def queue_reminder(sessions: Sessions, params: object, new_id: str) -> PlainDict:
    """Queue the reminder that `params` describe: `{status: "queued", sessionId, id, mode}`.

    The fields of the reminder are in `params` itself, or in its `reminder`; `new_id` is its id unless they
    have one. Nothing is queued when anything is wrong. Raises `BadRemindRequestError`.
    """
    if not isinstance(params, Mapping):
        raise BadRemindRequestError(f"{_METHOD}: params must be an object")
    session_id = next((params[key] for key in _SESSION_KEYS if params.get(key)), None)
    if not isinstance(session_id, str):
        raise BadRemindRequestError(f"{_METHOD} requires sessionId")
    mode = params.get("mode", "finish_step")
    if not isinstance(mode, str):
        raise BadRemindRequestError(f"{_METHOD}: `mode` must be a string")
    fields = _fields(params)
    session = sessions.get(session_id)
    if session is None:
        raise BadRemindRequestError(f"{_METHOD}: unknown session id '{session_id}'")
    fields.setdefault("fired_at_turn", session.turn)
    try:
        reminder = Reminder.from_dict(fields, new_id)
    except BadReminderError as error:
        raise BadRemindRequestError(f"{_METHOD}: {error}") from error
    understood = session.push_reminder(reminder, mode)
    return {"status": "queued", "sessionId": session_id, "id": reminder.id, "mode": understood}


def _fields(params: Mapping[Any, Any]) -> PlainDict:
    inner = params.get("reminder")
    if inner is not None and not isinstance(inner, Mapping):
        raise BadRemindRequestError(f"{_METHOD}: `reminder` must be an object")
    rest = {key: value for key, value in params.items() if key not in (*_SESSION_KEYS, "mode", "reminder")}
    if inner is not None and rest:
        given = ", ".join(f"`{key}`" for key in sorted(map(str, rest)))
        raise BadRemindRequestError(f"{_METHOD}: {given} beside `reminder`: a field belongs into it")
    fields: PlainDict = {}
    for key, value in (rest if inner is None else inner).items():
        name = _SPELLINGS.get(key, str(key))
        if name in fields:
            raise BadRemindRequestError(f"{_METHOD}: `{name}` is given twice")
        fields[name] = value
    return fields
