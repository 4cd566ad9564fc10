"""docs/errors.md, made from the table of codes: `python -m harnlet.errors.document > docs/errors.md`."""

import sys
from typing import Final

from harnlet.errors.codes import CODES, Code

_CHAPTERS: Final = (
    (1, "Syntax", "The source cannot be read. All errors of a file are reported at once."),
    (100, "Names and checks", "The source can be read, and something in it cannot be right."),
    (200, "Compiling", "What stands there has no meaning at that place."),
    (300, "Running", "The script ended with an error."),
    (400, "Modules", "An `import` failed. Imports are resolved before anything runs."),
    (500, "Limits", "The script used more than its interpreter allows. Scripts cannot catch this."),
    (600, "Plugins", "Something is missing that a plugin brings."),
    (700, "Use", "The embedding program, the command line, or Harnlet itself is at fault."),
)
"""The first number of each range, its title, and what its codes have in common."""

_HEAD: Final = """\
# Error codes

Every diagnostic and every error of Harnlet has a code. A code never changes its meaning, and is never used
again for something else. It stands in `Diagnostic.code` and `HarnletError.code` in Python
([embedding.md](embedding.md#errors)), and in the lines that `harnlet run --diagnostics json` writes:

```console
$ harnlet run --diagnostics json -e 'let = 1'
{"code": "HRN-0001", "severity": "error", "message": "Expected variable name, got = at 1:5", \
"file": "<eval>", "line": 1, "column": 5, "endLine": 1, "endColumn": 6, "help": null, "notes": []}
```

The texts of errors that a script can catch are in
[language.md](language.md#runtime-errors).

This page is made from `interpreter/harnlet/errors/codes.py` by `python -m harnlet.errors.document`.
"""


def document() -> str:
    """The whole page, with a line break at its end. Raises ValueError for a code outside of all ranges."""
    parts = [_HEAD]
    for index, (first, title, about) in enumerate(_CHAPTERS):
        end = _CHAPTERS[index + 1][0] if index + 1 < len(_CHAPTERS) else first + 100
        codes = [entry for entry in CODES if first <= _number(entry) < end]
        parts.append(f"## {title}\n\n{about}\n")
        parts += [_entry(entry) for entry in codes]
    outside = [entry.id for entry in CODES if not _CHAPTERS[0][0] <= _number(entry) < _CHAPTERS[-1][0] + 100]
    if outside:
        raise ValueError(f"codes outside of all ranges: {outside}")
    return "\n".join(parts)


def _number(entry: Code) -> int:
    return int(entry.id.removeprefix("HRN-"))


def _entry(entry: Code) -> str:
    return f"### {entry.id}\n\n**{entry.title}** (`{entry.name}`). {entry.cause}\n\nCure: {entry.cure}\n"


if __name__ == "__main__":
    sys.stdout.write(document())
