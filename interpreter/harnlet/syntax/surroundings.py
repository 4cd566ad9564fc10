"""Sets of token types and words by which layout.py tells what a token means where it stands.

Rules: docs/language.md#where-a-newline-may-appear-inside-a-construct and #disambiguation-rules. A few
names are of this pass only: RBRACE_VALUE is the `}` of something that has a value, GT_TYPE the `>` of a
list of types, TYPE_ARROW the `->` of a function type.
"""

from typing import Final

from harnlet.syntax.tokens import KEYWORDS, kinds

STATEMENTS: Final = frozenset(
    ("file", "block", "if", "tool", "skill", "eval_pack", "parallel", "each", "arm")
)
"""Kinds of brackets with statements inside, which NL separates. Elsewhere a line break has no meaning
of its own once the tokens around it are named."""

NO_VALUE: Final = frozenset(
    ("arm", "fields", "interface", "impl", "select", "pattern", "skill", "eval_pack", "tool")
)
"""Kinds of braces that no operator, call or subscript can follow."""

OPERAND: Final = kinds(
    "IDENT INT FLOAT DURATION STRING RSTRING ISTRING TRUE FALSE NIL RPAR RSQB RBRACE_VALUE QTRY"
)
"""Tokens that end an operand, so that what follows on the line continues the expression."""

BEFORE_BLOCK: Final = OPERAND | kinds(
    "RBRACE GT_TYPE EXCLUSIVE ELSE GUARD_ELSE TRY SPAWN MUTEX DEFER FINALLY CATCH SELECT SUMMARIZE DEFAULT "
    "STREAM"
)
"""Tokens after which the brace of an awaited block can stand."""

NO_BREAK_AFTER: Final = kinds(
    "SEMI COMMA COLON DOT OPT_DOT ELLIPSIS AT ARROW ASSIGN AUGASSIGN PIPE BAR EQUALITY COMPARE LT GT ADD NEG "
    "MUL POW AND OR COALESCE BANG QSUB LT_GENERIC NOT_IN LPAR LPAR_CALL LPAR_METHOD LPAR_WHILE LSQB LSQB_SUB "
    "LBRACE_BLOCK LBRACE_DICT LBRACE_CLOSURE LBRACE_STRUCT TRY_STAR WITH GEN WHERE EACH SETTLE GUARD_ELSE "
    "FN_EXPR TYPE_ARROW"
) | (frozenset(KEYWORDS.values()) - kinds("BREAK CONTINUE RETURN YIELD TRUE FALSE NIL EXCLUSIVE"))
NO_BREAK_BEFORE: Final = kinds(
    "PIPE OR AND EQUALITY COMPARE LT GT COALESCE MUL POW DOT OPT_DOT ELSE CATCH FINALLY RPAR RSQB RBRACE "
    "ASSIGN ARROW COLON COMMA FROM $END"
)

WAITS: Final = {
    "IF": "if",
    "WHILE": "block",
    "FOR": "block",
    "MATCH": "match",
    "RETRY": "block",
    "DEADLINE": "block",
    "SPAWN": "block",
    "MUTEX": "block",
    "DEFER": "block",
    "TRY": "block",
    "CATCH": "block",
    "FINALLY": "block",
    "SELECT": "select",
    "PIPELINE": "block",
    "TOOL": "tool",
    "SKILL": "skill",
    "EVAL_PACK": "eval_pack",
    "STRUCT": "fields",
    "ENUM": "fields",
    "INTERFACE": "interface",
    "IMPL": "impl",
    "OVERRIDE": "block",
}
"""The kind of braces that a keyword waits for."""

HEADS: Final = kinds("CATCH PIPELINE TOOL SKILL EVAL_PACK STRUCT ENUM INTERFACE IMPL OVERRIDE")
"""Keywords with a head before their block and no expression: a name before the brace is no struct."""

TERNARY: Final = kinds("IDENT INT FLOAT STRING ISTRING TRUE FALSE NIL LPAR LBRACE_DICT BANG FN")
STARTS: Final = frozenset(("", "NL", "SEMI", "LBRACE_BLOCK", "ARROW"))
DOTS: Final = frozenset(("DOT", "OPT_DOT"))
WORDS: Final = kinds("gen each settle with as not where out timeout default description summarize")
TYPED: Final = frozenset(("FN", "STRUCT", "ENUM", "TYPE", "INTERFACE"))
