"""Hashes and message authentication codes. Rules: docs/builtins.md#hashes-and-macs."""

from typing import Any

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins.base_encodings import base64_text
from harnlet_builtins.utf8 import raw, utf8


def _hashed(name: str, data: bytes) -> str:
    """Lower-case hexadecimal digits."""
    import hashlib

    try:
        made: Any = hashlib.new(name, data, usedforsecurity=False)
    except ValueError as error:
        raise RuntimeFault(f"{name} is not available on this system: {error}") from None
    return str(made.hexdigest())


def _of_text(name: str, value: object) -> str:
    return _hashed(name, utf8(display(value)))


@builtin("md5(value)", section="11.3")
def md5(value: object = "") -> str:
    """MD5 of the display, in hexadecimal digits. It protects nothing: for checksums only."""
    return _of_text("md5", value)


@builtin("sha224(value)", section="11.3")
def sha224(value: object = "") -> str:
    """SHA-224 of the display, in hexadecimal digits; of bytes too it is the display that counts."""
    return _of_text("sha224", value)


@builtin("sha256(value)", section="11.3")
def sha256(value: object = "") -> str:
    """SHA-256 of the display, in hexadecimal digits; of bytes too it is the display that counts."""
    return _of_text("sha256", value)


@builtin("sha384(value)", section="11.3")
def sha384(value: object = "") -> str:
    """SHA-384 of the display, in hexadecimal digits; of bytes too it is the display that counts."""
    return _of_text("sha384", value)


@builtin("sha512(value)", section="11.3")
def sha512(value: object = "") -> str:
    """SHA-512 of the display, in hexadecimal digits; of bytes too it is the display that counts."""
    return _of_text("sha512", value)


@builtin("sha512_256(value)", section="11.3")
def sha512_256(value: object = "") -> str:
    """SHA-512/256 of the display, in hexadecimal digits; of bytes too it is the display that counts."""
    return _of_text("sha512_256", value)


@builtin("sha3_256(value)", section="11.3")
def sha3_256(value: object = "") -> str:
    """SHA3-256 of bytes, or of the display of anything else, in hexadecimal digits."""
    return _hashed("sha3_256", raw(value))


@builtin("sha3_512(value)", section="11.3")
def sha3_512(value: object = "") -> str:
    """SHA3-512 of bytes, or of the display of anything else, in hexadecimal digits."""
    return _hashed("sha3_512", raw(value))


@builtin("blake3(value)", section="11.3")
def blake3(value: object = "") -> str:
    """BLAKE3 of bytes, or of the display of anything else, in hexadecimal digits."""
    from harnlet_builtins.blake3_hash import blake3_digest

    return blake3_digest(raw(value)).hex()


def hmac_digest(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256."""
    from hmac import digest

    return digest(key, message, "sha256")


@builtin("hmac_sha256(key, message)", section="11.3")
def hmac_sha256(key: object = "", message: object = "") -> str:
    """HMAC-SHA256 in hexadecimal digits."""
    return hmac_digest(raw(key), raw(message)).hex()


@builtin("hmac_sha256_base64(key, message)", section="11.3")
def hmac_sha256_base64(key: object = "", message: object = "") -> str:
    """HMAC-SHA256 as base64 with padding."""
    return base64_text(hmac_digest(raw(key), raw(message)))


@builtin("constant_time_eq(a, b)", section="11.3")
def constant_time_eq(a: object = "", b: object = "") -> bool:
    """Whether two texts are the same; takes the same time wherever they differ."""
    from hmac import compare_digest

    return compare_digest(raw(a), raw(b))
