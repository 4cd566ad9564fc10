"""The transition table, and the cell that moves along it: docs/cancellation.md#one-decision."""

import itertools
import threading
from collections import deque
from collections.abc import Iterator

import pytest

from harnlet.tools.call_state import MEANING, MOVES, STATES, TABLE, CallState, Move, State, transition_table

DECIDING: tuple[Move, ...] = ("finish", "refuse", "cancel", "deadline")
"""The moves of which exactly one decides how a call ends."""


def test_the_table_has_a_row_for_each_state_and_a_meaning_for_each_move() -> None:
    assert tuple(TABLE) == STATES
    assert set(MEANING) == set(MOVES)
    assert {move for row in TABLE.values() for move in row} == set(MOVES)
    assert {after for row in TABLE.values() for after in row.values()} <= set(STATES)


def test_every_state_leads_to_the_end_and_nothing_leads_out_of_it() -> None:
    assert TABLE["settled"] == {}
    for state in STATES:
        seen: set[State] = set()
        ahead = deque([state])
        while ahead:
            here = ahead.popleft()
            if here not in seen:
                seen.add(here)
                ahead.extend(TABLE[here].values())
        assert "settled" in seen


def test_the_two_ways_of_the_specification_are_the_only_ones() -> None:
    # RUNNING -> CANCELLING -> SETTLED or RUNNING -> SETTLED; nothing comes back from CANCELLING.
    assert set(TABLE["running"].values()) == {"cancelling", "settled"}
    assert set(TABLE["cancelling"].values()) == {"settled"}
    assert "start" not in TABLE["cancelling"]


def interleavings(actors: tuple[tuple[Move, ...], ...]) -> Iterator[tuple[Move, ...]]:
    """All orders in which the moves of several actors can come, each actor's own in its order."""
    if not any(actors):
        yield ()
        return
    for index, actor in enumerate(actors):
        if actor:
            rest = (*actors[:index], actor[1:], *actors[index + 1 :])
            for tail in interleavings(rest):
                yield (actor[0], *tail)


ACTORS: tuple[tuple[Move, ...], ...] = (
    ("queue", "start", "finish", "unwind"),  # the one who drives the call
    ("cancel",),
    ("cancel",),
    ("cancel",),
    ("deadline",),
    ("abandon",),  # the grace runs out
)


def test_every_interleaving_decides_once_settles_once_and_never_contradicts_itself() -> None:
    orders = 0
    for order in set(interleavings(ACTORS)):
        orders += 1
        word = CallState()
        made = [word.steps[-1] for move in order if word.apply(move, move)]
        assert sum(step.move in DECIDING for step in made) <= 1
        assert sum(step.after == "settled" for step in made) <= 1
        assert list(word.steps) == made
        for earlier, later in itertools.pairwise(made):
            assert later.before == earlier.after
        stopped = word.stopped_by
        if stopped is None:
            assert all(step.move not in ("unwind", "abandon") for step in made)
        else:
            assert all(step.move != "finish" for step in made), order
            after = made[made.index(stopped) + 1 :]
            assert all(step.move in ("unwind", "abandon") for step in after)
        if word.state == "settled":
            assert not word.apply("cancel")
    assert orders > 1000


def test_whoever_runs_to_the_end_has_settled() -> None:
    for order in set(interleavings(ACTORS[:3])):
        word = CallState()
        for move in order:
            word.apply(move)
        word.apply("unwind")
        assert word.state == "settled", order


def test_a_cancel_before_the_start_keeps_it_from_starting() -> None:
    word = CallState()
    assert word.apply("cancel")
    assert not word.apply("start")
    assert not word.started
    assert word.state == "cancelling"


def test_a_refused_move_changes_nothing_and_the_note_is_the_winners() -> None:
    word = CallState()
    word.apply("start")
    word.apply("cancel", "first")
    assert not word.apply("cancel", "second")
    assert not word.apply("finish", "third")
    stopped = word.stopped_by
    assert stopped is not None
    assert stopped.note == "first"
    assert [step.move for step in word.steps] == ["start", "cancel"]


@pytest.mark.parametrize("round_", range(30))
def test_of_sixteen_threads_exactly_one_decides(round_: int) -> None:
    word = CallState()
    word.apply("start")
    barrier = threading.Barrier(17)
    won: list[object] = []

    def compete(move: Move, note: int) -> None:
        barrier.wait()
        if word.apply(move, note):
            won.append((move, note))

    threads = [threading.Thread(target=compete, args=("cancel", number)) for number in range(16)]
    threads.append(threading.Thread(target=compete, args=("finish", 99)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(word.steps) == 2


def test_the_table_prints_itself_for_the_documentation() -> None:
    text = transition_table()
    assert text.startswith("| state | move | next | when |\n|---|---|---|---|\n")
    assert text.count("\n") == 2 + sum(len(row) for row in TABLE.values())
    assert "| running | finish | settled |" in text
