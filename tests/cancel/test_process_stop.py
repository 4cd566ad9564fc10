"""Stopped means stopped: whatever shape a tree takes, nobody of it lives on (B5), and it is said how."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cancel.test_process_support import LONG_MS, Watched, alive, python, reap, state, until, watched
from harnlet.tools import process_stop, process_tree
from harnlet.tools.process_mark import VARIABLE, CallMark
from harnlet.tools.process_stop import StopReport

CLEARED = f"""
def cleared():
    code = "import os, time; os.write(1, b'here %d\\\\n' % os.getpid()); os.closerange(0, 9); time.sleep(99)"
    os.execve({sys.executable!r}, [{sys.executable!r}, "-I", "-S", "-c", code], {{}})
"""

SHAPES = {
    "alone": ("stay()", 1, "terminated"),
    "a plain child": ("fork(stay); stay()", 2, "terminated"),
    "a child with a session of its own": ("fork(lambda: (os.setsid(), stay())); stay()", 2, "terminated"),
    "forked twice": ("daemonise(stay); stay()", 2, "terminated"),
    "forked twice, and the command has ended": ("daemonise(stay)", 1, "terminated"),
    "a child that has lost its parent and holds the output": ("fork(stay)", 1, "terminated"),
    "ignores SIGTERM": ("ignore_term(); stay()", 1, "killed"),
    "a child that ignores SIGTERM": ("fork(lambda: (ignore_term(), stay())); stay()", 2, "killed"),
    "a daemon that ignores SIGTERM": ("daemonise(lambda: (ignore_term(), stay())); stay()", 2, "killed"),
    "a daemon without environment": (f"{CLEARED}\ndaemonise(cleared); stay()", 2, "terminated"),
    "a daemon without environment that ignores SIGTERM": (
        f"{CLEARED}\ndaemonise(lambda: (ignore_term(), cleared())); stay()",
        2,
        "killed",
    ),
    "five generations of sessions": (
        "def next(n): os.setsid() if n < 5 else None; n and fork(lambda: next(n - 1)); stay()\nnext(5)",
        6,
        "terminated",
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
async def test_nobody_of_the_tree_lives_on(shape: str) -> None:
    code, count, escalation = SHAPES[shape]
    grace_ms = LONG_MS if escalation == "terminated" else 50
    async with watched(python(code), grace_ms=grace_ms) as one:
        pids = await one.pids_of(count)
        report = await one.cancelled("enough")
        assert [pid for pid in pids if alive(pid)] == []
        assert one.relatives() == []
        assert (report.escalation, report.survivors, report.survivor_pids) == (escalation, 0, ())
        assert report.reason == "enough"
        assert report.partial.stdout.count(b"here") == count


@pytest.mark.parametrize("who", ["fork(stop); stay()", "daemonise(stop); stay()"])
async def test_a_stopped_process_is_asked_as_well(who: str) -> None:
    stops = "def stop(): say('stopping'); os.kill(os.getpid(), signal.SIGSTOP)\n"
    async with watched(python(stops + who)) as one:
        [stopped] = await one.pids_of(1, "stopping")
        await until(lambda: state(stopped) == "T")
        report = await one.cancelled()
        assert not alive(stopped)
        assert (report.escalation, report.survivors) == ("terminated", 0)


async def test_a_stopped_process_that_ignores_sigterm_is_killed() -> None:
    stops = "ignore_term(); say('stopping'); os.kill(os.getpid(), signal.SIGSTOP); linger()"
    async with watched(python(stops), grace_ms=0) as one:
        [stopped] = await one.pids_of(1, "stopping")
        await until(lambda: state(stopped) == "T")
        report = await one.cancelled()
        assert not alive(stopped)
        assert (report.escalation, report.survivors) == ("killed", 0)


class Tether:
    """A pipe that a process opens and its descendants inherit: it comes to its end with the last of them."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self.path = path
        self.end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def slack(self) -> bool:
        try:
            return os.read(self.end, 1) == b""
        except BlockingIOError:
            return False


@pytest.fixture
def tether(tmp_path: Path) -> Iterator[Tether]:
    tether = Tether(tmp_path / "tether")
    yield tether
    os.close(tether.end)


