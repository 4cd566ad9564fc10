"""Absolute URLs: their parts, and their one normal form (the WHATWG URL standard, without a base).

Rules: docs/builtins.md#urls.
"""

import re
from dataclasses import dataclass

from harnlet_builtins import percent
from harnlet_builtins.url_hosts import UrlError, host_text

__all__ = ["Url", "UrlError", "encoded_user", "parse_url"]

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_SPECIAL = frozenset({*_DEFAULT_PORTS, "file"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_DRIVE = re.compile(r"[A-Za-z][:|]")
_DOTS = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)
_OUTSIDE = "".join(map(chr, range(0x21)))
_BREAKS = dict.fromkeys(map(ord, "\t\n\r"))

_GRAPHIC = "".join(map(chr, range(0x21, 0x7F)))


def _without(characters: str) -> str:
    return "".join(character for character in _GRAPHIC if character not in characters)


_IN_FRAGMENT = _without('"<>`')
_IN_QUERY = _without('"#<>')
_IN_SPECIAL_QUERY = _without("\"#<>'")
_IN_PATH = _without('"#<>?`{}')
_IN_USERINFO = _without('"#<>?`{}/:;=@[\\]^|')
_IN_OPAQUE_PATH = f" {_GRAPHIC}"


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of a URL, encoded. None is a part that is absent; `port` is None for the default one.
    A path that does not begin with a slash belongs to a URL like `mailto:`, which has no host."""

    scheme: str
    username: str
    password: str | None
    host: str | None
    port: int | None
    path: str
    query: str | None
    fragment: str | None

    def text(self) -> str:
        """The URL in its normal form."""
        parts = [f"{self.scheme}:"]
        if self.host is not None:
            parts += ["//", self._credentials(), self.host]
            if self.port is not None:
                parts.append(f":{self.port}")
        elif self.path.startswith("//"):
            parts.append("/.")
        parts.append(self.path)
        if self.query is not None:
            parts.append(f"?{self.query}")
        if self.fragment is not None:
            parts.append(f"#{self.fragment}")
        return "".join(parts)

    def _credentials(self) -> str:
        if not self.username and self.password is None:
            return ""
        return f"{self.username}{'' if self.password is None else f':{self.password}'}@"


def encoded_user(text: str) -> str:
    """A user name or password as it stands in a URL."""
    return percent.encode(text, _IN_USERINFO)


def parse_url(text: str) -> Url:
    """The URL that `text` is. Raises UrlError."""
    rest = text.strip(_OUTSIDE).translate(_BREAKS)
    match = _SCHEME.match(rest)
    if match is None:
        raise UrlError("relative URL without a base")
    scheme = match[1].lower()
    special = scheme in _SPECIAL
    rest, hash_sign, fragment = rest[match.end() :].partition("#")
    rest, question_mark, query = rest.partition("?")
    if special:
        rest = rest.replace("\\", "/")
    if scheme == "file":
        host, path = _file_host(rest)
        user, password, port = "", None, None
    elif special or rest.startswith("//"):
        authority, slash, path = (rest.lstrip("/") if special else rest[2:]).partition("/")
        user, password, host, port = _authority(authority, scheme, special)
        path = _normal_path(slash + path, special)
    else:
        user, password, host, port = "", None, None, None
        path = _normal_path(rest, special) if rest.startswith("/") else percent.encode(rest, _IN_OPAQUE_PATH)
    return Url(
        scheme,
        user,
        password,
        host,
        port,
        path,
        percent.encode(query, _IN_SPECIAL_QUERY if special else _IN_QUERY) if question_mark else None,
        percent.encode(fragment, _IN_FRAGMENT) if hash_sign else None,
    )


def _authority(text: str, scheme: str, special: bool) -> tuple[str, str | None, str, int | None]:
    """User, password, host and port."""
    credentials, at_sign, address = text.rpartition("@")
    user, colon, password = credentials.partition(":")
    name, port = _address(address)
    if not name:
        if special or at_sign or port is not None:
            raise UrlError("empty host")
        return "", None, "", None
    return (
        encoded_user(user),
        encoded_user(password) if colon and password else None,
        host_text(name, special),
        None if port == _DEFAULT_PORTS.get(scheme) else port,
    )


def _address(text: str) -> tuple[str, int | None]:
    """Host and port."""
    name, colon, digits = text.rpartition(":")
    if not colon or "]" in digits:
        return text, None
    if not digits:
        return name, None
    if re.fullmatch(r"[0-9]+", digits) is None or int(digits.lstrip("0")[:6] or "0") > 65_535:
        raise UrlError("invalid port number")
    return name, int(digits.lstrip("0") or "0")


def _file_host(rest: str) -> tuple[str, str]:
    """Host and path of a `file:` URL; `localhost` is the same as none."""
    host = ""
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if _DRIVE.fullmatch(host):
            host, rest = "", rest[1:]
        else:
            rest = slash + path
    name = host_text(host, True) if host else ""
    return "" if name == "localhost" else name, _normal_path(rest, True, is_file=True)


def _normal_path(text: str, special: bool, is_file: bool = False) -> str:
    """The path with `.` and `..` resolved."""
    if not text and not special:
        return ""
    segments: list[str] = []
    parts = text.removeprefix("/").split("/")
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        if _DOTS.fullmatch(part):
            if part.count(".") + part.lower().count("%2e") == 2 and segments and not (
                is_file and len(segments) == 1 and _DRIVE.fullmatch(segments[0])
            ):
                segments.pop()
            if is_last:
                segments.append("")
        else:
            drive = is_file and not segments and _DRIVE.fullmatch(part)
            segments.append(f"{part[0]}:" if drive else percent.encode(part, _IN_PATH))
    return "/" + "/".join(segments)
