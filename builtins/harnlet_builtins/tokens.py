"""JSON web tokens. Signatures other than HS256 need the extra `crypto`.

Rules: docs/builtins.md#keys-tokens-signed-urls, docs/builtins.md#harnlets-own-decisions, point 3.
"""

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet_builtins.clock import wall_ms
from harnlet_builtins.data_shapes import fields_of
from harnlet_builtins.utf8 import raw

_MISSING = object()


@builtin("jwt_sign(alg, claims, private_key)", section="11.4")
def jwt_sign(alg: object = _MISSING, claims: object = _MISSING, private_key: object = _MISSING) -> str:
    """A token with these claims, signed with a PEM key; `alg` is ES256 or RS256."""
    if private_key is _MISSING:
        raise RuntimeFault("jwt_sign: requires 3 arguments: alg, claims, private_key")
    name = display(alg)
    if name not in ("ES256", "RS256"):
        raise RuntimeFault(f"jwt_sign: unsupported algorithm `{name}`; expected ES256 or RS256")
    if fields_of(claims) is None:
        raise RuntimeFault(f"jwt_sign: claims must be a dict, got {type_name(claims)}")
    from harnlet_builtins.web_tokens import signed_token

    return signed_token(name, claims, raw(private_key))


@builtin("jwt_verify(alg, token, key, options?)", section="11.4", context=True)
def jwt_verify(
    rt: Context,
    alg: object = _MISSING,
    token: object = _MISSING,
    key: object = _MISSING,
    options: object = None,
) -> dict[str, object]:
    """`{valid: true, claims}` of a token; `alg` is HS256 (the key is the secret), ES256 or RS256 (a PEM
    key). A token whose `exp` has passed or whose `nbf` has not come is refused, unless the options
    `check_exp` or `check_nbf` are false; `leeway_seconds = 0` is how wrong clocks may be."""
    if key is _MISSING:
        raise Thrown("jwt_verify: expected (alg, token, key)")
    name = display(alg)
    if name not in ("HS256", "ES256", "RS256"):
        raise Thrown(f"jwt_verify: unsupported algorithm '{name}'")
    from harnlet_builtins.web_tokens import TokenError, check_times, verified_claims

    try:
        claims = verified_claims(name, display(token), raw(key))
        check_times(claims, wall_ms(rt) / 1000, options if type(options) is dict else {})
    except TokenError as error:
        raise Thrown(f"jwt_verify: {error}") from None
    return {"valid": True, "claims": claims}
