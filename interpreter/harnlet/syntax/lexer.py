"""The lexer: text to raw tokens, and which bracket belongs to which, in one pass.

Rules: docs/language.md#lexical-structure. Line breaks are no tokens here: a token that a line break
stands before is `fresh`. layout.py turns the result into what the grammar reads.
"""

import re
from typing import Final

from harnlet.syntax.problems import Problems
from harnlet.syntax.strings import Unterminated, scan_multiline, scan_plain
from harnlet.syntax.tokens import KEYWORDS, PUNCTUATION, Part, Token, kinds

NESTING: Final = 200
"""How deep brackets, blocks and prefix operators may stand inside one another."""

_TOKEN: Final = re.compile(
    r"""
    (?: [ \t\r]+ | //[^\n]* )*+
    (?: (?!r")([^\W0-9]\w*+)                                       # 1 a word
      | (\n[ \t\r\n]*+)                                            # 2 line breaks
      | ( ==|!=|&&|\|\||\|>|\?\?|\*\*|\?\.|->|<=|>=|\+=|-=|\*=|%=|/=|\.\.\.
        | [=!.+\-*%<>?|,:;@] | /(?!\*) )                           # 3 an operator
      | ([({\[])                                                   # 4 an opening bracket
      | ([)}\]])                                                   # 5 a closing bracket
      | "(?!"")([^"\\\n$]*)"                                       # 6 a string without surprises
      | ([0-9]++(?: \.[0-9]++ | ms | [smhdw](?![^\W_]) )?)         # 7 a number
      | r"([^"\n]*)"                                               # 8 a raw string
      | (\Z)                                                       # 9 the end
    )
    """,
    re.VERBOSE,
)
_WORD, _BREAK, _OPERATOR, _OPEN, _CLOSE, _STRING, _NUMBER, _RAW, _END = range(1, 10)
_BLANK: Final = re.compile(r"(?: [ \t\r]+ | //[^\n]* )*+", re.VERBOSE)
_COMMENT_MARK: Final = re.compile(r"/\*|\*/")

_CLOSERS: Final = {")": "(", "]": "[", "}": "{"}

STATEMENT_ONLY: Final = kinds(
    "LET VAR WHILE FOR RETURN THROW GUARD REQUIRE MUTEX DEFER SELECT BREAK CONTINUE IMPORT PIPELINE STRUCT "
    "ENUM INTERFACE IMPL TOOL SKILL PUB YIELD EMIT OVERRIDE EVAL_PACK"
)
"""Keywords that begin a statement and never stand right inside parentheses or square brackets: at the
start of a line they prove that a bracket was left open."""


class Lexed:
    """The raw tokens of a text, the last one its end, and what was learnt about their brackets.

    `partners` leads from the index of an opening bracket to that of its closing one and back;
    `arrows` has the opening braces with an `->` right inside that belongs to no function type.
    `fatal` says that the text is nested too deeply to go on.
    """

    __slots__ = ("angles", "arrows", "fatal", "partners", "tokens")

    def __init__(self) -> None:
        self.tokens: list[Token] = []
        self.partners: dict[int, int] = {}
        self.arrows: set[int] = set()
        self.angles: list[int] = []
        self.fatal = False


def _identifier_end(text: str, start: int, end: int) -> int:
    """Where the identifier at `start` ends. `\\w` takes in digits that are none, such as `²`."""
    if not (text[start].isalpha() or text[start] == "_"):
        return start
    at = start + 1
    while at < end and (text[at].isalpha() or text[at].isdecimal() or text[at] == "_"):
        at += 1
    return at


