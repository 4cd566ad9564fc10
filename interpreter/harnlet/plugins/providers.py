"""Which plugin brings which well-known name, for the error that says what to load."""

from typing import Final

PROVIDERS: Final[dict[str, str]] = {
    "cancel_in_flight_tool_call": "harnlet_plugins.tool_calls",
    "cancel_session_tool_calls": "harnlet_plugins.tool_calls",
    "in_flight_tool_calls": "harnlet_plugins.tool_calls",
    "exec": "harnlet_plugins.commands",
    "exec_at": "harnlet_plugins.commands",
    "shell": "harnlet_plugins.commands",
    "shell_at": "harnlet_plugins.commands",
}
"""Builtins that are in no core module, by name."""


def plugin_for(name: str) -> str | None:
    """The dotted name of the plugin that brings the builtin `name`; None for any other name."""
    return PROVIDERS.get(name)


def missing_plugin_text(name: str) -> str | None:
    """What to tell somebody who names a builtin whose plugin is not loaded."""
    plugin = plugin_for(name)
    if plugin is None:
        return None
    return f"`{name}` is provided by the plugin {plugin}, which is not loaded"
