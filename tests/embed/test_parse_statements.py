"""Statements, blocks and where lines may break. docs/language.md#statements, #separators."""

import pytest

from embed.parse_support import only, parsed, short, tree
from harnlet.syntax import nodes as n
from harnlet.syntax.parser import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("let x = 1", "Let(x, -, 1, False)"),
        ("var x: int = 1", "Let(x, int, 1, True)"),
        ("let _ = 1", "Let(_, -, 1, False)"),
        (
            "let {a, b: c, d = 1, ...r} = x",
            "Let(DictPattern((DictPatternField(a, a, -), DictPatternField(b, c, -), "
            "DictPatternField(d, d, 1)), r), -, x, False)",
        ),
        (
            "let [a, b = 1 ...r] = x",
            "Let(ListPattern((ListPatternItem(a, -), ListPatternItem(b, 1)), r), -, x, False)",
        ),
        (
            "let {\n  a,\n  b\n} = x",
            "Let(DictPattern((DictPatternField(a, a, -), DictPatternField(b, b, -)), -), -, x, False)",
        ),
        ("x = 1", "Assign(x, =, 1)"),
        ("a.b[0].c %= 1", "Assign(Member(Index(Member(a, b, False), 0, False), c, False), %=, 1)"),
        ("if a { 1 } else if b { 2 } else { 3 }", "If(a, {1}, If(b, {2}, {3}))"),
        ("for x in xs { }", "For(x, xs, {})"),
        ("for (a, b) in xs { }", "For(PairPattern(a, b), xs, {})"),
        ("for {a} in xs { }", "For(DictPattern((DictPatternField(a, a, -)), -), xs, {})"),
        ("while (a && b) { break }", "While((&& a b), {Break()})"),
        ("while a && b { continue }", "While((&& a b), {Continue()})"),
        ("return", "Return(-)"),
        ("return 1", "Return(1)"),
        ("return (1)", "Return(1)"),
        ("throw x", "Throw(x)"),
        ("guard a else { return }", "Guard(a, {Return(-)})"),
        ("guard if a { b } else { c } else { d }", "Guard(If(a, {b}, {c}), {d})"),
        ("require a, b", "Require(a, b)"),
        ("require a", "Require(a, -)"),
        ("mutex { a }", "Mutex({a})"),
        ("defer { a }", "Defer({a})"),
        ("yield", "Yield(-)"),
        ("yield 1", "Yield(1)"),
        ("emit 1", "Emit(1)"),
        ("override f(a, b) { }", "Override(f, (a, b), {})"),
        ("retry 3 { a }", "Retry(3, {a})"),
        ("retry (n) { a }", "Retry(n, {a})"),
        ("deadline 5s { a }", "Deadline(5s, {a})"),
        ("spawn { a }", "Spawn({a})"),
        ("try { a }", "Try({a}, -, -)"),
        ("try { a } catch { b }", "Try({a}, Catch(-, -, {b}), -)"),
        ("try { a } catch e { b }", "Try({a}, Catch(e, -, {b}), -)"),
        ("try { a } catch (e: E) { b } finally { c }", "Try({a}, Catch(e, E, {b}), {c})"),
        ("try { a } catch E { }", "Try({a}, Catch(E, -, {}), -)"),
        ("parallel 3 { i -> i }", "Parallel(count, 3, -, i, {i}, False)"),
        ("parallel n { f() }", "Parallel(count, n, -, -, {f()}, False)"),
        ("parallel each xs { x -> x } as stream", "Parallel(each, xs, -, x, {x}, True)"),
        (
            "parallel settle xs with { max_concurrent: 2 } { x -> x }",
            "Parallel(settle, xs, 2, x, {x}, False)",
        ),
        ("select { m from ch { a } timeout 5s { b } }", "Select((SelectCase(m, ch, {a})), 5s, {b}, -)"),
        ("select { timeout from ch { } default { } }", "Select((SelectCase(timeout, ch, {})), -, -, {})"),
    ],
)
def test_statements(text: str, expected: str) -> None:
    assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("match x { 1 -> { a } }", "(MatchArm((1), -, {a}))"),
        ("match x { 1 | 2 if c -> { } _ -> { } }", "(MatchArm((1, 2), c, {}), MatchArm((_), -, {}))"),
        ("match x {\n -1 -> { }\n [a] -> { }\n (b) -> { } }", None),
        ("match x { {a: 1} -> { } {} -> { } }", None),
        ("match x { E.A -> { } E.B(a, _) -> { } }", None),
    ],
)
def test_match(text: str, expected: str | None) -> None:
    made = only(text)
    assert type(made) is n.Match
    if expected is not None:
        assert short(made.arms) == expected
    else:
        assert len(made.arms) >= 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", "a; b"),
        ("a;b", "a; b"),
        ("a;\n\n\nb;\n", "a; b"),
        ("\n\na\n\n", "a"),
        ("a /* x\n y */ b", "a; b"),
        ("a \\\n + b", "(+ a b)"),
        ("f(\n1,\n2\n)", "f(1, 2)"),
        ("a +\nb", "(+ a b)"),
        ("a\n+ b", "(+ a b)"),
        ("a\n- b", "a; (- b)"),
        ("a\n* b", "(* a b)"),
        ("a\n?? b", "(?? a b)"),
        ("a\n== b", "(== a b)"),
        ("a\n< b", "(< a b)"),
        ("a\n** b", "(** a b)"),
        ("a\n|> f\n  |> g", "Pipe(Pipe(a, f), g)"),
        ("a\n.b\n?.c", "Member(Member(a, b, False), c, True)"),
        ("a\n(b)", "a; b"),
        ("a\n[b]", "a; [b]"),
        ("a\n{b: 1}", "a; Dict((DictEntry(b, 1)))"),
        ("if a\n{ b }\nelse\n{ c }", "If(a, {b}, {c})"),
        ("if a { b }\n\nelse if c { d }", "If(a, {b}, If(c, {d}, -))"),
        ("try { a }\ncatch (e) { b }\nfinally { c }", "Try({a}, Catch(e, -, {b}), {c})"),
        ("let x\n= 1", "Let(x, -, 1, False)"),
        ("let x =\n 1", "Let(x, -, 1, False)"),
        ("c ? a\n : b", "Ternary(c, a, b)"),
        ("return\nx", "Return(-); x"),
        ("yield\nx", "Yield(-); x"),
        ("throw\nx", "Throw(x)"),
        ("for x\nin xs\n{ }", "For(x, xs, {})"),
        ("x = f()?\ny", "Assign(x, =, Propagate(f())); y"),
        ("guard a\nelse { b }", "Guard(a, {b})"),
        ("import { a,\n b }\n from\n 'x'".replace("'", '"'), None),
        ("fn f<T>(a)\n -> T\n where T: I\n{ }\nx", None),
        ("type A = list<int>\ntype B = int\n| nil".replace("\n| nil", " |\nnil"), None),
        ("x\n}\ny", "x; y"),
        ("}", ""),
        ("#!/usr/bin/env harnlet\nx", "x"),
        ("\ufeffx", "x"),
        ("x // c\n/// d\n/** e */ y", "x; y"),
        ("a\r\nb\r\n", "a; b"),
        ("", ""),
    ],
)
def test_lines(text: str, expected: str | None) -> None:
    made = tree(text)
    if expected is not None:
        assert made == expected


