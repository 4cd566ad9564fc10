"""What a parse found wrong, gathered as diagnostics.

Texts: docs/language.md#lex-and-parse-error-texts. `message` is the text for library calls, with the
place in it; `rendered` the shorter one that stands above an excerpt, which shows the place itself.
"""

from typing import Final

from harnlet.errors.codes import code
from harnlet.errors.diagnostic import Diagnostic
from harnlet.syntax.nodes import Span
from harnlet.syntax.source import Source
from harnlet.syntax.tokens import KEYWORDS, Token, show

MAXIMUM: Final = 50
"""Diagnostics of one parse; what comes after is most likely noise."""


class Problems:
    """The diagnostics of one source, in the order in which they were found."""

    __slots__ = ("_places", "found", "lexical", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []
        self.lexical: set[int] = set()
        self._places: set[tuple[int, int]] = set()

    @property
    def full(self) -> bool:
        """Whether there are as many as anyone will read."""
        return len(self.found) >= MAXIMUM

    def sorted(self) -> tuple[Diagnostic, ...]:
        """The diagnostics in source order."""
        return tuple(sorted(self.found, key=lambda found: (found.line, found.column)))

    def add(
        self,
        name: str,
        message: str,
        at: Span,
        *,
        rendered: str = "",
        label: str = "here",
        help: str = "",
        notes: tuple[str, ...] = (),
    ) -> None:
        """Add a diagnostic with the code called `name`; only the first one at a place counts."""
        place = at[0], at[1]
        if self.full or place in self._places:
            return
        self._places.add(place)
        self.found.append(
            Diagnostic(
                code=code(name),
                message=message,
                filename=self.source.filename,
                line=at[0],
                column=at[1],
                end_line=at[2],
                end_column=at[3],
                excerpt=self.source.line(at[0]),
                label=label,
                help=help,
                notes=notes,
                rendered=rendered,
            )
        )

    def lex(self, name: str, message: str, start: int, end: int, *, help: str = "") -> None:
        """Add a lexical error between two offsets; `message` gets ` at L:C` added."""
        at = self.source.span(start, end)
        self.lexical.add(at[0])
        self.add(
            name,
            f"{message} at {at[0]}:{at[1]}",
            at,
            rendered=message[:1].lower() + message[1:],
            help=help,
        )

    def expected(
        self,
        what: str,
        token: Token,
        *,
        name: str = "",
        got: str = "",
        help: str = "",
        notes: tuple[str, ...] = (),
        end: Span | None = None,
    ) -> None:
        """Add "Expected `what`, got `token`"; `got` stands in for the token when it says more.

        `end` is where the token before ends. The end of the file is shown there, rather than below
        empty lines. Near a lexical error nothing is added: it would be a consequence.
        """
        if token.type == "$END" and not token.text:
            if not self.lexical:
                self.add(
                    name or "unexpected-end",
                    f"Unexpected end of file, expected {what}",
                    end or token.at,
                    rendered=f"unexpected end of file, expected {what}",
                    label="file ends here",
                    help=help,
                    notes=notes,
                )
            return
        if token.at[0] in self.lexical or (end is not None and end[0] in self.lexical):
            return
        shown = got or show(token)
        line, column = token.at[:2]
        if token.type != "IDENT" and token.text in KEYWORDS and what in NAMES:
            self.add(
                name or "reserved-word",
                f"Expected {what}, got '{shown}' (reserved keyword) at {line}:{column}",
                token.at,
                rendered=f"expected {what}, found '{shown}' (reserved keyword)",
                label="reserved keyword",
                help=help or f"`{shown}` is a word of the language: choose another name",
            )
            return
        self.add(
            name or "unexpected-token",
            f"Expected {what}, got {shown} at {line}:{column}",
            token.at,
            rendered=f"expected {what}, found {shown}",
            label="unexpected token",
            help=help,
            notes=notes,
        )


NAMES: Final = frozenset(
    f"{kind} name"
    for kind in (
        "attribute",
        "enum",
        "field",
        "function",
        "imported",
        "interface",
        "member",
        "parameter",
        "pipeline",
        "skill",
        "struct",
        "tool",
        "type",
        "type parameter",
        "variable",
        "variant",
        "option",
    )
)
"""What the grammar asks for where only an identifier will do."""
