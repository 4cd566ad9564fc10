"""The builtin functions of Harnlet, one module a family; they join the interpreter as a plugin.

Each family declares its functions with `harnlet.runtime.builtin.builtin`; the rules are in
docs/builtins.md, by the section that each declaration names. A new family, or a new builtin, goes into the
index: see `harnlet_builtins.families`.
"""

import pluggy

from harnlet_builtins.index import INDEX
from harnlet_builtins.scripts import StandardScripts

hookimpl = pluggy.HookimplMarker("harnlet")


@hookimpl
def harnlet_stdlib_modules() -> list[dict[str, object]]:
    """All builtins of this package, each imported when it is used, and its modules written in Harnlet."""
    return [{"name": "core", "index": INDEX}, {"name": "std", "scripts": StandardScripts()}]
