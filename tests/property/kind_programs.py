"""Random programs about kinds of values, for comparing what they do with and without inference.

They mix what the compiler knows with what it does not: ints, floats, bools, strings and nil meet in every
operator; lists, dicts and structs are changed in place, nested, aliased, captured and handed around. Most
statements stand in a `try` of their own, so that one error does not end the program.
"""

from hypothesis import strategies as st

NUMBERS = (
    "0",
    "1",
    "2",
    "3",
    "7",
    "-1",
    "-2",
    "0.5",
    "2.0",
    "1.0",
    "9223372036854775807",
    "100000000000000000000",
)
OTHERS = ("true", "false", "nil", '"a"', '"b"', '"12"', '""', "5ms")
OPERATORS = ("+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "??", "in")
PLACES = ("n", "s", "xs", "ys", "d", "p", "m", "i", "u")
KEYS = ('"a"', '"b"', '"c"', "s")
FIELDS = ("x", "y", "z", "a", "count", "first")

literals = st.sampled_from(NUMBERS + OTHERS)
places = st.sampled_from(PLACES)
indexes = st.sampled_from(("0", "1", "i", "n", "-1", "-9", "5", "i + 1", "true", '"a"', "u"))


def _grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, st.sampled_from(OPERATORS), inner)
    several = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        pair.map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        several.map(lambda items: f"[{items}]"),
        st.tuples(inner, inner).map(lambda parts: f"{{a: {parts[0]}, b: {parts[1]}}}"),
        st.tuples(inner, inner).map(lambda parts: f"P {{x: {parts[0]}, y: {parts[1]}}}"),
        inner.map(lambda value: f"P {{x: {value}}}"),
        st.tuples(places, indexes).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        st.tuples(places, st.sampled_from(KEYS)).map(lambda parts: f"{parts[0]}[{parts[1]}]"),
        st.tuples(places, st.sampled_from(FIELDS)).map(lambda parts: f"{parts[0]}.{parts[1]}"),
        st.tuples(places, indexes, st.sampled_from(FIELDS)).map(lambda p: f"{p[0]}[{p[1]}].{p[2]}"),
        st.tuples(places, indexes, indexes).map(lambda parts: f"{parts[0]}[{parts[1]}][{parts[2]}]"),
        inner.map(lambda value: f"f({value})"),
        st.tuples(inner, inner).map(lambda parts: f"g({parts[0]}, {parts[1]})"),
        inner.map(lambda value: f"-({value})"),
        inner.map(lambda value: f"!({value})"),
        inner.map(lambda value: f'"<${{{value}}}>"' if '"' not in value else value),
        st.tuples(inner, inner, inner).map(lambda p: f"(({p[0]}) ? ({p[1]}) : ({p[2]}))"),
        st.tuples(places, inner).map(lambda parts: f"{parts[0]}.map({{ e -> e + {parts[1]} }})"),
        st.tuples(places, inner).map(lambda parts: f"{parts[0]}.filter({{ e -> e > {parts[1]} }})"),
        st.tuples(places, inner).map(lambda parts: f"{parts[0]}.reduce({parts[1]}, {{ t, e -> t + e }})"),
        st.tuples(places, inner).map(lambda parts: f"{parts[0]}.push({parts[1]})"),
        places.map(lambda place: f"{place}.sum()"),
        places.map(lambda place: f"len({place})"),
        places.map(lambda place: f"{place}.area()"),
        st.tuples(places, inner).map(lambda parts: f"{parts[0]}.scale({parts[1]})"),
        st.tuples(places, inner).map(lambda parts: f"{parts[0]}.scale({parts[1]}, 1)"),
        inner.map(lambda value: f"kind({value})"),
        inner.map(lambda value: f"E.Some({value})"),
        st.just("E.None"),
        inner.map(lambda value: f"unwrapped(E.Some({value}))"),
    )


expressions = st.recursive(st.one_of(literals, places, places), _grow, max_leaves=6)


