"""Spans of tool calls: docs/cancellation.md#hooks."""

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from opentelemetry.trace import TracerProvider as AnyProvider

from cancel.support import Waiting, call, clock_of, make_host, rounds, until
from harnlet.plugins import hookimpl, load
from harnlet.tools.declaration import tool
from harnlet.tools.host import ToolHost
from harnlet_plugins.telemetry import Telemetry


class Spans:
    """A host whose spans are kept."""

    def __init__(self, *tools: Any, plugins: tuple[Any, ...] = (), **options: Any) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.telemetry = Telemetry(self.provider)
        self.host: ToolHost = make_host(*tools, plugins=[self.telemetry, *plugins], **options)

    async def one(self) -> ReadableSpan:
        """The only span."""
        (span,) = await self.all(1)
        return span

    async def all(self, count: int) -> tuple[ReadableSpan, ...]:
        """All spans, once there are `count`."""
        await until(lambda: len(self.exporter.get_finished_spans()) >= count)
        await rounds()
        spans = self.exporter.get_finished_spans()
        assert len(spans) == count
        return spans


def id_of(span: ReadableSpan) -> int:
    """The id of a span."""
    context = span.get_span_context()
    assert context is not None
    return context.span_id


def facts(span: ReadableSpan) -> dict[str, Any]:
    """The attributes of a span that say how its call ended."""
    return {
        key: value
        for key, value in (span.attributes or {}).items()
        if key.startswith("harnlet.") or key == "error.type"
    }


@tool
async def add(a: int, b: int) -> int:
    return a + b


async def test_a_call_that_ends_well() -> None:
    spans = Spans(add)
    await spans.host.dispatch("s", call("add", a=1, b=2))
    span = await spans.one()
    assert span.name == "execute_tool add"
    assert span.attributes is not None
    assert dict(span.attributes) == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "add",
        "gen_ai.tool.call.id": "c1",
        "gen_ai.conversation.id": "s",
        "harnlet.tool.status": "ok",
    }
    assert span.status.status_code is StatusCode.OK


async def test_a_cancelled_call_is_no_error() -> None:
    waiting = Waiting()
    spans = Spans(waiting.tool)
    running = asyncio.create_task(spans.host.dispatch("s", call("wait")))
    await waiting.started.wait()
    await spans.host.cancel("s", "c1", "enough")
    await running
    span = await spans.one()
    assert span.status.status_code is StatusCode.UNSET
    assert facts(span) == {
        "harnlet.tool.status": "cancelled",
        "harnlet.cancel.reason": "enough",
        "harnlet.cancel.outcome": "stopped",
        "harnlet.cancel.escalation": "asked",
        "harnlet.cancel.survivors": 0,
        "harnlet.cancel.actor": "host",
    }
    assert [(event.name, dict(event.attributes or {})) for event in span.events] == [
        (
            "harnlet.cancel_requested",
            {
                "harnlet.cancel.status": "cancelled",
                "harnlet.cancel.actor": "host",
                "harnlet.cancel.reason": "enough",
            },
        )
    ]


async def test_a_failed_call_is_an_error() -> None:
    @tool
    async def fail() -> None:
        raise ConnectionError("the line is dead")

    spans = Spans(fail)
    await spans.host.dispatch("s", call("fail"))
    span = await spans.one()
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "the line is dead")
    assert facts(span) == {"harnlet.tool.status": "error", "error.type": "network"}


async def test_a_call_out_of_time_is_an_error_of_its_own() -> None:
    waiting = Waiting(timeout_ms=50)
    spans = Spans(waiting.tool)
    running = asyncio.create_task(spans.host.dispatch("s", call("wait")))
    await waiting.started.wait()
    clock_of(spans.host).advance(50)
    await running
    span = await spans.one()
    assert span.status.status_code is StatusCode.ERROR
    assert facts(span)["error.type"] == "timeout"
    assert facts(span)["harnlet.cancel.actor"] == "deadline"


async def test_calls_that_never_start_have_a_span_too() -> None:
    waiting = Waiting()
    spans = Spans(waiting.tool)
    calls = [call("wait", "first"), call("wait", "second"), call("nothing", "third")]
    running = asyncio.create_task(spans.host.dispatch_batch("s", calls))
    await waiting.started.wait()
    await spans.host.cancel("s", "second")
    waiting.gate.set()
    await running
    found = {facts(span)["harnlet.tool.status"]: facts(span) for span in await spans.all(3)}
    assert found["cancelled"]["harnlet.cancel.outcome"] == "never_started"
    assert found["error"]["error.type"] == "tool_error"
    assert found["ok"] == {"harnlet.tool.status": "ok"}


