"""Lowering of assignment: to a variable, and to parts of its value.

Collections are values, so `xs[i] = v` gives the variable another value: a changed copy, or the same
object changed in place when nobody else holds it (`harnlet.check.holders`). What adds to a whole value
is in `harnlet.compile.growth`. Rules: docs/language.md#collections-are-values,
docs/architecture.md#values.
"""

from harnlet.check.kinds import Kind, is_only
from harnlet.check.resolution import Undefined
from harnlet.check.scope import Variable
from harnlet.compile import python_nodes as ast
from harnlet.compile.access import FIELD, fast_chain, get_index, get_member, is_field, or_nil
from harnlet.compile.expressions import undefined
from harnlet.compile.growth import grow
from harnlet.compile.handing import forget
from harnlet.compile.lowering import DISCARD, LOAD, STORE, Lowering, lowers_statement, place
from harnlet.compile.operators import operate
from harnlet.compile.ownership import alone, apart, change, changed, known_alone
from harnlet.compile.views import View, viewed
from harnlet.syntax import nodes

Step = nodes.Member | nodes.Index


@lowers_statement(nodes.Assign)
def _assign(lo: Lowering, node: nodes.Assign) -> None:
    target = node.target
    if isinstance(target, nodes.Name):
        _assign_name(lo, node, target)
        return
    steps: list[Step] = []
    root: nodes.Expression = target
    while isinstance(root, nodes.Member | nodes.Index):
        steps.append(root)
        root = root.object
    steps.reverse()
    if not isinstance(root, nodes.Name):
        raise lo.refuse("assignment-target", node.target, "only a variable or a part of one can be assigned")
    reference = lo.reference(root)
    if isinstance(reference, Variable) and reference.mutable:
        lo.note_store(reference)
        _assign_part(lo, node, reference, root, steps)
        forget(lo, node.value, reference)
    else:
        _assignable(lo, root, lo.expression(node.value))


def _assignable(lo: Lowering, target: nodes.Name, value: ast.expr) -> Variable | None:
    """The variable to store into; None when that is an error, which is then emitted after the value."""
    reference = lo.reference(target)
    if isinstance(reference, Variable) and reference.mutable:
        return reference
    DISCARD.take(lo, value)
    if isinstance(reference, Variable):
        failure = lo.call("immutable", [lo.constant(target.name, target.at)], target.at)
    else:
        missing = reference if isinstance(reference, Undefined) else Undefined(target.name, None)
        failure = undefined(lo, missing, "undefined_variable", target.at)
    lo.expression_statement(failure, target.at)
    return None


# --- a variable --------------------------------------------------------------------------------


def _assign_name(lo: Lowering, node: nodes.Assign, target: nodes.Name) -> None:
    reference = lo.reference(target)
    if isinstance(reference, Variable) and reference.mutable and grow(lo, node, reference):
        return
    value = lo.expression(node.value)
    variable = _assignable(lo, target, value)
    if variable is not None:
        lo.note_store(variable)
        if node.operator != "=":
            current = lo.load(variable.slot, target.at)
            kind, other = lo.kinds.of(target), lo.kinds.of(node.value)
            value = operate(lo, node.operator[:-1], current, value, kind, other, node.at)
        lo.store(variable.slot, value, node.at)
        forget(lo, node.value, variable)


# --- a part of a value -------------------------------------------------------------------------


def _assign_part(
    lo: Lowering, node: nodes.Assign, variable: Variable, root: nodes.Name, steps: list[Step]
) -> None:
    """`v.a[i] = value` evaluates the value, then the indexes, from left to right. `v.a[i] += value` reads
    its left side first, like any operator."""
    view = viewed(lo, steps[0]) if len(steps) == 2 else None
    if view is not None and _put_in_view(lo, node, variable, root, steps, view):
        return
    _put_part(lo, node, variable, root, steps)
    if view is not None:
        view.fetch(lo)


def _put_part(
    lo: Lowering, node: nodes.Assign, variable: Variable, root: nodes.Name, steps: list[Step]
) -> None:
    plain = node.operator == "="
    current = ast.Name(variable.slot, LOAD, **place(root.at))
    kind = lo.kinds.of(root)
    if plain:
        value = lo.expression(node.value)
        if any(isinstance(step, nodes.Index) and not _is_plain(step.index) for step in steps):
            value = lo.keep(value)
    keys: list[ast.expr] = []
    for step in steps:
        if isinstance(step, nodes.Member):
            keys.append(lo.constant(step.name, step.name_at))
        else:
            key = lo.expression(step.index)
            keys.append(key if plain and len(steps) == 1 else lo.keep(key))
    if not plain:
        value = _combined(lo, node, current, steps, keys)
    if lo.hot and len(steps) == 1 and _put(lo, node, variable, current, kind, steps[0], keys[0], value):
        return
    if lo.hot and len(steps) == 2 and _put_inside(lo, node, variable, current, kind, steps, keys, value):
        return
    if len(steps) == 1:
        helper = "put_member" if isinstance(steps[0], nodes.Member) else "put_index"
        updated = lo.call(helper, [current, keys[0], value], node.target.at)
    else:
        updated = _put_path(lo, node, current, steps, keys, value)
    lo.store(variable.slot, updated, node.at)


