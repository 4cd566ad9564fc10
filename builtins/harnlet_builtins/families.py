"""The families of builtins, a module each; and `index.py`, made from them:
`python -m harnlet_builtins.families [--check]`.

The index says what is declared where, so that an interpreter imports a family when one of its builtins is
used. Importing them all takes longer than everything else that a short script needs together. A test fails
when the index is out of date.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from harnlet.runtime.builtin import Builtin, collect
from harnlet.runtime.signature import UNLIMITED

# fmt: off
FAMILIES: Final = (
    "output", "logs", "terminal", "conversion", "results", "math", "statistics", "random_numbers",
    "strings", "cases", "path_names", "collections", "sets", "streams", "streams_timed", "cancelling",
    "tasks", "channels", "atomics", "synchronisation", "shared_state", "mailboxes", "supervisors", "races",
    "circuit_breakers", "rate_limits", "task_identity", "sessions", "session_text", "transcripts",
    "compaction",
    "templates",
    "event_log", "tracing", "host_mocks", "host_operations", "stores",
    "tools_host", "tool_registry", "tool_synthesis", "json_data", "yaml_data", "toml_data", "csv_data", "jq",
    "json_pointer", "schemas", "urls", "regex", "bytes_values", "encodings", "hashes", "key_pairs",
    "tokens", "signed_urls", "ids", "dates", "durations", "clock", "path_text", "path_workspace", "files",
    "file_trees", "environment", "http_client", "http_mocks", "egress", "http_server",
    "http_responses", "sse_server", "http_streams", "transport_mocks", "websockets", "websocket_servers",
    "metadata", "directory_scans", "project_scans", "cookies", "multipart",
    "compression", "archives", "junit", "assertions", "unsupported",
)
# fmt: on
"""All modules of this package that declare builtins; of two with one name the first one counts."""

INDEX: Final = Path(__file__).with_name("index.py")
_WIDTH: Final = 108


def every_builtin() -> list[Builtin]:
    """All builtins of this package, which imports all of it."""
    return [each for family in FAMILIES for each in collect(import_module(f"{__package__}.{family}"))]


def render() -> str:
    """The text of index.py."""
    out = [
        '"""Which builtins are declared where, and how many arguments each takes at most (-1: any number).',
        "",
        'Made by `python -m harnlet_builtins.families`. Do not edit."""',
        "",
        "# ruff: noqa",
        "# fmt: off",
        "",
        "INDEX: dict[str, dict[str, int]] = {",
    ]
    for family in FAMILIES:
        words = [
            f'"{each.name}": {-1 if each.most == UNLIMITED else each.most},'
            for each in collect(import_module(f"{__package__}.{family}"))
        ]
        out += [f'    "{__package__}.{family}": {{', *_wrapped(words), "    },"]
    return "\n".join([*out, "}", ""])


def _wrapped(words: list[str]) -> list[str]:
    lines, line = [], "       "
    for word in words:
        if len(line) + len(word) + 1 > _WIDTH:
            lines.append(line)
            line = "       "
        line += f" {word}"
    return [*lines, line]


def main(arguments: list[str]) -> int:
    """Write index.py, or with `--check` only say whether it is up to date (exit code 1 when not)."""
    text = render()
    if "--check" in arguments:
        return int(INDEX.read_text(encoding="utf-8") != text)
    INDEX.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
