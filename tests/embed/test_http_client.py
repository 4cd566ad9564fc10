"""The HTTP client against a real server (docs/builtins.md#http-client)."""

import asyncio
import gzip
import os
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from embed.builtins_support import CategorisedFault, RuntimeFault, Thrown, system_problem, without_module
from embed.http_support import NetRun, Request, Server, answer, closed_runs, serving
from harnlet import Interpreter, UsageError
from harnlet.errors.faults import Fault
from harnlet.runtime import caps


@pytest.fixture(autouse=True)
async def runs() -> AsyncIterator[None]:
    async with closed_runs():
        yield


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving() as found:
        yield found


async def fetch(url: str, options: dict[str, object] | None = None, run: NetRun | None = None) -> Any:
    return await (run or NetRun("network", "files")).system("http_get", url, options)


async def why(name: str, *arguments: object, run: NetRun | None = None) -> Any:
    return (await system_problem(run or NetRun("network", "files"), name, *arguments))[1]


async def test_a_request_and_its_answer(server: Server) -> None:
    server.paths["/a"] = answer(201, "grüß".encode(), Content_Type="text/plain; charset=utf-8", X_One="1")
    found = await fetch(server.url("/a?x=1"), {"query": {"y": "a b&c", "z": None}, "headers": {"X-Two": 2}})
    assert found == {
        "status": 201,
        "headers": {"content-length": "6", "content-type": "text/plain; charset=utf-8", "x-one": "1"},
        "body": "grüß",
        "ok": True,
    }
    [request] = server.requests
    assert (request.method, request.target, request.headers["x-two"]) == ("GET", "/a?x=1&y=a+b%26c", "2")
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["user-agent"].startswith("harnlet/")


async def test_methods_and_bodies(server: Server) -> None:
    server.paths["/"] = answer()
    run, url = NetRun("network"), server.url("/")
    await run.system("http_post", url, "text", {"headers": {"Content-Type": "text/plain"}})
    await run.system("http_put", url, b"\x00\xff")
    await run.system("http_patch", url, {"body": "in options"})
    await run.system("http_delete", url)
    await run.system("http_request", "options", url, {"body": [1, 2]})
    assert [(each.method, each.body) for each in server.requests] == [
        ("POST", b"text"),
        ("PUT", b"\x00\xff"),
        ("PATCH", b"in options"),
        ("DELETE", b""),
        ("OPTIONS", b"[1, 2]"),
    ]
    assert server.requests[0].headers["content-type"] == "text/plain"
    assert "content-type" not in server.requests[1].headers


async def test_credentials(server: Server) -> None:
    server.paths["/"] = answer()
    with_user = f"http://ada:se%3Acret@127.0.0.1:{server.port}/"
    for url, auth in [
        (server.url("/"), "Custom x"),
        (server.url("/"), {"bearer": "token"}),
        (server.url("/"), {"basic": {"user": "ada", "password": "p"}}),
        (with_user, None),
        (with_user, {"bearer": "token"}),
    ]:
        await fetch(url, {"auth": auth})
    assert [each.headers["authorization"] for each in server.requests] == [
        "Custom x",
        "Bearer token",
        "Basic YWRhOnA=",
        "Basic YWRhOnNlOmNyZXQ=",
        "Bearer token",
    ]


async def test_a_form_with_a_file(server: Server, tmp_path: Path) -> None:
    server.paths["/"] = answer()
    (tmp_path / "a.bin").write_bytes(b"\x00file")
    fields: list[object] = [
        {"name": "a", "value": "text"},
        {"name": "b", "value_base64": "//8=", "filename": "b.bin", "content_type": "x/y"},
        {"name": "c", "path": str(tmp_path / "a.bin")},
    ]
    run = NetRun("network", "files")
    await run.system("http_post", server.url("/"), {"multipart": fields})
    [request] = server.requests
    found: Any = run.call("multipart_parse", request.body, request.headers["content-type"])
    assert [(each["name"], each["filename"], each["content_type"], each["bytes"]) for each in found["fields"]] == [
        ("a", None, None, b"text"),
        ("b", "b.bin", "x/y", b"\xff\xff"),
        ("c", "a.bin", None, b"\x00file"),
    ]
    assert await system_problem(NetRun("network"), "http_post", server.url("/"), {"multipart": fields}) == (
        CategorisedFault,
        "Error [permission_denied]: http_post needs the capability files",
    )


