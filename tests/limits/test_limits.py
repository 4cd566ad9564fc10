"""Limits: typed, beyond the script's reach, and the interpreter goes on (docs/limits.md)."""

import asyncio
import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

from harnlet import Interpreter, LimitError, Limits, ScriptError, UsageError

GROWING = {
    "push": "var xs = []\nwhile true { xs = xs.push(1) }",
    "push to a field": "var d = {a: []}\nwhile true { d.a = d.a.push(1) }",
    "push to a nested field": "var d = {a: {b: []}}\nwhile true { d.a.b = d.a.b.push(1) }",
    "push to a struct's field": "struct S { xs }\nvar s = S { xs: [] }\nwhile true { s.xs = s.xs.push(1) }",
    "push in a closure": "let f = { -> var xs = []\n while true { xs = xs.push(1) } }\nf()",
    "keys": 'var d = {}\nvar i = 0\nwhile true { d["k${i}"] = i\n i = i + 1 }',
    "extend": "var xs = [1]\nwhile true { xs = xs + [1, 2] }",
    "double": "var xs = [1]\nwhile true { xs = xs + xs }",
    "spread": "var xs = [1]\nwhile true { xs = [...xs, 1] }",
    "dict spread": 'var d = {}\nvar i = 0\nwhile true { i = i + 1\n d = {...d, ["k${i}"]: 1} }',
    "set": "var s = set()\nvar i = 0\nwhile true { i = i + 1\n s = set_add(s, i) }",
    "to_list": "return (1 to 1000).to_list()",
    "endless to_list": "return (1 to 10000000000000).to_list()",
    "to_set": "return (1 to 1000).iter().to_set()",
    "map": "return (1 to 1000).map({ x -> x }).to_list()",
    "repeat_list": 'return ["a", "b"].concat((1 to 1000).to_list())',
    "flatten": "let xs = (1 to 90).to_list()\nreturn [xs, xs, xs].flatten()",
    "split": 'return ("a " * 400).split(" ")',
    "chars": 'return ("a" * 400).chars()',
    "json": 'return json_parse("[" + "1," * 400 + "1]")',
    "nested json": 'return json_parse("{\\"a\\": [" + "1," * 400 + "1]}")',
    "csv": 'return csv_parse("a\\n" * 400)',
    "yaml": 'return yaml_parse("- 1\\n" * 400)',
    "regex": 'return regex_split("a" * 400, "a")',
    "stream": "return stream.collect(stream.from((1 to 1000).to_list()))",
    "window": "let xs = (1 to 90).to_list()\nreturn xs.window(50)",
    "chunks": "return (1 to 1000).iter().chunks(500).first()",
    "keys of a dict": 'var d = {}\nfor i in 1 to 1000 { d["k${i}"] = i }\nreturn keys(d)',
}
LONG = {
    "times": 'return "x" * 5000',
    "times an int": 'return 5000 * "x"',
    "repeat": 'return "x".repeat(5000)',
    "double": 'var s = "ab"\nwhile true { s = s + s }',
    "append": 'var s = ""\nwhile true { s = s + "x" }',
    "append equal": 'var s = ""\nwhile true { s += "x" }',
    "interpolation": 'var s = "ab"\nwhile true { s = "${s}${s}" }',
    "interpolation of one": 'var s = "ab"\nwhile true { s = "<${s}>" }',
    "untyped": 'fn f(s) { return s + s }\nvar s = "ab"\nwhile true { s = f(s) }',
    "join": 'return (1 to 900).to_list().join("--")',
    "join function": 'return join((1 to 900).to_list(), "--")',
    "replace": 'return ("a" * 90).replace("a", "b" * 90)',
    "regex_replace_all": 'return regex_replace_all("a", "b" * 90, "a" * 90)',
    "pad": 'return str_pad("x", 5000, "-")',
    "display": "return to_string((1 to 900).to_list())",
    "json": "return json_stringify((1 to 900).to_list())",
    "yaml": "return yaml_stringify((1 to 900).to_list())",
    "bytes": "var b = bytes_from_string(\"ab\")\nwhile true { b = bytes_concat(b, b) }",
    "wide characters": 'return "😀".repeat(600)',
    "in a list": 'var xs = [""]\nwhile true { xs[0] = xs[0] + "x" }',
    "format": 'return format("{}{}", "x" * 900, "y" * 900)',
}
LARGE = {
    "power": "return 2 ** 2000",
    "power of a power": "return 2 ** 2 ** 2 ** 2 ** 2 ** 2",
    "product": "var n = 3\nwhile true { n = n * n }",
    "slow product": "var n = 3\nwhile true { n = n * 3 }",
    "sum": "var n = 1\nwhile true { n = n + n }",
    "untyped sum": "fn f(n) { return n + n }\nvar n = 1\nwhile true { n = f(n) }",
    "difference": "var n = -1\nwhile true { n = n - 1 + n }",
    "text": 'return to_int("9" * 400)',
    "in a list": "var xs = [1]\nwhile true { xs[0] = xs[0] * 3 }",
}


