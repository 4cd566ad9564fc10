"""Signed URLs and ids (docs/builtins.md#keys-tokens-signed-urls, docs/builtins.md#ids)."""

import uuid

import pytest

from embed.builtins_support import Run, RuntimeFault, call, problem
from harnlet_builtins.entropy import entropy_of_run


def signature(secret: str, resource: str, query: str) -> str:
    """What docs/builtins.md#keys-tokens-signed-urls says the signature is."""
    code = call("hmac_sha256", secret, f"harn-signed-url-v1\n{resource}\n{query}")
    return str(call("base64url_encode", call("bytes_from_hex", code)))


@pytest.mark.parametrize(
    ("base", "claims", "options", "resource", "query", "built"),
    [
        (
            "https://Ex.com/f",
            {"user": "a b"},
            None,
            "https://ex.com/f",
            "exp=100&user=a%20b",
            "exp=100&sig=SIG&user=a%20b",
        ),
        ("/d/f?z=1&b=2#x", {"u": 5}, None, "/d/f", "b=2&exp=100&u=5&z=1", "b=2&exp=100&sig=SIG&u=5&z=1"),
        ("https://h:8443", {}, {"kid": "k1"}, "https://h:8443/", "exp=100&kid=k1", "exp=100&kid=k1&sig=SIG"),
        ("/f", None, {"expires_param": "e", "signature_param": "a"}, "/f", "e=100", "a=SIG&e=100"),
    ],
)
def test_signed_url(
    base: str, claims: object, options: object, resource: str, query: str, built: str
) -> None:
    url = call("signed_url", base, claims, "sec", 100, options)
    assert url == f"{resource}?{built.replace('SIG', signature('sec', resource, query))}"
    assert call("verify_signed_url", url, "sec", 100, options)["reason"] == "ok"


URL = call("signed_url", "https://h/f?b=2", {"user": "x"}, "sec", 100, {"kid": "k1"})
CLAIMS = {"b": "2", "user": "x"}


@pytest.mark.parametrize(
    ("url", "secret", "now", "options", "reason", "signature_valid", "expired"),
    [
        (URL, "sec", 100, None, "ok", True, False),
        (URL, b"sec", 100, None, "ok", True, False),
        (URL, {"k1": "sec"}, 100.0, None, "ok", True, False),
        (URL, {"k2": "sec"}, 100, None, "unknown_key", False, False),
        (URL, "sec", 101, None, "expired", True, True),
        (URL, "sec", 101, {"skew_seconds": 1}, "ok", True, False),
        (URL, "no", 101, None, "bad_signature", False, True),
        (URL.replace("user=x", "user=y"), "sec", 1, None, "bad_signature", False, False),
        (URL.replace("https", "http"), "sec", 1, None, "bad_signature", False, False),
        (URL + "&sig=x", "sec", 1, None, "bad_signature", False, False),
        (URL + "&kid=k2", "sec", 1, None, "duplicate_kid", False, False),
        (URL.replace("exp=100", "exp=x"), "sec", 1, None, "invalid_expiry", False, False),
        (URL + "&exp=200", "sec", 1, None, "invalid_expiry", False, False),
        (URL.replace("exp=100", "exq=100"), "sec", 1, None, "missing_expiry", False, False),
        (URL.replace("sig=", "sog="), "sec", 1, None, "missing_signature", False, False),
    ],
)
def test_verify_signed_url(
    url: str, secret: object, now: object, options: object, reason: str, signature_valid: bool, expired: bool
) -> None:
    found = call("verify_signed_url", url, secret, now, options)
    assert sorted(found) == ["claims", "expired", "expires_at", "kid", "reason", "signature_valid", "valid"]
    assert (found["reason"], found["valid"]) == (reason, reason == "ok")
    assert (found["signature_valid"], found["expired"]) == (signature_valid, expired)
    if reason == "ok":
        assert (found["expires_at"], found["kid"], found["claims"]) == (100, "k1", CLAIMS)


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        (
            "signed_url",
            ("/", {}, "s"),
            "requires 4 or 5 arguments: base, claims, secret, expires_at, options?",
        ),
        ("signed_url", ("/", {}, "s", 1.5), "expires_at must be an int, got float"),
        ("signed_url", ("/", "x", "s", 1), "claims must be a dict, got string"),
        ("signed_url", ("/", {"exp": 1}, "s", 1), "claims cannot contain reserved parameter `exp`"),
        (
            "signed_url",
            ("/", {"e": 1}, "s", 1, {"kid_param": "e"}),
            "claims cannot contain reserved parameter `e`",
        ),
        (
            "signed_url",
            ("/?sig=1", {}, "s", 1),
            "the query of the base cannot contain reserved parameter `sig`",
        ),
        (
            "signed_url",
            ("/", {}, "s", 1, {"kid_param": "sig"}),
            "signature_param, expires_param, and kid_param must be distinct",
        ),
        ("signed_url", ("x", {}, "s", 1), "expected an absolute URL or an absolute path starting with `/`"),
        (
            "signed_url",
            ("mailto:x", {}, "s", 1),
            "expected an absolute URL or an absolute path starting with `/`",
        ),
        ("verify_signed_url", ("/", "s"), "requires 3 or 4 arguments: url, secret_or_keys, now, options?"),
        ("verify_signed_url", ("/", "s", "1"), "now must be an int, got string"),
        (
            "verify_signed_url",
            ("x", "s", 1),
            "expected an absolute URL or an absolute path starting with `/`",
        ),
    ],
)
def test_signed_urls_refuse(name: str, args: tuple[object, ...], message: str) -> None:
    assert problem(name, *args) == (RuntimeFault, f"Runtime error: {name}: {message}")


