"""`spawn`, `await`, `cancel`, and the promise that no task outlives its run
(docs/builtins.md#spawn-await-cancel, docs/language.md#concurrency-syntax)."""

import asyncio
from typing import Any

import pytest

from embed.concurrency_support import Script, printed, rounds
from harnlet import Interpreter, LimitError, Limits, ScriptError

# --- handles and values -------------------------------------------------------------------------


async def test_handles_are_numbered_by_run_and_parallel_items_do_not_count() -> None:
    source = "parallel 3 { i -> i }\nprintln(spawn { 1 })\nprintln(await(spawn { spawn { 1 } }))"
    assert await printed(source) == ["<task:vm_task_1>", "<task:vm_task_3>"]
    lines: list[str] = []
    async with Interpreter(output=lines.append) as harn:
        for _ in range(2):
            await harn.run("println(spawn { 1 })")
    assert lines == ["<task:vm_task_1>\n"] * 2


async def test_await_gives_the_value_once() -> None:
    source = "let h = spawn { 6 * 7 }\nprintln([await(h), await(h), await(5), await(nil)])\nprintln(h == h)"
    assert await printed(source) == ["[42, nil, 5, nil]", "true"]


async def test_await_raises_the_error_of_the_task_once() -> None:
    source = """
        let h = spawn { throw {code: 7} }
        try { await(h) } catch (e) { println(e) }
        println(await(h))
        try { await(spawn { 1 / 0 }) } catch (e) { println(e) }
    """
    assert await printed(source) == ["{code: 7}", "nil", "Division by zero"]


async def test_two_tasks_that_await_one_handle_share_one_value() -> None:
    source = """
        let gate = channel("gate")
        let h = spawn { receive(gate) }
        let waiting = [spawn { await(h) }, spawn { await(h) }]
        send(gate, "value")
        println(waiting.map({ w -> await(w) }))
    """
    assert await printed(source) == ["[value, nil]"]


async def test_an_await_that_was_interrupted_loses_nothing() -> None:
    source = """
        let h = spawn { sleep(50); "late" }
        try { deadline 10ms { await(h) } } catch (e) { println(e) }
        println(await(h))
    """
    async with Script(source) as script:
        await script.advance(50)
        assert script.lines == ["Deadline exceeded", "late"]


async def test_a_task_cannot_wait_for_itself() -> None:
    source = """
        let own = channel("own")
        let h = spawn { await(receive(own)) }
        send(own, h)
        try { await(h) } catch (e) { println(e) }
    """
    assert await printed(source) == ["Runtime error: await: a task cannot wait for itself"]


async def test_tasks_see_copies_of_the_variables() -> None:
    source = "var n = 1\nlet h = spawn { n = n + 1; n }\nn = 10\nprintln([await(h), n])"
    assert await printed(source) == ["[2, 10]"]


