"""Whose a process is: told from a table that we make up, from the marks, and from the start time."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Set
from dataclasses import replace
from pathlib import Path

import pytest

import harnlet
from cancel.test_process_support import alive, python, watched
from harnlet.tools import process_tree
from harnlet.tools.process_mark import VARIABLE, CallMark
from harnlet.tools.process_signal import send
from harnlet.tools.process_stop import Stopping
from harnlet.tools.process_table import ProcessEntry, ProcTable, Reading
from harnlet.tools.process_thread import Persistence
from harnlet.tools.process_tree import Destruction, ProcessTree

MANY = 10_000_000
"""Process numbers from here on exist in made-up tables only: they are beyond what Linux gives out."""


class FakeTable:
    """A process table that says what it is told."""

    def __init__(self, *entries: ProcessEntry) -> None:
        self.entries = {entry.pid: entry for entry in entries}
        self.environments: dict[int, bytes] = {}
        self.limit_texts: dict[int, bytes] = {}
        self.vanished: list[int] = []
        self.readings = 0
        self.spared: set[int] = set()

    def entry(self, pid: int) -> ProcessEntry | None:
        return self.entries.get(pid)

    def read(self, but: Set[int] = frozenset()) -> Reading:
        self.readings += 1
        self.spared |= but
        seen = {pid: entry for pid, entry in self.entries.items() if pid not in but}
        return Reading(seen, self.vanished.pop() if self.vanished else 0)

    def youngest(self) -> int | None:
        return None

    def environment(self, pid: int) -> bytes:
        return self.environments.get(pid, b"")

    def limits(self, pid: int) -> bytes:
        return self.limit_texts.get(pid, b"")


@pytest.fixture
def leader() -> Iterator[int]:
    """A child of ours with its own session: a tree believes in its leader only while it is our child."""
    child = subprocess.Popen(["sleep", "120"], start_new_session=True)
    yield child.pid
    child.kill()
    child.wait()


def process(
    number: int, *, parent: int = 1, session: int | None = None, group: int | None = None, started: int = 100
) -> ProcessEntry:
    """A made-up process, alone in its session unless told otherwise."""
    session = number if session is None else session
    return ProcessEntry(number, started, parent, session if group is None else group, session, "S")


def found(tree: ProcessTree) -> list[int]:
    return [entry.pid for entry in tree.scan().alive]


def test_the_family_is_found_by_group_session_and_parents(leader: int) -> None:
    child, cousin, daemon, stranger = (process(MANY + n) for n in range(4))
    table = FakeTable(
        process(leader, parent=os.getpid()),
        process(child.pid, parent=leader),
        process(cousin.pid, parent=child.pid),
        process(daemon.pid, session=child.pid),
        process(MANY + 10, session=leader, group=MANY + 10),
        stranger,
    )
    assert found(ProcessTree(leader, CallMark(), table)) == [
        leader,
        child.pid,
        cousin.pid,
        daemon.pid,
        MANY + 10,
    ]


@pytest.mark.parametrize("by", ["environment", "limits"])
def test_a_marked_process_is_found_with_all_of_its_own(leader: int, by: str) -> None:
    mark = CallMark()
    table = FakeTable(process(leader), process(MANY), process(MANY + 1, parent=MANY), process(MANY + 2))
    if by == "environment":
        table.environments[MANY] = b"A=b\0" + os.fsencode(f"{VARIABLE}={mark.token}") + b"\0"
        table.environments[MANY + 2] = os.fsencode(f"{VARIABLE}={CallMark().token}") + b"\0"
    else:
        table.limit_texts[MANY] = f"Max realtime timeout  {mark.limit}  unlimited  us".encode()
        table.limit_texts[MANY + 2] = b"Max realtime timeout  unlimited  unlimited  us"
    assert found(ProcessTree(leader, mark, table)) == [leader, MANY, MANY + 1]


def test_nobody_older_than_the_leader_belongs_to_it(leader: int) -> None:
    mark = CallMark()
    older = process(MANY, parent=leader, started=99)
    table = FakeTable(process(leader), older, process(MANY + 1, session=older.pid, started=101))
    for pid in (MANY, MANY + 1):
        table.environments[pid] = os.fsencode(f"{VARIABLE}={mark.token}\0")
    assert found(ProcessTree(leader, mark, table)) == [leader]


def test_nobody_in_our_own_session_belongs_to_it(leader: int) -> None:
    table = FakeTable(process(leader), process(MANY, parent=leader, session=os.getsid(0)))
    assert found(ProcessTree(leader, CallMark(), table)) == [leader]


def test_who_was_seen_once_stays_known_until_the_number_is_anothers(leader: int) -> None:
    table = FakeTable(process(leader), process(MANY, parent=leader))
    tree = ProcessTree(leader, CallMark(), table)
    assert found(tree) == [leader, MANY]
    table.entries[MANY] = process(MANY, parent=1)
    assert found(tree) == [leader, MANY]
    table.entries[MANY] = process(MANY, parent=1, started=200)
    assert found(tree) == [leader]


def test_the_number_of_a_leader_that_was_reaped_tells_nothing(leader: int) -> None:
    table = FakeTable(process(leader), process(MANY, parent=leader), process(MANY + 1, session=leader))
    tree = ProcessTree(leader, CallMark(), table)
    tree.release_leader()
    assert found(tree) == []


def test_the_number_of_a_leader_that_is_no_child_of_ours_tells_nothing() -> None:
    table = FakeTable(process(MANY), process(MANY + 1, parent=MANY))
    assert found(ProcessTree(MANY, CallMark(), table)) == []


def test_nobody_is_there_only_when_nobody_ended_during_the_look(leader: int) -> None:
    table = FakeTable()
    tree = ProcessTree(leader, CallMark(), table)
    assert tree.scan().certain
    assert table.readings == 1
    table.vanished = [1]
    assert tree.scan().certain
    assert table.readings == 3
    table.entries[MANY] = replace(process(MANY, session=leader), state="Z")
    assert tree.scan().certain
    assert table.readings == 5


def test_elders_are_looked_up_once_and_again_when_their_numbers_may_be_others(
    leader: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = FakeTable(process(leader), process(MANY, started=99))
    tree = ProcessTree(leader, CallMark(), table)
    assert found(tree) == found(tree) == [leader]
    assert table.spared == {MANY}
    table.entries[MANY] = process(MANY, session=leader)
    monkeypatch.setattr(process_tree, "_NUMBER_RESTS_SECONDS", -1)
    assert found(tree) == [leader, MANY]


def test_who_was_dead_before_the_look_raises_no_doubt(leader: int) -> None:
    table = FakeTable(process(leader))
    tree = ProcessTree(leader, CallMark(), table)
    assert found(tree) == [leader]
    table.entries[leader] = replace(table.entries[leader], state="Z")
    assert tree.scan() == ([], [], 0)
    assert table.readings == 2


def test_one_that_goes_before_its_marks_are_read_may_have_left_a_child(leader: int) -> None:
    table = FakeTable(process(MANY))
    tree = ProcessTree(leader, CallMark(), table)
    read = table.read

    def read_and_lose(but: Set[int] = frozenset()) -> Reading:
        reading = read(but)
        table.entries.clear()
        return reading

    table.read = read_and_lose  # type: ignore[method-assign]
    assert tree.scan().certain
    assert table.readings == 2


def test_a_chain_that_is_never_seen_alive_is_not_taken_for_nobody(leader: int) -> None:
    table = FakeTable()
    tree = ProcessTree(leader, CallMark(), table)

    def hop(but: Set[int] = frozenset()) -> Reading:
        table.readings += 1
        zombie = replace(process(MANY + table.readings, session=leader), state="Z")
        return Reading({zombie.pid: zombie}, 0)

    table.read = hop  # type: ignore[method-assign]
    sight = tree.scan()
    assert not sight.certain
    assert [entry.pid for entry in sight.presence] == [MANY + table.readings]
    destruction = tree.destroy(0.05)
    assert destruction.found
    assert destruction.survivors


def test_who_leaves_the_group_before_the_signal_comes_is_asked_all_the_same(leader: int) -> None:
    child = subprocess.Popen(["sleep", "120"], start_new_session=True)
    real = ProcTable().entry(child.pid)
    assert real is not None
    table = FakeTable(process(leader), real)
    read = table.read

    def read_earlier(but: Set[int] = frozenset()) -> Reading:
        reading = read(but)
        reading.entries[child.pid] = replace(real, group=leader, session=leader)
        return reading

    table.read = read_earlier  # type: ignore[method-assign]
    try:
        assert [entry.pid for entry in ProcessTree(leader, CallMark(), table).ask().alive] == sorted(
            [leader, child.pid]
        )
    finally:
        assert child.wait() == -signal.SIGTERM


def test_who_lives_too_short_to_be_read_is_caught_at_birth(
    leader: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, newborn = CallMark(), process(MANY)
    sent: list[signal.Signals] = []

    class Chasing(FakeTable):
        """Has the newborn in its list only when that has been stopped: else it lives for less than a look."""

        def read(self, but: Set[int] = frozenset()) -> Reading:
            if not sent:
                return Reading({}, 1)
            return Reading({} if signal.SIGKILL in sent else {MANY: newborn}, 0)

        def youngest(self) -> int:
            return MANY + 1

    table = Chasing(newborn)
    table.limit_texts[MANY] = str(mark.limit).encode()
    monkeypatch.setattr(process_tree, "send", lambda entry, number, _: sent.append(number))
    assert ProcessTree(leader, mark, table).destroy(60) == (True, [])
    assert (sent[0], sent[-1]) == (signal.SIGSTOP, signal.SIGKILL)


@pytest.mark.parametrize(("found", "escalation"), [(True, "killed"), (False, "asked")])
async def test_a_doubt_is_resolved_by_force(
    leader: int, monkeypatch: pytest.MonkeyPatch, found: bool, escalation: str
) -> None:
    table = FakeTable()
    table.vanished = [1] * 1000
    tree = ProcessTree(leader, CallMark(), table)
    monkeypatch.setattr(tree, "destroy", lambda seconds: Destruction(found, []))
    outcome = await Stopping(tree, table).drive(Persistence(lambda: None))
    assert outcome == (escalation, ())


def test_a_busy_system_does_not_make_us_look_for_ever(leader: int) -> None:
    table = FakeTable()
    table.vanished = [1] * 1000
    tree = ProcessTree(leader, CallMark(), table)
    assert not tree.scan().certain
    assert tree.destroy(60) == (False, [])
    assert table.readings < 100


def test_zombies_are_not_alive_unless_a_thread_of_theirs_is() -> None:
    assert not ProcessEntry(1, 1, 1, 1, 1, "Z").alive
    assert not ProcessEntry(1, 1, 1, 1, 1, "X").alive
    assert ProcessEntry(1, 1, 1, 1, 1, "Z", threads=2).alive
    assert ProcessEntry(1, 1, 1, 1, 1, "T").alive
    assert ProcessEntry(1, 1, 1, 1, 1, "T").stopped


async def test_a_process_whose_main_thread_has_ended_is_stopped_too() -> None:
    headless = """
