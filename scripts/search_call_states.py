"""An exhaustive search of what can happen to the state word of one call.

    python scripts/search_call_states.py

First all orders in which the moves of many actors can come, by the states that they lead through;
then the real compare-and-set, interrupted at each operation on its dict in every way. The exit code
is 1 when a history breaks a promise: docs/cancellation.md#one-decision.
"""

import sys
from collections import deque
from itertools import pairwise

import greenlet

from harnlet.tools.call_state import CallState, Move, State, Step

ACTORS: tuple[tuple[Move, ...], ...] = (
    ("queue", "start", "finish", "unwind"),
    ("refuse",),
    *((("cancel",),) * 4),
    *((("deadline",),) * 2),
    ("abandon",),
)
"""Who moves one call in the search: driver, gate, four cancellers, two deadlines, the end of the grace."""


Searched = tuple[tuple[int, ...], tuple[Move, ...]]
"""How far each actor is, and the moves that were made."""


def sound(steps: tuple[Step, ...]) -> bool:
    """Whether the history of a call keeps to what is promised of it."""
    deciding = [step for step in steps if step.move in ("finish", "refuse", "cancel", "deadline")]
    joined = all(later.before == earlier.after for earlier, later in pairwise(steps))
    stopped = any(step.move in ("cancel", "deadline") for step in steps)
    return (
        joined
        and len(deciding) <= 1
        and sum(step.after == "settled" for step in steps) <= 1
        and not (stopped and any(step.move == "finish" for step in steps))
        and (stopped or not any(step.move in ("unwind", "abandon") for step in steps))
    )


def search_of_orders() -> tuple[str, bool]:
    """All orders in which the actors' moves can come, by the states that they lead through."""
    start: Searched = ((0,) * len(ACTORS), ())
    ways: dict[Searched, int] = {start: 1}
    waiting, seen, moves, orders, wrong = deque([start]), {start}, 0, 0, 0
    while waiting:
        state = waiting.popleft()
        places, made = state
        ended = True
        for index, actor in enumerate(ACTORS):
            if places[index] == len(actor):
                continue
            ended = False
            word = CallState()
            for earlier in made:
                word.apply(earlier)
            word.apply(actor[places[index]])
            moves += 1
            wrong += not sound(word.steps)
            after: Searched = (
                (*places[:index], places[index] + 1, *places[index + 1 :]),
                tuple(step.move for step in word.steps),
            )
            ways[after] = ways.get(after, 0) + ways[state]
            if after not in seen:
                seen.add(after)
                waiting.append(after)
        if ended:
            orders += ways[state]
            final = CallState()
            for earlier in made:
                final.apply(earlier)
            wrong += final.state != "settled"
    text = f"search of the transition table: {orders:,} orders of 12 moves"
    return f"{text}, {len(seen):,} states, {moves:,} moves, {wrong} wrong", wrong == 0


_Made = tuple[State, Move, State, object]


class _Preempted(dict[int, _Made]):
    """The dict of a state word, at each operation of which another actor may go on first."""

    def _turn(self) -> None:
        parent = greenlet.getcurrent().parent
        if parent is not None:
            parent.switch()

    def __len__(self) -> int:
        self._turn()
        return super().__len__()

    def __getitem__(self, number: int) -> _Made:
        self._turn()
        return super().__getitem__(number)

    def setdefault(self, number: int, step: _Made = None) -> _Made:  # type: ignore[assignment]
        self._turn()
        return super().setdefault(number, step)


RIVALS: tuple[Move, ...] = ("finish", "cancel", "deadline")


def search_of_preemptions() -> tuple[str, bool]:
    """The real compare-and-set, interrupted at every dict operation in every way: three rivals."""
    schedules, wrong = 0, 0
    waiting: list[list[int]] = [[]]
    while waiting:
        plan = waiting.pop()
        word = CallState()
        word.apply("start")
        kept = _Preempted(word._steps)
        word._steps = kept
        won: list[Move] = []

        def rival(move: Move, word: CallState = word, won: list[Move] = won) -> None:
            if word.apply(move):
                won.append(move)

        actors = [greenlet.greenlet(rival) for _ in RIVALS]
        for actor, move in zip(actors, RIVALS, strict=True):
            actor.switch(move)  # to its first look at the dict
        taken: list[int] = []
        while living := [index for index, actor in enumerate(actors) if not actor.dead]:
            if len(taken) < len(plan):
                index = plan[len(taken)]
            else:
                # The first of those who can go on; the others are other schedules, for later.
                index = living[0]
                waiting += [[*taken, other] for other in living[1:]]
            taken.append(index)
            actors[index].switch()
        schedules += 1
        steps = tuple(map(Step._make, dict.values(kept)))
        wrong += len(won) != 1 or len(steps) != 2 or steps[1].move != won[0] or not sound(steps)
    text = f"preemption of the compare-and-set: {len(RIVALS)} rivals, all {schedules:,} schedules"
    return f"{text}, {wrong} wrong", wrong == 0


def main() -> int:
    """Run both searches."""
    failed = False
    for search in (search_of_orders, search_of_preemptions):
        text, holds = search()
        failed |= not holds
        print(text, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