async def test_output_appears_as_it_is_printed_from_every_task() -> None:
    source = """
        spawn { println("never awaited") }
        let failing = spawn { println("fails"); throw "x" }
        let cancelled = spawn { println("is cancelled"); sleep(1000) }
        sleep(1)
        cancel(cancelled)
        println("main")
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["never awaited", "fails", "is cancelled", "main"]


async def test_a_task_starts_at_the_next_wait_and_not_before() -> None:
    source = 'let h = spawn { println("task") }\nprintln("first")\nawait(h)\nprintln("last")'
    assert await printed(source) == ["first", "task", "last"]


# --- cancelling ---------------------------------------------------------------------------------

WAITS = {
    "sleep": "sleep(1h)",
    "receive": 'receive(channel("a"))',
    "for": 'for v in channel("a") { println(v) }',
    "send": 'let full = channel("a", 1); send(full, 1); send(full, 2)',
    "select": 'let a = channel("a"); select { v from a { println(v) } }',
    "select with timeout": 'let a = channel("a"); select { v from a { println(v) } timeout 1h { } }',
    "channel_select": 'channel_select([channel("a"), channel("b")])',
    "await": "await(spawn { sleep(1h) })",
    "mutex": 'let p = sync_mutex_acquire("m"); sync_mutex_acquire("m")',
    "semaphore": 'let p = sync_semaphore_acquire("s", 2, 2); sync_semaphore_acquire("s", 2, 1)',
    "rwlock": 'let p = sync_rwlock_acquire("r", "write"); sync_rwlock_acquire("r", "read", 1h)',
    "mailbox": 'mailbox_receive(mailbox_open("box", 1))',
    "parallel": "parallel 3 { i -> sleep(1h) }",
    "settle": "parallel settle [1, 2] { i -> sleep(1h) }",
    "stream": "let s = parallel each [1] { x -> sleep(1h) } as stream; for v in s { println(v) }",
    "race": "parallel_race([1, 2], { x -> sleep(1h) })",
    "merge": 'for v in stream.merge(channel("a"), channel("b")) { println(v) }',
    "cancel_graceful": "cancel_graceful(spawn { try { sleep(1h) } catch { }; sleep(1h) }, 1h)",
    "rate limit": 'with_rate_limit("p", { -> throw "429" }, {backoff_ms: 1000000})',
    "supervisor_stop": 'let s = supervisor_start({children: [{task: { c -> while true { is_cancelled(); '
    "sleep(1) } }}]}); supervisor_stop(s, 1h)",
    "computing": "while true { }",
    "nested": "deadline 1h { mutex { retry 3 { sleep(1h) } } }",
}


@pytest.mark.parametrize("wait", WAITS.values(), ids=list(WAITS))
async def test_a_cancelled_task_wakes_from_every_wait(wait: str) -> None:
    source = f"""
        let ready = channel("ready")
        let h = spawn {{
            try {{ send(ready, 1); {wait} }} finally {{ println("finally") }}
            println("not reached")
        }}
        receive(ready)
        receive(ready)
        println("main ends")
    """
    async with Script(source) as script:
        await rounds(100)
        assert script.lines == []
        assert not script.over
        await script.cancel()
        assert script.lines == ["finally"]


@pytest.mark.parametrize("wait", WAITS.values(), ids=list(WAITS))
async def test_a_task_is_cancelled_by_the_script_from_every_wait(wait: str) -> None:
    source = f"""
        let ready = channel("ready")
        let h = spawn {{
            defer {{ println("deferred") }}
            try {{ send(ready, 1); {wait} }} catch (e) {{ println("caught ${{e}}") }} finally {{ println("finally") }}
            println("not reached")
        }}
        receive(ready)
        sleep(1)
        cancel(h)
        println(await(h))
        println(await(h))
    """
    async with Script(source) as script:
        await script.advance(1)
        await script.end()
        assert script.lines == ["finally", "deferred", "nil", "nil"]


async def test_a_task_that_is_cancelled_before_it_starts_never_does() -> None:
    source = 'let h = spawn { println("starts") }\ncancel(h)\nprintln(await(h))\nsleep(1)'
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["nil"]


async def test_cancelling_twice_and_cancelling_what_has_ended() -> None:
    source = """
        let h = spawn { try { sleep(1h) } finally { println("finally") } }
        let done = spawn { 5 }
        sleep(1)
        cancel(h); cancel(h); cancel(done); cancel(nil); cancel(5)
        println([await(h), await(done)])
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["finally", "[nil, nil]"]


async def test_a_task_that_cancels_itself_ends_at_its_next_wait_or_safe_point() -> None:
    source = """
        let own = channel("own")
        let h = spawn {
            let me = receive(own)
            cancel(me)
            println("still here")
            for i in range(3) { println("loop") }
        }
        let g = spawn { cancel(receive(own)); println("here, too"); sleep(0); println("not reached") }
        send(own, h)
        send(own, g)
        println([await(h), await(g)])
    """
    assert await printed(source) == ["still here", "here, too", "[nil, nil]"]


