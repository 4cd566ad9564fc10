"""How URLs are signed. The builtins are in `signed_urls`.

Rules: docs/builtins.md#keys-tokens-signed-urls.
"""

from dataclasses import dataclass
from hmac import compare_digest

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.display import display, type_name
from harnlet_builtins import percent
from harnlet_builtins.base_encodings import base64_text
from harnlet_builtins.hashes import hmac_digest
from harnlet_builtins.url_hosts import UrlError
from harnlet_builtins.url_parser import parse_url
from harnlet_builtins.utf8 import raw, utf8

_VERSION = "harn-signed-url-v1"
_LONGEST_NUMBER = 18

_Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Options:
    """The names of the parameters, which key to name, and how wrong clocks may be."""

    signature: str
    expires: str
    kid: str
    key_id: str | None
    skew_seconds: int


def _options(name: str, given: object) -> _Options:
    options = given if type(given) is dict else {}
    names = [
        display(options.get(key) or default)
        for key, default in (("signature_param", "sig"), ("expires_param", "exp"), ("kid_param", "kid"))
    ]
    if len(set(names)) < 3:
        raise RuntimeFault(f"{name}: signature_param, expires_param, and kid_param must be distinct")
    key_id, skew = options.get("kid"), options.get("skew_seconds")
    return _Options(
        names[0],
        names[1],
        names[2],
        None if key_id is None else display(key_id),
        skew if type(skew) is int else 0,
    )


def _split(name: str, url: str) -> tuple[str, _Pairs]:
    """What is signed of a URL besides its query (origin and path, or the path), and its query."""
    if url.startswith("/"):
        path, _, query = url.partition("#")[0].partition("?")
        return path, _pairs(query)
    try:
        parsed = parse_url(url)
    except UrlError:
        parsed = None
    if parsed is None or not parsed.host:
        raise RuntimeFault(f"{name}: expected an absolute URL or an absolute path starting with `/`")
    port = "" if parsed.port is None else f":{parsed.port}"
    return f"{parsed.scheme}://{parsed.host}{port}{parsed.path}", _pairs(parsed.query or "")


def _pairs(query: str) -> _Pairs:
    parts = [part.partition("=") for part in query.split("&") if part]
    return [(_decoded(key), _decoded(value)) for key, _, value in parts]


def _decoded(text: str) -> str:
    return percent.decode(text.replace("+", " "))


def _query(pairs: _Pairs) -> str:
    return "&".join([f"{_encoded(key)}={_encoded(value)}" for key, value in sorted(pairs)])


def _encoded(text: str) -> str:
    return percent.encode(text, percent.UNRESERVED)


def _signature(secret: bytes, resource: str, pairs: _Pairs) -> str:
    text = f"{_VERSION}\n{resource}\n{_query(pairs)}"
    return base64_text(hmac_digest(secret, utf8(text)), url=True)


def sign(base: str, claims: object, secret: object, expires_at: object, options: object) -> str:
    """The signed URL. Raises RuntimeFault."""
    chosen = _options("signed_url", options)
    if type(expires_at) is not int:
        raise RuntimeFault(f"signed_url: expires_at must be an int, got {type_name(expires_at)}")
    if claims is not None and type(claims) is not dict:
        raise RuntimeFault(f"signed_url: claims must be a dict, got {type_name(claims)}")
    resource, pairs = _split("signed_url", base)
    reserved = (chosen.signature, chosen.expires, chosen.kid)
    added = [(name, display(value)) for name, value in (claims or {}).items()]
    for place, found in (("claims", added), ("the query of the base", pairs)):
        for name, _ in found:
            if name in reserved:
                raise RuntimeFault(f"signed_url: {place} cannot contain reserved parameter `{name}`")
    pairs = [*pairs, *added, (chosen.expires, display(expires_at))]
    if chosen.key_id is not None:
        pairs.append((chosen.kid, chosen.key_id))
    signature = _signature(raw(secret), resource, pairs)
    return f"{resource}?{_query([*pairs, (chosen.signature, signature)])}"


def verify(url: str, secret_or_keys: object, now: object, options: object) -> dict[str, object]:
    """What is to be said of a signed URL at the second `now`. Raises RuntimeFault."""
    name = "verify_signed_url"
    chosen = _options(name, options)
    if type(now) is not int and type(now) is not float:
        raise RuntimeFault(f"{name}: now must be an int, got {type_name(now)}")
    resource, pairs = _split(name, url)
    signatures, expiries, key_ids = (
        [value for key, value in pairs if key == wanted]
        for wanted in (chosen.signature, chosen.expires, chosen.kid)
    )
    expires_at = _number(expiries[0]) if len(expiries) == 1 else None
    reason = _first_problem(signatures, expiries, expires_at, key_ids)
    signature_valid = expired = False
    if reason is None and expires_at is not None:
        secret = _secret(secret_or_keys, key_ids)
        signed = [(key, value) for key, value in pairs if key != chosen.signature]
        if secret is None:
            reason = "unknown_key"
        else:
            wanted = _signature(raw(secret), resource, signed)
            signature_valid = len(signatures) == 1 and compare_digest(utf8(wanted), utf8(signatures[0]))
            expired = now > expires_at + chosen.skew_seconds
            reason = "bad_signature" if not signature_valid else "expired" if expired else "ok"
    reserved = (chosen.signature, chosen.expires, chosen.kid)
    return {
        "valid": reason == "ok",
        "reason": reason,
        "signature_valid": signature_valid,
        "expired": expired,
        "expires_at": expires_at,
        "kid": key_ids[0] if key_ids else None,
        "claims": {key: value for key, value in pairs if key not in reserved},
    }


def _number(text: str) -> int | None:
    """The int that a parameter holds."""
    digits = text.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_NUMBER
    return int(text) if plain else None


def _first_problem(
    signatures: list[str], expiries: list[str], expires_at: int | None, key_ids: list[str]
) -> str | None:
    """What is wrong before any secret is asked for."""
    if not signatures:
        return "missing_signature"
    if not expiries:
        return "missing_expiry"
    if expires_at is None:
        return "invalid_expiry"
    return "duplicate_kid" if len(key_ids) > 1 else None


def _secret(secret_or_keys: object, key_ids: list[str]) -> object:
    """The secret, or None if a dict of keys has none for the key id."""
    if type(secret_or_keys) is not dict:
        return secret_or_keys if secret_or_keys is not None else ""
    return secret_or_keys.get(key_ids[0]) if key_ids else None
