"""What a run has used so far, and the look at it that safe points take.

Rules: docs/limits.md.
"""

import sys
import time
from collections.abc import Callable, Iterable
from operator import length_hint
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, NoReturn, final

from harnlet.runtime import caps
from harnlet.runtime.faulting import PROGRAM_KEY, script_globals
from harnlet.runtime.limits import CURRENT_USAGE, Limits, LimitStop
from harnlet.runtime.values import EnumValue, Pair, Set, StructValue

if TYPE_CHECKING:
    from harnlet.runtime.context import Runtime

_FRAMES: Final = 16
"""How many of the innermost script functions are looked at."""

_INNER: Final = 32
"""How many values inside those of variables are looked at, for each variable."""

_WIDE: Final = 16
"""Collections with more elements than this are not looked into: that would take as long as what they
grow by."""

_CLEANUP_STEPS: Final = 10_000
"""How many steps beyond the limit `finally` and `defer` blocks may make."""

_BLOCK: Final = 1024
_TRUES: Final = 16
_COUNTED: Final = [False] * _BLOCK + [True] * _TRUES
"""What asking a countdown gives. A look follows the first True, so that it never comes to the end."""


@final
class Usage:
    """What one run has used, with everything that it started: its tasks, its tool calls.

    `stop` is how a limit ended it. `countdown` stands in for the flag `stop` of the generated code where
    each safe point counts: asking whether it is true takes one away in C, which costs a tenth of a call, and
    it is true when a look is due. `tick` is the same as a function.
    """

    __slots__ = (
        *("_granted", "_pause", "_ticks", "countdown", "tick"),
        *("cpu_seconds", "limits", "rt", "run", "since", "steps", "stop"),
    )

    def __init__(self, rt: "Runtime", run: Any, limits: Limits) -> None:
        self.rt = rt
        self.run = run
        self.limits = limits
        self.steps = 0
        """Those before the countdown was last set."""
        self.cpu_seconds = 0.0
        self.since: float | None = None
        self.stop: LimitStop | None = None
        # A look costs ten times what a safe point does; so one for each 64th part of the smallest cap.
        self._pause = limits.smallest_cap // 64 if limits.is_watchful else _BLOCK
        self._granted = 0
        self.countdown: object = True
        if rt.watched:
            self._ticks: Any = iter(_COUNTED)
            self.tick: Callable[[], bool] = self._ticks.__next__
            self.countdown = type("Countdown", (), {"__slots__": (), "__bool__": self.tick})()
            self._set_countdown()

    def exceed(self, limit: str, used: float, cap: float) -> NoReturn:
        """Raises LimitStop. The run ends with the first of them, also when the script's `finally` does
        away with it."""
        # What was asked for may be a number that no float can hold.
        stop = LimitStop(limit, min(used, sys.maxsize), cap)
        if self.stop is None:
            self.stop = stop
        self.rt.scheduler.limit_reached(self.run, self.stop)
        raise stop

    # --- time ----------------------------------------------------------------------------------

    def start_cpu(self) -> None:
        """Code of the run is about to run in this thread."""
        self.since = time.thread_time()
        if self.cpu_seconds > (self.limits.cpu_seconds or 0):
            self.rt.want_attention()

    def stop_cpu(self) -> None:
        """It runs no more."""
        if self.since is not None:
            self.cpu_seconds += time.thread_time() - self.since
            self.since = None

    def _check_cpu(self, cap: float) -> None:
        running = 0.0 if self.since is None else time.thread_time() - self.since
        if self.cpu_seconds + running > cap and self.stop is None:
            self.exceed("cpu_seconds", self.cpu_seconds + running, cap)

    # --- the look ------------------------------------------------------------------------------

    def look(self, wide: bool) -> None:
        """At a safe point: raises LimitStop, or the fault of a cap of the language.

        `wide` looks come every few milliseconds. With a limit on steps or on the size of values there are
        others besides, when the countdown is over.
        """
        limits = self.limits
        self.add_steps(1)
        if limits.steps is not None and self.steps > self._allowed(limits.steps):
            self.exceed("steps", self.steps, limits.steps)
        if wide and limits.cpu_seconds is not None:
            self._check_cpu(limits.cpu_seconds)
        if wide:
            weigh_variables(sys._getframe(2), _FRAMES)
        elif limits.is_watchful:
            weigh_variables(sys._getframe(2), 1)

    def add_steps(self, steps: int) -> None:
        """The run has made so many, besides those that its countdown has counted."""
        if self.rt.watched:
            self.steps += self._granted - max(length_hint(self._ticks) - _TRUES, 0)
            self.steps += steps
            self._set_countdown()

    def _set_countdown(self) -> None:
        granted = min(self._pause, _BLOCK)
        if self.limits.steps is not None:
            granted = min(granted, max(self._allowed(self.limits.steps) - self.steps, 0))
        self._granted = granted
        self._ticks.__setstate__(_BLOCK - granted)

    def _allowed(self, steps: int) -> int:
        return steps if self.stop is None else steps + _CLEANUP_STEPS


