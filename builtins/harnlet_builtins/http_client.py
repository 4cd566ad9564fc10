"""The HTTP client: requests, sessions, downloads. Rules: docs/builtins.md#http-client.

A request that a mock answers needs nothing; any other needs the capability `network`, perhaps narrowed to
some hosts, and `pip install harnlet[http]`. It runs in the event loop, so cancelling the task closes the
connection at once.
"""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet_builtins.clock import Mock, wall_ms
from harnlet_builtins.cookie_values import read_http_date
from harnlet_builtins.disk import located, on_disk
from harnlet_builtins.egress import check_policy, parsed_url, policy_version, target_of
from harnlet_builtins.http_connections import Handles, new_client
from harnlet_builtins.http_mocks import Answer, is_ok, mocked
from harnlet_builtins.http_options import Call, merged, options_dict, read_call
from harnlet_builtins.http_transport import NetworkError, opened, read_part, response_headers, send
from harnlet_builtins.permission import SystemContext

_LONGEST_PAUSE_MS: Final = 60_000
_TOLD_WHEN: Final = frozenset({429, 503})
"""Answers whose `Retry-After` counts."""
_LARGEST_DOWNLOAD: Final = 1 << 30
_PIECE: Final = 65_536


class Session:
    """Options for several requests, which share their connections."""

    def __init__(self, options: dict[str, object]) -> None:
        self.options = options
        self._client: Any = None
        self._version = 0

    async def client(self, rt: SystemContext, name: str) -> Any:
        """The client of the session, with its TLS options; a new one when the policy has changed."""
        if self._client is None or self._version != policy_version(rt):
            await self.close()
            self._version = policy_version(rt)
            self._client = await new_client(rt, name, options_dict(name, self.options.get("tls")))
        return self._client

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


class _Sessions(Handles[Session]):
    def __init__(self) -> None:
        super().__init__("http-session", "HTTP session", Session.close)


async def answer_to(
    rt: SystemContext, call: Call, real: Callable[[Call, Any], Awaitable[Answer]] | None = None
) -> Answer:
    """The answer of a mock or of the network, after as many attempts as the call allows."""
    try:
        async with asyncio.timeout(None if not call.total_timeout_ms else call.total_timeout_ms / 1000):
            return await _attempts(rt, call, real)
    except TimeoutError:
        raise Thrown(
            f"{call.name}: request failed: timed out after {call.total_timeout_ms}ms: Deadline exceeded"
        ) from None


async def _attempts(
    rt: SystemContext, call: Call, real: Callable[[Call, Any], Awaitable[Answer]] | None
) -> Answer:
    may_repeat = call.method in call.retry_methods
    attempt = 0
    while True:
        last = attempt >= call.retries or not may_repeat
        told: str | None = None
        try:
            answer = await _once(rt, call, real)
        except NetworkError as error:
            if last or not error.again:
                raise Thrown(f"{call.name}: request failed: {error}") from None
        else:
            if last or answer.status not in call.retry_on:
                return answer
            if answer.status in _TOLD_WHEN:
                told = display(answer.headers.get("retry-after", ""))
        await _pause(rt, _delay_ms(rt, call, attempt, told))
        attempt += 1


async def _once(
    rt: SystemContext, call: Call, real: Callable[[Call, Any], Awaitable[Answer]] | None
) -> Answer:
    found = await mock_of(rt, call)
    if found is not None:
        return found
    session = None if call.session is None else rt.state(_Sessions).get(call.name, call.session)
    client = None if session is None else await session.client(rt, call.name)
    return await (send(rt, call, client) if real is None else real(call, client))


async def mock_of(rt: SystemContext, call: Call) -> Answer | None:
    """The answer of a mock. Raises Thrown when the policy of the script blocks the host."""
    if re.match(r"(?i)https?://", call.url):
        check_policy(rt, target_of(parsed_url(call.url)))
    if call.parts is not None and any(part.path is not None for part in call.parts):
        call.parts = [await read_part(rt, call.name, part) for part in call.parts]
    return mocked(rt, call)


def _delay_ms(rt: Context, call: Call, attempt: int, told: str | None) -> float:
    """How long to wait for the next attempt: as the server says, else twice as long each time."""
    delay: float = call.backoff_ms * 2.0 ** min(attempt, 30)
    if told is not None and re.fullmatch(r"[0-9]{1,9}", told):
        delay = int(told) * 1000
    elif told:
        moment = read_http_date(told)
        delay = delay if moment is None else max(moment * 1000 - wall_ms(rt), 0)
    return min(delay, _LONGEST_PAUSE_MS)


async def _pause(rt: SystemContext, delay_ms: float) -> None:
    """Wait; a mocked clock goes on by that much instead."""
    if delay_ms > 0 and not rt.state(Mock).advance(int(delay_ms)):
        await rt.clock.sleep(delay_ms)


async def _requested(rt: SystemContext, name: str, method: object, url: object, options: object) -> object:
    given = options_dict(name, options)
    if given.get("session") is not None:
        given = merged(rt.state(_Sessions).get(name, given["session"]).options, given)
    return (await answer_to(rt, read_call(name, method, url, given))).value()


async def _with_body(rt: SystemContext, name: str, url: object, body: object, options: object) -> object:
    if type(body) is dict and options is None:
        body, options = None, body
    given = options_dict(name, options)
    if body is not None:
        given = {**given, "body": body}
    return await _requested(rt, name, name.removeprefix("http_"), url, given)


