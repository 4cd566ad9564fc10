"""An OpenTelemetry span for each tool call, which tells a cancelled call from a failed one.

Needs the extra `harnlet[otel]`. Load it by name, or as `Telemetry(tracer_provider)` for a provider of
your own. One object serves any number of interpreters. Rules: docs/cancellation.md#hooks.
"""

import logging
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from harnlet.plugins import hookimpl
from harnlet.tools.current import current_call

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer, TracerProvider

if find_spec("opentelemetry") is None or find_spec("opentelemetry.trace") is None:
    raise ImportError("it needs OpenTelemetry: pip install 'harnlet[otel]'")

_SCOPE: Final = "harnlet"
_LOG: Final = logging.getLogger("harnlet.plugins")
_STOP_FACTS: Final = ("outcome", "escalation", "survivors", "actor")
"""What the result of a stopped call says of how it was stopped."""


class Telemetry:
    """Makes the spans. OpenTelemetry is imported with the first call.

    `tracer_provider` is who makes tracers, None for the global one. A span is named
    `execute_tool <tool>` and has the attributes of the conventions for generative AI. The span of a
    call that another call's code made is that one's child; else its parent is the current span
    of whoever dispatched. Arguments and values are not recorded: they may hold secrets.
    """

    def __init__(self, tracer_provider: "TracerProvider | None" = None) -> None:
        self._provider = tracer_provider
        self._made: Tracer | None = None
        self._live: dict[tuple[str, str, str], list[Span]] = {}

    @hookimpl
    async def harnlet_before_tool_call(self, session: str, call: dict[str, Any], interpreter: str) -> None:
        """Start the span; no opinion on the call."""
        try:
            span = self._start(session, call)
        except Exception:  # noqa: BLE001
            # Whatever a provider or processor may raise: an exception in this hook would refuse the call.
            _LOG.exception("no span for the call %r", call["id"])
            return
        self._live.setdefault((interpreter, session, call["id"]), []).append(span)

    @hookimpl
    async def harnlet_tool_cancel_requested(
        self, session: str, call: dict[str, Any], request: dict[str, Any], interpreter: str
    ) -> None:
        """Put the request on the span."""
        spans = self._live.get((interpreter, session, call["id"]))
        if spans:
            spans[0].add_event(
                "harnlet.cancel_requested",
                {f"harnlet.cancel.{key}": request[key] for key in ("status", "actor", "reason")},
            )

    @hookimpl
    async def harnlet_tool_settled(
        self, session: str, call: dict[str, Any], result: dict[str, Any], interpreter: str
    ) -> None:
        """End the span. A call that never came to its pre-call hooks has one without a length."""
        key = (interpreter, session, call["id"])
        spans = self._live.get(key)
        span = spans.pop(0) if spans else self._start(session, call)
        if not spans:
            self._live.pop(key, None)
        _describe(span, result)
        span.end()

    def _start(self, session: str, call: Mapping[str, Any]) -> "Span":
        from opentelemetry import trace

        if self._made is None:
            self._made = trace.get_tracer(_SCOPE, tracer_provider=self._provider)
        caller = current_call()
        above = (
            None
            if caller is None
            else self._live.get((caller.interpreter, caller.session_id, caller.call_id))
        )
        return self._made.start_span(
            f"execute_tool {call['name']}",
            context=trace.set_span_in_context(above[0]) if above else None,
            attributes={
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": call["name"],
                "gen_ai.tool.call.id": call["id"],
                "gen_ai.conversation.id": session,
            },
        )


def _describe(span: "Span", result: Mapping[str, Any]) -> None:
    """How the call ended. Being cancelled is what somebody wanted, so it is no error of the span."""
    from opentelemetry.trace import StatusCode

    status = result["status"]
    span.set_attribute("harnlet.tool.status", status)
    if status == "ok":
        span.set_status(StatusCode.OK)
    elif status == "cancelled":
        span.set_attribute("harnlet.cancel.reason", result["cancellation_reason"])
    else:
        span.set_attribute("error.type", result["error_category"])
        span.set_status(StatusCode.ERROR, str(result["error"]))
    for key in _STOP_FACTS:
        value = result.get(key)
        if value is not None:
            span.set_attribute(f"harnlet.cancel.{key}", value)


_SHARED: Final = Telemetry()
harnlet_before_tool_call = _SHARED.harnlet_before_tool_call
harnlet_tool_cancel_requested = _SHARED.harnlet_tool_cancel_requested
harnlet_tool_settled = _SHARED.harnlet_tool_settled
