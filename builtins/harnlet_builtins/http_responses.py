"""Responses that handlers of a server give, and what a server says of its TLS.

Rules: docs/builtins.md#http-server.
"""

from typing import Final

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet_builtins.disk import located, on_disk
from harnlet_builtins.http_mocks import is_ok
from harnlet_builtins.json_writer import stringify
from harnlet_builtins.permission import SystemContext
from harnlet_builtins.utf8 import lossy, utf8

_TEXT: Final = "text/plain; charset=utf-8"
_JSON: Final = "application/json; charset=utf-8"
_BYTES: Final = "application/octet-stream"
_YEAR_SECONDS: Final = 31_536_000
_DEV_HOSTS: Final = ("localhost", "127.0.0.1", "::1")


def lower_headers(given: object) -> dict[str, object]:
    """Headers of a script, their names in lower case; those that are nil are left out."""
    if type(given) is not dict:
        return {}
    return {key.lower(): display(value) for key, value in sorted(given.items()) if value is not None}


def status_of(value: object, default: int) -> int:
    """A status. Raises RuntimeFault when it is none."""
    if value is None:
        return default
    if type(value) is not int or not 100 <= value <= 999:
        raise RuntimeFault(f"http_response: status must be an int between 100 and 999, got {display(value)}")
    return value


def made(status: int, headers: dict[str, object], kind: str, raw_body: bytes) -> dict[str, object]:
    """A response: `{status, headers, ok, body_kind, body, raw_body}`."""
    return {
        "status": status,
        "headers": headers,
        "ok": is_ok(status),
        "body_kind": kind,
        "body": None if kind == "empty" else lossy(raw_body),
        "raw_body": None if kind == "empty" else raw_body,
    }


def response_with(status: int, body: object, headers: dict[str, object]) -> dict[str, object]:
    """A response with a body of any type: nil is none, lists and dicts are JSON, the rest is text."""
    if body is None:
        return made(status, headers, "empty", b"")
    if type(body) is bytes:
        return made(status, headers, "bytes", body)
    if type(body) is dict or type(body) is list:
        return made(status, {"content-type": _JSON, **headers}, "json", utf8(stringify(body)))
    return made(status, headers, "text", utf8(display(body)))


def normalised(result: object) -> dict[str, object]:
    """The response that the result of a handler stands for."""
    if result is None:
        return made(204, {}, "empty", b"")
    if type(result) is dict and "status" in result:
        kind, raw_body = result.get("body_kind"), result.get("raw_body")
        status, headers = status_of(result["status"], 200), lower_headers(result.get("headers"))
        body = result.get("body")
        unchanged = type(raw_body) is bytes and (body is None or body == lossy(raw_body))
        if unchanged and type(raw_body) is bytes:
            # It came from one of the builders, and nobody has put another body in.
            return made(status, headers, kind if type(kind) is str else "bytes", raw_body)
        return response_with(status, body, headers)
    return made(200, {"content-type": _TEXT}, "text", utf8(display(result)))


# --- builders -----------------------------------------------------------------------------------------


@builtin("http_response(status, body?, headers?)", section="23.3")
def http_response(status: object = None, body: object = None, headers: object = None) -> dict[str, object]:
    """A response: `{status, headers, ok, body_kind, body, raw_body}`."""
    return response_with(status_of(status, 200), body, lower_headers(headers))


def _built(options: object, kind: str, content_type: str, body: bytes) -> dict[str, object]:
    given = options if type(options) is dict else {}
    headers = {"content-type": content_type, **lower_headers(given.get("headers"))}
    return made(status_of(given.get("status"), 200), headers, kind, body)


@builtin("http_response_text(value, options?)", section="23.3")
def http_response_text(value: object = "", options: object = None) -> dict[str, object]:
    """A response with the display of a value. Options: `status`, `headers`."""
    return _built(options, "text", _TEXT, utf8(display(value)))


@builtin("http_response_json(value, options?)", section="23.3")
def http_response_json(value: object = None, options: object = None) -> dict[str, object]:
    """A response with a value as JSON. Options: `status`, `headers`."""
    return _built(options, "json", _JSON, utf8(stringify(value)))


@builtin("http_response_bytes(bytes, options?)", section="23.3")
def http_response_bytes(data: object = b"", options: object = None) -> dict[str, object]:
    """A response with bytes. Options: `status`, `headers`."""
    if type(data) is not bytes:
        raise RuntimeFault(f"http_response_bytes: expected bytes at argument 1, got {type_name(data)}")
    return _built(options, "bytes", _BYTES, data)


@builtin("http_header(headers, name)", section="23.3")
def http_header(headers: object = None, name: object = "") -> object:
    """A header of a request, a response or a dict of headers, whatever the case of its name; or nil."""
    if type(headers) is not dict:
        return None
    inner = headers.get("headers")
    wanted = display(name).lower()
    for key, value in (inner if type(inner) is dict else headers).items():
        if key.lower() == wanted:
            return value
    return None


# --- TLS ----------------------------------------------------------------------------------------------


def _tls(
    mode: str, terminate: bool, scheme: str, hsts: bool, options: object, **more: object
) -> dict[str, object]:
    given = options if type(options) is dict else {}
    return {"mode": mode, "terminate_tls": terminate, "scheme": scheme, "hsts": hsts, **more, **given}


@builtin("http_server_tls_plain()", section="23.3")
def http_server_tls_plain() -> dict[str, object]:
    """A server without TLS."""
    return _tls("plain", False, "http", False, None)


@builtin("http_server_tls_edge(options?)", section="23.3")
def http_server_tls_edge(options: object = None) -> dict[str, object]:
    """A server behind a proxy that speaks TLS for it. Options: `hsts`, `hsts_include_subdomains`,
    `hsts_preload`."""
    return _tls("edge", False, "https", True, options)


@builtin("http_server_tls_pem(certificate, key)", section="23.3", effect="system", context=True)
async def http_server_tls_pem(
    rt: SystemContext, certificate: object = "", key: object = ""
) -> dict[str, object]:
    """A server that speaks TLS with a certificate and its key, files in PEM format."""
    from os.path import isfile

    paths = [display(certificate), display(key)]
    for path, what in zip(paths, ("certificate", "private key"), strict=True):
        place = located(rt, "http_server_tls_pem", path)
        if not await on_disk("http_server_tls_pem", isfile, place):
            raise Thrown(f"http_server_tls_pem: {what} not found: {path}")
    return _tls("pem", True, "https", True, None, cert_path=paths[0], key_path=paths[1])


@builtin("http_server_tls_self_signed_dev(hosts?)", section="23.3")
def http_server_tls_self_signed_dev(hosts: object = None) -> dict[str, object]:
    """A server that speaks TLS with a certificate of its own, for development."""
    names = [display(each) for each in hosts] if type(hosts) is list else [*_DEV_HOSTS]
    return _tls("self_signed_dev", True, "https", False, None, hosts=names)


@builtin("http_server_security_headers(config)", section="23.3")
def http_server_security_headers(config: object = None) -> dict[str, object]:
    """The headers that a server with this TLS sends with each response."""
    given = config if type(config) is dict else {}
    inner = given.get("hsts")
    options = {**given, **inner} if type(inner) is dict else given
    if not inner:
        return {}
    age = options.get("hsts_max_age_seconds", options.get("max_age_seconds"))
    parts = [f"max-age={age if type(age) is int else _YEAR_SECONDS}"]
    for key, directive in (("include_subdomains", "includeSubDomains"), ("preload", "preload")):
        if options.get(f"hsts_{key}", options.get(key)):
            parts.append(directive)
    return {"strict-transport-security": "; ".join(parts)}
