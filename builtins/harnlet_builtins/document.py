"""docs/builtins.md, made from the declarations: `python -m harnlet_builtins.document > docs/builtins.md`.

The page holds what the interpreter itself knows of its builtins and methods, so it cannot say anything
else than they do. A test fails when it is out of date.
"""

import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import groupby
from pkgutil import iter_modules
from typing import Final

from harnlet import runtime
from harnlet.plugins import load
from harnlet.runtime.builtin import Builtin
from harnlet.runtime.methods import Method, declared_methods
from harnlet.runtime.values import type_name
from harnlet_builtins.families import every_builtin
from harnlet_builtins.scripts import StandardScripts
from harnlet_builtins.unsupported import FAMILIES


def _std_modules() -> str:
    names = ", ".join(f"`{path}`" for path in sorted(StandardScripts()))
    return f"Written in Harnlet, imported by path: {names}."


TEMPLATES: Final = """\
`{{ name }}`, `{{ user.names[0] | upper }}`, `{{ if a and not b }} … {{ elif c }} … {{ else }} … {{ end }}`,
`{{ for x in xs }} … {{ end }}` with `loop.index`, `loop.first`, `loop.last` and `loop.length`,
`{{ include "part.tmpl" with {k: v} }}`, `{{# a comment #}}`, `{{ raw }} … {{ endraw }}`; `{{-` and `-}}`
remove blanks and one line break. Filters: `upper` `lower` `trim` `capitalize` `title` `length` `first` `last`
`reverse` `join: s` `default: v` `json` `indent: n` `lines` `escape_md` `replace: a, b`. A bare name that is
not bound stays as `{{name}}`, any other part that is missing is no text; blank strings count as false.

The engine is our own and not Jinja2: scripts rely on this syntax and on these rules of truth, text and
errors, so that nothing of Jinja2 but its name would be left. A template cannot call anything, its files
stay below the project, and a loop of any length can be stopped."""

SECTIONS: Final = (
    ("3.4", "Categories", ""),
    ("5", "Output, input, logging", ""),
    ("5.1", "Structured logging", ""),
    ("6", "Types, conversion, Result", ""),
    ("7", "Math and random", ""),
    ("8.1", "Strings", ""),
    ("9.2", "Collection builtins", ""),
    ("9.4", "Sets", ""),
    ("9.6", "Pairs", ""),
    ("9.7", "Iterators", ""),
    ("9.10", "Stream combinators", "They are the functions in the dict `stream`: `stream.map(xs, f)`."),
    ("10.1", "Data formats", "YAML needs `pip install harnlet[yaml]`."),
    ("10.2", "JSON pointer", ""),
    ("10.3", "jq", ""),
    ("10.4", "URLs", ""),
    (
        "10.5",
        "Regex",
        "Time is linear in the text: there is no look-around and there are no back-references.",
    ),
    ("11.1", "Bytes", ""),
    ("11.2", "Text encodings", ""),
    ("11.3", "Hashes and MACs", ""),
    ("11.4", "Keys, tokens, signed URLs", "Key pairs need `pip install harnlet[crypto]`."),
    ("11.5", "Ids", ""),
    ("12.1", "Calendar", "The years 1 to 9999."),
    ("12.2", "Clock", ""),
    ("13.1", "Files", "They need the capability `files`."),
    ("13.2", "Path strings", ""),
    ("13.3", "Processes", "Commands need the capability `processes`, facts about the host `environment`."),
    ("14.1", "Spawn, await, cancel", ""),
    ("14.2", "Parallel", ""),
    ("14.3", "Task identity", ""),
    ("14.4", "Channels", ""),
    ("14.5", "Atomics", ""),
    ("14.6", "Mutex, semaphore, gate, rwlock", ""),
    ("14.7", "Shared cells, maps, mailboxes", ""),
    ("14.8", "Supervisors", ""),
    ("14.9", "Circuit breakers and rate limits", ""),
    ("15", "Testing helpers", ""),
    ("16", "Templates", TEMPLATES),
    ("17", "Schemas", ""),
    ("18.1", "Tool registries", ""),
    ("18.2", "Synthesized tools", ""),
    ("18.3", "Hooks and command policy", ""),
    ("18.4", "Compaction helpers", ""),
    ("19", "Host interface", ""),
    ("20.1", "Sessions", ""),
    ("20.2", "Transcripts", ""),
    (
        "21",
        "Store, checkpoint, metadata, project",
        "State is kept in `.harn` of the project, the nearest directory with a `harn.toml`, or else of the "
        "file that runs. It is JSON: what JSON has no form for becomes nil.",
    ),
    ("22", "Event log and tracing", ""),
    (
        "23.1",
        "HTTP client",
        "It needs `pip install harnlet[http]` and the capability `network`, which can be narrowed to hosts: "
        "`network:api.example.com`. TLS is always verified.",
    ),
    ("23.2", "HTTP mocks", "A request that a mock answers needs no capability."),
    ("23.3", "HTTP server", "It has no socket: it dispatches requests that are dicts."),
    ("23.4", "Cookies and sessions", ""),
    (
        "23.5",
        "Multipart, compression, JUnit",
        "Zstandard and Brotli need `pip install harnlet[compression]`.",
    ),
    ("24", "Std modules", _std_modules()),
    (
        "A2",
        "Cancelling tool calls",
        "By the plugin `harnlet_plugins.tool_calls`: [cancellation.md](cancellation.md).",
    ),
)
"""Number that declarations give, title, and what there is to say of all of them."""

