"""`harnlet run`: what it runs, what it prints where, and its exit code (docs/language.md#program-entry).

Most tests call the command in this process, which takes milliseconds; the last ones start a process.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from harnlet.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "interpreter", ROOT / "builtins", ROOT / "plugins"]


class Ended(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Harnlet: TypeAlias = Callable[..., Ended]


@pytest.fixture
def harnlet(capsys: pytest.CaptureFixture[str]) -> Iterator[Harnlet]:
    """The command, in this process: `harnlet("run", "-e", "1")`."""
    depth = sys.getrecursionlimit()

    def command(*arguments: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments), prog_name="harnlet")
        output = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, output.out, output.err)

    yield command
    sys.setrecursionlimit(depth)


@pytest.fixture
def run_file(harnlet: Harnlet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harnlet:
    """Runs a script of the name `demo.harn` in its folder: `run_file(source, *argv)`."""
    monkeypatch.chdir(tmp_path)

    def run(source: str, *argv: str) -> Ended:
        (tmp_path / "demo.harn").write_text(source, encoding="utf-8")
        return harnlet("run", "demo.harn", *argv)

    return run


# --- exit codes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0", 0),
        ("7", 7),
        ("255", 255),
        ("256", 255),
        ("100000", 255),
        ("-1", 0),
        ("nil", 0),
        ("true", 0),
        ('"text"', 0),
        ("3.0", 0),
        ("[5]", 0),
        ("Ok(5)", 0),
        ('Err("it did not work")', 1),
    ],
)
def test_the_value_gives_the_exit_code(harnlet: Harnlet, value: str, code: int) -> None:
    ended = harnlet("run", "-e", value)
    assert ended.returncode == code
    assert ended.stdout == ""
    assert ended.stderr == ("it did not work\n" if code == 1 else "")


def test_a_script_returns_its_exit_code(run_file: Harnlet) -> None:
    ended = run_file('println("before")\nreturn 3\nprintln("never")\n')
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "before\n", "")


def test_a_script_without_return_ends_with_zero(run_file: Harnlet) -> None:
    ended = run_file("1 + 41\n")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_the_value_of_the_entry_pipeline_gives_the_exit_code(run_file: Harnlet) -> None:
    ended = run_file("pipeline main(task) { 40 + 2 }\n")
    assert ended.returncode == 42


def test_an_err_goes_to_standard_error_by_its_display(run_file: Harnlet) -> None:
    ended = run_file('println("out")\nlet v = Err({code: 7, why: "no"})?\nprintln("never")\n')
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "out\n", "{code: 7, why: no}\n")


def test_an_uncaught_error_ends_with_one(harnlet: Harnlet) -> None:
    assert harnlet("run", "-e", 'throw "boom"').returncode == 1


def test_exit_ends_at_once(harnlet: Harnlet) -> None:
    ended = harnlet("run", "-e", 'println("one")\nexit(9)\nprintln("never")')
    assert (ended.returncode, ended.stdout, ended.stderr) == (9, "one\n", "")


# --- inline code -----------------------------------------------------------------------------------


def test_inline_code_is_the_body_of_a_pipeline(harnlet: Harnlet) -> None:
    ended = harnlet("run", "-e", 'let x = 20\nprintln("x is ${x}")\nx + 1')
    assert (ended.returncode, ended.stdout) == (21, "x is 20\n")


def test_inline_code_has_the_parameter_task(harnlet: Harnlet) -> None:
    ended = harnlet("run", "-e", "println(task)")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "nil\n", "")


def test_inline_code_may_return(harnlet: Harnlet) -> None:
    assert harnlet("run", "-e", "if true { return 5 }\n6").returncode == 5


def test_inline_code_declares_and_calls(harnlet: Harnlet) -> None:
    code = "fn fact(n) { if n < 2 { return 1 }\n return n * fact(n - 1) }\nprintln(fact(5))"
    assert harnlet("run", "-e", code).stdout == "120\n"


def test_lines_of_inline_code_count_from_one(harnlet: Harnlet) -> None:
    ended = harnlet("run", "-e", "let x = 0\nprintln(1 / x)")
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: Runtime error: Division by zero (line 2)\n")
    assert ":2:9\n" in ended.stderr


def test_words_after_inline_code_are_its_arguments(harnlet: Harnlet) -> None:
    assert harnlet("run", "-e", "println(argv)", "a", "b c").stdout == "[a, b c]\n"


# --- files and arguments ---------------------------------------------------------------------------


def test_words_after_the_file_are_its_arguments(run_file: Harnlet) -> None:
    ended = run_file("println(argv)\nprintln(argv.count)\n", "one", "--two", "-3", "four five")
    assert ended.stdout == "[one, --two, -3, four five]\n4\n"
    assert run_file("println(argv)").stdout == "[]\n"


def test_a_first_line_for_the_shell_is_a_comment(run_file: Harnlet) -> None:
    assert run_file('#!/usr/bin/env harnlet\nprintln("runs")\n').stdout == "runs\n"


def test_a_file_that_is_not_there(harnlet: Harnlet) -> None:
    ended = harnlet("run", "no-such-file.harn")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "no-such-file.harn" in ended.stderr


def test_a_file_that_is_no_text(harnlet: Harnlet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo.harn").write_bytes(b"println(1)\n\xff\xfe")
    ended = harnlet("run", "demo.harn")
    assert ended.returncode == 1
    assert "UTF-8" in ended.stderr


def test_nothing_to_run_is_wrong_use(harnlet: Harnlet) -> None:
    ended = harnlet("run")
    assert ended.returncode == 2
    assert "Usage:" in ended.stderr


def test_imports_start_at_the_file_not_at_the_working_folder(
    harnlet: Harnlet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "lib.harn").write_text('pub fn f() { return "from lib" }', encoding="utf-8")
    (folder / "main.harn").write_text('import "lib"\nprintln(f())', encoding="utf-8")
    ended = harnlet("run", "scripts/main.harn")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "from lib\n", "")


# --- reports ---------------------------------------------------------------------------------------


def test_the_report_of_an_uncaught_error(run_file: Harnlet) -> None:
    source = "fn divide(a, b) {\n  return a / b\n}\n\nprintln(1)\nprintln(divide(1, 0))\n"
    ended = run_file(source)
    assert ended.returncode == 1
    assert ended.stdout == "1\n"
    assert ended.stderr == (
        "error: Runtime error: Division by zero (line 2)\n"
        "  --> demo.harn:2:10\n"
        "   |\n"
        " 2 |   return a / b\n"
        "   |          ^^^^^\n"
        "   = note: called from pipeline at demo.harn:6\n"
    ).replace("   = note", "  = note")


def test_the_report_of_a_thrown_value_has_no_line(run_file: Harnlet) -> None:
    ended = run_file("throw {code: 7}\n")
    assert ended.stderr.splitlines()[:2] == ["error: Thrown: {code: 7}", "  --> demo.harn:1:1"]


def test_the_gutter_is_as_wide_as_the_line_number(run_file: Harnlet) -> None:
    ended = run_file("\n" * 99 + 'throw "x"\n')
    assert ended.stderr.splitlines() == [
        "error: Thrown: x",
        "    --> demo.harn:100:1",
        "     |",
        ' 100 | throw "x"',
        "     | ^^^^^^^^^",
    ]


def test_every_caller_has_a_note(run_file: Harnlet) -> None:
    source = (
        "fn a() { return b() + 1 }\n"
        "fn b() { return [1].map({ x -> c(x) })[0] }\n"
        'fn c(x) { throw "deep" }\n'
        "pipeline main(task) {\n"
        "  a()\n"
        "}\n"
    )
    notes = [line.strip() for line in run_file(source).stderr.splitlines() if "= note" in line]
    assert notes == [
        "= note: called from <closure> at demo.harn:2",
        "= note: called from b at demo.harn:2",
        "= note: called from a at demo.harn:1",
        "= note: called from pipeline at demo.harn:5",
    ]


def test_output_before_an_error_appears(run_file: Harnlet) -> None:
    ended = run_file('print("no line end")\nprintln(nil.x)\n')
    assert ended.stdout == "no line end"
    assert "cannot access property `x` on nil" in ended.stderr


def test_a_syntax_error_stops_before_anything_runs(run_file: Harnlet) -> None:
    ended = run_file('println("never")\nlet x = \n')
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("error: ")
    assert "--> demo.harn:" in ended.stderr


def test_a_static_error_stops_before_anything_runs(run_file: Harnlet) -> None:
    ended = run_file('println("never")\nno_such_function_at_all()\n')
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "call target `no_such_function_at_all` is not defined or imported" in ended.stderr
    assert "  --> demo.harn:2:1\n" in ended.stderr


def test_a_compile_error_stops_before_anything_runs(run_file: Harnlet) -> None:
    ended = run_file('println("never")\nbreak\n')
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "break outside of loop" in ended.stderr


def test_diagnostics_as_json(harnlet: Harnlet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo.harn").write_text('throw "x"\n', encoding="utf-8")
    ended = harnlet("run", "--diagnostics", "json", "demo.harn")
    assert ended.returncode == 1
    assert json.loads(ended.stderr) == {
        "code": "HRN-0301",
        "severity": "error",
        "message": "Thrown: x",
        "file": "demo.harn",
        "line": 1,
        "column": 1,
        "endLine": 1,
        "endColumn": 10,
        "help": None,
        "notes": [],
    }


def test_output_of_tasks_and_generators_appears(run_file: Harnlet) -> None:
    source = """
        fn numbers() {
          println("in the generator")
          yield 1
        }
        let task = spawn { println("in the task") }
        for n in numbers() { println(n) }
        await(task)
    """
    assert run_file(source).stdout == "in the generator\n1\nin the task\n"


def test_a_script_that_runs_too_long_is_stopped(harnlet: Harnlet) -> None:
    ended = harnlet("run", "--seconds", "0.05", "-e", "while true { }")
    assert ended.returncode == 1
    assert "seconds" in ended.stderr


def test_capabilities_can_be_taken_away(
    harnlet: Harnlet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib.harn").write_text("pub fn f() { return 1 }", encoding="utf-8")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "main.harn").write_text('import "../lib"\nprintln(f())', encoding="utf-8")
    assert harnlet("run", "inner/main.harn").stdout == "1\n"
    refused = harnlet("run", "--capabilities", "none", "inner/main.harn")
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "capability `files`" in refused.stderr


# --- in a process of its own -----------------------------------------------------------------------


def start(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process and wait for its end."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, SOURCES)), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "harnlet", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=50,
        env=environment,
        cwd=cwd,
        check=False,
    )


def test_a_process_ends_with_the_code_and_prints_where_it_belongs(tmp_path: Path) -> None:
    source = 'println("out: äöü")\neprintln("err")\nprintln(argv)\nreturn 42\n'
    (tmp_path / "demo.harn").write_text(source, encoding="utf-8")
    ended = start("run", "demo.harn", "--x", "y", cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (42, "out: äöü\n[--x, y]\n", "err\n")


def test_a_process_that_fails_has_printed_before(tmp_path: Path) -> None:
    ended = start("run", "-e", 'println("before")\nErr("why")', cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "before\n", "why\n")
    failed = start("run", "-e", 'println("before")\nthrow "boom"', cwd=tmp_path)
    assert (failed.returncode, failed.stdout) == (1, "before\n")
    assert failed.stderr.startswith("error: Thrown: boom\n")


def begin(*arguments: str, cwd: Path) -> subprocess.Popen[str]:
    """Start the command in a process; its streams are pipes."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "harnlet", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, SOURCES)), "PYTHONUTF8": "1"},
        cwd=cwd,
        # Shells start what they put into the background with SIGINT ignored; so may what runs the tests.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )


@pytest.mark.parametrize(
    ("number", "code", "told"),
    [(signal.SIGINT, 130, "interrupted\n"), (signal.SIGTERM, 143, "terminated\n")],
)
def test_a_signal_ends_a_script_that_computes_and_it_cleans_up(
    tmp_path: Path, number: signal.Signals, code: int, told: str
) -> None:
    source = 'println("begun")\ntry { while true {} } finally { println("cleaned up") }'
    with begin("run", "-e", source, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=50)
    assert (process.returncode, out, err) == (code, "cleaned up\n", told)


def test_nobody_is_told_when_the_reader_of_the_output_has_gone(tmp_path: Path) -> None:
    with begin("run", "-e", "var n = 0\nwhile true { println(n)\n n = n + 1 }", cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "0\n"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_a_script_is_read_from_standard_input(tmp_path: Path) -> None:
    with begin("run", "-", "one", cwd=tmp_path) as process:
        out, err = process.communicate("println(argv)\nthrow 1", timeout=50)
    assert (process.returncode, out) == (1, "[one]\n")
    assert "--> <stdin>:2:1" in err
