"""Random small programs about who holds a collection, and what they must print.

A program is a tree of tuples. It is written out as Harnlet, and carried out by a model that copies every value
whenever it is read, so that nothing is ever shared. Variables, functions and parameters keep to a type, as
they do in real programs, so that the compiler knows the kinds and changes values in place wherever it may.

Types: `i` int, `l` list of ints, `m` list of lists, `d` dict of ints, `e` dict of lists, `p` struct, `b` list of
structs. Where an index is beyond the end, nil comes in, and with it errors.
"""

from copy import deepcopy
from typing import Any, TypeAlias

from hypothesis import strategies as st

Tree: TypeAlias = tuple[Any, ...]

HOLDERS = "lmdepb"
VARIABLES = {"l": ("l1", "l2"), "m": ("m1", "m2"), "d": ("d1", "d2"), "e": ("e1",), "p": ("p1", "p2")}
VARIABLES |= {"b": ("b1", "b2"), "i": ("i1", "i2")}
ALL = tuple(name for names in VARIABLES.values() for name in names)
KEYS = ("x", "y", "z")
STEPS = {"l": ("i",), "m": ("l",), "d": ("i",), "e": ("l",), "p": ("i",), "b": ("p",)}
"""Type of a collection -> the type of what is in it."""
FIRST: dict[str, Tree] = {
    "i": ("int", 1),
    "l": ("list", (("int", 1), ("int", 2))),
    "m": ("list", (("list", (("int", 1),)), ("list", (("int", 2),)))),
    "d": ("dict", (("x", ("int", 1)),)),
    "e": ("dict", (("x", ("list", (("int", 1),))),)),
    "p": ("struct", ("int", 1), ("int", 2)),
    "b": ("list", (("struct", ("int", 1), ("int", 2)), ("struct", ("int", 3), ("int", 4)))),
}
FUNCTIONS = {f"f{type_}{number}": type_ for type_ in HOLDERS for number in (1, 2)}
"""Name -> the type of the first parameter, the third and the result; the second parameter is an int."""


# --- trees --------------------------------------------------------------------------------------


