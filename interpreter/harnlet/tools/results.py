"""The dict that a dispatched call returns: keys, their order and all texts.

Exact by docs/cancellation.md#dispatch; keys after `mutation_status` are Harnlet's own.
"""

import json
from typing import Any, Final

from harnlet.errors.faults import Fault
from harnlet.session.plain import PlainDict, plain_text
from harnlet.tools.call import Escalation, Outcome

CATEGORIES: Final = (
    "schema_validation",
    "tool_error",
    "mcp_server_error",
    "host_bridge_error",
    "permission_denied",
    "rejected_loop",
    "parse_aborted",
    "timeout",
    "network",
    "resource_busy",
    "cancelled",
    "abandoned_at_loop_exit",
    "environment",
    "unknown",
)
"""All error categories."""


class ToolError(Exception):
    """An error a tool raises on purpose, with the category its result is to have."""

    def __init__(self, message: str, category: str = "tool_error") -> None:
        super().__init__(message)
        self.category = category


def _result(
    status: str,
    tool: str,
    call_id: str,
    arguments: PlainDict,
    *,
    result: Any = None,
    rendered: str,
    observation: str,
    error: str | None = None,
    category: str | None = None,
    executor: str | None = None,
    approval: str | None = None,
    duration_ms: int,
    reason: str | None = None,
    changed_paths: list[str],
) -> PlainDict:
    made: PlainDict = {
        "ok": status == "ok",
        "status": status,
        "tool_name": tool,
        "tool_call_id": call_id,
        "arguments": arguments,
        "result": result,
        "rendered_result": rendered,
        "observation": observation,
        "error": error,
        "error_category": category,
        "executor": executor,
        "approval": approval,
        "execution_duration_ms": duration_ms,
        "cancelled": status == "cancelled",
        "cancellation_reason": reason,
        "mutation_status": "applied" if changed_paths else "unknown",
    }
    if changed_paths:
        made["changed_paths"] = changed_paths
    return made


def success(
    tool: str,
    call_id: str,
    arguments: PlainDict,
    value: Any,
    *,
    executor: str | None,
    approval: str | None,
    duration_ms: int,
    changed_paths: list[str],
) -> PlainDict:
    """The tool gave `value` back."""
    text = plain_text(value)
    return _result(
        "ok",
        tool,
        call_id,
        arguments,
        result=value,
        rendered=text,
        observation=f"[result of {tool}]\n{text}\n[end of {tool} result]\n",
        executor=executor,
        approval=approval,
        duration_ms=duration_ms,
        changed_paths=changed_paths,
    )


def failure(
    tool: str,
    call_id: str,
    arguments: PlainDict,
    error: str,
    category: str,
    *,
    status: str = "error",
    executor: str | None = None,
    approval: str | None = None,
    duration_ms: int = 0,
    changed_paths: list[str],
) -> PlainDict:
    """The tool failed, was refused, or (status `timeout`) ran out of time."""
    return _result(
        status,
        tool,
        call_id,
        arguments,
        rendered=error,
        observation=f"[error from {tool}]\n{error}\n[end of {tool} error]\n",
        error=error,
        category=category,
        executor=executor,
        approval=approval,
        duration_ms=duration_ms,
        changed_paths=changed_paths,
    )


def cancelled(
    tool: str,
    call_id: str,
    arguments: PlainDict,
    reason: str,
    *,
    approval: str | None,
    duration_ms: int,
    changed_paths: list[str],
) -> PlainDict:
    """A cancel request stopped the call."""
    said = reason or "cancelled by host"
    return _result(
        "cancelled",
        tool,
        call_id,
        arguments,
        rendered=f"[cancelled in-flight: {tool}]" + (f" {reason}" if reason else ""),
        observation=f"[cancelled call to {tool}]\n{said}\n[end of {tool} cancellation]\n",
        error=f"tool call cancelled in-flight: {reason or tool}",
        category="cancelled",
        approval=approval,
        duration_ms=duration_ms,
        reason=reason,
        changed_paths=changed_paths,
    )


def account(
    result: PlainDict,
    *,
    outcome: Outcome,
    escalation: Escalation | None,
    survivors: int,
    actor: str,
    reason: str,
    partial: str | None,
    undo: PlainDict | None,
) -> None:
    """Add what is known of how a call was stopped, and the same in a sentence for the model."""
    result["outcome"] = outcome
    result["escalation"] = escalation
    result["survivors"] = survivors
    result["actor"] = actor
    if partial:
        result["partial"] = partial
    if undo is not None:
        result["undo"] = undo
    result["note"] = _note(outcome, survivors, actor, reason, result.get("changed_paths"), undo)


def _note(
    outcome: Outcome,
    survivors: int,
    actor: str,
    reason: str,
    changed: list[str] | None,
    undo: PlainDict | None,
) -> str:
    who = f"by {actor}" + (f" ({reason})" if reason else "")
    if outcome == "never_started":
        return f"The call never started; it was stopped {who}. It had no effects."
    if outcome == "abandoned":
        ran = f"The call was told to stop {who}, did not stop in time and may still be running."
    elif outcome == "killed":
        ran = f"The call had started and was killed {who}."
    else:
        ran = f"The call had started and was stopped {who}."
    if survivors:
        ran += f" {survivors} of its processes live on."
    if changed:
        effects = f" It had changed: {', '.join(changed)}."
    else:
        effects = " Effects may remain."
    if undo is not None:
        effects += " They were undone." if undo["status"] == "ok" else f" Undo: {undo['status']}."
    return ran + effects


def error_text(error: BaseException) -> str:
    """The text of what a tool raised, as scripts and models see it."""
    if isinstance(error, Fault):
        caught = error.caught()
        if isinstance(caught, dict) and isinstance(caught.get("message"), str):
            return str(caught["message"])
        return caught if isinstance(caught, str) else json.dumps(caught, ensure_ascii=False, default=str)
    return str(error) or type(error).__name__


def error_category(error: BaseException) -> str:
    """The category of what a tool raised; what it says itself, when that is one, comes first."""
    said = getattr(error, "category", None)
    if said is None and isinstance(error, Fault):
        caught = error.caught()
        said = caught.get("category") if isinstance(caught, dict) else None
    if isinstance(said, str) and said in CATEGORIES:
        return said
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, PermissionError):
        return "permission_denied"
    if isinstance(error, ConnectionError):
        return "network"
    if isinstance(error, OSError):
        return "environment"
    return "tool_error"
