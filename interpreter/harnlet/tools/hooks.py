"""What the tool side asks of plugins, and what it does when there are none.

The plugin manager (`harnlet.plugins.manager`) is one of these; tests and small hosts can do
without. Names and meaning of the hooks: `harnlet.plugins.hookspecs`.
"""

from collections.abc import Awaitable
from typing import Any, Protocol


class Hooks(Protocol):
    """Asks plugins, tells plugins."""

    def wanted(self, hook: str) -> bool:
        """Whether any plugin implements `hook`; asked before anything is prepared for it."""

    def ask(self, hook: str, **facts: Any) -> Awaitable[Any]:
        """The first answer that is not None, in the order of the plugins; answers may be awaitable."""

    def each(self, hook: str, **facts: Any) -> Awaitable[list[Any]]:
        """All answers that are not None, in order, each awaited before the next plugin is asked."""

    def gather(self, hook: str, **facts: Any) -> list[Any]:
        """All answers at once, for hooks that are asked while things are set up."""

    def tell(self, hook: str, **facts: Any) -> None:
        """Let plugins know; returns at once, whatever they do."""


class NoHooks:
    """No plugins at all."""

    __slots__ = ()

    def wanted(self, hook: str) -> bool:
        """Nobody wants anything."""
        return False

    async def ask(self, hook: str, **facts: Any) -> Any:
        """No answer."""
        return None

    async def each(self, hook: str, **facts: Any) -> list[Any]:
        """No answers."""
        return []

    def gather(self, hook: str, **facts: Any) -> list[Any]:
        """No answers."""
        return []

    def tell(self, hook: str, **facts: Any) -> None:
        """Nobody to tell."""
