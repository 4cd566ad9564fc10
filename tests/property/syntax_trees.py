"""Hypothesis strategies that make trees of every kind of node, as the parser could have made them."""

from typing import Any

from hypothesis import strategies as st

from harnlet.syntax import nodes as n

AT = (0, 0, 0, 0)

_WORDS = [
    "a",
    "b",
    "foo",
    "self",
    "each",
    "settle",
    "with",
    "as",
    "where",
    "out",
    "stream",
    "r",
    "gen",
    "description",
    "Point",
    "READY",
    "Color",
]
names = st.sampled_from([*_WORDS, "_", "été", "x1"])
type_names = st.sampled_from(["int", "string", "Point", "T", "list"])
field_names = st.sampled_from(["a", "b", "name", "if", "select", "nil", "type"])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
braceless = st.text(st.sampled_from('ab "\\$\n\té'), max_size=5)
lines = st.lists(st.sampled_from(["", "a", "b c", "d  e "]), min_size=1, max_size=3)


def _is_block(lines: list[str]) -> bool:
    """Whether lines survive as a multi-line string: the last line break is dropped by the dedent."""
    return all(line.strip() or not line for line in lines)


def _tuples(items: st.SearchStrategy[Any], maximum: int = 3, minimum: int = 0) -> st.SearchStrategy[Any]:
    return st.lists(items, min_size=minimum, max_size=maximum).map(tuple)


_simple_types: st.SearchStrategy[n.Type] = st.one_of(
    type_names.map(lambda name: n.NamedType(AT, name)),
    st.sampled_from(["a", 'q"', "x y"]).map(lambda value: n.LiteralType(AT, value)),
    st.integers(-5, 5).map(lambda value: n.LiteralType(AT, value)),
    st.just(n.NamedType(AT, "nil")),
)


def _more_types(inner: st.SearchStrategy[n.Type]) -> st.SearchStrategy[n.Type]:
    part = inner.filter(lambda made: not isinstance(made, n.UnionType | n.FunctionType))
    field = st.builds(n.ShapeField, st.just(AT), field_names, inner, st.booleans())
    return st.one_of(
        st.builds(n.NamedType, st.just(AT), type_names, _tuples(inner, 2, 1)),
        st.builds(n.ListType, st.just(AT), inner),
        st.builds(n.FunctionType, st.just(AT), _tuples(inner, 2), inner),
        st.builds(n.ShapeType, st.just(AT), _tuples(field)),
        st.builds(n.UnionType, st.just(AT), _tuples(part, 3, 2)),
    )


types: st.SearchStrategy[n.Type] = st.recursive(_simple_types, _more_types, max_leaves=4)
optional_types = st.none() | types


