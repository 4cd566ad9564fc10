"""`parallel` in all its forms, and `parallel_race` (docs/builtins.md#parallel)."""

import pytest

from embed.concurrency_support import Script, printed
from harnlet import LimitError, Limits, ScriptError


async def test_results_come_in_the_order_of_the_items() -> None:
    source = """
        println(parallel 3 { i -> sleep(10 - i); i * i })
        println(parallel each ["a", "b"] { x -> x + x })
        println(parallel each [1] { 7 })
    """
    async with Script(source) as script:
        await script.advance(10)
        assert script.lines == ["[0, 1, 4]", "[aa, bb]", "[7]"]


async def test_what_is_no_count_and_no_list() -> None:
    source = """
        let text = "3"; let none = nil
        println([parallel 0 { 1 }, parallel (-2) { 1 }, parallel text { 1 }, parallel none { 1 }])
        println(parallel each {a: 1} { x -> x })
        println(parallel each (1 to 3) { x -> x })
        println(parallel settle "ab" { x -> x })
        println(parallel each [] { x -> x })
        println(parallel settle [] { x -> x })
    """
    assert await printed(source) == [
        "[[], [], [], []]",
        "nil",
        "nil",
        "nil",
        "[]",
        "{failed: 0, results: [], succeeded: 0}",
    ]


async def test_all_items_run_and_the_first_that_failed_raises() -> None:
    source = """
        try {
            parallel 4 { i -> sleep(10 - i); println("item ${i}"); if i == 1 || i == 3 { throw "boom ${i}" } }
        } catch (e) { println(e) }
    """
    async with Script(source) as script:
        await script.advance(10)
        assert script.lines == ["item 3", "item 2", "item 1", "item 0", "boom 1"]


async def test_settle_tells_every_outcome() -> None:
    source = """
        let r = parallel settle [1, 2, 3] { x ->
            if x == 2 { throw "boom" }
            if x == 3 { return 1 / 0 }
            x
        }
        println(r.results)
        println([r.succeeded, r.failed])
    """
    assert await printed(source) == [
        "[Result.Ok(1), Result.Err(Thrown: boom), Result.Err(Runtime error: Division by zero (line 4))]",
        "[1, 2]",
    ]


@pytest.mark.parametrize(("cap", "most"), [("1", 1), ("2", 2), ("0", 5), ("-1", 5), ("99", 5)])
async def test_at_most_so_many_at_once(cap: str, most: int) -> None:
    source = f"""
        let now = atomic(); let highest = atomic()
        println(parallel each [0, 1, 2, 3, 4] with {{ max_concurrent: {cap} }} {{ x ->
            let n = atomic_add(now, 1) + 1
            if n > atomic_get(highest) {{ atomic_set(highest, n) }}
            sleep(x % 2 + 1)
            atomic_add(now, -1)
            x
        }})
        println(atomic_get(highest))
    """
    async with Script(source) as script:
        await script.advance(10)
        assert script.lines == ["[0, 1, 2, 3, 4]", str(most)]


async def test_a_cap_that_is_no_int() -> None:
    source = """
        let cap = "two"
        try { parallel 2 with { max_concurrent: cap } { i -> i } } catch (e) { println(e) }
        try { parallel each [1] with { max_concurrent: cap } { i -> i } as stream } catch (e) { println(e) }
    """
    message = "Type error: parallel max_concurrent must be an int; got string"
    assert await printed(source) == [message, message]


async def test_items_are_copies_that_do_not_see_each_other() -> None:
    source = "var n = 0\nprintln(parallel 3 { i -> n = n + 1 + i; n })\nprintln(n)"
    assert await printed(source) == ["[1, 2, 3]", "0"]


async def test_return_ends_one_item() -> None:
    assert await printed('println(parallel 2 { i -> if i == 0 { return "early" }; "late" })') == ["[early, late]"]


