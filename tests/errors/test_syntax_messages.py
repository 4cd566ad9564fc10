"""The texts of syntax errors: docs/language.md#lex-and-parse-error-texts."""

import pytest

from harnlet.errors.diagnostic import Diagnostic
from harnlet.syntax.parser import parse

SEPARATOR = "statement separator (`;` or newline)"
ITEM = "top-level item separator (`;` or newline)"
DECLARATION = (
    "fn/tool/skill/eval_pack/pipeline/struct/enum/type/interface/impl declaration after `@attr`, "
    "got non-declaration statement"
)
PUBLIC = "fn, tool, skill, eval_pack, struct, enum, pipeline, or import after pub"


def errors(text: str) -> list[Diagnostic]:
    result = parse(text, "x.harn")
    assert result.file is None
    return list(result.diagnostics)


def first(text: str) -> str:
    return errors(text)[0].message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("let a = 1\nlet b = ` 2", "Unexpected character '`' at 2:9"),
        ("a & b", "Unexpected character '&' at 1:3"),
        ("a # b", "Unexpected character '#' at 1:3"),
        ("x\u00b2", "Unexpected character '\u00b2' at 1:2"),
        ("let \u00b2 = 1", "Unexpected character '\u00b2' at 1:5"),
        ("let \u0663 = 1", "Unexpected character '\u0663' at 1:5"),
        ("a\u202eb", "Unexpected character 'U+202E' at 1:2"),
        ('let a = "abc', "Unterminated string at 1:9"),
        ('let a = "abc\nlet b = 1', "Unterminated string at 1:9"),
        ('let a = r"abc\n', "Unterminated string at 1:9"),
        ('let a = """abc\n\n', "Unterminated string at 1:9"),
        ('let a = "x ${b', "Unterminated string at 1:9"),
        ('let a = "${"}"}"', "Unterminated string at 1:12"),
        ("x /* a /* b */", "Unterminated block comment at 1:3"),
        ('let a = "x ${}"', "Unexpected character '}' at 1:14"),
        ('let a = "x ${  }"', "Unexpected character '}' at 1:16"),
    ],
)
def test_lexical_errors(text: str, message: str) -> None:
    assert first(text) == message


def test_a_lexical_error_brings_no_others_on_its_line() -> None:
    assert [found.message for found in errors("let a = `\nlet b = 5 5")] == [
        "Unexpected character '`' at 1:9",
        f"Expected {ITEM}, got int(5) at 2:11",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc", "id(abc)"),
        ('"text"', "str(text)"),
        ('r"text"', "rstr(text)"),
        ('"a ${b}"', "istr(...)"),
        ("5", "int(5)"),
        ("1.5", "float(1.5)"),
        ("500ms", "duration(500ms)"),
        ("@", "@"),
        ("...", "..."),
        ("let", "let"),
        ("gen", "id(gen)"),
        ('"' + "x" * 100 + '"', "str(" + "x" * 37 + "...)"),
    ],
)
def test_how_tokens_are_shown(text: str, shown: str) -> None:
    assert first(f"f()\na {text}") == f"Expected {ITEM}, got {shown} at 2:3"


