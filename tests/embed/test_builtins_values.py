"""Builtins of types, results, numbers (docs/builtins.md#types-conversion-result, #math-and-random)."""

import math
from random import Random

import pytest

from embed.values_support import (
    BUILTINS,
    Duration,
    FakeRun,
    Pair,
    Range,
    RuntimeFault,
    Thrown,
    TypeFault,
    call,
    display,
    err,
    fails,
    make_set,
    ok,
    random_of_run,
    shown,
)
from harnlet.runtime import caps


def f(*_: object) -> object:
    """f()"""
    return None


TABLE: list[tuple[str, tuple[object, ...], str]] = [
    ("type_of", (1,), "int"),
    ("type_of", (), "nil"),
    ("to_string", ([1, "a"],), "[1, a]"),
    ("to_int", (5,), "5"),
    ("to_int", (3.7,), "3"),
    ("to_int", (-3.7,), "-3"),
    ("to_int", (math.inf,), "nil"),
    ("to_int", (math.nan,), "nil"),
    ("to_int", ("12",), "12"),
    ("to_int", ("+12",), "12"),
    ("to_int", ("-0012",), "-12"),
    ("to_int", ("000",), "0"),
    ("to_int", (" 12",), "nil"),
    ("to_int", ("1_2",), "nil"),
    ("to_int", ("٣",), "nil"),
    ("to_int", ("3.7",), "nil"),
    ("to_int", ("",), "nil"),
    ("to_int", ("-",), "nil"),
    ("to_int", (True,), "nil"),
    ("to_int", ("9223372036854775808",), "9223372036854775808"),
    ("to_float", (5,), "5.0"),
    ("to_float", ("1e3",), "1000.0"),
    ("to_float", (".5",), "0.5"),
    ("to_float", ("5.",), "5.0"),
    ("to_float", ("-inf",), "-inf"),
    ("to_float", ("NaN",), "NaN"),
    ("to_float", (" 1",), "nil"),
    ("to_float", ("1_0",), "nil"),
    ("to_float", ("0x1p3",), "nil"),
    ("to_float", (".",), "nil"),
    ("to_float", (True,), "nil"),
    ("to_float", (10**400,), "inf"),
    ("to_list", ([1],), "[1]"),
    ("to_list", (make_set([2, 1]),), "[2, 1]"),
    ("to_list", ("ab",), "[ab]"),
    ("to_list", (), "[nil]"),
    ("len", ("hé",), "2"),
    ("len", (b"abc",), "3"),
    ("len", ([1, 2],), "2"),
    ("len", ({"a": 1},), "1"),
    ("len", (make_set([1]),), "1"),
    ("len", (Range(1, 5),), "5"),
    ("len", (5,), "0"),
    ("len", (), "0"),
    ("len", (f,), "0"),
    ("keys", ({"b": 1, "a": 2},), "[a, b]"),
    ("keys", (5,), "[]"),
    ("values", ({"b": 1, "a": 2},), "[2, 1]"),
    ("entries", ({"b": 1},), "[{key: b, value: 1}]"),
    ("entries", ([],), "[]"),
    ("is_same", ("a", "a"), "true"),
    ("is_same", ([1], [1]), "false"),
    ("is_same", (f, f), "true"),
    ("is_same", (1, 1.0), "true"),
    ("addr_of", (42,), "int@42"),
    ("addr_of", (Pair(1, 2),), "pair@(1, 2)"),
    ("addr_of", (BUILTINS["len"],), "builtin@len"),
    ("Ok", (1,), "Result.Ok(1)"),
    ("Err", ("x",), "Result.Err(x)"),
    ("Ok", (), "Result.Ok(nil)"),
    ("is_ok", (ok(1),), "true"),
    ("is_ok", (err(1),), "false"),
    ("is_err", (err(1),), "true"),
    ("is_err", (5,), "false"),
    ("unwrap", (ok(1),), "1"),
    ("unwrap", (5,), "5"),
    ("unwrap_or", (err(1), 9), "9"),
    ("unwrap_or", (ok(1), 9), "1"),
    ("unwrap_or", (5, 9), "5"),
    ("unwrap_err", (err("x"),), "x"),
    ("abs", (-5,), "5"),
    ("abs", (-5.5,), "5.5"),
    ("abs", (-(2**63),), "9223372036854775808"),
    ("abs", ("x",), "nil"),
    ("abs", (True,), "nil"),
    ("min", (2, 1), "1"),
    ("min", (1, 2.0), "1.0"),
    ("max", (1, 2), "2"),
    ("max", (1.5, 1), "1.5"),
    ("max", (math.nan, 1), "1.0"),
    ("min", (1, math.nan), "1.0"),
    ("min", (1, "a"), "nil"),
    ("min", (1,), "nil"),
    ("floor", (-1.5,), "-2"),
    ("floor", (1.5,), "1"),
    ("floor", (5,), "5"),
    ("floor", ("a",), "nil"),
    ("ceil", (1.2,), "2"),
    ("ceil", (-1.2,), "-1"),
    ("ceil", (2.0,), "2"),
    ("round", (2.5,), "3"),
    ("round", (-2.5,), "-3"),
    ("round", (0.49999999999999994,), "0"),
    ("round", (1e20,), "100000000000000000000"),
    ("sqrt", (16,), "4.0"),
    ("sqrt", (-1,), "NaN"),
    ("sqrt", ("a",), "nil"),
    ("sin", (0,), "0.0"),
    ("sin", (math.inf,), "NaN"),
    ("cos", (0,), "1.0"),
    ("tan", (0,), "0.0"),
    ("asin", (2,), "NaN"),
    ("acos", (1,), "0.0"),
    ("atan", (0,), "0.0"),
    ("atan2", (0, 1), "0.0"),
    ("atan2", (0,), "nil"),
    ("exp", (0,), "1.0"),
    ("exp", (10000,), "inf"),
    ("ln", (1,), "0.0"),
    ("ln", (0,), "-inf"),
    ("ln", (-1,), "NaN"),
    ("ln", (None,), "nil"),
    ("log2", (2**1000,), "1000.0"),
    ("log10", (10**400,), "400.0"),
    ("pow", (2, 10), "1024"),
    ("pow", (2, -1), "0.5"),
    ("pow", (2, 64), "18446744073709551616"),
    ("pow", (2.0, 3), "8.0"),
    ("pow", ("a", 1), "nil"),
    ("sign", (-5,), "-1"),
    ("sign", (0.0,), "0"),
    ("sign", (2.5,), "1"),
    ("sign", (math.nan,), "NaN"),
    ("sign", ("a",), "nil"),
    ("is_nan", (math.nan,), "true"),
    ("is_nan", (1,), "false"),
    ("is_infinite", (-math.inf,), "true"),
    ("is_infinite", (1,), "false"),
    ("range", (3,), "0 to 3 exclusive"),
    ("range", (1, 3), "1 to 3 exclusive"),
    ("mean", ([1, 2],), "1.5"),
    ("mean", ([],), "0.0"),
    ("median", ([3, 1, 2],), "2.0"),
    ("median", ([4, 1, 2, 3],), "2.5"),
    ("variance", ([1, 2, 3, 4],), "1.25"),
    ("variance", ([1, 2, 3], True), "1.0"),
    ("stddev", ([2, 4, 4, 4, 5, 5, 7, 9],), "2.0"),
    ("percentile", ([1, 2, 3, 4], 50), "2.5"),
    ("percentile", ([4, 3, 2, 1], 100), "4.0"),
    ("percentile", ([1, 2, 3, 4], 25), "1.75"),
    ("percentile", ([7], 0), "7.0"),
    ("error_category", ({"category": "auth"},), "auth"),
    ("error_category", ({"category": "odd"},), "generic"),
    ("error_category", ({},), "generic"),
    ("error_category", (5,), "generic"),
    ("error_category", ("HTTP 429 too many",), "rate_limit"),
    ("error_category", ("code 418, then 503",), "overloaded"),
    ("error_category", ("x4290",), "generic"),
    ("error_category", ("401",), "auth"),
    ("error_category", ("410 gone",), "not_found"),
    ("error_category", ("522",), "timeout"),
    ("error_category", ("500",), "server_error"),
    ("error_category", ("Deadline exceeded",), "timeout"),
    ("error_category", ("deadline exceeded",), "generic"),
    ("error_category", ("an overloaded_error",), "overloaded"),
    ("error_category", ("api_error",), "server_error"),
    ("error_category", ("insufficient_quota",), "rate_limit"),
    ("error_category", ("invalid_api_key",), "auth"),
    ("error_category", ("model_not_found",), "not_found"),
    ("error_category", ("circuit_open",), "circuit_open"),
    ("error_category", ("Connection RESET by peer",), "transient_network"),
    ("error_category", ("boom",), "generic"),
    ("is_timeout", ("Deadline exceeded",), "true"),
    ("is_timeout", (5,), "false"),
    ("is_rate_limited", ({"category": "rate_limit"},), "true"),
    ("is_rate_limited", ("x",), "false"),
]


