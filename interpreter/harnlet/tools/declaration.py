"""Declaring tools: the decorator `tool`, what it makes of a function, and tools made otherwise."""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Literal, ParamSpec, TypeVar, overload

from harnlet.tools.call import ToolCall
from harnlet.tools.execution import Execution
from harnlet.tools.signature_schema import description_of, parameters_schema

P = ParamSpec("P")
R = TypeVar("R")

Isolation = Literal["thread", "process"]
Starter = Callable[[ToolCall, dict[str, Any]], Execution]
"""Starts the code of a tool; called in the event loop, must not block."""
Undo = Callable[[dict[str, Any], list[str]], Awaitable[object] | object]
"""Takes back what a stopped call did: gets its arguments and the paths it recorded as changed."""

DEFAULT_GRACE_MS: Final = 2000


@dataclass(frozen=True)
class ToolDeclaration(Generic[P, R]):
    """A tool: its name, what it takes, how it is started and how patiently it is stopped.

    `schema` is the JSON Schema of the arguments (None: anything goes); `grace_ms` is how long the
    tool may take to stop before it is abandoned; `timeout_ms` is its deadline, None for none;
    `capabilities` are those it needs; `executor` is what results say it was run by. Calling the
    declaration calls the function it was made of.
    """

    name: str
    description: str
    schema: Mapping[str, Any] | None
    start: Starter
    grace_ms: int = DEFAULT_GRACE_MS
    timeout_ms: int | None = None
    capabilities: frozenset[str] = frozenset()
    executor: str | None = None
    undo: Undo | None = None
    function: Callable[P, R] | None = field(default=None, repr=False)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function itself, past dispatch."""
        if self.function is None:
            raise TypeError(f"tool {self.name} was not made from a Python function")
        return self.function(*args, **kwargs)

    def describe(self) -> dict[str, Any]:
        """Name, description and schema, as hosts and models want them."""
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": dict(self.schema) if self.schema is not None else {"type": "object"},
        }


AnyTool = ToolDeclaration[..., Any]


@overload
def tool(function: Callable[P, R], /) -> ToolDeclaration[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    grace_ms: int = DEFAULT_GRACE_MS,
    timeout_ms: int | None = None,
    isolation: Isolation | None = None,
    capabilities: Iterable[str] = (),
    undo: Undo | None = None,
) -> Callable[[Callable[P, R]], ToolDeclaration[P, R]]: ...


def tool(
    function: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    grace_ms: int = DEFAULT_GRACE_MS,
    timeout_ms: int | None = None,
    isolation: Isolation | None = None,
    capabilities: Iterable[str] = (),
    undo: Undo | None = None,
) -> ToolDeclaration[P, R] | Callable[[Callable[P, R]], ToolDeclaration[P, R]]:
    """Make a tool of a function, with `@tool` or `@tool(...)`.

    An `async def` runs as a task of its own; a plain function runs in a thread, or, with
    `isolation="process"`, in a process that can be killed. Name and description come from the
    function and its docstring, the schema of the arguments from its type hints. `grace_ms` is how
    long it may take to stop before it is killed or abandoned, `timeout_ms` its deadline, both in
    milliseconds. `undo` is called with the arguments and the recorded changes after the call was
    stopped. Raises `TypeError` or `ValueError` for declarations that make no sense.
    """

    def declare(declared: Callable[P, R]) -> ToolDeclaration[P, R]:
        is_async = inspect.iscoroutinefunction(declared)
        if is_async and isolation is not None:
            raise ValueError(f"tool {declared.__name__}: isolation is for plain functions, this one is async")
        if grace_ms < 0 or (timeout_ms is not None and timeout_ms < 0):
            raise ValueError(f"tool {declared.__name__}: grace_ms and timeout_ms must be >= 0")
        return ToolDeclaration(
            name=name or declared.__name__,
            description=description_of(declared) if description is None else description,
            schema=parameters_schema(declared),
            start=_starter(declared, is_async, isolation),
            grace_ms=grace_ms,
            timeout_ms=timeout_ms,
            capabilities=frozenset(capabilities),
            executor="python",
            undo=undo,
            function=declared,
        )

    return declare if function is None else declare(function)


def _starter(function: Callable[..., Any], is_async: bool, isolation: Isolation | None) -> Starter:
    if is_async:
        from harnlet.tools.task_execution import start_coroutine

        return lambda call, arguments: start_coroutine(call, function, arguments)
    if isolation == "process":
        from harnlet.tools.isolated_execution import start_isolated

        return lambda call, arguments: start_isolated(call, function, arguments)
    from harnlet.tools.thread_execution import start_in_thread

    return lambda call, arguments: start_in_thread(call, function, arguments)


def closure_tool(
    name: str,
    function: Callable[[dict[str, Any]], Awaitable[Any]],
    *,
    description: str = "",
    schema: Mapping[str, Any] | None = None,
    grace_ms: int = DEFAULT_GRACE_MS,
    timeout_ms: int | None = None,
    executor: str | None = "harn",
) -> AnyTool:
    """A tool whose code is an async callable that takes all arguments as one dict.

    For closures of a script, and for calls that are passed on to somebody else.
    """
    from harnlet.tools.task_execution import start_awaitable

    return ToolDeclaration(
        name=name,
        description=description,
        schema=schema,
        start=lambda call, arguments: start_awaitable(call, function, arguments),
        grace_ms=grace_ms,
        timeout_ms=timeout_ms,
        executor=executor,
    )
