"""Cookies, forms and compressed bytes come back as they went (docs/builtins.md#cookies-and-sessions)."""

from collections.abc import Callable
from functools import partial
from string import ascii_letters, digits, printable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embed.builtins_support import call, problem, waited, waited_problem, without_module
from harnlet.errors.faults import RuntimeFault
from harnlet.runtime import caps

COOKIE_NAMES = st.text(f"{ascii_letters}{digits}!#$%&'*+-.^_`|~", min_size=1, max_size=8).filter(
    lambda name: not name.startswith("__")
)
COOKIE_VALUES = st.text("".join(c for c in printable if c.isprintable() and c not in ' ",;\\'), max_size=12)
TEXTS = st.text(max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
HEADER_TEXTS = st.text(max_size=20).filter(lambda text: not set(text) & set("\r\n\0"))


def outcome(function: Callable[[], object]) -> object:
    """What a builtin gives, or the message of its runtime error."""
    try:
        return function()
    except RuntimeFault as fault:
        return fault.message


@settings(deadline=None)
@given(st.dictionaries(COOKIE_NAMES, COOKIE_VALUES, max_size=5))
def test_cookies_that_were_set_are_sent_and_read(cookies: dict[str, str]) -> None:
    headers = [call("cookie_serialize", name, value) for name, value in cookies.items()]
    sent = call("cookie_round_trip", None, headers)
    assert sent["cookies"] == cookies
    assert call("cookie_parse", sent["cookie_header"]) == {
        "cookies": cookies,
        "pairs": [{"name": name, "value": cookies[name]} for name in sorted(cookies)],
        "duplicates": {},
        "invalid": [],
    }


@settings(deadline=None)
@given(TEXTS, st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_signed_values_are_verified_with_their_secret_only(value: str, secret: str, other: str) -> None:
    signed = call("cookie_sign", value, secret)
    assert call("cookie_verify", signed, secret) == {"ok": True, "value": value, "error": None}
    assert call("cookie_verify", signed, other)["ok"] is (secret == other)


@settings(deadline=None)
@given(JSON, st.integers(0, 200))
def test_sessions_come_back_and_no_change_goes_unseen(payload: Any, place: int) -> None:
    token = call("session_sign", payload, "secret")
    assert call("session_verify", token, "secret") == {"ok": True, "payload": payload, "error": None}
    place %= len(token)
    changed = token[:place] + ("x" if token[place] != "x" else "y") + token[place + 1 :]
    assert call("session_verify", changed, "secret")["ok"] is False
    cookie = call("session_cookie", "sid", payload, "secret").partition(";")[0]
    assert call("session_from_cookies", cookie, "sid", "secret")["payload"] == payload


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"name": HEADER_TEXTS, "content": st.binary(max_size=60) | TEXTS},
            optional={"filename": HEADER_TEXTS, "content_type": st.sampled_from(["text/plain", "a/b"])},
        ),
        max_size=5,
    )
)
def test_forms_come_back(fields: list[dict[str, Any]]) -> None:
    form = call("multipart_form_data", fields)
    found = call("multipart_parse", form["body"], form["content_type"])
    contents = [
        each["content"].encode() if isinstance(each["content"], str) else each["content"] for each in fields
    ]
    assert [each["bytes"] for each in found["fields"]] == contents
    for name in ("name", "filename", "content_type"):
        assert [each[name] for each in found["fields"]] == [each.get(name) for each in fields]
    assert found["total_bytes"] == sum(map(len, contents))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_body_is_read_as_anything_but_a_form_or_an_error(body: bytes) -> None:
    for data in (body, b"--B\r\n" + body + b"\r\n--B--"):
        found = outcome(partial(call, "multipart_parse", data, "multipart/form-data; boundary=B"))
        if type(found) is dict:
            assert found["field_count"] == len(found["fields"])
        else:
            assert str(found).startswith("multipart_parse: ")


@pytest.mark.parametrize("codec", ["gzip", "zstd", "brotli"])
@settings(deadline=None)
@given(data=st.binary(max_size=2_000) | st.binary(max_size=4).map(lambda part: part * 20_000))
def test_compressed_bytes_come_back(codec: str, data: bytes) -> None:
    packed = waited(f"{codec}_encode", data, 1)
    assert waited(f"{codec}_decode", packed) == data


@pytest.mark.parametrize("codec", ["gzip", "zstd", "brotli"])
@settings(deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_decompressed_or_refused(codec: str, data: bytes) -> None:
    found = outcome(lambda: waited(f"{codec}_decode", data))
    assert type(found) is bytes or str(found).startswith(f"{codec}_decode: ")


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text("ab .\\\u00e9\U0001f600", min_size=1, max_size=120),
        st.binary(max_size=100),
        max_size=4,
    )
)
def test_archives_come_back(files: dict[str, bytes]) -> None:
    entries: list[object] = [{"path": path, "content": content} for path, content in files.items()]
    found = waited("tar_extract", waited("tar_create", entries))
    assert found == [{**each, "mode": 0o644} for each in entries if isinstance(each, dict)]
    assert waited("zip_extract", waited("zip_create", entries)) == entries


@pytest.mark.parametrize("name", ["tar_extract", "zip_extract"])
@settings(deadline=None)
@given(data=st.binary(max_size=600), cut=st.integers(0, 400))
def test_any_bytes_are_extracted_or_refused(name: str, data: bytes, cut: int) -> None:
    good = waited(name.replace("extract", "create"), [{"path": "a", "content": data[:100]}])
    for archive in (data, good[:cut] + data + good[cut:], good[:cut]):
        found = outcome(partial(waited, name, archive))
        assert type(found) is list or str(found).startswith(f"{name}: ")


# --- what is made from little -------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["gzip", "zstd", "brotli"])
def test_a_bomb_is_not_unpacked(codec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = waited(f"{codec}_encode", bytes(300_000))
    monkeypatch.setattr(caps, "TEXT_LENGTH", 100_000)
    text = f"Runtime error: {codec}_decode: decompressed data is too long: more than 100000 bytes"
    assert waited_problem(f"{codec}_decode", bomb) == (RuntimeFault, text)


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_bomb_in_an_archive_is_not_unpacked(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [{"path": str(number), "content": bytes(40_000)} for number in range(3)]
    bomb = waited(f"{kind}_create", files)
    monkeypatch.setattr(caps, "TEXT_LENGTH", 100_000)
    text = f"Runtime error: {kind}_extract: extracted data is too long: more than 100000 bytes"
    assert waited_problem(f"{kind}_extract", bomb) == (RuntimeFault, text)


@pytest.mark.parametrize(
    ("name", "module"), [("zstd_encode", "zstandard"), ("brotli_decode", "brotli"), ("brotli_encode", "brotli")]
)
def test_a_codec_that_is_not_installed(name: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    without_module(monkeypatch, module)
    text = f"Runtime error: {name} needs an optional package that is not installed: pip install harnlet[compression]"
    assert waited_problem(name, b"x") == (RuntimeFault, text)


def test_entities_are_not_expanded() -> None:
    levels = "".join(f'<!ENTITY e{n + 1} "&e{n};&e{n};">' for n in range(40))
    report = f'<!DOCTYPE x [<!ENTITY e0 "ha">{levels}]><testsuite><testcase name="&e40;"/></testsuite>'
    assert call("parse_junit_xml", report) == []


def test_a_secret_is_needed() -> None:
    for name in ("cookie_sign", "session_sign", "cookie_verify", "session_verify"):
        assert problem(name, "x.y") == (RuntimeFault, "Runtime error: cookie: secret must not be empty")
