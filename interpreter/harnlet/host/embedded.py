"""The functions that generated code calls and that need the interpreter around them: tasks and tools."""

from collections.abc import Callable
from functools import partial
from typing import Any

from harnlet.runtime.context import Runtime
from harnlet.runtime.conversion import to_host, to_script
from harnlet.runtime.struct_calls import MISSING
from harnlet.runtime.values import Closure
from harnlet.sched.channel import select_channel
from harnlet.sched.deadline import DeadlineScope
from harnlet.sched.mutex import MutexScope
from harnlet.sched.parallel import Parallel
from harnlet.sched.scheduler import Scheduler
from harnlet.tools.current import current_call
from harnlet.tools.declaration import closure_tool
from harnlet.tools.host import ToolHost


class Helpers:
    """The helpers of one interpreter; `table()` is what its programs find by name."""

    def __init__(self, scheduler: Scheduler, host: ToolHost) -> None:
        self.scheduler = scheduler
        self.host = host
        self.parallel = Parallel(scheduler)
        self.rt: Runtime = scheduler.rt

    def table(self) -> dict[str, Callable[..., Any]]:
        """Name in the generated code -> function."""
        return {
            "spawn_task": self.scheduler.spawn,
            "parallel_count": self.parallel.count,
            "parallel_each": self.parallel.each,
            "parallel_settle": self.parallel.settle,
            "parallel_stream": self.parallel.stream,
            "select_channel": partial(select_channel, self.rt),
            "retry_again": self.scheduler.retry_again,
            "deadline": lambda limit: DeadlineScope(self.scheduler, limit),
            "mutex": lambda: MutexScope(self.scheduler),
            "declare_tool": self.declare_tool,
        }

    def declare_tool(
        self,
        name: str,
        description: str,
        handler: Closure,
        parameters: dict[str, Any],
        returns: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """A `tool` declaration: a registry dict with the one tool, which calls can be dispatched to
        from now on (docs/language.md#tools)."""

        argv = self.rt.argv

        async def run(arguments: dict[str, Any]) -> Any:
            call = current_call()
            ids = ("", "") if call is None else (call.session_id, call.call_id)
            return await self.run_handler(name, handler, parameters, arguments, argv, *ids)

        self.host.tools.add(
            closure_tool(name, run, description=description, schema=_arguments_schema(parameters))
        )
        entry: dict[str, Any] = {
            "name": name,
            "description": description,
            "handler": handler,
            "parameters": parameters,
            "executor": "harn",
        }
        if returns is not None:
            entry["outputSchema"] = returns
        return {"_type": "tool_registry", "tools": [entry]}

    async def run_handler(
        self,
        name: str,
        handler: Closure,
        parameters: dict[str, Any],
        arguments: dict[str, Any],
        argv: list[Any],
        session_id: str,
        call_id: str,
    ) -> Any:
        """What a tool of a script gives for these arguments, in the call of that id."""
        values = [
            to_script(arguments[parameter], parameter)
            if parameter in arguments
            else (MISSING if "default" in schema else None)
            for parameter, schema in parameters.items()
        ]
        task = self.scheduler.new_task(f"tool {name}", session_id, call_id)
        task.run.argv = argv
        return to_host(await self.scheduler.run(task, handler, *values), lenient=True)


def _arguments_schema(parameters: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments; types of the language under their JSON names."""
    return {
        "type": "object",
        "properties": {name: _json_schema(schema) for name, schema in parameters.items()},
        "required": [name for name, schema in parameters.items() if schema.get("required", True)],
    }


_JSON_TYPES = {
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
    "nil": "null",
}


def _json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    kind = schema.get("type")
    if isinstance(kind, str) and kind != "any":
        made["type"] = _JSON_TYPES.get(kind, kind)
    for key in ("enum", "const", "default", "description"):
        if key in schema:
            made[key] = schema[key]
    if "items" in schema:
        made["items"] = _json_schema(schema["items"])
    if "properties" in schema:
        made["properties"] = {name: _json_schema(inner) for name, inner in schema["properties"].items()}
        required = schema.get("required")  # False for a parameter with a default
        made["required"] = list(required) if isinstance(required, list) else []
    if "additional_properties" in schema:
        made["additionalProperties"] = _json_schema(schema["additional_properties"])
    if "union" in schema:
        made["anyOf"] = [_json_schema(member) for member in schema["union"]]
    return made