def test_how_a_line_break_is_shown() -> None:
    assert first("let x = c ? \n 1 : 2") == f"Expected {ITEM}, got : at 2:4"
    assert first("a.b.\n") == "Unexpected end of file, expected member name"
    assert first("@x(a)\nlet b = 1").startswith("Expected fn/tool")
    assert first("import {a} from\n\nb") == "Expected import path string, got id(b) at 3:1"
    assert first("let x =\n") == "Unexpected end of file, expected expression"
    assert first("fn f() { let x\n}") == "Expected =, got } at 2:1"
    assert first("fn f() { let x\nf() }") == "Expected =, got \\n at 1:15"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("let x = }", "Expected expression, got } at 1:9"),
        ("f(1, ;", "Expected expression, got ; at 1:6"),
        (";", "Expected expression, got ; at 1:1"),
        ("a;;b", "Expected expression, got ; at 1:3"),
        ("if x { 1 }; else { 2 }", "Expected expression, got else at 1:13"),
        ("try { 1 }; catch { 2 }", "Expected expression, got catch at 1:12"),
        ("try { 1 }; finally { 2 }", "Expected expression, got finally at 1:12"),
        ('x ?? throw "e"', "Expected expression, got throw at 1:6"),
        ("let v = mutex { 1 }", "Expected expression, got mutex at 1:9"),
        ("if x foo", "Expected {, got id(foo) at 1:6"),
        ("while (a) && b { }", "Expected {, got && at 1:11"),
        ("let f = fn(x) -> int { }", "Expected {, got -> at 1:15"),
        ("match x { 1 -> 2 }", "Expected {, got int(2) at 1:16"),
        ("match x { 1 { } }", "Expected ->, got { at 1:13"),
        ("(1 2)", "Expected ), got int(2) at 1:4"),
        ("x[1 2]", "Expected ], got int(2) at 1:5"),
        ("[1, 2 }", "Expected ], got } at 1:7"),
        ("c ? 1 + 2", "Unexpected end of file, expected :"),
        ("let x 5", "Expected =, got int(5) at 1:7"),
        ("let x: = 5", "Expected type name, got = at 1:8"),
        ("x.5", "Expected member name, got int(5) at 1:3"),
        ("{5: 1}", "Expected dict key, got int(5) at 1:2"),
        ("fn f(5) {}", "Expected parameter name, got int(5) at 1:6"),
        ("{ 5 -> 1 }", "Expected parameter name, got int(5) at 1:3"),
        ("fn (x) { }", "Expected function name, got ( at 1:4"),
        ("f()\nfn(x) { }", "Expected function name, got ( at 2:3"),
        ("struct P { 5 }", "Expected field name, got int(5) at 1:12"),
        ("struct { }", "Expected struct name, got { at 1:8"),
        ("let {5} = x", "Expected field name, got int(5) at 1:6"),
        ("enum E { 5 }", "Expected variant name, got int(5) at 1:10"),
        ("enum { }", "Expected enum name, got { at 1:6"),
        ("type 5 = int", "Expected type name, got int(5) at 1:6"),
        ("import 5", "Expected import path string, got int(5) at 1:8"),
        ('import "a${b}"', "Expected import path string, got istr(...) at 1:8"),
        ("import { a 5 } from b", "Expected imported name, got int(5) at 1:12"),
        ("for x of y { }", "Expected in, got id(of) at 1:7"),
        ("fn f { }", "Expected (, got { at 1:6"),
        ("guard x { }", "Expected else, got { at 1:9"),
        ("x = a = b", f"Expected {ITEM}, got = at 1:7"),
        ("a b", f"Expected {ITEM}, got id(b) at 1:3"),
        ("fn f() { a b }", f"Expected {SEPARATOR}, got id(b) at 1:12"),
        ("f(1)\n2 3", f"Expected {ITEM}, got int(3) at 2:3"),
        ("c ? 5s : 1s", f"Expected {ITEM}, got duration(5s) at 1:5"),
        ("@1", "Expected attribute name, got int(1) at 1:2"),
        ("a\nnot in b", "Expected expression, got not in at 2:1"),
        ("a try* b", f"Expected {ITEM}, got try* at 1:3"),
        ("x **= 2", "Expected expression, got = at 1:5"),
        ("interface I { let }", "Expected type or fn, got let at 1:15"),
        ("impl P { let x = 1 }", "Expected fn, got let at 1:10"),
        ('fn f() { import "x" }', "Expected expression, got import at 1:10"),
        ("@x(1 2) fn f() {}", "Expected ), got int(2) at 1:6"),
        ("f<int string>(x)", f"Expected {ITEM}, got id(string) at 1:7"),
    ],
)
def test_unexpected_tokens(text: str, message: str) -> None:
    assert first(text) == message


@pytest.mark.parametrize("text", ["let x = ...y", "1 + ...y", "...y", "(...y)", "{ -> ...y }"])
def test_spreads_in_the_wrong_place(text: str) -> None:
    (found,) = errors(text)
    assert found.code == "HRN-0205"
    assert found.message == (
        "spread (...) can only be used inside list literals, dict literals, or function call arguments"
    )
    assert found.column == text.index("...") + 1


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("let x =", "expression"),
        ("1 +", "expression"),
        ("if x", "{"),
        ("fn f(", ")"),
        ("f(1", ")"),
        ("[1, 2", "]"),
        ("{a: 1", "}"),
        ("if x { 1", "}"),
        ("struct P { a: int", "}"),
        ("let x", "="),
        ("type X", "="),
        ("x.", "member name"),
        ("import", "import path string"),
        ("fn", "function name"),
        ("let", "variable name"),
        ("pub", PUBLIC),
        ("match x {", "}"),
        ("match x { 1", "->"),
    ],
)
def test_premature_end(text: str, what: str) -> None:
    assert first(text) == f"Unexpected end of file, expected {what}"


