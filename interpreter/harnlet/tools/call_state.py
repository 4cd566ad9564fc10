"""The state machine of one tool call: a table, and a cell that moves along it.

The rule is docs/cancellation.md#one-decision. Every call is in exactly one state; every change is
a row of `TABLE`; whoever makes the change has decided, everybody else is told that it is decided.
The table drives the code, the exhaustive search of the tests, and the documentation
(`transition_table`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

State = Literal["announced", "queued", "running", "cancelling", "settled"]
Move = Literal["queue", "start", "finish", "refuse", "cancel", "deadline", "unwind", "abandon"]

STATES: Final[tuple[State, ...]] = ("announced", "queued", "running", "cancelling", "settled")
MOVES: Final[tuple[Move, ...]] = (
    "queue",
    "start",
    "finish",
    "refuse",
    "cancel",
    "deadline",
    "unwind",
    "abandon",
)

TABLE: Final[Mapping[State, Mapping[Move, State]]] = MappingProxyType(
    {
        # Registered: policy, permission, approval, hooks and the schema are being asked.
        "announced": {
            "queue": "queued",
            "start": "running",
            "refuse": "settled",
            "cancel": "cancelling",
            "deadline": "cancelling",
        },
        # Waits behind its siblings.
        "queued": {
            "start": "running",
            "refuse": "settled",
            "cancel": "cancelling",
            "deadline": "cancelling",
        },
        # The tool's own code runs.
        "running": {
            "finish": "settled",
            "cancel": "cancelling",
            "deadline": "cancelling",
        },
        # Somebody has decided that it stops; it unwinds, or its grace runs out.
        "cancelling": {
            "unwind": "settled",
            "abandon": "settled",
        },
        "settled": {},
    }
)
"""What may follow what. A move that has no row is refused: somebody else was first."""

MEANING: Final[Mapping[Move, str]] = MappingProxyType(
    {
        "queue": "waits behind the siblings of its batch",
        "start": "was admitted, its tool's code starts",
        "finish": "the tool ended by itself, with a value or an error",
        "refuse": "policy, permission, approval, a hook or the schema said no",
        "cancel": "the first cancel request",
        "deadline": "its time ran out",
        "unwind": "what was to be stopped has stopped (or never started)",
        "abandon": "the grace ran out before it had stopped",
    }
)

class Step(NamedTuple):
    """One change that was made: from where, why, to where, and what the one who made it said."""

    before: State
    move: Move
    after: State
    note: object


_BIRTH: Final[State] = "announced"
_Made = tuple[State, Move, State, object]
"""A step as it is kept: making a plain tuple takes a fifth of the time of making a `Step`."""


class CallState:
    """The state word of one call, which any thread and any signal handler may try to change.

    Steps are kept in a dict by their number, and a step is made with `dict.setdefault`: one
    atomic operation that either adds the step or shows who was faster. So there is no lock that a
    signal handler could find held by the very thread that it interrupted, and the history of the
    call comes for free.
    """

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: dict[int, _Made] = {}

    @property
    def state(self) -> State:
        """Where the call is now."""
        steps = self._steps
        return steps[len(steps) - 1][2] if steps else _BIRTH

    @property
    def steps(self) -> tuple[Step, ...]:
        """All changes so far, in order."""
        return tuple(map(Step._make, self._steps.copy().values()))

    def apply(self, move: Move, note: object = None) -> bool:
        """Make `move` if the table has a row for it; False when somebody was first.

        Of any number of callers who compete for one decision, exactly one hears True.
        """
        steps = self._steps
        while True:
            number = len(steps)
            before = steps[number - 1][2] if number else _BIRTH
            after = TABLE[before].get(move)
            if after is None:
                return False
            # Each attempt has a tuple of its own, so identity tells whose step it became.
            step = (before, move, after, note)
            if steps.setdefault(number, step) is step:
                return True

    @property
    def stopped_by(self) -> Step | None:
        """The step that decided that the call stops, None while nobody has."""
        made = self._stop()
        return None if made is None else Step._make(made)

    @property
    def stop_note(self) -> tuple[Move, object] | None:
        """By which move that was decided, and what the one who made it said; None while nobody has."""
        made = self._stop()
        return None if made is None else (made[1], made[3])

    @property
    def is_stopping(self) -> bool:
        """Whether anything has decided that the call stops."""
        return self._stop() is not None

    def _stop(self) -> _Made | None:
        """By the table it is the last step, or the last before the end."""
        steps = self._steps
        last = len(steps) - 1
        if last > 0 and steps[last][2] == "settled":
            last -= 1
        return steps[last] if last >= 0 and steps[last][2] == "cancelling" else None

    @property
    def started(self) -> bool:
        """Whether the tool's own code was ever started."""
        return any(step[1] == "start" for step in self._steps.copy().values())


def transition_table() -> str:
    """The table as Markdown, for the documentation."""
    lines = ["| state | move | next | when |", "|---|---|---|---|"]
    lines += [
        f"| {state} | {move} | {after} | {MEANING[move]} |"
        for state in STATES
        for move, after in TABLE[state].items()
    ]
    return "\n".join(lines) + "\n"
