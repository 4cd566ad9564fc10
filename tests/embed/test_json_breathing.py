"""Large JSON and CSV come to safe points while they are read and written (docs/architecture.md#safe-points)."""

from collections.abc import Iterator

import pytest

from embed.builtins_support import Thrown, call, problem
from harnlet.runtime import caps
from harnlet.runtime.breath import SAFE_POINT
from harnlet_builtins import json_large, json_pieces, json_problems, json_reader

ROW = {"id": 1, "name": "user \U0001d11e", "tags": ["a", "b"], "score": 2.5}
ROWS = [{**ROW, "id": n} for n in range(3_000)]
MANY = {"rows": ROWS, **{f"key {n}": [n, {"n": n}] for n in range(3_000)}}
DEEP = '{"a":[' * 100 + ",".join(["[1,2]"] * 10_000) + "]}" * 100
TEXT = call("json_stringify", MANY)
QUOTED = '"a ""b""",c\n' * 100_000


class Stop(Exception):
    """Somebody wants the script's attention."""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The safe points that were come to, where pieces are small."""
    found: list[int] = []
    monkeypatch.setattr(json_reader, "AT_ONCE", 10_000)
    monkeypatch.setattr(json_large, "PIECE", 10_000)
    monkeypatch.setattr(json_pieces, "MOST", 10_000)
    monkeypatch.setattr(json_problems, "_BREATH", 2_000)

    def look(steps: int) -> None:
        found.append(steps)

    token = SAFE_POINT.set(look)
    yield found
    SAFE_POINT.reset(token)


LARGE: dict[str, tuple[str, object]] = {
    "rows are written": ("json_stringify", {**MANY, "rows": ROWS * 10}),
    "rows are read": ("json_parse", TEXT),
    "what is deep is read": ("json_parse", DEEP),
    "numbers are read": ("json_parse", "[" + "1," * 60_000 + "1]"),
    "surrogates are looked at": ("json_parse", r'["' + r"\ud834\udd1e" * 30_000 + '"]'),
    "JSON is found in prose": ("json_extract", f"Here: {TEXT} and more"),
    "rows of CSV are split": ("csv_parse", "a,b\n" * 30_000),
    "cells of CSV are read": ("csv_parse", QUOTED),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_data_breathes(name: str, looks: list[int]) -> None:
    call(*LARGE[name])
    assert len(looks) >= 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TEXT[:-1], "EOF while parsing an object at line 1 column "),
        (TEXT[:-2] + "}", "expected `,` or `]` at line 1 column "),
        (DEEP.replace("]}", "]", 1), "expected `,` or `}` at line 1 column "),
        ("[" * 100_000, "recursion limit exceeded"),
    ],
)
def test_what_is_wrong_in_a_large_text_is_found_with_safe_points(
    text: str, message: str, looks: list[int]
) -> None:
    kind, found = problem("json_parse", text)
    assert kind is Thrown
    assert str(found).startswith(f"JSON parse error: {message}")
    assert len(looks) >= 7


def test_a_safe_point_may_end_it(looks: list[int]) -> None:
    def stop(steps: int) -> None:
        raise Stop

    token = SAFE_POINT.set(stop)
    try:
        for name, value in LARGE.values():
            with pytest.raises(Stop):
                call(name, value)
    finally:
        SAFE_POINT.reset(token)


def test_what_was_written_is_read(looks: list[int]) -> None:
    assert call("json_parse", TEXT) == MANY


def test_equal_keys_of_a_large_list_are_one_string(looks: list[int]) -> None:
    found = call("json_parse", call("json_stringify", ROWS))
    assert found == ROWS
    keys = {id(key) for row in found for key in row}
    assert len(keys) < len(ROWS)


def test_large_lists_are_held_against_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "ITEMS", 10_000)
    monkeypatch.setattr(caps, "_small_items", 10_000)
    monkeypatch.setattr(json_reader, "AT_ONCE", 10_000)
    monkeypatch.setattr(json_large, "PIECE", 10_000)
    for element in ('{"a":1}', "1", '1,{"b":[2,3]}'):
        kind, found = problem("json_parse", f"[{','.join([element] * 30_000)}]")
        assert kind.__name__ == "RuntimeFault"
        assert found == "Runtime error: collection is too large: more than 10000 elements"