def _put_path(
    lo: Lowering,
    node: nodes.Assign,
    current: ast.expr,
    steps: list[Step],
    keys: list[ast.expr],
    value: ast.expr,
) -> ast.expr:
    shape = "".join("m" if isinstance(step, nodes.Member) else "i" for step in steps)
    path = [current, lo.constant(shape, node.at), lo.tuple(keys, node.at), value]
    return lo.call("put_path", path, node.target.at)


def _combined(
    lo: Lowering, node: nodes.Assign, current: ast.expr, steps: list[Step], keys: list[ast.expr]
) -> ast.expr:
    """The new value for `v.a[i] += e`."""
    found = fast_chain(lo, steps, current, keys) or _entry(lo, steps, current, keys) if lo.hot else None
    for step, key in zip(steps, keys, strict=True):
        if found is not None:
            break
        kind = lo.kinds.of(step.object)
        if isinstance(step, nodes.Member):
            current = get_member(lo, current, kind, step)
        else:
            current = get_index(lo, current, key, kind, lo.kinds.of(step.index), step.at)
    current = current if found is None else found
    with lo.into_body([]) as before:
        given = lo.expression(node.value)
    if before:
        current = lo.keep(current)
        lo.body.extend(before)
    kind, other = lo.kinds.of(node.target), lo.kinds.of(node.value)
    return operate(lo, node.operator[:-1], current, given, kind, other, node.at)


def _entry(
    lo: Lowering, steps: list[Step], current: ast.expr, keys: list[ast.expr]
) -> ast.expr | None:
    """The entry of a dict that an operator is applied to. Without it that is an error, so nobody does it
    often: asking for forgiveness took half of the time of `get`."""
    step, key = steps[0], keys[0]
    kind, key_kind = lo.kinds.of(step.object), Kind.STRING
    if isinstance(step, nodes.Index):
        key_kind = lo.kinds.of(step.index)
    if len(steps) > 1 or not is_only(kind, Kind.DICT) or key_kind != Kind.STRING:
        return None
    found = ast.Subscript(current, lo.named(key), LOAD, **place(step.at))
    return or_nil(lo, found, None, lo.kinds.of(step), step.at, "KeyError")


def _place_in(
    lo: Lowering, value: ast.expr, kind: int, step: Step, key: ast.expr, at: nodes.Span
) -> tuple[ast.expr, str] | None:
    """Python's place for a part of a value of that kind, and what the value is; None if that is unknown."""
    where = place(at)
    if isinstance(step, nodes.Member):
        if is_only(kind, Kind.STRUCT) and is_field(lo, kind, step.name):
            return ast.Attribute(value, FIELD + step.name, STORE, **where), "struct"
        key_kind = Kind.STRING
    else:
        key_kind = lo.kinds.of(step.index)
    if is_only(kind, Kind.DICT) and key_kind == Kind.STRING:
        return ast.Subscript(value, key, STORE, **where), "dict"
    if is_only(kind, Kind.LIST) and is_only(key_kind, Kind.INT):
        return ast.Subscript(value, key, STORE, **where), "list"
    return None


def _put(
    lo: Lowering,
    node: nodes.Assign,
    variable: Variable,
    current: ast.Name,
    kind: int,
    step: Step,
    key: ast.expr,
    value: ast.expr,
) -> bool:
    """`v[k] = value` or `v.name = value` where the kind of `v` is known: Python's own store. Whether it
    was emitted."""
    at = node.target.at
    key = lo.named(key)
    found = _place_in(lo, current, kind & ~Kind.NIL, step, key, at)
    if found is None:
        return False
    where = place(at)
    target, what = found
    # Many hold nil, so the count of references sees to that, too.
    sole = lo.holders.is_sole(variable, lo.function) and not kind & Kind.NIL
    if what == "list" or not sole:
        value = apart(lo, value, variable)
    store: ast.stmt = ast.Assign([target], value, **where)
    helper = "put_member" if isinstance(step, nodes.Member) else "put_index"
    again = ast.Assign(
        [ast.Name(variable.slot, STORE, **where)], lo.call(helper, [current, key, value], at), **where
    )
    if not sole:
        copy: list[ast.stmt] = [again]
        if what == "struct" and isinstance(step, nodes.Member):
            # Half of the time of `put_member`.
            fresh = lo.call("struct_copy", [current, key], at)
            copy = [ast.Assign([ast.Name(variable.slot, STORE, **where)], fresh, **where), store]
        store = change(lo, current, [store], copy, at)
    lo.emit(_beyond_end(lo, store, again, at) if what == "list" else store)
    changed(lo, variable, at)
    return True


def _beyond_end(lo: Lowering, store: ast.stmt, again: ast.stmt, at: nodes.Span) -> ast.stmt:
    """Beyond the ends of a list the runtime knows the error, and what a negative index means."""
    handler = ast.ExceptHandler(lo.load("IndexError", at), None, [again], **place(at))
    return ast.Try([store], [handler], [], [], **place(at))


