"""Whatever the text is, parsing ends in a tree or in diagnostics, in time that grows with its length."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harnlet.errors.render import render, to_json
from harnlet.syntax.lexer import NESTING
from harnlet.syntax.parser import ParseResult, parse, parse_expression
from harnlet.syntax.problems import MAXIMUM

QUIET = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PROGRAM = '''
import { a, b } from "lib/x"
@test(name: "x", n: -3, l: [1, nil], on)
pub pipeline default(task, project) -> int extends base {
  var {a, b: alias = 2, ...rest} = {a: 1, "b": 2, [k]: 3, ...other, if: 1}
  let t: {name: string, age?: int, cb: fn(int) -> int} | nil = nil
  if x > 1 && !y { print(x) } else if z { 1 } else { 2 }
  for (k, v) in 1 to 3 exclusive { a.b[0].c += 3; break }
  while (x < 3) { x = x + 1 }
  let m = match x { 1 | 2 -> { "a" }  Color.Red(a, _) if a > 1 -> { r"b" } {type: "x"} -> { y } }
  retry 3 { f() }
  deadline 5s { g()? }
  guard x else { return }
  select { m from ch { 1 } timeout 5s { 2 } }
  let r1 = parallel each xs with { max_concurrent: 4 } { x -> f(x) } as stream
  let c = { x, y = 2, ...z -> x + y } |> map(_, fn(a: int) { a })
  let h = id<int, list<string>>(5) ?? c ? a?.b?.c() : o?[0]
  let tr = try { try* 1 } catch (e: Err) { throw 2 } finally { defer { 3 } }
  let s = "a ${x + "b ${y}"} c \\n \\$" + """
    hello ${name}
      world
    """
}
pub gen fn bar<T, in U>(a: T, b: int = 1, ...rest: int) -> Stream<int> where T: I { emit 1; yield }
tool t(p: string = "x") -> string { description "does"
  p }
skill s { tools [a, b] }
eval_pack name "id" { field: 1; summarize { x } }
struct P<T> { x: int, y?: string z }
enum E { A, B(x, y: int) C }
type Al<T> = fn(T) -> int | nil
interface I<T> { type Item = int fn m(self, a: int) -> string }
impl P { pub fn k(self) { } } // end
/* done */
'''

PIECES = [
    *"(){}[]<>,;:?.!-+*/%=|@_\n\"\\$#&`'",
    *[
        "->",
        "?.",
        "...",
        "??",
        "**",
        "|>",
        "==",
        "&&",
        "||",
        "<=",
        "+=",
        "${",
        '"""',
        "/*",
        "*/",
        "//",
        "\\\n",
    ],
    *[
        "let",
        "var",
        "fn",
        "if",
        "else",
        "match",
        "for",
        "in",
        "while",
        "return",
        "try",
        "catch",
        "finally",
        "struct",
        "enum",
        "impl",
        "type",
        "select",
        "from",
    ],
    *[
        "parallel",
        "each",
        "with",
        "as",
        "stream",
        "gen",
        "not",
        "where",
        "pub",
        "import",
        "pipeline",
        "tool",
        "skill",
        "description",
        "eval_pack",
    ],
    *[
        "a",
        "b",
        "Point",
        "1",
        "2.5",
        "5s",
        "nil",
        "true",
        '"s"',
        'r"t"',
        "é",
        "²",
        "\ufeff",
        "\x00",
        "\ud800",
    ],
    " ",
    "  ",
]


def well_formed(result: ParseResult, text: str) -> None:
    """A tree or diagnostics, never both; every place inside the text; everything can be shown."""
    assert (result.file is None) == bool(result.diagnostics)
    assert len(result.diagnostics) <= MAXIMUM
    rows = text.split("\n")
    for found in result.diagnostics:
        assert 1 <= found.line <= len(rows)
        assert 1 <= found.column <= len(rows[found.line - 1]) + 1
        assert (found.line, found.column) <= (found.end_line, found.end_column)
        assert found.excerpt == rows[found.line - 1].removesuffix("\r")
    places = [(found.line, found.column) for found in result.diagnostics]
    assert places == sorted(set(places))
    assert render(result.diagnostics, show_codes=True).count("= code: HRN-") == len(result.diagnostics)
    assert to_json(result.diagnostics).count("\n") == len(result.diagnostics)


@QUIET
@given(st.text())
def test_any_text(text: str) -> None:
    well_formed(parse(text), text)


