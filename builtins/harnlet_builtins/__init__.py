"""The builtin functions of Harnlet, one module a family; they join the interpreter as a plugin.

Each family declares its functions with `harnlet.runtime.builtin.builtin`; the rules are in
docs/builtins.md, by the section that each declaration names.
"""

import pluggy

from harnlet.runtime.builtin import Builtin, collect
from harnlet_builtins.scripts import StandardScripts

hookimpl = pluggy.HookimplMarker("harnlet")


@hookimpl
def harnlet_stdlib_modules() -> list[Builtin | dict[str, object]]:
    """All builtins of this package, and its modules written in Harnlet."""
    from harnlet_builtins import (
        cases,
        collections,
        conversion,
        logs,
        math,
        output,
        path_names,
        random_numbers,
        results,
        session_text,
        sessions,
        sets,
        statistics,
        streams,
        streams_timed,
        strings,
        tasks,
        terminal,
        tools_host,
    )

    families = (
        output,
        logs,
        terminal,
        conversion,
        results,
        math,
        statistics,
        random_numbers,
        strings,
        cases,
        path_names,
        collections,
        sets,
        streams,
        streams_timed,
        tasks,
        sessions,
        session_text,
        tools_host,
    )
    scripts: dict[str, object] = {"name": "std", "scripts": StandardScripts()}
    return [*(each for family in families for each in collect(family)), scripts]
