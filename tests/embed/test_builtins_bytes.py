"""Bytes, text encodings and hashes (docs/builtins.md#bytes-encoding-hashing-signing-ids)."""

import hashlib

import pytest

from embed.builtins_support import RuntimeFault, call, display, problem
from harnlet.runtime import caps
from harnlet_builtins import blake3_hash


@pytest.mark.parametrize(
    ("name", "args", "result"),
    [
        ("bytes_from_string", ("aé",), b"a\xc3\xa9"),
        ("bytes_from_string", ("\ud800",), b"\xed\xa0\x80"),
        ("bytes_to_string", (b"a\xc3\xa9",), "aé"),
        ("bytes_to_string_lossy", (b"a\xff\xe2\x82b",), "a\ufffd\ufffdb"),
        ("bytes_from_hex", ("00fFa0",), b"\x00\xff\xa0"),
        ("bytes_to_hex", (b"\x00\xff\xa0",), "00ffa0"),
        ("bytes_from_base64", ("+/8=",), b"\xfb\xff"),
        ("bytes_to_base64", (b"\xfb\xff",), "+/8="),
        ("bytes_len", (b"abc",), 3),
        ("bytes_concat", (b"ab", b"c"), b"abc"),
        ("bytes_slice", (b"abcd", 1), b"bcd"),
        ("bytes_slice", (b"abcd", 1, 3), b"bc"),
        ("bytes_slice", (b"abcd", -2, 99), b"abcd"),
        ("bytes_slice", (b"abcd", 3, 1), b""),
        ("bytes_slice", (b"abcd", 9), b""),
        ("bytes_slice", (b"abcd", 0, -1), b""),
        ("bytes_eq", (b"a", b"a"), True),
        ("bytes_eq", (b"a", b"ab"), False),
    ],
)
def test_bytes(name: str, args: tuple[object, ...], result: object) -> None:
    assert call(name, *args) == result


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("bytes_from_string", (5,), "expected string at argument 1, got int"),
        ("bytes_from_string", (), "missing argument 1"),
        ("bytes_to_string", ("a",), "expected bytes at argument 1, got string"),
        ("bytes_to_string", (b"ab\xff",), "invalid utf-8 sequence of 1 bytes from index 2"),
        ("bytes_to_string", (b"\xe2\x82",), "incomplete utf-8 byte sequence from index 0"),
        ("bytes_to_string_lossy", (None,), "expected bytes at argument 1, got nil"),
        ("bytes_from_hex", ("abc",), "Odd number of digits"),
        ("bytes_from_hex", ("zz",), "Invalid character 'z' at position 0"),
        ("bytes_from_hex", (b"",), "expected string at argument 1, got bytes"),
        ("bytes_to_hex", ("",), "expected bytes at argument 1, got string"),
        ("bytes_from_base64", ("a!",), "Invalid symbol 33, offset 1."),
        ("bytes_to_base64", ([],), "expected bytes at argument 1, got list"),
        ("bytes_len", ("a",), "expected bytes at argument 1, got string"),
        ("bytes_concat", (b"a", "b"), "expected bytes at argument 2, got string"),
        ("bytes_concat", (b"a",), "missing argument 2"),
        ("bytes_slice", (b"a", "1"), "expected int at argument 2, got string"),
        ("bytes_slice", (b"a",), "missing argument 2"),
        ("bytes_slice", (b"a", 0, 1.5), "expected int at argument 3, got float"),
        ("bytes_eq", (b"a", True), "expected bytes at argument 2, got bool"),
    ],
)
def test_bytes_refuse(name: str, args: tuple[object, ...], message: str) -> None:
    assert problem(name, *args) == (RuntimeFault, f"Runtime error: {name}: {message}")


def test_bytes_respect_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "TEXT_LENGTH", 3)
    assert call("bytes_concat", b"a", b"bc") == b"abc"
    assert problem("bytes_concat", b"ab", b"cd")[0] is RuntimeFault


@pytest.mark.parametrize(
    ("codec", "value", "text"),
    [
        ("base64", "hi", "aGk="),
        ("base64", "", ""),
        ("base64", "a?é>", "YT/DqT4="),
        ("base64url", "a?é>", "YT_DqT4"),
        ("base32", "hi", "NBUQ===="),
        ("hex", "hé", "68c3a9"),
    ],
)
def test_encodings(codec: str, value: str, text: str) -> None:
    assert call(f"{codec}_encode", value) == text
    assert call(f"{codec}_decode", text) == value


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("base64_encode", b"\xff", "/w=="),
        ("base64url_encode", b"\xff\xef", "_-8"),
        ("base32_encode", b"\xff", "74======"),
        ("hex_encode", b"\xff", "ff"),
        ("base64_encode", [1, None], "WzEsIG5pbF0="),
        ("hex_encode", 12, "3132"),
        ("base64_decode", "/w==", "\ufffd"),
        ("hex_decode", "FF", "\ufffd"),
    ],
)
def test_encodings_of_other_values(name: str, value: object, text: str) -> None:
    assert call(name, value) == text


