"""Who may ask for a stop, when, and how often."""

import asyncio
import gc
import threading

import pytest

from cancel.test_process_support import LONG_MS, Watched, alive, python, watched
from harnlet.tools.process import ManagedProcess

STUBBORN = "signal.signal(signal.SIGTERM, lambda *_: say('asked'))\nsay('here')\nwhile True: signal.pause()"
"""Says when it is asked to go, and stays."""


async def test_a_task_cancelled_before_it_began_starts_nothing() -> None:
    process = ManagedProcess(["true"])
    task = asyncio.create_task(process.run())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert process.pid is None
    assert process.stop_report is None


async def test_a_stop_before_the_start_prevents_it() -> None:
    process = ManagedProcess(["/there/is/no/such/program"])
    report = await process.stop("changed my mind")
    assert (report.escalation, report.reason, report.survivors) == ("asked", "changed my mind", 0)
    assert process.stop_report is report
    result = await process.run()
    assert (result.pid, result.status, result.signal, result.stopped) == (None, -1, None, report)


async def test_a_task_cancelled_right_after_the_start_ends_the_process() -> None:
    process = ManagedProcess(python("stay()"))
    task = asyncio.create_task(process.run())
    await asyncio.sleep(0)
    pid = process.pid
    assert pid is not None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(pid)


async def test_two_requests_at_once_are_one_stop() -> None:
    async with watched(python("stay()")) as one:
        [pid] = await one.pids_of(1)
        one.task.cancel("first")
        report = await one.cancelled("second")
        assert (report.escalation, report.survivors) == ("terminated", 0)
        assert not alive(pid)


async def test_a_second_request_ends_the_grace() -> None:
    async with watched(python(STUBBORN)) as one:
        [pid] = await one.pids_of(1)
        one.task.cancel("first")
        await one.line("asked")
        report = await one.cancelled("second")
        assert not alive(pid)
        assert (report.escalation, report.reason) == ("killed", "first")
        assert b"asked" in report.partial.stdout


async def test_more_requests_than_needed_change_nothing() -> None:
    async with watched(python(STUBBORN)) as one:
        [pid] = await one.pids_of(1)
        while not one.task.done():
            one.task.cancel()
            await asyncio.sleep(0)
        assert one.task.cancelled()
        assert not alive(pid)
        assert one.process.stop_report is not None
        assert one.process.stop_report.escalation == "killed"


async def test_stop_lets_run_return_with_the_report() -> None:
    async with watched(python("fork(stay); stay()")) as one:
        pids = await one.pids_of(2)
        report = await one.process.stop("enough")
        assert [alive(pid) for pid in pids] == [False, False]
        result = await one.task
        assert result.stopped is report
        assert (result.status, result.signal) == (-1, 15)
        assert (result.stdout, result.stderr) == report.partial[:2]
        assert await one.process.stop("again") is report


async def test_all_who_stop_get_the_same_report_and_the_shortest_grace_counts() -> None:
    async with watched(python(STUBBORN)) as one:
        [pid] = await one.pids_of(1)
        first = asyncio.create_task(one.process.stop("first", grace_ms=LONG_MS))
        await one.line("asked")
        second = asyncio.create_task(one.process.stop("second", grace_ms=0))
        reports = await asyncio.gather(first, second)
        assert reports[0] is reports[1]
        assert (reports[0].reason, reports[0].escalation) == ("first", "killed")
        assert not alive(pid)


async def test_a_stop_whose_caller_is_cancelled_is_carried_through() -> None:
    async with watched(python(STUBBORN)) as one:
        [pid] = await one.pids_of(1)
        stopper = asyncio.create_task(one.process.stop("enough"))
        await one.line("asked")
        stopper.cancel("me too")
        with pytest.raises(asyncio.CancelledError, match="me too"):
            await stopper
        assert not alive(pid)
        result = await one.task
        assert result.stopped is not None
        assert (result.stopped.reason, result.stopped.escalation) == ("enough", "killed")