async def test_spans_are_nested_like_calls_and_within_the_dispatchers_span() -> None:
    spans: Spans

    @tool
    async def outer() -> Any:
        return (await spans.host.dispatch("s", call("add", "inner", a=1, b=2)))["result"]

    spans = Spans(add, outer)
    with spans.provider.get_tracer("test").start_as_current_span("agent turn"):
        await spans.host.dispatch("s", call("outer", "outer"))
    by_name = {span.name: span for span in await spans.all(3)}
    parents = {
        name: None if span.parent is None else span.parent.span_id for name, span in by_name.items()
    }
    assert parents["execute_tool add"] == id_of(by_name["execute_tool outer"])
    assert parents["execute_tool outer"] == id_of(by_name["agent turn"])
    assert parents["agent turn"] is None


async def test_two_interpreters_with_the_same_ids_share_one_object() -> None:
    waiting, other = Waiting(), Waiting()
    spans = Spans(waiting.tool)
    second = make_host(other.tool, plugins=[spans.telemetry])
    running = [asyncio.create_task(host.dispatch("s", call("wait"))) for host in (spans.host, second)]
    await waiting.started.wait()
    await other.started.wait()
    # The one that began last is stopped first: by the ids of session and call alone it would end the span of the other.
    await second.cancel("s", "c1", "enough")
    cancelled = await spans.one()
    waiting.gate.set()
    await asyncio.gather(*running)
    both = await spans.all(2)
    assert [facts(span)["harnlet.tool.status"] for span in both] == ["cancelled", "ok"]
    ended = next(span for span in both if id_of(span) != id_of(cancelled))
    assert cancelled.start_time is not None
    assert ended.start_time is not None
    assert cancelled.start_time > ended.start_time


async def test_a_call_id_used_again_has_a_span_each_time() -> None:
    spans = Spans(add)
    for number in range(3):
        await spans.host.dispatch("s", call("add", a=number, b=0))
    assert len({id_of(span) for span in await spans.all(3)}) == 3


async def test_a_refused_call_leaves_no_span_open() -> None:
    class Never:
        @hookimpl
        def harnlet_before_tool_call(self) -> dict[str, str]:
            return {"deny": "not today"}

    class Later(Never):
        pass

    for plugins in ((Never(),), (Never(), Later())):
        spans = Spans(add, plugins=plugins)
        await spans.host.dispatch("s", call("add", a=1, b=2))
        assert facts(await spans.one())["error.type"] == "permission_denied"


async def test_a_broken_provider_harms_no_call(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(AnyProvider):
        def get_tracer(self, *args: Any, **kwargs: Any) -> Any:
            raise OSError("no collector")

    host = make_host(add, plugins=[Telemetry(Broken())])
    result = await host.dispatch("s", call("add", a=1, b=2))
    await rounds()
    assert result["result"] == 3
    assert "no span for the call 'c1'" in caplog.text


async def test_it_is_loaded_by_name_and_does_nothing_without_a_provider() -> None:
    host = ToolHost(load(["harnlet_plugins.tool_calls", "harnlet_plugins.telemetry"]), tools=[add])
    assert (await host.dispatch("s", call("add", a=1, b=2)))["ok"]
    assert {"harnlet_before_tool_call", "harnlet_tool_settled"} <= {
        hook for info in load(["harnlet_plugins.telemetry"]).list_plugins() for hook in info.hooks
    }


def test_loading_it_does_not_load_open_telemetry() -> None:
    code = (
        "import sys; import harnlet_plugins.telemetry; "
        "sys.exit('opentelemetry.trace' in sys.modules or 'opentelemetry.context' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, env=_environment()).returncode == 0


def test_without_open_telemetry_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'opentelemetry' else find(name, *rest)\n"
        "from harnlet.plugins import PluginError, load\n"
        "try: load(['harnlet_plugins.telemetry'])\n"
        "except PluginError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, env=_environment(), capture_output=True, text=True
    )
    assert "harnlet_plugins.telemetry" in done.stdout
    assert "harnlet[otel]" in done.stdout


def _environment() -> dict[str, str]:
    """Where the packages are when they are not installed."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
