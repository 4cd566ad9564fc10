"""Rate limits of providers, and calls that respect them
(docs/builtins.md#circuit-breakers-and-rate-limits)."""

from collections import deque
from typing import Any, Final, final

from harnlet.errors.faults import CategorisedFault
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.faulting import caught
from harnlet.runtime.values import callback
from harnlet_builtins.results import category_of

_MINUTE_MS: Final = 60_000
_MOST_REMEMBERED: Final = 1_000_000
_LONGEST_BACKOFF_MS: Final = 30_000
_RETRIES: Final = 5
_BACKOFF_MS: Final = 1000
_WORTH_A_RETRY: Final = frozenset({"rate_limit", "overloaded", "transient_network", "timeout"})


@final
class _Limiter:
    """At most `per_minute` calls begin in any minute. `begun` has the moments of the latest ones, those
    that were only promised included, so that callers are served in the order in which they came."""

    __slots__ = ("begun", "per_minute")

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self.begun: deque[float] = deque(maxlen=min(per_minute, _MOST_REMEMBERED))

    def next_ms(self, now_ms: float) -> float:
        """The moment at which the next caller may begin; counts as taken."""
        moment = now_ms
        if len(self.begun) == self.per_minute:
            moment = max(now_ms, self.begun[0] + _MINUTE_MS)
        self.begun.append(moment)
        return moment

    def give_up(self, moment_ms: float) -> None:
        """A caller that did not wait until its moment leaves it to others."""
        if moment_ms in self.begun:
            self.begun.remove(moment_ms)


class _Limiters:
    __slots__ = ("by_provider",)

    def __init__(self) -> None:
        self.by_provider: dict[str, _Limiter] = {}


def _wait_for_turn(rt: Any, provider: str) -> None:
    limiters: _Limiters = rt.state(_Limiters)
    limiter = limiters.by_provider.get(provider)
    if limiter is None:
        return
    now_ms = rt.clock.monotonic_ms()
    moment_ms = limiter.next_ms(now_ms)
    if moment_ms <= now_ms:
        return
    try:
        rt.wait(rt.clock.sleep(moment_ms - now_ms))
    except BaseException:
        limiter.give_up(moment_ms)
        raise


def _category(error: Exception) -> str:
    return error.category if isinstance(error, CategorisedFault) else category_of(caught(error))


def _number(options: dict[str, object], name: str, otherwise: int) -> int:
    given = options.get(name)
    return max(given, 0) if type(given) is int else otherwise


@builtin("with_rate_limit(provider, function, options?)", section="14.9", effect="suspends", context=True)
def with_rate_limit(
    rt: Any, provider: object = None, function: object = None, options: object = None
) -> object:
    """Call `function()` when the provider's limit allows it, and again, after a doubling pause, when it
    fails for a reason that may pass. Options: `max_retries` (5), `backoff_ms` (1000)."""
    call = callback(function, 0)
    given: dict[str, object] = options if type(options) is dict else {}
    left = _number(given, "max_retries", _RETRIES) + 1
    pause_ms = _number(given, "backoff_ms", _BACKOFF_MS)
    while True:
        _wait_for_turn(rt, display(provider))
        try:
            return call()
        except Exception as error:
            if _category(error) not in _WORTH_A_RETRY:
                raise
            left = rt.scheduler.retry_again(left, error)
        rt.wait(rt.clock.sleep(min(pause_ms, _LONGEST_BACKOFF_MS)))
        pause_ms = min(pause_ms * 2, _LONGEST_BACKOFF_MS)


@builtin("llm_rate_limit(provider, options?)", section="14.9", context=True)
def llm_rate_limit(rt: Any, provider: object = None, options: object = None) -> int | None:
    """Set the calls per minute of a provider, `{rpm: n}`, or clear them, `{rpm: 0}`; the limit that it has
    now, nil for none."""
    limiters: _Limiters = rt.state(_Limiters)
    name = display(provider)
    rpm = options.get("rpm") if type(options) is dict else None
    if type(rpm) is int and rpm > 0:
        limiters.by_provider[name] = _Limiter(rpm)
    elif rpm is not None:
        limiters.by_provider.pop(name, None)
    limiter = limiters.by_provider.get(name)
    return None if limiter is None else limiter.per_minute
