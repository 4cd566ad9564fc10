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

STOPPING: Final[frozenset[Move]] = frozenset({"cancel", "deadline"})
"""Moves that decide that a call stops."""


class Step(NamedTuple):
    """One change that was made: from where, why, to where, and what the one who made it said."""

    before: State
    move: Move
    after: State
    note: object


_BIRTH: Final[State] = "announced"


class CallState:
    """The state word of one call, which any thread and any signal handler may try to change.

    Steps are kept in a dict by their number, and a step is made with `dict.setdefault`: one
    atomic operation that either adds the step or shows who was faster. So there is no lock that a
    signal handler could find held by the very thread that it interrupted, and the history of the
    call comes for free.
    """

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: dict[int, Step] = {}

    @property
    def state(self) -> State:
        """Where the call is now."""
        steps = self._steps
        return steps[len(steps) - 1].after if steps else _BIRTH

    @property
    def steps(self) -> tuple[Step, ...]:
        """All changes so far, in order."""
        return tuple(self._steps.values())

    def apply(self, move: Move, note: object = None) -> Step | None:
        """Make `move` if the table has a row for it; None when somebody was first.

        Of any number of callers who compete for one decision, exactly one gets a step.
        """
        steps = self._steps
        while True:
            number = len(steps)
            before = steps[number - 1].after if number else _BIRTH
            after = TABLE[before].get(move)
            if after is None:
                return None
            # Half the time of `Step(...)`, whose `__new__` is a Python function; every call passes here.
            step = tuple.__new__(Step, (before, move, after, note))
            if steps.setdefault(number, step) is step:
                return step

    @property
    def stopped_by(self) -> Step | None:
        """The step that decided that the call stops, None while nobody has."""
        return next((step for step in self._steps.copy().values() if step.move in STOPPING), None)

    @property
    def started(self) -> bool:
        """Whether the tool's own code was ever started."""
        return any(step.move == "start" for step in self._steps.copy().values())


def transition_table() -> str:
    """The table as Markdown, for the documentation."""
    lines = ["| state | move | next | when |", "|---|---|---|---|"]
    lines += [
        f"| {state} | {move} | {after} | {MEANING[move]} |"
        for state in STATES
        for move, after in TABLE[state].items()
    ]
    return "\n".join(lines) + "\n"
