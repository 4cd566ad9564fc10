"""Finding everything that one started process has become, and ending all of it."""

import contextlib
import os
import select
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from .process_mark import CallMark
from .process_signal import open_handle, send
from .process_table import ProcessEntry, ProcessTable

MOST_HANDLES = 64
"""How many processes are waited for by descriptor at a time; of a larger tree the rest is looked up again."""

_MOST_LOOKS = 3
"""How often to look again while others keep ending meanwhile, as they do on a busy system."""

_MOST_DOUBTS = 8
"""How often to pounce in vain before we believe that it was others who ended."""

_NUMBER_RESTS_SECONDS = 0.05
"""How soon a number cannot come back: all others, 32,768 at least, are given out before."""

_POUNCE_SECONDS = 0.01
"""How long one pounce lasts: some ten lives of a process that does nothing but fork and end."""

_BROOD = 4
"""How many of the youngest numbers a pounce tries: the last one may be a thread's, or not yet be there."""

_POLL_SECONDS = 0.01


class Sight(NamedTuple):
    """What can be seen of a tree."""

    alive: list[ProcessEntry]
    just_ended: list[ProcessEntry]
    """Who may have ended during the look, and may have left a child that it missed."""
    vanished: int
    """How many others ended during the look, of whom nothing is known."""

    @property
    def certain(self) -> bool:
        """Whether nobody of the tree was missed, as far as marks and relations tell."""
        return not self.just_ended and not self.vanished

    @property
    def presence(self) -> list[ProcessEntry]:
        """Who shows that somebody is there: the living, or else the traces of those who move on unseen."""
        return self.alive or self.just_ended


class Destruction(NamedTuple):
    """What killing has come to."""

    found: bool
    """Whether there was anybody."""
    survivors: list[ProcessEntry]