async def test_compressed_answers(server: Server) -> None:
    body = gzip.compress(b"a" * 1000)
    server.paths["/"] = answer(200, body, Content_Encoding="gzip")
    assert (await fetch(server.url("/")))["body"] == "a" * 1000
    assert (await fetch(server.url("/"), {"decompress": False}))["body"] == body.decode("utf-8", "replace")
    assert "gzip" in server.requests[0].headers["accept-encoding"]
    assert server.requests[1].headers["accept-encoding"] == "identity"


async def test_an_answer_that_is_not_what_it_says(server: Server) -> None:
    server.paths["/"] = answer(200, b"no gzip", Content_Encoding="gzip")
    text = "http_get: request failed: the response body cannot be decompressed"
    assert await why("http_get", server.url("/")) == text


@pytest.mark.parametrize(("charset", "text"), [("iso-8859-1", "é"), ("idna", "Ã©"), ("unknown", "Ã©")])
async def test_charsets(server: Server, charset: str, text: str) -> None:
    body = text.encode("latin-1") if charset == "iso-8859-1" else text.encode()
    server.paths["/"] = answer(200, body, Content_Type=f"text/plain; charset={charset}")
    assert (await fetch(server.url("/")))["body"] == text


# --- limits -------------------------------------------------------------------------------------------


async def test_a_body_is_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.paths["/"] = answer(200, b"12345")
    server.paths["/bomb"] = answer(200, gzip.compress(bytes(1_000_000)), Content_Encoding="gzip")
    assert (await fetch(server.url("/"), {"max_body_bytes": 5}))["body"] == "12345"
    text = "http_get: response body is too large: more than 4 bytes"
    assert await why("http_get", server.url("/"), {"max_body_bytes": 4}) == text
    monkeypatch.setattr(caps, "TEXT_LENGTH", 100_000)
    assert (await why("http_get", server.url("/bomb"), {"max_body_bytes": 100_000})).startswith(
        "http_get: response body is too large"
    )


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("timeout_ms", "request timed out after 30ms: Deadline exceeded"),
        ("timeout", "request timed out after 30ms: Deadline exceeded"),
        ("total_timeout_ms", "timed out after 30ms: Deadline exceeded"),
        ("read_timeout_ms", "read timed out after 30ms: Deadline exceeded"),
    ],
)
async def test_time_runs_out(server: Server, option: str, text: str) -> None:
    server.paths["/"] = server.hang
    found = await why("http_get", server.url("/"), {option: 30})
    assert found == f"http_get: request failed: {text}"
    assert NetRun().call("is_timeout", found) is True
    await server.gone.wait()


async def test_a_cancelled_request_closes_its_connection(server: Server) -> None:
    started = asyncio.Event()

    async def begun(request: Request) -> bytes | None:
        started.set()
        return await server.hang(request)

    server.paths["/"] = begun
    async with Interpreter(capabilities="all") as harn:
        running = asyncio.ensure_future(harn.run(f'return http_get("{server.url("/")}")'))
        await started.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await server.gone.wait()


async def test_one_of_several_requests_is_cancelled(server: Server) -> None:
    begun = asyncio.Event()

    async def hangs(request: Request) -> bytes | None:
        begun.set()
        return await server.hang(request)

    async def once_begun(request: Request) -> bytes:
        await begun.wait()
        return answer(200, b"other")

    server.paths |= {"/hang": hangs, "/other": once_begun}
    source = f"""
        let stuck = spawn {{ http_get("{server.url("/hang")}") }}
        let other = spawn {{ http_get("{server.url("/other")}").body }}
        let body = await(other)
        cancel(stuck)
        return [body, await(stuck), http_get("{server.url("/other")}").body]
    """
    async with Interpreter(capabilities="all") as harn:
        assert await harn.run(source) == ["other", None, "other"]
        await server.gone.wait()


async def test_many_requests_at_once(server: Server) -> None:
    async def echo(request: Request) -> bytes:
        return answer(200, request.target.encode())

    server.paths["/"] = echo
    source = f"""
        let numbers = (1 to 300).map({{ n -> n }}).to_list()
        return parallel each numbers with {{ max_concurrent: 50 }} {{ n ->
            http_get("{server.url("/")}?" + to_string(n)).body
        }}
    """
    async with Interpreter(capabilities="all") as harn:
        assert await harn.run(source) == [f"/?{number}" for number in range(1, 301)]
    assert len({id(each.writer) for each in server.requests}) <= 50


