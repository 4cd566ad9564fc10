"""Running a command to its end: what goes in, what comes out, and what is left alone."""

import asyncio
import errno
import os
import signal
import sys
from pathlib import Path

import pytest

from cancel.test_process_support import alive, python, reap, state, until, watched
from harnlet.tools import process_pipes
from harnlet.tools.process import ManagedProcess, run_process
from harnlet.tools.process_mark import VARIABLE
from harnlet.tools.process_pipes import OutputPipe


async def test_the_outputs_and_the_status_come_back() -> None:
    result = await run_process(["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert (result.stdout, result.stderr, result.status, result.signal) == (b"out\n", b"err\n", 3, None)
    assert not result.success
    assert result.stopped is None
    assert not result.output_open
    assert (await run_process(["true"])).success


async def test_a_command_ended_by_a_signal_has_status_minus_one_and_names_it() -> None:
    result = await run_process(["sh", "-c", "kill -KILL $$"])
    assert (result.status, result.signal, result.success) == (-1, signal.SIGKILL, False)


async def test_stdin_is_empty_unless_something_is_given() -> None:
    assert (await run_process(["cat"])).stdout == b""
    assert (await run_process(["cat"], stdin=b"")).stdout == b""
    assert (await run_process(["cat"], stdin=b"some\0thing")).stdout == b"some\0thing"


async def test_more_than_a_pipe_holds_goes_in_and_comes_out() -> None:
    much = os.urandom(3_000_000)
    assert (await run_process(["cat"], stdin=much)).stdout == much


async def test_a_command_need_not_read_what_it_is_given() -> None:
    result = await run_process(["sh", "-c", "exec <&-; echo done"], stdin=bytes(3_000_000))
    assert (result.stdout, result.status) == (b"done\n", 0)


async def test_directory_and_environment_are_as_told(tmp_path: Path) -> None:
    result = await run_process(
        [sys.executable, "-I", "-S", "-c", "import os; print(os.getcwd(), *sorted(os.environ))"],
        cwd=tmp_path,
        env={"ONLY": "this", "LC_ALL": "C.UTF-8"},
    )
    assert result.stdout.decode().split() == [str(tmp_path), *sorted([VARIABLE, "LC_ALL", "ONLY"])]


async def test_the_hosts_environment_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEN", "yes")
    assert (await run_process(["sh", "-c", "echo $SEEN"])).stdout == b"yes\n"


async def test_the_command_leads_its_own_session_and_group() -> None:
    result = await run_process(python("print(os.getpid(), os.getsid(0), os.getpgid(0))"))
    assert result.stdout.split() == [str(result.pid).encode()] * 3


@pytest.mark.parametrize(
    ("argv", "number"),
    [
        (["/there/is/no/such/program"], errno.ENOENT),
        (["/"], errno.EACCES),
        (["echo", "a\0b"], errno.EINVAL),
        (["echo", "\ud800"], errno.EINVAL),
    ],
)
async def test_what_cannot_be_started_is_an_os_error(argv: list[str], number: int) -> None:
    before = set(os.listdir("/proc/self/fd"))
    process = ManagedProcess(argv, stdin=b"")
    with pytest.raises(OSError, match=r".") as caught:
        await process.run()
    assert caught.value.errno == number
    assert process.pid is None
    assert process.partial() == (b"", b"", 0)
    assert await process.pids() == []
    assert set(os.listdir("/proc/self/fd")) == before


def test_a_command_needs_a_name() -> None:
    with pytest.raises(ValueError, match="argv must not be empty"):
        ManagedProcess([])


async def test_one_object_is_one_run() -> None:
    process = ManagedProcess(["true"])
    await process.run()
    with pytest.raises(RuntimeError, match="runs once"):
        await process.run()


async def test_output_beyond_the_limit_is_counted_and_dropped() -> None:
    heard: list[bytes] = []
    result = await run_process(
        ["sh", "-c", "head -c 300000 /dev/zero; echo 12345 >&2"],
        output_limit_bytes=4,
        on_output=lambda _, data: heard.append(data),
    )
    assert (result.stdout, result.stderr, result.status) == (bytes(4), b"1234", 0)
    assert result.dropped_bytes == 300_000 - 4 + 2
    assert sum(map(len, heard)) == 300_000 + 6


async def test_output_is_heard_while_the_command_runs() -> None:
    async with watched(python("say('first'); stay()")) as one:
        assert (await one.line()).startswith("first")
        assert not one.task.done()
        await one.line("here")
        assert one.process.partial().stdout.startswith(b"first")


async def test_a_listener_that_fails_costs_no_output() -> None:
    def fail(stream: str, data: bytes) -> None:
        raise ValueError(stream)

    problems: list[object] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: problems.append(context["exception"])
    )
    assert (await run_process(["echo", "kept"], on_output=fail)).stdout == b"kept\n"
    assert [str(problem) for problem in problems] == ["stdout"]


async def test_what_a_command_leaves_behind_lives_on_and_can_be_listed() -> None:
    async with watched(python("daemonise(lambda: (say('here'), os.close(1), os.close(2), linger()))")) as one:
        [daemon] = await one.pids_of(1)
        assert (await one.task).success
        assert alive(daemon)
        assert await one.process.pids() == [daemon]
        assert (await one.process.stop("too late")).escalation == "asked"
        assert one.process.stop_report is None
        assert alive(daemon)


async def test_the_end_of_the_output_is_waited_for() -> None:
    outlives_its_parent = """
parent = os.getpid()
def late():
    while os.getppid() == parent:
        time.sleep(0.001)
    say("late")
fork(late)
"""
    assert (await run_process(python(outlives_its_parent))).stdout.startswith(b"late")


async def test_lingering_ends_the_wait_for_output_that_something_holds_open() -> None:
    async with watched(python("daemonise(stay); say('bye')"), linger_ms=0) as one:
        result = await one.task
        assert result.output_open
        assert result.success
        assert b"bye" in result.stdout


async def test_all_members_of_a_running_tree_are_listed() -> None:
    assert await ManagedProcess(["true"]).pids() == []
    async with watched(python("fork(stay); daemonise(stay); stay()")) as one:
        pids = await one.pids_of(3)
        assert await one.process.pids() == sorted(pids)
        assert one.process.pid in await one.process.pids()
        await one.cancelled()
        assert await one.process.pids() == []


async def test_a_child_that_the_host_reaps_itself_has_no_known_status() -> None:
    async with watched(python("fork(stay)")) as one:
        [grandchild] = await one.pids_of(1)
        leader = one.process.pid or 0
        await until(lambda: state(leader) == "Z")
        reap(leader)
        os.kill(grandchild, signal.SIGKILL)
        result = await one.task
        assert (result.status, result.signal) == (-1, None)


async def test_what_lies_in_a_pipe_is_taken_but_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_pipes, "_CHUNK", 3)
    monkeypatch.setattr(process_pipes, "_MOST_CHUNKS_TO_DRAIN", 3)
    ends: list[bool] = []
    read_end, write_end = os.pipe()
    pipe = OutputPipe(read_end, limit_bytes=100, on_data=None, on_end=lambda: ends.append(True))
    try:
        pipe.drain()
        os.write(write_end, b"abcd")
        pipe.drain()
        assert (pipe.collected(), pipe.open, ends) == (b"abcd", True, [])
        os.write(write_end, bytes(30))
        pipe.drain()
        assert len(pipe.collected()) == 4 + 9
    finally:
        pipe.close()
        os.close(write_end)
    assert ends == []


async def test_nothing_is_left_open() -> None:
    await run_process(["true"])
    before = set(os.listdir("/proc/self/fd"))
    await run_process(["cat"], stdin=b"x")
    async with watched(python("fork(stay); stay()")) as one:
        await one.pids_of(2)
        await one.cancelled()
    assert set(os.listdir("/proc/self/fd")) == before