def stopped(source: str, limits: Limits, **args: Any) -> LimitError:
    """The LimitError of a script; afterwards the interpreter works."""
    harn = Interpreter(limits=limits, output=list[str]().append)
    with pytest.raises(LimitError) as caught:
        harn.run_sync(source, args or None)
    assert harn.run_sync("return 1 + 1") == 2
    return caught.value


@pytest.mark.parametrize("source", GROWING.values(), ids=GROWING.keys())
def test_collections(source: str) -> None:
    error = stopped(source, Limits(collection_items=100, seconds=30))
    assert (error.limit, error.cap) == ("collection_items", 100)
    assert error.used > 100


@pytest.mark.parametrize("source", LONG.values(), ids=LONG.keys())
def test_strings(source: str) -> None:
    error = stopped(source, Limits(string_bytes=1000, seconds=30))
    assert (error.limit, error.cap) == ("string_bytes", 1000)
    assert error.used > 1000


@pytest.mark.parametrize("source", LARGE.values(), ids=LARGE.keys())
def test_integers(source: str) -> None:
    error = stopped(source, Limits(integer_bits=1000, seconds=30))
    assert (error.limit, error.cap) == ("integer_bits", 1000)
    assert error.used > 1000


def test_what_just_fits() -> None:
    limits = Limits(collection_items=10, string_bytes=20, integer_bits=64)
    harn = Interpreter(limits=limits)
    source = 'var xs = []\nfor i in 1 to 10 { xs = xs.push(i) }\nreturn [xs, "x" * 20, 2 ** 63]'
    assert harn.run_sync(source) == [[*range(1, 11)], "x" * 20, 2**63]


def test_what_no_float_can_hold_is_told_as_well() -> None:
    assert stopped('return "ab" * 2 ** 65000', Limits(string_bytes=1000)).used > 10**18


def test_a_limit_may_be_above_the_cap_of_the_language() -> None:
    harn = Interpreter(limits=Limits(integer_bits=100_000))
    assert harn.run_sync("return 2 ** 90000 > 1")
    with pytest.raises(ScriptError, match="integer is too large: more than 65536 bits"):
        Interpreter().run_sync("return 2 ** 90000 > 1")


def test_the_limits_of_one_interpreter_are_not_those_of_another() -> None:
    small, large = Interpreter(limits=Limits(collection_items=5)), Interpreter()
    source = "return (1 to 10).to_list().count"
    for _ in range(2):
        assert large.run_sync(source) == 10
        with pytest.raises(LimitError):
            small.run_sync(source)


async def test_two_interpreters_in_turns() -> None:
    source = "var xs = []\nfor i in 1 to 2000 { xs = xs.push(i)\n if i % 100 == 0 { sleep(0ms) } }\nreturn xs.count"
    async with Interpreter(limits=Limits(collection_items=1000)) as small, Interpreter() as large:
        ends = await asyncio.gather(small.run(source), large.run(source), return_exceptions=True)
    assert isinstance(ends[0], LimitError)
    assert ends[1] == 2000


def test_caps_of_the_language_are_found_in_what_grows_step_by_step() -> None:
    with pytest.raises(ScriptError, match="integer is too large: more than 65536 bits"):
        Interpreter(limits=Limits(seconds=50)).run_sync("var n = 1\nwhile true { n = n + n }")