def holding(tether: Tether, code: str) -> list[str]:
    """The command that runs Python code with the tether in its hands."""
    return python(f"os.open({str(tether.path)!r}, os.O_WRONLY)\n{code}")


@pytest.mark.parametrize("escape", ["", "os.setsid()"])
async def test_a_tree_that_keeps_growing_is_caught(tether: Tether, escape: str) -> None:
    grows = f"""
ignore_term()
def child():
    {escape}
    say("here")
    linger()
for _ in range(100):
    fork(child)
linger()
"""
    async with watched(holding(tether, grows), grace_ms=0) as one:
        pids = await one.pids_of(5)
        report = await one.cancelled()
        pids += [int(line.split()[1]) for line in report.partial.stdout.splitlines()]
        assert [pid for pid in pids if alive(pid)] == []
        assert tether.slack()
        assert (report.escalation, report.survivors) == ("killed", 0)


@pytest.mark.parametrize("escape", ["pass", "os.setsid()"])
async def test_a_chain_of_which_each_forks_and_ends_is_caught(tether: Tether, escape: str) -> None:
    hops = f"""
ignore_term()
say("here")
for _ in range(400):
    if os.fork():
        os._exit(0)
    {escape}
linger()
"""
    async with watched(holding(tether, hops), grace_ms=0) as one:
        await one.pids_of(1)
        report = await one.cancelled()
        assert tether.slack()
        assert (report.escalation, report.survivors) == ("killed", 0)


async def test_the_tether_tells_whether_anybody_is_there(tether: Tether) -> None:
    async with watched(holding(tether, "fork(stay)")) as one:
        await one.pids_of(1)
        assert not tether.slack()
        await one.cancelled()
        assert tether.slack()


async def test_last_words_are_kept() -> None:
    says_goodbye = "signal.signal(signal.SIGTERM, lambda *_: (say('bye'), sys.exit())); stay()"
    async with watched(python(says_goodbye)) as one:
        await one.pids_of(1)
        running = one.process._running
        assert running is not None
        # As if the loop never came to read what the process says at the very end.
        asyncio.get_running_loop().remove_reader(running._stdout._descriptor)
        report = await one.cancelled()
        assert [line.split()[0] for line in report.partial.stdout.splitlines()] == [b"here", b"bye"]
        assert report.escalation == "terminated"
        assert one.process.partial() == report.partial


async def test_helpers_that_clean_up_are_not_asked_to_go(tmp_path: Path) -> None:
    # The helper starts after SIGTERM, outside of the group, and outlives its parent.
    cleans = f"""
def clean(*_):
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setsid()
        time.sleep(0.1)
        open({str(tmp_path / "clean")!r}, "x")
        os._exit(0)
    sys.exit()
signal.signal(signal.SIGTERM, clean)
stay()
"""
    async with watched(python(cleans)) as one:
        await one.pids_of(1)
        assert (await one.cancelled()).escalation == "terminated"
        assert (tmp_path / "clean").exists()


async def test_each_process_is_asked_once() -> None:
    counts = """
signal.signal(signal.SIGTERM, lambda *_: say("asked"))
def wait():
    say("here")
    while True:
        signal.pause()
fork(wait)
fork(lambda: (os.setsid(), wait()))
wait()
"""
    async with watched(python(counts)) as one:
        pids = await one.pids_of(3)
        one.task.cancel()
        assert sorted(await one.pids_of(3, "asked")) == sorted(pids)
        report = await one.cancelled()
        assert report.partial.stdout.count(b"asked") == 3
        assert report.escalation == "killed"


async def test_an_ended_command_needs_no_signal() -> None:
    # The command has ended, and somebody else has killed who held its output; only nobody has looked yet.
    async with watched(python("fork(stay)")) as one:
        [grandchild] = await one.pids_of(1)
        leader = one.process.pid or 0
        await until(lambda: state(leader) == "Z")
        os.kill(grandchild, signal.SIGKILL)
        while alive(grandchild):
            pass
        report = await one.cancelled()
        assert (report.escalation, report.survivors) == ("asked", 0)


