"""JSON web tokens: signing and verifying. The builtins are in `tokens`.

Rules: docs/builtins.md#keys-tokens-signed-urls.
"""

from hmac import compare_digest
from typing import Any

from harnlet.errors.faults import RuntimeFault
from harnlet_builtins.base_encodings import EncodingError, base64_bytes, base64_text
from harnlet_builtins.extras import from_extra
from harnlet_builtins.hashes import hmac_digest
from harnlet_builtins.json_reader import JsonError, parse
from harnlet_builtins.json_writer import stringify
from harnlet_builtins.utf8 import lossy, utf8

_HALF = 32
"""Bytes of each of the two numbers of an ES256 signature."""


class TokenError(Exception):
    """Why a token is not accepted."""


def signed_token(name: str, claims: object, pem: bytes) -> str:
    """The token with these claims. Raises RuntimeFault for what is no key of the algorithm."""
    key = _private_key(name, pem)
    head = base64_text(utf8(f'{{"typ":"JWT","alg":"{name}"}}'), url=True)
    signed = f"{head}.{base64_text(utf8(stringify(claims)), url=True)}"
    return f"{signed}.{base64_text(_signature(name, key, signed.encode('ascii')), url=True)}"


def _private_key(name: str, pem: bytes) -> Any:
    keys = from_extra("jwt_sign", "crypto", "cryptography.hazmat.primitives.serialization")
    errors = from_extra("jwt_sign", "crypto", "cryptography.exceptions")
    try:
        key: Any = keys.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, errors.UnsupportedAlgorithm):
        key = None
    if key is None or not _fits(name, key):
        raise RuntimeFault(f"jwt_sign: invalid {name} PEM private key: InvalidKeyFormat")
    return key


def _fits(name: str, key: Any) -> bool:
    """Whether a key is one for the algorithm."""
    curve = getattr(key, "curve", None)
    if name == "ES256":
        return curve is not None and curve.name == "secp256r1"
    return curve is None and hasattr(key, "key_size")


def _signature(name: str, key: Any, data: bytes) -> bytes:
    hashes = from_extra("jwt_sign", "crypto", "cryptography.hazmat.primitives.hashes")
    if name == "RS256":
        padding = from_extra("jwt_sign", "crypto", "cryptography.hazmat.primitives.asymmetric.padding")
        return bytes(key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
    curves = from_extra("jwt_sign", "crypto", "cryptography.hazmat.primitives.asymmetric.ec")
    utils = from_extra("jwt_sign", "crypto", "cryptography.hazmat.primitives.asymmetric.utils")
    r, s = utils.decode_dss_signature(key.sign(data, curves.ECDSA(hashes.SHA256())))
    return bytes(r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big"))


def verified_claims(name: str, token: str, key: bytes) -> dict[str, object]:
    """The claims of a token whose signature is right, whatever its times. Raises TokenError."""
    parts = token.split(".")
    if len(parts) != 3:
        raise TokenError("InvalidToken")
    head = _json_part(parts[0])
    if head.get("alg") != name:
        raise TokenError("InvalidAlgorithm")
    if "crit" in head:
        # Extensions that must be understood: there is none that we do.
        raise TokenError("InvalidToken")
    data = utf8(f"{parts[0]}.{parts[1]}")
    signature = _bytes_part(parts[2])
    valid = compare_digest(hmac_digest(key, data), signature) if name == "HS256" else None
    if not (_verifies(name, key, data, signature) if valid is None else valid):
        raise TokenError("InvalidSignature")
    return _json_part(parts[1])


def _bytes_part(text: str) -> bytes:
    try:
        return base64_bytes(text, url=True)
    except EncodingError as error:
        raise TokenError(f"Base64 error: {error}") from None


def _json_part(text: str) -> dict[str, object]:
    try:
        found = parse(lossy(_bytes_part(text)))
    except JsonError as error:
        raise TokenError(f"JSON error: {error}") from None
    if type(found) is not dict:
        raise TokenError("InvalidToken")
    return found


def _verifies(name: str, pem: bytes, data: bytes, signature: bytes) -> bool:
    keys = from_extra("jwt_verify", "crypto", "cryptography.hazmat.primitives.serialization")
    errors = from_extra("jwt_verify", "crypto", "cryptography.exceptions")
    hashes = from_extra("jwt_verify", "crypto", "cryptography.hazmat.primitives.hashes")
    try:
        key: Any = keys.load_pem_public_key(pem)
    except (ValueError, TypeError, errors.UnsupportedAlgorithm):
        raise TokenError("InvalidKeyFormat") from None
    if not _fits(name, key):
        raise TokenError("InvalidKeyFormat")
    try:
        if name == "RS256":
            padding = from_extra("jwt_verify", "crypto", "cryptography.hazmat.primitives.asymmetric.padding")
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            return True
        if len(signature) != 2 * _HALF:
            return False
        curves = from_extra("jwt_verify", "crypto", "cryptography.hazmat.primitives.asymmetric.ec")
        utils = from_extra("jwt_verify", "crypto", "cryptography.hazmat.primitives.asymmetric.utils")
        halves = (int.from_bytes(part, "big") for part in (signature[:_HALF], signature[_HALF:]))
        key.verify(utils.encode_dss_signature(*halves), data, curves.ECDSA(hashes.SHA256()))
    except errors.InvalidSignature:
        return False
    return True


def check_times(claims: dict[str, object], now: float, options: dict[str, object]) -> None:
    """Raises TokenError unless the token holds at the second `now`."""
    leeway = options.get("leeway_seconds", 0)
    slack = leeway if type(leeway) is int or type(leeway) is float else 0
    if options.get("check_exp", True):
        expires = _time(claims, "exp")
        if expires is not None and expires < now - slack:
            raise TokenError("ExpiredSignature")
    if options.get("check_nbf", True):
        begins = _time(claims, "nbf")
        if begins is not None and begins > now + slack:
            raise TokenError("ImmatureSignature")


def _time(claims: dict[str, object], name: str) -> int | float | None:
    value = claims.get(name)
    if value is None or type(value) is int or type(value) is float:
        return value
    raise TokenError(f"InvalidClaimFormat: {name}")
