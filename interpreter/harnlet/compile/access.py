"""Lowering of members, subscripts and slices: Python's own access where the kind of the value is known, a
guard in loops and functions where it is not, a call of the runtime elsewhere.

Rules: docs/language.md#property-subscript-slice, docs/architecture.md#access.
"""

from collections.abc import Sequence

from harnlet.check.kinds import Kind, is_only, struct_numbers
from harnlet.compile import python_nodes as ast
from harnlet.compile.lowering import LOAD, STORE, Lowering, lowers, place
from harnlet.compile.operators import is_class, walrus
from harnlet.compile.views import viewed
from harnlet.syntax import nodes

FIELD = "f_"


def enum_of(lo: Lowering, node: nodes.Expression) -> str | None:
    """The enum that a bare name before `.` means, if it means one."""
    if isinstance(node, nodes.Name) and id(node) not in lo.resolution.references:
        return node.name
    return None


def enum_value(lo: Lowering, enum: str, variant: str, fields: list[ast.expr], at: nodes.Span) -> ast.expr:
    """Construct a variant."""
    payload = ast.List(fields, LOAD, **place(at))
    return lo.call("EnumValue", [lo.constant(enum, at), lo.constant(variant, at), payload], at)


def _is_fast(lo: Lowering, link: nodes.Member | nodes.Index) -> bool:
    """Whether Python's own access does for one step of `a.b[i].c`."""
    if link.optional:
        return False
    kind = lo.kinds.of(link.object)
    if isinstance(link, nodes.Member):
        if is_only(kind, Kind.STRUCT | Kind.NIL):
            return is_field(lo, kind, link.name)
        return is_only(kind, Kind.DICT | Kind.NIL)
    key = lo.kinds.of(link.index)
    if is_only(kind, Kind.DICT | Kind.NIL) and key == Kind.STRING:
        return True
    return is_only(kind, Kind.LIST | Kind.STRING | Kind.NIL) and is_only(key, Kind.INT)


def _chain_of(lo: Lowering, node: nodes.Member | nodes.Index) -> ast.expr | None:
    """`a.b[i].c` as one access, if it can be one."""
    if not lo.hot:
        return None
    links: list[nodes.Member | nodes.Index] = []
    root: nodes.Expression = node
    while isinstance(root, nodes.Member | nodes.Index) and _is_fast(lo, root) and not viewed(lo, root):
        links.append(root)
        root = root.object
    if not any(isinstance(link, nodes.Index) and _is_list(lo, link) for link in links):
        return None
    links.reverse()
    keys = [link.index for link in links if isinstance(link, nodes.Index)]
    value, *lowered = lo.expressions([root, *keys])
    value = lo.named(value)
    given = iter([_simple(lo, key) for key in lowered])
    every: list[ast.expr | None] = [next(given) if isinstance(link, nodes.Index) else None for link in links]
    return fast_chain(lo, links, value, every)


def fast_chain(
    lo: Lowering,
    links: Sequence[nodes.Member | nodes.Index],
    value: ast.expr,
    keys: Sequence[ast.expr | None],
) -> ast.expr | None:
    """The steps from a value on where all kinds on the way are known, with a subscript of a list among them:
    Python's own access as a whole, and when that runs off an end the runtime looks where. One temporary for
    all, since what a temporary holds cannot be changed in place."""
    subscripts = [link for link in links if isinstance(link, nodes.Index) and _is_list(lo, link)]
    if not subscripts or not all(_is_fast(lo, link) for link in links):
        return None
    fast = slow = value
    node = links[-1]
    for link, key in zip(links, keys, strict=True):
        where = place(link.at)
        if isinstance(link, nodes.Member):
            name = lo.constant(link.name, link.name_at)
            slow = lo.call("get_member", [slow, name], link.at)
            if lo.kinds.of(link.object) & Kind.STRUCT_BIT:
                fast = ast.Attribute(fast, FIELD + link.name, LOAD, **where)
            else:
                fast = _from_dict(fast, name, link.at)
            continue
        assert key is not None
        slow = lo.call("index", [slow, key], link.at)
        if _is_list(lo, link):
            fast = ast.Subscript(fast, key, LOAD, **where)
        else:
            fast = _from_dict(fast, key, link.at)
    alone = len(subscripts) == 1 and subscripts[0] is node
    return or_nil(lo, fast, None if alone else slow, lo.kinds.of(node), node.at)


def _is_list(lo: Lowering, link: nodes.Index) -> bool:
    """Whether a subscript is one of a list or string."""
    return is_only(lo.kinds.of(link.object), Kind.LIST | Kind.STRING | Kind.NIL)


@lowers(nodes.Member)
def _member(lo: Lowering, node: nodes.Member) -> ast.expr:
    enum = enum_of(lo, node.object)
    if enum is not None:
        return enum_value(lo, enum, node.name, [], node.at)
    found = _chain_of(lo, node)
    if found is not None:
        return found
    value = lo.expression(node.object)
    if not node.optional:
        return get_member(lo, value, lo.kinds.of(node.object), node)
    return lo.call("get_member_optional", [value, lo.constant(node.name, node.name_at)], node.at)


