"""Builtins that get anything end with a value or with an error that a script can catch
(docs/builtins.md#how-to-read-this-document)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harnlet import Interpreter

VALUES = (
    "nil", "true", "-1", "0", "3", "10 ** 30", "1.5", 'to_float("nan")', 'to_float("inf")', '""', '"abc"',
    '"a/../b"', '"é😀"', "[]", '[1, "a", nil]', "[[1]]", "{}", "{a: 1}", '{type: "int"}', "set()", "set(1)",
    "pair(1, 2)", "1 to 3", "range(0)", "5s", "0ms - 1h", "Ok(1)", 'Err("x")', "len", "{ x -> x }", "iter([1])",
    'bytes_from_hex("ff00")', 'channel("c")', "atomic(1)", "rng_seed(1)",
)  # fmt: skip
OTHERS = frozenset({"exit", "select"})
"""`exit` ends the run, `select` is a keyword."""
PREFIXES = ("http", "sse", "websocket")
NAMES = sorted(
    name
    for name, each in Interpreter().builtins().items()
    if each.section != "25" and name not in OTHERS and not name.startswith(PREFIXES)
)


@pytest.mark.timeout(300)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.lists(st.sampled_from(VALUES), max_size=4)), max_size=8))
def test_no_arguments_are_a_bug(calls: list[tuple[str, list[str]]]) -> None:
    attempts = [
        f"try {{ deadline 50ms {{ to_string({name}({', '.join(arguments)})) }} }} catch e {{ to_string(e) }}"
        for name, arguments in calls
    ]
    told = Interpreter(output=lambda text: None).run_sync("return [" + ", ".join(attempts) + "]")
    assert [type(each) for each in told] == [str] * len(calls)