def parameters(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    required = st.builds(n.Parameter, st.just(AT), names, optional_types)
    optional = st.builds(n.Parameter, st.just(AT), names, optional_types, values)
    rest = st.builds(n.Parameter, st.just(AT), names, optional_types, st.none(), st.just(True))
    return st.tuples(_tuples(required, 2), _tuples(optional, 2), _tuples(rest, 1)).map(
        lambda three: three[0] + three[1] + three[2]
    )


def _string(form: str) -> st.SearchStrategy[n.String]:
    if form == "raw":
        value = texts.map(lambda text: text.replace('"', "").replace("\n", ""))
        return value.map(lambda text: n.String(AT, text, "raw"))
    if form == "multiline":
        return lines.filter(_is_block).map(lambda made: n.String(AT, "\n".join(made), "multiline"))
    return texts.map(lambda text: n.String(AT, text))


atoms: st.SearchStrategy[n.Expression] = st.one_of(
    names.map(lambda name: n.Name(AT, name)),
    st.integers(0, 10**25).map(lambda value: n.Int(AT, value)),
    st.floats(0, allow_nan=False).map(lambda value: n.Float(AT, value)),
    st.booleans().map(lambda value: n.Bool(AT, value)),
    st.just(n.Nil(AT)),
    st.sampled_from([n.Duration(AT, 5000, "5s"), n.Duration(AT, 250, "250ms"), n.Duration(AT, 60000, "1m")]),
    _string("plain"),
    _string("raw"),
    _string("multiline"),
)
_inside: st.SearchStrategy[n.Expression] = st.one_of(
    names.map(lambda name: n.Name(AT, name)),
    braceless.map(lambda text: n.String(AT, text)),
    st.builds(
        n.Binary, st.just(AT), st.just("<"), atoms.filter(lambda a: isinstance(a, n.Int)), st.just(n.Nil(AT))
    ),
)


@st.composite
def interpolations(draw: st.DrawFn, inner: st.SearchStrategy[n.Expression]) -> n.Interpolated:
    form = draw(st.sampled_from(["plain", "multiline"]))
    literal = texts if form == "plain" else st.sampled_from(["", "a", "b, c"])
    parts: list[str | n.Expression] = [draw(literal)]
    for _ in range(draw(st.integers(1, 2))):
        parts += [draw(inner), draw(literal)]
    kept = tuple(part for part in parts if part != "")
    return n.Interpolated(AT, kept, form)  # type: ignore[arg-type]


OPERATORS = ["+", "-", "*", "/", "%", "**", "==", "!=", "<", ">", "<=", ">=", "in", "&&", "||", "??"]


def _more(inner: st.SearchStrategy[n.Expression]) -> st.SearchStrategy[n.Expression]:
    at = st.just(AT)
    flag = st.booleans()
    spread = st.builds(n.Spread, at, inner)
    args = _tuples(inner | spread)
    statement = st.one_of(
        st.builds(n.ExpressionStatement, at, inner),
        st.builds(n.Return, at, st.none() | inner),
        st.builds(n.Let, at, names.map(lambda name: n.NamePattern(AT, name)), st.none(), inner, flag),
    )
    block = st.builds(n.Block, at, _tuples(statement))
    entry = st.builds(n.DictEntry, at, field_names | texts | inner, inner)
    field = st.builds(n.DictEntry, at, field_names | texts, inner)
    arm = st.builds(n.MatchArm, at, _tuples(inner, 2, 1), st.none() | inner, block)
    catch = st.builds(n.Catch, at, names, optional_types, block) | st.builds(
        n.Catch, at, st.none(), st.none(), block
    )
    named = names.map(lambda name: n.Name(AT, name))
    maybe = st.none() | inner
    return st.one_of(
        st.builds(n.Binary, at, st.sampled_from(OPERATORS), inner, inner),
        st.builds(n.Binary, at, st.just("not in"), inner, inner),
        st.builds(n.Unary, at, st.sampled_from(["-", "!"]), inner),
        st.builds(n.Ternary, at, inner, inner, inner),
        st.builds(n.Range, at, inner, inner, flag),
        st.builds(n.Pipe, at, inner, inner),
        st.builds(n.List, at, args),
        st.builds(n.Dict, at, _tuples(entry | spread)),
        st.builds(n.StructLiteral, at, st.sampled_from(["Point", "P"]), _tuples(field)),
        st.builds(n.Call, at, inner, args),
        st.builds(n.Call, at, named, args, _tuples(types, 2, 1)),
        st.builds(n.MethodCall, at, inner, field_names, args, flag, at),
        st.builds(n.Member, at, inner, field_names, flag, at),
        st.builds(n.Index, at, inner, inner, flag),
        st.builds(n.Slice, at, inner, maybe, maybe),
        st.builds(n.Propagate, at, inner),
        st.builds(n.TryStar, at, inner),
        st.builds(n.Closure, at, parameters(inner), block, flag),
        interpolations(_inside),
        st.builds(n.If, at, inner, block, st.none() | block | st.builds(n.If, at, inner, block, st.none())),
        st.builds(n.Match, at, inner, _tuples(arm)),
        st.builds(n.Try, at, block, st.none() | catch, st.none() | block),
        st.builds(n.Retry, at, inner, block),
        st.builds(n.Deadline, at, inner, block),
        st.builds(n.Spawn, at, block),
        st.builds(n.Parallel, at, st.just("each"), inner, maybe, st.none() | names, block, flag),
        st.builds(
            n.Parallel,
            at,
            st.sampled_from(["count", "settle"]),
            inner,
            maybe,
            st.none() | names,
            block,
            st.just(False),
        ),
    )


expressions: st.SearchStrategy[n.Expression] = st.recursive(atoms, _more, max_leaves=6)
