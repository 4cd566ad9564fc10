"""The same promises where the system helps less, and the program that adopts orphans."""

import asyncio
import importlib.util
import os
import subprocess
import threading
from collections.abc import Iterator

import pytest

from cancel.test_process_support import LONG_MS, alive, python, state, until, watched
from harnlet.tools import process_exit, process_running, process_table_portable, process_tree
from harnlet.tools.process import run_process
from harnlet.tools.process_reaper import adopt_orphans
from harnlet.tools.process_table import ProcTable
from harnlet.tools.process_table_portable import GroupTable, PsutilTable, best_table

POLITE = """
def reap_and_go(*_): os.wait(), sys.exit()
fork(stay)
signal.signal(signal.SIGTERM, reap_and_go)
stay()
"""
"""A family of two that leaves no zombie to init: a group with one in it looks inhabited."""

psutil_only = pytest.mark.skipif(not PsutilTable.available(), reason="needs psutil")


@pytest.fixture(
    params=["no handles", "few handles", pytest.param("psutil", marks=psutil_only), "the group alone"]
)
def poorer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A system that lacks something."""
    if request.param == "few handles":
        for module in (process_exit, process_tree):
            monkeypatch.setattr(module, "MOST_HANDLES", 1)
        return str(request.param)
    monkeypatch.delattr(os, "pidfd_open")
    if request.param == "psutil":
        monkeypatch.setattr(process_running, "best_table", lambda group: PsutilTable())
    elif request.param == "the group alone":
        monkeypatch.setattr(process_running, "best_table", GroupTable)
    return str(request.param)


async def test_a_poorer_system_runs_commands(poorer: str) -> None:
    result = await run_process(["sh", "-c", "cat; exit 3"], stdin=b"in")
    assert (result.stdout, result.status) == (b"in", 3)
    assert (await run_process(["sh", "-c", "kill -9 $$"])).signal == 9


@pytest.mark.parametrize(
    ("code", "count", "grace_ms", "escalation"),
    [(POLITE, 2, LONG_MS, "terminated"), ("ignore_term(); stay()", 1, 50, "killed")],
)
async def test_a_poorer_system_stops_the_group(
    poorer: str, code: str, count: int, grace_ms: int, escalation: str
) -> None:
    async with watched(python(code), grace_ms=grace_ms) as one:
        pids = await one.pids_of(count)
        assert await one.process.pids() == (
            [-pid for pid in pids if pid == one.process.pid] if poorer == "the group alone" else sorted(pids)
        )
        report = await one.cancelled()
        assert [pid for pid in pids if alive(pid)] == []
        assert (report.escalation, report.survivors) == (escalation, 0)


@pytest.mark.parametrize("daemon", ["stay", "lambda: (ignore_term(), stay())"])
async def test_all_but_the_poorest_system_find_a_daemon(poorer: str, daemon: str) -> None:
    if poorer == "the group alone":
        pytest.skip("out of its sight, as documented")
    async with watched(python(f"daemonise({daemon}); stay()"), grace_ms=100) as one:
        pids = await one.pids_of(2)
        report = await one.cancelled()
        assert [alive(pid) for pid in pids] == [False, False]
        assert report.survivors == 0


def test_a_waiting_thread_outlives_its_loop_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    ended = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda problem: ended.set())
    child = subprocess.Popen(["sleep", "120"])

    async def watch() -> None:
        process_exit.LeaderExit(child.pid, ended.set, keeps_zombie=True)

    asyncio.run(watch())
    [waiter] = [one for one in threading.enumerate() if one.name == f"harnlet-wait-{child.pid}"]
    child.kill()
    waiter.join()
    child.wait()
    assert not ended.is_set()


async def test_who_has_stopped_watching_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pidfd_open")
    child = subprocess.Popen(["sleep", "120"])  # noqa: ASYNC220
    told: list[bool] = []
    watch = process_exit.LeaderExit(child.pid, lambda: told.append(True), keeps_zombie=True)
    [waiter] = [one for one in threading.enumerate() if one.name == f"harnlet-wait-{child.pid}"]
    watch.close()
    watch.close()
    child.kill()
    await until(lambda: not waiter.is_alive())
    await asyncio.sleep(0)
    assert told == []
    assert watch.reap() == -9
    assert watch.reap() == -9
    child.returncode = -9


@psutil_only
def test_psutil_tells_the_same_as_proc() -> None:
    child = subprocess.Popen(["sleep", "120"], start_new_session=True, env={"A": "b"})
    try:
        ours, theirs = ProcTable().entry(child.pid), PsutilTable().entry(child.pid)
        assert ours is not None
        assert theirs is not None
        for entry in (ours, theirs):
            assert (entry.parent, entry.group, entry.session) == (os.getpid(), child.pid, child.pid)
            assert entry.alive
        assert PsutilTable().read().entries[child.pid] == theirs
        assert PsutilTable().environment(child.pid) == ProcTable().environment(child.pid) == b"A=b\0"
        assert PsutilTable().limits(child.pid) == b""
    finally:
        child.kill()
        child.wait()
    assert PsutilTable().entry(child.pid) is None
    assert PsutilTable().environment(child.pid) == b""


def test_the_group_is_there_as_long_as_somebody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen(["sleep", "120"], start_new_session=True)
    table = GroupTable(child.pid)
    try:
        assert list(table.read().entries) == [-child.pid]
        assert table.entry(-child.pid) == table.read().entries[-child.pid]
        assert (table.environment(child.pid), table.limits(child.pid)) == (b"", b"")
    finally:
        child.kill()
        child.wait()
    assert table.read().entries == {}

    def forbid(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "killpg", forbid)
    assert list(table.read().entries) == [-child.pid]


def test_the_best_table_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(best_table(1), ProcTable)
    monkeypatch.setattr(ProcTable, "available", lambda: False)
    if PsutilTable.available():
        assert isinstance(best_table(1), PsutilTable)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert isinstance(process_table_portable.best_table(1), GroupTable)


@pytest.fixture
def adopting() -> Iterator[None]:
    assert adopt_orphans()
    yield
    assert not adopt_orphans(False)


async def test_who_adopts_orphans_reaps_those_it_has_stopped(adopting: None) -> None:
    async with watched(python("daemonise(stay); stay()")) as one:
        orphan = max(await one.pids_of(2))
        entry = ProcTable().entry(orphan)
        assert entry is not None
        assert entry.parent == os.getpid()
        report = await one.cancelled()
        assert state(orphan) == ""
        assert (report.escalation, report.survivors) == ("terminated", 0)


async def test_who_adopts_orphans_leaves_those_of_others_alone(adopting: None) -> None:
    other = subprocess.Popen(python("linger()"), start_new_session=True)  # noqa: ASYNC220
    try:
        async with watched(python("stay()")) as one:
            await one.pids_of(1)
            other.kill()
            await until(lambda: state(other.pid) == "Z")
            await one.cancelled()
            assert state(other.pid) == "Z"
    finally:
        other.kill()
        assert other.wait() == -9
