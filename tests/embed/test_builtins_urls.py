"""URLs, queries and percent-encoding (docs/builtins.md#urls)."""

import pytest

from embed.builtins_support import Thrown, call, problem

PARTS = ("scheme", "username", "password", "host", "port", "path", "query", "fragment")


@pytest.mark.parametrize(
    ("text", "parts", "built"),
    [
        ("http://ex.com", ("http", None, None, "ex.com", None, "/", None, None), "http://ex.com/"),
        (
            "https://User:p%40s@Example.COM:443/a/../b/./c?x=1 2&y='#f g",
            ("https", "User", "p%40s", "example.com", None, "/b/c", "x=1%202&y=%27", "f%20g"),
            "https://User:p%40s@example.com/b/c?x=1%202&y=%27#f%20g",
        ),
        ("http://h:8080?q", ("http", None, None, "h", 8080, "/", "q", None), "http://h:8080/?q"),
        ("http:\\\\h\\a", ("http", None, None, "h", None, "/a", None, None), "http://h/a"),
        ("  HTTP://h/\ta\n ", ("http", None, None, "h", None, "/a", None, None), "http://h/a"),
        ("http://h/%2e%2E/x/%2e", ("http", None, None, "h", None, "/x/", None, None), "http://h/x/"),
        ('http://h/a b"<>`{}é?é"<>', None, "http://h/a%20b%22%3C%3E%60%7B%7D%C3%A9?%C3%A9%22%3C%3E"),
        ("http://0x7f.1/", ("http", None, None, "127.0.0.1", None, "/", None, None), "http://127.0.0.1/"),
        (
            "http://017700000001",
            ("http", None, None, "127.0.0.1", None, "/", None, None),
            "http://127.0.0.1/",
        ),
        (
            "http://[1:0:0:2:0:0:0:3]:1",
            ("http", None, None, "[1:0:0:2::3]", 1, "/", None, None),
            "http://[1:0:0:2::3]:1/",
        ),
        (
            "http://[::ffff:1.2.3.4]/",
            ("http", None, None, "[::ffff:102:304]", None, "/", None, None),
            "http://[::ffff:102:304]/",
        ),
        ("http://ü.de/", ("http", None, None, "xn--tda.de", None, "/", None, None), "http://xn--tda.de/"),
        (
            "http://faß。de",
            ("http", None, None, "xn--fa-hia.de", None, "/", None, None),
            "http://xn--fa-hia.de/",
        ),
        ("http://a%41b/", ("http", None, None, "aab", None, "/", None, None), "http://aab/"),
        ("http://u:@h/", ("http", "u", None, "h", None, "/", None, None), "http://u@h/"),
        ("http://h:/", ("http", None, None, "h", None, "/", None, None), "http://h/"),
        ("http://h:00080/", ("http", None, None, "h", None, "/", None, None), "http://h/"),
        ("ftp://h:21/", ("ftp", None, None, "h", None, "/", None, None), "ftp://h/"),
        ("wss://h/x#", ("wss", None, None, "h", None, "/x", None, ""), "wss://h/x#"),
        ("mailto:a@b?q=x", ("mailto", None, None, None, None, "a@b", "q=x", None), "mailto:a@b?q=x"),
        ("data:t/p,hi you", ("data", None, None, None, None, "t/p,hi you", None, None), "data:t/p,hi you"),
        ("foo://Host/A/../B", ("foo", None, None, "Host", None, "/B", None, None), "foo://Host/B"),
        ("foo:/a/./b", ("foo", None, None, None, None, "/a/b", None, None), None),
        ("file:///C|/x/../..", ("file", None, None, None, None, "/C:/", None, None), None),
        ("file://localhost/etc", ("file", None, None, None, None, "/etc", None, None), None),
        ("file:///a/b", ("file", None, None, None, None, "/a/b", None, None), None),
    ],
)
def test_parse_and_build(text: str, parts: tuple[object, ...] | None, built: str | None) -> None:
    found = call("url_parse", text)
    assert sorted(found) == sorted(PARTS)
    if parts is not None:
        assert tuple(found[name] for name in PARTS) == parts
    if built is not None:
        assert call("url_build", found) == built


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("/a", "relative URL without a base"),
        ("", "relative URL without a base"),
        ("http://", "empty host"),
        ("http://u@/", "empty host"),
        ("http://:80", "empty host"),
        ("http://a:65536", "invalid port number"),
        ("http://a:x", "invalid port number"),
        ("http://a b/", "invalid domain character"),
        ("http://a^b/", "invalid domain character"),
        ("foo://a b/", "invalid domain character"),
        ("http://1.2.3.4.5", "invalid IPv4 address"),
        ("http://256.1.1.1", "invalid IPv4 address"),
        ("http://09.1", "invalid IPv4 address"),
        ("http://[::1", "invalid IPv6 address"),
        ("http://[1:2]", "invalid IPv6 address"),
        ("http://\u0301a.de", "invalid international domain name"),
    ],
)
def test_parse_refuses(text: str, message: str) -> None:
    assert problem("url_parse", text) == (Thrown, f"url_parse: {message}")


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"scheme": "HTTP", "host": "H"}, "http://h/"),
        (
            {
                "scheme": "https",
                "username": "a@b",
                "password": "p:q/",
                "host": "h",
                "port": 8443,
                "path": "x y/?#",
                "query": "a=1#",
                "fragment": "f",
            },
            "https://a%40b:p%3Aq%2F@h:8443/x%20y/%3F%23?a=1%23#f",
        ),
        ({"scheme": "https", "host": "h", "port": 443, "query": None}, "https://h/"),
        ({"scheme": "http", "host": "[::1]", "port": "80"}, "http://[::1]/"),
        ({"scheme": "mailto", "path": "a@b"}, "mailto:a@b"),
        ({"scheme": "urn", "path": "isbn:1"}, "urn:isbn:1"),
    ],
)
def test_build(parts: dict[str, object], text: str) -> None:
    assert call("url_build", parts) == text


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ("x", "expected a dict of url parts"),
        ({"host": "h"}, "'scheme' is required"),
        ({"scheme": "http", "host": ""}, "empty host"),
        ({"scheme": "http://evil/", "host": "h"}, "invalid scheme"),
        ({"scheme": "http", "host": "good@evil"}, "invalid domain character"),
        ({"scheme": "http", "host": "h/../x"}, "invalid domain character"),
        ({"scheme": "http", "host": "h", "port": "80/x"}, "invalid port number"),
        ({"scheme": "http", "host": "h", "port": 99999}, "invalid port number"),
    ],
)
def test_build_refuses(parts: object, message: str) -> None:
    assert problem("url_build", parts) == (Thrown, f"url_build: {message}")


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", []),
        ("?", []),
        ("?a=1&b=x+y%20z&&c&=d&a=2", [("a", "1"), ("b", "x y z"), ("c", ""), ("", "d"), ("a", "2")]),
        ("a=%zz%f&b=%C3%A9%ff", [("a", "%zz%f"), ("b", "é\ufffd")]),
        ("a=b=c", [("a", "b=c")]),
    ],
)
def test_query_parse(text: str, pairs: list[tuple[str, str]]) -> None:
    assert call("query_parse", text) == [{"key": key, "value": value} for key, value in pairs]


