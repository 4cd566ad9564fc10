"""The tools of an interpreter, by name."""

from collections.abc import Iterable, Iterator
from typing import Any

from harnlet.tools.declaration import AnyTool, ToolDeclaration, tool


class ToolRegistry:
    """Tools by name; adding one of a name that is there replaces it."""

    __slots__ = ("_tools",)

    def __init__(self, tools: Iterable[Any] = ()) -> None:
        self._tools: dict[str, AnyTool] = {}
        for each in tools:
            self.add(each)

    def add(self, declared: Any) -> AnyTool:
        """Add a declaration, or a function that becomes one; raises `TypeError` for anything else."""
        if isinstance(declared, ToolDeclaration):
            made: AnyTool = declared
        elif callable(declared):
            made = tool(declared)
        else:
            raise TypeError(f"not a tool: {declared!r}; use a function or what @tool makes of one")
        self._tools[made.name] = made
        return made

    def remove(self, name: str) -> bool:
        """Take a tool out; whether there was one. Calls that run go on."""
        return self._tools.pop(name, None) is not None

    def get(self, name: str) -> AnyTool | None:
        """The tool of that name."""
        return self._tools.get(name)

    def nearest(self, name: str) -> str | None:
        """The name that was probably meant."""
        from difflib import get_close_matches  # only an unknown tool gets here

        close = get_close_matches(name, self._tools, n=1)
        return close[0] if close else None

    def __iter__(self) -> Iterator[AnyTool]:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)

    def __contains__(self, name: object) -> bool:
        return name in self._tools
