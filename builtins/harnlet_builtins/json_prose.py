"""JSON in prose: finding it. Rule: docs/builtins.md#data-formats."""

import re

from harnlet.runtime.breath import breathing

_FENCE = "```"
_LANGUAGE = re.compile(r"[A-Za-z0-9_+.-]*[ \t]*(?=\r?\n)|json(?=[\s{\[])", re.IGNORECASE)
_STEPS = {
    opening: re.compile(rf'"(?:[^"\\]|\\.)*"?|[{re.escape(opening + closing)}]', re.DOTALL)
    for opening, closing in ("{}", "[]")
}


def json_part(text: str) -> str:
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
    for step in breathing(_STEPS[opening].finditer(text, start)):
        found = step[0]
        if found[0] == '"':
            continue
        depth += 1 if found == opening else -1
        if depth == 0:
            return text[start : step.end()]
    return None
