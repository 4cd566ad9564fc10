"""Builtins of output, logging, terminal and input (docs/builtins.md#output-input-logging)."""

import asyncio
import json

import pytest

from embed.values_support import FakeConsole, FakeRun, Thrown, console_of_run, fails, in_run, make_set, ok


def test_print_println_log() -> None:
    run = FakeRun()
    run.call("println", [1, "a"], "ignored")
    run.call("println")
    run.call("println", None)
    run.call("print", "x", "y")
    run.call("print")
    run.call("log", 1.0)
    assert run.output == "[1, a]\n\nnil\nx[harn] 1.0\n"


def test_standard_error() -> None:
    run = FakeRun()
    console = run.states[console_of_run] = FakeConsole()
    run.call("eprintln", 1)
    assert run.call("capture_stderr_take") == ""
    run.call("capture_stderr_start")
    run.call("eprint", "a")
    run.call("eprintln", "b")
    assert run.call("capture_stderr_take") == "ab\n"
    assert run.call("capture_stderr_take") == ""
    assert console.errors == "1\n"
    assert run.output == ""


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("build", "compiling"), "[build] compiling"),
        (("build", "x", 2, 5), "[build] x (2/5)"),
        (("build", "x", 40), "[build] x (40%)"),
        (("build", "x", 0.5), "[build] x (0.5%)"),
        (("w", "x", {"mode": "spinner", "step": 1}), "[w] / x"),
        (("w", "x", {"mode": "spinner", "current": 6}), "[w] - x"),
        (("w", "x", {"mode": "spinner"}), "[w] | x"),
        (("w", "x", {"mode": "bar", "current": 4, "total": 8, "width": 8}), "[w] [####----] x (4/8)"),
        (("w", "x", {"mode": "bar", "current": 9, "total": 8}), "[w] [##########] x (9/8)"),
        (("w", "x", {"mode": "bar", "current": 0, "total": 0, "width": 1}), "[w] [---] x (0/0)"),
        (("w", "x", {"mode": "bar", "current": 1, "total": 1, "width": 99}), f"[w] [{'#' * 40}] x (1/1)"),
        (("w", "x", {"mode": "other"}), "[w] x"),
    ],
)
def test_progress(args: tuple[object, ...], line: str) -> None:
    run = FakeRun()
    run.call("progress", *args)
    assert run.output == line + "\n"


# --- logs ---------------------------------------------------------------------------------------

STAMP = 1_767_323_045_678


def logged(run: FakeRun) -> str:
    text, run.output = run.output, ""
    return text


def test_log_lines() -> None:
    run = FakeRun()
    run.clock.now = STAMP
    run.call("log_info", "hi", {"z": None, "k": 1, "f": 1.5, "n": float("nan"), "t": True, "l": [1, "a"]})
    assert logged(run) == (
        '{"ts":"2026-01-02T03:04:05.678Z","level":"info","msg":"hi",'
        '"f":1.5,"k":1,"l":"[1, a]","n":null,"t":true,"z":null}\n'
    )
    run.call("log_warn", 'a"b\\\n\x01\x7f\x85é')
    assert logged(run) == (
        '{"ts":"2026-01-02T03:04:05.678Z","level":"warn","msg":"a\\"b\\\\\\n\\u0001\\u007f\\u0085é"}\n'
    )
    run.call("log_json", "k", {"a": 1})
    assert logged(run) == '{"ts":"2026-01-02T03:04:05.678Z","key":"k","value":"{a: 1}"}\n'


def test_log_levels() -> None:
    run = FakeRun()
    run.call("log_set_level", "warn")
    for level in ("debug", "info", "warn", "error"):
        run.call(f"log_{level}", level, "no dict")
    levels = [json.loads(line)["level"] for line in logged(run).splitlines()]
    assert levels == ["warn", "error"]
    text = "log_set_level: invalid level 'loud'. Expected debug, info, warn, or error"
    fails(Thrown, text, run.call, "log_set_level", "loud")