async def test_a_deadline_of_the_script_ends_a_request(server: Server) -> None:
    server.paths["/"] = server.hang
    async with Interpreter(capabilities="all") as harn:
        source = f'return try {{ deadline 30ms {{ http_get("{server.url("/")}") }} }} catch e {{ e }}'
        assert await harn.run(source) == "Deadline exceeded"
    await server.gone.wait()


# --- failures -----------------------------------------------------------------------------------------


async def test_no_answer(server: Server) -> None:
    async def closes(request: Request) -> None:
        request.writer.close()

    async def breaks_off(request: Request) -> None:
        request.writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\npart")
        await request.writer.drain()
        request.writer.close()

    server.paths |= {"/close": closes, "/part": breaks_off, "/noise": b"SSH-2.0-x\r\n\r\n"}
    assert await why("http_get", server.url("/close")) == (
        "http_get: request failed: connection closed before the response"
    )
    assert await why("http_get", server.url("/part")) == (
        "http_get: request failed: unexpected eof in the response body"
    )
    assert (await why("http_get", server.url("/noise"))).startswith("http_get: request failed: ")
    async with serving() as other:
        gone = other.url("/")
    found = await why("http_get", gone)
    assert found == "http_get: request failed: connection refused"
    assert NetRun().call("error_category", found) == "transient_network"
    assert await why("http_get", "http://nowhere.invalid/") == (
        "http_get: request failed: dns error: cannot resolve nowhere.invalid"
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["http_get"], "http_get: URL is required"),
        (["http_request", "", "http://a"], "http_request: method is required"),
        (["http_request", "G T", "http://a"], "http_request: invalid method 'G T'"),
        (["http_get", "ftp://a"], "http: URL must start with http:// or https://, got 'ftp://a'"),
        (["http_get", "file:///etc/passwd"], "http: URL must start with http:// or https://, got 'file:///etc/passwd'"),
        (["http_get", "http://a b/"], "http: invalid URL 'http://a b/': invalid domain character"),
        (["http_get", "http://"], "http: invalid URL 'http://': empty host"),
        (["http_get", "http://a", {"headers": {"a b": 1}}], "Runtime error: http_get: invalid header name 'a b'"),
        (["http_get", "http://a", {"headers": {"a": "x\ny"}}], "Runtime error: http_get: invalid value of header 'a'"),
        (["http_get", "http://a", {"headers": {"Host": "x"}}], "Runtime error: http_get: header 'Host' cannot be set"),
        (["http_get", "http://a", {"auth": 5}], "Runtime error: http_get: auth must be a string, {bearer}, or {basic: {user, password}}"),
        (["http_get", "http://a", {"auth": "x\r\ny: z"}], "Runtime error: http_get: invalid value of header 'authorization'"),
        (["http_get", "http://a", {"timeout": "x"}], "Runtime error: http_get: timeout must be a non-negative int or a duration"),
        (["http_get", "http://a", {"retry": {"max": -1}}], "Runtime error: http_get: retry.max must be a non-negative int"),
        (["http_get", "http://a", {"query": 5}], "Runtime error: http_get: query must be a dict, got int"),
        (["http_get", "http://a", 5], "Runtime error: http_get: options must be a dict, got int"),
        (["http_get", "https://a", {"tls": {"verify": False}}], "Runtime error: http_get: unknown tls option 'verify' (expected one of: ca_bundle_path, client_cert_path, client_key_path)"),
        (["http_get", "http://a", {"session": "x"}], "http_get: unknown HTTP session 'x'"),
        (["http_download", "http://a"], "http_download: destination path is required"),
    ],
)  # fmt: skip
async def test_what_cannot_be_sent(arguments: list[Any], text: str) -> None:
    assert await why(*arguments) == text


async def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    without_module(monkeypatch, "aiohttp")
    assert await system_problem(NetRun("network"), "http_get", "http://127.0.0.1/") == (
        RuntimeFault,
        "Runtime error: http_get needs an optional package that is not installed: pip install harnlet[http]",
    )


# --- retries ------------------------------------------------------------------------------------------


