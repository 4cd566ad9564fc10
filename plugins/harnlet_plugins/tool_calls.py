"""The registry of tool calls in flight, and the builtins that list and cancel them: a module of the
standard library that joins through pluggy.

Rules: docs/cancellation.md#registry and docs/cancellation.md#the-builtin.
"""

from collections.abc import Iterable
from typing import Any

from harnlet.plugins import hookimpl
from harnlet_plugins.call_registry import ToolCallRegistry
from harnlet_plugins.cancel_builtin import (
    cancel_in_flight_tool_call,
    cancel_session_tool_calls,
    in_flight_tool_calls,
)


@hookimpl
def harnlet_tool_call_registry() -> ToolCallRegistry:
    """A registry of its own for each interpreter."""
    return ToolCallRegistry()


@hookimpl
def harnlet_stdlib_modules() -> Iterable[dict[str, Any]]:
    """The builtins."""
    builtins = [cancel_in_flight_tool_call, cancel_session_tool_calls, in_flight_tool_calls]
    return [{"name": "tool_calls", "builtins": builtins}]
