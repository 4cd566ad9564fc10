"""Websockets from the side of the client, and what both sides do with a connection.

Rules: docs/builtins.md#http-client.
"""

import asyncio
from base64 import b64encode
from collections import deque
from typing import Any, Final, Protocol

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet_builtins import percent
from harnlet_builtins.base_encodings import EncodingError, base64_bytes
from harnlet_builtins.egress import check_policy, check_reach, parsed_url, target_of
from harnlet_builtins.http_connections import Handles, aiohttp_for, new_client
from harnlet_builtins.http_options import Call, basic_credentials, options_dict, read_call
from harnlet_builtins.http_streams import wait_seconds
from harnlet_builtins.http_transport import NetworkError, network_errors
from harnlet_builtins.permission import SystemContext
from harnlet_builtins.transport_mocks import TransportMock, message_dict, mocked_socket, record
from harnlet_builtins.url_parser import Url
from harnlet_builtins.utf8 import raw

LARGEST_MESSAGE: Final = 16 * 1024 * 1024
_SCHEMES: Final = ("ws", "wss")
_CLOSE_SECONDS: Final = 1.0
"""How long the other side is given to answer that the connection is closed."""


class Socket(Protocol):
    """A connection."""

    async def send(self, kind: str, data: bytes) -> bool:
        """Send a message; false when the connection is closed."""

    async def receive(self) -> dict[str, object] | None:
        """The next message; None after the end."""

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Say that this is the end, and close."""


class RealSocket:
    """A connection of aiohttp, whichever side."""

    def __init__(self, aiohttp: Any, connection: Any) -> None:
        self._aiohttp = aiohttp
        self._connection = connection
        self._turn = asyncio.Lock()
        self._ended = False
        self.closed = asyncio.Event()
        """Set when nobody needs the connection any more."""

    async def send(self, kind: str, data: bytes) -> bool:
        if self._ended or self._connection.closed:
            return False
        try:
            if kind == "close":
                await self.close()
            elif kind == "text":
                await self._connection.send_str(data.decode("utf-8", "replace"))
            elif kind == "binary":
                await self._connection.send_bytes(data)
            elif kind == "ping":
                await self._connection.ping(data)
            else:
                await self._connection.pong(data)
        except (ConnectionError, self._aiohttp.ClientError):
            return False
        return True

    async def receive(self) -> dict[str, object] | None:
        async with self._turn:
            if self._ended:
                return None
            message = await self._connection.receive()
            kinds = self._aiohttp.WSMsgType
            if message.type is kinds.TEXT:
                return {"type": "text", "data": message.data}
            if message.type is kinds.BINARY:
                return {"type": "binary", "data_base64": b64encode(message.data).decode("ascii")}
            if message.type is kinds.PING:
                await self.send("pong", bytes(message.data))
                return {"type": "ping", "data_base64": b64encode(message.data).decode("ascii")}
            if message.type is kinds.PONG:
                return {"type": "pong", "data_base64": b64encode(message.data).decode("ascii")}
            self._ended = True
            if message.type is kinds.CLOSE:
                return {"type": "close", "code": message.data, "reason": message.extra or ""}
            return None

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self._ended = True
        await self._connection.close(code=code, message=raw(reason))
        self.closed.set()


class _ClientSocket(RealSocket):
    """A connection with the client that made it."""

    def __init__(self, aiohttp: Any, connection: Any, client: Any) -> None:
        super().__init__(aiohttp, connection)
        self._client = client

    async def close(self, code: int = 1000, reason: str = "") -> None:
        try:
            await super().close(code, reason)
        finally:
            await self._client.close()


class _MockSocket:
    """A connection that a mock stands for."""

    def __init__(self, rt: Context, mock: TransportMock, url: str) -> None:
        self._rt = rt
        self._messages = deque(mock.messages)
        self._echo = mock.echo
        self._url = url
        self.handle = ""

    def record(self, operation: str, **more: object) -> None:
        record(self._rt, "websocket", operation, self.handle, self._url, **more)

    async def send(self, kind: str, data: bytes) -> bool:
        text = data.decode("utf-8", "replace")
        message = {"type": "text", "data": text} if kind == "text" else {"type": kind}
        if kind != "text":
            message["data_base64"] = b64encode(data).decode("ascii")
        self.record("send", message=message)
        if self._echo:
            self._messages.append({**message})
        return True

    async def receive(self) -> dict[str, object] | None:
        self.record("receive")
        return self._messages.popleft() if self._messages else None

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.record("close")


class Sockets(Handles[Socket]):
    """The open connections of a run, of both sides."""

    def __init__(self) -> None:
        super().__init__("websocket", "websocket", lambda socket: socket.close())


@builtin("websocket_connect(url, options?)", section="23.1", effect="system", context=True)
async def websocket_connect(rt: SystemContext, url: object = None, options: object = None) -> str:
    """The handle of a connection to a ws:// or wss:// URL. Options: `headers`, `query`, `auth`, `protocols`,
    `timeout_ms`, `max_message_bytes`, `tls`, `proxy`."""
    name = "websocket_connect"
    sockets = rt.state(Sockets)
    owner = await sockets.room(rt, name)
    given = options_dict(name, options)
    call = read_call(name, "GET", url, given)
    mock = mocked_socket(rt, call.url)
    if mock is not None:
        check_policy(rt, target_of(parsed_url(call.url, _SCHEMES)))
        socket = _MockSocket(rt, mock, call.url)
        socket.handle = sockets.add(socket, owner)
        socket.record("connect")
        return socket.handle
    parsed = parsed_url(call.url, _SCHEMES)
    check_reach(rt, name, target_of(parsed))
    try:
        async with asyncio.timeout(call.timeout_ms / 1000):
            return sockets.add(await _connected(rt, call, parsed, given), owner)
    except TimeoutError:
        raise Thrown(f"{name}: timed out after {call.timeout_ms}ms: Deadline exceeded") from None
    except NetworkError as error:
        raise Thrown(f"{name}: {error}") from None


async def _connected(rt: SystemContext, call: Call, url: Url, given: dict[str, object]) -> Socket:
    from yarl import URL

    aiohttp = await aiohttp_for(call.name)
    headers = dict(call.headers)
    if url.username or url.password:
        user, password = percent.decode(url.username), percent.decode(url.password or "")
        headers.setdefault("authorization", basic_credentials(user, password))
    if call.proxy is not None:
        check_reach(rt, call.name, target_of(parsed_url(call.proxy)))
    client = await new_client(rt, call.name, call.tls, follows=False)
    try:
        with network_errors(aiohttp, call):
            connection = await client.ws_connect(
                URL(
                    Url(url.scheme, "", None, url.host, url.port, url.path, url.query, None).text(),
                    encoded=True,
                ),
                headers=headers,
                protocols=_protocols(call.name, given.get("protocols")),
                proxy=call.proxy,
                autoping=False,
                max_msg_size=_largest(call.name, given),
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),
            )
    except BaseException:
        await client.close()
        raise
    return _ClientSocket(aiohttp, connection, client)


def _largest(name: str, given: dict[str, object]) -> int:
    value = given.get("max_message_bytes")
    if value is None:
        return LARGEST_MESSAGE
    if type(value) is not int or value < 1:
        raise RuntimeFault(f"{name}: max_message_bytes must be a positive int")
    return value


def _protocols(name: str, given: object) -> list[str]:
    if given is None:
        return []
    if type(given) is not list:
        raise RuntimeFault(f"{name}: protocols must be a list of strings")
    return [display(each) for each in given]


@builtin("websocket_send(socket, message, options?)", section="23.1", effect="suspends", context=True)
async def websocket_send(
    rt: Context, socket: object = None, message: object = "", options: object = None
) -> bool:
    """Sends a text, or bytes; false when the connection is closed. The option `type` is text, binary, ping,
    pong or close; a message can be a dict `{type, data}` or `{type, data_base64}`."""
    found = rt.state(Sockets).find(socket)
    if found is None:
        return False
    given: dict[str, object] = message_dict(message)
    if type(options) is dict and options.get("type") is not None:
        given["type"] = options["type"]
    kind = given["type"]
    if kind not in ("text", "binary", "ping", "pong", "close"):
        raise RuntimeFault(f"websocket_send: unknown message type '{display(kind)}'")
    encoded = given.get("data_base64")
    try:
        data = raw(given.get("data", "")) if encoded is None else base64_bytes(display(encoded))
    except EncodingError as error:
        raise RuntimeFault(f"websocket_send: invalid data_base64: {error}") from None
    if kind in ("ping", "pong") and len(data) > 125:
        raise RuntimeFault(f"websocket_send: a {kind} has at most 125 bytes")
    return await found.send(str(kind), data)


@builtin("websocket_receive(socket, timeout_ms?)", section="23.1", effect="suspends", context=True)
async def websocket_receive(
    rt: Context, socket: object = None, timeout_ms: object = None
) -> dict[str, object] | None:
    """The next message: `{type: "text", data}`, `{type, data_base64}` for binary, ping and pong, `{type:
    "close", code, reason}`; `{type: "timeout"}` when none comes in time, nil after the end."""
    seconds = wait_seconds("websocket_receive", timeout_ms)
    found = rt.state(Sockets).find(socket)
    if found is None:
        return None
    try:
        async with asyncio.timeout(seconds):
            return await found.receive()
    except TimeoutError:
        return {"type": "timeout"}


@builtin("websocket_close(socket)", section="23.1", effect="suspends", context=True)
async def websocket_close(rt: Context, socket: object = None) -> bool:
    """Closes a connection; whether it was open."""
    return await rt.state(Sockets).close(socket)