async def test_retries(server: Server) -> None:
    server.paths["/"] = [answer(503), answer(500), answer(200, b"done")]
    run = NetRun("network")
    found = await fetch(server.url("/"), {"retry": {"max": 2, "backoff_ms": 10}}, run)
    assert (found["body"], run.clock.slept) == ("done", [10, 20])
    server.paths["/"] = [answer(429, Retry_After="7"), answer(503, Retry_After="x"), answer(500, Retry_After="9")]
    found = await fetch(server.url("/"), {"retries": 2, "backoff": 3}, run)
    assert (found["status"], run.clock.slept[2:]) == (500, [7000, 6])


async def test_when_to_retry(server: Server) -> None:
    server.paths["/"] = answer(503)
    run, url, twice = NetRun("network"), server.url("/"), {"retry": {"max": 1, "backoff_ms": 0}}
    cases: list[tuple[str, dict[str, object], int]] = [
        ("POST", {}, 1),
        ("POST", {"retry_methods": ["post"]}, 2),
        ("PUT", {}, 2),
        ("GET", {"retry_on": [500]}, 1),
        ("GET", {"retry_on": [503]}, 2),
        ("GET", {"retry": {"max": 0}}, 1),
    ]
    for method, options, requests in cases:
        server.requests.clear()
        assert (await run.system("http_request", method, url, {**twice, **options}))["status"] == 503
        assert len(server.requests) == requests, (method, options)


async def test_a_lost_connection_is_tried_again(server: Server) -> None:
    attempts = 0

    async def second_time(request: Request) -> bytes | None:
        nonlocal attempts
        attempts += 1
        return None if attempts == 1 else answer(200, b"second")

    server.paths["/"] = second_time
    found = await fetch(server.url("/"), {"retry": {"max": 1, "backoff_ms": 0}})
    assert found["body"] == "second"


async def test_a_mocked_clock_does_not_wait(server: Server) -> None:
    server.paths["/"] = [answer(503, Retry_After="30"), answer()]
    run = NetRun("network")
    run.call("mock_time", 1_000)
    assert (await fetch(server.url("/"), {"retry": {"max": 1}}, run))["ok"] is True
    assert (run.clock.slept, run.call("now_ms")) == ([], 31_000)


# --- redirects ----------------------------------------------------------------------------------------


async def test_redirects(server: Server) -> None:
    server.paths |= {
        "/start": answer(302, Location="/middle?x=1"),
        "/middle": answer(307, Location=f"http://127.0.0.1:{server.port}/end"),
        "/end": answer(200, b"end"),
        "/see": answer(303, Location="end"),
        "/loop": answer(301, Location="/loop"),
        "/nowhere": answer(301),
    }
    run = NetRun("network")
    found = await run.system("http_post", server.url("/start"), "body", {"headers": {"content-type": "a/b"}})
    assert found["body"] == "end"
    assert [(each.method, each.target, each.body) for each in server.requests] == [
        ("POST", "/start", b"body"),
        ("GET", "/middle?x=1", b""),
        ("GET", "/end", b""),
    ]
    assert "content-type" not in server.requests[1].headers
    server.paths["/start"] = answer(308, Location="/end")
    await run.system("http_put", server.url("/start"), "body")
    assert (server.requests[-1].method, server.requests[-1].body) == ("PUT", b"body")
    assert (await run.system("http_put", server.url("/see"), "body"))["body"] == "end"
    assert (server.requests[-1].method, server.requests[-1].body) == ("GET", b"")
    assert (await fetch(server.url("/start"), {"follow_redirects": False}))["status"] == 308
    assert (await fetch(server.url("/nowhere")))["status"] == 301
    server.requests.clear()
    assert await why("http_get", server.url("/loop"), {"max_redirects": 3}) == (
        "http_get: request failed: too many redirects: more than 3"
    )
    assert len(server.requests) == 4


async def test_credentials_stay_with_their_server(server: Server) -> None:
    async with serving() as other:
        other.paths["/"] = answer()
        server.paths |= {"/away": answer(302, Location=other.url("/")), "/home": answer(302, Location="/away")}
        private: dict[str, object] = {"authorization": "a", "cookie": "b", "x-own": "c"}
        await fetch(server.url("/home"), {"headers": private})
        assert server.requests[1].headers["authorization"] == "a"
        [request] = other.requests
        assert "authorization" not in request.headers
        assert "cookie" not in request.headers
        assert request.headers["x-own"] == "c"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "javascript:x"])