# --- steps ----------------------------------------------------------------------------------------


def test_steps_are_counted_exactly() -> None:
    source = "var i = 0\nwhile i < 100 { i = i + 1 }\nreturn i"
    assert Interpreter(limits=Limits(steps=100)).run_sync(source) == 100
    error = stopped(source, Limits(steps=99))
    assert (error.limit, error.used, error.cap) == ("steps", 100, 99)


def test_calls_are_steps() -> None:
    source = "fn f(n) { if n == 0 { return 0 }\n return 1 + f(n - 1) }\nreturn f(9)"
    assert Interpreter(limits=Limits(steps=10)).run_sync(source) == 9
    assert stopped(source, Limits(steps=9)).used == 10


@pytest.mark.parametrize("method", ["map", "filter"])
@pytest.mark.parametrize("body", ["x * 2", "let y = x\n y * 2"])
def test_each_element_is_a_step_whatever_the_callback_became(method: str, body: str) -> None:
    closure = f"{{ x -> {body} }}"
    for source in (f"return [1, 2, 3].{method}({closure})", f"let f = {closure}\nreturn [1, 2, 3].{method}(f)"):
        assert len(Interpreter(limits=Limits(steps=3)).run_sync(source)) == 3
        assert stopped(source, Limits(steps=2)).used == 3


def test_brief_functions_that_call_each_other_twice_come_to_a_safe_point() -> None:
    functions = ["fn f0(n) { return n + 1 }"]
    functions += [f"fn f{i}(n) {{ return f{i - 1}(n) + f{i - 1}(n) }}" for i in range(1, 60)]
    error = stopped("\n".join([*functions, "return f59(1)"]), Limits(steps=1000))
    assert (error.limit, error.used) == ("steps", 1001)


@pytest.mark.parametrize(
    "source",
    [
        "while true {}",
        "fn f() { return f() }\nf()",
        "(1 to 100000000000).iter().sum()",
        "parallel each [1, 2] { x -> while true {} }",
        "spawn { while true {} }\nsleep(1h)",
        'tool t() { while true {} }\nwhile true { host_tool_call("t", {}) }',
        "gen fn g() { while true { emit 1 } }\nfor x in g() {}",
        "let xs = (1 to 100).to_list()\nwhile true { xs.map({ x -> x }) }",
        "retry 1000000 { throw 1 }",
    ],
)
def test_whatever_repeats_takes_steps(source: str) -> None:
    assert stopped(source, Limits(steps=1000, seconds=30)).limit == "steps"


def test_each_run_has_its_own_steps() -> None:
    harn = Interpreter(limits=Limits(steps=150))
    for _ in range(5):
        assert harn.run_sync("for i in 1 to 100 {}\nreturn 1") == 1


# --- processor time -------------------------------------------------------------------------------


def test_cpu_seconds() -> None:
    error = stopped("while true {}", Limits(cpu_seconds=0.05, seconds=30))
    assert (error.limit, error.cap) == ("cpu_seconds", 0.05)
    assert error.used > 0.05


def test_cpu_seconds_add_up_between_waits() -> None:
    source = "while true { var i = 0\n while i < 2000 { i = i + 1 }\n sleep(0ms) }"
    assert stopped(source, Limits(cpu_seconds=0.05, seconds=50)).limit == "cpu_seconds"


async def test_waiting_and_the_host_take_no_cpu_seconds() -> None:
    from harnlet import tool

    @tool
    async def busy() -> int:
        return sum(range(3_000_000))

    async with Interpreter(limits=Limits(cpu_seconds=0.04), tools=[busy]) as harn:
        source = 'for i in 1 to 5 { host_tool_call("busy", {})\n sleep(1ms) }\nreturn "done"'
        assert await harn.run(source) == "done"


# --- nothing that a script does keeps a limit away ------------------------------------------------

