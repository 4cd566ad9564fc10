"""Signed URLs: links that say until when they hold, and that nobody can change.

Rules: docs/builtins.md#keys-tokens-signed-urls.
"""

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display

_MISSING = object()


@builtin("signed_url(base, claims, secret, expires_at, options?)", section="11.4")
def signed_url(
    base: object = _MISSING,
    claims: object = _MISSING,
    secret: object = _MISSING,
    expires_at: object = _MISSING,
    options: object = None,
) -> str:
    """A URL with claims and the second since 1970 at which it expires, signed with a secret. Options:
    `signature_param`, `expires_param`, `kid_param` (names of parameters), `kid` (which key it is)."""
    if expires_at is _MISSING:
        raise RuntimeFault(
            "signed_url: requires 4 or 5 arguments: base, claims, secret, expires_at, options?"
        )
    from harnlet_builtins.url_signatures import sign

    return sign(display(base), claims, secret, expires_at, options)


@builtin("verify_signed_url(url, secret_or_keys, now, options?)", section="11.4")
def verify_signed_url(
    url: object = _MISSING,
    secret_or_keys: object = _MISSING,
    now: object = _MISSING,
    options: object = None,
) -> dict[str, object]:
    """Whether a signed URL holds at the second `now`: `{valid, reason, signature_valid, expired,
    expires_at, kid, claims}`. A dict of keys gives the secret by key id. Options as for `signed_url`, and
    `skew_seconds`."""
    if now is _MISSING:
        raise RuntimeFault("verify_signed_url: requires 3 or 4 arguments: url, secret_or_keys, now, options?")
    from harnlet_builtins.url_signatures import verify

    return verify(display(url), secret_or_keys, now, options)
