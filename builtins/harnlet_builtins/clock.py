"""The clock that scripts see: time, timers, and a mocked clock for tests. Rules: docs/builtins.md#clock."""

import time

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.session.clock import SystemClock

_LOADED_MS = time.monotonic() * 1000.0
"""Our idea of when the process began; `elapsed` counts from here. Other clocks count for themselves."""
_FIRST_MS = -62_135_596_800_000
_LAST_MS = 253_402_300_799_999
"""The years 1 to 9999: what a date can say. A mocked clock stays in them."""


class Mock:
    """The mocked clock of a run: what `mock_time` has pinned, None while the clock is the real one."""

    def __init__(self) -> None:
        self.wall_ms: int | None = None
        self.monotonic_ms = 0

    def advance(self, milliseconds: int) -> bool:
        """Move a mocked clock on; whether it is mocked."""
        if self.wall_ms is None:
            return False
        self.wall_ms = min(max(self.wall_ms + milliseconds, _FIRST_MS), _LAST_MS)
        self.monotonic_ms += milliseconds
        return True


def wall_ms(rt: Context) -> int:
    """Milliseconds since 1970, as scripts see them."""
    mocked = rt.state(Mock).wall_ms
    return rt.clock.wall_ms() if mocked is None else mocked


def _real_monotonic_ms(rt: Context) -> int:
    since = _LOADED_MS if isinstance(rt.clock, SystemClock) else 0.0
    return int(rt.clock.monotonic_ms() - since)


@builtin("timestamp()", section="12.2", context=True)
def timestamp(rt: Context) -> float:
    """Seconds since 1970, down to the millisecond."""
    return wall_ms(rt) / 1000


@builtin("now_ms()", section="12.2", context=True)
def now_ms(rt: Context) -> int:
    """Milliseconds since 1970."""
    return wall_ms(rt)


@builtin("monotonic_ms()", section="12.2", context=True)
def monotonic_ms(rt: Context) -> int:
    """Milliseconds since the process began; never goes back."""
    mock = rt.state(Mock)
    return _real_monotonic_ms(rt) if mock.wall_ms is None else mock.monotonic_ms


@builtin("elapsed()", section="12.2", context=True)
def elapsed(rt: Context) -> int:
    """The same as `monotonic_ms`."""
    mock = rt.state(Mock)
    return _real_monotonic_ms(rt) if mock.wall_ms is None else mock.monotonic_ms


@builtin("mock_time(ms)", section="12.2", context=True)
def mock_time(rt: Context, ms: object = None) -> None:
    """Pins the wall clock to milliseconds since 1970, and the monotonic one to 0."""
    if type(ms) is not int:
        raise Thrown("mock_time(ms): expected an integer millisecond timestamp")
    if not _FIRST_MS <= ms <= _LAST_MS:
        raise Thrown("mock_time(ms): timestamp out of range")
    mock = rt.state(Mock)
    mock.wall_ms, mock.monotonic_ms = ms, 0


@builtin("advance_time(ms)", section="12.2", context=True)
def advance_time(rt: Context, ms: object = None) -> int:
    """Moves the mocked clock on by milliseconds; what `now_ms` says then."""
    mock = rt.state(Mock)
    if mock.wall_ms is None:
        raise Thrown("advance_time: no mock active. Call mock_time(ms) first.")
    if type(ms) is not int:
        raise Thrown("advance_time(ms): expected an integer number of milliseconds")
    if not _FIRST_MS <= mock.wall_ms + ms <= _LAST_MS:
        raise Thrown("advance_time(ms): timestamp out of range")
    mock.advance(ms)
    return mock.wall_ms


@builtin("unmock_time()", section="12.2", context=True)
def unmock_time(rt: Context) -> None:
    """Back to the real clock."""
    rt.state(Mock).wall_ms = None


@builtin('timer_start(name = "default")', section="12.2", context=True)
def timer_start(rt: Context, name: object = "default") -> dict[str, object]:
    """A timer that runs from now on, by the real clock: `{name, start_ms}`."""
    return {"name": display(name), "start_ms": _real_monotonic_ms(rt)}


@builtin("timer_end(timer)", section="12.2", context=True)
def timer_end(rt: Context, timer: object = None) -> int:
    """Prints how many milliseconds a timer has run, and gives that number."""
    start = timer.get("start_ms") if type(timer) is dict else None
    if type(timer) is not dict or type(start) is not int:
        raise Thrown("timer_end: argument must be a timer dict from timer_start")
    passed = _real_monotonic_ms(rt) - start
    rt.write(f"[timer] {display(timer.get('name', 'default'))}: {passed}ms\n")
    return passed
