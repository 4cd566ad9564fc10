"""What scripts say about a request, read into one `Call`. Rules: docs/builtins.md#http-client."""

import re
from dataclasses import dataclass, field
from typing import Final

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime import caps
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet.sched.times import milliseconds
from harnlet_builtins import percent
from harnlet_builtins.base_encodings import EncodingError, base64_bytes, base64_text
from harnlet_builtins.multipart import form_body, part_head
from harnlet_builtins.utf8 import raw, utf8

DEFAULT_TIMEOUT_MS: Final = 30_000
MOST_REDIRECTS: Final = 10
_RETRY_ON: Final = frozenset({408, 429, 500, 502, 503, 504})
_RETRY_METHODS: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
_MOST_RETRIES: Final = 100
_BACKOFF_MS: Final = 1_000
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te"})
"""Headers that say where a request goes and how it is framed: those of the URL and the body."""


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a form; its content is a file of the disk when `path` is set."""

    name: str
    content: bytes
    path: str | None
    filename: str | None
    content_type: str | None


@dataclass(slots=True)
class Call:
    """A request, ready to be sent. Header names are in lower case; times are in milliseconds."""

    name: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None = None
    parts: list[Part] | None = None
    timeout_ms: float = DEFAULT_TIMEOUT_MS
    total_timeout_ms: float | None = None
    connect_timeout_ms: float | None = None
    read_timeout_ms: float | None = None
    retries: int = 0
    backoff_ms: float = _BACKOFF_MS
    retry_on: frozenset[int] = _RETRY_ON
    retry_methods: frozenset[str] = _RETRY_METHODS
    follow: bool = True
    max_redirects: int = MOST_REDIRECTS
    proxy: str | None = None
    proxy_auth: tuple[str, str] | None = None
    tls: dict[str, object] = field(default_factory=dict)
    decompress: bool = True
    session: str | None = None
    limit: int = caps.TEXT_LENGTH


def options_dict(name: str, options: object) -> dict[str, object]:
    """The options of the builtin `name`. Raises RuntimeFault when they are no dict."""
    if options is None:
        return {}
    if type(options) is not dict:
        raise RuntimeFault(f"{name}: options must be a dict, got {type_name(options)}")
    return options


def merged(base: dict[str, object], over: dict[str, object]) -> dict[str, object]:
    """The options of a session under those of one of its requests; headers are merged by name."""
    both = {**base, **over}
    ours, theirs = base.get("headers"), over.get("headers")
    if type(ours) is dict and type(theirs) is dict:
        names = {key.lower() for key in theirs}
        both["headers"] = {**{key: ours[key] for key in ours if key.lower() not in names}, **theirs}
    return both


def read_call(name: str, method: object, url: object, given: dict[str, object]) -> Call:
    """The request of the builtin `name`. Raises Thrown and RuntimeFault for what cannot be sent."""
    verb = "" if method is None else display(method).upper()
    if not verb:
        raise Thrown(f"{name}: method is required")
    if _TOKEN.fullmatch(verb) is None:
        raise Thrown(f"{name}: invalid method '{verb}'")
    place = "" if url is None else display(url)
    if not place:
        raise Thrown(f"{name}: URL is required")
    headers = _headers(name, given.get("headers"))
    authorization = _authorization(name, given.get("auth"))
    if authorization is not None:
        headers["authorization"] = authorization
    retry = given.get("retry")
    retries = retry if type(retry) is dict else {} if retry is None else {"max": retry}
    call = Call(name, verb, with_query(name, place, given.get("query")), headers)
    body = given.get("body")
    call.body = None if body is None else raw(body)
    call.parts = _parts(name, given.get("multipart"))
    call.timeout_ms = _time(name, given, "timeout_ms", "timeout") or DEFAULT_TIMEOUT_MS
    call.total_timeout_ms = _time(name, given, "total_timeout_ms")
    call.connect_timeout_ms = _time(name, given, "connect_timeout_ms")
    call.read_timeout_ms = _time(name, given, "read_timeout_ms")
    call.retries = min(_count(name, "retry.max", retries.get("max", given.get("retries")), 0), _MOST_RETRIES)
    backoff = retries.get("backoff_ms", given.get("backoff"))
    call.backoff_ms = _BACKOFF_MS if backoff is None else _period(name, "retry.backoff_ms", backoff)
    call.retry_on = _statuses(name, given.get("retry_on"))
    call.retry_methods = _methods(name, given.get("retry_methods"))
    call.follow = bool(given.get("follow_redirects", True))
    call.max_redirects = _count(name, "max_redirects", given.get("max_redirects"), MOST_REDIRECTS)
    proxy = given.get("proxy")
    call.proxy = None if proxy is None else display(proxy)
    call.proxy_auth = _proxy_auth(name, given.get("proxy_auth"))
    call.tls = options_dict(name, given.get("tls"))
    call.decompress = bool(given.get("decompress", True))
    session = given.get("session")
    call.session = None if session is None else display(session)
    call.limit = _count(name, "max_body_bytes", given.get("max_body_bytes"), caps.TEXT_LENGTH)
    return call


def with_query(name: str, url: str, query: object) -> str:
    """The URL with more parameters at the end of its query; those that are nil are left out."""
    if query is None:
        return url
    if type(query) is not dict:
        raise RuntimeFault(f"{name}: query must be a dict, got {type_name(query)}")
    pairs = "&".join(
        f"{_encoded(key)}={_encoded(display(value))}"
        for key, each in sorted(query.items())
        for value in (each if type(each) is list else [each])
        if value is not None
    )
    if not pairs:
        return url
    place, hash_sign, fragment = url.partition("#")
    joint = "" if place.endswith(("?", "&")) else "&" if "?" in place else "?"
    return f"{place}{joint}{pairs}{hash_sign}{fragment}"


def _encoded(text: str) -> str:
    return percent.encode(text, f"{percent.FORM} ").replace(" ", "+")


def _headers(name: str, given: object) -> dict[str, str]:
    if given is None:
        return {}
    if type(given) is not dict:
        raise RuntimeFault(f"{name}: headers must be a dict, got {type_name(given)}")
    headers: dict[str, str] = {}
    for key, value in sorted(given.items()):
        if value is None:
            continue
        text = display(value).strip()
        if _TOKEN.fullmatch(key) is None:
            raise RuntimeFault(f"{name}: invalid header name '{key}'")
        if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", text):
            raise RuntimeFault(f"{name}: invalid value of header '{key}'")
        if key.lower() in _OURS:
            raise RuntimeFault(f"{name}: header '{key}' cannot be set")
        headers[key.lower()] = text
    return headers


def _authorization(name: str, auth: object) -> str | None:
    if auth is None:
        return None
    if type(auth) is str:
        text = auth
    elif type(auth) is dict and auth.get("bearer") is not None:
        text = f"Bearer {display(auth['bearer'])}"
    elif type(auth) is dict and type(auth.get("basic")) is dict:
        basic = auth["basic"]
        text = basic_credentials(
            display(basic.get("user", basic.get("username", ""))), display(basic.get("password", ""))
        )
    else:
        raise RuntimeFault(f"{name}: auth must be a string, {{bearer}}, or {{basic: {{user, password}}}}")
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise RuntimeFault(f"{name}: invalid value of header 'authorization'")
    return text


def basic_credentials(user: str, password: str) -> str:
    """The value of an `Authorization` header."""
    return f"Basic {base64_text(utf8(f'{user}:{password}'))}"


def _proxy_auth(name: str, given: object) -> tuple[str, str] | None:
    if given is None:
        return None
    if type(given) is dict:
        inner = given.get("basic")
        fields = inner if type(inner) is dict else given
        user = fields.get("user", fields.get("username", ""))
        return display(user), display(fields.get("password", ""))
    user, colon, password = display(given).partition(":")
    if not colon:
        raise RuntimeFault(f"{name}: proxy_auth must be {{user, password}} or user:password")
    return user, password


def _parts(name: str, given: object) -> list[Part] | None:
    if given is None:
        return None
    if type(given) is not list:
        raise RuntimeFault(f"{name}: multipart must be a list, got {type_name(given)}")
    return [_part(name, place, each) for place, each in enumerate(given, 1)]


def _part(name: str, place: int, given: object) -> Part:
    if type(given) is not dict or given.get("name") is None:
        raise RuntimeFault(f"{name}: multipart field {place} is missing name")
    text, encoded, path = (given.get(key) for key in ("value", "value_base64", "path"))
    content = b"" if text is None else raw(text)
    if encoded is not None:
        try:
            content = base64_bytes(display(encoded))
        except EncodingError as error:
            raise RuntimeFault(f"{name}: multipart field {place} has invalid value_base64: {error}") from None
    filename, kind = given.get("filename"), given.get("content_type")
    return Part(
        display(given["name"]),
        content,
        None if path is None else display(path),
        None if filename is None else display(filename),
        None if kind is None else display(kind),
    )


def form_of(name: str, parts: list[Part], boundary: str) -> bytes:
    """The body of a form, whose files have been read. Raises RuntimeFault."""
    encoded: list[tuple[bytes, bytes]] = []
    for part in parts:
        headers = [] if part.content_type is None else [("Content-Type", part.content_type)]
        try:
            encoded.append((part_head(part.name, part.filename, headers), part.content))
        except ValueError as error:
            raise RuntimeFault(f"{name}: multipart field {part.name} has a {error}") from None
    body = form_body(encoded, boundary)
    if body is None:
        raise RuntimeFault(f"{name}: a multipart field contains the boundary")
    return body


# --- numbers ------------------------------------------------------------------------------------------


def _time(name: str, given: dict[str, object], *keys: str) -> float | None:
    for key in keys:
        if given.get(key) is not None:
            return _period(name, key, given[key])
    return None


def _period(name: str, key: str, value: object) -> float:
    found = milliseconds(value)
    if found is None or found < 0:
        raise RuntimeFault(f"{name}: {key} must be a non-negative int or a duration")
    return found


def _count(name: str, key: str, value: object, default: int) -> int:
    if value is None:
        return default
    if type(value) is not int or value < 0:
        raise RuntimeFault(f"{name}: {key} must be a non-negative int")
    return value


def _statuses(name: str, value: object) -> frozenset[int]:
    if value is None:
        return _RETRY_ON
    if type(value) is not list or not all(type(each) is int for each in value):
        raise RuntimeFault(f"{name}: retry_on must be a list of ints")
    return frozenset(each for each in value if type(each) is int)


def _methods(name: str, value: object) -> frozenset[str]:
    if value is None:
        return _RETRY_METHODS
    if type(value) is not list:
        raise RuntimeFault(f"{name}: retry_methods must be a list of strings")
    return frozenset(display(each).upper() for each in value)