SWALLOWING = [
    "try {{ {0} }} catch e {{ return e }}",
    "try {{ {0} }} finally {{ return 1 }}",
    "while true {{ try {{ {0} }} finally {{ continue }} }}",
    "while true {{ try {{ {0} }} finally {{ break }} }}",
    "try {{ {0} }} finally {{ throw 1 }}",
    "let r = try {{ {0} }}\nreturn is_err(r)",
    "fn f() {{ defer {{ return 1 }}\n {0} }}\nf()",
    "retry 5 {{ {0} }}",
    "fn f() {{ try {{ {0} }} finally {{ return 1 }} }}\nlet h = spawn {{ f() }}\nreturn await(h)",
    "let r = parallel settle [1] {{ x -> try {{ {0} }} finally {{ return 1 }} }}\nreturn r",
    "let xs = [1].map({{ x -> try {{ {0} }} finally {{ return 1 }} }})\nreturn xs",
    'tool t() {{ try {{ {0} }} catch e {{ 1 }} finally {{ return 1 }} }}\nhost_tool_call("t", {{}})\nreturn 1',
    "gen fn g() {{ try {{ {0} }} finally {{ return 1 }} }}\nfor x in g() {{}}\nreturn 1",
    "deadline 1h {{ {0} }}",
]
BREAKING = {
    "steps": "while true {}",
    "collection_items": "(1 to 1000).to_list()",
    "string_bytes": '"x" * 1000',
    "integer_bits": "2 ** 1000",
    "output_bytes": 'println("x" * 200)',
}


@pytest.mark.parametrize("around", SWALLOWING)
@pytest.mark.parametrize("limit", BREAKING)
def test_no_construct_swallows_a_limit(limit: str, around: str) -> None:
    caps: dict[str, Any] = {limit: 500 if limit in ("collection_items", "string_bytes") else 150}
    error = stopped(around.format(BREAKING[limit]), Limits(seconds=30, **caps))
    assert error.limit == limit


@pytest.mark.parametrize("around", SWALLOWING)
def test_no_construct_swallows_a_cancellation_by_time(around: str) -> None:
    assert stopped(around.format("while true {}"), Limits(seconds=0.05)).limit == "seconds"


def test_finally_runs_after_a_limit() -> None:
    printed: list[str] = []
    harn = Interpreter(limits=Limits(steps=100), output=printed.append)
    with pytest.raises(LimitError):
        harn.run_sync('try { while true {} } finally { for i in 1 to 3 { println("${i}") } }')
    assert printed == ["1\n", "2\n", "3\n"]


def test_finally_does_not_run_for_ever_after_a_limit() -> None:
    assert stopped("try { while true {} } finally { while true {} }", Limits(steps=100)).used == 101


def test_the_other_tasks_of_a_run_end_with_it() -> None:
    printed: list[str] = []
    harn = Interpreter(limits=Limits(collection_items=10), output=printed.append)
    with pytest.raises(LimitError):
        harn.run_sync(
            'spawn { try { sleep(1h) } finally { println("ended") } }\nsleep(0ms)\n(1 to 99).to_list()'
        )
    assert printed == ["ended\n"]


# --- the object -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"steps": -1}, "Limits(steps=-1): expected a whole number that is not negative"),
        ({"steps": 1.5}, "Limits(steps=1.5): expected a whole number that is not negative"),
        ({"steps": True}, "Limits(steps=True): expected a whole number that is not negative"),
        ({"seconds": "1"}, "Limits(seconds='1'): expected a number of seconds that is not negative"),
        ({"seconds": float("nan")}, "Limits(seconds=nan): expected a number of seconds that is not negative"),
        ({"depth": None}, "Limits(depth=None): expected a whole number that is not negative"),
        ({"depth": 0}, "Limits(depth=0): a program needs a depth of at least 1"),
        ({"integer_bits": 8}, "Limits(integer_bits=8): the least is 64 bits"),
    ],
)
def test_limits_that_make_no_sense(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError) as caught:
        Limits(**arguments)
    assert str(caught.value) == text


