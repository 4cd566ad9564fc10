"""Cookies, and sessions that are kept in them. Rules: docs/builtins.md#cookies-and-sessions."""

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet_builtins.base_encodings import EncodingError, base64_bytes, base64_text
from harnlet_builtins.clock import wall_ms
from harnlet_builtins.cookie_values import (
    EPOCH_DATE,
    Bad,
    Cookie,
    header_values,
    read_cookies,
    read_set_cookie,
    set_cookie,
)
from harnlet_builtins.hashes import hmac_digest
from harnlet_builtins.json_reader import JsonError, parse
from harnlet_builtins.json_writer import stringify
from harnlet_builtins.utf8 import raw, utf8

_MISSING = object()
_GUARDED: dict[str, object] = {"path": "/", "http_only": True, "secure": True, "same_site": "Lax"}
_VERSION = "v1"


@builtin("cookie_parse(header)", section="23.4")
def cookie_parse(header: object = None) -> dict[str, object]:
    """The cookies of a `Cookie` header, a list of them, or a dict of headers: `{cookies, pairs, duplicates,
    invalid}`. Of equal names the first is in `cookies`, all are in `duplicates`."""
    cookies: dict[str, object] = {}
    pairs: list[object] = []
    invalid: list[object] = []
    values: dict[str, list[object]] = {}
    for found in read_cookies(header_values(header, "cookie")):
        if type(found) is Bad:
            invalid.append({"segment": found.segment, "reason": found.reason})
        elif type(found) is Cookie:
            cookies.setdefault(found.name, found.value)
            pairs.append({"name": found.name, "value": found.value})
            values.setdefault(found.name, []).append(found.value)
    return {
        "cookies": cookies,
        "pairs": pairs,
        "duplicates": {name: several for name, several in values.items() if len(several) > 1},
        "invalid": invalid,
    }


@builtin("cookie_serialize(name, value, options?)", section="23.4")
def cookie_serialize(name: object = None, value: object = "", options: object = None) -> str:
    """A `Set-Cookie` header. Options: `path`, `domain`, `max_age` (seconds or a duration), `expires` (text
    or date), `http_only`, `secure`, `same_site`."""
    return set_cookie(name, value, options, {})


@builtin("cookie_delete(name, options?)", section="23.4")
def cookie_delete(name: object = None, options: object = None) -> str:
    """The `Set-Cookie` header that removes a cookie; it must have the path and domain it was set with."""
    return set_cookie(name, "", options, {**_GUARDED, "max_age": 0, "expires": EPOCH_DATE})


@builtin("cookie_round_trip(request, set_cookie)", section="23.4", context=True)
def cookie_round_trip(rt: Context, request: object = None, answer: object = _MISSING) -> dict[str, object]:
    """What a client sends after a response: `{cookie_header, cookies}`, from the cookies that it sent before
    and the `Set-Cookie` headers that came back. With one argument, it had sent none."""
    if answer is _MISSING:
        request, answer = None, request
    sent = read_cookies(header_values(request, "cookie"))
    cookies: dict[str, object] = {}
    for each in sent:
        if type(each) is Cookie:
            cookies.setdefault(each.name, each.value)
    now = wall_ms(rt) / 1000
    for text in header_values(answer, "set-cookie"):
        found = read_set_cookie(text, now)
        if found is None:
            continue
        cookie, removed = found
        cookies.pop(cookie.name, None)
        if not removed:
            cookies[cookie.name] = cookie.value
    header = "; ".join(f"{name}={display(cookies[name])}" for name in sorted(cookies))
    return {"cookie_header": header, "cookies": cookies}


# --- signatures ---------------------------------------------------------------------------------------


def _secret(secret: object) -> bytes:
    key = b"" if secret is None else raw(secret)
    if not key:
        raise RuntimeFault("cookie: secret must not be empty")
    return key


def _signature(secret: bytes, text: str) -> str:
    return base64_text(hmac_digest(secret, utf8(text)), url=True)


def _verified(secret: bytes, text: str, signature: str) -> bool:
    from hmac import compare_digest

    return compare_digest(_signature(secret, text).encode(), utf8(signature))


@builtin("cookie_sign(value, secret)", section="23.4")
def cookie_sign(value: object = "", secret: object = None) -> str:
    """The value with a signature after it, so that nobody without the secret can change it."""
    text = display(value)
    return f"{text}.{_signature(_secret(secret), text)}"


@builtin("cookie_verify(signed, secret)", section="23.4")
def cookie_verify(signed: object = "", secret: object = None) -> dict[str, object]:
    """Whether a signed value is unchanged: `{ok, value, error}`; the error is `malformed` or
    `invalid_signature`."""
    key = _secret(secret)
    text, dot, signature = display(signed).rpartition(".")
    error = None
    if not dot or not signature:
        error = "malformed"
    elif not _verified(key, text, signature):
        error = "invalid_signature"
    return {"ok": error is None, "value": text if error is None else None, "error": error}


@builtin("session_sign(payload, secret)", section="23.4")
def session_sign(payload: object = None, secret: object = None) -> str:
    """A token that holds a value as JSON, signed; everybody can read it."""
    body = f"{_VERSION}.{base64_text(utf8(stringify(payload)), url=True)}"
    return f"{body}.{_signature(_secret(secret), body)}"


@builtin("session_verify(token, secret)", section="23.4")
def session_verify(token: object = "", secret: object = None) -> dict[str, object]:
    """The value of a signed token: `{ok, payload, error}`; the error is `malformed`, `invalid_signature` or
    `malformed_payload`."""
    key = _secret(secret)
    parts = display(token).split(".")
    if len(parts) != 3 or parts[0] != _VERSION or not all(parts):
        return _no_session("malformed")
    if not _verified(key, f"{parts[0]}.{parts[1]}", parts[2]):
        return _no_session("invalid_signature")
    try:
        payload = parse(base64_bytes(parts[1], url=True).decode("utf-8"))
    except (EncodingError, JsonError, UnicodeDecodeError):
        return _no_session("malformed_payload")
    return {"ok": True, "payload": payload, "error": None}


def _no_session(error: str) -> dict[str, object]:
    return {"ok": False, "payload": None, "error": error}


@builtin("session_cookie(name, payload, secret, options?)", section="23.4")
def session_cookie(
    name: object = None, payload: object = None, secret: object = None, options: object = None
) -> str:
    """A `Set-Cookie` header with a signed token; by default `Path=/; HttpOnly; Secure; SameSite=Lax`."""
    return set_cookie(name, session_sign.function(payload, secret), options, _GUARDED)


@builtin("session_from_cookies(headers, name, secret)", section="23.4")
def session_from_cookies(
    headers: object = None, name: object = None, secret: object = None
) -> dict[str, object]:
    """The value of the signed token in a cookie: as `session_verify`, with the error `missing_cookie`."""
    wanted = display(name)
    for found in read_cookies(header_values(headers, "cookie")):
        if type(found) is Cookie and found.name == wanted:
            verified: dict[str, object] = session_verify.function(found.value, secret)  # type: ignore[assignment]
            return verified
    return _no_session("missing_cookie")
