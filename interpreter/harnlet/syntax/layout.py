"""From raw tokens to what the grammar reads: separators, and names for tokens whose meaning hangs on
what surrounds them.

Rules: docs/language.md#where-a-newline-may-appear-inside-a-construct, #optional-commas and
#disambiguation-rules. One pass with one stack of open brackets and a lookahead of two tokens; what
needs to look farther was learnt by the lexer (lexer.py) and by generics.py.
"""

from collections.abc import Callable
from typing import Final

from harnlet.syntax.generics import type_lists
from harnlet.syntax.lexer import STATEMENT_ONLY, Lexed
from harnlet.syntax.surroundings import (
    BEFORE_BLOCK,
    DOTS,
    HEADS,
    NO_BREAK_AFTER,
    NO_BREAK_BEFORE,
    NO_VALUE,
    OPERAND,
    STARTS,
    STATEMENTS,
    TERNARY,
    TYPED,
    WAITS,
    WORDS,
)
from harnlet.syntax.tokens import KEYWORDS, Token


class _Frame:
    """An open bracket, or the file.

    `kind` says what it holds. `waiting` has a pair for each keyword whose block is still to come
    right inside: the kind of block, and whether only a head stands before it.
    """

    __slots__ = ("kind", "opener", "waiting")

    def __init__(self, kind: str, opener: int) -> None:
        self.kind = kind
        self.opener = opener
        self.waiting: list[tuple[str, bool]] = []


