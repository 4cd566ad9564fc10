"""Estimating and shortening what a model is shown. Rules: docs/builtins.md#compaction-helpers."""

import re
from typing import Any, Final

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import callback
from harnlet.session import compact
from harnlet_builtins.transcript_values import messages_of

_SHORTEST: Final = 200
_DIAGNOSTICS: Final = 32
_DIAGNOSTIC: Final = re.compile(r"FAIL|panic| error |\berror:|\bwarning:")
_PLACE: Final = re.compile(r"\S:[0-9]")
_PROBLEM: Final = re.compile(r"error|failed|exception|undefined|expected", re.IGNORECASE)
_THRESHOLD: Final = 48_000


def _messages(name: str, value: object) -> list[Any]:
    found = messages_of(value)
    if found is None:
        raise Thrown(f"{name}: first argument must be a message list or transcript")
    return found


@builtin("estimate_tokens(messages)", section="18.4")
def estimate_tokens(messages: object = None) -> int:
    """A quarter of the UTF-8 bytes of all text contents."""
    return compact.estimate_tokens(_messages("estimate_tokens", messages))


@builtin("microcompact(text, max = 20000)", section="18.4")
def microcompact(text: object = "", max: object = 20_000) -> str:
    """The head and the tail of a text of more than `max` characters, with the lines between them that
    look like diagnostics."""
    given = display(text)
    most = max if type(max) is int else 20_000
    if len(given) <= most or most < _SHORTEST:
        return given
    half = most // 2
    found = _diagnostics(given, half)
    if found:
        room = (most - len(found)) // 2
        note = f"\n\n[diagnostic lines preserved]\n{found}\n\n[... output compacted ...]\n\n"
        return _head(given, room) + note + _tail(given, room)
    head, tail = _head(given, half), _tail(given, half)
    cut = len(given) - len(head) - len(tail)
    return f"{head}\n\n[... {cut} characters snipped ...]\n\n{tail}"


def _head(text: str, length: int) -> str:
    end = text.rfind("\n", 0, length + 1)
    return text[: end if end > 0 else length]


def _tail(text: str, length: int) -> str:
    begin = text.find("\n", len(text) - length)
    return text[begin + 1 :] if 0 <= begin < len(text) - 1 else text[len(text) - length :]


def _diagnostics(text: str, room: int) -> str:
    """The first lines that look like diagnostics and that neither the head nor the tail would show."""
    quarter = room // 2
    lines = text[quarter : len(text) - quarter].split("\n")[1:-1]
    found = [line for line in lines if _is_diagnostic(line)][:_DIAGNOSTICS]
    joined = "\n".join(found)
    return joined if len(joined) <= room else ""


def _is_diagnostic(line: str) -> bool:
    if _DIAGNOSTIC.search(line):
        return True
    return _PLACE.search(line) is not None and _PROBLEM.search(line) is not None


@builtin("transcript_auto_compact(messages, options?)", section="18.4")
def transcript_auto_compact(messages: object = None, options: object = None) -> list[Any]:
    """The messages with the older ones put into one, once they are above `token_threshold` (48000).

    Options: `keep_last` (12), `keep_first` (0), `compact_strategy`, `custom_compactor`, a function that
    takes the older messages and gives the text that stands for them.
    """
    from harnlet_builtins.transcript_compaction import KEEP_LAST, USUAL, shortened, whole

    name = "transcript_auto_compact"
    found = _messages(name, messages)
    if options is not None and type(options) is not dict:
        raise Thrown(f"{name}: options must be a dict or nil")
    given: dict[str, Any] = options or {}
    keep_last, keep_first = whole(name, given, "keep_last", KEEP_LAST), whole(name, given, "keep_first", 0)
    compactor = given.get("custom_compactor")
    strategy = display(given.get("compact_strategy") or (USUAL if compactor is None else "custom"))
    threshold = whole(name, given, "token_threshold", _THRESHOLD)
    if strategy in compact.STRATEGIES and compact.estimate_tokens(found) <= threshold:
        return found
    written = None if compactor is None else callback(compactor)
    if written is None:
        return shortened(found, keep_last, keep_first, strategy)
    return shortened(found, keep_last, keep_first, strategy, lambda old: display(written(old)))