class _Maker:
    """Draws the trees of one body, which may call the functions in `callable`."""

    def __init__(self, draw: st.DrawFn, callable_: tuple[str, ...], inside: bool) -> None:
        self.draw = draw
        self.callable = callable_
        self.inside = inside
        """In a function, which a `return` may leave."""

    def step(self, type_: str) -> Tree:
        if type_ in "lmb":
            return ("at", self.draw(st.sampled_from((0, 1, 1, 0, "i1", "i2", -1, 5))))
        return (
            self.draw(st.sampled_from(("dot", "key"))) if type_ != "p" else "dot",
            self.draw(st.sampled_from(KEYS[:2])),
        )

    def place(self, name: str, type_: str, deep: bool) -> tuple[Tree, str]:
        """A part of a variable, and its type."""
        steps = [self.step(type_)]
        found = STEPS[type_][0]
        if deep and found in STEPS:
            steps.append(self.step(found))
            found = STEPS[found][0]
        return ("part", name, tuple(steps)), found

    def variable(self, type_: str) -> str:
        return self.draw(st.sampled_from(VARIABLES[type_]))

    def expression(self, type_: str, depth: int) -> Tree:
        choices = ["variable", "variable", "literal"]
        if depth:
            choices += ["part", "choose", "closure", "block"]
            if any(FUNCTIONS[name] == type_ for name in self.callable):
                choices += ["call", "call"]
            if type_ in "lmb":
                choices += ["sum", "spread", "pushed"]
            if type_ in "de":
                choices += ["sum", "spread", "merged"]
            if type_ == "p":
                choices += ["method"]
        kind = self.draw(st.sampled_from(choices))
        if kind == "variable":
            return ("variable", self.variable(type_))
        if kind == "call":
            return self.call(type_, depth)
        if kind == "part":
            holders = [each for each in HOLDERS if type_ in STEPS[each]]
            if holders:
                holder = self.draw(st.sampled_from(holders))
                part, _ = self.place(self.variable(holder), holder, False)
                return part
        if kind == "choose":
            return ("choose", self.expression("i", 0), *(self.expression(type_, 0) for _ in range(2)))
        if kind in ("closure", "block"):
            return (kind, self.expression(type_, depth - 1))
        if kind in ("sum", "spread", "pushed", "merged"):
            inner = STEPS[type_][0]
            item = self.expression(inner, 0)
            key = self.draw(st.sampled_from(KEYS))
            more = ("list", (item,)) if type_ in "lmb" else ("dict", ((key, item),))
            left = ("variable", self.variable(type_))
            return (kind, left, item if kind == "pushed" else more)
        if kind == "method":
            return ("method", ("variable", self.variable("p")), self.expression("i", 0))
        return self.literal(type_, depth)

    def call(self, type_: str, depth: int) -> Tree:
        name = self.draw(st.sampled_from([name for name in self.callable if FUNCTIONS[name] == type_]))
        arguments = (
            self.expression(type_, depth - 1),
            self.expression("i", 0),
            self.expression(type_, self.draw(st.sampled_from((0, 0, 0, depth - 1)))),
        )
        return ("call", name, arguments)

    def literal(self, type_: str, depth: int) -> Tree:
        inner = max(depth - 1, 0)
        if type_ == "i":
            return ("int", self.draw(st.integers(0, 2)))
        if type_ in "lmb":
            count = self.draw(st.integers(0, 2))
            return ("list", tuple(self.expression(STEPS[type_][0], inner) for _ in range(count)))
        if type_ == "p":
            return ("struct", self.expression("i", 0), self.expression("i", 0))
        keys = self.draw(st.lists(st.sampled_from(KEYS), max_size=2, unique=True))
        return ("dict", tuple((key, self.expression(STEPS[type_][0], inner)) for key in keys))

    def statement(self, depth: int) -> Tree:
        type_ = self.draw(st.sampled_from(HOLDERS))
        name = self.variable(type_)
        choices = (
            ["store"] * 3
            + ["add"] * 5
            + ["assign", "assign", "grow", "grow", "update", "update", "let", "show"]
        )
        choices += ["capture", "views", "number"]
        if depth:
            choices += ["loop", "loop", "each", "if", "try", "try"]
        if self.inside:
            choices += ["return"]
        kind = self.draw(st.sampled_from([*choices, "throw"] if depth < 2 else choices))
        if kind == "number":
            return ("assign", self.variable("i"), self.expression("i", 1))
        if kind in ("store", "add"):
            place, found = self.place(name, type_, self.draw(st.booleans()))
            if kind == "add" and found == "i":
                return ("add", place, self.expression("i", 1))
            return ("store", place, self.expression(found, 1))
        if kind == "views":
            # Several changes of the parts of one element, as the steps of a simulation make them.
            holder = self.draw(st.sampled_from("bme"))
            name = self.variable(holder)
            step = self.step(holder)
            lines: list[Tree] = []
            for _ in range(self.draw(st.integers(2, 4))):
                other = self.draw(st.sampled_from((step, step, step, self.step(holder))))
                whose = self.draw(st.sampled_from((name, name, name, self.variable(holder))))
                inner = self.step(STEPS[holder][0])
                place = ("part", whose, (other, inner))
                value: Tree = ("part", name, (step, self.step(STEPS[holder][0])))
                if self.draw(st.integers(0, 3)) == 0:
                    value = self.expression("i", 1)
                form = self.draw(st.sampled_from(("add", "add", "store", "keep")))
                if form == "keep":
                    lines.append(
                        (
                            "let",
                            STEPS[holder][0],
                            f"k{self.draw(st.integers(0, 3))}",
                            ("part", whose, (other,)),
                        )
                    )
                lines.append(("store" if form == "store" else "add", place, value))
            return ("lines", tuple(lines))
        if kind == "assign":
            return ("assign", name, self.expression(type_, 2))
        if kind == "update" and not any(FUNCTIONS[each] == type_ for each in self.callable):
            kind = "grow"
        if kind == "update":
            arguments = list(self.call(type_, 1)[2])
            arguments[self.draw(st.sampled_from((0, 2)))] = ("variable", name)
            function = self.draw(
                st.sampled_from([each for each in self.callable if FUNCTIONS[each] == type_])
            )
            return ("assign", name, ("call", function, tuple(arguments)))
        if kind == "grow":
            if type_ == "p":
                return ("assign", name, ("method", ("variable", name), self.expression("i", 0)))
            form = self.draw(
                st.sampled_from(
                    ("sum", "spread", "pushed") if type_ in "lmb" else ("sum", "spread", "merged")
                )
            )
            item = self.expression(STEPS[type_][0], 1)
            key = self.draw(st.sampled_from(KEYS))
            more = ("list", (item,)) if type_ in "lmb" else ("dict", ((key, item),))
            return ("assign", name, (form, ("variable", name), item if form == "pushed" else more))
        if kind == "let":
            return ("let", type_, f"k{self.draw(st.integers(0, 3))}", self.expression(type_, 1))
        if kind == "show":
            return ("show", name)
        if kind == "capture":
            return ("capture", name, self.place(name, type_, False)[0], self.expression(STEPS[type_][0], 0))
        if kind == "loop":
            return ("loop", self.draw(st.integers(0, 3)), self.body(depth - 1))
        if kind == "each":
            source = self.draw(st.sampled_from("lmb"))
            return ("each", self.variable(source), self.body(depth - 1))
        if kind == "if":
            test = self.expression("i", 0)
            return ("if", test, *(self.body(depth - 1) for _ in range(2)))
        if kind == "try":
            handlers = self.draw(st.sampled_from(("catch", "finally", "both")))
            return ("try", handlers, *(self.body(depth - 1) for _ in range(3)))
        if kind == "return":
            return ("return", self.expression(type_, 1))
        return ("throw",)

    def body(self, depth: int) -> tuple[Tree, ...]:
        return tuple(self.statement(depth) for _ in range(self.draw(st.integers(1, 3))))


