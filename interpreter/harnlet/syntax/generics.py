"""Is a `<` after a name the start of type arguments, or a comparison?

Rule 3 of docs/language.md#disambiguation-rules: it starts type arguments when a well-formed list of
types, a `>` and a `(` follow.
"""

from harnlet.syntax.tokens import Token

_SIMPLE = frozenset(("NIL", "TRUE", "FALSE", "STRING", "RSTRING", "INT"))


def type_lists(tokens: list[Token], angles: list[int]) -> dict[int, int]:
    """For each `<` that begins a well-formed list of types, the index of its `>`.

    Goes from the last `<` to the first, so that what a list nests is known when it is reached: every
    token is looked at once for each way it can be part of a list, however deep the nesting.
    """
    ends: dict[int, int] = {}
    for index in reversed(angles):
        end = _list_end(tokens, index + 1, ends)
        if end:
            ends[index] = end
    return ends


def _list_end(tokens: list[Token], at: int, ends: dict[int, int]) -> int:
    """The index of the `>` that ends the list of types starting at `at`, or 0.

    `inside` is what surrounds the next type: `<`, `[`, `{`, or `(` of a function type's parameters.
    """
    inside = ["<"]
    while True:
        # a type stands at `at`
        kind = tokens[at].type
        if kind == "IDENT":
            at += 1
            if tokens[at].type == "LT":
                at = ends.get(at, -1) + 1
        elif kind in _SIMPLE:
            at += 1
        elif kind == "ADD" and tokens[at].text == "-" and tokens[at + 1].type == "INT":
            at += 2
        elif kind == "LSQB":
            inside.append("[")
            at += 1
            continue
        elif kind == "FN" and tokens[at + 1].type == "LPAR":
            at += 2
            if tokens[at].type == "RPAR":
                if tokens[at + 1].type != "ARROW":
                    return 0
                at += 2
            else:
                inside.append("(")
            continue
        elif kind == "LBRACE_DICT":
            at += 1
            if tokens[at].type == "RBRACE":
                at += 1
            else:
                inside.append("{")
                at = _shape_field(tokens, at)
                if at:
                    continue
        else:
            return 0
        # a type ended before `at`
        while at:
            kind = tokens[at].type
            where = inside[-1]
            if kind == "BAR":
                at += 1
                break
            if where == "<":
                if kind == "GT":
                    return at
                at = at + 1 if kind == "COMMA" else 0
                break
            if where == "[":
                if kind != "RSQB":
                    return 0
                inside.pop()
                at += 1
                continue
            if kind == "COMMA":
                at += 1
                kind = tokens[at].type
            if where == "(":
                if kind != "RPAR":
                    break
                if tokens[at + 1].type != "ARROW":
                    return 0
                inside.pop()
                at += 2
                break
            if kind != "RBRACE":
                at = _shape_field(tokens, at)
                break
            inside.pop()
            at += 1
        if not at:
            return 0


def _shape_field(tokens: list[Token], at: int) -> int:
    """The index of the type after `name:` or `name?:`, or 0."""
    word = tokens[at].text
    if not (word[:1].isalpha() or word[:1] == "_"):
        return 0
    at += 1
    if tokens[at].text == "?":
        at += 1
    return at + 1 if tokens[at].type == "COLON" else 0
