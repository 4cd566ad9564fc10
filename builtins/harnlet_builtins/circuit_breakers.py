"""Circuit breakers: stop calling what keeps failing (docs/builtins.md#circuit-breakers-and-rate-limits)."""

from typing import Any, final

from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.sched.times import milliseconds
from harnlet_builtins.clock import Mock

_THRESHOLD = 5
_RESET_MS = 30_000


@final
class _Breaker:
    """Counts failures; opens at `threshold` of them, lets one try again after `reset_ms`."""

    __slots__ = ("failures", "opened_ms", "reset_ms", "threshold")

    def __init__(self, threshold: int, reset_ms: int) -> None:
        self.threshold = threshold
        self.reset_ms = reset_ms
        self.failures = 0
        self.opened_ms: float | None = None

    def state(self, now_ms: float) -> str:
        if self.opened_ms is None:
            return "closed"
        return "half_open" if now_ms - self.opened_ms >= self.reset_ms else "open"

    def fail(self, now_ms: float) -> bool:
        """Count a failure; whether it opens the breaker. While half open the first one does."""
        self.failures += 1
        state = self.state(now_ms)
        if state == "open" or (state == "closed" and self.failures < self.threshold):
            return False
        self.opened_ms = now_ms
        return True

    def close(self) -> None:
        self.failures = 0
        self.opened_ms = None


class _Breakers:
    __slots__ = ("by_name",)

    def __init__(self) -> None:
        self.by_name: dict[str, _Breaker] = {}


def _named(rt: Any, name: object) -> _Breaker | None:
    breakers: _Breakers = rt.state(_Breakers)
    return breakers.by_name.get(_name(name))


def _now_ms(rt: Any) -> float:
    """The time that scripts see: a script's test moves a mocked clock on."""
    mock: Mock = rt.state(Mock)
    now_ms: float = rt.clock.monotonic_ms() if mock.wall_ms is None else mock.monotonic_ms
    return now_ms


def _name(name: object) -> str:
    return "default" if name is None else display(name)


@builtin('circuit_breaker(name = "default", threshold = 5, reset_ms = 30000)', section="14.9", context=True)
def circuit_breaker(rt: Any, name: object = None, threshold: object = None, reset_ms: object = None) -> str:
    """Make a breaker, or make it anew, closed; its name."""
    most = threshold if type(threshold) is int else _THRESHOLD
    pause_ms = milliseconds(reset_ms)
    breakers: _Breakers = rt.state(_Breakers)
    breakers.by_name[_name(name)] = _Breaker(max(most, 1), _RESET_MS if pause_ms is None else pause_ms)
    return _name(name)


@builtin("circuit_check(name)", section="14.9", context=True)
def circuit_check(rt: Any, name: object = None) -> str:
    """`closed`, `open`, or `half_open` when `reset_ms` have passed since it opened."""
    breaker = _named(rt, name)
    return "closed" if breaker is None else breaker.state(_now_ms(rt))


@builtin("circuit_record_failure(name)", section="14.9", context=True)
def circuit_record_failure(rt: Any, name: object = None) -> bool:
    """Count a failure; true only for the one that opens the breaker."""
    breaker = _named(rt, name)
    return breaker is not None and breaker.fail(_now_ms(rt))


@builtin("circuit_record_success(name)", section="14.9", context=True)
def circuit_record_success(rt: Any, name: object = None) -> None:
    """Forget the failures and close the breaker."""
    breaker = _named(rt, name)
    if breaker is not None:
        breaker.close()


@builtin("circuit_reset(name)", section="14.9", context=True)
def circuit_reset(rt: Any, name: object = None) -> None:
    """Forget the failures and close the breaker."""
    breaker = _named(rt, name)
    if breaker is not None:
        breaker.close()