async def test_a_redirect_stays_with_http(server: Server, location: str) -> None:
    server.paths["/"] = answer(302, Location=location)
    assert await why("http_get", server.url("/")) == f"http: URL must start with http:// or https://, got '{location}'"


# --- capability and policy ----------------------------------------------------------------------------


def refused(target: str) -> tuple[type[Fault], str]:
    text = f"http_get may not reach {target}: the capability network is narrowed"
    return CategorisedFault, f"Error [permission_denied]: {text}"


async def test_the_capability(server: Server) -> None:
    server.paths["/"] = answer()
    for run in (NetRun(), NetRun("files", "processes", "environment")):
        assert await system_problem(run, "http_get", server.url("/")) == (
            CategorisedFault,
            "Error [permission_denied]: http_get needs the capability network",
        )
    assert server.requests == []


async def test_a_narrowed_capability(server: Server) -> None:
    server.paths |= {"/": answer(), "/away": answer(302, Location="http://169.254.169.254/latest")}
    here = NetRun(f"network:127.0.0.1:{server.port}")
    assert (await fetch(server.url("/"), run=here))["ok"] is True
    assert (await fetch(server.url("/", "2130706433"), run=here))["ok"] is True
    assert await system_problem(here, "http_get", server.url("/away")) == refused("169.254.169.254:80")
    for url, target in [
        ("http://127.0.0.1:1/", "127.0.0.1:1"),
        (f"http://127.0.0.1@evil.example:{server.port}/", f"evil.example:{server.port}"),
        (f"http://evil.example\\@127.0.0.1:{server.port}/", "evil.example:80"),
        (f"http://127.0.0.1.evil.example:{server.port}/", f"127.0.0.1.evil.example:{server.port}"),
        (server.url("/", "localhost"), f"localhost:{server.port}"),
        ("https://[::ffff:169.254.169.254]/", "::ffff:a9fe:a9fe:443"),
    ]:
        assert await system_problem(here, "http_get", url) == refused(target)
    broken = NetRun("network:*.*")
    assert await system_problem(broken, "http_get", server.url("/")) == refused(f"127.0.0.1:{server.port}")


async def test_an_interpreter_with_a_narrowed_network(server: Server) -> None:
    server.paths["/"] = answer(200, b"here")
    source = f'return [http_get("{server.url("/")}").body, try {{ http_get("http://other.example/") }} catch e {{ e }}]'
    async with Interpreter(capabilities={"network:127.0.0.1"}) as harn:
        assert await harn.run(source) == ["here", refused("other.example:80")[1]]
    for wrong in ("network:", "disk:x"):
        with pytest.raises(UsageError):
            Interpreter(capabilities={wrong})


async def test_a_policy_looks_at_addresses_too(server: Server) -> None:
    server.paths |= {"/": answer(), "/local": answer(302, Location=server.url("/", "localhost"))}
    run = NetRun("network")
    run.call("egress_policy", {"deny": ["127.0.0.0/8", "::1"], "allow": [f"127.0.0.1:{server.port}", "localhost"]})
    kind, value = await system_problem(run, "http_get", server.url("/", "localhost"))
    assert kind is Thrown
    assert isinstance(value, dict)
    assert (value["type"], value["category"], value["host"]) == ("EgressBlocked", "egress_blocked", "localhost")
    assert value["reason"] in ("denied by rule 127.0.0.0/8", "denied by rule ::1")
    run.call("egress_policy", {"deny": ["localhost"]})
    assert (await fetch(server.url("/"), run=run))["ok"] is True
    assert (await system_problem(run, "http_get", server.url("/local")))[0] is Thrown
    assert [each.target for each in server.requests] == ["/", "/local"]


