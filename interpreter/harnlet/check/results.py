"""The kinds of what built-in methods and functions give, and of what they hand to their callbacks.

Only what is known for sure stands here; everything else may be anything. Rules:
docs/builtins.md#list-methods, docs/builtins.md#string-methods, docs/builtins.md#dict-methods.
"""

from collections.abc import Callable, Sequence

from harnlet.check.kinds import Kind, dict_of, elements, iter_of, iterated, list_of, within

Rule = Callable[[int, Sequence[int]], int]
"""From the kinds of receiver and arguments, for one in `RESULTS_OF` that of what it gives, to the kind of the
result."""


def _of(kind: int) -> Rule:
    return lambda receiver, arguments: kind


def _same(receiver: int, arguments: Sequence[int]) -> int:
    return receiver


def _argument(arguments: Sequence[int], place: int) -> int:
    return arguments[place] if place < len(arguments) else Kind.NIL


def _some(receiver: int, arguments: Sequence[int]) -> int:
    return elements(receiver) | Kind.NIL


def _ends(receiver: int, arguments: Sequence[int]) -> int:
    return _some(receiver, ()) | (receiver if arguments else Kind.NEVER)


def _flat(kind: int) -> int:
    """What lies in a list after lists in it were replaced by what they hold."""
    inner = elements(kind) if kind & Kind.LIST_BIT else Kind.NEVER
    return list_of((kind & ~Kind.LIST_BIT) | inner)


def _reduced(receiver: int, arguments: Sequence[int]) -> int:
    return _argument(arguments, 0) | _argument(arguments, 1)


def _lists(receiver: int, arguments: Sequence[int]) -> int:
    return list_of(receiver)


_PLACE = Kind.COUNT | Kind.NEGATIVE
_TEXT = _of(Kind.STRING)
_TEXTS = _of(list_of(Kind.STRING))
_TRUTH = _of(Kind.BOOL)
_COUNT = _of(Kind.COUNT)

LIST_METHODS: dict[str, Rule] = {
    **dict.fromkeys(("count",), _COUNT),
    **dict.fromkeys(("empty", "contains", "any", "all", "every", "all?", "none", "none?"), _TRUTH),
    **dict.fromkeys(("index_of", "find_index"), _of(_PLACE)),
    **dict.fromkeys(
        ("pop", "take", "skip", "slice", "reverse", "sort", "unique", "compact", "filter", "sort_by"), _same
    ),
    **dict.fromkeys(("find", "min", "max", "min_by", "max_by"), _some),
    **dict.fromkeys(("first", "last"), _ends),
    **dict.fromkeys(("chunk", "each_slice", "window", "each_cons", "sliding_window", "partition"), _lists),
    "push": lambda receiver, arguments: receiver | within(_argument(arguments, 0)),
    "join": _TEXT,
    "sum": _of(Kind.NUMBER),
    "map": lambda receiver, arguments: list_of(_argument(arguments, 0)),
    "flat_map": lambda receiver, arguments: _flat(_argument(arguments, 0)),
    "flatten": lambda receiver, arguments: _flat(elements(receiver)),
    "reduce": _reduced,
    "group_by": lambda receiver, arguments: dict_of(receiver),
    "tally": _of(dict_of(Kind.COUNT)),
    "enumerate": lambda receiver, arguments: list_of(dict_of(elements(receiver) | Kind.COUNT)),
}

TEXT_METHODS: dict[str, Rule] = {
    **dict.fromkeys(("count", "len"), _COUNT),
    **dict.fromkeys(("empty", "contains", "starts_with", "ends_with"), _TRUTH),
    **dict.fromkeys(("trim", "trim_start", "trim_end", "reverse"), _TEXT),
    **dict.fromkeys(("lowercase", "lower", "to_lower", "uppercase", "upper", "to_upper"), _TEXT),
    **dict.fromkeys(("substring", "pad_left", "pad_right"), _TEXT),
    **dict.fromkeys(("replace", "char_at"), _of(Kind.STRING | Kind.NIL)),
    **dict.fromkeys(("index_of", "last_index_of"), _of(_PLACE)),
    **dict.fromkeys(("split", "chars", "lines"), _TEXTS),
}

