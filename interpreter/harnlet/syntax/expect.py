"""What the parser expected where it met an error: the `<what>` of its message.

Texts: docs/language.md#lex-and-parse-error-texts. The parser's tables say which tokens are acceptable
and which parts of the grammar could begin; this puts them into one or two words.
"""

from typing import Final, NamedTuple

from harnlet.syntax.engine import ACTIONS, GOTOS, Machine
from harnlet.syntax.tokens import Token

_NAMED: Final = {
    "member_name": "member name",
    "parameter_name": "parameter name",
    "function_name": "function name",
    "variant_name": "variant name",
    "field_name": "field name",
    "struct_key": "field name",
    "dict_key": "dict key",
    "import_path": "import path string",
    "import_name": "imported name",
    "struct_name": "struct name",
    "enum_name": "enum name",
    "tool_name": "tool name",
    "skill_name": "skill name",
    "pipeline_name": "pipeline name",
    "type_parameter_name": "type parameter name",
    "interface_name": "interface name",
    "option_name": "max_concurrent",
    "select_case": "select case",
    "skill_field": "field name",
    "attribute_word": "attribute name",
    "attribute_value": "attribute value",
    "type": "type name",
    "type_name": "type name",
    "variable_name": "variable name",
}
"""What the parts of the grammar are called, the more telling first."""

_SPELLED: Final = (
    ("LBRACE_BLOCK", "{"),
    ("RPAR", ")"),
    ("RSQB", "]"),
    ("ASSIGN", "="),
    ("ARROW", "->"),
    ("FROM", "from"),
    ("LPAR", "("),
    ("LPAR_CALL", "("),
    ("COLON", ":"),
    ("RBRACE", "}"),
    ("GUARD_ELSE", "else"),
    ("LSQB", "["),
    ("LBRACE_DICT", "{"),
    ("STRING", "string"),
    ("FN", "fn"),
    ("GT", ">"),
    ("COMMA", ","),
    ("STREAM", "stream"),
    ("IDENT", "identifier"),
    ("IN", "in"),
    ("$END", "}"),
)
"""Tokens by how much they say about what is missing."""

_CLOSERS: Final = {"RPAR": ")", "RSQB": "]", "RBRACE": "}"}
_OPENERS: Final = {")": "(", "]": "[", "}": "{"}
_PUBLIC: Final = "fn, tool, skill, eval_pack, struct, enum, pipeline, or import after pub"
_DECLARATIONS: Final = (
    "fn/tool/skill/eval_pack/pipeline/struct/enum/type/interface/impl declaration after `@attr`"
)


class Expectation(NamedTuple):
    """What a message says: what was expected; the name of the error's code when it has one of its own;
    what to call the token when not by its spelling; a hint; and notes."""

    what: str
    code: str = ""
    got: str = ""
    help: str = ""
    notes: tuple[str, ...] = ()


def expectation(machine: Machine, tokens: list[Token], at: int) -> Expectation:
    """What was expected instead of a token."""
    token = tokens[at]
    on_top = machine.values[-1] if machine.values else None
    if isinstance(on_top, Token) and on_top.type == "PUB":
        return Expectation(_PUBLIC, "misplaced-pub", help="remove `pub`")
    shifts = {
        kind: state for kind in ACTIONS[machine.states[-1]] if (state := machine.shift_state(kind)) >= 0
    }
    parts = {part for state in {machine.states[-1], *shifts.values()} for part in GOTOS[state]}
    if "declaration" in parts and "statement" not in parts:
        return Expectation(_DECLARATIONS, "misplaced-attribute", "non-declaration statement")
    what = _what(token, shifts, parts)
    return Expectation(
        what, help=_hint(machine, tokens, at, shifts, what), notes=_unclosed(machine, what, token)
    )


def _unclosed(machine: Machine, what: str, token: Token) -> tuple[str, ...]:
    """Where the bracket was opened whose end is missing."""
    if what not in _OPENERS or token.type not in ("$END", *_CLOSERS):
        return ()
    for value in reversed(machine.values):
        if type(value) is Token and value.text == _OPENERS[what]:
            return (f"the `{value.text}` at {value.at[0]}:{value.at[1]} is not closed",)
    return ()


def _what(token: Token, shifts: dict[str, int], parts: set[str]) -> str:
    ended = token.type == "$END"
    if ended or (token.type in _CLOSERS and "NL" not in shifts and "statement" not in parts):
        for kind, spelling in _CLOSERS.items():
            if kind in shifts:
                return spelling
    if "expr" in parts and "INT" in shifts:
        return "expression"
    if "interface_member" in parts:
        return "type or fn"
    if "function" in parts and "statement" not in parts:
        return "fn"
    if "IDENT" in shifts or "STRING" in shifts:
        for part, what in _NAMED.items():
            if part in parts:
                return what
    if "INT" in shifts:
        return "expression"
    if "NL" in shifts:
        if "$END" in shifts:
            return "top-level item separator (`;` or newline)"
        return "statement separator (`;` or newline)"
    for kind, spelling in _SPELLED:
        if kind in shifts:
            return spelling
    return "expression"


def _hint(machine: Machine, tokens: list[Token], at: int, shifts: dict[str, int], what: str) -> str:
    """A cure for mistakes that people who know other languages make."""
    token = tokens[at]
    before = tokens[at - 1] if at else None
    if token.type == "ASSIGN" and what in ("{", ")"):  # a condition
        return "compare with `==`; an assignment is a statement of its own"
    if before is None:
        return ""
    if token.type == "ADD" and before.text == token.text and before.end == token.start:
        return "there is no `++` or `--`: write `x += 1`"
    if before.type in ("QTRY", "QSUB") and token.type in ("DURATION", "RSTRING", "LSQB"):
        return "the parts of a ternary that are no names, numbers or strings need parentheses"
    if "COLON" in shifts and any(type(value) is Token and value.type == "QTERN" for value in machine.values):
        return "the `?` was read as a ternary's; to hand on a Result here, write `(f()?)`"
    if "NL" in shifts:
        return _OTHER_WORDS.get(token.text) or _OTHER_WORDS.get(before.text, "")
    return ""


_OTHER_WORDS: Final = {
    "const": "declare a constant with `let`",
    "def": "declare a function with `fn`",
    "function": "declare a function with `fn`",
    "func": "declare a function with `fn`",
    "elif": "write `else if`",
    "elsif": "write `else if`",
    "class": "declare a type with `struct`, its methods with `impl`",
    "switch": "use `match`",
}