async def test_tls_is_verified(tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    served = Server({"/": answer(200, b"secret")})
    listening = await asyncio.start_server(served.serve, "127.0.0.1", 0, ssl=context)
    async with listening:
        url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        assert (await why("http_get", url)).startswith("http_get: request failed: TLS error: ")
        assert served.requests == []
        found = await fetch(url, {"tls": {"ca_bundle_path": str(certificate)}})
        assert found["body"] == "secret"
        missing = await why("http_get", url, {"tls": {"ca_bundle_path": str(tmp_path / "none")}})
        assert missing.startswith("http_get: invalid tls option: ")
        served.hang_up()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "cert.pem", folder / "key.pem"


# --- sessions and downloads ---------------------------------------------------------------------------


async def test_a_session_shares_options_and_connections(server: Server) -> None:
    server.paths["/"] = answer()
    source = f"""
        let s = http_session({{headers: {{"x-a": "1", "x-b": "1"}}}})
        http_session_request(s, "GET", "{server.url("/")}", {{headers: {{"X-B": "2"}}}})
        http_get("{server.url("/")}", {{session: s}})
        return [http_session_close(s), http_session_close(s),
                try {{ http_session_request(s, "GET", "x") }} catch e {{ e }}]
    """
    async with Interpreter(capabilities={"network"}) as harn:
        found = await harn.run(source)
        assert found == [True, False, "http_session_request: unknown HTTP session 'http-session-1'"]
        first, second = server.requests
        assert (first.headers["x-a"], first.headers["x-b"], second.headers["x-b"]) == ("1", "2", "1")
        assert first.writer is second.writer
        await harn.run(f'http_session_request(http_session(), "GET", "{server.url("/")}")')


async def test_downloads(server: Server, tmp_path: Path) -> None:
    run = NetRun("network", "files")
    body = bytes(range(256)) * 1000
    server.paths |= {"/": answer(200, body, X_A="1"), "/gone": answer(404, b"no")}
    place = tmp_path / "a.bin"
    found = await run.system("http_download", server.url("/"), str(place))
    assert found == {
        "bytes_written": 256_000,
        "status": 200,
        "headers": {"content-length": "256000", "x-a": "1"},
        "ok": True,
    }
    assert place.read_bytes() == body
    assert await why("http_download", server.url("/"), str(place), {"max_body_bytes": 10}) == (
        "http_download: response body is too large: more than 10 bytes"
    )
    assert place.read_bytes() == body
    assert (await run.system("http_download", server.url("/gone"), str(place)))["ok"] is False
    assert place.read_bytes() == b"no"
    run.call("http_mock", "GET", "https://x/*", {"body": b"\x00mock", "status": 201})
    mocked = await run.system("http_download", "https://x/y", str(place))
    assert (mocked["bytes_written"], mocked["status"], place.read_bytes()) == (5, 201, b"\x00mock")
    assert os.listdir(tmp_path) == ["a.bin"]
    assert await system_problem(NetRun("network"), "http_download", server.url("/"), str(place)) == (
        CategorisedFault,
        "Error [permission_denied]: http_download needs the capability files",
    )


async def test_a_cancelled_download_leaves_nothing(server: Server, tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def part(request: Request) -> bytes | None:
        request.writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\npart")
        await request.writer.drain()
        begun.set()
        return await server.hang(request)

    server.paths["/"] = part
    async with Interpreter(capabilities="all") as harn:
        place = tmp_path / "a.bin"
        running = asyncio.ensure_future(harn.run(f'http_download("{server.url("/")}", "{place.as_posix()}")'))
        await begun.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    await server.gone.wait()
    assert os.listdir(tmp_path) == []


async def test_connections_are_used_again_as_long_as_the_policy_stays(server: Server) -> None:
    server.paths["/"] = answer()
    run = NetRun("network")
    for _ in range(2):
        await fetch(server.url("/"), run=run)
    run.call("egress_policy", {"deny": ["192.0.2.0/24"]})
    await fetch(server.url("/"), run=run)
    run.call("egress_policy", {"deny": ["127.0.0.0/8"]})
    assert (await system_problem(run, "http_get", server.url("/")))[0] is Thrown
    first, second, third = (each.writer for each in server.requests)
    assert first is second
    assert second is not third


async def test_a_proxy(server: Server) -> None:
    async def proxied(request: Request) -> bytes:
        return answer(200, f"{request.target} {request.headers['proxy-authorization']}".encode())

    server.paths["http://far.example/x"] = proxied
    options: dict[str, object] = {"proxy": server.url("/"), "proxy_auth": {"user": "a", "password": "b"}}
    assert (await fetch("http://far.example/x", options))["body"] == "http://far.example/x Basic YTpi"
    narrowed = NetRun("network:far.example")
    assert await system_problem(narrowed, "http_get", "http://far.example/x", options) == refused(
        f"127.0.0.1:{server.port}"
    )