@pytest.mark.parametrize(("name", "args", "text"), TABLE)
def test_results(name: str, args: tuple[object, ...], text: str) -> None:
    assert shown(name, *args) == text


FAULTS: list[tuple[str, tuple[object, ...], type[TypeFault] | type[RuntimeFault], str]] = [
    ("unwrap", (err("x"),), RuntimeFault, "unwrap called on Err: x"),
    ("unwrap_err", (ok(1),), RuntimeFault, "unwrap_err called on non-Err"),
    ("unwrap_err", (5,), RuntimeFault, "unwrap_err called on non-Err"),
    ("unreachable", (), RuntimeFault, "unreachable code was reached"),
    ("unreachable", ([1],), RuntimeFault, "unreachable code was reached: [1]"),
    ("floor", (math.inf,), RuntimeFault, "cannot convert non-finite float to int"),
    ("ceil", (math.nan,), RuntimeFault, "cannot convert non-finite float to int"),
    ("round", (-math.inf,), RuntimeFault, "cannot convert non-finite float to int"),
    ("range", ("a",), TypeFault, "range(n): expected integer argument"),
    ("range", (1, 2.0), TypeFault, "range(a, b): expected integer arguments"),
    ("range", (), TypeFault, "range expects 1 or 2 integer arguments, got 0"),
    ("range", (1, 2, 3), TypeFault, "range expects 1 or 2 integer arguments, got 3"),
    ("mean", (5,), TypeFault, "mean: items must be a list"),
    ("mean", (["a"],), TypeFault, "mean must be numeric"),
    ("mean", ([True],), TypeFault, "mean must be numeric"),
    ("median", ([],), RuntimeFault, "median: items must not be empty"),
    ("stddev", ([],), RuntimeFault, "stddev: items must not be empty"),
    ("variance", ([1], True), RuntimeFault, "sample variance requires at least 2 values"),
    ("percentile", ([1], 101), RuntimeFault, "percentile must be between 0 and 100"),
    ("percentile", ([1], math.nan), RuntimeFault, "percentile must be between 0 and 100"),
    ("percentile", ([1], "a"), TypeFault, "percentile must be numeric"),
    ("rng_seed", ("a",), TypeFault, "rng_seed(seed): seed must be an integer"),
    ("random_int", ("a", 2), TypeFault, "random_int: min must be an integer"),
    ("random_int", (1,), TypeFault, "random_int: max must be an integer"),
    (
        "to_int",
        ("9" * 30_000,),
        RuntimeFault,
        f"integer is too large: more than {caps.INTEGER_BITS} bits",
    ),
    (
        "pow",
        (10, 10**9),
        RuntimeFault,
        f"integer is too large: more than {caps.INTEGER_BITS} bits",
    ),
]


