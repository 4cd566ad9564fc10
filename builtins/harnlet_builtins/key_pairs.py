"""Key pairs: Ed25519 signatures and X25519 agreement; they need the extra `crypto`.

Rules: docs/builtins.md#keys-tokens-signed-urls.
"""

from typing import Any

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet_builtins.base_encodings import EncodingError, hex_bytes
from harnlet_builtins.entropy import entropy_of_run
from harnlet_builtins.extras import from_extra
from harnlet_builtins.utf8 import raw

_MISSING = object()
_KEY_BYTES = 32


def _ed25519(name: str) -> Any:
    return from_extra(name, "crypto", "cryptography.hazmat.primitives.asymmetric.ed25519")


def _x25519(name: str) -> Any:
    return from_extra(name, "crypto", "cryptography.hazmat.primitives.asymmetric.x25519")


def _pair(private: bytes, key: Any) -> dict[str, object]:
    return {"private": private.hex(), "public": key.public_key().public_bytes_raw().hex()}


@builtin("ed25519_keypair()", section="11.4", context=True)
def ed25519_keypair(rt: Context) -> dict[str, object]:
    """A fresh key pair for signatures: `{private, public}` in hexadecimal digits."""
    module = _ed25519("ed25519_keypair")
    private = rt.state(entropy_of_run)(_KEY_BYTES)
    return _pair(private, module.Ed25519PrivateKey.from_private_bytes(private))


@builtin("ed25519_sign(private_hex, message)", section="11.4")
def ed25519_sign(private_hex: object = _MISSING, message: object = _MISSING) -> str:
    """The signature of a message, in hexadecimal digits."""
    if message is _MISSING:
        raise Thrown("ed25519_sign: expected (private_hex, message)")
    module = _ed25519("ed25519_sign")
    try:
        private = hex_bytes(display(private_hex))
    except EncodingError as error:
        raise Thrown(f"ed25519_sign: invalid hex private key: {error}") from None
    if len(private) != _KEY_BYTES:
        raise Thrown("ed25519_sign: private key must be 32 bytes")
    signature: bytes = module.Ed25519PrivateKey.from_private_bytes(private).sign(raw(message))
    return signature.hex()


@builtin("ed25519_verify(public_hex, message, signature_hex)", section="11.4")
def ed25519_verify(
    public_hex: object = _MISSING, message: object = _MISSING, signature_hex: object = _MISSING
) -> bool:
    """Whether a signature is that of the message; false for what is no key or no signature."""
    if signature_hex is _MISSING:
        raise Thrown("ed25519_verify: expected (public_hex, message, signature_hex)")
    module = _ed25519("ed25519_verify")
    errors = from_extra("ed25519_verify", "crypto", "cryptography.exceptions")
    try:
        public = module.Ed25519PublicKey.from_public_bytes(hex_bytes(display(public_hex)))
        public.verify(hex_bytes(display(signature_hex)), raw(message))
    except (ValueError, errors.InvalidSignature):
        return False
    return True


@builtin("x25519_keypair()", section="11.4", context=True)
def x25519_keypair(rt: Context) -> dict[str, object]:
    """A fresh key pair for agreement: `{private, public}` in hexadecimal digits."""
    module = _x25519("x25519_keypair")
    private = rt.state(entropy_of_run)(_KEY_BYTES)
    return _pair(private, module.X25519PrivateKey.from_private_bytes(private))


@builtin("x25519_agree(private_hex, peer_public_hex)", section="11.4")
def x25519_agree(private_hex: object = _MISSING, peer_public_hex: object = _MISSING) -> str:
    """The secret that two key pairs share, in hexadecimal digits."""
    if peer_public_hex is _MISSING:
        raise Thrown("x25519_agree: expected (private_hex, peer_public_hex)")
    module = _x25519("x25519_agree")
    private, public = _agreed("private", private_hex), _agreed("public", peer_public_hex)
    try:
        secret: bytes = module.X25519PrivateKey.from_private_bytes(private).exchange(
            module.X25519PublicKey.from_public_bytes(public)
        )
    except ValueError:
        # A public key of low order: everybody would know the secret.
        raise Thrown("x25519_agree: the public key gives no secret") from None
    return secret.hex()


def _agreed(which: str, digits: object) -> bytes:
    try:
        key = hex_bytes(display(digits))
    except EncodingError as error:
        raise Thrown(f"x25519_agree: invalid {which} hex: {error}") from None
    if len(key) != _KEY_BYTES:
        raise Thrown(f"x25519_agree: {which} must be 32 bytes")
    return key