UNSUPPORTED: Final = "25"

HEAD: Final = """\
# Builtins

Made from the declarations of the builtins by `python -m harnlet_builtins.document`; do not edit.

## How to read this document

A signature shows the parameters as scripts pass them: `name?` may be left out, `name = default` is that
when it is left out, `...rest` takes all that follow. No builtin complains about the number of arguments:
missing ones are nil, surplus ones are ignored. *Waits* means that only the calling task waits meanwhile;
*system* that the world outside is reached, which takes a capability of the interpreter.

## Harnlet's own decisions

1. What tasks, callbacks and failed runs print appears; closing a channel wakes everyone who waits on it; a
   ` (line N)` stands in an error text at most once.
2. Patterns are matched in linear time (see [Regex](#regex)).
3. `jwt_verify` checks `exp` and `nbf` unless it is told not to.
4. What reaches files, processes, the network or the environment asks the interpreter's capabilities first,
   and runs beside the event loop.
5. Names of the original language that Harnlet does not have end with `unsupported in Harnlet: NAME`; they are
   listed [at the end](#names-that-are-not-supported).

## Values

<a id="globals-that-are-values"></a><a id="ordering"></a><a id="structural-hash-key"></a>
<a id="access-slicing-iteration-and-membership"></a><a id="method-call"></a>

Types, display, equality, ordering and access are those of the language: [language.md](language.md). `pi`,
`e`, `argv` and `stream` are values, not functions. Sets, `unique` and `hash_value` compare by a key that
knows the type, so `1` and `1.0` are different there, though `==` says that they are equal.
"""

MISSING: Final = """\
## Names that are not supported

Calling one is a runtime error, `unsupported in Harnlet: NAME`, unless a plugin brings it. Of the original
language's library, tier 1 is what every script uses: all of that is there. Tier 2 is for hosts of agents,
tier 3 is services; what is left out of them stands here, by the section of the original's description.
"""

GROUPS: Final = {
    "11.1": '<a id="bytes-encoding-hashing-signing-ids"></a>\n',
    "14.1": '<a id="concurrency-runtime"></a><a id="spawn-await-cancel"></a>\n',
    "20.2": "The shape of a transcript: [cancellation.md](cancellation.md).\n",
    "24": "",
}
"""Anchors beside the titles' own."""


def page() -> str:
    """The whole page."""
    builtins = sorted(_builtins(), key=lambda each: each.name)
    parts = [HEAD]
    for number, title, text in SECTIONS:
        found = [each for each in builtins if each.section == number]
        if found or number in GROUPS:
            parts.append(_section(title, text, GROUPS.get(number, ""), found))
    parts += [_methods(), MISSING]
    taken = {each.name for each in builtins if each.section != UNSUPPORTED}
    for tier, families in groupby(FAMILIES, key=lambda family: family.tier):
        rows = [
            f"| {family.section} | {family.title} | {', '.join(f'`{name}`' for name in names)} |"
            for family in families
            if (names := sorted(set(family.names.split()) - taken))
        ]
        head = [f"### Tier {tier}", "", "| section | what | names |", "|---|---|---|"]
        parts.append("\n".join([*head, *rows, ""]))
    return "\n".join(parts)


def _builtins() -> Iterator[Builtin]:
    for modules in load().gather("harnlet_stdlib_modules"):
        for module in modules:
            yield from module.get("builtins", ())
            if "index" in module:
                yield from every_builtin()


def _section(title: str, text: str, anchors: str, builtins: Iterable[Builtin]) -> str:
    rows = [
        f"| `{_cell(each.signature)}` | {_cell(_first_line(each.doc))} | {_EFFECTS[each.effect]} |"
        for each in builtins
    ]
    table = ["| builtin | what it does | effect |", "|---|---|---|", *rows, ""] if rows else []
    return "\n".join([f"## {title}", "", *filter(None, [anchors, text + "\n" if text else ""]), *table])


_METHOD_ANCHORS: Final = {"iter": '<a id="iterator-methods"></a>\n', "range": '<a id="ranges"></a>\n'}
_EFFECTS: Final = {"pure": "", "suspends": "waits", "system": "system"}


def _methods() -> str:
    for module in iter_modules(runtime.__path__):
        if module.name.startswith("methods_"):
            import_module(f"{runtime.__name__}.{module.name}")
    lines = ["## Method names by type", "", "A method that a type does not have gives nil.", ""]
    ordered = sorted(declared_methods(), key=lambda each: (_type_of(each), each.name))
    for type_, methods in groupby(ordered, key=_type_of):
        lines += [f"### {type_.capitalize()} methods", "", _METHOD_ANCHORS.get(type_, "")]
        lines += ["| method | what it does |", "|---|---|"]
        lines += [f"| `{_cell(each.signature)}` | {_cell(_first_line(each.doc))} |" for each in methods]
        lines.append("")
    return "\n".join(lines)


def _type_of(method: Method) -> str:
    examples: dict[type, object] = {str: "", list: [], dict: {}}
    if method.type in examples:
        return type_name(examples[method.type])
    named = getattr(method.type, "type_name", None)
    return named if isinstance(named, str) else method.type.__name__.lower()


def _first_line(doc: str) -> str:
    return " ".join(doc.split("\n\n")[0].split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