@QUIET
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_tokens(pieces: list[str]) -> None:
    text = " ".join(pieces)
    well_formed(parse(text), text)
    text = "".join(pieces)
    well_formed(parse(text), text)
    expression = parse_expression(text)
    assert (expression.expression is None) == bool(expression.diagnostics)


@QUIET
@given(st.data())
def test_damaged_programs(data: st.DataObject) -> None:
    text = PROGRAM
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 5))
        text = text[:at] + data.draw(st.sampled_from(["", *PIECES])) + text[at + cut :]
    well_formed(parse(text), text)


def test_prefixes() -> None:
    for end in range(0, len(PROGRAM), 3):
        well_formed(parse(PROGRAM[:end]), PROGRAM[:end])


def test_programs_without_one_character() -> None:
    for at in range(0, len(PROGRAM), 4):
        text = PROGRAM[:at] + PROGRAM[at + 1 :]
        well_formed(parse(text), text)


# --- nesting -----------------------------------------------------------------------------------

DEEP: dict[str, tuple[str, str, str]] = {
    "parentheses": ("(", "x", ")"),
    "lists": ("[", "", "]"),
    "dicts": ("{a: ", "1", "}"),
    "closures": ("{ -> ", "1", "}"),
    "calls": ("f(", "", ")"),
    "subscripts": ("a[", "0", "]"),
    "not": ("!", "x", ""),
    "minus": ("-", "x", ""),
    "try*": ("try* ", "x", ""),
    "powers": ("2 ** ", "2", ""),
    "blocks": ("if x { ", "", " }"),
    "loops": ("while x { ", "", " }"),
    "conditions": ("if ", "x", " {}"),
    "matches": ("match ", "x", " {}"),
    "retries": ("retry ", "3", " {}"),
    "else if": ("if x {} else ", "{}", ""),
    "functions": ("fn f() { ", "", " }"),
    "strings": ('"${', "x", '}"'),
}


@pytest.mark.parametrize("name", DEEP)
def test_nesting_is_capped(name: str) -> None:
    opening, middle, closing = DEEP[name]
    if name == "else if":
        opening, middle = "if x {} else ", "if x {}"

    def nested(levels: int) -> str:
        return opening * levels + middle + closing * levels

    assert not parse(nested(90)).diagnostics
    for levels in (NESTING + 2, 20_000):
        result = parse(nested(levels))
        assert [found.message[:36] for found in result.diagnostics] == [
            "Nested too deeply (more than 200 lev"
        ]
    assert parse(opening * 100_000).diagnostics


@pytest.mark.parametrize("opening", ["fn() -> ", "list<", "[", "{a: ", "fn("])
def test_nesting_of_types_is_capped(opening: str) -> None:
    result = parse("let x: " + opening * 20_000)
    assert [found.message[:17] for found in result.diagnostics] == ["Nested too deeply"]


def test_nesting_counts_across_strings() -> None:
    inner = "(" * 150 + "x" + ")" * 150
    assert not parse(f'"${{{inner}}}"').diagnostics
    deep = "(" * 100 + f'"${{{inner}}}"' + ")" * 100
    assert parse(deep).diagnostics[0].message.startswith("Nested too deeply")


@pytest.mark.parametrize("link", [" + 1", " && x", ".a", "()", "[0]", " |> f", " ?", ".m(1)", " ?? x"])
def test_long_chains_are_no_nesting(link: str) -> None:
    assert not parse("x = y" + link * 10_000).diagnostics


# --- linear ------------------------------------------------------------------------------------


def steps(work: Callable[[], Any]) -> int:
    """How many lines of Python run."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


GROWING = [
    "x = 1 + 2\n",
    "{a: [1, 2]}\n",
    "f({ x -> x }, {})\n",
    "a < b, c > (d)\n",
    "a<",
    "a<b|c<",
    "f<int>(",
    "x ? y : ",
    "if x {}\n",
    "if x\n",
    "}",
    "{",
    ") ",
    "let = 1\n",
    "`",
    '"${a}"\n',
    '"${',
    "@a ",
    "fn f(",
    "\n",
    "/* ",
    "1+",
    ".a",
    "a ",
]


@pytest.mark.parametrize("piece", GROWING)
def test_work_grows_with_the_text(piece: str) -> None:
    parse(piece * 50)  # the jumps of the parser are remembered
    small, large = (steps(lambda count=count: parse(piece * count)) for count in (400, 1600))  # type: ignore[misc]
    assert large <= 4.6 * small + 2_000
