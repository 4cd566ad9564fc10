"""Channels and `select` (docs/builtins.md#channels); closing wakes everyone
(docs/language.md#harnlets-own-decisions)."""

import pytest

from embed.concurrency_support import Script, printed, rounds


async def test_what_channels_are_and_how_they_show() -> None:
    source = """
        println([channel(), channel("jobs"), channel(5, 0)])
        let c = channel("c")
        println([type_of(c), c == c, c == channel("c")])
    """
    assert await printed(source) == [
        "[<channel:default>, <channel:jobs>, <channel:5>]",
        "[channel, false, false]",
    ]


async def test_values_come_out_in_the_order_in_which_they_went_in() -> None:
    source = """
        let c = channel("c", 3)
        println([send(c, 1), send(c, nil), send(c, [2])])
        println([receive(c), receive(c), try_receive(c), try_receive(c)])
    """
    assert await printed(source) == ["[true, true, true]", "[1, nil, [2], nil]"]


async def test_a_sender_waits_while_the_channel_is_full() -> None:
    source = """
        let c = channel("c", 0)
        let sender = spawn { for i in range(3) { send(c, i); println("sent ${i}") } }
        sleep(1)
        println("received ${receive(c)}")
        sleep(1)
        println([receive(c), receive(c)])
        await(sender)
    """
    async with Script(source) as script:
        await script.advance(2)
        assert script.lines == ["sent 0", "received 0", "sent 1", "[1, 2]", "sent 2"]


async def test_closing_wakes_receivers_senders_loops_and_selects() -> None:
    source = """
        let c = channel("c")
        let full = channel("full", 1)
        send(full, "kept")
        let waiting = [
            spawn { receive(c) },
            spawn { for v in c { println("never") }; "loop over" },
            spawn { select { v from c { println("select got ${v}") } }; "select over" },
            spawn { select { v from c { println("select got ${v}") } timeout 1h { println("no") } } },
            spawn { channel_select([channel("x"), c]) },
            spawn { stream.collect(c) },
            spawn { send(full, "dropped") },
        ]
        sleep(1)
        close_channel(c)
        close_channel(full)
        println(waiting.map({ w -> await(w) }))
        println([receive(full), receive(full), send(full, 1), receive(c)])
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == [
            "select got nil",
            "select got nil",
            "[nil, loop over, select over, nil, {channel: c, index: 1, value: nil}, [], false]",
            "[kept, nil, false, nil]",
        ]


async def test_what_was_sent_before_closing_is_received() -> None:
    source = """
        let c = channel("c")
        for i in range(3) { send(c, i) }
        close_channel(c); close_channel(c)
        for v in c { println(v) }
        for v in c { println("no") }
    """
    assert await printed(source) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("send()", "send: requires channel and value"),
        ('send(channel("c"))', "send: requires channel and value"),
        ("send(5, 1)", "send: first argument must be a channel"),
        ("receive()", "receive: requires a channel"),
        ("receive(nil)", "receive: first argument must be a channel"),
        ("try_receive([])", "try_receive: first argument must be a channel"),
        ("close_channel(1)", "close_channel: first argument must be a channel"),
        ("channel_select(1)", "channel_select: first argument must be a list of channels"),
        ("channel_select([1])", "channel_select: channel list must contain only channels"),
    ],
)
async def test_what_is_thrown(call: str, message: str) -> None:
    assert await printed(f"try {{ {call} }} catch (e) {{ println(e) }}") == [message]


# --- select -------------------------------------------------------------------------------------


async def test_cases_are_tried_from_top_to_bottom() -> None:
    source = """
        let a = channel("a"); let b = channel("b")
        send(b, "b1"); send(a, "a1")
        for i in range(3) {
            select { v from a { println("a ${v}") } v from b { println("b ${v}") } default { println("none") } }
        }
        println(channel_select([a, b], 0))
        send(b, 1)
        println(channel_select([a, b], 0))
    """
    assert await printed(source) == ["a a1", "b b1", "none", "nil", "{channel: b, index: 1, value: 1}"]


async def test_a_received_nil_selects_its_case() -> None:
    source = 'let a = channel("a"); send(a, nil)\nselect { v from a { println(v) } default { println("no") } }'
    assert await printed(source) == ["nil"]


async def test_a_select_waits_for_the_first_of_its_channels_and_leaves_the_others() -> None:
    source = """
        let a = channel("a"); let b = channel("b")
        let s = spawn { select { v from a { "a ${v}" } v from b { println("b ${v}") } } }
        sleep(1)
        send(b, 1)
        send(a, 2)
        await(s)
        println([try_receive(a), try_receive(b)])
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["b 1", "[2, nil]"]


@pytest.mark.parametrize(
    ("limit", "milliseconds"), [("50ms", 50), ("7", 7), ('"soon"', 5000), ("2.5", 5000)]
)
async def test_timeouts(limit: str, milliseconds: int) -> None:
    source = f'let a = channel("a")\nselect {{ v from a {{ }} timeout {limit} {{ println("timeout") }} }}'
    async with Script(source) as script:
        await script.advance(milliseconds - 1, step=1000)
        assert script.lines == []
        await script.advance(1)
        assert script.lines == ["timeout"]


