"""Responses that are read bit by bit: streams of bytes, streams of events.

Rules: docs/builtins.md#http-client.
"""

import asyncio
from collections import deque
from contextlib import AsyncExitStack
from typing import Any, Final

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.values import type_name
from harnlet.sched.times import milliseconds
from harnlet_builtins.egress import check_policy, parsed_url, target_of
from harnlet_builtins.http_client import answer_to
from harnlet_builtins.http_connections import Handles, aiohttp_for
from harnlet_builtins.http_mocks import Answer, is_ok
from harnlet_builtins.http_options import Call, options_dict, read_call
from harnlet_builtins.http_transport import NetworkError, network_errors, opened, response_headers
from harnlet_builtins.permission import SystemContext
from harnlet_builtins.sse_frames import FrameReader
from harnlet_builtins.transport_mocks import mocked_stream, record

_PIECE: Final = 65_536
_LONGEST_PIECE: Final = 16 * 1024 * 1024


class Body:
    """The body of an open response, or of a mocked one; read by one task at a time."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.answer = Answer(0, {}, b"")
        self._rest = b""
        self._response: Any = None
        self._stack = AsyncExitStack()
        self._turn = asyncio.Lock()

    async def open(self, rt: SystemContext) -> None:
        """Send the request and wait for the head of its answer. Raises Thrown."""
        limit_ms, self.call.timeout_ms = self.call.timeout_ms, 0

        async def begun(call: Call, client: Any) -> Answer:
            await self._stack.aclose()
            try:
                # Only the head: how long the body takes is for the reader to say.
                async with asyncio.timeout(limit_ms / 1000):
                    self._response = await self._stack.enter_async_context(opened(rt, call, client))
            except TimeoutError:
                raise NetworkError(f"request timed out after {limit_ms}ms: Deadline exceeded") from None
            return Answer(self._response.status, response_headers(self._response), b"")

        try:
            self.answer = await answer_to(rt, self.call, begun)
        except BaseException:
            await self._stack.aclose()
            raise
        self._rest = self.answer.body

    async def read(self, name: str, most: int) -> bytes:
        """At most so many bytes, as soon as there are some; none at the end."""
        if self._response is None:
            piece, self._rest = self._rest[:most], self._rest[most:]
            return piece
        aiohttp = await aiohttp_for(name)
        try:
            async with self._turn:
                with network_errors(aiohttp, self.call):
                    piece = await self._response.content.read(most)
        except NetworkError as error:
            raise Thrown(f"{name}: {error}") from None
        return bytes(piece)

    async def close(self) -> None:
        """Close the connection."""
        await self._stack.aclose()


class _Bodies(Handles[Body]):
    def __init__(self) -> None:
        super().__init__("http-stream", "HTTP stream", Body.close)


@builtin("http_stream_open(url, options?)", section="23.1", effect="system", context=True)
async def http_stream_open(rt: SystemContext, url: object = None, options: object = None) -> str:
    """The handle of a response whose body is read bit by bit. Options as for `http_request`, and `method`."""
    name = "http_stream_open"
    bodies = rt.state(_Bodies)
    owner = await bodies.room(rt, name)
    given = options_dict(name, options)
    body = Body(read_call(name, given.get("method", "GET"), url, given))
    await body.open(rt)
    return bodies.add(body, owner)


@builtin("http_stream_read(stream, max_bytes?)", section="23.1", effect="suspends", context=True)
async def http_stream_read(rt: Context, stream: object = None, max_bytes: object = None) -> bytes | None:
    """The next bytes of a body, at most so many; nil at its end."""
    name = "http_stream_read"
    most = _PIECE if max_bytes is None else max_bytes
    if type(most) is not int or most < 1:
        raise RuntimeFault(f"{name}: max_bytes must be a positive int")
    return await rt.state(_Bodies).get(name, stream).read(name, min(most, _LONGEST_PIECE)) or None


@builtin("http_stream_info(stream)", section="23.1", context=True)
def http_stream_info(rt: Context, stream: object = None) -> dict[str, object]:
    """`{status, headers, ok}`"""
    answer = rt.state(_Bodies).get("http_stream_info", stream).answer
    return {"status": answer.status, "headers": answer.headers, "ok": is_ok(answer.status)}


@builtin("http_stream_close(stream)", section="23.1", effect="suspends", context=True)
async def http_stream_close(rt: Context, stream: object = None) -> bool:
    """Closes the connection; whether it was open."""
    return await rt.state(_Bodies).close(stream)


# --- events -------------------------------------------------------------------------------------------


class _Events:
    """The events of a response, or of a mock, in order."""

    def __init__(self, url: str, body: Body | None, ready: list[dict[str, object]]) -> None:
        self.url = url
        self.body = body
        self._ready: deque[dict[str, object]] = deque([{"type": "open"}, *ready])
        self._reader = FrameReader()
        self._ended = body is None

    async def next(self) -> dict[str, object] | None:
        """The next event, None at the end."""
        while not self._ready:
            if self._ended or self.body is None:
                return None
            piece = await self.body.read("sse_receive", _PIECE)
            if not piece:
                self._ended = True
                return None
            try:
                self._ready.extend(self._reader.feed(piece))
            except ValueError as error:
                self._ended = True
                raise Thrown(f"sse_receive: {error}") from None
        return self._ready.popleft()

    async def close(self) -> None:
        if self.body is not None:
            await self.body.close()


class _Streams(Handles[_Events]):
    def __init__(self) -> None:
        super().__init__("sse", "SSE stream", _Events.close)


@builtin("sse_connect(method, url, options?)", section="23.1", effect="system", context=True)
async def sse_connect(
    rt: SystemContext, method: object = None, url: object = None, options: object = None
) -> str:
    """The handle of a stream of events. Options as for `http_request`."""
    name = "sse_connect"
    streams = rt.state(_Streams)
    owner = await streams.room(rt, name)
    call = read_call(name, "GET" if method is None else method, url, options_dict(name, options))
    mock = mocked_stream(rt, call.url)
    if mock is not None:
        check_policy(rt, target_of(parsed_url(call.url)))
        handle = streams.add(_Events(call.url, None, mock.messages), owner)
        record(rt, "sse", "connect", handle, call.url, method=call.method)
        return handle
    call.headers = {"accept": "text/event-stream", "cache-control": "no-cache", **call.headers}
    body = Body(call)
    await body.open(rt)
    if not is_ok(body.answer.status):
        await body.close()
        raise Thrown(f"{name}: request failed: status {body.answer.status}")
    return streams.add(_Events(call.url, body, []), owner)


def wait_seconds(name: str, timeout_ms: object) -> float | None:
    """A timeout in seconds, None for none. Raises RuntimeFault."""
    if timeout_ms is None:
        return None
    found = milliseconds(timeout_ms)
    if found is None:
        raise RuntimeFault(f"{name}: timeout_ms must be an int or a duration, got {type_name(timeout_ms)}")
    return max(found, 0) / 1000


@builtin("sse_receive(stream, timeout_ms?)", section="23.1", effect="suspends", context=True)
async def sse_receive(
    rt: Context, stream: object = None, timeout_ms: object = None
) -> dict[str, object] | None:
    """The next of `{type: "open"}`, `{type: "event", event, data, id, retry_ms}`; `{type: "timeout"}` when
    none comes in time, nil when the stream has ended."""
    seconds = wait_seconds("sse_receive", timeout_ms)
    found = rt.state(_Streams).find(stream)
    if found is None:
        return None
    try:
        async with asyncio.timeout(seconds):
            event = await found.next()
    except TimeoutError:
        return {"type": "timeout"}
    if found.body is None and type(stream) is str:
        record(rt, "sse", "receive", stream, found.url)
    return event


@builtin("sse_close(stream)", section="23.1", effect="suspends", context=True)
async def sse_close(rt: Context, stream: object = None) -> bool:
    """Closes the connection; whether it was open."""
    streams = rt.state(_Streams)
    found = streams.find(stream)
    if found is not None and found.body is None and type(stream) is str:
        record(rt, "sse", "close", stream, found.url)
    return await streams.close(stream)