async def test_cancelling_the_runner_during_a_stop_joins_it() -> None:
    async with watched(python(STUBBORN), grace_ms=0) as one:
        [pid] = await one.pids_of(1)
        stopper = asyncio.create_task(one.process.stop("enough", grace_ms=LONG_MS))
        await one.line("asked")
        report = await one.cancelled("also")
        assert await stopper is report
        assert report.reason == "enough"
        assert not alive(pid)


async def test_a_deadline_of_asyncio_is_a_deadline() -> None:
    async def run(one: ManagedProcess, deadline: asyncio.Timeout) -> None:
        async with deadline:
            await one.run()

    heard = asyncio.Event()
    process = ManagedProcess(python("stay()"), on_output=lambda *_: heard.set())
    deadline = asyncio.timeout(None)
    task = asyncio.create_task(run(process, deadline))
    await heard.wait()
    deadline.reschedule(asyncio.get_running_loop().time())
    with pytest.raises(TimeoutError):
        await task
    assert process.pid is not None
    assert not alive(process.pid)


async def test_a_cancel_that_comes_with_the_end_still_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    # The daemon is of a call that counts as cancelled, so it goes, although the command ended first.
    quits = "daemonise(lambda: (say('here'), os.close(1), os.close(2), linger()))"
    async with watched(python(quits), linger_ms=LONG_MS) as one:
        [daemon] = await one.pids_of(1)
        running = one.process._running
        assert running is not None
        is_over, reap = running.over.set, running._exit.reap
        reaped: list[int | None] = []
        monkeypatch.setattr(running._exit, "reap", lambda: reaped.append(reap()))
        monkeypatch.setattr(running.over, "set", lambda: (is_over(), one.task.cancel()))
        await one.ended()
        assert one.task.cancelled()
        report = one.process.stop_report
        assert report is not None
        assert not alive(daemon)
        assert (report.escalation, report.survivors) == ("terminated", 0)
        assert reaped == [0]  # a second time it might be another child's number


async def test_threads_of_others_that_are_stuck_do_not_hinder_a_stop() -> None:
    loop = asyncio.get_running_loop()
    release = threading.Event()
    stuck = [loop.run_in_executor(None, release.wait) for _ in range(64)]
    try:
        async with watched(python("ignore_term(); stay()"), grace_ms=0) as one:
            [pid] = await one.pids_of(1)
            assert (await one.cancelled()).escalation == "killed"
            assert not alive(pid)
    finally:
        release.set()
        await asyncio.gather(*stuck)


async def test_a_stop_works_after_the_loops_executor_has_been_shut_down() -> None:
    async with watched(python("stay()")) as one:
        [pid] = await one.pids_of(1)
        await asyncio.get_running_loop().shutdown_default_executor()
        assert (await one.cancelled()).escalation == "terminated"
        assert not alive(pid)


def test_a_program_that_ends_takes_its_processes_along() -> None:
    kept: list[Watched] = []

    async def main() -> int:
        kept.append(Watched(python("fork(stay); stay()")))
        return (await kept[0].pids_of(2))[0]

    pid = asyncio.run(main())
    assert kept[0].task.cancelled()
    assert not alive(pid)
    assert kept[0].relatives() == []


def test_a_loop_closed_without_a_word_takes_its_processes_along() -> None:
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)  # "Task was destroyed but it is pending"
    one = loop.run_until_complete(_started(python("daemonise(stay); stay()")))
    pids = loop.run_until_complete(one.pids_of(2))
    loop.close()
    del one  # the task, and nobody knows of it any more
    gc.collect()
    assert [alive(pid) for pid in pids] == [False, False]


def test_a_loop_closed_during_a_stop_takes_its_processes_along() -> None:
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, context: None)
    one = loop.run_until_complete(_started(python(STUBBORN)))
    [pid] = loop.run_until_complete(one.pids_of(1))
    one.task.cancel("bye")
    loop.run_until_complete(one.line("asked"))
    loop.close()
    del one
    while alive(pid):  # a thread of the stop may hold the task for as long as it looks
        gc.collect()


async def _started(argv: list[str]) -> Watched:
    return Watched(argv)