def test_the_error_says_where() -> None:
    error = stopped("let n = 1\nreturn 2 ** 1000", Limits(integer_bits=100))
    assert error.code == "HRN-0501"
    (diagnostic,) = error.diagnostics
    assert (diagnostic.line, diagnostic.column) == (2, 8)
    assert "limit reached: integer_bits (1000 of 100)" in error.render()
    again = pickle.loads(pickle.dumps(error))
    assert (again.limit, again.used, again.cap, again.render()) == ("integer_bits", 1000, 100, error.render())


def test_interpreters_in_two_threads() -> None:
    ends: dict[int, Any] = {}

    def work(cap: int) -> None:
        harn = Interpreter(limits=Limits(collection_items=cap))
        try:
            ends[cap] = harn.run_sync("var xs = []\nfor i in 1 to 3000 { xs = xs.push(i) }\nreturn xs.count")
        except LimitError as error:
            ends[cap] = error.cap

    threads = [threading.Thread(target=work, args=(cap,)) for cap in (1000, 2000, 5000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == {1000: 1000, 2000: 2000, 5000: 3000}


@pytest.mark.parametrize(
    ("used", "text"), [(200_000_001, "200000001 of 7"), (0.25, "0.25 of 7"), (10**30, "1e+30 of 7")]
)
def test_amounts_are_told_as_they_are_read_best(used: float, text: str) -> None:
    assert LimitError("memory_bytes", used, 7).message == f"limit reached: memory_bytes ({text})"


async def test_a_variable_that_a_module_shares_is_weighed(tmp_path: Path) -> None:
    """It belongs to the module, and the function that makes it grow only stores into it."""
    library = "var seen = []\npub fn grow() { while true { seen = seen.push(1) } }"
    (tmp_path / "lib.harn").write_text(library, encoding="utf-8")
    main = tmp_path / "main.harn"
    main.write_text('import { grow } from "./lib"\ngrow()', encoding="utf-8")
    limits = Limits(collection_items=100, seconds=30)
    async with Interpreter(limits=limits, capabilities=["files"]) as harn:
        program = harn.compile(main.read_text(encoding="utf-8"), filename=str(main))
        with pytest.raises(LimitError) as stopped_by:
            await harn.run(program)
    assert stopped_by.value.limit == "collection_items"


COUNTED = """
fn fib(n) { if n < 2 { return n }
 return fib(n - 1) + fib(n - 2) }
var total = 0
for i in 1 to 900 { total = total + (i % 7) }
let ts = [1, 2, 3].map({ x -> spawn { var j = 0
 while j < 200 { j = j + 1 }
 j } })
for t in ts { total = total + await(t) }
for x in (1 to 9000).to_list() { if x % 3000 == 0 { total = total + fib(7) } }
return total
"""


async def test_steps_are_the_same_however_often_others_get_their_turns() -> None:
    async def fits(steps: int) -> bool:
        try:
            await Interpreter(limits=Limits(steps=steps)).run(COUNTED)
        except LimitError:
            return False
        return True

    least, enough = 0, 100_000
    while enough - least > 1:
        middle = (least + enough) // 2
        least, enough = (least, middle) if await fits(middle) else (middle, enough)
    over = threading.Event()

    def pester() -> None:
        while not over.is_set():
            for harn in noisy:
                harn._runtime.want_attention()

    noisy = [Interpreter(limits=Limits(steps=steps)) for steps in (enough, enough - 1)]
    thread = threading.Thread(target=pester)
    thread.start()
    try:
        for _ in range(5):
            ends = await asyncio.gather(*(harn.run(COUNTED) for harn in noisy), return_exceptions=True)
            assert isinstance(ends[0], int)
            assert isinstance(ends[1], LimitError)
            assert ends[1].used == enough
    finally:
        over.set()
        thread.join()


async def test_runs_that_take_turns_count_apart() -> None:
    source = "pipeline default(n) { var i = 0\nwhile i < n { i = i + 1\nif i % 50 == 0 { sleep(0ms) } }\nreturn i }"
    harn = Interpreter(limits=Limits(steps=1000))
    ends = await asyncio.gather(*(harn.run(source, {"n": n}) for n in (1000, 1001, 10, 999)), return_exceptions=True)
    assert [ends[0], ends[2], ends[3]] == [1000, 10, 999]
    assert isinstance(ends[1], LimitError)