def _simple_statements() -> st.SearchStrategy[str]:
    value = expressions
    return st.one_of(
        value.map(lambda e: f"println({e})"),
        st.tuples(places, value).map(lambda p: f"{p[0]} = {p[1]}"),
        st.tuples(places, st.sampled_from(("+=", "-=", "*=", "/=", "%=")), value).map(" ".join),
        st.tuples(places, value).map(lambda p: f"{p[0]} = {p[0]}.push({p[1]})"),
        st.tuples(places, value).map(lambda p: f"{p[0]} = {p[0]} + {p[1]}"),
        st.tuples(places, value).map(lambda p: f"{p[0]} = {p[0]} + [{p[1]}]"),
        st.tuples(places, indexes, value).map(lambda p: f"{p[0]}[{p[1]}] = {p[2]}"),
        st.tuples(places, st.sampled_from(KEYS), value).map(lambda p: f"{p[0]}[{p[1]}] = {p[2]}"),
        st.tuples(places, st.sampled_from(FIELDS), value).map(lambda p: f"{p[0]}.{p[1]} = {p[2]}"),
        st.tuples(places, st.sampled_from(FIELDS), value).map(lambda p: f"{p[0]}.{p[1]} += {p[2]}"),
        st.tuples(places, indexes, indexes, value).map(lambda p: f"{p[0]}[{p[1]}][{p[2]}] = {p[3]}"),
        st.tuples(places, indexes, indexes, value).map(lambda p: f"{p[0]}[{p[1]}][{p[2]}] += {p[3]}"),
        st.tuples(places, st.sampled_from(FIELDS), st.sampled_from(KEYS), value).map(
            lambda p: f"{p[0]}.{p[1]}[{p[2]}] = {p[3]}"
        ),
        st.tuples(places, indexes, st.sampled_from(FIELDS), value).map(
            lambda p: f"{p[0]}[{p[1]}].{p[2]} = {p[3]}"
        ),
        st.tuples(places, places).map(lambda p: f"{p[0]} = {p[1]}"),
        st.tuples(places, places).map(lambda p: f"let kept = {p[0]}\n{p[0]} = {p[1]}\nprintln(kept)"),
        st.tuples(places, value).map(
            lambda p: f"let seen = {{ -> {p[0]} }}\n{p[0]}[0] = {p[1]}\nprintln(seen())"
        ),
        places.map(lambda place: f"keep = keep.push({place})"),
        st.just("println(keep)"),
    )


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(expressions, inner, inner).map(lambda p: f"if {p[0]} {{\n{p[1]}\n}} else {{\n{p[2]}\n}}"),
        inner.map(lambda body: f"for i in 0 to 3 exclusive {{\n{body}\n}}"),
        st.tuples(places, inner).map(lambda p: f"for u in {p[0]} {{\n{p[1]}\n}}"),
        inner.map(lambda body: f"var w = 0\nwhile w < 3 {{\nw = w + 1\n{body}\n}}"),
        st.tuples(places, inner).map(
            lambda p: (
                f"match {p[0]} {{ E.Some(v) -> {{ println(v * 2) }} 1 -> {{ println(1) }} "
                f"[h, t] -> {{ println(h) }} {{a: q}} -> {{ println(q) }} _ -> {{ {p[1]} }} }}"
            )
        ),
        inner.map(lambda body: f"try {{\n{body}\n}} catch (err) {{ println(err) }} finally {{ n = n + 1 }}"),
    )


statements = st.recursive(_simple_statements(), _compound, max_leaves=3)
guarded = st.one_of(
    statements,
    *[statements.map(lambda body: f"try {{\n{body}\n}} catch (err) {{ println(err) }}")] * 6,
)
starts = st.tuples(
    st.sampled_from(NUMBERS),
    st.sampled_from(("1", '"s"', "nil", "2.5", "[1]")),
    st.sampled_from(("[1, 2, 3]", "[]", "[1.5, 2]", '["a"]', "[true, 1]", "[[1], [2]]")),
    st.sampled_from(("{a: 1, b: 2}", "{}", '{a: {a: 1}, b: "x"}', "{a: [1], b: [2]}")),
    st.sampled_from(("P {x: 1, y: 2}", 'P {x: "a"}', "P {x: [1], y: nil}", "P({x: 1})", "P {z: 1}")),
    st.sampled_from(("[[1, 2], [3]]", "[{a: 1}]", "[P {x: 1, y: 2}, P {x: 2, y: 3}]")),
)

HEAD = """
struct P { x, y }
enum E { Some(v), None }
impl P {
  fn area(self) { return self.x * self.y }
  fn scale(self, k) { return P {x: self.x * k, y: self.y} }
}
fn f(v) { return v + 1 }
fn g(a, b) { if a < b { return a }; return b * 2 }
fn kind(v) { return match v { 0 -> { "zero" } true -> { "yes" } "a" -> { "letter" } _ -> { "other" } } }
fn unwrapped(v) { match v { E.Some(w) -> { return w + 1 } _ -> { return nil } } }
"""


def _program(parts: tuple[tuple[str, ...], list[str], bool]) -> str:
    (n, s, xs, d, p, m), body, inside = parts
    lines = [f"var n = {n}", f"var s = {s}", f"var xs = {xs}", "var ys = [0]", f"var d = {d}"]
    lines += [f"var p = {p}", f"var m = {m}", "var i = 1", 'var u = json_parse("{\\"a\\": 1}")']
    lines += ["var keep = []", *body]
    lines += ["println([n, s, xs, ys, d, p, m, i, u, keep])"]
    text = "\n".join(lines)
    return HEAD + (f"fn run() {{\n{text}\n}}\nrun()" if inside else text)


programs = st.tuples(starts, st.lists(guarded, min_size=1, max_size=8), st.booleans()).map(_program)