def get_member(lo: Lowering, value: ast.expr, kind: int, node: nodes.Member) -> ast.expr:
    """`value.name`, of a value of that kind."""
    where = place(node.at)
    name = lo.constant(node.name, node.name_at)
    if is_only(kind, Kind.STRUCT | Kind.NIL) and is_field(lo, kind, node.name):
        return ast.Attribute(value, FIELD + node.name, LOAD, **where)
    if is_only(kind, Kind.DICT | Kind.NIL) and kind & Kind.DICT_BIT:
        return _from_dict(value, name, node.at)
    if is_only(kind, Kind.LIST) or kind == Kind.STRING:
        if node.name == "count":
            return lo.call("len", [value], node.at)
        if node.name == "empty":
            return ast.UnaryOp(ast.Not(), value, **where)
    elif lo.hot and kind & Kind.DICT_BIT:
        stored, again = (value, value) if isinstance(value, ast.Name) else walrus(lo, value, node.at)
        fallback = lo.call("get_member", [again, name], node.at)
        test = is_class(lo, stored, "dict", node.at)
        return ast.IfExp(test, _from_dict(again, name, node.at), fallback, **where)
    return lo.call("get_member", [value, name], node.at)


def is_field(lo: Lowering, kind: int, name: str) -> bool:
    """Whether all structs that are meant declare the field, and its name is one that Python has, too."""
    numbers = struct_numbers(kind)
    if numbers is None or not name.isascii():
        return False
    structs = [lo.resolution.numbered[number - 1] for number in numbers]
    return all(name in struct.fields and name not in struct.partial for struct in structs)


def _from_dict(value: ast.expr, key: ast.expr, at: nodes.Span) -> ast.expr:
    where = place(at)
    return ast.Call(ast.Attribute(value, "get", LOAD, **where), [key], [], **where)


@lowers(nodes.Index)
def _index(lo: Lowering, node: nodes.Index) -> ast.expr:
    view = viewed(lo, node)
    if view is not None:
        return lo.load(view.slot, node.at)
    found = _chain_of(lo, node)
    if found is not None:
        return found
    value, key = lo.expressions([node.object, node.index])
    if node.optional:
        return lo.call("optional_index", [value, key], node.at)
    return get_index(lo, value, key, lo.kinds.of(node.object), lo.kinds.of(node.index), node.at)


def get_index(
    lo: Lowering, value: ast.expr, key: ast.expr, kind: int, key_kind: int, at: nodes.Span
) -> ast.expr:
    """`value[key]`, of these kinds."""
    where = place(at)
    if key_kind == Kind.STRING:
        if is_only(kind, Kind.DICT | Kind.NIL) and kind & Kind.DICT_BIT:
            return _from_dict(value, key, at)
        if lo.hot and kind & Kind.DICT_BIT:
            value, key = lo.named(value), lo.named(key)
            fallback = lo.call("index", [value, key], at)
            return ast.IfExp(is_class(lo, value, "dict", at), _from_dict(value, key, at), fallback, **where)
    elif lo.hot and is_only(key_kind, Kind.INT) and kind & (Kind.LIST_BIT | Kind.STRING):
        value, key = lo.named(value), _simple(lo, key)
        found: ast.expr = ast.Subscript(value, key, LOAD, **where)
        if not is_only(kind, Kind.LIST | Kind.STRING | Kind.NIL):
            fallback = lo.call("index", [value, key], at)
            found = ast.IfExp(is_class(lo, value, "list", at), found, fallback, **where)
        return or_nil(lo, found, None, Kind.ANY, at)
    return lo.call("index", [value, key], at)


def or_nil(
    lo: Lowering,
    found: ast.expr,
    otherwise: ast.expr | None,
    kind: int,
    at: nodes.Span,
    error: str = "IndexError",
) -> ast.expr:
    """What a subscript gives, or `otherwise` (nil) beyond the end: asking CPython for forgiveness costs
    nothing while nothing is wrong, and comparing with the length four times the subscript. `error` is
    Python's for what is not there."""
    where = place(at)
    slot = lo.temporary()
    missing = ast.Constant(None, **where) if otherwise is None else otherwise
    first = ast.Assign([ast.Name(slot, STORE, **where)], found, **where)
    second = ast.Assign([ast.Name(slot, STORE, **where)], missing, **where)
    handler = ast.ExceptHandler(lo.load(error, at), None, [second], **where)
    lo.emit(ast.Try([first], [handler], [], [], **where))
    lo.caught = (slot, first, second)
    if kind & (Kind.LIST_BIT | Kind.DICT_BIT | Kind.STRUCT_BIT):
        lo.holding.append(slot)
    return lo.load(slot, at)


def _simple(lo: Lowering, key: ast.expr) -> ast.expr:
    """A subscript that cannot raise an IndexError itself."""
    if isinstance(key, ast.BinOp) and all(
        isinstance(part, ast.Name | ast.Constant) for part in (key.left, key.right)
    ):
        return key
    return lo.named(key)


@lowers(nodes.Slice)
def _slice(lo: Lowering, node: nodes.Slice) -> ast.expr:
    nil = nodes.Nil(node.at)
    return lo.call("slice_", lo.expressions([node.object, node.start or nil, node.end or nil]), node.at)
