"""Key pairs and tokens (docs/builtins.md#keys-tokens-signed-urls)."""

from typing import Any

import pytest

from embed.builtins_support import Run, RuntimeFault, Thrown, call, display, problem, without_module
from harnlet_builtins.entropy import entropy_of_run


@pytest.fixture
def crypto() -> Any:
    return pytest.importorskip("cryptography")


@pytest.mark.usefixtures("crypto")
class TestKeyPairs:
    """The extra `crypto`."""

    # RFC 8032, section 7.1, test 2; RFC 7748, sections 5.2 and 6.1.
    PRIVATE = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    SIGNATURE = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    ALICE_PUBLIC = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    BOB = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
    BOB_PUBLIC = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    SHARED = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

    def test_known_signature(self) -> None:
        assert call("ed25519_sign", self.PRIVATE, "r") == self.SIGNATURE
        assert call("ed25519_sign", self.PRIVATE, b"r") == self.SIGNATURE
        assert call("ed25519_verify", self.PUBLIC, "r", self.SIGNATURE) is True

    @pytest.mark.parametrize(
        "args",
        [
            (PUBLIC, "x", SIGNATURE),
            (PUBLIC, "r", "00"),
            (PUBLIC, "r", "zz"),
            ("zz", "r", SIGNATURE),
            ("00", "r", SIGNATURE),
        ],
    )
    def test_wrong_signature(self, args: tuple[str, ...]) -> None:
        assert call("ed25519_verify", *args) is False

    def test_known_agreement(self) -> None:
        scalar = "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"
        point = "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"
        product = "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
        assert call("x25519_agree", scalar, point) == product
        assert call("x25519_agree", self.BOB, self.ALICE_PUBLIC) == self.SHARED

    def test_fresh_pairs(self) -> None:
        run = Run()
        first, second = run.call("ed25519_keypair"), run.call("ed25519_keypair")
        assert first != second
        signature = run.call("ed25519_sign", first["private"], "m")
        assert run.call("ed25519_verify", first["public"], "m", signature) is True
        assert run.call("ed25519_verify", second["public"], "m", signature) is False
        one, other = run.call("x25519_keypair"), run.call("x25519_keypair")
        assert one != other
        assert run.call("x25519_agree", one["private"], other["public"]) == run.call(
            "x25519_agree", other["private"], one["public"]
        )

    def test_pairs_come_from_the_entropy_of_the_run(self) -> None:
        run = Run()
        run.states[entropy_of_run] = lambda count: bytes.fromhex(self.PRIVATE)[:count]
        assert run.call("ed25519_keypair") == {"private": self.PRIVATE, "public": self.PUBLIC}
        run.states[entropy_of_run] = lambda count: bytes.fromhex(self.BOB)[:count]
        assert run.call("x25519_keypair") == {"private": self.BOB, "public": self.BOB_PUBLIC}

    @pytest.mark.parametrize(
        ("name", "args", "message"),
        [
            ("ed25519_sign", ("00",), "expected (private_hex, message)"),
            ("ed25519_sign", ("0", "m"), "invalid hex private key: Odd number of digits"),
            ("ed25519_sign", ("00", "m"), "private key must be 32 bytes"),
            ("ed25519_verify", ("00", "m"), "expected (public_hex, message, signature_hex)"),
            ("x25519_agree", ("00",), "expected (private_hex, peer_public_hex)"),
            ("x25519_agree", ("zz", PUBLIC), "invalid private hex: Invalid character 'z' at position 0"),
            ("x25519_agree", (PRIVATE, "z"), "invalid public hex: Odd number of digits"),
            ("x25519_agree", ("00", PUBLIC), "private must be 32 bytes"),
            ("x25519_agree", (PRIVATE, "00"), "public must be 32 bytes"),
            ("x25519_agree", (PRIVATE, "00" * 32), "the public key gives no secret"),
        ],
    )
    def test_refusals(self, name: str, args: tuple[str, ...], message: str) -> None:
        assert problem(name, *args) == (Thrown, f"{name}: {message}")


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("ed25519_keypair", ()),
        ("ed25519_sign", ("00" * 32, "m")),
        ("ed25519_verify", ("00", "m", "00")),
        ("x25519_keypair", ()),
        ("x25519_agree", ("00" * 32, "00" * 32)),
        ("jwt_sign", ("ES256", {}, "pem")),
    ],
)
def test_without_the_extra(name: str, args: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    without_module(monkeypatch, "cryptography")
    needs = f"{name} needs an optional package that is not installed: pip install harnlet[crypto]"
    assert problem(name, *args) == (RuntimeFault, f"Runtime error: {needs}")


# --- tokens -------------------------------------------------------------------------------------------

HS256 = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
)
SECRET = "your-256-bit-secret"


def hs256(claims: str, head: str = '{"alg":"HS256"}') -> str:
    """A token signed with the secret `s`."""
    signed = f"{call('base64url_encode', head)}.{call('base64url_encode', claims)}"
    digest = call("bytes_from_hex", call("hmac_sha256", "s", signed))
    return f"{signed}.{call('base64url_encode', digest)}"


def test_known_token() -> None:
    claims = {"sub": "1234567890", "name": "John Doe", "iat": 1516239022}
    assert call("jwt_verify", "HS256", HS256, SECRET) == {"valid": True, "claims": claims}


