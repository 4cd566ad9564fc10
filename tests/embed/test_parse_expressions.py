"""Expressions: precedence, calls, literals. docs/language.md#expressions, #precedence-table."""

import pytest

from embed.parse_support import only, tree
from harnlet.syntax import nodes as n


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "(+ 1 (* 2 3))"),
        ("1 - 2 - 3", "(- (- 1 2) 3)"),
        ("2 ** 3 ** 2", "(** 2 (** 3 2))"),
        ("-2 ** 2", "(** (- 2) 2)"),
        ("!a && b", "(&& (! a) b)"),
        ("2 * n ?? 1", "(?? (* 2 n) 1)"),
        ("n ?? 0 > 3", "(> (?? n 0) 3)"),
        ("a + b ?? c", "(+ a (?? b c))"),
        ("1 < 2 == true", "(== (< 1 2) true)"),
        ("a || b && c == d", "(|| a (&& b (== c d)))"),
        ("a in b == c", "(== (in a b) c)"),
        ("a not in b", "(not in a b)"),
        ("not(a)", "not(a)"),
        ("a == b to c", "Range((== a b), c, False)"),
        ("1 to n exclusive |> len", "Pipe(Range(1, n, True), len)"),
        ("a |> f |> g", "Pipe(Pipe(a, f), g)"),
        ("a ? b : c", "Ternary(a, b, c)"),
        ("a || b ? -1 : !c", "Ternary((|| a b), (- 1), (! c))"),
        ("a ? b : c to d", "Range(Ternary(a, b, c), d, False)"),
        ("try* a + b", "(+ TryStar(a) b)"),
        ("- -a", "(- (- a))"),
        ("(a + b) * c", "(* (+ a b) c)"),
        ("a.b.c", "Member(Member(a, b, False), c, False)"),
        ("a?.b", "Member(a, b, True)"),
        ("-a.b", "(- Member(a, b, False))"),
        ("a[1][2]", "Index(Index(a, 1, False), 2, False)"),
        ("a?[1]", "Index(a, 1, True)"),
        ("a[1:2]", "Slice(a, 1, 2)"),
        ("a[:2] + a[1:] + a[:]", "(+ (+ Slice(a, -, 2) Slice(a, 1, -)) Slice(a, -, -))"),
        ("a.m(1, 2)", "MethodCall(a, m, (1, 2), False)"),
        ("a?.m()", "MethodCall(a, m, (), True)"),
        ("1.foo", "Member(1, foo, False)"),
        ("f()?.x", "Member(f(), x, True)"),
        ("f()? + 1", "(+ Propagate(f()) 1)"),
        ("f()?", "Propagate(f())"),
        ("f()?\n[1]", "Propagate(f()); [1]"),
        ("[f()?, 1]", "[Propagate(f()), 1]"),
        ("f(...a, 1)", "f(Spread(a), 1)"),
        ("[1, ...a 2]", "[1, Spread(a), 2]"),
        ("x.if.match().let", "Member(MethodCall(Member(x, if, False), match, (), False), let, False)"),
        ("x.finally.require.select.skill.eval_pack", None),
        ("_ |> _", "Pipe(_, _)"),
    ],
)
def test_operators_and_suffixes(text: str, expected: str | None) -> None:
    made = tree(text)
    if expected is not None:
        assert made == expected
    else:
        assert "Member(x, finally, False)" in made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(1)(2)", "f(1)(2)"),
        ("(f)(x)", "f(x)"),
        ('t["k"](x)', "Index(t, 'k', False)(x)"),
        ("(a.b)(x)", "Member(a, b, False)(x)"),
        ("a.b()(x)", "MethodCall(a, b, (), False)(x)"),
        ("{ x -> x }(1)", "Closure((Parameter(x, -, -, False)), {x}, False)(1)"),
        ("f()?(x)", None),
        ("g(f(1)(2))", "g(f(1), 2)"),
        ("[f(1)(2)]", "[f(1), 2]"),
        ("[f (1)]", "[f(1)]"),
        ("[f\n(1)]", "[f, 1]"),
        ("[a [b]]", "[Index(a, b, False)]"),
        ("[a\n[b]]", "[a, [b]]"),
        ("[a -1]", "[(- a 1)]"),
        ("[a, -1]", "[a, (- 1)]"),
        ("[a\n-1]", "[a, (- 1)]"),
        ("[1 2 3]", "[1, 2, 3]"),
        ("g((f(1)(2)))", "g(f(1)(2))"),
        ("[x[f(1)(2)]]", "[Index(x, f(1)(2), False)]"),
        ("{a: f(1)(2)}", "Dict((DictEntry(a, f(1)(2))))"),
        ("{[f(1)(2)]: 1}", "Dict((DictEntry(f(1)(2), 1)))"),
    ],
)
def test_what_is_a_call(text: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(AssertionError):
            tree(text)
    else:
        assert tree(text) == expected


@pytest.mark.parametrize(
    ("text", "generic"),
    [
        ("f<int>(x)", True),
        ("f<int, string>(x)", True),
        ("f<list<list<int>>>(x)", True),
        ('f<{a: int, b?: [string]} | nil | "x" | -1>(x)', True),
        ("f<fn(int, string) -> bool>(x)", True),
        ("f<fn() -> fn(int) -> nil>(x)", True),
        ("f<{}>(x)", True),
        ("a < b > (c)", True),
        ("a < 1 > (c)", True),
        ("a < b", False),
        ("a < b > c", False),
        ("a < b + c > (d)", False),
        ("a < b[0] > (c)", False),
        ("a < (b) > (c)", False),
        ("a.b < c > (d)", False),
        ("a < b, > (d)", None),
        ("1 < b > (c)", False),
    ],
)
def test_type_arguments_or_comparison(text: str, generic: bool | None) -> None:
    if generic is None:
        with pytest.raises(AssertionError):
            only(text)
        return
    made = only(text)
    assert (isinstance(made, n.Call) and bool(made.type_arguments)) == generic


def test_type_arguments_inside_a_comparison() -> None:
    assert tree("a < b<c>(d)") == "(< a Call(b, (d), (c)))"
    assert tree("f(a < b, c)") == "f((< a b), c)"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("007", 7),
        ("9223372036854775808", 2**63),
        ("1" + "0" * 5000, 10**5000),
        ("0" * 30_000 + "5", 5),
        (str(2**1000), 2**1000),
    ],
    ids=range(5),
)
def test_integers_are_exact(text: str, value: int) -> None:
    made = only(text)
    assert type(made) is n.Int
    assert made.value == value