async def test_a_cancelled_parallel_waits_for_its_items_to_clean_up() -> None:
    source = """
        let h = spawn {
            try { parallel 2 { i -> try { sleep(1h) } finally { sleep(5); println("item ${i}") } } }
            finally { println("parallel") }
        }
        sleep(1)
        cancel(h)
        await(h)
        println("over")
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == []
        await script.advance(5)
        assert script.lines == ["item 0", "item 1", "parallel", "over"]


async def test_items_that_were_not_started_never_are() -> None:
    source = """
        try {
            deadline 5ms { parallel 4 with { max_concurrent: 1 } { i -> println("item ${i}"); sleep(3) } }
        } catch (e) { println(e) }
    """
    async with Script(source) as script:
        await script.advance(20)
        assert script.lines == ["item 0", "item 1", "Deadline exceeded"]


async def test_a_limit_on_tasks_stops_a_group_at_once() -> None:
    async with Script("parallel 9 { i -> sleep(1h) }", limits=Limits(tasks=3)) as script:
        with pytest.raises(LimitError, match="tasks"):
            await script.end()


async def test_ten_thousand_items() -> None:
    async with Script("let r = parallel 10000 { i -> i }\nprintln(r[9999])") as script:
        await script.end()
        assert script.lines == ["9999"]


# --- as stream ----------------------------------------------------------------------------------


async def test_a_stream_gives_results_as_they_come() -> None:
    source = """
        let s = parallel each [30, 10, 20] { x -> sleep(x); println("done ${x}"); x } as stream
        println([type_of(s), s])
        for v in s { println("got ${v}") }
        println(s)
    """
    async with Script(source) as script:
        await script.advance(30)
        assert script.lines == [
            "[stream, <stream>]",
            "done 10",
            "got 10",
            "done 20",
            "got 20",
            "done 30",
            "got 30",
            "<stream (done)>",
        ]


async def test_the_tasks_of_a_stream_start_before_anybody_asks() -> None:
    source = """
        let s = parallel each [1, 2] with { max_concurrent: 1 } { x -> println("runs ${x}"); x } as stream
        sleep(1)
        println("asks")
        println([s.next(), s.next(), s.next(), s.next()])
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == [
            "runs 1",
            "runs 2",
            "asks",
            "[{done: false, value: 1}, {done: false, value: 2}, {done: true, value: nil}, "
            "{done: true, value: nil}]",
        ]


async def test_the_first_error_ends_a_stream_and_its_tasks() -> None:
    source = """
        let s = parallel each [10, 20, 30] { x ->
            try { sleep(x); if x == 20 { throw "boom" }; x } finally { println("ends ${x}") }
        } as stream
        try { for v in s { println(v) } } catch (e) { println(e) }
        println(s.next())
        sleep(1h)
    """
    async with Script(source) as script:
        await script.advance(25)
        assert script.lines == [
            "ends 10",
            "10",
            "ends 20",
            "boom",
            "{done: true, value: nil}",
            "ends 30",
        ]


async def test_leaving_the_loop_cancels_the_other_tasks() -> None:
    source = """
        fn first() {
            let s = parallel each [10, 50] { x -> try { sleep(x); x } finally { println("ends ${x}") } } as stream
            for v in s { return v }
        }
        println(first())
        sleep(1)
    """
    async with Script(source) as script:
        await script.advance(11)
        assert script.lines == ["ends 10", "10", "ends 50"]


async def test_a_stream_of_what_is_no_list_is_nil() -> None:
    source = "println([parallel each 5 { x -> x } as stream, stream.collect(parallel each [] { x -> x } as stream)])"
    assert await printed(source) == ["[nil, []]"]


# --- parallel_race ------------------------------------------------------------------------------


async def test_the_first_success_wins_and_the_rest_is_cancelled() -> None:
    source = """
        println(parallel_race([30, 10, 20], { x ->
            try { sleep(x); println("done ${x}"); if x == 10 { throw "no" }; Ok(x) } finally { println("ends ${x}") }
        }))
    """
    async with Script(source) as script:
        await script.advance(30)
        assert script.lines == ["done 10", "ends 10", "done 20", "ends 20", "ends 30", "20"]


async def test_when_all_lose_their_reasons_are_told() -> None:
    source = """
        try {
            parallel_race([1, 2, 3], { x -> if x == 1 { throw "boom" }; if x == 2 { return Err("bad") }; Err({c: 3}) })
        } catch (e) { println(e) }
    """
    assert await printed(source) == [
        "Runtime error: parallel_race: all 3 task(s) failed: Thrown: boom; bad; {c: 3}"
    ]


@pytest.mark.parametrize("options", ["1", "{max_concurrent: 1}"])
async def test_a_race_of_so_many_at_once(options: str) -> None:
    source = f"println(parallel_race([3, 2, 1], {{ x -> println(x); if x > 1 {{ throw x }}; x }}, {options}))"
    assert await printed(source) == ["3", "2", "1", "1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("5, { x -> x }", "Type error: parallel_race: first argument must be a list, got int"),
        ("[], { x -> x }", "Runtime error: parallel_race: expected at least one item"),
        ("[1], 5", "Type error: expected callable, got int"),
        ('[1], { x -> x }, "2"', "Type error: parallel_race: third argument must be max_concurrent int or "
         "options dict, got string"),
        ('[1], { x -> x }, {max_concurrent: "2"}', "Type error: parallel_race: max_concurrent must be an int, "
         "got string"),
    ],
)  # fmt: skip
async def test_what_a_race_refuses(arguments: str, message: str) -> None:
    assert await printed(f"try {{ parallel_race({arguments}) }} catch (e) {{ println(e) }}") == [message]


async def test_a_builtin_can_race() -> None:
    assert await printed('println(parallel_race(["x"], uppercase))') == ["X"]


async def test_uncaught_errors_of_items_end_the_run() -> None:
    async with Script('parallel 2 { i -> throw "boom ${i}" }') as script:
        with pytest.raises(ScriptError, match="Thrown: boom 0"):
            await script.end()