@pytest.mark.parametrize(
    ("text", "what", "column"),
    [
        ("let tool = 1", "variable name", 5),
        ("fn match() {}", "function name", 4),
        ("fn f(for) {}", "parameter name", 6),
        ("fn f(a, in) {}", "parameter name", 9),
        ("struct P { type: int }", "field name", 12),
        ("enum E { retry }", "variant name", 10),
        ("let {to} = x", "field name", 6),
        ("for if in x {}", "variable name", 5),
        ("type while = int", "type name", 6),
    ],
)
def test_reserved_words_are_no_names(text: str, what: str, column: int) -> None:
    word = text[column - 1 :].split()[0].strip("(){}:,=")
    found = errors(text)[0]
    assert found.message == f"Expected {what}, got '{word}' (reserved keyword) at 1:{column}"
    assert found.rendered == f"expected {what}, found '{word}' (reserved keyword)"
    assert found.code == "HRN-0006"


@pytest.mark.parametrize("word", ["let", "type", "interface", "impl", "var", "x"])
def test_what_cannot_be_public(word: str) -> None:
    shown = word if word != "x" else "id(x)"
    assert first(f"pub {word} y = 1") == f"Expected {PUBLIC}, got {shown} at 1:5"


@pytest.mark.parametrize("statement", ["let x = 1", "f()", 'import "x"', "if a {}"])
def test_attributes_need_a_declaration(statement: str) -> None:
    assert first(f"@test\n{statement}") == f"Expected {DECLARATION} at 2:1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fn f(...a, b) {}", "Expected Rest parameter must be the last parameter, got id(b) at 1:12"),
        ("{ ...a, ...b -> 1 }", "Expected Rest parameter must be the last parameter, got ... at 1:9"),
        (
            "fn f(a = 1, b) {}",
            "Expected Required parameter cannot follow a parameter with a default value, got id(b) at 1:13",
        ),
        (
            "tool t(a = 1, b: int) {}",
            "Expected Required parameter cannot follow a parameter with a default value, got id(b) at 1:15",
        ),
        ("select { }", "Expected at least one select case, got } at 1:10"),
        (
            "select { timeout 1s {} default {} }",
            "Expected select cannot have both timeout and default, got id(default) at 1:24",
        ),
        (
            "select { default {} default {} }",
            "Expected one default at most in a select, got id(default) at 1:21",
        ),
        ("parallel 3 with { foo: 1 } { }", "Expected max_concurrent, got id(foo) at 1:19"),
        (
            "eval_pack e { summarize {}; summarize {} }",
            "Expected one summarize at most, got id(summarize) at 1:29",
        ),
        ("f() = 1", "Expected a name, a property or a subscript before the assignment, got = at 1:5"),
        ("a?.b = 1", "Expected a name, a property or a subscript before the assignment, got = at 1:6"),
        ("a[1:2] += 1", "Expected a name, a property or a subscript before the assignment, got += at 1:8"),
        ("let {...r, a} = x", "Expected the rest of a pattern to be its last part, got ... at 1:9"),
        ("x = 1" + "0" * 20_000, "Integer literal is too large at 1:5"),
        ("x = 99999999999999999999w", "duration literal is too large at 1:5"),
    ],
)
def test_rules_beyond_the_grammar(text: str, message: str) -> None:
    assert first(text) == message


def test_errors_inside_interpolation_stand_at_their_own_place() -> None:
    text = 'f()\nlet s = "a ${b + } c ${d e}" + """\n  x ${"y ${1 1}"}\n"""'
    assert [(found.message, found.excerpt) for found in errors(text)] == [
        ("Expected expression, got } at 2:18", 'let s = "a ${b + } c ${d e}" + """'),
        ("Expected }, got id(e) at 2:26", 'let s = "a ${b + } c ${d e}" + """'),
        ("Expected }, got int(1) at 3:14", '  x ${"y ${1 1}"}'),
    ]


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("x++", "there is no `++`"),
        ("if x = 1 { }", "compare with `==`"),
        ("const x = 1", "with `let`"),
        ("def f() {}", "with `fn`"),
        ("if a {} elif b {}", "else if"),
        ("f()? - 1", "`(f()?)`"),
        ("let match = 1", "choose another name"),
        ("pub let x = 1", "remove `pub`"),
    ],
)
def test_hints(text: str, help: str) -> None:
    assert help in errors(text)[0].help


def test_where_a_bracket_was_opened() -> None:
    found = errors("f()\nlet x = [1, (2\n\n")[0]
    assert found.message == "Unexpected end of file, expected )"
    assert found.notes == ("the `(` at 2:13 is not closed",)
    assert (found.line, found.column, found.label) == (2, 15, "file ends here")
