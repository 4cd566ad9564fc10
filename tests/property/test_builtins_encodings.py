"""Encodings, URLs and dates against what Python says of the same (docs/builtins.md#text-encodings)."""

import base64
import fnmatch
import urllib.parse
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embed.builtins_support import Thrown, call
from harnlet_builtins.base_encodings import EncodingError, base64_bytes
from harnlet_builtins.file_patterns import FilePattern
from harnlet_builtins.url_parser import UrlError, parse_url

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_bytes_as_text(data: bytes) -> None:
    assert call("base64_encode", data) == base64.b64encode(data).decode()
    assert call("base64url_encode", data) == base64.urlsafe_b64encode(data).decode().rstrip("=")
    assert call("base32_encode", data) == base64.b32encode(data).decode()
    assert call("hex_encode", data) == call("bytes_to_hex", data) == data.hex()
    assert call("bytes_from_base64", call("bytes_to_base64", data)) == data
    assert call("bytes_from_hex", call("bytes_to_hex", data)) == data
    assert base64_bytes(call("base64url_encode", data), url=True) == data


@settings(deadline=None)
@given(TEXTS)
def test_text_through_every_encoding(text: str) -> None:
    for codec in ("base64", "base64url", "base32", "hex", "url"):
        assert call(f"{codec}_decode", call(f"{codec}_encode", text)) == text
    assert call("bytes_to_string", call("bytes_from_string", text)) == text


@settings(deadline=None)
@given(st.text(st.sampled_from("AZaz09+/-_=!\n"), max_size=9))
def test_what_decodes_encodes_to_the_same(text: str) -> None:
    try:
        data = base64_bytes(text)
    except EncodingError:
        return
    assert base64.b64encode(data).decode() == text


@settings(deadline=None)
@given(TEXTS)
def test_percent_encoding(text: str) -> None:
    assert call("url_encode", text) == urllib.parse.quote(text, safe="-._~")
    assert call("url_decode", text) == urllib.parse.unquote_plus(text)


@settings(deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_queries(pairs: list[tuple[str, str]]) -> None:
    dicts = [{"key": key, "value": value} for key, value in pairs]
    text = call("query_stringify", dicts)
    assert call("query_parse", text) == call("query_parse", "?" + text) == dicts
    assert urllib.parse.parse_qsl(text, keep_blank_values=True) == pairs


@settings(deadline=None)
@given(st.text(st.sampled_from("htp:/\\?#@[]%2e.a1 é:"), max_size=20))
def test_normal_forms_of_urls_are_normal(tail: str) -> None:
    try:
        first = parse_url("http://h" + tail).text()
    except UrlError:
        return
    assert parse_url(first).text() == first
    assert call("url_build", call("url_parse", first)) == first


MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))


@settings(deadline=None)
@given(MOMENTS)
def test_dates(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    seconds = (whole - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert call("date_parse", whole.isoformat()) == seconds
    assert call("date_to_zone", seconds, "UTC") == whole.isoformat()
    for code in "YmdeaAbBjHIMSpwuUWGVyDFTRc":
        if code not in "YGFc" or moment.year > 999:
            wanted = whole.strftime(f"%{code}")
            assert call("date_format", seconds, f"%{code}") == wanted
    parts = {name: getattr(whole, name) for name in ("year", "month", "day", "hour", "minute", "second")}
    assert call("date_from_components", parts) == seconds


@settings(deadline=None)
@given(
    MOMENTS, st.sampled_from(["America/New_York", "Europe/London", "Asia/Kathmandu", "Australia/Lord_Howe"])
)
def test_zones(moment: datetime, zone: str) -> None:
    whole = moment.replace(microsecond=0)
    seconds = call("date_parse", whole.isoformat())
    local = call("date_in_zone", seconds, zone)
    assert call("date_parse", local["iso8601"][:-6]) == seconds + local["offset_seconds"]
    assert local["timestamp"] == seconds
    parts = {name: local[name] for name in ("year", "month", "day", "hour", "minute", "second")}
    try:
        again = call("date_from_components", parts, zone)
    except Thrown:
        pytest.fail("a time that clocks showed must exist")
    # A time that clocks show twice is the earlier one.
    assert again in (seconds, seconds - 3_600, seconds - 1_800)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab*?/"), max_size=8), st.text(st.sampled_from("ab/"), max_size=8))
def test_file_patterns(pattern: str, path: str) -> None:
    if "**/" not in pattern:
        assert FilePattern(pattern).matches(path) is fnmatch.fnmatchcase(path, pattern)