@pytest.mark.parametrize(("name", "args", "kind", "text"), FAULTS)
def test_faults(
    name: str, args: tuple[object, ...], kind: type[TypeFault] | type[RuntimeFault], text: str
) -> None:
    fails(kind, text, call, name, *args)


def test_a_long_int_is_read_and_shown_again() -> None:
    text = "-" + "1234567890" * 900
    assert shown("to_int", text) == text
    assert call("to_int", text) == -sum(1234567890 * 10 ** (10 * place) for place in range(900))


def test_throw_error() -> None:
    fails(Thrown, {"category": "auth", "message": "no"}, call, "throw_error", "no", "auth")
    fails(Thrown, {"category": "generic", "message": "5"}, call, "throw_error", 5)
    fails(Thrown, {"category": "generic", "message": "x"}, call, "throw_error", "x", "odd")


def test_addresses_tell_objects_apart_without_giving_them_away() -> None:
    one: list[object] = [1]
    other: list[object] = [1]
    assert shown("addr_of", one) == shown("addr_of", one)
    assert shown("addr_of", one) != shown("addr_of", other)
    assert shown("addr_of", one).startswith("list@0x")
    assert f"{id(one):x}" not in shown("addr_of", one)
    assert shown("addr_of", f).startswith("closure@0x")
    assert shown("addr_of", Duration(5)) == "duration@5ms"


# --- random -------------------------------------------------------------------------------------


def _three(run: FakeRun, name: str, *args: object) -> str:
    return display([run.call(name, *args) for _ in range(3)])


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("random", ()),
        ("random_int", (1, 10**6)),
        ("random_choice", ([1, 2, 3, 4],)),
        ("random_shuffle", ([1, 2, 3, 4, 5],)),
    ],
)
def test_the_same_seed_gives_the_same_numbers(name: str, args: tuple[object, ...]) -> None:
    run = FakeRun()
    first, second = run.call("rng_seed", 7), run.call("rng_seed", 7)
    assert _three(run, name, first, *args) == _three(run, name, second, *args)
    runs = FakeRun(), FakeRun()
    for each in runs:
        each.states[random_of_run] = Random(3)
    assert _three(runs[0], name, *args) == _three(runs[1], name, *args)


def test_random_numbers_stay_within_bounds() -> None:
    run = FakeRun()
    rng = run.call("rng_seed", 1)
    assert display(rng) == "<rng>"
    assert {run.call("random_int", rng, 1, 3) for _ in range(200)} == {1, 2, 3}
    assert {run.call("random_choice", rng, ["a", "b"]) for _ in range(100)} == {"a", "b"}
    assert all(0 <= run.call("random", rng) < 1 for _ in range(100))
    assert run.call("random_int", 5, 5) == 5
    assert run.call("random_int", 6, 5) is None
    assert run.call("random_choice", []) is None
    assert run.call("random_choice", rng, "abc") is None
    items = [1, 2, 3]
    assert sorted(run.call("random_shuffle", rng, items)) == items
    assert run.call("random_shuffle", 5) == []
    assert items == [1, 2, 3]


def test_no_builtin_complains_about_missing_or_surplus_arguments() -> None:
    from harnlet.errors.faults import Fault

    for each in BUILTINS.values():
        if each.effect != "pure":
            continue
        for args in ((), (None,) * 3, (1,) * 9, ("x",) * 9, ([1],) * 9):
            try:
                each.bind(FakeRun())(*args)
            except Fault:
                continue
