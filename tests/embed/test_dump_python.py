"""`harnlet run --dump-python`: the generated Python, readable (docs/architecture.md#lowering)."""

import ast
import re
import sys
from pathlib import Path

import pytest

from harnlet import Interpreter, SourceError
from harnlet.cli.main import main

SPEC = Path(__file__).resolve().parents[1] / "spec"

PROGRAM = """\
fn fib(n) {
  if n < 2 { return n }
  return fib(n - 1) + fib(n - 2)
}
for i in 1 to 3 {
  if i == 1 { println("one") } else if i == 2 { println("two") } else {
    println(fib(i))
  }
}
"""

COMMENTS = [
    ("", "1", "fn fib(n) {"),
    ("    ", "2", "if n < 2 { return n }"),
    ("    ", "3", "return fib(n - 1) + fib(n - 2)"),
    ("    ", "1", "fn fib(n) {"),
    ("    ", "5", "for i in 1 to 3 {"),
    ("        ", "6", 'if i == 1 { println("one") } else if i == 2 { println("two") } else {'),
    ("            ", "7", "println(fib(i))"),
]


def test_the_command_prints_python_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    depth = sys.getrecursionlimit()
    (tmp_path / "fib.harn").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    try:
        with pytest.raises(SystemExit) as ended:
            main(["run", "--dump-python", "fib.harn"])
    finally:
        sys.setrecursionlimit(depth)
    output = capsys.readouterr()
    assert ended.value.code == 0
    assert re.findall(r"( *)# (\d+): (.*)", output.out) == COMMENTS
    assert re.search(r"^    if n_\d+ < 2:\n        return n_\d+\n", output.out, re.MULTILINE)
    assert re.search(r"^        elif i_\d+ == 2:\n            call_println\('two'\)\n", output.out, re.MULTILINE)
    assert output.err == ""


def test_unoptimised_python_is_shown_on_request() -> None:
    text = "let n = 1\nreturn n + 1"
    assert "n_1 + 1" in Interpreter().python_source(text)
    assert "add(n_1, 1)" in Interpreter().python_source(text, optimise=False)


def test_text_of_the_script_is_not_taken_for_a_line() -> None:
    python = Interpreter().python_source('let a = "line3"\nlet b = """\nline_1\n"""\nprintln("${a}\\nline1\\n")')
    assert re.findall(r"# (\d+): (.*)", python) == [
        ("1", 'let a = "line3"'),
        ("2", 'let b = """'),
        ("5", 'println("${a}\\nline1\\n")'),
    ]


def test_a_source_with_errors_has_no_python() -> None:
    with pytest.raises(SourceError):
        Interpreter().python_source("let = 1")


@pytest.mark.parametrize("file", sorted(SPEC.glob("*/*.harn"))[::12], ids=lambda path: path.stem)
def test_every_text_is_the_python_of_its_program(file: Path) -> None:
    """Comments aside it is the tree that is compiled: the same statements, in the same order."""
    harn = Interpreter(capabilities="all")
    seen = 0
    for text in file.read_text(encoding="utf-8").split("\n---\n"):
        try:
            program = harn.compile(text, str(file))
        except SourceError:
            continue
        python = harn.python_source(text, str(file))
        code = compile(ast.parse(python), str(file), "exec")
        names = {const.co_name for const in code.co_consts if hasattr(const, "co_name")}
        assert names == {const.co_name for const in program.code.co_consts if hasattr(const, "co_name")}
        seen += 1
    assert seen


def test_the_functions_of_a_file_stand_beside_its_program() -> None:
    """Inside it, CPython's compiler took time for each of them that grew with the number of names around."""
    source = """\
struct P { x: int, y: int }
impl P { fn sum(self) { return self.x + self.y } }
fn early(n) { return late(n) }
fn late(n) { return P { x: n, y: 1 }.sum() }
let add = { a, b -> a + b }
let kept = 3
for i in 1 to 2 {
  let own = { a -> a + i + kept }
  println(own(early(i)), [1].map({ a -> add(a, i) }))
}
retry 2 {
  let one = { -> 1 }
  println(one())
}
"""
    main = next(
        code for code in Interpreter().compile(source).code.co_consts if getattr(code, "co_name", "") == "main"
    )
    assert [const for const in main.co_consts if hasattr(const, "co_code")] == []