def test_times_of_logs_are_those_of_the_clock() -> None:
    run = FakeRun()
    run.call("log_error", "x")
    assert json.loads(run.output)["ts"] == "1970-01-01T00:00:00.000Z"


# --- terminal -----------------------------------------------------------------------------------


def test_colours() -> None:
    run = FakeRun()
    assert run.call("color", "x", "red") == "x"
    run.call("set_color_mode", "always")
    assert run.call("color", "x", "red") == "\x1b[31mx\x1b[0m"
    assert run.call("color", 5, "bright_cyan") == "\x1b[96m5\x1b[0m"
    assert run.call("color", "x", "grey") == "\x1b[90mx\x1b[0m"
    assert run.call("color", "x", "pink") == "x"
    assert run.call("bold", "x") == "\x1b[1mx\x1b[0m"
    assert run.call("dim", "x") == "\x1b[2mx\x1b[0m"
    run.call("set_color_mode", "never")
    assert run.call("bold", "x") == "x"
    text = "set_color_mode: invalid mode 'on'. Expected 'auto', 'always', or 'never'."
    fails(Thrown, text, run.call, "set_color_mode", "on")


@pytest.mark.parametrize(
    ("console", "colored"),
    [
        (FakeConsole(), False),
        (FakeConsole(terminals=frozenset({"stdout"})), True),
        (FakeConsole(terminals=frozenset({"stdout"}), NO_COLOR="1"), False),
        (FakeConsole(FORCE_COLOR="", NO_COLOR="1"), True),
    ],
)
def test_colours_by_themselves_look_at_the_terminal(console: FakeConsole, colored: bool) -> None:
    run = FakeRun()
    run.states[console_of_run] = console
    assert (run.call("bold", "x") != "x") is colored


def test_terminals() -> None:
    run = FakeRun()
    run.states[console_of_run] = FakeConsole(terminals=frozenset({"stdin"}))
    names = ("is_stdin_tty", "is_stdout_tty", "is_stderr_tty")
    assert [run.call(name) for name in names] == [True, False, False]
    run.call("mock_tty", "stdout", True)
    run.call("mock_tty", "stdin", False)
    assert [run.call(name) for name in names] == [False, True, False]
    assert run.call("bold", "x") != "x"
    run.call("unmock_tty")
    assert [run.call(name) for name in names] == [True, False, False]
    text = "mock_tty: invalid stream 'tty'. Expected 'stdin', 'stdout', or 'stderr'."
    fails(Thrown, text, run.call, "mock_tty", "tty", True)


def read(run: FakeRun, name: str, *args: object) -> object:
    async def main() -> object:
        return await in_run(lambda: run.call(name, *args))

    return asyncio.run(main())


def test_reading() -> None:
    run = FakeRun()
    run.states[console_of_run] = FakeConsole("one", "two ", "three", "four")
    assert read(run, "read_line") == "one"
    assert read(run, "prompt_user", "> ") == "two"
    assert run.output == "> "
    assert read(run, "read_stdin") == "three\nfour\n"
    assert read(run, "read_line") is None
    assert read(run, "prompt_user") == ""
    assert read(FakeRun(), "read_line") is None


def test_mocked_input() -> None:
    run = FakeRun()
    run.states[console_of_run] = FakeConsole("real")
    run.call("mock_stdin", "a\r\nb\n\nc")
    assert [read(run, "read_line") for _ in range(3)] == ["a", "b", ""]
    assert read(run, "read_stdin") == "c"
    assert read(run, "read_stdin") == ""
    assert read(run, "read_line") is None
    run.call("unmock_stdin")
    assert read(run, "read_line") == "real"


def test_output_of_collections_has_no_quotes() -> None:
    run = FakeRun()
    run.call("println", {"b": ok("x"), "a": make_set(["y"])})
    assert run.output == "{a: set(y), b: Result.Ok(x)}\n"
