"""Connections that live longer than the call which opened them, and what every connection is made with.

They are closed with the interpreter at the latest.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final, Generic, NamedTuple, TypeVar

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import Context
from harnlet_builtins.disk import located
from harnlet_builtins.egress import Target, check_addresses, policy_version
from harnlet_builtins.extras import from_extra
from harnlet_builtins.permission import SystemContext

MOST_OPEN: Final = 256
"""Connections of one kind that an interpreter holds open."""

_MOST_CLIENTS: Final = 8
"""Clients that the requests of a run share; those of policies long gone are closed."""

_TLS_KEYS: Final = ("ca_bundle_path", "client_cert_path", "client_key_path")

_Open = TypeVar("_Open")


async def aiohttp_for(name: str) -> Any:
    """The library that speaks HTTP. Its first import takes most of a second, so a thread does it."""
    if "aiohttp" in sys.modules:
        return from_extra(name, "http", "aiohttp")
    return await asyncio.to_thread(from_extra, name, "http", "aiohttp")


class _Entry(NamedTuple, Generic[_Open]):
    opened: _Open
    loop: asyncio.AbstractEventLoop | None
    owner: Any


class Handles(Generic[_Open]):
    """What scripts know by a text such as `http-stream-1`, or by a dict with it as `id`."""

    def __init__(self, prefix: str, what: str, close: Callable[[_Open], Awaitable[None]]) -> None:
        self._prefix = prefix
        self._what = what
        self._close = close
        self._open: dict[str, _Entry[_Open]] = {}
        self._count = 0

    async def room(self, rt: Context, name: str) -> object:
        """Who owns what is opened now: the run. When as many are open as may be, what runs that are over
        have left behind is closed. Raises RuntimeFault when that does not help."""
        owner = owner_of(rt)
        if len(self._open) >= MOST_OPEN:
            for handle in [key for key, entry in self._open.items() if is_over(entry.owner)]:
                await self.close(handle)
            if len(self._open) >= MOST_OPEN:
                raise RuntimeFault(f"{name}: too many open {self._what}s: at most {MOST_OPEN}")
        return owner

    def add(self, opened: _Open, owner: object) -> str:
        """The handle of something that was opened in the running event loop."""
        self._count += 1
        handle = f"{self._prefix}-{self._count}"
        self._open[handle] = _Entry(opened, asyncio.get_running_loop(), owner)
        return handle

    def find(self, handle: object) -> _Open | None:
        """What a handle stands for; None when it is closed."""
        found = self._open.get(_key(handle))
        return None if found is None else found.opened

    def get(self, name: str, handle: object) -> _Open:
        """What the handle stands for. Raises Thrown when it is closed or was never one."""
        found = self.find(handle)
        if found is None:
            raise Thrown(f"{name}: unknown {self._what} '{_key(handle)}'")
        return found

    async def close(self, handle: object) -> bool:
        """Close what a handle stands for; whether it was open."""
        found = self._open.pop(_key(handle), None)
        if found is None:
            return False
        await self._close(found.opened)
        return True

    async def aclose(self) -> None:
        """Close all. What belongs to another event loop is only forgotten: that loop has ended."""
        while self._open:
            _, entry = self._open.popitem()
            if entry.loop is asyncio.get_running_loop():
                await self._close(entry.opened)


def _key(handle: object) -> str:
    key = handle.get("id") if type(handle) is dict else handle
    return key if type(key) is str else ""


def owner_of(rt: Context) -> object:
    """The main task of the run that calls a builtin; None outside of one."""
    task = getattr(rt, "task", None)
    return None if task is None else task.run.main


def is_over(owner: Any) -> bool:
    """Whether the run of an owner has ended."""
    return owner is not None and bool(owner.ended)


class CheckedResolver:
    """Resolves names in a thread, and looks at the addresses before anybody connects to them."""

    def __init__(self, rt: SystemContext, resolver: Any) -> None:
        self._rt = rt
        self._resolver = resolver

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
        """What aiohttp asks. Raises Thrown `EgressBlocked`, which passes through it."""
        found = await self._resolver.resolve(host, port, family)
        scheme = "https" if port == 443 else "http"
        target = Target(host, port, f"{scheme}://{host}" + ("" if port in (80, 443) else f":{port}"))
        check_addresses(self._rt, target, [each["host"] for each in found])
        return found

    async def close(self) -> None:
        """What aiohttp calls at the end."""
        await self._resolver.close()


class Pool:
    """The clients that requests of their own share, so that connections to a server are used again: one for
    each event loop, and a new one when the policy of the script has changed, since what was allowed by its
    address when a connection was opened may be so no more."""

    def __init__(self) -> None:
        self._clients: dict[tuple[asyncio.AbstractEventLoop, int], Any] = {}

    async def client(self, rt: SystemContext, name: str) -> Any:
        """The client for now."""
        key = asyncio.get_running_loop(), policy_version(rt)
        found = self._clients.get(key)
        if found is None:
            made = await new_client(rt, name, {})
            found = self._clients.setdefault(key, made)
            if found is not made:
                await made.close()
            elif len(self._clients) > _MOST_CLIENTS:
                await self._close(next(iter(self._clients)))
        return found

    async def aclose(self) -> None:
        """Close all connections that nobody uses. Those of an event loop that has ended are gone already."""
        while self._clients:
            await self._close(next(iter(self._clients)))

    async def _close(self, key: tuple[asyncio.AbstractEventLoop, int]) -> None:
        client = self._clients.pop(key)
        if key[0] is asyncio.get_running_loop():
            await client.close()


async def new_client(rt: SystemContext, name: str, tls: dict[str, object], follows: bool = True) -> Any:
    """A client of aiohttp, which its maker closes. TLS is verified, always. What cannot tell aiohttp not to
    follow redirects does it with `follows`: then one is an error, since nobody would check where it goes."""
    aiohttp = await aiohttp_for(name)
    context = await _tls_context(rt, name, tls)
    resolver = CheckedResolver(rt, aiohttp.ThreadedResolver())
    connector = aiohttp.TCPConnector(resolver=resolver, ssl=True if context is None else context)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        trace_configs=[] if follows else [_no_redirects(aiohttp)],
        requote_redirect_url=False,
    )


def _no_redirects(aiohttp: Any) -> Any:
    async def refuse(*what: Any) -> None:
        raise ConnectionError("redirects are not followed here")

    tracing = aiohttp.TraceConfig()
    tracing.on_request_redirect.append(refuse)
    return tracing


async def _tls_context(rt: SystemContext, name: str, tls: dict[str, object]) -> Any:
    if not tls:
        return None
    for key in sorted(tls):
        if key not in _TLS_KEYS:
            raise RuntimeFault(
                f"{name}: unknown tls option '{key}' (expected one of: {', '.join(_TLS_KEYS)})"
            )
    bundle, certificate, key_file = (
        None if tls.get(key) is None else located(rt, name, tls[key]) for key in _TLS_KEYS
    )
    if key_file is not None and certificate is None:
        raise RuntimeFault(f"{name}: client_key_path needs client_cert_path")
    try:
        return await asyncio.to_thread(_context, bundle, certificate, key_file)
    except (OSError, ValueError) as error:
        raise Thrown(f"{name}: invalid tls option: {error}") from None


def _context(bundle: str | None, certificate: str | None, key: str | None) -> Any:
    import ssl

    context = ssl.create_default_context(cafile=bundle)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context
