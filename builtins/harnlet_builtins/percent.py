"""Percent-encoding: bytes of text as `%XX`. Rules: docs/builtins.md#urls."""

import re
from functools import cache

from harnlet_builtins.utf8 import lossy, utf8

_CODE = re.compile(rb"%([0-9A-Fa-f]{2})")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

UNRESERVED = f"{_LETTERS}-._~"
"""What RFC 3986 never encodes."""
FORM = f"{_LETTERS}*-._"
"""What a form leaves as it is."""


@cache
def _others(kept: str) -> re.Pattern[bytes]:
    return re.compile(rb"[^" + re.escape(kept).encode("ascii") + rb"]")


def encode(text: str, kept: str) -> str:
    """`text` with `%XX` for every byte of its UTF-8 that is not one of the ASCII characters `kept`."""
    return _others(kept).sub(lambda found: b"%%%02X" % found[0][0], utf8(text)).decode("ascii")


def decode_bytes(text: str) -> bytes:
    """The bytes that `text` stands for; a `%` without two digits after it stays."""
    return _CODE.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), utf8(text))


def decode(text: str) -> str:
    """The text that `text` stands for, with U+FFFD for what is no UTF-8."""
    return lossy(decode_bytes(text)) if "%" in text else text