@builtin("http_get(url, options?)", section="23.1", effect="system", context=True)
async def http_get(rt: SystemContext, url: object = None, options: object = None) -> object:
    """The answer to a GET request: `{status, headers, body, ok}`."""
    return await _requested(rt, "http_get", "GET", url, options)


@builtin("http_delete(url, options?)", section="23.1", effect="system", context=True)
async def http_delete(rt: SystemContext, url: object = None, options: object = None) -> object:
    """The answer to a DELETE request."""
    return await _requested(rt, "http_delete", "DELETE", url, options)


@builtin("http_post(url, body?, options?)", section="23.1", effect="system", context=True)
async def http_post(
    rt: SystemContext, url: object = None, body: object = None, options: object = None
) -> object:
    """The answer to a POST request; the body is bytes or text, a dict in its place is the options."""
    return await _with_body(rt, "http_post", url, body, options)


@builtin("http_put(url, body?, options?)", section="23.1", effect="system", context=True)
async def http_put(
    rt: SystemContext, url: object = None, body: object = None, options: object = None
) -> object:
    """The answer to a PUT request, like `http_post`."""
    return await _with_body(rt, "http_put", url, body, options)


@builtin("http_patch(url, body?, options?)", section="23.1", effect="system", context=True)
async def http_patch(
    rt: SystemContext, url: object = None, body: object = None, options: object = None
) -> object:
    """The answer to a PATCH request, like `http_post`."""
    return await _with_body(rt, "http_patch", url, body, options)


@builtin("http_request(method, url, options?)", section="23.1", effect="system", context=True)
async def http_request(
    rt: SystemContext, method: object = None, url: object = None, options: object = None
) -> object:
    """The answer to a request: `{status, headers, body, ok}`. Options: `headers`, `query`, `body`,
    `multipart`, `auth`, `timeout_ms`, `total_timeout_ms`, `connect_timeout_ms`, `read_timeout_ms`, `retry`,
    `retry_on`, `retry_methods`, `follow_redirects`, `max_redirects`, `max_body_bytes`, `proxy`,
    `proxy_auth`, `tls`, `decompress`, `session`."""
    return await _requested(rt, "http_request", method, url, options)


# --- sessions -----------------------------------------------------------------------------------------


@builtin("http_session(options?)", section="23.1", effect="suspends", context=True)
async def http_session(rt: Context, options: object = None) -> str:
    """The handle of a session: requests that share connections and these options."""
    given = options_dict("http_session", options)
    sessions = rt.state(_Sessions)
    return sessions.add(Session(given), await sessions.room(rt, "http_session"))


@builtin(
    "http_session_request(session, method, url, options?)", section="23.1", effect="system", context=True
)
async def http_session_request(
    rt: SystemContext,
    session: object = None,
    method: object = None,
    url: object = None,
    options: object = None,
) -> object:
    """The answer to a request of a session; its options stand above those of the session."""
    rt.state(_Sessions).get("http_session_request", session)
    given = {**options_dict("http_session_request", options), "session": session}
    return await _requested(rt, "http_session_request", method, url, given)


@builtin("http_session_close(session)", section="23.1", effect="suspends", context=True)
async def http_session_close(rt: Context, session: object = None) -> bool:
    """Closes the connections of a session; whether it was open."""
    return await rt.state(_Sessions).close(session)


# --- downloads ----------------------------------------------------------------------------------------


@builtin("http_download(url, path, options?)", section="23.1", effect="system", context=True)
async def http_download(
    rt: SystemContext, url: object = None, path: object = None, options: object = None
) -> object:
    """Puts the body of an answer into a file: `{bytes_written, status, headers, ok}`. The file is there when
    all of it has come, or not at all."""
    name = "http_download"
    given = options_dict(name, options)
    if path is None or path == "":
        raise Thrown(f"{name}: destination path is required")
    place = located(rt, name, path)
    call = read_call(name, given.get("method", "GET"), url, given)
    if given.get("max_body_bytes") is None:
        call.limit = _LARGEST_DOWNLOAD
    written = -1

    async def to_file(call: Call, client: Any) -> Answer:
        nonlocal written
        async with opened(rt, call, client) as response:
            written = await _save(call, response, place)
            return Answer(response.status, response_headers(response), b"")

    answer = await answer_to(rt, call, to_file)
    if written < 0:
        await on_disk(f"Failed to write file {place}", _write, place, answer.body)
        written = len(answer.body)
    return {
        "bytes_written": written,
        "status": answer.status,
        "headers": answer.headers,
        "ok": is_ok(answer.status),
    }


def _write(place: str, content: bytes) -> None:
    with open(place, "wb") as file:
        file.write(content)


async def _save(call: Call, response: Any, place: str) -> int:
    """Write the body of a response beside `place`, then put it there; how many bytes."""
    failure = f"Failed to write file {place}"
    partial = f"{place}.{os.urandom(4).hex()}.part"
    file = await on_disk(failure, open, partial, "xb")
    size = 0
    try:
        async for piece in response.content.iter_chunked(_PIECE):
            size += len(piece)
            if size > call.limit:
                raise Thrown(f"{call.name}: response body is too large: more than {call.limit} bytes")
            await on_disk(failure, file.write, piece)
        await on_disk(failure, _finish, file, partial, place)
    except BaseException:
        # Also of a cancelled task, so without waiting.
        _discard(file, partial)
        raise
    return size


def _discard(file: Any, partial: str) -> None:
    file.close()
    if os.path.exists(partial):
        os.remove(partial)


def _finish(file: Any, partial: str, place: str) -> None:
    file.close()
    os.replace(partial, place)
