"""Synchronous tools with `isolation="process"`: stuck in C or not, they can be killed.

The function runs in a fresh interpreter, which finds it by module and name; arguments and value
are pickled. It costs what starting Python costs, so it is for tools that need it.
"""

import inspect
import os
import pickle
import sys
from collections.abc import Callable
from typing import Any

from harnlet.tools.call import ToolCall
from harnlet.tools.command_execution import CommandExecution
from harnlet.tools.process import ManagedProcess, ProcessResult
from harnlet.tools.results import CATEGORIES, ToolError


class IsolatedExecution(CommandExecution):
    """A command whose output is what the tool printed: its value goes another way."""

    __slots__ = ()

    def partial(self) -> str | None:
        """What the tool has printed so far; it is sent to the error output."""
        return self._process.partial().stderr.decode(errors="replace") or None


def start_isolated(
    call: ToolCall, function: Callable[..., Any], arguments: dict[str, Any]
) -> IsolatedExecution:
    """Start a plain function with named arguments in a process of its own.

    Raises `ToolError` for a function that cannot be found by name, or arguments that no pickle takes.
    """
    if "<locals>" in function.__qualname__:
        raise ToolError(f"tool {function.__name__}: isolation='process' needs a function of a module")
    try:
        request = pickle.dumps(
            {
                "path": sys.path,
                "module": function.__module__,
                "file": inspect.getsourcefile(function),
                "name": function.__qualname__,
                "arguments": arguments,
            }
        )
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        text = f"tool {function.__name__}: arguments cannot be sent to a process: {error}"
        raise ToolError(text) from error
    process = ManagedProcess(
        [sys.executable, "-c", _CHILD], stdin=request, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    return IsolatedExecution(call, process, _value)


def _value(result: ProcessResult) -> Any:
    """What the child sent back. The pickle comes from a process of ours, running our own code."""
    if not result.stdout:
        ended = f"signal {result.signal}" if result.signal else f"status {result.status}"
        raise ToolError(f"the tool's process ended without an answer ({ended})", "environment")
    answer = pickle.loads(result.stdout)
    if "value" in answer:
        return answer["value"]
    category = answer.get("category")
    raise ToolError(answer["error"], category if category in CATEGORIES else "tool_error")


_CHILD = """
import os, pickle, sys
request = pickle.loads(sys.stdin.buffer.read())
answers = os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)
sys.path[:] = request["path"]
try:
    if request["module"] == "__main__":
        import runpy
        found = runpy.run_path(request["file"], run_name="__harnlet_tool__")
        target = found[request["name"].split(".")[0]]
        rest = request["name"].split(".")[1:]
    else:
        import importlib
        target, rest = importlib.import_module(request["module"]), request["name"].split(".")
    for part in rest:
        target = getattr(target, part)
    function = getattr(target, "function", None) or target
    answer = {"value": function(**request["arguments"])}
    packed = pickle.dumps(answer)
except Exception as error:
    text = str(error) or type(error).__name__
    packed = pickle.dumps({"error": text, "category": getattr(error, "category", None)})
answers.write(packed)
answers.close()
"""
