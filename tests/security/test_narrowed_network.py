"""A capability that is narrowed to hosts holds for each hop, however the way there is written."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from embed.http_support import Server, answer, serving
from harnlet import Interpreter
from security.attempts import CANARY

HOPS = (
    *("http://127.0.0.1:{}/", "http://localhost:{}/", "//127.0.0.1:{}/", "//localhost:{}/", "HTTP://LOCALHOST:{}/"),
    *("http://127.1:{}/", "http://2130706433:{}/", "http://0x7f.1:{}/", "http://0:{}/", "http://0.0.0.0:{}/"),
    *("http://[::ffff:127.0.0.1]:{}/", "http://allowed.invalid@127.0.0.1:{}/", "http://127.0.0.1:{}#@allowed.invalid"),
    *("/\\\\127.0.0.1:{}/", "http:\\\\127.0.0.1:{}/", "http:/127.0.0.1:{}/", "\t//127.0.0.1:{}/", "http://127.0.0.1.:{}/"),
)


@pytest.fixture
async def servers() -> AsyncIterator[tuple[Server, Server]]:
    """The one that may be reached, and one with a secret."""
    async with serving() as allowed, serving() as forbidden:
        forbidden.paths["/"] = answer(200, CANARY.encode())
        yield allowed, forbidden


async def run(server: Server, source: str, **more: Any) -> str:
    """What a script prints and gives that may reach this server and no other port."""
    printed: list[str] = []
    capabilities = {f"network:127.0.0.1:{server.port}"}
    async with Interpreter(capabilities=capabilities, output=printed.append) as harn:
        end = await harn.run(source, more)
    return "".join(printed) + str(end)


@pytest.mark.parametrize("hop", HOPS)
@pytest.mark.parametrize("status", [301, 303, 307])
async def test_a_redirect_does_not_lead_out(servers: tuple[Server, Server], hop: str, status: int) -> None:
    allowed, forbidden = servers
    place = hop.format(forbidden.port)
    allowed.paths |= {
        "/": answer(200, b"home"),
        "/away": answer(status, Location=place),
        "/twice": answer(status, Location="/away"),
    }
    source = 'pipeline default(url) { println(try { http_get("${url}/").body })\nfor path in ["/away", "/twice"] {\n'
    source += "  println(try { http_get(url + path) })\n  println(try { http_post(url + path, \"x\") })\n} }"
    seen = await run(allowed, source, url=f"http://127.0.0.1:{allowed.port}")
    assert seen.startswith("Result.Ok(home)")
    assert forbidden.requests == []
    assert CANARY not in seen


async def test_other_ways_out(servers: tuple[Server, Server]) -> None:
    allowed, forbidden = servers
    allowed.paths["/away"] = answer(302, Location=forbidden.url("/"))
    source = """pipeline default(url, out) {
      println(try { http_get(url, {proxy: out}) })
      println(try { http_get(out, {headers: {host: "127.0.0.1"}}) })
      println(try { http_session_request(http_session(), "GET", url + "/away") })
      println(try { http_session_request(http_session({proxy: out}), "GET", url + "/away") })
      println(try { egress_policy({allow: ["*"]}) })
      println(try { http_get(out) })
      println(try { websocket_connect((url + "/away").replace("http", "ws")) })
      println(try { websocket_connect(out.replace("http", "ws")) })
      println(try { sse_connect("GET", url + "/away") })
      println(try { http_stream_open(url + "/away") })
      println(try { http_download(url + "/away", "x") })
    }"""
    seen = await run(allowed, source, url=f"http://127.0.0.1:{allowed.port}", out=forbidden.url("/"))
    assert forbidden.requests == []
    assert CANARY not in seen
    assert seen.count("narrowed") == 7
    assert "websocket_connect: redirects are not followed here" in seen
    assert "Undefined" not in seen