@st.composite
def programs(draw: st.DrawFn) -> Tree:
    """`(functions, statements, in a function)`; a function is `(name, start, statements, result)`."""
    functions: list[Tree] = []
    before: tuple[str, ...] = ()
    for name, type_ in FUNCTIONS.items():
        maker = _Maker(draw, before, True)
        form = draw(st.sampled_from(("change", "change", "give", "body")))
        if form == "body":
            body = maker.body(1)
        else:
            place, found = maker.place(f"{type_}1", type_, draw(st.booleans()))
            body = (("store", place, maker.literal(found, 0)),) if form == "change" else ()
        start = draw(st.sampled_from(("first", "first", "third")))
        own: Tree = ("variable", f"{type_}1")
        calls = [each for each in before if FUNCTIONS[each] == type_]
        result = draw(st.sampled_from((own, own, ("variable", "first"), ("call", None))))
        if result[0] == "call":
            result = ("call", calls[-1], (own, ("int", 1), own)) if calls else own
        functions.append((name, start, body, result))
        before += (name,)
    maker = _Maker(draw, before, False)
    statements = tuple(maker.statement(2) for _ in range(draw(st.integers(2, 10))))
    return tuple(functions), statements, draw(st.booleans())


# --- as Harnlet ---------------------------------------------------------------------------------


def _text_of_part(tree: Tree) -> str:
    _, name, steps = tree
    text = str(name)
    for kind, key in steps:
        text += f".{key}" if kind == "dot" else f'["{key}"]' if kind == "key" else f"[{key}]"
    return text