class ProcessTree:
    """The descendants of one process that leads its own session (`docs/cancellation.md`, B5).

    A process belongs to the tree when at least one of these holds:

    - it was seen in the tree before (same number, same start time);
    - it is in the leader's process group or session;
    - its parent is in the tree, or its session is that of a process in the tree: the leader began a session
      of its own, so every session among its descendants was made by one of them;
    - it carries the call's mark, in its environment or in its resource limits.

    It never does when it is older than the leader, or in a session in which somebody is: nobody can join a
    session that exists, so it is no descendant, whatever it carries (a mark copied into a terminal, say).

    All methods block: for milliseconds, `destroy` for as long as it is told. They may run in any thread.
    """

    def __init__(self, leader: int, mark: CallMark, table: ProcessTable) -> None:
        self._leader = leader
        self._mark = mark
        self._table = table
        self._lock = threading.RLock()
        self._leader_kept = True
        self._oldest: int | None = None
        self._known: dict[int, int] = {}
        self._dead: set[tuple[int, int]] = set()
        self._dead_strangers: set[tuple[int, int]] = set()
        self._elders: set[int] = set()
        self._elders_seen = 0.0
        self._foreign_sessions: set[int] = set()

    def release_leader(self) -> None:
        """The leader has been reaped: its number may soon be another's, and tells nothing any more."""
        self._leader_kept = False

    def scan(self) -> Sight:
        """Who of the tree is alive now.

        That nobody is there is harder to see than that somebody is: one that forks and ends between being
        listed and being read has gone, and its child was not in the list. So a look that saw nobody alive,
        but traces of somebody who ended meanwhile, is repeated; if that does not help, the answer says so.
        """
        with self._lock:
            for _ in range(_MOST_LOOKS):
                sight = self._look()
                if sight.alive or sight.certain:
                    break
            return sight

    def ask(self) -> Sight:
        """SIGTERM to everyone, once; answers to whom.

        The scan comes first, because as soon as a parent ends its children no longer point to it. SIGCONT
        follows, because a stopped process sees no other signal before it goes on. Who starts later is not
        asked: it is most likely cleaning up for its parent (`trap 'rm -r work' TERM`).
        """
        with self._lock:
            sight = self.scan()
            for number in (signal.SIGTERM, signal.SIGCONT):
                whole_group = self._signal_group(number)
                for entry in sight.alive:
                    if not (whole_group and self._is_in_group(entry)):
                        send(entry, number, self._table)
            return sight

    def destroy(self, seconds: float) -> Destruction:
        """SIGKILL to everyone, and again until it is certain that nobody is left or the time is up.

        First all are frozen, until a look finds nobody new. A frozen process cannot fork, so that the set
        which is then killed is complete, however fast it had been growing.
        """
        deadline = time.monotonic() + seconds
        found = False
        with self._lock:
            while True:
                members = self._freeze(deadline)
                if not members:
                    return Destruction(found, [])
                found = True
                for entry in members:
                    send(entry, signal.SIGKILL, self._table)
                self._await_end(members, deadline)
                if time.monotonic() >= deadline:
                    return Destruction(found, self.scan().presence)

    def _freeze(self, deadline: float) -> list[ProcessEntry]:
        frozen: set[tuple[int, int]] = set()
        doubts = 0
        while True:
            sight = self._look()
            moving = [entry for entry in sight.alive if entry.identity not in frozen]
            if moving and time.monotonic() < deadline:
                self._signal_group(signal.SIGSTOP)
                for entry in moving:
                    send(entry, signal.SIGSTOP, self._table)
                    frozen.add(entry.identity)
            elif sight.alive or sight.certain or doubts == _MOST_DOUBTS:
                return sight.presence
            else:
                doubts += 1
                self._signal_group(signal.SIGSTOP)
                self._pounce()

    def _pounce(self) -> None:
        """Try to freeze somebody of the tree at birth.

        For a chain in which each forks and ends: whoever a look sees of it has gone by the end of the look.
        But at any time there is the one who was born last, and looking at that one takes 0.1 ms.
        """
        end = time.monotonic() + _POUNCE_SECONDS
        while time.monotonic() < end and (youngest := self._table.youngest()) is not None:
            for pid in range(youngest, youngest - _BROOD, -1):
                entry = self._table.entry(pid)
                if entry is not None and entry.alive and not self._is_foreign(entry) and self._belongs(entry):
                    send(entry, signal.SIGSTOP, self._table)
                    return

    def _anchored(self) -> bool:
        """Whether the leader is still our child, running or unreaped, so that nobody else has its number.

        Asks the kernel, since a host that waits for any child (`waitpid(-1)`) reaps ours as well.
        """
        if not self._leader_kept or not hasattr(os, "waitid"):
            return self._leader_kept
        try:
            os.waitid(os.P_PID, self._leader, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        return True

    def _look(self) -> Sight:
        """Read the table once."""
        self._note_the_dead()
        if time.monotonic() - self._elders_seen > _NUMBER_RESTS_SECONDS:
            self._elders.clear()
        entries, vanished = self._table.read(but=self._elders)
        self._note_the_elders(entries.values())
        members = _Members(entry for entry in entries.values() if not self._is_foreign(entry))
        members.add(entry for entry in members.strangers() if self._is_related(entry))
        # Marks last: they cost two more reads for each process.
        for entry in members.strangers():
            marked = self._is_marked(entry)
            if marked:
                members.add([entry])
            elif marked is None:
                vanished += 1
        self._reap_adopted(members)
        alive = sorted((entry for entry in members if entry.alive), key=lambda entry: entry.pid)
        just_ended = [entry for entry in members if not entry.alive and entry.identity not in self._dead]
        self._known = dict(entry.identity for entry in alive)
        self._dead.update(entry.identity for entry in just_ended)
        return Sight(alive, just_ended, vanished)

    def _note_the_dead(self) -> None:
        """Who is dead before a look begins cannot leave a child during it."""
        for pid in self._known:
            entry = self._table.entry(pid)
            if entry is not None and not entry.alive:
                self._dead.add(entry.identity)

    def _note_the_elders(self, everyone: Collection[ProcessEntry]) -> None:
        if self._oldest is None:
            leader = self._table.entry(self._leader) if self._anchored() else None
            self._oldest = leader.started if leader else 0
        older = [entry for entry in everyone if entry.started < self._oldest]
        if not self._elders:
            self._elders_seen = time.monotonic()
            self._foreign_sessions = {os.getsid(0)}
        self._elders.update(entry.pid for entry in older)
        self._foreign_sessions.update(entry.session for entry in older)

    def _is_foreign(self, entry: ProcessEntry) -> bool:
        return entry.session in self._foreign_sessions

    def _belongs(self, entry: ProcessEntry) -> bool:
        return self._is_related(entry) or bool(self._is_marked(entry))

    def _is_related(self, entry: ProcessEntry) -> bool:
        if self._known.get(entry.pid) == entry.started:
            return True
        return self._leader in (entry.pid, entry.group, entry.session) and self._anchored()

    def _is_marked(self, entry: ProcessEntry) -> bool | None:
        """Whether it carries the call's mark; None when it had gone before that could be seen."""
        if entry.identity in self._dead_strangers:
            return False
        limits, environment = self._table.limits(entry.pid), self._table.environment(entry.pid)
        if self._mark.in_limits(limits) or self._mark.in_environment(environment):
            return True
        if not limits and not environment and self._table.entry(entry.pid) is None:
            return None
        if not entry.alive:  # it may stay for as long as init is busy
            self._dead_strangers.add(entry.identity)
        return False

    def _is_in_group(self, entry: ProcessEntry) -> bool:
        # Looked up again: who was in the middle of `setsid & exec` has left before the signal came.
        current = self._table.entry(entry.pid) or entry
        return current.group == self._leader

    def _signal_group(self, number: signal.Signals) -> bool:
        """One signal to everyone in the leader's group, in one step that no fork can slip through."""
        if not self._anchored() or self._leader == os.getpgrp():
            return False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._leader, number)
            return True
        return False

    def _await_end(self, members: list[ProcessEntry], deadline: float) -> None:
        """Block until the first of them (see `MOST_HANDLES`) have ended, or the deadline."""
        opened = (open_handle(entry.pid) for entry in islice(members, MOST_HANDLES))
        handles = {handle for handle in opened if handle is not None}
        if not handles:
            time.sleep(_POLL_SECONDS)
            return
        ends = select.poll()
        for handle in handles:
            ends.register(handle, select.POLLIN)
        try:
            while handles and (left := deadline - time.monotonic()) > 0:
                for ended, _ in ends.poll(left * 1000):
                    ends.unregister(ended)
                    handles.remove(ended)
                    os.close(ended)
        finally:
            for handle in handles:
                os.close(handle)

    def _reap_adopted(self, members: Iterable[ProcessEntry]) -> None:
        """Reap what has ended among the orphans that fell to this process (`process_reaper`)."""
        for entry in members:
            if not entry.alive and entry.pid != self._leader:
                with contextlib.suppress(ChildProcessError):  # it fell to init, as most do
                    os.waitpid(entry.pid, os.WNOHANG)


class _Members:
    """Those of a table's entries that belong to the tree; whoever is added brings its descendants along."""

    def __init__(self, entries: Iterable[ProcessEntry]) -> None:
        self._entries = {entry.pid: entry for entry in entries}
        self._chosen: dict[int, ProcessEntry] = {}
        self._relatives: dict[tuple[str, int], list[ProcessEntry]] = defaultdict(list)
        for entry in self._entries.values():
            self._relatives["child", entry.parent].append(entry)
            self._relatives["session", entry.session].append(entry)

    def __iter__(self) -> Iterator[ProcessEntry]:
        return iter(self._chosen.values())

    def strangers(self) -> list[ProcessEntry]:
        return [entry for pid, entry in self._entries.items() if pid not in self._chosen]

    def add(self, entries: Iterable[ProcessEntry]) -> None:
        waiting = list(entries)
        while waiting:
            entry = waiting.pop()
            if entry.pid not in self._chosen:
                self._chosen[entry.pid] = entry
                waiting += self._relatives["child", entry.pid]
                waiting += self._relatives["session", entry.session]