def test_query_stringify() -> None:
    pairs = [{"key": "a b", "value": "~*é&="}, {"key": "n", "value": 1.5}, {"key": "", "value": None}]
    assert call("query_stringify", pairs) == "a+b=%7E*%C3%A9%26%3D&n=1.5&=nil"
    assert call("query_stringify", []) == ""


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("a", "expected a list of {key, value} dicts"),
        ([{"key": "a"}], "each item must be a {key, value} dict"),
        ([["a", "b"]], "each item must be a {key, value} dict"),
    ],
)
def test_query_stringify_refuses(value: object, message: str) -> None:
    assert problem("query_stringify", value) == (Thrown, f"query_stringify: {message}")


@pytest.mark.parametrize(
    ("text", "encoded"),
    [("a b~/é&+", "a%20b~%2F%C3%A9%26%2B"), ("A-z_0.9", "A-z_0.9"), ("", ""), ("\n", "%0A")],
)
def test_encode(text: str, encoded: str) -> None:
    assert call("url_encode", text) == encoded
    assert call("url_decode", encoded) == text


def test_encode_and_decode_special_cases() -> None:
    assert call("url_encode", 1.5) == "1.5"
    assert call("url_encode", "\ud800") == "%ED%A0%80"
    assert call("url_decode", "a+b%20%zz%4%C3") == "a b %zz%4\ufffd"
