"""When and how often a supervised task is started again (docs/builtins.md#supervisors)."""

import math
from dataclasses import dataclass
from typing import Final

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name
from harnlet.sched.times import FOR_EVER_MS, milliseconds

MODES: Final = ("never", "on_failure", "always")


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """Times in milliseconds; without `max_restarts` there is no cap, without `circuit_open_ms` a task that
    reached it stays down."""

    mode: str = "on_failure"
    max_restarts: int | None = None
    window_ms: int = 60_000
    backoff_ms: int = 0
    max_backoff_ms: int = 30_000
    factor: float = 2.0
    jitter_ms: int = 0
    circuit_open_ms: int | None = None

    def delay_ms(self, index: int, restarts: int) -> int:
        """How long to wait before restart number `restarts` (from 0) of child number `index`: grows with
        each, and is spread in a way that can be repeated."""
        try:
            grown = self.backoff_ms * self.factor**restarts
        except OverflowError:
            grown = math.inf
        delay = self.max_backoff_ms if grown > self.max_backoff_ms else int(grown + 0.5)
        return delay + ((index + 1) * 1103 + restarts * 9176) % (self.jitter_ms + 1)


def parse_policy(given: object, otherwise: RestartPolicy) -> RestartPolicy:
    """A policy from a spec: a mode, or a dict; `otherwise` when there is none."""
    if given is None:
        return otherwise
    if type(given) is str:
        return RestartPolicy(mode=_mode(given))
    if type(given) is not dict:
        raise RuntimeFault(
            f"supervisor_start: restart policy must be a string or dict, got {type_name(given)}"
        )
    most = _first(given, "max_restarts", "max")
    factor = _first(given, "factor", "backoff_factor")
    plain = RestartPolicy()
    return RestartPolicy(
        mode=_mode(_first(given, "mode", "policy") or plain.mode),
        max_restarts=most if type(most) is int else None,
        window_ms=_time(given, plain.window_ms, "window_ms", "window"),
        backoff_ms=_time(given, plain.backoff_ms, "backoff_ms", "backoff", "initial_backoff_ms"),
        max_backoff_ms=_time(given, plain.max_backoff_ms, "max_backoff_ms", "max_backoff"),
        factor=_factor(factor, plain.factor),
        jitter_ms=_time(given, plain.jitter_ms, "jitter_ms", "jitter"),
        circuit_open_ms=_time(given, -1, "circuit_open_ms", "circuit_open") if _has_circuit(given) else None,
    )


def _mode(given: object) -> str:
    if given not in MODES:
        raise RuntimeFault(f"supervisor_start: unknown restart mode '{display(given)}'")
    return str(given)


def _factor(given: object, otherwise: float) -> float:
    if (type(given) is int or type(given) is float) and 0 <= given <= FOR_EVER_MS:
        return float(given)
    return otherwise


def _has_circuit(given: dict[str, object]) -> bool:
    return milliseconds(_first(given, "circuit_open_ms", "circuit_open")) is not None


def _time(given: dict[str, object], otherwise: int, *names: str) -> int:
    found = milliseconds(_first(given, *names))
    return otherwise if found is None else max(found, 0)


def _first(given: dict[str, object], *names: str) -> object:
    return next((given[name] for name in names if given.get(name) is not None), None)
