"""Harnlet: a small, fast, embeddable scripting language for programs that run AI agents.

    from harnlet import Interpreter, tool

    async with Interpreter() as harn:
        print(await harn.run("return 6 * 7"))

Names are imported when they are used, so that `import harnlet` costs next to nothing.
"""

from typing import TYPE_CHECKING, Any

from harnlet.version import __version__

if TYPE_CHECKING:
    from harnlet.api import Interpreter
    from harnlet.compile.program import Program
    from harnlet.errors.diagnostic import Diagnostic
    from harnlet.errors.hierarchy import (
        HarnletError,
        HostCallError,
        InternalError,
        LimitError,
        ScriptError,
        SourceError,
        UsageError,
        WorkerError,
    )
    from harnlet.modules.code_cache import CodeCache
    from harnlet.plugins import DEFAULT_PLUGINS, PluginError, hookimpl, hookspec
    from harnlet.runtime.limits import Limits
    from harnlet.session.session import Session
    from harnlet.tools.current import current_call
    from harnlet.tools.declaration import tool

__all__ = [
    "DEFAULT_PLUGINS",
    "CodeCache",
    "Diagnostic",
    "HarnletError",
    "HostCallError",
    "InternalError",
    "Interpreter",
    "LimitError",
    "Limits",
    "PluginError",
    "Program",
    "ScriptError",
    "Session",
    "SourceError",
    "UsageError",
    "WorkerError",
    "__version__",
    "current_call",
    "hookimpl",
    "hookspec",
    "tool",
]

_HOMES = {
    "Interpreter": "harnlet.api",
    "Program": "harnlet.compile.program",
    "CodeCache": "harnlet.modules.code_cache",
    "Diagnostic": "harnlet.errors.diagnostic",
    "DEFAULT_PLUGINS": "harnlet.plugins",
    "PluginError": "harnlet.plugins",
    "hookimpl": "harnlet.plugins",
    "hookspec": "harnlet.plugins",
    "Limits": "harnlet.runtime.limits",
    "Session": "harnlet.session.session",
    "current_call": "harnlet.tools.current",
    "tool": "harnlet.tools.declaration",
    **dict.fromkeys(
        (
            "HarnletError",
            "HostCallError",
            "InternalError",
            "LimitError",
                    "ScriptError",
            "SourceError",
            "UsageError",
            "WorkerError",
        ),
        "harnlet.errors.hierarchy",
    ),
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'harnlet' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
