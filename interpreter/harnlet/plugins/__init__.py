"""Plugins: hooks, loading, listing (docs/plugins.md)."""

from harnlet.plugins.hookspecs import hookimpl, hookspec
from harnlet.plugins.manager import DEFAULT_PLUGINS, PluginError, PluginInfo, PluginManager, load
from harnlet.plugins.providers import missing_plugin_text, plugin_for

__all__ = [
    "DEFAULT_PLUGINS",
    "PluginError",
    "PluginInfo",
    "PluginManager",
    "hookimpl",
    "hookspec",
    "load",
    "missing_plugin_text",
    "plugin_for",
]
