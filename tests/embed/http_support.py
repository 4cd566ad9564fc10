"""A real HTTP server in the test's own event loop, which the client of the builtins talks to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from embed.builtins_support import Run

__all__ = ["NetRun", "Request", "Server", "answer", "closed_runs", "serving"]


@dataclass
class Request:
    """What the server got; `header` names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    writer: asyncio.StreamWriter
    reader: asyncio.StreamReader


Handler: TypeAlias = Callable[[Request], Awaitable[bytes | None]]


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """A response; `_` in the name of a header is `-`."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Server:
    """Answers each path with what `paths` has for it: bytes, a list of bytes (one after the other), or a
    function of the request, which may write by itself and then gives None."""

    paths: dict[str, bytes | list[bytes] | Handler] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client has closed its connection while its request was being answered."""
    port: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    """Of the connections that are open."""

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def hang(self, request: Request) -> bytes | None:
        """Never answers; sees when the client goes away."""
        assert await request.reader.read() == b""
        self.gone.set()
        return None

    def hang_up(self) -> None:
        """Close the connections that clients keep for later: from Python 3.12 on a server waits for them."""
        for writer in self.writers:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            while (request := await _read(reader, writer)) is not None:
                self.requests.append(request)
                found = self.paths.get(request.target.partition("?")[0], answer(404, b"nothing here"))
                if isinstance(found, list):
                    found = found.pop(0) if len(found) > 1 else found[0]
                data = found if isinstance(found, bytes) else await found(request)
                if data is None:
                    return
                writer.write(data)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            self.gone.set()
        finally:
            self.writers.discard(writer)
            writer.close()


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body, writer, reader)


class NetRun(Run):
    """A run with a network; what it leaves open is closed by `closed_runs`."""

    all: ClassVar[list["NetRun"]] = []

    def __init__(self, *capabilities: str) -> None:
        super().__init__(*capabilities)
        self.all.append(self)


@asynccontextmanager
async def closed_runs() -> AsyncIterator[None]:
    """Closes, at the end, what the runs have left open, as interpreters do."""
    yield
    while NetRun.all:
        for state in NetRun.all.pop().states.values():
            close = getattr(state, "aclose", None)
            if close is not None:
                await close()


@asynccontextmanager
async def serving() -> AsyncIterator[Server]:
    """A server on this machine, on a free port."""
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
        server.hang_up()