class _Layout:
    """The state of the pass, with a method for each kind of token that needs a look around.

    Such a method changes the token in place and returns the name it goes by for the next token, or
    "" to leave it out.
    """

    __slots__ = (
        "arrows",
        "at",
        "calls",
        "closed_kind",
        "frame",
        "frames",
        "lists",
        "lists_ends",
        "out",
        "partners",
        "tokens",
        "type_parameters",
    )

    def __init__(self, lexed: Lexed) -> None:
        self.tokens = lexed.tokens
        self.partners = lexed.partners
        self.arrows = lexed.arrows
        self.lists = type_lists(lexed.tokens, lexed.angles) if lexed.angles else {}
        self.lists_ends = frozenset(self.lists.values())
        self.frame = _Frame("file", -1)
        self.frames = [self.frame]
        self.out: list[Token] = []
        self.calls: set[int] = set()  # the `>` of type arguments before a call
        self.at = 0
        self.closed_kind = ""
        self.type_parameters = False

    def run(self) -> list[Token]:
        """The tokens for the grammar, the last one the end of the text."""
        tokens, out, special = self.tokens, self.out, _SPECIAL
        count = len(tokens)
        last = ""
        while self.at < count:
            token = tokens[self.at]
            kind = token.type
            if (
                token.fresh
                and last
                and last not in NO_BREAK_AFTER
                and kind not in NO_BREAK_BEFORE
                and self.frame.kind in STATEMENTS
                and not self.frame.waiting
                and token.text != "+"
            ):
                before = out[-1]
                line, column = before.at[2:]
                out.append(
                    Token("NL", "\n", (line, column, line, column + 1), before.end, before.end + 1, False)
                )
                last = "NL"
            if kind == "IDENT":
                if token.text in WORDS or self.frame.kind == "skill":
                    self.word(token, last)
                last = token.type
            elif kind in special:
                last = special[kind](self, token, last)
                if not token.type:
                    self.at += 1
                    continue
            else:
                last = kind
            out.append(token)
            self.at += 1
        return out

    def ahead(self, distance: int) -> Token:
        """The raw token that many places further on, or the last one."""
        at = self.at + distance
        return self.tokens[at] if at < len(self.tokens) else self.tokens[-1]

    def before(self) -> str:
        """The type of the token before the last one."""
        return self.out[-2].type if len(self.out) > 1 else ""

    def starts_statement(self, last: str) -> bool:
        """Whether a statement starts after `last`."""
        return last in STARTS and self.frame.kind in STATEMENTS and not self.frame.waiting

    def open(self, kind: str) -> None:
        """Enter the bracket at hand."""
        self.frame = _Frame(kind, self.at)
        self.frames.append(self.frame)

    # --- words -----------------------------------------------------------------------------

    def word(self, token: Token, last: str) -> None:
        """An identifier that is a keyword in some places, or the name of a skill's field."""
        if last in DOTS:
            return
        text, waiting = token.text, self.frame.waiting
        follower = self.ahead(1)
        if self.frame.kind == "skill" and self.starts_statement(last):
            token.type = "SKILL_FIELD"
        elif last == "PARALLEL":
            if text in ("each", "settle"):
                token.type = text.upper()
                if text == "each":
                    waiting[-1] = ("each", False)
        elif text == "gen":
            if follower.type == "FN" and not follower.fresh and self.ahead(2).type == "IDENT":
                token.type = "GEN"
        elif text == "with":
            after_operand = waiting and waiting[-1][0] in ("parallel", "each") and last in BEFORE_BLOCK
            if after_operand and not token.fresh and follower.text == "{":
                token.type = "WITH"
        elif text == "as":
            after_body = last in ("RBRACE", "RBRACE_VALUE") and self.closed_kind == "each"
            if after_body and not token.fresh and follower.text == "stream":
                token.type = "AS"
                follower.type = "STREAM"
        elif text == "not":
            if follower.type == "IN" and not follower.fresh:
                token.type = "NOT_IN"
                token.text = "not in"
                token.at = (*token.at[:2], *follower.at[2:])
                token.end = follower.end
                self.at += 1
        elif text == "where":
            if waiting and waiting[-1][1] and follower.type == "IDENT" and self.ahead(2).type == "COLON":
                token.type = "WHERE"
        elif text == "out":
            if self.type_parameters and follower.type == "IDENT":
                token.type = "OUT"
        elif text == "description":
            opening = self.frame.kind == "tool" and last == "LBRACE_BLOCK"
            if opening and follower.type == "STRING" and not follower.fresh:
                token.type = "DESCRIPTION"
        elif text == "summarize":
            if self.frame.kind == "eval_pack" and follower.text == "{" and self.starts_statement(last):
                token.type = "SUMMARIZE"
                waiting.append(("block", True))
        elif self.frame.kind == "select" and follower.type != "FROM":  # timeout, default
            opening = last in ("LBRACE_BLOCK", "RBRACE", "RBRACE_VALUE")
            if opening and not waiting:
                token.type = text.upper()
                waiting.append(("block", text == "default"))

    def keyword(self, token: Token, last: str) -> str:
        """A reserved word: a plain name after a dot and as a key, else perhaps the head of a block."""
        kind, frame = token.type, self.frame
        if last in DOTS or (frame.kind == "dict" and self.is_key(token, last)):
            token.type = "IDENT"
            return "IDENT"
        if token.fresh and kind in STATEMENT_ONLY:
            while self.frame.kind in ("list", "group"):
                self.frames.pop()
                self.frame = self.frames[-1]
            frame = self.frame
            frame.waiting.clear()
        waits = WAITS.get(kind)
        if kind == "TRY" and self.ahead(1).text == "*":
            star = self.ahead(1)
            token.type = "TRY_STAR"
            token.text = "try*"
            token.at = (*token.at[:2], *star.at[2:])
            token.end = star.end
            self.at += 1
        elif kind == "IF" and frame.kind == "match":
            pass  # the guard of an arm
        elif waits is not None:
            frame.waiting.append((waits, kind in HEADS))
        elif kind == "FN":
            self.function(token, last)
        elif kind == "ELSE":
            if last not in ("RBRACE", "RBRACE_VALUE") or self.closed_kind != "if":
                token.type = "GUARD_ELSE"
            if self.ahead(1).type != "IF":
                frame.waiting.append(("block", True))
        elif kind == "PARALLEL":
            frame.waiting.append(("parallel", False))
        elif kind == "FROM" and frame.kind == "select":
            frame.waiting.append(("block", False))
        return token.type

    def is_key(self, token: Token, last: str) -> bool:
        """Whether a reserved word in a dict or shape is a key."""
        follower = self.ahead(1)
        if follower.type != "COLON" and not (follower.text == "?" and self.ahead(2).type == "COLON"):
            return False
        return last in ("LBRACE_DICT", "COMMA") or token.fresh or last in OPERAND

    def function(self, token: Token, last: str) -> None:
        """`fn`: of a declaration, an anonymous function, or a type."""
        if self.ahead(1).type != "LPAR" or last in ("PUB", "GEN") or self.starts_statement(last):
            if self.frame.kind != "interface":
                self.frame.waiting.append(("block", True))
            return
        token.type = "FN_EXPR"
        end = self.partners.get(self.at + 1)
        if end is None or self.tokens[end + 1].type != "ARROW":
            self.frame.waiting.append(("block", True))

    # --- brackets --------------------------------------------------------------------------

    def parenthesis(self, token: Token, last: str) -> str:
        """`(`: of a call, a method's arguments, a `while`, or a group. Calls by docs/language.md#calls:
        inside a list, where commas are optional, only a name can be called."""
        if last == "GT_CALL":
            token.type = "LPAR_CALL"
        elif last == "WHILE":
            token.type = "LPAR_WHILE"
        elif token.fresh:
            pass
        elif last == "IDENT":
            token.type = "LPAR_METHOD" if self.before() in DOTS else "LPAR_CALL"
        elif last in ("RPAR", "RSQB", "RBRACE_VALUE", "QTRY") and self.frame.kind != "list":
            token.type = "LPAR_CALL"
        self.open("list" if token.type in ("LPAR_CALL", "LPAR_METHOD") else "group")
        return token.type

    def square(self, token: Token, last: str) -> str:
        """`[`: of a subscript, a computed key, or a list."""
        if last in OPERAND and not token.fresh:
            token.type = "LSQB_SUB"
            self.open("group")
        elif last == "QSUB":
            self.open("group")
        else:
            is_key = self.frame.kind == "dict" and (last in ("LBRACE_DICT", "COMMA") or last in OPERAND)
            self.open("group" if is_key else "list")
        return token.type

    def brace(self, token: Token, last: str) -> str:
        """`{`: of a struct literal, a block, a pattern, a closure or a dict."""
        waiting = self.frame.waiting
        if last == "IDENT" and not token.fresh and self.is_struct(waiting):
            token.type = "LBRACE_STRUCT"
            self.open("struct")
        elif waiting and last in BEFORE_BLOCK:
            token.type = "LBRACE_BLOCK"
            self.open(waiting.pop()[0])
        elif last == "ARROW" and self.frame.kind == "match":
            token.type = "LBRACE_BLOCK"
            self.open("arm")
        elif last in ("LET", "VAR", "FOR", "IMPORT", "WITH"):
            self.open("pattern")
        elif self.at in self.arrows:
            token.type = "LBRACE_CLOSURE"
            self.open("parameters")
        else:
            self.open("dict")
        return token.type

    def is_struct(self, waiting: list[tuple[str, bool]]) -> bool:
        """Whether a `{` after a name starts a struct literal."""
        if not self.out[-1].text[0].isupper() or self.before() in DOTS or (waiting and waiting[-1][1]):
            return False
        first = self.ahead(1).type
        return first == "RBRACE" or (first in ("IDENT", "STRING") and self.ahead(2).type == "COLON")

    def close(self, token: Token, last: str) -> str:
        """A closing bracket. One `}` too many at the top level has no effect."""
        kind = token.type
        opener = self.partners.get(self.at)
        if opener is None:
            if kind == "RBRACE" and len(self.frames) == 1 and self.is_stray(token, last):
                token.type = ""
                return last
            return kind
        while self.frame.opener != opener:
            self.frames.pop()
            self.frame = self.frames[-1]
        closed = self.frames.pop().kind
        self.frame = self.frames[-1]
        self.closed_kind = closed
        return "RBRACE_VALUE" if kind == "RBRACE" and closed not in NO_VALUE else kind

    def is_stray(self, token: Token, last: str) -> bool:
        """Whether a `}` that closes nothing stands where a statement could start."""
        if last in ("", "SEMI", "NL"):
            return True
        return last not in NO_BREAK_AFTER and (token.fresh or not self.tokens[self.at - 1].type)

    # --- operators -------------------------------------------------------------------------

    def arrow(self, token: Token, last: str) -> str:
        """`->`: of a function type, or after the parameters of a closure, where its statements begin."""
        if last == "RPAR" and self.tokens[self.partners.get(self.at - 1, 0) - 1].type == "FN_EXPR":
            return "TYPE_ARROW"
        if self.frame.kind == "parameters":
            self.frame.kind = "block"
        return "ARROW"

    def sign(self, token: Token, last: str) -> str:
        """`-`: between operands of one line an operator, else a sign."""
        if token.text == "-" and (token.fresh or last not in OPERAND):
            token.type = "NEG"
        return token.type

    def question(self, token: Token, last: str) -> str:
        """`?`: of a ternary, a subscript, or a Result, told by the next token."""
        follower = self.ahead(1)
        kind = follower.type
        if follower.fresh:
            return "QTRY"
        if kind == "LSQB":
            token.type = "QSUB"
        elif kind == "LBRACE_DICT" and self.frame.waiting:
            # the block of `if f()? {`, unless a ternary's colon follows
            end = self.partners.get(self.at + 1)
            if end is not None and self.tokens[end + 1].type == "COLON":
                token.type = "QTERN"
        elif kind in TERNARY or follower.text == "-":
            token.type = "QTERN"
        return token.type

    def less(self, token: Token, last: str) -> str:
        """`<`: of type arguments before a call, or a comparison, or a list of types anywhere else."""
        if last == "IDENT" and self.before() in TYPED:
            self.type_parameters = True
        end = self.lists.get(self.at)
        callee = end is not None and last == "IDENT" and self.before() not in DOTS
        if end is not None and callee and self.tokens[end + 1].type == "LPAR":
            token.type = "LT_GENERIC"
            self.calls.add(end)
        return token.type

    def greater(self, token: Token, last: str) -> str:
        """`>`: the end of type arguments, of any other list of types, or a comparison."""
        declared, self.type_parameters = self.type_parameters, False
        if self.at in self.calls:
            return "GT_CALL"
        return "GT_TYPE" if declared or self.at in self.lists_ends else "GT"


_SPECIAL: Final[dict[str, Callable[[_Layout, Token, str], str]]] = {
    **dict.fromkeys(KEYWORDS.values(), _Layout.keyword),
    "LPAR": _Layout.parenthesis,
    "LSQB": _Layout.square,
    "LBRACE_DICT": _Layout.brace,
    "RPAR": _Layout.close,
    "RSQB": _Layout.close,
    "RBRACE": _Layout.close,
    "ARROW": _Layout.arrow,
    "ADD": _Layout.sign,
    "QTRY": _Layout.question,
    "LT": _Layout.less,
    "GT": _Layout.greater,
}


def lay_out(lexed: Lexed) -> list[Token]:
    """The tokens of a text as the grammar reads them, the last one its end. Takes the raw tokens over."""
    return _Layout(lexed).run()