def text_of(tree: Tree) -> str:
    """An expression as Harnlet."""
    match tree:
        case ("int", value):
            return str(value)
        case ("variable", name):
            return str(name)
        case ("part", *_):
            return _text_of_part(tree)
        case ("list", items):
            return "[" + ", ".join(map(text_of, items)) + "]"
        case ("dict", entries):
            return "{" + ", ".join(f"{key}: {text_of(value)}" for key, value in entries) + "}"
        case ("struct", x, y):
            return f"P {{x: {text_of(x)}, y: {text_of(y)}}}"
        case ("call", name, arguments):
            return f"{name}({', '.join(map(text_of, arguments))})"
        case ("choose", test, one, other):
            return f"({text_of(test)} ? ({text_of(one)}) : ({text_of(other)}))"
        case ("closure", inner):
            return f"apply({{ -> {text_of(inner)} }})"
        case ("block", inner):
            return f"(if true {{ {text_of(inner)} }} else {{ nil }})"
        case ("sum", left, more):
            return f"({text_of(left)} + {text_of(more)})"
        case ("spread", left, ("list", items)):
            return f"[...{text_of(left)}, " + ", ".join(map(text_of, items)) + "]"
        case ("spread", left, ("dict", entries)):
            inner = ", ".join(f"{key}: {text_of(value)}" for key, value in entries)
            return f"{{...{text_of(left)}, {inner}}}"
        case ("pushed", left, item):
            return f"{text_of(left)}.push({text_of(item)})"
        case ("merged", left, more):
            return f"{text_of(left)}.merge({text_of(more)})"
        case ("method", left, number):
            return f"{text_of(left)}.moved({text_of(number)})"
    raise AssertionError(tree)


def _lines(statements: tuple[Tree, ...], counter: list[int]) -> list[str]:
    lines: list[str] = []
    for tree in statements:
        counter[0] += 1
        number = counter[0]
        match tree:
            case ("lines", inner):
                lines += _lines(inner, counter)
            case ("assign", name, value):
                lines.append(f"{name} = {text_of(value)}")
            case ("store", place, value):
                lines.append(f"{text_of(place)} = {text_of(value)}")
            case ("add", place, value):
                lines.append(f"{text_of(place)} += {text_of(value)}")
            case ("let", _, name, value):
                lines += [f"let {name}_{number} = {text_of(value)}", f"held = held.push({name}_{number})"]
            case ("show", name):
                lines.append(f"println({name})")
            case ("capture", name, place, value):
                lines += [f"let see_{number} = {{ -> {name} }}", f"{text_of(place)} = {text_of(value)}"]
                lines.append(f"println([see_{number}(), {name}])")
            case ("loop", count, body):
                lines += [f"for n_{number} in 0 to {count} exclusive {{", *_lines(body, counter), "}"]
            case ("each", name, body):
                lines += [f"for n_{number} in {name} {{", f"if n_{number} == 99 {{ break }}"]
                lines += [*_lines(body, counter), "}"]
            case ("if", test, one, other):
                lines += [f"if {text_of(test)} {{", *_lines(one, counter), "} else {"]
                lines += [*_lines(other, counter), "}"]
            case ("try", handlers, body, caught, after):
                lines += ["try {", *_lines(body, counter)]
                if handlers != "finally":
                    lines += ["} catch (err) {", 'println("caught")', *_lines(caught, counter)]
                if handlers != "catch":
                    lines += ["} finally {", *_lines(after, counter)]
                lines.append("}")
            case ("return", value):
                lines.append(f"return {text_of(value)}")
            case ("throw",):
                lines.append('throw "thrown"')
            case _:
                raise AssertionError(tree)
    return lines


def _declarations() -> list[str]:
    return [f"var {name} = {text_of(FIRST[name[0]])}" for name in ALL] + ["var held = []"]


