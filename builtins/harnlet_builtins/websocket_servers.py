"""Servers of websockets, on a real socket. Rules: docs/builtins.md#http-server."""

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet_builtins.egress import Target, check_reach
from harnlet_builtins.extras import from_extra
from harnlet_builtins.http_connections import Handles, aiohttp_for
from harnlet_builtins.http_options import options_dict
from harnlet_builtins.http_streams import wait_seconds
from harnlet_builtins.os_errors import os_error_text
from harnlet_builtins.permission import SystemContext
from harnlet_builtins.websockets import LARGEST_MESSAGE, RealSocket, Sockets

_MOST_WAITING: Final = 128
"""Connections that nobody has accepted yet; more are refused."""


class _Server:
    """A listening socket, and the connections that wait to be accepted."""

    def __init__(self, aiohttp: Any, web: Any, origins: object) -> None:
        self._aiohttp = aiohttp
        self._web = web
        self._origins = origins
        self._waiting: asyncio.Queue[tuple[RealSocket, dict[str, object]] | None] = asyncio.Queue()
        self._http: Any = None
        self._listener: asyncio.Server | None = None
        self.paths: set[str] = set()

    async def listen(self, host: str, port: int) -> tuple[str, int]:
        """Begin; the address that was given."""
        self._http = self._web.Server(self._serve)
        self._listener = await asyncio.get_running_loop().create_server(self._http, host, port)
        found: tuple[str, int] = self._listener.sockets[0].getsockname()[:2]
        return found

    async def _serve(self, request: Any) -> Any:
        """One request, until the script has closed its connection."""
        if self.paths and request.path not in self.paths:
            return self._web.Response(status=404, text=f"no route for {request.path}")
        if not self._may_come_from(request.headers.get("Origin"), request.host):
            return self._web.Response(status=403, text="this origin is not allowed")
        if self._waiting.qsize() >= _MOST_WAITING:
            return self._web.Response(status=503, text="too many connections are waiting")
        connection = self._web.WebSocketResponse(autoping=False, max_msg_size=LARGEST_MESSAGE, timeout=1.0)
        if not connection.can_prepare(request).ok:
            return self._web.Response(
                status=426, text="a websocket is expected", headers={"Upgrade": "websocket"}
            )
        await connection.prepare(request)
        socket = RealSocket(self._aiohttp, connection)
        headers: dict[str, object] = {key.lower(): value for key, value in request.headers.items()}
        query: dict[str, object] = dict(request.query)
        self._waiting.put_nowait((socket, {"path": request.path, "query": query, "headers": headers}))
        await socket.closed.wait()
        return connection

    def _may_come_from(self, origin: str | None, host: str) -> bool:
        """Whether a page of that origin may connect: one of the server itself, or one that was named."""
        if origin is None or self._origins == "*":
            return True
        named = self._origins if type(self._origins) is list else []
        return origin in named or urlsplit(origin).netloc == host

    async def accept(self) -> tuple[RealSocket, dict[str, object]] | None:
        """The next connection; None when the server is closed."""
        found = await self._waiting.get()
        if found is None:
            self._waiting.put_nowait(None)
        return found

    async def close(self) -> None:
        """End all that waits, and listen no more."""
        if self._listener is not None:
            self._listener.close()
        while not self._waiting.empty():
            found = self._waiting.get_nowait()
            if found is not None:
                await found[0].close(1001)
        self._waiting.put_nowait(None)
        if self._http is not None:
            await self._http.shutdown(1.0)


class _Servers(Handles[_Server]):
    def __init__(self) -> None:
        super().__init__("websocket-server", "websocket server", _Server.close)


@builtin("websocket_server(bind?, options?)", section="23.3", effect="system", context=True)
async def websocket_server(
    rt: SystemContext, bind: object = None, options: object = None
) -> dict[str, object]:
    """Listens at an address, by default a free port of this machine: `{id, addr, url}`. The option `origins`
    names the web pages that may connect, "*" for all; without it only those of the server itself."""
    name = "websocket_server"
    servers = rt.state(_Servers)
    owner = await servers.room(rt, name)
    given = options_dict(name, options)
    host, port = _address(name, "127.0.0.1:0" if bind is None else display(bind))
    check_reach(rt, name, Target(host, port, f"ws://{host}:{port}"))
    aiohttp = await aiohttp_for(name)
    server = _Server(
        aiohttp, await asyncio.to_thread(from_extra, name, "http", "aiohttp.web"), given.get("origins")
    )
    try:
        host, port = await server.listen(host, port)
    except OSError as error:
        raise Thrown(f"{name}: {os_error_text(error)}") from None
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return {"id": servers.add(server, owner), "addr": address, "url": f"ws://{address}"}


def _address(name: str, text: str) -> tuple[str, int]:
    host, colon, digits = text.rpartition(":")
    if not colon or not digits.isascii() or not digits.isdecimal() or int(digits) > 65_535:
        raise RuntimeFault(f"{name}: bind must be host:port, got '{text}'")
    return host.strip("[]") or "127.0.0.1", int(digits)


@builtin("websocket_route(server, path)", section="23.3", context=True)
def websocket_route(rt: Context, server: object = None, path: object = "/") -> object:
    """Takes connections to this path; a server with no route takes all."""
    text = display(path)
    found = rt.state(_Servers).get("websocket_route", server)
    found.paths.add(text if text.startswith("/") else f"/{text}")
    return server


@builtin("websocket_accept(server, timeout_ms?)", section="23.3", effect="suspends", context=True)
async def websocket_accept(
    rt: Context, server: object = None, timeout_ms: object = None
) -> dict[str, object] | None:
    """The next connection: `{id, path, query, headers}`, which can be sent to, received from and closed;
    `{type: "timeout"}` when none comes in time, nil when the server is closed."""
    seconds = wait_seconds("websocket_accept", timeout_ms)
    found = rt.state(_Servers).find(server)
    if found is None:
        return None
    sockets = rt.state(Sockets)
    owner = await sockets.room(rt, "websocket_accept")
    try:
        async with asyncio.timeout(seconds):
            accepted = await found.accept()
    except TimeoutError:
        return {"type": "timeout"}
    if accepted is None:
        return None
    socket, request = accepted
    return {"id": sockets.add(socket, owner), **request}


@builtin("websocket_server_close(server)", section="23.3", effect="suspends", context=True)
async def websocket_server_close(rt: Context, server: object = None) -> bool:
    """Listens no more; whether it did until now."""
    return await rt.state(_Servers).close(server)