# --- ids ----------------------------------------------------------------------------------------------


def test_random_ids() -> None:
    run = Run()
    made = [run.call("uuid") for _ in range(50)]
    assert len(set(made)) == 50
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in made} == {(4, uuid.RFC_4122)}
    run.states[entropy_of_run] = lambda count: b"\xff" * count
    assert run.call("uuid") == "ffffffff-ffff-4fff-bfff-ffffffffffff"


def test_ids_by_time() -> None:
    run = Run(now=1_700_000_000_123)
    made = [run.call("uuid_v7") for _ in range(20)]
    run.clock.now += 1
    made.append(run.call("uuid_v7"))
    run.clock.now -= 1_000
    made.append(run.call("uuid_v7"))
    assert made == sorted(set(made))
    assert {(uuid.UUID(each).version, uuid.UUID(each).variant) for each in made} == {(7, uuid.RFC_4122)}
    assert made[0].startswith("018bcfe5-687b-7")


def test_other_ids() -> None:
    assert call("uuid_nil") == "00000000-0000-0000-0000-000000000000"
    for space, known in (
        ("dns", uuid.NAMESPACE_DNS),
        ("namespace_url", uuid.NAMESPACE_URL),
        ("oid", uuid.NAMESPACE_OID),
        ("x500", uuid.NAMESPACE_X500),
        ("urn:uuid:12345678-1234-1234-1234-123456789abc", uuid.UUID("12345678-1234-1234-1234-123456789abc")),
    ):
        assert call("uuid_v5", space, "é.com") == str(uuid.uuid5(known, "é.com"))


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", True),
        ("6ba7b8109dad11d180b400c04fd430c8", True),
        ("{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", True),
        ("urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", True),
        ("6ba7b810-9dad-11d1-80b4-00c04fd430c", False),
        ("6ba7b8109-dad-11d1-80b4-00c04fd430c8", False),
        ("6ba7b810-9dad-11d1-80b4-00c04fd430cg", False),
        ("{6ba7b810-9dad-11d1-80b4-00c04fd430c8", False),
        ("", False),
    ],
)
def test_parse_ids(text: str, parsed: bool) -> None:
    assert call("uuid_parse", text) == ("6ba7b810-9dad-11d1-80b4-00c04fd430c8" if parsed else None)


def test_ids_refuse() -> None:
    told = "Runtime error: uuid_v5(namespace, name): requires namespace and name"
    assert problem("uuid_v5", "dns") == (RuntimeFault, told)
    told = "Runtime error: uuid_v5: namespace must be a UUID or one of dns/url/oid/x500"
    assert problem("uuid_v5", "x", "a") == (RuntimeFault, told)