def _put_inside(
    lo: Lowering,
    node: nodes.Assign,
    variable: Variable,
    current: ast.Name,
    kind: int,
    steps: list[Step],
    keys: list[ast.expr],
    value: ast.expr,
) -> bool:
    """`v.a[k] = value`, where the kinds of `v` and `v.a` are known. Whether it was emitted."""
    at = node.target.at
    where = place(at)
    outer = _place_in(lo, current, kind, steps[0], keys[0], at)
    inner_kind = lo.kinds.of(_inner(node.target)) & ~Kind.NIL
    held = ast.Name("held", LOAD, **where)
    inner = _place_in(lo, held, inner_kind, steps[1], keys[1], at)
    if outer is None or inner is None:
        return False
    value = apart(lo, value, variable)
    child: ast.expr
    if outer[1] == "dict":
        child = ast.Call(ast.Attribute(current, "get", LOAD, **where), [keys[0]], [], **where)
    elif outer[1] == "struct":
        child = ast.Attribute(current, FIELD + _name(steps[0]), LOAD, **where)
    else:
        child = ast.Subscript(current, keys[0], LOAD, **where)
    tests = [alone(lo, held, at, "HELD_BY_PARENT")]
    if not lo.holders.is_sole(variable, lo.function):
        tests.insert(0, known_alone(lo, current, at))
    again = ast.Assign(
        [ast.Name(variable.slot, STORE, **where)], _put_path(lo, node, current, steps, keys, value), **where
    )
    forget = ast.Assign([ast.Name("held", STORE, **where)], ast.Constant(None, **where), **where)
    take = ast.Assign([ast.Name("held", STORE, **where)], child, **where)
    store: ast.stmt = ast.Assign([inner[0]], value, **where)
    test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests, **where)
    body: list[ast.stmt] = [take, ast.If(test, [store], [forget, again], **where)]
    if "list" in (outer[1], inner[1]):
        handler = ast.ExceptHandler(lo.load("IndexError", at), None, [forget, again], **where)
        body = [ast.Try(body, [handler], [], [], **where)]
    for statement in (*body, forget):
        lo.emit(statement)
    changed(lo, variable, at)
    return True


def _put_in_view(
    lo: Lowering,
    node: nodes.Assign,
    variable: Variable,
    root: nodes.Name,
    steps: list[Step],
    view: View,
) -> bool:
    """`v[k].a = value` where `v[k]` is held in a view. Whether it was emitted."""
    at = node.target.at
    where = place(at)
    held = ast.Name(view.slot, LOAD, **where)
    step = steps[1]
    if isinstance(step, nodes.Member):
        key: ast.expr = lo.constant(step.name, step.name_at)
    else:
        key = lo.expression(step.index)
    found = _place_in(lo, held, lo.kinds.of(steps[0]) & ~Kind.NIL, step, key, at)
    if found is None:
        return False
    if node.operator == "=":
        value = lo.expression(node.value)
    else:
        value = _combined(lo, node, held, [step], [key])
    if isinstance(value, ast.Name) and value.id == view.slot:
        # The element goes into itself: that something holds it must show in the reference count.
        itself = lo.temporary()
        lo.store(itself, value, node.at)
        value = lo.load(itself, node.at)
    if found[1] == "list" or not view.alone:
        value = apart(lo, value, variable)
    store: ast.stmt = ast.Assign([found[0]], value, **where)
    outer = steps[0]
    assert isinstance(outer, nodes.Index)
    current = ast.Name(variable.slot, LOAD, **place(root.at))
    keys = [lo.expression(outer.index), key]
    forget = ast.Assign([ast.Name(view.slot, STORE, **where)], ast.Constant(None, **where), **where)
    path = _put_path(lo, node, current, steps, keys, value)
    copy = ast.Assign([ast.Name(variable.slot, STORE, **where)], path, **where)
    element = ast.Subscript(current, keys[0], LOAD, **where)
    fetch = ast.Assign([ast.Name(view.slot, STORE, **where)], element, **where)
    again: list[ast.stmt] = [forget, copy, fetch]
    if not view.alone:
        test = alone(lo, held, at, "HELD_BY_PARENT")
        if not lo.holders.is_sole(variable, lo.function):
            test = ast.BoolOp(ast.And(), [known_alone(lo, current, at), test], **where)
        store = ast.If(test, [store], again, **where)
    if found[1] == "list":
        handler = ast.ExceptHandler(lo.load("IndexError", at), None, again, **where)
        store = ast.Try([store], [handler], [], [], **where)
    lo.emit(store)
    if not view.alone:
        changed(lo, variable, at)
    view.alone = True
    return True


def _inner(target: nodes.Expression) -> nodes.Expression:
    assert isinstance(target, nodes.Member | nodes.Index)
    return target.object


def _name(step: Step) -> str:
    assert isinstance(step, nodes.Member)
    return step.name


def _is_plain(node: nodes.Expression) -> bool:
    return isinstance(node, nodes.Int | nodes.String | nodes.Name)
