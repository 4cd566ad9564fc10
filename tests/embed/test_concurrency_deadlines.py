"""`deadline`, with `retry`, with cancellation, with other deadlines
(docs/language.md#deadline, docs/builtins.md#try-retry-deadline-facts)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from embed.concurrency_support import Script, printed, rounds
from embed.test_concurrency_tasks import WAITS
from harnlet import Interpreter
from harnlet.errors.faults import Fault
from harnlet.sched.deadline import DeadlineScope
from harnlet.session.clock import ManualClock


@pytest.mark.parametrize("wait", WAITS.values(), ids=list(WAITS))
async def test_a_deadline_ends_every_wait(wait: str) -> None:
    source = f"""
        try {{ deadline 10ms {{ try {{ {wait} }} finally {{ println("finally") }} }} }} catch (e) {{ println(e) }}
        println("goes on")
    """
    async with Script(source) as script:
        assert script.lines == []
        await script.advance(10)
        await script.end()
        assert script.lines == ["finally", "Deadline exceeded", "goes on"]


async def test_what_ends_in_time_has_its_value_and_leaves_no_timer() -> None:
    source = "println(deadline 10ms { sleep(5); 7 })\nsleep(20)\nprintln(deadline 1h { 8 })"
    async with Script(source) as script:
        await script.advance(5)
        assert script.lines == ["7"]
        await script.advance(20)
        assert script.lines == ["7", "8"]


@pytest.mark.parametrize("limit", ["20", "20ms", "2 * 10"])
async def test_limits_are_milliseconds_or_durations(limit: str) -> None:
    async with Script(f"try {{ deadline ({limit}) {{ sleep(1h) }} }} catch (e) {{ println(e) }}") as script:
        await script.advance(19)
        assert script.lines == []
        await script.advance(1)
        assert script.lines == ["Deadline exceeded"]


@pytest.mark.parametrize("limit", ["nil", '"soon"', "1.5", "[]"])
async def test_any_other_limit_is_thirty_seconds(limit: str) -> None:
    async with Script(f"try {{ deadline ({limit}) {{ sleep(1h) }} }} catch (e) {{ println(e) }}") as script:
        await script.advance(29_999, step=9_999)
        assert script.lines == []
        await script.advance(1)
        assert script.lines == ["Deadline exceeded"]


async def test_a_limit_beyond_all_timers_is_none() -> None:
    assert await printed("println(deadline (10 ** 400) { 1 })") == ["1"]


@pytest.mark.parametrize("limit", ["0", "-5", "0ms"])
async def test_a_deadline_that_is_past_ends_the_first_wait_or_round(limit: str) -> None:
    source = f"""
        try {{ deadline ({limit}) {{ println("begins"); sleep(0); println("no") }} }} catch (e) {{ println(e) }}
        try {{ deadline ({limit}) {{ for i in [1, 2] {{ println("no") }} }} }} catch (e) {{ println(e) }}
        println(deadline ({limit}) {{ 3 }})
        sleep(0)
        for i in [1, 2] {{ println("later") }}
    """
    async with Script(source) as script:
        assert script.lines == ["begins", "Deadline exceeded", "Deadline exceeded", "3"]
        await script.advance(1)
        assert script.lines[4:] == ["later", "later"]


async def test_the_inner_deadline_ends_the_inner_block_alone() -> None:
    source = """
        deadline 1h {
            try { deadline 10ms { sleep(1h) } } catch (e) { println("inner: ${e}") }
            sleep(20)
            println("outer goes on")
        }
    """
    async with Script(source) as script:
        await script.advance(30)
        assert script.lines == ["inner: Deadline exceeded", "outer goes on"]


async def test_the_outer_deadline_ends_both_blocks() -> None:
    source = """
        try {
            deadline 10ms { deadline 1h { try { sleep(1h) } finally { println("finally") } } }
        } catch (e) { println("outer: ${e}") }
        sleep(1)
        println("goes on")
    """
    async with Script(source) as script:
        await script.advance(11)
        assert script.lines == ["finally", "outer: Deadline exceeded", "goes on"]


async def test_two_deadlines_at_one_moment_are_thrown_one_after_the_other() -> None:
    source = """
        try {
            deadline 10ms {
                try { deadline 10ms { sleep(1h) } } catch (e) { println("first") }
                sleep(1h)
                println("no")
            }
        } catch (e) { println("second") }
        sleep(1)
        println("goes on")
    """
    async with Script(source) as script:
        await script.advance(11)
        assert script.lines == ["first", "second", "goes on"]


async def test_a_deadline_is_thrown_once_so_that_the_block_can_clean_up() -> None:
    source = """
        println(deadline 10ms { try { sleep(1h) } catch (e) { sleep(50); "cleaned up" } })
    """
    async with Script(source) as script:
        await script.advance(59)
        assert script.lines == []
        await script.advance(1)
        assert script.lines == ["cleaned up"]


# --- retry --------------------------------------------------------------------------------------


async def test_no_retry_inside_a_deadline_goes_on_after_it() -> None:
    source = """
        try { deadline 25ms { retry 10 { println("attempt"); sleep(10); throw "fails" } } } catch (e) { println(e) }
    """
    async with Script(source) as script:
        await script.advance(25)
        assert script.lines == ["attempt", "attempt", "attempt", "Deadline exceeded"]


async def test_not_even_when_the_attempt_swallows_the_deadline() -> None:
    source = """
        try {
            deadline 10ms { retry 10 { try { sleep(1h) } catch { throw "swallowed" } } }
        } catch (e) { println(e) }
    """
    async with Script(source) as script:
        await script.advance(10)
        assert script.lines == ["swallowed"]


async def test_a_deadline_inside_a_retry_fails_one_attempt() -> None:
    source = """
        var tries = 0
        retry 3 { deadline 10ms { println("attempt"); sleep(20) } }
    """
    async with Script(f"try {{ {source} }} catch (e) {{ println(e) }}") as script:
        await script.advance(30)
        assert script.lines == ["attempt", "attempt", "attempt", "Deadline exceeded"]


async def test_a_retry_without_waits_can_be_stopped() -> None:
    async with Script('try { retry 10 ** 12 { throw "x" } } finally { println("finally") }') as script:
        assert not script.over
        await script.cancel()
        assert script.lines == ["finally"]


# --- moments ------------------------------------------------------------------------------------


async def test_a_value_that_came_in_the_moment_of_the_deadline_is_not_lost() -> None:
    source = """
        let ch = channel("ch")
        spawn { sleep(10); send(ch, "value") }
        sleep(1)
        var got = nil
        try { deadline 9ms { got = receive(ch); println("received"); sleep(1h) } } catch (e) { println(e) }
        println([got, try_receive(ch)])
    """
    async with Script(source) as script:
        await script.advance(1)
        await script.advance(9, step=9)
        # In which order the two timers fire is the clock's; the value is in one place in both.
        assert script.lines in (
            ["received", "Deadline exceeded", "[value, nil]"],
            ["Deadline exceeded", "[nil, value]"],
        )


class Scene:
    """A task at the Python level that waits for a future inside of a deadline."""

    def __init__(self, *, limit_ms: int = 10) -> None:
        self.clock = ManualClock()
        self.harn = Interpreter(clock=self.clock)
        self.scheduler = self.harn._scheduler
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.events: list[Any] = []
        self.limit_ms = limit_ms

    def main(self) -> None:
        try:
            with DeadlineScope(self.scheduler, self.limit_ms):
                self.events.append(self.scheduler.wait(self.future))
                self.scheduler.rt.attend(0) if self.scheduler.rt.flags["stop"] else None
                self.events.append("block ends")
        except Fault as error:
            self.events.append(error.args[0])
        except BaseException as error:
            self.events.append(type(error).__name__)
            raise

    async def play(self, *acts: Callable[["asyncio.Task[Any]"], object]) -> "asyncio.Task[Any]":
        """Do all of that within one turn of the loop, while the task waits; the task when it has ended."""
        task = self.scheduler.new_task("pipeline")
        running = asyncio.get_running_loop().create_task(self.scheduler.run(task, self.main))
        await rounds()
        for act in acts:
            act(running)
        await asyncio.wait({running})
        self.scheduler.close()
        assert self.clock.timers == 0
        return running


async def test_completion_then_deadline_in_one_turn_delivers_both() -> None:
    scene = Scene()
    await scene.play(lambda _: scene.future.set_result("value"), lambda _: scene.clock.advance(10))
    assert scene.events == ["value", "Deadline exceeded"]


async def test_deadline_then_completion_in_one_turn_throws_and_leaves_the_rest_alone() -> None:
    scene = Scene()
    await scene.play(
        lambda _: scene.clock.advance(10),
        lambda _: None if scene.future.done() else scene.future.set_result("late"),
    )
    assert scene.events == ["Deadline exceeded"]


async def test_host_cancel_then_deadline_in_one_turn_is_a_cancellation() -> None:
    scene = Scene()
    running = await scene.play(lambda task: task.cancel(), lambda _: scene.clock.advance(10))
    assert scene.events == ["CancelledError"]
    assert running.cancelled()


async def test_deadline_then_host_cancel_in_one_turn_is_a_cancellation() -> None:
    scene = Scene()
    running = await scene.play(lambda _: scene.clock.advance(10), lambda task: task.cancel())
    assert scene.events == ["CancelledError"]
    assert running.cancelled()


async def test_completion_then_host_cancel_in_one_turn_is_a_cancellation() -> None:
    scene = Scene()
    running = await scene.play(lambda _: scene.future.set_result("value"), lambda task: task.cancel())
    assert scene.events == ["CancelledError"]
    assert running.cancelled()


async def test_all_three_in_one_turn_are_a_cancellation() -> None:
    scene = Scene()
    running = await scene.play(
        lambda _: scene.future.set_result("value"),
        lambda _: scene.clock.advance(10),
        lambda task: task.cancel(),
    )
    assert scene.events == ["CancelledError"]
    assert running.cancelled()


async def test_an_awaitable_that_swallows_the_interruption_only_delays_the_deadline() -> None:
    scene = Scene()

    async def stubborn() -> str:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            return "anyway"
        raise AssertionError

    scene.future = asyncio.get_running_loop().create_future()
    plain = scene.scheduler.wait
    vars(scene.scheduler)["wait"] = lambda _: plain(stubborn())
    running = await scene.play(lambda _: scene.clock.advance(10))
    assert scene.events == ["anyway", "Deadline exceeded"]
    assert running.cancelling() == 0


async def test_a_cancelled_task_can_limit_its_own_cleanup() -> None:
    source = """
        try { sleep(1h) } finally {
            try { deadline 10ms { sleep(1h) } } catch (e) { println("cleanup: ${e}") }
            println("cleaned up")
        }
    """
    async with Script(source) as script:
        assert script.running is not None
        script.running.cancel()
        await rounds()
        await script.advance(10)
        assert script.lines == ["cleanup: Deadline exceeded", "cleaned up"]
        with pytest.raises(asyncio.CancelledError):
            await script.end()


async def test_a_deadline_around_parallel_ends_its_tasks_before_it_is_thrown() -> None:
    source = """
        try {
            deadline 10ms { parallel 2 { i -> try { sleep(1h) } finally { sleep(5); println("task ${i}") } } }
        } catch (e) { println(e) }
    """
    async with Script(source) as script:
        await script.advance(14)
        assert script.lines == []
        await script.advance(1)
        assert script.lines == ["task 0", "task 1", "Deadline exceeded"]


async def test_a_deadline_of_a_suspended_generator_does_not_hit_its_consumer() -> None:
    source = """
        fn numbers() { deadline 10ms { yield 1; yield 2; sleep(1h); yield 3 } }
        try {
            for n in numbers() { println(n); sleep(15) }
        } catch (e) { println(e) }
    """
    async with Script(source) as script:
        await script.advance(15)
        assert script.lines == ["1", "2"]
        await script.advance(15)
        assert script.lines == ["1", "2", "Deadline exceeded"]


async def test_deadlines_of_different_tasks_are_their_own() -> None:
    source = """
        let hs = [5, 10, 15].map({ ms -> spawn { try { deadline (ms) { sleep(12); "done" } } catch (e) { e } } })
        println(hs.map({ h -> await(h) }))
    """
    async with Script(source) as script:
        await script.advance(12)
        assert script.lines == ["[Deadline exceeded, Deadline exceeded, done]"]


async def test_a_loop_without_waits_ends_with_its_deadline() -> None:
    source = "try { deadline 10ms { while true { } } } catch (e) { println(e) }\nprintln(deadline 1h { 5 })"
    async with Script(source) as script:
        script.clock.advance(10)
        await script.end()
        assert script.lines == ["Deadline exceeded", "5"]
