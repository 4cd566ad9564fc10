"""Answers for requests that are given without a network. Rules: docs/builtins.md#http-mocks."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet_builtins.http_options import Call, form_of
from harnlet_builtins.star_patterns import star_matcher
from harnlet_builtins.utf8 import lossy, raw

MOCK_BOUNDARY: Final = "harn-boundary"
_MOST_CALLS: Final = 10_000
_REDACTED: Final = "[redacted]"
_SECRET_HEADERS: Final = re.compile(r"(?i)authorization|cookie|api-?key|token|secret|password")
_SECRET_PARAMETERS: Final = re.compile(
    r"(?i)(.*[_-])?(api_?-?key|apikey|token|secret|password|passwd|signature|sig|auth|credential|key)"
)


@dataclass(slots=True)
class Answer:
    """A response that has been read whole. Header names are in lower case; of headers that came several
    times, cookies are a list."""

    status: int
    headers: dict[str, object]
    body: bytes
    text: str | None = None

    def value(self) -> dict[str, object]:
        """The response as scripts get it."""
        return {
            "status": self.status,
            "headers": self.headers,
            "body": lossy(self.body) if self.text is None else self.text,
            "ok": is_ok(self.status),
        }


def is_ok(status: int) -> bool:
    """Whether a status tells success."""
    return 200 <= status <= 299


@dataclass(slots=True)
class _Mock:
    method: str
    pattern: str
    matches: Callable[[str], bool]
    answers: list[Answer]
    used: int = 0

    def next(self) -> Answer:
        answer = self.answers[min(self.used, len(self.answers) - 1)]
        self.used += 1
        return answer


@dataclass(slots=True)
class _Recorded:
    method: str
    url: str
    headers: dict[str, str]
    body: str | None


@dataclass(slots=True)
class _Mocks:
    """What a run has mocked, and the requests that were answered so."""

    mocks: list[_Mock] = field(default_factory=list)
    calls: deque[_Recorded] = field(default_factory=lambda: deque(maxlen=_MOST_CALLS))


def mocked(rt: Context, call: Call) -> Answer | None:
    """The answer of the first mock that matches a request, which is recorded; None if there is none."""
    state = rt.state(_Mocks)
    for mock in state.mocks:
        if mock.method in ("*", call.method) and mock.matches(call.url):
            state.calls.append(_recorded(call))
            return mock.next()
    return None


def _recorded(call: Call) -> _Recorded:
    headers, body = dict(call.headers), call.body
    if call.parts is not None:
        headers["content-type"] = f"multipart/form-data; boundary={MOCK_BOUNDARY}"
        body = form_of(call.name, call.parts, MOCK_BOUNDARY)
    return _Recorded(call.method, call.url, headers, None if body is None else lossy(body))


# --- builtins -----------------------------------------------------------------------------------------


@builtin("http_mock(method, pattern, response)", section="23.2", context=True)
def http_mock(rt: Context, method: object = None, pattern: object = None, response: object = None) -> None:
    """Answers requests to URLs like the pattern, in which `*` is any text; the method `*` is any. The
    response is `{status = 200, body = "", headers}`, or `{responses}` with one after the other, the last
    for good."""
    verb = "*" if method is None else display(method).upper()
    text = "*" if pattern is None else display(pattern)
    if response is not None and type(response) is not dict:
        raise RuntimeFault(f"http_mock: response must be a dict, got {type_name(response)}")
    given = response if type(response) is dict else {}
    several = given.get("responses")
    if several is None:
        answers = [_answer(given)]
    elif type(several) is list and several:
        answers = [_answer(each) for each in several]
    else:
        raise RuntimeFault("http_mock: responses must be a non-empty list")
    state = rt.state(_Mocks)
    new = _Mock(verb, text, star_matcher(text), answers)
    for place, known in enumerate(state.mocks):
        if (known.method, known.pattern) == (verb, text):
            state.mocks[place] = new
            return
    state.mocks.append(new)


def _answer(given: object) -> Answer:
    if type(given) is not dict:
        raise RuntimeFault(f"http_mock: response must be a dict, got {type_name(given)}")
    status, body, headers = given.get("status"), given.get("body"), given.get("headers")
    if status is None:
        status = 200
    if type(status) is not int or not 100 <= status <= 999:
        raise RuntimeFault("http_mock: status must be an int between 100 and 999")
    names = headers if type(headers) is dict else {}
    return Answer(
        status,
        {key.lower(): each if type(each) is list else display(each) for key, each in sorted(names.items())},
        b"" if body is None else raw(body),
    )


@builtin("http_mock_calls(options?)", section="23.2", context=True)
def http_mock_calls(rt: Context, options: object = None) -> list[object]:
    """The requests that mocks have answered, `{method, url, headers, body}`. Credentials read
    `[redacted]`, unless the option `redact_sensitive` is false or `include_sensitive` is true."""
    given = options if type(options) is dict else {}
    redact = bool(given.get("redact_sensitive", True)) and not given.get("include_sensitive", False)
    return [
        {
            "method": call.method,
            "url": redacted_url(call.url) if redact else call.url,
            "headers": redacted_headers(call.headers) if redact else {**call.headers},
            "body": call.body,
        }
        for call in rt.state(_Mocks).calls
    ]


@builtin("http_mock_clear()", section="23.2", context=True)
def http_mock_clear(rt: Context) -> None:
    """Forgets all mocks and their calls."""
    state = rt.state(_Mocks)
    state.mocks.clear()
    state.calls.clear()


def redacted_headers(headers: dict[str, str]) -> dict[str, object]:
    """Headers without credentials."""
    return {name: _REDACTED if _SECRET_HEADERS.search(name) else value for name, value in headers.items()}


def redacted_url(url: str) -> str:
    """A URL without a password and without secrets in its query."""
    url = re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://[^/?#@:]*):[^/?#@]*@", rf"\1:{_REDACTED}@", url)
    place, question_mark, rest = url.partition("?")
    query, hash_sign, fragment = rest.partition("#")
    pairs = [
        f"{name}={_REDACTED}" if equals and _SECRET_PARAMETERS.fullmatch(name) else f"{name}{equals}{value}"
        for name, equals, value in (pair.partition("=") for pair in query.split("&"))
    ]
    return f"{place}{question_mark}{'&'.join(pairs)}{hash_sign}{fragment}"