import _thread, ctypes
_thread.start_new_thread(linger, ())
say("here")
ctypes.CDLL(None).pthread_exit(None)
"""
    async with watched(["env", *python(headless)[:1], "-c", *python(headless)[4:]]) as one:
        [pid] = await one.pids_of(1)
        entry = ProcTable().entry(pid)
        assert entry is not None
        assert entry.alive
        report = await one.cancelled()
        assert not alive(pid)
        assert (report.escalation, report.survivors) == ("terminated", 0)


def test_a_process_cannot_hide_behind_its_name(leader: int, tmp_path: Path) -> None:
    program = tmp_path / "a) R 1 (b"
    program.symlink_to("/bin/sleep")
    child = subprocess.Popen([program, "120"], start_new_session=True)
    try:
        entry = ProcTable().entry(child.pid)
        assert entry is not None
        assert (entry.parent, entry.group, entry.session) == (os.getpid(), child.pid, child.pid)
        assert entry.threads == 1
    finally:
        child.kill()
        child.wait()
    assert ProcTable().entry(child.pid) is None
    assert ProcTable().environment(child.pid) == b""


def test_a_signal_reaches_only_whom_it_is_meant_for(leader: int) -> None:
    table = ProcTable()
    real = table.entry(leader)
    assert real is not None
    earlier = ProcessEntry(real.pid, real.started - 1, real.parent, real.group, real.session, "S")
    assert not send(earlier, signal.SIGKILL, table)
    assert alive(leader)
    assert send(real, signal.SIGSTOP, table)
    stopped = table.entry(leader)
    assert stopped is not None


@pytest.mark.parametrize("pid", [0, 1, os.getpid(), -os.getpgrp()])
def test_no_signal_goes_to_ourselves_or_to_everyone(pid: int) -> None:
    entry = process(pid)
    assert not send(entry, signal.SIGCONT, FakeTable(entry))


def test_a_signal_to_somebody_gone_or_forbidden_says_so(
    leader: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = process(MANY)
    assert not send(gone, signal.SIGKILL, FakeTable(gone))

    def forbid(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(signal, "pidfd_send_signal", forbid)
    entry = ProcTable().entry(leader)
    assert entry is not None
    assert not send(entry, signal.SIGKILL, ProcTable())


def test_marks_differ() -> None:
    one, other = CallMark(), CallMark()
    assert one.token != other.token
    assert one.limit != other.limit
    block = b"".join(os.fsencode(f"{name}={value}\0") for name, value in one.environment({"A": "b"}).items())
    assert one.in_environment(block)
    assert not other.in_environment(block)
    assert not one.in_environment(block.replace(VARIABLE.encode(), b"OTHER"))


def test_the_environment_is_extended_not_changed() -> None:
    given = {"A": "b"}
    assert CallMark().environment(given).keys() == {"A", VARIABLE}
    assert given == {"A": "b"}


def test_an_inner_call_keeps_the_marks_of_the_outer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    outer, inner = CallMark(), CallMark()
    monkeypatch.setenv(VARIABLE, outer.environment({})[VARIABLE])
    both = os.fsencode(f"{VARIABLE}={inner.environment({})[VARIABLE]}\0")
    assert outer.in_environment(both)
    assert inner.in_environment(both)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (outer.limit, resource.RLIM_INFINITY))
    assert not inner.brand(os.getpid())


def test_the_limit_is_written_to_the_process_and_not_to_us(leader: int) -> None:
    mark, before = CallMark(), resource.getrlimit(resource.RLIMIT_RTTIME)
    assert mark.brand(leader)
    assert mark.in_limits(ProcTable().limits(leader))
    assert not mark.in_limits(ProcTable().limits(os.getpid()))
    assert resource.getrlimit(resource.RLIMIT_RTTIME) == before


def test_a_process_that_cannot_be_branded_is_not() -> None:
    assert not CallMark().brand(MANY)


async def test_an_outer_call_ends_the_processes_of_an_inner_one() -> None:
    root = str(Path(harnlet.__path__[0]).parent)
    calls = f"""
import asyncio
sys.path.insert(0, {root!r})
from harnlet.tools.process import run_process
async def main():
    listen = lambda _, data: os.write(1, data)
    await run_process({python("daemonise(lambda: (os.environ.clear(), stay())); stay()")!r}, on_output=listen)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
asyncio.run(main())
"""
    async with watched([sys.executable, "-I", *python(calls)[3:]], grace_ms=0) as one:
        pids = await one.pids_of(2)
        report = await one.cancelled()
        assert [alive(pid) for pid in pids] == [False, False]
        assert one.relatives() == []
        assert (report.escalation, report.survivors) == ("killed", 0)
