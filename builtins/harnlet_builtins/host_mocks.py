"""Mocks of host operations, and the record of the calls that they answered.

Rules: docs/builtins.md#host-interface.
"""

from collections.abc import Mapping
from typing import NamedTuple

from harnlet.errors.faults import Thrown
from harnlet.runtime import caps
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.runtime.equality import equals


class Mock(NamedTuple):
    """The answer to calls of one operation whose params contain `params`."""

    capability: str
    operation: str
    params: Mapping[str, object]
    result: object
    error: str | None


class HostMocks:
    """The mocks of a run and the calls that they answered; `scopes` are those put aside."""

    def __init__(self) -> None:
        self.mocks: list[Mock] = []
        self.calls: list[object] = []
        self.scopes: list[tuple[list[Mock], list[object]]] = []

    def answer(self, capability: str, operation: str, params: dict[str, object]) -> Mock | None:
        """The mock for a call, the latest first; the call is recorded."""
        for mock in reversed(self.mocks):
            if (mock.capability, mock.operation) == (capability, operation) and _fits(mock.params, params):
                caps.check_items(len(self.calls) + 1)
                self.calls.append({"capability": capability, "operation": operation, "params": params})
                return mock
        return None


def _fits(wanted: Mapping[str, object], params: dict[str, object]) -> bool:
    return all(name in params and equals(params[name], value) for name, value in wanted.items())


@builtin("host_mock(capability, operation, result_or_config, params?)", section="19", context=True)
def host_mock(
    rt: Context,
    capability: object = None,
    operation: object = None,
    result: object = None,
    params: object = None,
) -> None:
    """Answers calls of a host operation: with a result, or by `{result, params, error}`. With params, only
    calls that have these. The latest mock that fits wins."""
    if not capability or not operation:
        raise Thrown("host_mock: capability and operation are required")
    error: object = None
    if type(result) is dict and not {"result", "params", "error"}.isdisjoint(result):
        config: dict[str, object] = result
        params = config.get("params", params)
        result, error = config.get("result"), config.get("error")
    wanted = params if type(params) is dict else {}
    told = None if error is None else display(error)
    rt.state(HostMocks).mocks.append(Mock(display(capability), display(operation), wanted, result, told))


@builtin("host_mock_clear()", section="19", context=True)
def host_mock_clear(rt: Context) -> None:
    """Forgets all mocks and recorded calls."""
    state = rt.state(HostMocks)
    state.mocks, state.calls = [], []


@builtin("host_mock_calls()", section="19", context=True)
def host_mock_calls(rt: Context) -> list[object]:
    """The calls that mocks answered: `{capability, operation, params}` each, in order."""
    return [*rt.state(HostMocks).calls]


@builtin("host_mock_push_scope()", section="19", context=True)
def host_mock_push_scope(rt: Context) -> None:
    """Puts the mocks and recorded calls aside, until `host_mock_pop_scope`."""
    state = rt.state(HostMocks)
    state.scopes.append((state.mocks, state.calls))
    state.mocks, state.calls = [], []


@builtin("host_mock_pop_scope()", section="19", context=True)
def host_mock_pop_scope(rt: Context) -> None:
    """Back to the mocks and calls that were put aside last."""
    state = rt.state(HostMocks)
    if not state.scopes:
        raise Thrown("host_mock_pop_scope: no scope to pop")
    state.mocks, state.calls = state.scopes.pop()