DICT_METHODS: dict[str, Rule] = {
    "count": _COUNT,
    "has": _TRUTH,
    "keys": _TEXTS,
    "values": lambda receiver, arguments: list_of(elements(receiver)),
    "entries": lambda receiver, arguments: list_of(dict_of(elements(receiver) | Kind.STRING)),
    "get": lambda receiver, arguments: elements(receiver) | _argument(arguments, 1),
    "remove": _same,
    "merge": lambda receiver, arguments: receiver | (_argument(arguments, 0) & Kind.DICT),
    "map_values": lambda receiver, arguments: dict_of(_argument(arguments, 0)),
    "filter": _same,
}

ITER_METHODS: dict[str, Rule] = {
    "count": _COUNT,
    **dict.fromkeys(("any", "all"), _TRUTH),
    **dict.fromkeys(
        ("iter", "filter", "take", "skip", "take_while", "skip_while"),
        lambda receiver, arguments: iter_of(iterated(receiver)),
    ),
    **dict.fromkeys(
        ("find", "min", "max", "first", "last"), lambda receiver, arguments: iterated(receiver) | Kind.NIL
    ),
    "map": lambda receiver, arguments: iter_of(_argument(arguments, 0)),
    "to_list": lambda receiver, arguments: list_of(iterated(receiver)),
    "sum": _of(Kind.NUMBER),
    "reduce": _reduced,
}
"""Of iterators and ranges."""

CALLING = Kind.LIST | Kind.ITER | Kind.RANGE
"""What has the methods below."""

LIST_CALLBACKS = {
    **dict.fromkeys(("map", "filter", "flat_map", "find", "find_index", "any", "all", "every", "all?"), 0),
    **dict.fromkeys(("take_while", "skip_while", "for_each"), 0),
    **dict.fromkeys(("none", "none?", "sort_by", "min_by", "max_by", "partition", "group_by"), 0),
    "reduce": 1,
}
"""Which argument a method of lists and iterators calls: with one element, or, for `reduce`, with what it has
so far and one element."""

RESULTS_OF = {"map": 0, "flat_map": 0, "map_values": 0, "reduce": 1}
"""Which argument of a method is a function whose results are in the method's own."""

BUILTIN_RESULTS = {
    "len": Kind.COUNT,
    "type_of": Kind.STRING,
    "to_string": Kind.STRING,
    "keys": list_of(Kind.STRING),
    "values": Kind.LIST,
    "entries": Kind.LIST,
    **dict.fromkeys(("abs", "min", "max"), Kind.NUMBER | Kind.NIL),
    **dict.fromkeys(("floor", "ceil", "round"), Kind.INT | Kind.NIL),
    **dict.fromkeys(("sqrt", "sin", "cos", "tan", "exp", "ln"), Kind.FLOAT | Kind.NIL),
    "println": Kind.NIL,
    "json_stringify": Kind.STRING,
}
"""What the functions of `harnlet_builtins` give."""

CONSTANT_KINDS = {"pi": Kind.FLOAT, "e": Kind.FLOAT}

PURE_BUILTINS = frozenset(
    {*BUILTIN_RESULTS, "print", "log", "contains", "join", "is_nan", "to_int", "to_float"}
)
"""Builtins that keep no reference to their arguments and do not give one back."""

GIVES_NEW = frozenset({*LIST_METHODS, "keys", "values", "entries", "has", "get", "count", "zip", "to_string"})
"""Methods that keep no reference to their receiver and do not give it back."""

REMAKERS = frozenset(
    {"schema_parse", "schema_check", "schema_expect", "schema_is", "is_type", "json_validate"}
)
"""Builtins that make values of structs anew, with other things in their fields."""
