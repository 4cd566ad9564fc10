"""CSV: `csv_parse`, `csv_stringify`. Rules: docs/builtins.md#data-formats.

Own code and not Python's `csv`: that refuses cells above a limit, which only the whole process can change.
"""

import re
from functools import lru_cache
from itertools import islice

from harnlet.errors.faults import Thrown
from harnlet.runtime import caps
from harnlet.runtime.breath import TEXT_OF_A_BREATH, breathe, breathing
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display


@builtin("csv_parse(text, options?)", section="10.1")
def csv_parse(text: object = "", options: object = None) -> list[object]:
    """The rows of a CSV text (RFC 4180): lists of strings or, with `headers: true`, dicts. Options:
    `headers = false`, `delimiter = ","`."""
    headers, delimiter = _options("csv_parse", options)
    rows = _rows(display(text).removeprefix("\ufeff"), delimiter)
    if not headers:
        return [*rows]
    if not rows:
        return []
    names = rows[0]
    blank = dict.fromkeys(names, "")
    return [{**blank, **dict(zip(names, row, strict=False))} for row in breathing(islice(rows, 1, None))]


def _options(name: str, options: object) -> tuple[bool, str]:
    given = options if type(options) is dict else {}
    delimiter = given.get("delimiter")
    if delimiter is None:
        delimiter = ","
    if type(delimiter) is not str or len(delimiter) != 1 or delimiter in '"\r\n':
        raise Thrown(f"{name}: delimiter must be a single character, got {display(delimiter)}")
    return bool(given.get("headers")), delimiter


@lru_cache(maxsize=8)
def _cell(delimiter: str) -> re.Pattern[str]:
    """A cell and what ends it. A quote counts at the beginning of a cell only; text that follows the
    closing one belongs to the cell."""
    sign = re.escape(delimiter)
    return re.compile(rf'(?:"((?:[^"]++|"")*+)(?:"|\Z))?([^{sign}\r\n]*+)({sign}|\r\n|\r|\n|\Z)')


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The rows; blank lines are none."""
    if '"' not in text:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return [line.split(delimiter) for line in breathing(lines) if line]
    rows: list[list[str]] = []
    row: list[str] = []
    at, end = 0, len(text)
    breath = TEXT_OF_A_BREATH
    match = _cell(delimiter).match
    while at < end or row:
        if at > breath:
            breathe()
            breath = at + TEXT_OF_A_BREATH
        found = match(text, at)
        if found is None:
            raise Thrown(f"csv_parse: unreadable cell at position {at}")
        quoted, plain, ending = found.groups()
        blank = not row and ending != delimiter and found.start() == found.start(3)
        if not blank:
            row.append(plain if quoted is None else quoted.replace('""', '"') + plain)
        at = found.end()
        if ending != delimiter:
            if row:
                rows.append(row)
                row = []
            if at >= end:
                break
    return rows


@builtin("csv_stringify(rows, options?)", section="10.1")
def csv_stringify(rows: object = None, options: object = None) -> str:
    """Rows as CSV: lists of cells, or dicts, whose sorted keys are the columns. Options:
    `headers = false` (a first line with the columns), `delimiter = ","`."""
    headers, delimiter = _options("csv_stringify", options)
    if type(rows) is not list:
        raise Thrown("csv_stringify: expected a list of rows")
    dicts = [row for row in rows if type(row) is dict]
    lists = [row for row in rows if type(row) is list]
    if len(dicts) + len(lists) < len(rows):
        raise Thrown("csv_stringify: each row must be a list of cells (or use dict rows)")
    if dicts and lists:
        raise Thrown("csv_stringify: mixed list/dict rows are not supported")
    if dicts:
        columns = sorted({name for row in dicts for name in row})
        lists = [[row.get(name, "") for name in columns] for row in dicts]
        if headers:
            lists.insert(0, columns)
    texts: list[str] = []
    length = 0
    special = re.compile(rf'["\r\n{re.escape(delimiter)}]')
    for row in breathing(lists):
        if len(row) != len(lists[0]):
            raise Thrown(
                f"csv_stringify: CSV error: found record with {len(row)} fields, "
                f"but the previous record has {len(lists[0])} fields"
            )
        cells = [_written(display(cell), special) for cell in row]
        text = delimiter.join(cells) or '""'
        texts.append(f"{text}\n")
        length += len(text) + 1
        caps.check_text(length)
    return "".join(texts)


def _written(cell: str, special: re.Pattern[str]) -> str:
    """A cell, in quotes if it needs them."""
    return '"' + cell.replace('"', '""') + '"' if special.search(cell) else cell