async def test_a_closed_channel_is_never_ready_while_something_else_may_be() -> None:
    source = """
        let closed = channel("closed"); let open = channel("open")
        close_channel(closed)
        select { v from closed { println("no") } default { println("default") } }
        select { v from closed { println("no") } timeout 5ms { println("timeout") } }
        println(channel_select([closed], 5))
        spawn { sleep(5); send(open, "value") }
        select { v from closed { println("no") } v from open { println(v) } }
    """
    async with Script(source) as script:
        await script.advance(15)
        assert script.lines == ["default", "timeout", "nil", "value"]


async def test_a_select_of_closed_channels_alone_does_not_wait_for_ever() -> None:
    source = """
        let a = channel("a"); let b = channel("b")
        close_channel(a); close_channel(b)
        select { v from a { println("a ${v}") } v from b { println("no") } }
        println(channel_select([b, a]))
    """
    assert await printed(source) == ["a nil", "{channel: b, index: 0, value: nil}"]


async def test_select_takes_channels_only_and_the_same_one_twice() -> None:
    source = """
        let a = channel("a")
        let s = spawn { select { v from a { println("first ${v}") } v from a { println("second ${v}") } } }
        sleep(1)
        send(a, 1)
        await(s)
        let x = 5
        try { select { v from x { } } } catch (e) { println(e) }
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["first 1", "select: cases must receive from channels"]


# --- who is served, and what is lost ------------------------------------------------------------


async def test_receivers_are_served_in_the_order_in_which_they_came() -> None:
    source = """
        let c = channel("c")
        let rs = (0 to 3).map({ i -> spawn { "${i}: ${receive(c)}" } })
    """
    source = """
        let c = channel("c")
        let rs = [0, 1, 2].map({ i -> spawn { "${i} got ${receive(c)}" } })
        sleep(1)
        for v in ["a", "b", "c"] { send(c, v) }
        println(rs.map({ r -> await(r) }))
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["[0 got a, 1 got b, 2 got c]"]


async def test_a_value_handed_to_a_receiver_that_is_cancelled_goes_to_the_next() -> None:
    source = """
        let c = channel("c")
        let first = spawn { println("no: ${receive(c)}") }
        let second = spawn { println("second: ${receive(c)}") }
        sleep(1)
        send(c, "value")
        cancel(first)
        await(second)
        let third = spawn { println("no: ${receive(c)}") }
        sleep(1)
        send(c, "kept")
        cancel(third)
        await(third)
        println(try_receive(c))
    """
    async with Script(source) as script:
        await script.advance(2)
        assert script.lines == ["second: value", "kept"]


async def test_a_value_handed_to_a_select_that_is_cancelled_goes_back() -> None:
    source = """
        let a = channel("a"); let b = channel("b")
        let s = spawn { select { v from a { println("no") } v from b { println("no") } } }
        sleep(1)
        send(b, 1); send(b, 2)
        cancel(s)
        await(s)
        println([try_receive(b), try_receive(b), try_receive(b)])
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["[1, 2, nil]"]


async def test_a_sender_that_is_cancelled_while_it_waits_has_not_sent() -> None:
    source = """
        let c = channel("c", 1)
        send(c, 1)
        let s = spawn { send(c, 2) }
        sleep(1)
        cancel(s)
        await(s)
        println([receive(c), try_receive(c), send(c, 3)])
    """
    async with Script(source) as script:
        await script.advance(1)
        assert script.lines == ["[1, nil, true]"]


async def test_leaving_a_loop_over_a_channel_leaves_the_rest_in_it() -> None:
    source = """
        let c = channel("c")
        for i in range(4) { send(c, i) }
        for v in c { if v == 1 { break } }
        println([receive(c), receive(c)])
    """
    assert await printed(source) == ["[2, 3]"]


async def test_waiters_that_gave_up_are_forgotten() -> None:
    source = """
        let c = channel("c")
        for i in range(50) { select { v from c { } timeout 1 { } } }
        println("done")
        sleep(1h)
    """
    async with Script(source) as script:
        await script.advance(50)
        assert script.lines == ["done"]
        await rounds()
        import gc

        from harnlet.sched.channel import Channel

        channels = [each for each in gc.get_objects() if type(each) is Channel and each.name == "c"]
        assert [len(each.receivers) for each in channels if each.rt is script.harn._runtime] == [0]


async def test_ten_thousand_messages_between_two_tasks() -> None:
    source = """
        let c = channel("c", 1)
        let p = spawn { for i in range(10000) { send(c, i) }
            close_channel(c) }
        var sum = 0
        for v in c { sum = sum + v }
        await(p)
        println(sum)
    """
    async with Script(source) as script:
        await script.end(50_000)
        assert script.lines == ["49995000"]