@pytest.mark.parametrize(
    ("alg", "token", "key", "message"),
    [
        ("HS256", HS256, "other", "InvalidSignature"),
        ("HS256", HS256[:-4] + "AAAA", SECRET, "InvalidSignature"),
        ("HS256", HS256 + "=", SECRET, "Base64 error: Invalid padding"),
        ("HS256", "a.b", SECRET, "InvalidToken"),
        ("HS256", "a.b.c.d", SECRET, "InvalidToken"),
        ("ES256", HS256, SECRET, "InvalidAlgorithm"),
        ("HS512", HS256, SECRET, "unsupported algorithm 'HS512'"),
        ("none", HS256, SECRET, "unsupported algorithm 'none'"),
        ("HS256", hs256("{}", '{"alg":"none"}'), "s", "InvalidAlgorithm"),
        ("HS256", hs256("{}", '{"alg":"HS256","crit":["x"]}'), "s", "InvalidToken"),
        ("HS256", hs256("{}", "[]"), "s", "InvalidToken"),
        ("HS256", hs256("[]"), "s", "InvalidToken"),
        ("HS256", hs256("{"), "s", "JSON error: EOF while parsing an object at line 1 column 1"),
        ("HS256", hs256('{"exp":"x"}'), "s", "InvalidClaimFormat: exp"),
    ],
)
def test_refused_tokens(alg: str, token: str, key: str, message: str) -> None:
    assert problem("jwt_verify", alg, token, key) == (Thrown, f"jwt_verify: {message}")


@pytest.mark.parametrize(
    ("claims", "options", "message"),
    [
        ('{"exp":1000}', None, None),
        ('{"exp":1000.5,"nbf":999.5}', None, None),
        ('{"exp":999}', None, "ExpiredSignature"),
        ('{"exp":999}', {"check_exp": False}, None),
        ('{"exp":995}', {"leeway_seconds": 5}, None),
        ('{"exp":994}', {"leeway_seconds": 5}, "ExpiredSignature"),
        ('{"nbf":1000}', None, None),
        ('{"nbf":1001}', None, "ImmatureSignature"),
        ('{"nbf":1001}', {"check_nbf": False}, None),
        ('{"nbf":1001}', {"leeway_seconds": 1}, None),
        ('{"exp":null}', None, None),
    ],
)
def test_times_of_tokens(claims: str, options: object, message: str | None) -> None:
    run = Run(now=1_000_000)
    args = ("HS256", hs256(claims), "s", options)
    if message is None:
        assert run.call("jwt_verify", *args)["valid"] is True
    else:
        with pytest.raises(Thrown) as caught:
            run.call("jwt_verify", *args)
        assert caught.value.value == f"jwt_verify: {message}"


def test_times_of_tokens_by_the_mocked_clock() -> None:
    run = Run(now=5_000_000)
    run.call("mock_time", 1_000_000)
    assert run.call("jwt_verify", "HS256", hs256('{"exp":1000}'), "s")["valid"] is True


def test_verify_needs_its_arguments() -> None:
    assert problem("jwt_verify", "HS256", HS256) == (Thrown, "jwt_verify: expected (alg, token, key)")


def _pems(key: Any) -> tuple[str, str]:
    form: Any = pytest.importorskip("cryptography.hazmat.primitives.serialization")
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = key.public_key().public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.fixture(scope="module")
def pems() -> dict[str, tuple[str, str]]:
    """Private and public key of each algorithm."""
    ec: Any = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    rsa: Any = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa")
    return {
        "ES256": _pems(ec.generate_private_key(ec.SECP256R1())),
        "RS256": _pems(rsa.generate_private_key(65537, 2048)),
        "ES384": _pems(ec.generate_private_key(ec.SECP384R1())),
    }


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_signed_tokens(alg: str, pems: dict[str, tuple[str, str]]) -> None:
    private, public = pems[alg]
    token = call("jwt_sign", alg, {"b": [1], "a": "é"}, private)
    head, claims, _ = token.split(".")
    assert call("base64url_decode", head) == f'{{"typ":"JWT","alg":"{alg}"}}'
    assert call("base64url_decode", claims) == '{"a":"é","b":[1]}'
    assert display(call("jwt_verify", alg, token, public)) == "{claims: {a: é, b: [1]}, valid: true}"
    other = call("jwt_sign", alg, {}, private).split(".")[1]
    forged = f"{head}.{other}.{token.split('.')[2]}"
    assert problem("jwt_verify", alg, forged, public) == (Thrown, "jwt_verify: InvalidSignature")
    assert problem("jwt_verify", alg, f"{head}.{claims}.AAAA", public) == (
        Thrown,
        "jwt_verify: InvalidSignature",
    )
    assert problem("jwt_verify", alg, token, "x") == (Thrown, "jwt_verify: InvalidKeyFormat")
    assert problem("jwt_verify", "HS256", token, public) == (Thrown, "jwt_verify: InvalidAlgorithm")
    wrong = pems["RS256" if alg == "ES256" else "ES384"][1]
    assert problem("jwt_verify", alg, token, wrong) == (Thrown, "jwt_verify: InvalidKeyFormat")


def test_refused_signing(pems: dict[str, tuple[str, str]]) -> None:
    for args, message in (
        (("ES256", {}), "requires 3 arguments: alg, claims, private_key"),
        (("HS256", {}, "k"), "unsupported algorithm `HS256`; expected ES256 or RS256"),
        (("ES256", "x", "k"), "claims must be a dict, got string"),
        (("ES256", {}, "k"), "invalid ES256 PEM private key: InvalidKeyFormat"),
        (("ES256", {}, pems["RS256"][0]), "invalid ES256 PEM private key: InvalidKeyFormat"),
        (("ES256", {}, pems["ES384"][0]), "invalid ES256 PEM private key: InvalidKeyFormat"),
        (("RS256", {}, pems["ES256"][0]), "invalid RS256 PEM private key: InvalidKeyFormat"),
        (("RS256", {}, pems["RS256"][1]), "invalid RS256 PEM private key: InvalidKeyFormat"),
    ):
        assert problem("jwt_sign", *args) == (RuntimeFault, f"Runtime error: jwt_sign: {message}")
