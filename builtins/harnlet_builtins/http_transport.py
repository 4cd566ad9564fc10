"""Sending requests over the network, hop by hop. Rules: docs/builtins.md#http-client.

The builtins are in `http_client` and `http_streams`. Every hop of a redirect is checked like the first
request; credentials go to nobody but the server that they were meant for.
"""

import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Final
from urllib.parse import urljoin

from harnlet.errors.faults import Thrown
from harnlet.version import __version__
from harnlet_builtins import percent
from harnlet_builtins.disk import located, on_disk
from harnlet_builtins.egress import Target, check_reach, parsed_url, target_of
from harnlet_builtins.http_connections import Pool, aiohttp_for, new_client
from harnlet_builtins.http_mocks import Answer
from harnlet_builtins.http_options import Call, Part, basic_credentials, form_of
from harnlet_builtins.permission import SystemContext
from harnlet_builtins.url_parser import Url
from harnlet_builtins.utf8 import lossy

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PIECE: Final = 65_536
_CHARSETS: Final = re.compile(
    r"utf-?8|us-ascii|iso-8859-\d+|latin-?1|windows-125\d|cp125\d|utf-16(le|be)?|shift_jis|euc-(jp|kr)|"
    r"iso-2022-jp|gb2312|gbk|gb18030|big5|koi8-[ru]"
)


class NetworkError(Exception):
    """A request that got no answer; the message says why. `again` tells whether another attempt may."""

    def __init__(self, reason: str, again: bool = True) -> None:
        super().__init__(reason)
        self.again = again


async def send(rt: SystemContext, call: Call, client: Any = None) -> Answer:
    """The answer to a request, read whole. Raises NetworkError, and what the checks raise."""
    async with opened(rt, call, client) as response:
        body = await read_body(call, response)
        return Answer(response.status, response_headers(response), body, _text(response, body))


@asynccontextmanager
async def opened(rt: SystemContext, call: Call, client: Any = None) -> AsyncIterator[Any]:
    """A response whose body has not been read, after all redirects; its connection is closed at the end.
    Within, errors of the network are raised as NetworkError too."""
    aiohttp = await aiohttp_for(call.name)
    async with AsyncExitStack() as stack:
        with network_errors(aiohttp, call):
            if client is None:
                client = await _client(rt, call, stack)
            await _read_files(rt, call)
            yield await _follow(rt, call, client, aiohttp, stack)


