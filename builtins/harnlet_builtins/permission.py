"""Asking for a capability before a builtin touches the world outside the interpreter.

Rule: docs/builtins.md#harnlets-own-decisions, point 4.
"""

from typing import Literal, Protocol

from harnlet.errors.faults import CategorisedFault
from harnlet.runtime.builtin import Context

Capability = Literal["files", "processes", "network", "environment"]


class SystemContext(Context, Protocol):
    """What builtins that reach outside need of the interpreter that calls them."""

    @property
    def capabilities(self) -> frozenset[str]:
        """What scripts of this interpreter may touch."""


def require(rt: SystemContext, name: str, capability: Capability) -> None:
    """Raises CategorisedFault `permission_denied` unless the interpreter has `capability`; `name` is
    that of the builtin that asks."""
    if capability not in rt.capabilities:
        raise CategorisedFault("permission_denied", f"{name} needs the capability {capability}")