async def test_what_a_cancelled_task_returns_or_throws_while_it_cleans_up_is_dropped() -> None:
    source = """
        let returns = spawn { try { sleep(1h) } finally { return "swallowed" } }
        let throws = spawn { try { sleep(1h) } finally { throw "other" } }
        sleep(1)
        cancel(returns); cancel(throws)
        println([await(returns), await(throws)])
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["[nil, nil]"]


async def test_cleaning_up_may_wait_but_not_for_ever() -> None:
    source = """
        let h = spawn { try { sleep(1h) } finally { sleep(100); println("cleaned up"); sleep(1h); println("never") } }
        sleep(1)
        cancel(h)
        await(h)
        println("over")
    """
    async with Script(source) as script:
        await script.advance(1)
        await script.advance(1900, step=100)
        assert script.lines == ["cleaned up"]
        await script.advance(200, step=100)
        assert script.lines == ["cleaned up", "over"]


@pytest.mark.parametrize(
    "body",
    [
        "while true { try { sleep(1h) } finally { continue } }",
        "while true { try { while true { } } finally { continue } }",
        "try { sleep(1h) } finally { while true { } }",
        "while true { try { try { sleep(1h) } finally { while true { } } } finally { continue } }",
    ],
)
async def test_a_task_that_will_not_stop_is_stopped(body: str) -> None:
    source = f'let h = spawn {{ {body} }}\nsleep(1)\ncancel(h)\nawait(h)\nprintln("over")'
    async with Script(source) as script:
        await script.advance(1)
        await script.end(passing=100)
        assert script.lines == ["over"]


# --- the end of a run ---------------------------------------------------------------------------


async def test_what_was_not_awaited_ends_with_the_run() -> None:
    source = """
        spawn { try { sleep(1h) } finally { println("one") } }
        spawn { defer { println("two") }
            while true { } }
        spawn { spawn { try { sleep(1h) } finally { println("three") } }
            sleep(1h) }
        sleep(5)
        println("main ends")
        "value"
    """
    async with Script(source) as script:
        await script.advance(5)
        await script.end()
        assert sorted(script.lines) == ["main ends", "one", "three", "two"]


async def test_what_starts_while_a_run_is_cancelled_ends_with_it() -> None:
    source = """
        try { sleep(1h) } finally {
            spawn { try { println("begun"); sleep(1h) } finally { spawn { sleep(1h) }; println("ended") } }
            sleep(1)
        }
    """
    async with Script(source) as script:
        assert script.running is not None
        script.running.cancel()
        await rounds()
        assert script.lines == ["begun"]
        assert not script.over
        await script.advance(1)
        assert script.lines == ["begun", "ended"]
        assert script.over


async def test_a_host_that_cancels_twice_waits_for_the_end_all_the_same() -> None:
    scheduler = Interpreter()._scheduler
    cleaned = asyncio.Event()

    def child() -> None:
        try:
            scheduler.wait(asyncio.get_running_loop().create_future())
        finally:
            scheduler.wait(cleaned.wait())

    def main() -> None:
        scheduler.spawn(child)
        scheduler.wait(asyncio.sleep(0))

    task = scheduler.new_task("pipeline")
    running = asyncio.get_running_loop().create_task(scheduler.run(task, main))
    await rounds()
    for _ in range(3):
        running.cancel()
        await rounds()
        assert not running.done()
    cleaned.set()
    await asyncio.wait({running})
    assert running.cancelled()
    assert scheduler.live == 0
    scheduler.close()


async def test_a_host_function_cannot_swallow_the_cancellation_of_a_run() -> None:
    scheduler = Interpreter()._scheduler
    reached: list[str] = []

    async def stubborn() -> str:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
        return "as if nothing had happened"

    def main() -> None:
        reached.append("begins")
        scheduler.wait(stubborn())
        reached.append("goes on")

    running = asyncio.get_running_loop().create_task(scheduler.run(scheduler.new_task("pipeline"), main))
    await rounds()
    running.cancel()
    await asyncio.wait({running})
    assert running.cancelled()
    assert reached == ["begins"]
    scheduler.close()


async def test_a_limit_reached_in_any_task_ends_the_run() -> None:
    source = 'spawn { while true { println("xxxxxxxx") } }\ntry { sleep(1h) } catch { println("no") }'
    async with Script(source, limits=Limits(output_bytes=100)) as script:
        with pytest.raises(LimitError, match="output_bytes"):
            await script.end()
    source = "parallel 3 { i -> parallel 3 { j -> sleep(1h) } }"
    async with Script(source, limits=Limits(tasks=7)) as script:
        with pytest.raises(LimitError, match="tasks"):
            await script.end()


async def test_a_limit_on_tasks_counts_those_that_live() -> None:
    source = """
        for i in range(20) { await(spawn { i }) }
        for i in range(20) { cancel(spawn { i }) }
        println(parallel 2 { i -> i })
    """
    assert await printed(source, limits=Limits(tasks=2)) == ["[0, 1]"]


async def test_an_interpreter_can_be_used_after_a_limit_and_after_a_cancelled_run() -> None:
    lines: list[str] = []
    async with Interpreter(output=lines.append, limits=Limits(tasks=3)) as harn:
        with pytest.raises(LimitError):
            await harn.run("parallel 9 { i -> sleep(1h) }")
        running = asyncio.get_running_loop().create_task(harn.run("spawn { sleep(1h) }\nsleep(1h)"))
        await rounds()
        running.cancel()
        await asyncio.wait({running})
        assert await harn.run("return parallel 3 { i -> i }") == [0, 1, 2]
    assert harn._scheduler.live == 0


async def test_an_uncaught_error_ends_the_tasks_of_the_run() -> None:
    source = 'spawn { try { sleep(1h) } finally { println("ended") } }\nsleep(1)\nthrow "boom"'
    async with Script(source) as script:
        await script.advance(1)
        with pytest.raises(ScriptError, match="Thrown: boom"):
            await script.end()
        assert script.lines == ["ended"]


async def test_runs_in_one_interpreter_do_not_end_each_others_tasks() -> None:
    lines: list[str] = []
    async with Interpreter(output=lines.append) as harn:
        slow = asyncio.get_running_loop().create_task(
            harn.run('let h = spawn { sleep(20); "slow" }\nprintln(await(h))')
        )
        await rounds()
        await harn.run('spawn { sleep(1h) }\nprintln("quick")')
        await slow
    assert lines == ["quick\n", "slow\n"]


async def test_tasks_take_the_context_variables_of_whoever_starts_them() -> None:
    from harnlet.tools.current import current_call

    seen: list[Any] = []
    scheduler = Interpreter()._scheduler

    def main() -> None:
        task = scheduler.spawn(lambda: seen.append(current_call()))
        scheduler.await_task(task)

    await scheduler.run(scheduler.new_task("pipeline"), main)
    assert seen == [None]
    scheduler.close()


# --- cancelling politely ------------------------------------------------------------------------


async def test_a_task_that_sleeps_is_woken_at_once() -> None:
    source = "let h = spawn { sleep(1h) }\nsleep(1)\nprintln(cancel_graceful(h))\nprintln(await(h))"
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["Result.Err(Thrown: kind:cancelled:VM cancelled by host)", "nil"]


async def test_what_is_thrown_can_be_caught_and_the_value_counts() -> None:
    source = """
        let h = spawn { try { sleep(1h) } catch (e) { println(e) }; sleep(1); "saved" }
        sleep(1)
        println(cancel_graceful(h))
    """
    async with Script(source) as script:
        await script.advance(2)
        assert script.lines == ["kind:cancelled:VM cancelled by host", "Result.Ok(saved)"]


async def test_a_task_that_looks_for_the_request_is_given_time() -> None:
    source = """
        let h = spawn { var rounds = 0
            while !is_cancelled() { sleep(10); rounds = rounds + 1 }
            sleep(400)
            "after ${rounds}" }
        sleep(25)
        println(cancel_graceful(h))
    """
    async with Script(source) as script:
        await script.advance(430)
        assert script.lines == ["Result.Ok(after 3)"]


async def test_a_task_that_looks_too_seldom_is_woken_after_the_grace() -> None:
    source = """
        let h = spawn { while !is_cancelled() { sleep(1h) } }
        sleep(1)
        println(cancel_graceful(h))
    """
    async with Script(source) as script:
        await script.advance(240, step=10)
        assert script.lines == []
        await script.advance(20, step=10)
        assert script.lines == ["Result.Err(Thrown: kind:cancelled:VM cancelled by host)"]


async def test_a_task_that_computes_is_told_after_the_grace() -> None:
    source = "let h = spawn { while true { } }\nsleep(1)\nprintln(cancel_graceful(h))"
    async with Script(source) as script:
        await script.advance(1)
        await script.advance(200, step=100)
        assert script.lines == []
        await script.advance(60, step=60)
        await script.end(passing=10)
        assert script.lines == ["Result.Err(Thrown: kind:cancelled:VM cancelled by host)"]


async def test_what_does_not_end_in_time_is_cancelled() -> None:
    source = """
        let h = spawn { try { while true { try { sleep(1h) } catch { } } } finally { println("finally") } }
        sleep(1)
        println(cancel_graceful(h, 100ms))
    """
    async with Script(source) as script:
        await script.advance(101)
        assert sorted(script.lines) == [
            "Result.Err(cancel_graceful: timeout, task forcefully aborted)",
            "finally",
        ]


async def test_the_outcome_of_a_task_that_has_ended_and_of_one_that_was_taken() -> None:
    source = """
        let good = spawn { 1 }
        let bad = spawn { throw "boom" }
        let taken = spawn { 2 }
        let gone = spawn { sleep(1h) }
        await(taken)
        cancel(gone)
        println([cancel_graceful(good), cancel_graceful(bad), cancel_graceful(taken), cancel_graceful(gone)])
        println([cancel_graceful(5), await(good)])
    """
    assert await printed(source) == [
        "[Result.Ok(1), Result.Err(Thrown: boom), Result.Ok(nil), Result.Ok(nil)]",
        "[nil, nil]",
    ]


async def test_with_no_time_at_all_the_task_is_cancelled_at_once() -> None:
    source = "let h = spawn { sleep(1h) }\nsleep(1)\nprintln(cancel_graceful(h, 0))"
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["Result.Err(cancel_graceful: timeout, task forcefully aborted)"]


async def test_no_retry_begins_after_the_request() -> None:
    source = """
        let h = spawn { retry 5 { println("attempt"); sleep(1h) } }
        sleep(1)
        println(cancel_graceful(h))
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["attempt", "Result.Err(Thrown: kind:cancelled:VM cancelled by host)"]