@contextmanager
def network_errors(aiohttp: Any, call: Call) -> Iterator[None]:
    """Within, errors of the network are raised as NetworkError."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise _network_error(aiohttp, call, error) from None


async def _client(rt: SystemContext, call: Call, stack: AsyncExitStack) -> Any:
    """The client that requests share, or one of its own for a request with TLS options."""
    # Asked before the library is: who may not reach the network hears that first.
    check_reach(rt, call.name, target_of(parsed_url(call.url)))
    if not call.tls:
        return await rt.state(Pool).client(rt, call.name)
    return await stack.enter_async_context(await new_client(rt, call.name, call.tls))


async def _follow(rt: SystemContext, call: Call, client: Any, aiohttp: Any, stack: AsyncExitStack) -> Any:
    """The first response that is no redirect to be followed."""
    method, text, hops = call.method, call.url, 0
    headers, body = _with_body(call)
    home: Target | None = None
    while True:
        url = parsed_url(text)
        target = target_of(url)
        check_reach(rt, call.name, target)
        if home is None:
            home = target
            if url.username or url.password:
                user, password = percent.decode(url.username), percent.decode(url.password or "")
                headers.setdefault("authorization", basic_credentials(user, password))
        elif not _same_server(home, target):
            headers = {name: headers[name] for name in headers if name not in _PRIVATE}
        response = await stack.enter_async_context(
            _request(rt, call, client, aiohttp, method, url, headers, body)
        )
        location = response.headers.get("location")
        if not call.follow or response.status not in _REDIRECTS or location is None:
            return response
        hops += 1
        if hops > call.max_redirects:
            raise NetworkError(f"too many redirects: more than {call.max_redirects}", again=False)
        if (response.status == 303 and method != "HEAD") or (
            response.status in (301, 302) and method == "POST"
        ):
            method, body = "GET", None
            headers = {name: headers[name] for name in headers if not name.startswith("content-")}
        text = urljoin(target.url, location)
        response.close()


_PRIVATE: Final = frozenset({"authorization", "cookie", "proxy-authorization"})


def _same_server(a: Target, b: Target) -> bool:
    return (a.host, a.port, a.url.partition(":")[0]) == (b.host, b.port, b.url.partition(":")[0])


def _request(
    rt: SystemContext,
    call: Call,
    client: Any,
    aiohttp: Any,
    method: str,
    url: Url,
    headers: dict[str, str],
    body: bytes | None,
) -> Any:
    """One hop, as a context manager of aiohttp."""
    from yarl import URL

    proxy_headers: dict[str, str] = {}
    if call.proxy is not None:
        check_reach(rt, call.name, target_of(parsed_url(call.proxy)))
        if call.proxy_auth is not None:
            proxy_headers = {"proxy-authorization": basic_credentials(*call.proxy_auth)}
        if url.scheme == "http":
            # The proxy reads the request itself; with TLS it reads only what asks it for a tunnel.
            headers, proxy_headers = {**headers, **proxy_headers}, {}
    return client.request(
        method,
        URL(Url(url.scheme, "", None, url.host, url.port, url.path, url.query, None).text(), encoded=True),
        headers=headers,
        data=body,
        allow_redirects=False,
        auto_decompress=call.decompress,
        proxy=call.proxy,
        proxy_headers=proxy_headers or None,
        skip_auto_headers=("Content-Type",),
        timeout=aiohttp.ClientTimeout(
            total=_seconds(call.timeout_ms),
            sock_connect=_seconds(call.connect_timeout_ms),
            sock_read=_seconds(call.read_timeout_ms),
        ),
    )


def _seconds(milliseconds: float | None) -> float | None:
    return milliseconds / 1000 if milliseconds else None


def _with_body(call: Call) -> tuple[dict[str, str], bytes | None]:
    headers = {"user-agent": f"harnlet/{__version__}", "accept": "*/*", **call.headers}
    if not call.decompress:
        headers.setdefault("accept-encoding", "identity")
    if call.parts is None:
        return headers, call.body
    boundary = f"----harnlet-{os.urandom(16).hex()}"
    headers["content-type"] = f"multipart/form-data; boundary={boundary}"
    return headers, form_of(call.name, call.parts, boundary)


async def _read_files(rt: SystemContext, call: Call) -> None:
    """Put the files that a form names in place of their paths."""
    if call.parts is not None:
        call.parts = [await read_part(rt, call.name, part) for part in call.parts]


async def read_part(rt: SystemContext, name: str, part: Part) -> Part:
    """A field of a form with the content of its file. Raises Thrown when that cannot be read."""
    if part.path is None:
        return part
    place = located(rt, name, part.path)
    content = await on_disk(f"{name}: Failed to read file {place}", _content, place)
    filename = os.path.basename(place) if part.filename is None else part.filename
    return Part(part.name, content, None, filename, part.content_type)


def _content(place: str) -> bytes:
    with open(place, "rb") as file:
        return file.read()


# --- answers ------------------------------------------------------------------------------------------


async def read_body(call: Call, response: Any) -> bytes:
    """The body of a response. Raises Thrown when it is longer than the call allows."""
    parts: list[bytes] = []
    size = 0
    async for piece in response.content.iter_chunked(_PIECE):
        size += len(piece)
        if size > call.limit:
            raise Thrown(f"{call.name}: response body is too large: more than {call.limit} bytes")
        parts.append(piece)
    return b"".join(parts)


def response_headers(response: Any) -> dict[str, object]:
    """The headers by their names in lower case; several of one name are joined, cookies are a list."""
    headers: dict[str, object] = {}
    for key in sorted({key.lower() for key in response.headers}):
        values: list[object] = [*response.headers.getall(key)]
        single = key == "set-cookie" and len(values) > 1
        headers[key] = values if single else ", ".join(map(str, values))
    return headers


def _text(response: Any, body: bytes) -> str:
    charset = (response.charset or "utf-8").lower()
    return body.decode(charset, "replace") if _CHARSETS.fullmatch(charset) else lossy(body)


def _network_error(aiohttp: Any, call: Call, error: Exception) -> NetworkError:
    import ssl

    if isinstance(error, TimeoutError):
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return NetworkError(f"connection timed out after {call.connect_timeout_ms}ms: Deadline exceeded")
        if isinstance(error, aiohttp.SocketTimeoutError):
            return NetworkError(f"read timed out after {call.read_timeout_ms}ms: Deadline exceeded")
        return NetworkError(f"request timed out after {call.timeout_ms}ms: Deadline exceeded")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return NetworkError(f"dns error: cannot resolve {error.host}")
    if isinstance(error, aiohttp.ClientSSLError):
        inner = getattr(error, "certificate_error", None) or error.os_error
        reason = getattr(inner, "verify_message", None) or getattr(inner, "reason", None) or str(inner)
        return NetworkError(f"TLS error: {reason}", again=False)
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        reason = os.strerror(number).lower() if number else str(error.os_error)
        return NetworkError(reason)
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return NetworkError(f"the server answered with status {error.status}", again=False)
    if isinstance(error, aiohttp.ClientPayloadError):
        if isinstance(error.__cause__, aiohttp.http_exceptions.ContentEncodingError):
            return NetworkError("the response body cannot be decompressed", again=False)
        return NetworkError("unexpected eof in the response body")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return NetworkError("connection closed before the response")
    if isinstance(error, ssl.SSLError):
        return NetworkError(f"TLS error: {error.reason}", again=False)
    if isinstance(error, ConnectionError):
        return NetworkError("connection reset" if isinstance(error, ConnectionResetError) else str(error))
    return NetworkError(str(error) or type(error).__name__, again=isinstance(error, OSError))
