"""Streams of bytes and of events from a real server (docs/builtins.md#http-client)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from embed.builtins_support import Thrown, system_problem
from embed.http_support import NetRun, Request, Server, answer, closed_runs, serving
from harnlet import Interpreter
from harnlet_builtins import handle_tables, http_connections


@pytest.fixture(autouse=True)
async def runs() -> AsyncIterator[None]:
    async with closed_runs():
        yield


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as found:
        yield found


def pieces(server: Server, *parts: bytes, ending: bool = True) -> asyncio.Queue[None]:
    """A body that is sent piece by piece, one for each item that the test puts into the queue."""
    more: asyncio.Queue[None] = asyncio.Queue()

    async def handle(request: Request) -> bytes | None:
        request.writer.write(b"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in parts:
            await more.get()
            request.writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            await request.writer.drain()
        if ending:
            request.writer.write(b"0\r\n\r\n")
            return b""
        return await server.hang(request)

    server.paths["/"] = handle
    return more


async def test_a_body_bit_by_bit(server: Server) -> None:
    more = pieces(server, b"first", b"second")
    run = NetRun("network")
    handle = await run.system("http_stream_open", server.url("/"))
    info = run.call("http_stream_info", handle)
    assert (info["status"], info["ok"], info["headers"]["content-type"]) == (200, True, "text/event-stream")
    reading = asyncio.ensure_future(run.system("http_stream_read", handle))
    more.put_nowait(None)
    assert await reading == b"first"
    more.put_nowait(None)
    assert [await run.system("http_stream_read", handle, 4) for _ in range(3)] == [b"seco", b"nd", None]
    assert await run.system("http_stream_close", handle) is True
    assert await run.system("http_stream_close", handle) is False


async def test_a_body_that_breaks_off(server: Server) -> None:
    server.paths["/"] = b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\npart"

    async def breaks_off(request: Request) -> None:
        request.writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\npart")
        await request.writer.drain()
        request.writer.close()

    server.paths["/"] = breaks_off
    run = NetRun("network")
    handle = await run.system("http_stream_open", server.url("/"))
    text = "http_stream_read: unexpected eof in the response body"
    try:
        # The part that has come may be read before it is known that no more will.
        assert await run.system("http_stream_read", handle) == b"part"
    except Thrown as fault:
        assert fault.value == text  # noqa: PT017 - both ways are right
    assert (await system_problem(run, "http_stream_read", handle))[1] == text
    await run.system("http_stream_close", handle)


async def test_retries_and_time_before_the_body(server: Server) -> None:
    server.paths["/"] = [answer(503), answer(200, b"x")]
    run = NetRun("network")
    handle = await run.system("http_stream_open", server.url("/"), {"retry": {"max": 1, "backoff_ms": 0}})
    assert await run.system("http_stream_read", handle) == b"x"
    await run.system("http_stream_close", handle)
    server.paths["/"] = server.hang
    assert (await system_problem(run, "http_stream_open", server.url("/"), {"timeout_ms": 30}))[1] == (
        "http_stream_open: request failed: request timed out after 30ms: Deadline exceeded"
    )
    await server.gone.wait()


async def test_events(server: Server) -> None:
    more = pieces(server, b"data: on", b"e\n\nevent: e\nid: 7\ndata: two\n\n: comment\n\n")
    run = NetRun("network")
    handle = await run.system("sse_connect", "GET", server.url("/"))
    assert server.requests[0].headers["accept"] == "text/event-stream"
    assert await run.system("sse_receive", handle) == {"type": "open"}
    more.put_nowait(None)
    assert await run.system("sse_receive", handle, 20) == {"type": "timeout"}
    more.put_nowait(None)
    expected: list[dict[str, object]] = [
        {"type": "event", "event": "message", "data": "one", "id": None, "retry_ms": None},
        {"type": "event", "event": "e", "data": "two", "id": "7", "retry_ms": None},
    ]
    assert [await run.system("sse_receive", handle, 5_000) for _ in expected] == expected
    assert await run.system("sse_receive", handle) is None
    assert await run.system("sse_close", handle) is True
    server.paths["/"] = answer(404)
    assert (await system_problem(run, "sse_connect", "GET", server.url("/")))[1] == (
        "sse_connect: request failed: status 404"
    )


async def test_what_a_script_leaves_open_is_closed_with_the_interpreter(server: Server) -> None:
    pieces(server, ending=False)
    async with Interpreter(capabilities={"network"}) as harn:
        assert await harn.run(f'return sse_connect("GET", "{server.url("/")}")') == "sse-1"
        assert not server.gone.is_set()
    await server.gone.wait()


async def test_an_interpreter_of_several_event_loops(server: Server) -> None:
    server.paths["/"] = answer(200, b"here")

    def runs() -> list[Any]:
        harn = Interpreter(capabilities={"network"})
        source = f'''let s = http_session()
            return [http_get("{server.url("/")}").body, http_session_request(s, "GET", "{server.url("/")}").body]'''
        found = [harn.run_sync(source), harn.run_sync(source)]
        asyncio.run(harn.aclose())
        return found

    # In a thread, for its event loops; what is left open there is an error of this test.
    assert await asyncio.to_thread(runs) == [["here", "here"]] * 2


async def test_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connections, "MOST_OPEN", 2)
    run = NetRun()
    for _ in range(2):
        await run.system("http_session")
    assert (await system_problem(run, "http_session"))[1] == (
        "Runtime error: http_session: too many open HTTP sessions: at most 2"
    )
    assert await run.system("http_session_close", "http-session-1") is True
    assert await run.system("http_session") == "http-session-3"


async def test_what_runs_leave_behind_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connections, "MOST_OPEN", 2)
    monkeypatch.setattr(handle_tables, "MOST_KEPT", 2)
    source = """
        http_session()
        http_server()
        sse_server_response()
        return [http_session(), http_server().id, sse_server_response().id]
    """
    async with Interpreter() as harn:
        assert await harn.run(source) == ["http-session-2", "http-server-2", "sse-response-2"]
        assert await harn.run(source) == ["http-session-4", "http-server-4", "sse-response-4"]
        for line in ("http_session()", "http_server()", "sse_server_response()"):
            caught = await harn.run(f"let a = {line}\nlet b = {line}\nreturn try {{ {line} }} catch e {{ e }}")
            assert "too many open" in caught
        ended = "let a = http_server()\nlet b = http_server()\nhttp_server_shutdown(a)\nreturn http_server().id"
        assert (await harn.run(ended)).startswith("http-server-")
