"""JSON: `json_stringify`, `json_parse`, `json_extract`. Rules: docs/builtins.md#data-formats."""

import re

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet_builtins.json_reader import JsonError, parse
from harnlet_builtins.json_writer import stringify


@builtin("json_stringify(value)", section="10.1")
def json_stringify(value: object = None) -> str:
    """Compact JSON with sorted keys; `null` for what JSON has no form for."""
    return stringify(value)


@builtin("json_parse(text)", section="10.1")
def json_parse(text: object = "") -> object:
    """The value of a JSON text; an int that does not fit 64 bits becomes a float."""
    try:
        return parse(display(text))
    except JsonError as error:
        raise Thrown(f"JSON parse error: {error}") from None


# --- JSON in prose --------------------------------------------------------------------------------

_FENCE = "```"
_LANGUAGE = re.compile(r"[A-Za-z0-9_+.-]*[ \t]*(?=\r?\n)|json(?=[\s{\[])", re.IGNORECASE)
_STEPS = {
    opening: re.compile(rf'"(?:[^"\\]|\\.)*"?|[{re.escape(opening + closing)}]', re.DOTALL)
    for opening, closing in ("{}", "[]")
}


@builtin("json_extract(text, key?)", section="10.1")
def json_extract(text: object = "", key: object = None) -> object:
    """The JSON that a text holds in a fenced block, in braces or in brackets; or one key of it."""
    try:
        value = parse(_json_part(display(text)))
    except JsonError as error:
        raise Thrown(f"json_extract: failed to parse JSON: {error}") from None
    if key is None:
        return value
    if type(value) is not dict:
        raise Thrown("json_extract: parsed value is not a dict, cannot extract key")
    name = display(key)
    if name not in value:
        raise Thrown(f"json_extract: key '{name}' not found")
    return value[name]


def _json_part(text: str) -> str:
    """The first fenced block, else the first balanced braces, else brackets, else everything."""
    start = text.find(_FENCE)
    if start >= 0:
        start += len(_FENCE)
        end = text.find(_FENCE, start)
        if end >= 0:
            language = _LANGUAGE.match(text, start, end)
            return text[start if language is None else language.end() : end].strip()
    for opening in "{[":
        part = _balanced(text, opening)
        if part is not None:
            return part
    return text.strip()


def _balanced(text: str, opening: str) -> str | None:
    """From the first `opening` to what closes it; brackets in strings do not count."""
    start = text.find(opening)
    if start < 0:
        return None
    depth = 0
    for step in _STEPS[opening].finditer(text, start):
        found = step[0]
        if found[0] == '"':
            continue
        depth += 1 if found == opening else -1
        if depth == 0:
            return text[start : step.end()]
    return None