async def test_a_tree_is_found_when_the_host_has_reaped_the_command() -> None:
    async with watched(python("fork(lambda: (os.setsid(), stay()))")) as one:
        [grandchild] = await one.pids_of(1)
        leader = one.process.pid or 0
        await until(lambda: state(leader) == "Z")
        reap(leader)
        report = await one.cancelled()
        assert not alive(grandchild)
        assert (report.escalation, report.survivors) == ("terminated", 0)


async def test_siblings_are_not_touched() -> None:
    async with watched(python("fork(stay); stay()")) as one, watched(python("fork(stay); stay()")) as other:
        pids, others = await one.pids_of(2), await other.pids_of(2)
        await one.cancelled()
        assert [alive(pid) for pid in pids] == [False, False]
        assert [alive(pid) for pid in others] == [True, True]
        assert not other.task.done()


async def test_a_mark_that_somebody_copied_condemns_nobody() -> None:
    async with watched(python(f"print(os.environ[{VARIABLE!r}], flush=True); stay()")) as one:
        mark = await one.line()
        bystander = subprocess.Popen(python("linger()"), env={VARIABLE: mark})  # noqa: ASYNC220
        try:
            await one.cancelled()
            assert bystander.poll() is None
            assert alive(bystander.pid)
        finally:
            bystander.kill()
            bystander.wait()


async def test_who_cannot_be_ended_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    async with watched(python("fork(lambda: (ignore_term(), stay())); stay()"), grace_ms=0) as one:
        pids = await one.pids_of(2)
        with monkeypatch.context() as powerless:
            powerless.setattr(process_tree, "send", lambda *_: False)
            powerless.setattr(process_tree.ProcessTree, "_signal_group", lambda *_: False)
            powerless.setattr(process_stop, "KILL_SECONDS", 0.01)
            report = await one.cancelled("try")
        assert (report.escalation, report.survivors) == ("abandoned", 2)
        assert sorted(report.survivor_pids) == sorted(pids)
        assert report.partial.stdout.count(b"here") == 2
        assert all(map(alive, pids))
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        # The command is our child: it is reaped when it ends at last.
        await until(lambda: state(one.process.pid or 0) == "")


async def test_the_limits_that_are_documented_are_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the second mark, a daemon that has cleared its environment is out of sight.
    monkeypatch.setattr(CallMark, "brand", lambda self, pid: False)
    async with watched(python(f"{CLEARED}\ndaemonise(cleared); stay()")) as one:
        pids = await one.pids_of(2)
        report = await one.cancelled()
        [lost] = [pid for pid in pids if alive(pid)]
        os.kill(lost, signal.SIGKILL)
        assert (report.escalation, report.survivors) == ("terminated", 0)


def test_a_report_counts_its_survivors() -> None:
    report = StopReport("r", "abandoned", (3, 4), process_stop.ProcessOutput(b"", b""), 5)
    assert report.survivors == 2


@pytest.fixture
def push(tmp_path: Path) -> tuple[list[str], dict[str, str], Path]:
    """A `git push` to where a hook waits in a grandchild; its environment; the reference it would make."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("needs git")
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(tmp_path)}
    for role in ("AUTHOR", "COMMITTER"):
        nobody |= {f"GIT_{role}_NAME": "n", f"GIT_{role}_EMAIL": "n@example.org"}
    work, bare = tmp_path / "work", tmp_path / "bare"

    def run(*words: str) -> None:
        subprocess.run([git, *words], env={**os.environ, **nobody}, check=True, capture_output=True)

    run("init", "--bare", str(bare))
    run("init", str(work))
    run("-C", str(work), "commit", "--allow-empty", "-m", "one")
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nsh -c 'sleep 120 & echo here $! >&2; wait'\n")
    hook.chmod(0o755)
    return [git, "-C", str(work), "push", str(bare), "HEAD:refs/heads/sent"], nobody, bare / "refs/heads/sent"


async def test_a_push_stopped_in_its_hook_does_not_arrive(
    push: tuple[list[str], dict[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    command, environment, reference = push
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    async with watched(command) as one:
        sleeper = await _sleeper(one)
        report = await one.cancelled("wrong branch")
        assert not alive(sleeper)
        assert one.relatives() == []
        assert (report.escalation, report.survivors) == ("terminated", 0)
        assert not reference.exists()


async def _sleeper(push: Watched) -> int:
    return int((await push.line("here ")).split()[2])
