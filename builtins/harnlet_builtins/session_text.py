"""A session as text for people (docs/builtins.md#sessions)."""

from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.session.render import render_transcript
from harnlet.session.sessions import UnknownSessionError


@builtin("agent_session_text(id)", section="20.1", context=True)
def agent_session_text(rt: Any, id: object = None) -> str:
    """The transcript of a session as readable text: messages, reminders and events in order."""
    if not isinstance(id, str):
        raise Thrown("agent_session_text: `id` must be a string")
    try:
        return render_transcript(rt.services.sessions.transcript(id))
    except UnknownSessionError:
        raise Thrown(f"agent_session_text: unknown session id '{id}'") from None
