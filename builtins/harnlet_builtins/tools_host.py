"""Calling the tools of the host from a script (docs/builtins.md#host-interface)."""

from collections.abc import Mapping
from typing import Any, Final

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import builtin
from harnlet.runtime.conversion import ConversionError, to_host, to_script
from harnlet.tools.dispatch import Dispatcher, with_call_id

_NAME: Final = "host_tool_call"
_OPTIONS: Final = ("id", "session_id", "timeout_ms")


@builtin("host_tool_call(name, arguments?, options?)", section="19", effect="suspends", context=True)
async def host_tool_call(
    rt: Any, name: object = None, arguments: object = None, options: object = None
) -> object:
    """Run one tool of the host and return its result dict; only the calling task waits.

    Options: `id` of the call, by which it can be cancelled (a fresh one by default), `session_id`
    (the run's own by default), `timeout_ms`, a deadline in milliseconds. A tool that fails or is
    cancelled is no error: `ok` and `status` of the result tell.
    """
    if not isinstance(name, str) or not name:
        raise Thrown(f"{_NAME}: name must be a non-empty string")
    if arguments is not None and not isinstance(arguments, Mapping):
        raise Thrown(f"{_NAME}: arguments must be a dict or nil")
    call_id, session_id, timeout_ms = _checked_options(options)
    try:
        plain = {} if arguments is None else to_host(arguments, "arguments")
    except ConversionError as error:
        raise Thrown(f"{_NAME}: {error}") from error
    call = {"name": name, "arguments": plain, "id": call_id}
    dispatcher: Dispatcher = rt.services.dispatcher
    result = await dispatcher.dispatch(
        session_id or rt.session_id, with_call_id(call), timeout_ms=timeout_ms
    )
    return _for_script(result)


def _checked_options(options: object) -> tuple[str, str, int | None]:
    if options is None:
        return "", "", None
    if not isinstance(options, Mapping):
        raise Thrown(f"{_NAME}: options must be a dict or nil")
    for key in sorted(options):
        if key not in _OPTIONS:
            raise Thrown(
                f"{_NAME}: unknown option key '{key}' (expected one of: {', '.join(_OPTIONS)})"
            )
    texts: list[str] = []
    for key in ("id", "session_id"):
        value = options.get(key)
        if value is not None and not isinstance(value, str):
            raise Thrown(f"{_NAME}: `{key}` must be a string or nil")
        texts.append((value or "").strip())
    timeout_ms = options.get("timeout_ms")
    if timeout_ms is not None and (isinstance(timeout_ms, bool) or not isinstance(timeout_ms, int)):
        raise Thrown(f"{_NAME}: `timeout_ms` must be an int or nil")
    if timeout_ms is not None and timeout_ms < 0:
        raise Thrown(f"{_NAME}: `timeout_ms` must be >= 0")
    return texts[0], texts[1], timeout_ms


def _for_script(result: dict[str, Any]) -> object:
    """The result as a script value; a host object that a tool gave back is there as its text."""
    try:
        return to_script(result)
    except ConversionError:
        return to_script({**result, "result": result["rendered_result"]})


@builtin("host_tool_list()", section="19", context=True)
def host_tool_list(rt: Any) -> object:
    """The tools of the host: `{name, description, inputSchema}` each, by name."""
    tools = sorted(rt.services.dispatcher.tools, key=lambda tool: str(tool.name))
    return [to_script(tool.describe()) for tool in tools]
