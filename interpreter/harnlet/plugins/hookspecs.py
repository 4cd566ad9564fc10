"""The hooks by which plugins join Harnlet. Our own standard modules use the same ones.

A plugin is a module or an object with methods of these names, marked with
`harnlet.plugins.hookimpl`. Hooks take and return plain data. An implementation may be `async`, or
return an awaitable, wherever the hook says so; parameters that it does not need may be left out.
Rules: docs/plugins.md.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

import pluggy

PROJECT: Final = "harnlet"
"""The name under which pluggy knows us, and the entry-point group of plugins."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

PlainDict = dict[str, Any]
Facts = Mapping[str, Any]


@hookspec
def harnlet_stdlib_modules() -> Iterable[Facts] | None:
    """Modules of the standard library that the plugin brings.

    Each is a dict: `name`; `builtins`, a list of `harnlet.runtime.builtin.Builtin`; `scripts`, a
    dict from import path (`std/name`) to source text; `index`, builtins that are imported when they
    are used: a dict from dotted module to a dict from builtin to the most arguments it takes, -1 for
    any number. All keys but `name` may be left out.
    """


@hookspec
def harnlet_tools() -> Iterable[Any] | None:
    """Tools that calls can be dispatched to: functions, or what `harnlet.tool` makes of them.

    A tool that the host itself gives wins over one of the same name from a plugin.
    """


@hookspec
def harnlet_tool_call_registry() -> Any:
    """The registry of the calls in flight, new for each interpreter; the first answer wins.

    What it must be able to do: `harnlet.tools.call.CallRegistry`. Without one, calls run but
    cannot be cancelled. `harnlet_plugins.tool_calls` has ours.
    """


@hookspec
def harnlet_before_tool_call(
    session: str, call: PlainDict, interpreter: str
) -> Facts | Awaitable[Facts | None] | None:
    """A tool call is about to run: deny it or change it. May be awaitable; the first answer wins.

    `call` is `{id, name, arguments}`. Answer None for no opinion, `{"deny": "why"}`, or
    `{"arguments": {...}}` in place of those it has. An exception denies. The call can be
    cancelled while the hook makes up its mind. `interpreter` is the id of the interpreter
    (`Interpreter.id`): two of them may use the same ids of sessions and calls.
    """


@hookspec
def harnlet_after_tool_call(
    session: str, call: PlainDict, result: PlainDict, interpreter: str
) -> Facts | Awaitable[Facts | None] | None:
    """A tool call has ended by itself, well or badly. May be awaitable; all plugins are asked in turn.

    An answer may put something else for `result`, `rendered_result` or `observation`. Not called
    for calls that were cancelled or ran out of time: see `harnlet_tool_settled`. `interpreter` as above.
    """


@hookspec
def harnlet_approve_tool_call(
    session: str, call: PlainDict, interpreter: str
) -> bool | Facts | Awaitable[bool | Facts | None] | None:
    """May this call run? May be awaitable (ask a person); the first answer wins, no answer is yes.

    Answer a bool or `{"approved": bool, "reason"?, "arguments"?}`. An exception is a no. The call
    can be cancelled while it waits here; then it never starts. `interpreter` as above.
    """


@hookspec
def harnlet_tool_cancel_requested(
    session: str, call: PlainDict, request: PlainDict, interpreter: str
) -> Any:
    """Somebody asked for a call to be stopped. For the record: answers are dropped, nobody waits.

    `call` is `{id, name}` (name None when there is no such call); `request` has `status` (what the
    request came to), `actor`, `reason`, `inject_reminder`; `interpreter` as above. Plain functions run
    in a thread of the plugin's, async ones in the event loop.
    """


@hookspec
def harnlet_tool_settled(session: str, call: PlainDict, result: PlainDict, interpreter: str) -> Any:
    """A call has ended, whichever way, and its result is in the transcript. For the record, as above.

    `result` is the dict that the one who dispatched the call gets; `interpreter` as above.
    """


@hookspec
def harnlet_transcript_store() -> Any:
    """A store that keeps transcripts (`harnlet.session.store.TranscriptStore`); the first answer wins."""


@hookspec
def harnlet_cancel_transport(cancel: Callable[..., Awaitable[PlainDict]]) -> Any:
    """A way in for cancel requests from elsewhere (a bus, a socket), asked once for each interpreter.

    `cancel(session_id, call_id, reason=None, inject_reminder=True, timeout_ms=5000, actor="remote")`
    stops a call of this interpreter, in its event loop. Answer something with `async start()` and
    `async aclose()`: it is started with the interpreter and closed with it.
    """


@hookspec
def harnlet_model_providers() -> Mapping[str, Callable[..., Any]] | None:
    """Providers of language models by name: each a callable that takes a request dict.

    Harnlet itself does not ask for them yet: there are no model calls.
    """


@hookspec
def harnlet_repl_commands() -> Mapping[str, Callable[..., Any]] | None:
    """Commands of the REPL by name, without the colon. The docstring of each is its help.

    Harnlet itself does not ask for them yet: there is no REPL.
    """


@hookspec
def harnlet_cli_commands() -> Iterable[Any] | None:
    """Subcommands of `harnlet`: click commands, added beside our own; one of ours is not replaced."""