@pytest.mark.parametrize(
    "text",
    [
        "a b",
        "a\nin b",
        "a\nto b",
        "1 to 2\nexclusive",
        "c ?\n 1 : 2",
        "a\n? b : c",
        "a\nnot in b",
        "parallel each xs { }\nas stream",
        "parallel settle xs { } as stream",
        "parallel 3 { } as stream",
        "f()? - 1",
        "c ? [1] : [2]",
        'c ? r"a" : b',
        "fn(x) { }",
        "f(1) 2",
        "let {if} = x",
        "fn f(x) -> { }",
        "type A = | int",
        "type A = (int)",
        "f<int,>(x)",
        "where x",
        "let x: int",
        "x = y = z",
        "let [a]: int = x",
    ],
)
def test_what_does_not_parse(text: str) -> None:
    assert parse(text).diagnostics


def test_places() -> None:
    text = "let x = foo(a, b)[0] +\n  (c)\nif x {\n  y.zed(1)\n}\n"
    let, branch = parsed(text).items
    assert isinstance(let, n.Let)
    assert let.at == (1, 1, 2, 6)
    assert isinstance(let.value, n.Binary)
    assert let.value.left.at == (1, 9, 1, 21)
    assert let.value.right.at == (2, 3, 2, 6)
    assert isinstance(branch, n.ExpressionStatement)
    assert isinstance(branch.expression, n.If)
    assert branch.expression.then.at == (3, 6, 5, 2)
    (inner,) = branch.expression.then.statements
    assert isinstance(inner, n.ExpressionStatement)
    assert isinstance(inner.expression, n.MethodCall)
    assert inner.expression.name_at == (4, 5, 4, 8)
    assert parsed(text).at == (1, 1, 6, 1)


def test_places_count_code_points() -> None:
    made = only('"😀é" + été')
    assert made.right.at == (1, 8, 1, 11)


def test_place_of_a_closure_body() -> None:
    assert only("f({ x -> a\n  b })").arguments[0].body.at == (1, 10, 2, 4)
    assert only("let f = { -> }").value.body.at == (1, 13, 1, 14)
