"""The clock, mocked and real, and assertions (docs/builtins.md#clock, docs/builtins.md#testing-helpers)."""

import pytest

from embed.builtins_support import Duration, Fault, Run, Thrown, problem
from harnlet import Interpreter
from harnlet.session.clock import SystemClock


def test_the_real_clock() -> None:
    run = Run(now=1_234_567)
    assert (run.call("now_ms"), run.call("timestamp")) == (1_234_567, 1_234.567)
    assert run.call("elapsed") == run.call("monotonic_ms") == 1_234_567


def test_elapsed_counts_from_the_start_of_the_process() -> None:
    run = Run()
    run.clock = SystemClock()  # type: ignore[assignment]
    first = run.call("elapsed")
    assert type(first) is int
    # The system's own monotonic clock may count from long before.
    assert 0 <= first <= run.call("monotonic_ms") < 3_600_000


async def test_the_mocked_clock() -> None:
    run = Run(now=1_000)
    assert run.call("mock_time", 50_000) is None
    assert (run.call("now_ms"), run.call("timestamp"), run.call("elapsed")) == (50_000, 50.0, 0)
    assert run.call("advance_time", 250) == 50_250
    run.clock.now = 9_000
    assert (run.call("now_ms"), run.call("monotonic_ms")) == (50_250, 250)
    assert await run.system("sleep_ms", 50) is None
    assert await run.system("sleep_ms", Duration(1_000)) is None
    assert (run.call("now_ms"), run.clock.slept) == (51_300, [])
    await run.system("sleep", 70)
    assert (run.call("now_ms"), run.clock.slept) == (51_300, [70])
    run.call("mock_time", 1)
    assert (run.call("now_ms"), run.call("elapsed")) == (1, 0)
    assert run.call("unmock_time") is None
    assert (run.call("now_ms"), run.call("elapsed")) == (9_000, 9_000)
    await run.system("sleep_ms", 80)
    assert run.clock.slept == [70, 80]


def test_runs_have_clocks_of_their_own() -> None:
    run, other = Run(now=5), Run(now=6)
    run.call("mock_time", 0)
    assert (run.call("now_ms"), other.call("now_ms")) == (0, 6)


def test_clock_refuses() -> None:
    told = "mock_time(ms): expected an integer millisecond timestamp"
    for value in (None, "1", 1.5, True):
        assert problem("mock_time", value) == (Thrown, told)
    assert problem("advance_time", 5) == (Thrown, "advance_time: no mock active. Call mock_time(ms) first.")
    run = Run()
    run.call("mock_time", 0)
    with pytest.raises(Thrown) as caught:
        run.call("advance_time", "5")
    assert caught.value.value == "advance_time(ms): expected an integer number of milliseconds"


def test_timers_use_the_real_clock() -> None:
    run = Run(now=100)
    run.call("mock_time", 7)
    timer = run.call("timer_start", "load")
    assert timer == {"name": "load", "start_ms": 100}
    run.clock.now = 142
    assert run.call("timer_end", timer) == 42
    assert run.call("timer_end", run.call("timer_start")) == 0
    assert run.output == "[timer] load: 42ms\n[timer] default: 0ms\n"


@pytest.mark.parametrize("value", [None, 5, {}, {"name": "x", "start_ms": "1"}])
def test_timer_end_refuses(value: object) -> None:
    assert problem("timer_end", value) == (
        Thrown,
        "timer_end: argument must be a timer dict from timer_start",
    )


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("assert", (1,)),
        ("assert", ([0], "no")),
        ("assert_eq", (1, 1.0)),
        ("assert_eq", ([1, {"a": Duration(5)}], [1, {"a": Duration(5)}])),
        ("assert_ne", (1, True)),
        ("assert_ne", (float("nan"), float("nan"))),
        ("assert_eq", (None, None)),
    ],
)
def test_assertions_hold(name: str, args: tuple[object, ...]) -> None:
    assert Run().call(name, *args) is None


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("assert", (), "Assertion failed"),
        ("assert", (0,), "Assertion failed"),
        ("assert", (Duration(0), "too short"), "too short"),
        ("assert", ([], ["x"]), "[x]"),
        ("assert_eq", ("a", ["b"]), "Assertion failed: expected [b], got a"),
        ("assert_eq", (1, "1", "sizes"), "sizes"),
        ("assert_ne", (1, 1.0), "Assertion failed: values should not be equal: 1"),
        ("assert_ne", (1, 1, "same"), "same"),
        ("assert_eq", (1,), "assert_eq requires at least 2 arguments"),
        ("assert_ne", (), "assert_ne requires at least 2 arguments"),
    ],
)
def test_assertions_fail(name: str, args: tuple[object, ...], message: str) -> None:
    found: tuple[type[Fault], object] = problem(name, *args)
    assert found == (Thrown, message)


def test_a_mocked_clock_stays_in_the_years_of_dates() -> None:
    source = """
    let said = [try { mock_time(9223372036854775807) }, try { mock_time(0 - 10 ** 400) }]
    mock_time(253402300799999)
    log_info("last")
    println(try { advance_time(1) })
    println(date_now().year)
    mock_time(-62135596800000)
    log_info("first")
    println(try { advance_time(0 - 1) })
    println(timestamp() < 0)
    return said
    """
    printed: list[str] = []
    said = Interpreter(output=printed.append).run_sync(source)
    assert [each["fields"] for each in said] == [["mock_time(ms): timestamp out of range"]] * 2
    text = "".join(printed)
    assert '"ts":"9999-12-31T23:59:59.999Z"' in text
    assert '"ts":"0001-01-01T00:00:00.000Z"' in text
    assert text.count("advance_time(ms): timestamp out of range") == 2
    assert text.endswith("true\n")