def harnlet(program: Tree) -> str:
    """The whole program as Harnlet."""
    functions, statements, inside = program
    counter = [0]
    lines = ["struct P { x, y }", "impl P {", "fn moved(self, by) {"]
    lines += ["var own = self", "own.x = by", "return own", "}", "}", "fn apply(f) { return f() }"]
    for name, start, body, result in functions:
        type_ = FUNCTIONS[name]
        lines.append(f"fn {name}(first, number, third) {{")
        lines += [line for line in _declarations() if not line.startswith((f"var {type_}1 ", "var i1 "))]
        lines += [f"var {type_}1 = {start}", "var i1 = number", *_lines(body, counter)]
        lines += [f"return {text_of(result)}", "}"]
    body_lines = [*_declarations(), *_lines(statements, counter)]
    body_lines.append(f"println([{', '.join(ALL)}, held])")
    if inside:
        return "\n".join([*lines, "fn main() {", *body_lines, "}", "main()"])
    return "\n".join([*lines, *body_lines])


# --- the model ----------------------------------------------------------------------------------


class Failure(Exception):
    """An error of the script."""


class Returned(Exception):
    """A `return` on its way out."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class Struct(dict[str, Any]):
    """A value of `P`."""


def shown(value: object) -> str:
    """As `println` writes it."""
    if value is None:
        return "nil"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key}: {shown(value[key])}" for key in sorted(value))
        return f"P {{{inner}}}" if isinstance(value, Struct) else f"{{{inner}}}"
    return str(value)


class Model:
    """Carries a program out. Every value that is read is copied."""

    def __init__(self, program: Tree) -> None:
        functions, self.statements, _ = program
        self.functions = {name: rest for name, *rest in functions}
        self.printed: list[str] = []
        self.steps = 0

    def run(self) -> list[str] | None:
        """What it prints; an error that nobody catches is the last line. None if it takes too long."""
        names = self._start()
        try:
            self._run(self.statements, names)
            self.printed.append(shown([names[name] for name in ALL] + [names["held"]]))
        except Failure:
            self.printed.append("failed")
        except TooMuch:
            return None
        return self.printed

    def _start(self) -> dict[str, Any]:
        names: dict[str, Any] = {name: self._value(FIRST[name[0]], {}) for name in ALL}
        names["held"] = []
        return names

    def _call(self, name: str, arguments: list[Any]) -> Any:
        start, body, result = self.functions[name]
        names = self._start()
        names["first"] = arguments[0]
        names[f"{FUNCTIONS[name]}1"] = deepcopy(arguments[0 if start == "first" else 2])
        names["i1"] = arguments[1]
        try:
            self._run(body, names)
        except Returned as returned:
            return returned.value
        return self._value(result, names)

    def _value(self, tree: Tree, names: dict[str, Any]) -> Any:
        match tree:
            case ("int", value):
                return value
            case ("variable", name):
                return deepcopy(names[name])
            case ("part", name, steps):
                value = names[name]
                for step in steps:
                    value = self._part(value, step, names)
                return deepcopy(value)
            case ("list", items):
                return [self._value(item, names) for item in items]
            case ("dict", entries):
                return {key: self._value(value, names) for key, value in entries}
            case ("struct", x, y):
                return Struct(x=self._value(x, names), y=self._value(y, names))
            case ("call", name, arguments):
                return self._call(name, [self._value(each, names) for each in arguments])
            case ("choose", test, one, other):
                return self._value(one if self._value(test, names) else other, names)
            case ("closure" | "block", inner):
                return self._value(inner, names)
            case ("sum" | "spread" | "merged", left, more):
                return self._joined(tree[0], self._value(left, names), more, names)
            case ("pushed", left, item):
                items = self._value(left, names)
                added = self._value(item, names)
                return [*items, added] if isinstance(items, list) else None
            case ("method", left, number):
                own = self._value(left, names)
                by = self._value(number, names)
                return Struct(own, x=by) if isinstance(own, Struct) else None
        raise AssertionError(tree)

    def _joined(self, kind: str, value: Any, more: Tree, names: dict[str, Any]) -> Any:
        if kind == "spread" and not isinstance(value, list if more[0] == "list" else dict):
            raise Failure
        added = self._value(more, names)
        if isinstance(value, list) and isinstance(added, list) and kind != "merged":
            return value + added
        if isinstance(value, dict) and not isinstance(value, Struct):
            return value | added
        if kind == "merged":
            return None
        raise Failure

    def _key(self, step: Tree, names: dict[str, Any]) -> Any:
        return names[step[1]] if isinstance(step[1], str) and step[0] == "at" else step[1]

    def _part(self, value: Any, step: Tree, names: dict[str, Any]) -> Any:
        key = self._key(step, names)
        if isinstance(value, Struct):
            if step[0] == "dot":
                return value.get(key)
        elif isinstance(value, dict):
            return value.get(shown(key))
        elif isinstance(value, list):
            if step[0] == "dot":
                return None
            if isinstance(key, int):
                return value[key] if -len(value) <= key < len(value) else None
        raise Failure

    def _store(self, place: Tree, value: Any, names: dict[str, Any]) -> None:
        _, name, steps = place
        holder = names[name]
        for step in steps[:-1]:
            holder = self._part(holder, step, names)
        step = steps[-1]
        key = self._key(step, names)
        if isinstance(holder, dict) and (step[0] == "dot" or not isinstance(holder, Struct)):
            holder[shown(key)] = value
        elif isinstance(holder, list) and step[0] == "at" and isinstance(key, int):
            place_in = key if key >= 0 else max(key + len(holder), 0)
            if place_in >= len(holder):
                raise Failure
            holder[place_in] = value
        else:
            raise Failure

    def _run(self, statements: tuple[Tree, ...], names: dict[str, Any]) -> None:
        for tree in statements:
            self.steps += 1
            if self.steps > _MOST_STEPS:
                raise TooMuch
            self.statement(tree, names)

    def statement(self, tree: Tree, names: dict[str, Any]) -> None:
        match tree:
            case ("lines", inner):
                self._run(inner, names)
            case ("assign", name, value):
                names[name] = self._value(value, names)
            case ("store", place, value):
                found = self._value(value, names)
                self._store(place, found, names)
            case ("add", place, value):
                before = self._value(place, names)
                more = self._value(value, names)
                self._store(place, self._sum(before, more), names)
            case ("let", _, _, value):
                names["held"].append(self._value(value, names))
            case ("show", name):
                self.printed.append(shown(names[name]))
            case ("capture", name, place, value):
                seen = deepcopy(names[name])
                found = self._value(value, names)
                self._store(place, found, names)
                self.printed.append(shown([seen, names[name]]))
            case ("loop", count, body):
                for _ in range(count):
                    self._run(body, names)
            case ("each", name, body):
                if names[name] is not None and not isinstance(names[name], list):
                    raise Failure
                for item in deepcopy(names[name] or []):
                    if item == 99:
                        break
                    self._run(body, names)
            case ("if", test, one, other):
                self._run(one if self._value(test, names) else other, names)
            case ("try", handlers, body, caught, after):
                self._try(handlers, body, caught, after, names)
            case ("return", value):
                raise Returned(self._value(value, names))
            case ("throw",):
                raise Failure
            case _:
                raise AssertionError(tree)

    def _sum(self, before: Any, more: Any) -> Any:
        both = (type(before), type(more))
        if both in ((int, int), (list, list)):
            return before + more
        if both == (dict, dict):
            return before | more
        raise Failure

    def _try(
        self,
        handlers: str,
        body: tuple[Tree, ...],
        caught: tuple[Tree, ...],
        after: tuple[Tree, ...],
        names: dict[str, Any],
    ) -> None:
        try:
            try:
                self._run(body, names)
            except Failure:
                if handlers == "finally":
                    raise
                self.printed.append("caught")
                self._run(caught, names)
        finally:
            if handlers != "catch":
                self._run(after, names)


class TooMuch(Exception):
    """The program takes too long to be worth running."""


_MOST_STEPS = 3_000
