"""Servers that dispatch requests to handlers, without a socket: what comes in is a dict, and what goes out.

Rules: docs/builtins.md#http-server.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import callback, type_name
from harnlet_builtins import percent
from harnlet_builtins.handle_tables import HandleTable
from harnlet_builtins.http_responses import lower_headers, normalised, response_with
from harnlet_builtins.utf8 import lossy, raw


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    segments: tuple[str, ...]
    handler: Callable[..., object]
    most_bytes: int | None
    keeps_raw: bool

    def match(self, method: str, segments: tuple[str, ...]) -> dict[str, object] | None:
        """The parameters of the path; None when this is another route."""
        if self.method not in ("*", method) or len(self.segments) != len(segments):
            return None
        found: dict[str, object] = {}
        for mine, given in zip(self.segments, segments, strict=True):
            name = _parameter(mine)
            if name is not None:
                if not given:
                    return None
                found[name] = percent.decode(given)
            elif mine != given:
                return None
        return found


def _parameter(segment: str) -> str | None:
    if segment.startswith("{") and segment.endswith("}") and len(segment) > 2:
        return segment[1:-1]
    return segment[1:] if segment.startswith(":") and len(segment) > 1 else None


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


@dataclass(slots=True)
class _Server:
    most_bytes: int | None
    keeps_raw: bool
    ready: bool
    routes: list[_Route] = field(default_factory=list)
    before: list[Callable[..., object]] = field(default_factory=list)
    after: list[Callable[..., object]] = field(default_factory=list)
    readiness: Callable[..., object] | None = None
    on_shutdown: list[Callable[..., object]] = field(default_factory=list)
    shut_down: bool = False


class _Servers(HandleTable[_Server]):
    def __init__(self) -> None:
        super().__init__("http-server", "HTTP server", lambda server: server.shut_down)


def _server(rt: Context, name: str, handle: object) -> _Server:
    return rt.state(_Servers).get(name, handle)


def _most_bytes(name: str, options: dict[str, object], default: int | None) -> int | None:
    value = options.get("max_body_bytes")
    if value is None:
        return default
    if type(value) is not int or value < 0:
        raise RuntimeFault(f"{name}: max_body_bytes must be a non-negative int")
    return value


def _options(name: str, options: object) -> dict[str, object]:
    if options is None:
        return {}
    if type(options) is not dict:
        raise RuntimeFault(f"{name}: options must be a dict, got {type_name(options)}")
    return options


# --- builtins -----------------------------------------------------------------------------------------


@builtin("http_server(options?)", section="23.3", context=True)
def http_server(rt: Context, options: object = None) -> dict[str, object]:
    """A server, `{id, kind}`. Options: `max_body_bytes`, `retain_raw_body = true`, `ready = true`."""
    given = _options("http_server", options)
    made = _Server(
        _most_bytes("http_server", given, None),
        bool(given.get("retain_raw_body", True)),
        bool(given.get("ready", True)),
    )
    key = rt.state(_Servers).add(rt, "http_server", made)
    return {"id": key, "kind": "http_server"}


@builtin("http_server_route(server, method, template, handler, options?)", section="23.3", context=True)
def http_server_route(
    rt: Context,
    server: object = None,
    method: object = "*",
    template: object = "/",
    handler: object = None,
    options: object = None,
) -> object:
    """Calls the handler with requests of that method (`*`: any) to paths like the template, in which
    `{name}` or `:name` is any one segment. Options: `max_body_bytes`, `retain_raw_body`."""
    found = _server(rt, "http_server_route", server)
    given = _options("http_server_route", options)
    keeps = given.get("retain_raw_body")
    found.routes.append(
        _Route(
            display(method).upper(),
            _segments(display(template)),
            callback(handler),
            _most_bytes("http_server_route", given, found.most_bytes),
            found.keeps_raw if keeps is None else bool(keeps),
        )
    )
    return server


@builtin("http_server_before(server, function)", section="23.3", context=True)
def http_server_before(rt: Context, server: object = None, function: object = None) -> object:
    """Calls a function with each request before its handler. A response is the answer, another dict the
    request from there on, nil leaves it as it is."""
    _server(rt, "http_server_before", server).before.append(callback(function))
    return server


@builtin("http_server_after(server, function)", section="23.3", context=True)
def http_server_after(rt: Context, server: object = None, function: object = None) -> object:
    """Calls a function with each response of a handler and its request. What it gives is the response from
    there on, nil leaves it as it is."""
    _server(rt, "http_server_after", server).after.append(callback(function, 2))
    return server


@builtin("http_server_request(server, request)", section="23.3", effect="suspends", context=True)
def http_server_request(rt: Context, server: object = None, request: object = None) -> object:
    """The response to a request `{method, path, query, headers, body, remote_addr}`."""
    return _dispatched(_server(rt, "http_server_request", server), "http_server_request", server, request)


@builtin("http_server_test(server, request)", section="23.3", effect="suspends", context=True)
def http_server_test(rt: Context, server: object = None, request: object = None) -> object:
    """The same as `http_server_request`."""
    return _dispatched(_server(rt, "http_server_test", server), "http_server_test", server, request)


@builtin("http_server_set_ready(server, ready)", section="23.3", context=True)
def http_server_set_ready(rt: Context, server: object = None, ready: object = True) -> bool:
    """Says whether a server takes requests."""
    found = _server(rt, "http_server_set_ready", server)
    found.ready = bool(ready)
    return found.ready


@builtin("http_server_readiness(server, function)", section="23.3", context=True)
def http_server_readiness(rt: Context, server: object = None, function: object = None) -> object:
    """Asks a function, before each request, whether the server takes it."""
    _server(rt, "http_server_readiness", server).readiness = callback(function)
    return server


@builtin("http_server_ready(server)", section="23.3", effect="suspends", context=True)
def http_server_ready(rt: Context, server: object = None) -> bool:
    """Whether a server takes requests."""
    found = _server(rt, "http_server_ready", server)
    return not found.shut_down and _is_ready(found, server)


@builtin("http_server_on_shutdown(server, function)", section="23.3", context=True)
def http_server_on_shutdown(rt: Context, server: object = None, function: object = None) -> object:
    """Calls a function when the server is shut down."""
    _server(rt, "http_server_on_shutdown", server).on_shutdown.append(callback(function))
    return server


@builtin("http_server_shutdown(server)", section="23.3", effect="suspends", context=True)
def http_server_shutdown(rt: Context, server: object = None) -> bool:
    """Takes no more requests; whether it did until now."""
    found = _server(rt, "http_server_shutdown", server)
    if found.shut_down:
        return False
    found.shut_down = True
    for function in found.on_shutdown:
        function(server)
    return True


# --- dispatch -----------------------------------------------------------------------------------------


def _is_ready(server: _Server, handle: object) -> bool:
    return server.ready and (server.readiness is None or bool(server.readiness(handle)))


def _dispatched(server: _Server, name: str, handle: object, given: object) -> dict[str, object]:
    if given is not None and type(given) is not dict:
        raise RuntimeFault(f"{name}: request must be a dict, got {type_name(given)}")
    if server.shut_down:
        return response_with(503, "server is shut down", {})
    if not _is_ready(server, handle):
        return response_with(503, "server is not ready", {})
    request = _request(given if type(given) is dict else {})
    method, path = display(request["method"]), display(request["path"])
    segments = _segments(path)
    for route in server.routes:
        parameters = route.match(method, segments)
        if parameters is not None:
            return _handled(server, route, request, parameters)
    return response_with(404, f"no route for {method} {path}", {})


def _handled(
    server: _Server, route: _Route, request: dict[str, object], parameters: dict[str, object]
) -> dict[str, object]:
    size: Any = request["body_bytes"]
    if route.most_bytes is not None and size > route.most_bytes:
        text = f"request body too large: {size} > {route.most_bytes} bytes"
        return response_with(413, text, {"x-harn-body-limit": display(route.most_bytes)})
    request = {**request, "path_params": parameters, "params": parameters}
    if not route.keeps_raw:
        request["raw_body"] = None
    for function in server.before:
        result = function(request)
        if type(result) is dict:
            if "status" in result:
                return normalised(result)
            request = result
    response = normalised(route.handler(request))
    for function in server.after:
        changed = function(response, request)
        if changed is not None:
            response = normalised(changed)
    return response


def _request(given: dict[str, object]) -> dict[str, object]:
    """What handlers get."""
    method = given.get("method")
    target = given.get("path", given.get("url"))
    path, _, query = ("/" if target is None else display(target)).partition("?")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    parameters: dict[str, object] = {
        percent.decode(name.replace("+", " ")): percent.decode(value.replace("+", " "))
        for name, _, value in pairs
    }
    more = given.get("query")
    if type(more) is dict:
        parameters = {**parameters, **more}
    body = given.get("raw_body") if given.get("body") is None else given["body"]
    content = b"" if body is None else raw(body)
    address = given.get("remote_addr")
    client = given.get("client_ip")
    if client is None and address is not None:
        client = _without_port(display(address))
    return {
        "method": "GET" if method is None else display(method).upper(),
        "path": path if path.startswith("/") else f"/{path}",
        "path_params": {},
        "params": {},
        "query": parameters,
        "headers": lower_headers(given.get("headers")),
        "body": lossy(content),
        "raw_body": content,
        "body_bytes": len(content),
        "remote_addr": address,
        "client_ip": client,
    }


def _without_port(address: str) -> str:
    if address.startswith("["):
        return address[1:].partition("]")[0]
    host, colon, _ = address.rpartition(":")
    return host if colon and ":" not in host else address