def usage_of(rt: "Runtime", run: Any) -> Usage:
    """What a run that begins here counts its use in: its own, or that of the run which made the tool
    call that this is part of."""
    current = CURRENT_USAGE.get()
    if current is not None and current.rt is rt and not current.run.main.ended:
        return current
    usage = Usage(rt, run, rt.limits)
    CURRENT_USAGE.set(usage)
    return usage


# --- the size of values -------------------------------------------------------------------------


def weigh_variables(frame: FrameType | None, most: int) -> None:
    """Check the size of the values in the variables of the innermost `most` script functions.

    That is how values are found that grow by little, where each step looking at the size would cost as
    much as the step: `xs = xs.push(x)`, `d[k] = v`, `n + n`.
    """
    while frame is not None and most:
        if PROGRAM_KEY in frame.f_globals:
            most -= 1
            variables = frame.f_locals
            for value in variables.values():
                weigh(value)
            for value in script_globals(frame).values():
                weigh(value)
            if _KEEPS_SNAPSHOT and variables is not frame.f_globals:
                # A dict that the frame keeps. What it holds would look as if somebody else held it,
                # so that lists were copied that can be changed in place.
                variables.clear()
        frame = frame.f_back


_KEEPS_SNAPSHOT = sys.version_info < (3, 13)


def weigh_results(names: dict[str, Any], builtins: Iterable[str]) -> None:
    """Where an embedder limits the size of values: also check what builtins and methods give, at once."""
    methods = [name for name in names if name.startswith(("list_", "text_"))]
    for name in (
        *methods,
        "add",
        "call_method",
        "call_method_optional",
        *(f"call_{each}" for each in builtins),
    ):
        names[name] = _weighed(names[name])


def _weighed(function: Callable[..., object]) -> Callable[..., object]:
    def call(*args: object, **depth: int) -> object:
        value = function(*args, **depth)
        weigh(value)
        return value

    return call


def weigh(value: object, left: int = _INNER) -> int:
    """Check the size of a value and of some inside it; how many more may be looked at."""
    kind = type(value)
    if kind is int:
        caps.int_within_cap(value)  # type: ignore[type-var]
        return left
    if kind is str:
        caps.weigh_text(value)  # type: ignore[arg-type]
        return left
    inner: Any
    if kind is list:
        inner = value
    elif kind is dict:
        inner = value.values()  # type: ignore[attr-defined]
    elif kind is Set:
        inner = value.entries.values()  # type: ignore[attr-defined]
    elif isinstance(value, StructValue):
        inner = value.items()
    elif kind is EnumValue:
        inner = value.fields  # type: ignore[attr-defined]
    elif kind is Pair:
        inner = (value.first, value.second)  # type: ignore[attr-defined]
    elif kind is bytes:
        caps.check_text(len(value))  # type: ignore[arg-type]
        return left
    else:
        return left
    count = len(inner)
    caps.check_items(count)
    if count <= _WIDE:
        for item in inner:
            if left <= 0:
                break
            left = weigh(item, left - 1)
    return left
