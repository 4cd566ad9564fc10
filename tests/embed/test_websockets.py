"""Websockets, both sides of them real (docs/builtins.md#http-client, docs/builtins.md#http-server)."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from embed.builtins_support import CategorisedFault, Run, system_problem
from embed.http_support import NetRun, answer, closed_runs, serving
from harnlet import Interpreter


class Both:
    """A run with a server, and a connection of both sides."""

    def __init__(self) -> None:
        self.run = NetRun("network")
        self.server: Any = None
        self.here: Any = None
        self.there: Any = None

    async def call(self, name: str, *arguments: object) -> Any:
        return await self.run.system(f"websocket_{name}", *arguments)


@pytest.fixture(autouse=True)
async def runs() -> AsyncIterator[None]:
    async with closed_runs():
        yield


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    found = Both()
    found.server = await found.call("server")
    found.here = await found.call("connect", f"{found.server['url']}/chat?a=1", {"headers": {"X-A": "1"}})
    found.there = await found.call("accept", found.server)
    yield found
    await asyncio.gather(found.call("close", found.here), found.call("close", found.there))
    await found.call("server_close", found.server)


async def test_a_connection(both: Both) -> None:
    address = both.server["addr"]
    assert both.server == {"id": "websocket-server-1", "addr": address, "url": f"ws://{address}"}
    assert (both.there["path"], both.there["query"]) == ("/chat", {"a": "1"})
    assert both.there["headers"]["x-a"] == "1"
    for sender, receiver in ((both.here, both.there), (both.there, both.here)):
        for message, options, seen in [
            ("grüß", None, {"type": "text", "data": "grüß"}),
            (b"\x00\xff", None, {"type": "binary", "data_base64": "AP8="}),
            ({"type": "binary", "data_base64": "AQ=="}, None, {"type": "binary", "data_base64": "AQ=="}),
            (5, None, {"type": "text", "data": "5"}),
            ("x", {"type": "pong"}, {"type": "pong", "data_base64": "eA=="}),
        ]:
            assert await both.call("send", sender, message, options) is True
            assert await both.call("receive", receiver) == seen
        assert await both.call("send", sender, "hi", {"type": "ping"}) is True
        assert await both.call("receive", receiver) == {"type": "ping", "data_base64": "aGk="}
        assert await both.call("receive", sender) == {"type": "pong", "data_base64": "aGk="}


async def test_waiting_and_closing(both: Both) -> None:
    for _ in range(2):
        assert await both.call("receive", both.here, 5) == {"type": "timeout"}
    await both.call("send", both.there, "still there")
    assert await both.call("receive", both.here) == {"type": "text", "data": "still there"}
    closing = asyncio.ensure_future(both.call("close", both.there))
    assert await both.call("receive", both.here) == {"type": "close", "code": 1000, "reason": ""}
    assert await both.call("receive", both.here) is None
    assert await both.call("send", both.here, "x") is False
    assert await closing is True
    assert await both.call("close", both.there) is False
    assert await both.call("send", both.there, "x") is False
    assert await both.call("receive", both.there) is None


async def test_routes_and_origins() -> None:
    run = NetRun("network")
    server = await run.system("websocket_server", "127.0.0.1:0", {"origins": ["https://page.example"]})
    run.call("websocket_route", server, "/chat")
    url = server["url"]
    assert (await system_problem(run, "websocket_connect", f"{url}/other"))[1] == (
        "websocket_connect: the server answered with status 404"
    )
    evil = {"headers": {"Origin": "https://evil.example"}}
    assert (await system_problem(run, "websocket_connect", f"{url}/chat", evil))[1] == (
        "websocket_connect: the server answered with status 403"
    )
    for origin in ("https://page.example", f"http://{server['addr']}"):
        here = await run.system("websocket_connect", f"{url}/chat", {"headers": {"Origin": origin}})
        there = await run.system("websocket_accept", server)
        await asyncio.gather(run.system("websocket_close", here), run.system("websocket_close", there))
    assert (await run.system("http_get", f"http://{server['addr']}/chat"))["status"] == 426
    assert await run.system("websocket_accept", server, 5) == {"type": "timeout"}
    waiting = asyncio.ensure_future(run.system("websocket_accept", server))
    assert await run.system("websocket_server_close", server) is True
    assert await waiting is None
    assert await run.system("websocket_server_close", server) is False
    assert await run.system("websocket_accept", server) is None


async def test_capability() -> None:
    assert await system_problem(Run("files"), "websocket_server") == (
        CategorisedFault,
        "Error [permission_denied]: websocket_server needs the capability network",
    )
    narrowed = NetRun("network:127.0.0.1:9")
    assert (await system_problem(narrowed, "websocket_connect", "ws://127.0.0.1:10/"))[1] == (
        "Error [permission_denied]: websocket_connect may not reach 127.0.0.1:10: the capability network is narrowed"
    )
    assert (await system_problem(narrowed, "websocket_server", "0.0.0.0:9"))[0] is CategorisedFault


async def test_a_redirect_is_not_followed() -> None:
    async with serving() as server, serving() as other:
        server.paths["/"] = answer(302, Location=other.url("/"))
        found = await system_problem(NetRun("network"), "websocket_connect", f"ws://127.0.0.1:{server.port}/")
        assert found[1] == "websocket_connect: redirects are not followed here"
        assert other.requests == []


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("connect", ["ws://127.0.0.1:1/"], "websocket_connect: connection refused"),
        ("connect", [""], "websocket_connect: URL is required"),
        ("server", ["nowhere"], "Runtime error: websocket_server: bind must be host:port, got 'nowhere'"),
        ("server", ["127.0.0.1:70000"], "Runtime error: websocket_server: bind must be host:port, got '127.0.0.1:70000'"),
        ("connect", ["ws://a", {"protocols": 5}], "Runtime error: websocket_connect: protocols must be a list of strings"),
    ],
)  # fmt: skip
async def test_what_cannot_be(name: str, arguments: list[object], text: str) -> None:
    assert (await system_problem(NetRun("network"), f"websocket_{name}", *arguments))[1] == text


async def test_an_address_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        found = await system_problem(NetRun("network"), "websocket_server", address)
        assert str(found[1]).startswith("websocket_server: ")


async def test_a_message_that_is_too_long(both: Both) -> None:
    small = await both.call("connect", both.server["url"], {"max_message_bytes": 10})
    there = await both.call("accept", both.server)
    await both.call("send", there, "x" * 11)
    assert await both.call("receive", small) is None
    await asyncio.gather(both.call("close", small), both.call("close", there))


async def test_a_script_talks_to_itself_and_leaves_everything_open() -> None:
    source = """
        let server = websocket_server()
        let echo = spawn {
          let c = websocket_accept(server)
          let m = websocket_receive(c)
          websocket_send(c, "echo " + m.data)
        }
        let c = websocket_connect(server.url)
        websocket_send(c, "hello")
        return websocket_receive(c).data
    """
    async with Interpreter(capabilities={"network"}) as harn:
        assert await harn.run(source) == "echo hello"