@pytest.mark.parametrize(
    ("codec", "text", "message"),
    [
        ("base64", "aGk", "Invalid padding"),
        ("base64", "aGk==", "Invalid padding"),
        ("base64", "aGl=", "Invalid last symbol 108, offset 2."),
        ("base64", "a", "Invalid input length: 1"),
        ("base64", "a!k=", "Invalid symbol 33, offset 1."),
        ("base64", "a=k=", "Invalid symbol 61, offset 1."),
        ("base64", "_-8=", "Invalid symbol 95, offset 0."),
        ("base64", "aGk=\n", "Invalid symbol 61, offset 3."),
        ("base64url", "aGk=", "Invalid padding"),
        ("base64url", "+/8", "Invalid symbol 43, offset 0."),
        ("base32", "nbuq====", "invalid symbol at 0"),
        ("base32", "NBUQ===", "invalid length at 0"),
        ("base32", "NBU=====", "invalid length at 8"),
        ("base32", "NBUR====", "non-zero trailing bits at 3"),
        ("hex", "abc", "Odd number of digits"),
        ("hex", "0g", "Invalid character 'g' at position 1"),
    ],
)
def test_decodings_refuse(codec: str, text: str, message: str) -> None:
    assert problem(f"{codec}_decode", text) == (
        RuntimeFault,
        f"Runtime error: {codec} decode error: {message}",
    )


@pytest.mark.parametrize("name", ["md5", "sha224", "sha256", "sha384", "sha512", "sha512_256"])
@pytest.mark.parametrize("value", ["", "abc", "é", 1.5, b"ab", {"a": [1]}])
def test_hashes_of_displays(name: str, value: object) -> None:
    assert call(name, value) == hashlib.new(name, display(value).encode()).hexdigest()


def test_known_hashes() -> None:
    assert call("md5", "") == "d41d8cd98f00b204e9800998ecf8427e"
    assert call("sha256", b"ab") == hashlib.sha256(b'b"6162"').hexdigest()
    assert call("sha512_256", "abc") == "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"


@pytest.mark.parametrize("name", ["sha3_256", "sha3_512"])
def test_hashes_of_bytes(name: str) -> None:
    assert call(name, b"ab") == hashlib.new(name, b"ab").hexdigest() == call(name, "ab")
    assert call(name, [1]) == hashlib.new(name, b"[1]").hexdigest()


BLAKE3 = {
    # From the official test vectors: bytes 0, 1, 2, … 250, 0, 1, …
    0: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
    1: "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
    1023: "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
    1024: "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
    1025: "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
    2049: "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030",
    3072: "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2",
    31744: "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
}


@pytest.mark.parametrize("package", [True, False])
@pytest.mark.parametrize("length", BLAKE3)
def test_blake3(length: int, package: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if package:
        pytest.importorskip("blake3")
    else:
        monkeypatch.setattr(blake3_hash, "_package", lambda: None)
    data = bytes(place % 251 for place in range(length))
    assert call("blake3", data) == BLAKE3[length]


def test_blake3_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blake3_hash, "_package", lambda: None)
    assert call("blake3", "abc") == "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
    told = "needs an optional package that is not installed: pip install harnlet[blake3]"
    found = problem("blake3", bytes(131_073))
    assert found == (RuntimeFault, f"Runtime error: blake3 of more than 131072 bytes {told}")


def test_message_authentication() -> None:
    # RFC 4231, case 2.
    known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert call("hmac_sha256", "Jefe", "what do ya want for nothing?") == known
    assert call("hmac_sha256", b"Jefe", b"what do ya want for nothing?") == known
    as_base64 = call("hmac_sha256_base64", "k", 5)
    assert call("bytes_from_base64", as_base64).hex() == call("hmac_sha256", "k", "5")


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("a", "a", True),
        ("é", "é", True),
        ("a", "b", False),
        ("a", "ab", False),
        (1, "1", True),
        (b"a", "a", True),
    ],
)
def test_constant_time_eq(a: object, b: object, same: bool) -> None:
    assert call("constant_time_eq", a, b) is same
