"""Hosts of URLs: domains, IPv4 and IPv6 addresses in their one normal form (the WHATWG URL standard).

Rules: docs/builtins.md#urls.
"""

import re
import unicodedata

from harnlet_builtins import percent
from harnlet_builtins.utf8 import lossy


class UrlError(ValueError):
    """A text that is no URL; the message says why."""


_FORBIDDEN = re.compile(r"[\x00\t\n\r #/:<>?@\[\\\]^|]")
_FORBIDDEN_IN_DOMAIN = re.compile(r"[\x00-\x20\x7f\"#%/:<>?@\[\\\]^`{|}]")
_IGNORED = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
_NO_LETTERS = frozenset({"Cc", "Cn", "Co", "Cs", "Zs", "Zl", "Zp"})
_LONGEST_LABEL = 1_000
"""Characters; encoding one takes time that grows with the square of its length."""
_KEPT_IN_OPAQUE = "".join(map(chr, range(0x20, 0x7F)))


def host_text(text: str, special: bool) -> str:
    """The host in its normal form. `special` hosts are those of http and its like: domains and
    addresses; others are opaque. Raises UrlError."""
    if text.startswith("["):
        if not text.endswith("]"):
            raise UrlError("invalid IPv6 address")
        return f"[{_ipv6(text[1:-1])}]"
    if not special:
        if _FORBIDDEN.search(text):
            raise UrlError("invalid domain character")
        return percent.encode(text, _KEPT_IN_OPAQUE)
    domain = _domain(lossy(percent.decode_bytes(text)))
    if not domain:
        raise UrlError("empty host")
    if _FORBIDDEN_IN_DOMAIN.search(domain):
        raise UrlError("invalid domain character")
    return _ipv4(domain) if _ends_in_number(domain) else domain


def _domain(text: str) -> str:
    """In lower case; labels that are not ASCII in Punycode."""
    if text.isascii():
        return text.lower()
    mapped = unicodedata.normalize("NFKC", text.translate(_IGNORED).lower()).lower()
    return ".".join(map(_label, mapped.replace("。", ".").split(".")))


def _label(text: str) -> str:
    if text.isascii():
        return text
    kinds = [unicodedata.category(character) for character in text]
    if kinds[0][0] == "M" or not _NO_LETTERS.isdisjoint(kinds) or len(text) > _LONGEST_LABEL:
        raise UrlError("invalid international domain name")
    return f"xn--{text.encode('punycode').decode('ascii')}"


# --- IPv4 -------------------------------------------------------------------------------------------


def _ends_in_number(domain: str) -> bool:
    labels = domain.removesuffix(".").split(".")
    return re.fullmatch(r"[0-9]+|0[xX][0-9A-Fa-f]*", labels[-1]) is not None


def _ipv4(domain: str) -> str:
    """An address of up to four numbers, of which the last fills the bytes that are left."""
    labels = domain.removesuffix(".").split(".")
    if len(labels) > 4:
        raise UrlError("invalid IPv4 address")
    numbers = [_ipv4_number(label) for label in labels]
    last = numbers.pop()
    if any(number > 255 for number in numbers) or last >= 256 ** (4 - len(numbers)):
        raise UrlError("invalid IPv4 address")
    address = last + sum(number << 8 * (3 - place) for place, number in enumerate(numbers))
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def _ipv4_number(label: str) -> int:
    """Decimal, octal after a zero, hexadecimal after `0x`."""
    digits, base = label, 10
    if label[:2] in ("0x", "0X"):
        digits, base = label[2:], 16
    elif len(label) > 1 and label[0] == "0":
        digits, base = label[1:], 8
    allowed = {10: "[0-9]{1,20}", 16: "[0-9A-Fa-f]{0,40}", 8: "[0-7]{0,40}"}[base]
    if re.fullmatch(allowed, digits) is None:
        raise UrlError("invalid IPv4 address")
    return int(digits or "0", base)


# --- IPv6 -------------------------------------------------------------------------------------------


def _ipv6(text: str) -> str:
    """Eight pieces, the longest run of zeros left out."""
    from socket import AF_INET6, inet_pton

    try:
        packed = inet_pton(AF_INET6, text)
    except (OSError, ValueError):
        raise UrlError("invalid IPv6 address") from None
    pieces = [packed[place] << 8 | packed[place + 1] for place in range(0, 16, 2)]
    start, length = _zeros(pieces)
    if length < 2:
        return ":".join(f"{piece:x}" for piece in pieces)
    before, after = pieces[:start], pieces[start + length :]
    return "::".join(":".join(f"{piece:x}" for piece in part) for part in (before, after))


def _zeros(pieces: list[int]) -> tuple[int, int]:
    """Where the first longest run of zeros begins, and its length."""
    best, length, run = 0, 0, 0
    for place, piece in enumerate(pieces):
        run = run + 1 if piece == 0 else 0
        if run > length:
            best, length = place - run + 1, run
    return best, length