def _shown(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"


class _Slow:
    """What the master pattern leaves over: comments, strings with surprises, bad characters."""

    __slots__ = ("bad_until", "problems", "text")

    def __init__(self, text: str, problems: Problems) -> None:
        self.text = text
        self.problems = problems
        self.bad_until = -1

    def comment(self, start: int, end: int) -> int:
        """The offset after the block comment at `start`; comments nest."""
        depth = 0
        for mark in _COMMENT_MARK.finditer(self.text, start, end):
            depth += 1 if mark[0] == "/*" else -1
            if not depth:
                return mark.end()
        self.problems.lex("unterminated-comment", "Unterminated block comment", start, start + 2)
        return end

    def string(self, start: int, end: int) -> tuple[tuple[Part, ...], int]:
        """The parts of the string whose quote stands at `start`, and the offset after it."""
        multiline = self.text.startswith('"""', start, end)
        try:
            if multiline:
                parts, after = scan_multiline(self.text, start + 3, end)
            else:
                parts, after = scan_plain(self.text, start + 1, end)
        except Unterminated as unterminated:
            self.problems.lex(
                "unterminated-string", "Unterminated string", start, start + (3 if multiline else 1)
            )
            return (), unterminated.resume
        for part in parts:
            if not isinstance(part, str) and not self.text[part[0] : part[1]].strip():
                self.problems.lex(
                    "unexpected-character",
                    "Unexpected character '}'",
                    part[1],
                    part[1] + 1,
                    help="`${}` needs an expression inside; write `\\$` for a dollar sign",
                )
        return parts, after

    def raw(self, start: int, end: int) -> int:
        """Report the raw string without an end at `start`; go on at the end of its line."""
        self.problems.lex("unterminated-string", "Unterminated string", start, start + 2)
        newline = self.text.find("\n", start, end)
        return end if newline < 0 else newline

    def bad(self, at: int) -> int:
        """Report a character that begins no token. A run of them is reported once."""
        if self.bad_until != at:
            self.problems.lex(
                "unexpected-character", f"Unexpected character '{_shown(self.text[at])}'", at, at + 1
            )
        self.bad_until = at + 1
        return at + 1


def lex(text: str, problems: Problems, start: int, end: int, nesting: int = NESTING) -> Lexed:
    """Read the tokens of `text` between two offsets. What is wrong goes to `problems`.

    `nesting` is how many brackets may be open at once.
    """
    lexed = Lexed()
    tokens, partners, arrows, angles = lexed.tokens, lexed.partners, lexed.arrows, lexed.angles
    append = tokens.append
    slow = _Slow(text, problems)
    opened: list[int] = []
    line, column = problems.source.position(start)
    base = start - column + 1  # the offset where the current line starts
    fresh = False
    at = start
    if start == 0 and text.startswith("\ufeff"):
        at = 1
    if text.startswith("#!", at) and at <= 1 and start == 0:
        newline = text.find("\n", at, end)
        at = end if newline < 0 else newline
    scan = _TOKEN.scanner(text, at, end).match  # type: ignore[attr-defined]
    while True:
        found = scan()
        if found is None:
            blank = _BLANK.match(text, at, end)
            at = blank.end() if blank else at
            two = text[at : min(at + 2, end)]
            begin = at
            if two == "/*":
                at = slow.comment(at, end)
            elif two == "\\\n":
                at += 2
            elif two[0] == '"':
                parts, at = slow.string(at, end)
                plain = not parts or (len(parts) == 1 and isinstance(parts[0], str))
                column = begin - base + 1
                lines = text.count("\n", begin, at)
                last = text.rfind("\n", begin, at) + 1 if lines else base
                token = Token(
                    "STRING" if plain else "ISTRING",
                    text[begin:at],
                    (line, column, line + lines, at - last + 1),
                    begin,
                    at,
                    fresh,
                )
                token.value = parts[0] if plain and parts else "" if plain else parts  # type: ignore[assignment]
                fresh = False
                append(token)
            elif two == 'r"':
                at = slow.raw(at, end)
                token = Token(
                    "RSTRING", text[begin:at], (line, begin - base + 1, line, at - base + 1), begin, at, fresh
                )
                token.value = text[begin + 2 : at]
                fresh = False
                append(token)
            else:
                at = slow.bad(at)
            lines = text.count("\n", begin, at)
            if lines:
                line += lines
                base = text.rfind("\n", begin, at) + 1
            if problems.full:
                lexed.fatal = True
                at = end
            scan = _TOKEN.scanner(text, at, end).match  # type: ignore[attr-defined]
            continue
        kind = found.lastindex
        begin = found.start(kind)
        at = found.end()
        if kind == _WORD:
            word = found[1]
            if not word.isascii():
                at = _identifier_end(text, begin, at)
                if at == begin:
                    at = slow.bad(at)
                    scan = _TOKEN.scanner(text, at, end).match  # type: ignore[attr-defined]
                    continue
                word = text[begin:at]
                scan = _TOKEN.scanner(text, at, end).match  # type: ignore[attr-defined]
            name = KEYWORDS.get(word, "IDENT")
            column = begin - base + 1
            if fresh and name in STATEMENT_ONLY and opened and tokens[-1].type not in ("DOT", "OPT_DOT"):
                while opened and tokens[opened[-1]].text != "{":
                    opened.pop()
            append(Token(name, word, (line, column, line, column + at - begin), begin, at, fresh))
        elif kind == _BREAK:
            fresh = True
            line += text.count("\n", begin, at)
            base = text.rfind("\n", begin, at) + 1
            continue
        elif kind == _OPERATOR:
            word = found[3]
            column = begin - base + 1
            if word == "->" and opened:
                index = len(tokens) - 1
                if not (
                    tokens[index].type == "RPAR"
                    and tokens[partners.get(index, 0) - 1].type == "FN"
                    and tokens[partners.get(index, 0) - 2].type not in ("DOT", "OPT_DOT")
                ):
                    arrows.add(opened[-1])
            elif word == "<":
                angles.append(len(tokens))
            append(
                Token(PUNCTUATION[word], word, (line, column, line, column + at - begin), begin, at, fresh)
            )
        elif kind == _OPEN:
            word = found[4]
            column = begin - base + 1
            if len(opened) >= nesting:
                too_deep(problems, (line, column, line, column + 1))
                lexed.fatal = True
                at = end
                scan = _TOKEN.scanner(text, at, end).match  # type: ignore[attr-defined]
                continue
            opened.append(len(tokens))
            append(Token(PUNCTUATION[word], word, (line, column, line, column + 1), begin, at, fresh))
        elif kind == _CLOSE:
            word = found[5]
            column = begin - base + 1
            wanted = _CLOSERS[word]
            if opened and tokens[opened[-1]].text != wanted and any(tokens[i].text == wanted for i in opened):
                while tokens[opened[-1]].text != wanted:
                    opened.pop()
            if opened and tokens[opened[-1]].text == wanted:
                opener = opened.pop()
                partners[opener] = len(tokens)
                partners[len(tokens)] = opener
            append(Token(PUNCTUATION[word], word, (line, column, line, column + 1), begin, at, fresh))
        elif kind == _STRING:
            begin -= 1
            column = begin - base + 1
            token = Token(
                "STRING", text[begin:at], (line, column, line, column + at - begin), begin, at, fresh
            )
            token.value = found[6]
            append(token)
        elif kind == _NUMBER:
            word = found[7]
            column = begin - base + 1
            name = "DURATION" if word[-1] > "9" else "FLOAT" if "." in word else "INT"
            append(Token(name, word, (line, column, line, column + at - begin), begin, at, fresh))
        elif kind == _RAW:
            begin -= 2
            column = begin - base + 1
            token = Token(
                "RSTRING", text[begin:at], (line, column, line, column + at - begin), begin, at, fresh
            )
            token.value = found[8]
            append(token)
        else:
            column = begin - base + 1
            closing = "" if end == len(text) else "}"  # what ends an expression inside a string
            place = line, column, line, column + len(closing)
            append(Token("$END", closing, place, begin, at, fresh))
            return lexed
        fresh = False


def too_deep(problems: Problems, at: tuple[int, int, int, int]) -> None:
    """Report what is nested deeper than `NESTING`."""
    problems.add(
        "nested-too-deep",
        f"Nested too deeply (more than {NESTING} levels) at {at[0]}:{at[1]}",
        at,
        rendered=f"nested too deeply (more than {NESTING} levels)",
        help="move the inner parts into functions or variables of their own",
    )
