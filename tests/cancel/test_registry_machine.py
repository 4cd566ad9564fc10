"""The registry against a model of it, over any sequence of operations (Hypothesis)."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from harnlet.tools.call import DuplicateCallError, ToolCall
from harnlet_plugins.call_registry import ToolCallRegistry

SESSIONS = st.sampled_from(["", "s", "t"])
CALLS = st.sampled_from(["", "a", "b", "c"])


class Model:
    """What is expected of one registered call."""

    def __init__(self, key: tuple[str, str], handle: ToolCall, guard: Any) -> None:
        self.key = key
        self.handle = handle
        self.guard = guard
        self.reason: str | None = None
        self.started = False
        self.finished = False
        self.left = False


class RegistryMachine(RuleBasedStateMachine):
    """Registers, starts, finishes, cancels and leaves, and compares all answers."""

    calls = Bundle("calls")

    def __init__(self) -> None:
        super().__init__()
        self.registry = ToolCallRegistry()
        self.live: dict[tuple[str, str], Model] = {}
        self.ended: dict[tuple[str, str], str] = {}

    @rule(target=calls, session=SESSIONS, call=CALLS)
    def register(self, session: str, call: str) -> Any:
        key = (session, call)
        if not call:
            assert self.registry.register(session, call, "tool") is None
            return Model(key, ToolCall(session, call, "tool"), None)
        if key in self.live:
            with pytest.raises(DuplicateCallError):
                self.registry.register(session, call, "other")
            return self.live[key]
        entry = self.registry.register(session, call, "tool")
        assert entry is not None
        self.live[key] = Model(key, *entry)
        return self.live[key]

    @rule(call=calls)
    def start(self, call: Model) -> None:
        step = call.handle.word.apply("start")
        expected = not (call.left or call.started or call.finished or call.reason is not None)
        assert step == expected
        call.started = call.started or step

    @rule(call=calls)
    def finish(self, call: Model) -> None:
        step = call.handle.word.apply("finish")
        expected = call.started and not call.finished and call.reason is None and not call.left
        assert step == expected
        call.finished = call.finished or step

    @rule(session=SESSIONS, call=CALLS, reason=st.text(max_size=3), remind=st.booleans())
    def cancel(self, session: str, call: str, reason: str, remind: bool) -> None:
        outcome = self.registry.cancel(session, call, reason, remind)
        model = self.live.get((session, call))
        if model is None or model.finished:
            assert outcome == ("not_found", None, None)
        elif model.reason is None:
            assert outcome == ("cancelled", "tool", model.handle)
            model.reason = reason
        else:
            assert outcome == ("already_cancelled", "tool", model.handle)

    @rule(call=calls, reason=st.text(max_size=3))
    def cancel_by_handle(self, call: Model, reason: str) -> None:
        expected = not (call.left or call.finished or call.reason is not None)
        assert call.handle.cancel(reason) is expected
        if expected:
            call.reason = reason

    @rule(call=consumes(calls))
    def leave(self, call: Model) -> None:
        if call.guard is None:
            return
        call.guard.__exit__(None, None, None)
        if not call.left:
            call.left = True
            del self.live[call.key]
            self.ended[call.key] = "completed_first" if call.reason is None else "stopped"
        assert call.handle.is_completed
        assert call.handle.word.state == "settled"

    @rule(call=calls)
    def leave_and_keep(self, call: Model) -> None:
        """A guard may be left twice."""
        if call.guard is not None and call.left:
            call.guard.__exit__(None, None, None)

    @invariant()
    def the_registry_holds_what_is_live(self) -> None:
        for session in ("", "s", "t"):
            expected = [model.handle for key, model in self.live.items() if key[0] == session]
            assert self.registry.list_for_session(session) == expected
        for key, model in self.live.items():
            assert self.registry.lookup(*key) is model.handle
            assert model.handle.is_cancelled == (model.reason is not None)
            assert model.handle.reason == model.reason
            assert not model.handle.is_completed

    @invariant()
    def what_ended_is_remembered(self) -> None:
        for key, outcome in self.ended.items():
            if key not in self.live:
                remembered = self.registry.recall(*key)
                assert remembered is not None
                assert remembered.outcome == outcome


RegistryMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestRegistryMachine = RegistryMachine.TestCase
