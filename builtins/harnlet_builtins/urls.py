"""URLs, queries and percent-encoding. Rules: docs/builtins.md#urls."""

import re

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins import percent

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*"
_HOST = r"\[[^\]/?#@\\]*\]|[^/?#@\\:]*"
_PORT = r"[0-9]*"


@builtin("url_parse(text)", section="10.4")
def url_parse(text: object = "") -> dict[str, object]:
    """The parts of an absolute URL in normal form; absent ones, and a default port, are nil."""
    from harnlet_builtins.url_parser import UrlError, parse_url

    try:
        url = parse_url(display(text))
    except UrlError as error:
        raise Thrown(f"url_parse: {error}") from None
    return {
        "scheme": url.scheme,
        "host": url.host or None,
        "port": url.port,
        "path": url.path,
        "query": url.query,
        "fragment": url.fragment,
        "username": url.username or None,
        "password": url.password,
    }


@builtin("url_build(parts)", section="10.4")
def url_build(parts: object = None) -> str:
    """A URL in normal form from the parts that `url_parse` gives; the path is `/` by default."""
    from harnlet_builtins.url_parser import UrlError, parse_url

    if type(parts) is not dict:
        raise Thrown("url_build: expected a dict of url parts")
    given = {name: display(value) for name, value in parts.items() if value is not None}
    scheme = given.get("scheme")
    if not scheme:
        raise Thrown("url_build: 'scheme' is required")
    _check_parts(scheme, given.get("host", ""), given.get("port", ""))
    path = given.get("path", "/").replace("?", "%3F").replace("#", "%23")
    texts = [f"{scheme}:"]
    if "host" in given:
        texts += ["//", _credentials(given), given["host"]]
        if "port" in given:
            texts.append(f":{given['port']}")
        if not path.startswith("/"):
            path = f"/{path}"
    texts.append(path)
    if "query" in given:
        texts.append("?" + given["query"].replace("#", "%23"))
    if "fragment" in given:
        texts.append("#" + given["fragment"])
    try:
        url = parse_url("".join(texts))
    except UrlError as error:
        raise Thrown(f"url_build: {error}") from None
    return url.text()


def _check_parts(scheme: str, host: str, port: str) -> None:
    """Raises Thrown for a part that holds what would begin another one."""
    problem = None
    if not re.fullmatch(_SCHEME, scheme):
        problem = "invalid scheme"
    elif not re.fullmatch(_HOST, host):
        problem = "invalid domain character"
    elif not re.fullmatch(_PORT, port):
        problem = "invalid port number"
    if problem is not None:
        raise Thrown(f"url_build: {problem}")


def _credentials(given: dict[str, str]) -> str:
    """What stands before the host; codes that are there already stay."""
    from harnlet_builtins.url_parser import encoded_user

    user, password = (encoded_user(given.get(name, "")) for name in ("username", "password"))
    if not user and not password:
        return ""
    return f"{user}{f':{password}' if password else ''}@"


@builtin("query_parse(text)", section="10.4")
def query_parse(text: object = "") -> list[object]:
    """The `{key, value}` pairs of a query, in order and decoded; one `?` before them is left out."""
    parts = [part.partition("=") for part in display(text).removeprefix("?").split("&") if part]
    return [{"key": _from_form(key), "value": _from_form(value)} for key, _, value in parts]


def _from_form(text: str) -> str:
    return percent.decode(text.replace("+", " "))


@builtin("query_stringify(pairs)", section="10.4")
def query_stringify(pairs: object = None) -> str:
    """A query from a list of `{key, value}` dicts, encoded like a form."""
    if type(pairs) is not list:
        raise Thrown("query_stringify: expected a list of {key, value} dicts")
    parts: list[str] = []
    for pair in pairs:
        if type(pair) is not dict or "key" not in pair or "value" not in pair:
            raise Thrown("query_stringify: each item must be a {key, value} dict")
        parts.append(f"{_to_form(pair['key'])}={_to_form(pair['value'])}")
    return "&".join(parts)


def _to_form(value: object) -> str:
    return percent.encode(display(value), f"{percent.FORM} ").replace(" ", "+")


@builtin("url_encode(text)", section="10.4")
def url_encode(text: object = "") -> str:
    """The text with `%XX` for all but letters, digits and `-_.~`."""
    return percent.encode(display(text), percent.UNRESERVED)


@builtin("url_decode(text)", section="10.4")
def url_decode(text: object = "") -> str:
    """The text that an encoded one stands for; `+` is a space, malformed codes stay."""
    return _from_form(display(text))