def test_numbers() -> None:
    assert tree("1.5") == "1.5"
    assert tree("1.foo") == "Member(1, foo, False)"
    assert only("5ms").milliseconds == 5
    assert [only(f"2{unit}").milliseconds for unit in "smhdw"] == [
        2_000,
        120_000,
        7_200_000,
        172_800_000,
        1_209_600_000,
    ]
    assert tree("[5msx]") == "[5ms, x]"
    assert tree("[5min]") == "[5, min]"
    assert tree("[1e5]") == "[1, e5]"
    assert only("1" + "0" * 400 + ".0").value == float("inf")


def test_names_are_taken_as_they_are() -> None:
    assert tree("été + ﬁ + 名前 + _x1") == "(+ (+ (+ été ﬁ) 名前) _x1)"
    assert only("ﬁ").name != only("fi").name
    assert tree("gen each settle".replace(" ", "\n")) == "gen; each; settle"
    assert tree("[with as stream not where out timeout default description summarize]").count(",") == 9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "Dict(())"),
        ("{a: 1, 'b'}".replace("'b'", '"b c": 2'), "Dict((DictEntry(a, 1), DictEntry(b c, 2)))"),
        ("{a: 1 b: 2}", "Dict((DictEntry(a, 1), DictEntry(b, 2)))"),
        ("{[k]: 1, ...o,}", "Dict((DictEntry(k, 1), Spread(o)))"),
        ("{if: 1, nil: 2, true: 3}", "Dict((DictEntry(if, 1), DictEntry(nil, 2), DictEntry(true, 3)))"),
        ("{a: c ? nil : true}", "Dict((DictEntry(a, Ternary(c, nil, true))))"),
        ("{finally: 1\n require: 2 select: 3}", None),
        ("{ -> 5 }", "Closure((), {5}, False)"),
        ("{ x -> }", "Closure((Parameter(x, -, -, False)), {}, False)"),
        ("{ x -> { y -> x } }", None),
        ("{a: { x -> x }}", None),
        ("{ a = {b: 1}, ...c -> a }", None),
        ("let f = fn(x, y = 1) { x }", None),
        ("{ x: fn(int) -> int -> x }", None),
    ],
)
def test_what_a_brace_is(text: str, expected: str | None) -> None:
    made = tree(text)
    if expected is not None:
        assert made == expected


def test_closures_with_typed_parameters() -> None:
    made = only("{ x: fn(int) -> int, y: {a: int} = {a: 1} -> x(y) }")
    assert isinstance(made, n.Closure)
    assert [type(parameter.type).__name__ for parameter in made.parameters] == ["FunctionType", "ShapeType"]
    assert not made.keyword
    assert only("let f = fn() { 1 }").value.keyword


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Point {}", n.StructLiteral),
        ("Point {x: 1}", n.StructLiteral),
        ('Point {"x": 1}', n.StructLiteral),
        ("Point {\n x: 1\n y: 2 }", n.StructLiteral),
        ("if READY { go() }", n.If),
        ("if x.Point { }", n.If),
        ("if f()? { }", n.If),
        ("match x { }", n.Match),
    ],
)
def test_struct_literal_or_block(text: str, kind: type) -> None:
    assert type(only(text)) is kind


def test_a_condition_that_ends_in_a_struct_literal() -> None:
    with pytest.raises(AssertionError, match=r"expected \{"):
        only("if READY { }")
    assert tree("if (READY) { }") == "If(READY, {}, -)"
