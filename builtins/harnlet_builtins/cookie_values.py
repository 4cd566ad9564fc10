"""Cookies as they stand in headers: reading `Cookie`, writing and reading `Set-Cookie` (RFC 6265).

The builtins are in `cookies`. Rules: docs/builtins.md#cookies-and-sessions.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.display import display
from harnlet.runtime.values import Duration, type_name
from harnlet_builtins.moments import moment_of

NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*")
_ATTRIBUTE = re.compile(r"[\x20-\x3a\x3c-\x7e]*")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SAME_SITE = {"lax": "Lax", "strict": "Strict", "none": "None"}

EPOCH_DATE = "Thu, 01 Jan 1970 00:00:00 GMT"


class Cookie(NamedTuple):
    """A cookie of a request."""

    name: str
    value: str


class Bad(NamedTuple):
    """A part of a header that is no cookie."""

    segment: str
    reason: str


def header_values(given: object, name: str) -> list[str]:
    """The texts of the header `name` in what scripts pass: one text, a list of them, a dict of headers, or
    a dict with `headers`. Raises RuntimeFault."""
    if given is None:
        return []
    if type(given) is str:
        return [given]
    if type(given) is list:
        return [text for each in given for text in header_values(each, name)]
    if type(given) is dict:
        inner = given.get("headers")
        if type(inner) is dict:
            return header_values(inner, name)
        found = [value for key, value in sorted(given.items()) if key.lower() == name]
        if not found and type(given.get("name")) is str and "value" in given:
            is_it = str(given["name"]).lower() == name
            return header_values(given["value"], name) if is_it else []
        return header_values(found, name)
    raise RuntimeFault(f"cookie: expected a string, list, or headers dict, got {type_name(given)}")


def read_cookies(texts: list[str]) -> Iterator[Cookie | Bad]:
    """The cookies of `Cookie` headers, in order."""
    for text in texts:
        for part in text.split(";"):
            segment = part.strip(" \t")
            if segment:
                yield read_cookie(segment)


def read_cookie(segment: str) -> Cookie | Bad:
    """The cookie of one `name=value`."""
    name, equals, value = segment.partition("=")
    name, value = name.strip(" \t"), value.strip(" \t")
    if not equals:
        return Bad(segment, "missing '='")
    if NAME.fullmatch(name) is None:
        return Bad(segment, "invalid name")
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if _VALUE.fullmatch(value) is None:
        return Bad(segment, "invalid value")
    return Cookie(name, value)


# --- Set-Cookie ---------------------------------------------------------------------------------------


def set_cookie(name: object, value: object, options: object, defaults: dict[str, object]) -> str:
    """The value of a `Set-Cookie` header. `options` of the script stand above `defaults`. Raises
    RuntimeFault."""
    if options is not None and type(options) is not dict:
        raise RuntimeFault(f"cookie: options must be a dict, got {type_name(options)}")
    given = {**defaults, **(options if type(options) is dict else {})}
    key = display(name)
    if type(name) is not str or NAME.fullmatch(key) is None:
        raise RuntimeFault("cookie: cookie name is empty or contains invalid characters")
    text = display(value)
    if _VALUE.fullmatch(text) is None:
        raise RuntimeFault("cookie: cookie value contains invalid characters")
    same_site = _same_site(given.get("same_site"))
    secure = bool(given.get("secure"))
    if same_site == "None" and not secure:
        raise RuntimeFault("cookie: SameSite=None requires Secure")
    _check_prefix(key, given, secure)
    attributes = (
        _attribute("Path", given.get("path")),
        _attribute("Domain", given.get("domain")),
        _max_age(given.get("max_age")),
        _expires(given.get("expires")),
        "HttpOnly" if given.get("http_only") else None,
        "Secure" if secure else None,
        f"SameSite={same_site}" if same_site else None,
    )
    return "; ".join([f"{key}={text}", *filter(None, attributes)])


def _same_site(given: object) -> str | None:
    if given is None:
        return None
    found = _SAME_SITE.get(given.lower()) if type(given) is str else None
    if found is None:
        raise RuntimeFault("cookie: same_site must be one of Lax, Strict, or None")
    return found


def _check_prefix(name: str, given: dict[str, object], secure: bool) -> None:
    """The promises that names make, which browsers hold them to."""
    if name.startswith("__Secure-") and not secure:
        raise RuntimeFault("cookie: a name with the prefix __Secure- requires Secure")
    if name.startswith("__Host-") and not (
        secure and given.get("path") == "/" and given.get("domain") is None
    ):
        raise RuntimeFault("cookie: a name with the prefix __Host- requires Secure, Path=/, and no Domain")


def _attribute(label: str, given: object) -> str | None:
    if given is None:
        return None
    text = display(given)
    if _ATTRIBUTE.fullmatch(text) is None:
        raise RuntimeFault(f"cookie: {label} contains invalid characters")
    return f"{label}={text}"


def _max_age(given: object) -> str | None:
    if given is None:
        return None
    if type(given) is Duration:
        given = given.milliseconds // 1000
    if type(given) is not int:
        raise RuntimeFault(f"cookie: max_age must be an int or a duration, got {type_name(given)}")
    return f"Max-Age={display(given)}"


def _expires(given: object) -> str | None:
    if type(given) is int or type(given) is float or type(given) is dict:
        return f"Expires={http_date(moment_of('cookie', given))}"
    return _attribute("Expires", given)


def http_date(moment: datetime) -> str:
    """A moment in UTC as headers have it."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S} GMT"


def read_set_cookie(text: str, now: float) -> tuple[Cookie, bool] | None:
    """The cookie that a `Set-Cookie` sets, and whether it removes it (at the second `now`). None for what a
    client would ignore."""
    first, *attributes = text.split(";")
    cookie = read_cookie(first.strip(" \t"))
    if type(cookie) is not Cookie:
        return None
    ends: float | None = None
    lives: bool | None = None
    for attribute in attributes:
        label, _, value = attribute.partition("=")
        label, value = label.strip(" \t").lower(), value.strip(" \t")
        if label == "max-age" and re.fullmatch(r"-?[0-9]+", value):
            lives = not value.startswith("-") and value.strip("0") != ""
        elif label == "expires":
            moment = read_http_date(value)
            ends = ends if moment is None else moment
    # Max-Age has precedence over Expires.
    removed = not lives if lives is not None else ends is not None and ends <= now
    return cookie, removed


def read_http_date(text: str) -> float | None:
    """The seconds since 1970 of a date in a header, None for what is none."""
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text.replace("-", " "))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
