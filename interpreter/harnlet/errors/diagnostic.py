"""A diagnostic: one thing that is wrong in a source, with its place and, where we can, a cure."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message about a place in a source.

    `code` is stable (`HRN-0001`, docs/errors.md); `line` and `column` count from 1 in code points,
    `end_line`/`end_column` end before that place; `excerpt` is the text of line `line`, kept here
    so that a diagnostic can be rendered, pickled and sent without its source; `label` stands under
    the caret, `help` and `notes` below the excerpt. `rendered` replaces `message` above an excerpt
    where the two differ (a syntax error's message names its place, docs/language.md#errors).
    """

    code: str
    message: str
    filename: str
    line: int
    column: int
    end_line: int
    end_column: int
    excerpt: str = ""
    severity: Literal["error", "warning"] = "error"
    label: str = ""
    help: str = ""
    notes: tuple[str, ...] = ()
    rendered: str = ""
