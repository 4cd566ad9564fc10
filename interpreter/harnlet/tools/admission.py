"""The way a call takes before its tool runs: policy, permission, approval, pre-call hooks, schema.

The order is docs/cancellation.md#dispatch. A call can be cancelled at every point of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, Protocol

from harnlet.session.plain import PlainDict, plain_copy
from harnlet.tools.declaration import AnyTool
from harnlet.tools.flight import Flight
from harnlet.tools.hooks import Hooks
from harnlet.tools.json_schema import problems
from harnlet.tools.registry import ToolRegistry

HOST_GRANTED = "host_granted"


class Capabilities(Protocol):
    """What the interpreter may do; asked by name."""

    def allows(self, name: str) -> bool:
        """Whether the capability `name` was given."""


class CapabilitySet:
    """Capabilities as a set of names."""

    __slots__ = ("_names",)

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(names)

    def allows(self, name: str) -> bool:
        """Whether `name` is one of them."""
        return name in self._names


@dataclass(frozen=True, slots=True)
class ToolPolicy:
    """Which tools may be called at all: shell patterns of names; `deny` wins over `allow`."""

    allow: tuple[str, ...] = ("*",)
    deny: tuple[str, ...] = ()

    def permits(self, name: str) -> bool:
        """Whether a tool of that name may be called."""
        if self.deny and any(fnmatchcase(name, pattern) for pattern in self.deny):
            return False
        return self.allow == ("*",) or any(fnmatchcase(name, pattern) for pattern in self.allow)


class _Refusal(NamedTuple):
    error: str
    category: str


_Reader = Callable[[Flight, Any], _Refusal | None]


class Admission:
    """Decides whether a call may run."""

    __slots__ = ("_capabilities", "_gates", "_hooks", "_policy", "_tools")

    def __init__(
        self, tools: ToolRegistry, hooks: Hooks, capabilities: Capabilities, policy: ToolPolicy
    ) -> None:
        self._tools = tools
        self._hooks = hooks
        self._capabilities = capabilities
        self._policy = policy
        self._gates: tuple[tuple[str, _Reader], ...] = (
            ("harnlet_approve_tool_call", self._approval),
            ("harnlet_before_tool_call", self._denial),
        )

    async def admit(self, flight: Flight) -> AnyTool | None:
        """The tool to run; None when the call was refused or stopped, and so is settled."""
        name = flight.call.tool_name
        refusal = self._by_name(flight, name)
        for hook, read in self._gates:
            if refusal is None and flight.result is None and self._hooks.wanted(hook):
                answer = await self._answer(flight, hook)
                refusal = None if answer is None else read(flight, answer)
        if flight.result is not None:
            return None
        tool = flight.tool
        if refusal is None and tool is not None and tool.schema is not None:
            wrong = problems(flight.arguments, tool.schema)
            if wrong:
                text = f"invalid arguments for tool '{name}': {'; '.join(wrong)}"
                refusal = _Refusal(text, "schema_validation")
        if refusal is not None:
            flight.refuse(*refusal)
            return None
        return tool

    def _by_name(self, flight: Flight, name: str) -> _Refusal | None:
        """Policy and permission."""
        if not self._policy.permits(name):
            return _Refusal(f"tool '{name}' is not allowed by the policy", "permission_denied")
        tool = self._tools.get(name)
        if tool is None:
            near = self._tools.nearest(name)
            hint = f" (did you mean '{near}'?)" if near else ""
            return _Refusal(f"unknown tool '{name}'{hint}", "tool_error")
        flight.tool = tool
        missing = [need for need in sorted(tool.capabilities) if not self._capabilities.allows(need)]
        if missing:
            needs = ", ".join(missing)
            text = f"tool '{name}' needs the capability {needs}, which this interpreter does not have"
            return _Refusal(text, "permission_denied")
        return None

    def _approval(self, flight: Flight, answer: Any) -> _Refusal | None:
        if isinstance(answer, bool):
            answer = {"approved": answer}
        if not answer.get("approved", False):
            reason = answer.get("reason")
            text = f"tool '{flight.call.tool_name}' was not approved" + (f": {reason}" if reason else "")
            return _Refusal(text, "permission_denied")
        flight.approval = HOST_GRANTED
        return self._change(flight, answer)

    def _denial(self, flight: Flight, answer: Any) -> _Refusal | None:
        deny = answer.get("deny")
        if deny:
            return _Refusal(str(deny), "permission_denied")
        return self._change(flight, answer)

    async def _answer(self, flight: Flight, hook: str) -> Any:
        call = {
            "id": flight.call.call_id,
            "name": flight.call.tool_name,
            "arguments": plain_copy(flight.arguments),
        }
        _, answer = await flight.until_stopped(
            _asked(self._hooks, hook, flight.call.session_id, call, flight.desk.interpreter),
        )
        return answer

    def _change(self, flight: Flight, answer: Mapping[str, Any]) -> _Refusal | None:
        changed = answer.get("arguments")
        if changed is None:
            return None
        if not isinstance(changed, Mapping):
            return _Refusal("a hook changed the arguments to something that is no dict", "tool_error")
        arguments: PlainDict = plain_copy(changed)
        flight.arguments = arguments
        return None


async def _asked(hooks: Hooks, hook: str, session: str, call: PlainDict, interpreter: str) -> Any:
    """The first answer. A hook that fails says no: a gate that is broken stays shut."""
    try:
        return await hooks.ask(hook, session=session, call=call, interpreter=interpreter)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        text = f"{hook} failed: {error}"
        return {"approved": False, "reason": text, "deny": text}
