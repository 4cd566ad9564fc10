"""What comes before a tool runs, in its order: docs/cancellation.md#dispatch."""

from typing import Any

import pytest

from cancel.support import call, make_host, results_of
from harnlet.plugins import hookimpl
from harnlet.tools.admission import ToolPolicy
from harnlet.tools.declaration import tool


class Gates:
    """A plugin whose answers are set by the test; remembers what it was asked."""

    def __init__(self, approve: Any = None, before: Any = None, after: Any = None) -> None:
        self.approve, self.before, self.after = approve, before, after
        self.asked: list[str] = []

    @hookimpl
    def harnlet_approve_tool_call(self, session: str, call: dict[str, Any]) -> Any:
        self.asked.append("approval")
        return raised_or(self.approve)

    @hookimpl
    async def harnlet_before_tool_call(self, session: str, call: dict[str, Any]) -> Any:
        self.asked.append("before")
        return raised_or(self.before)

    @hookimpl
    async def harnlet_after_tool_call(self, session: str, call: dict[str, Any], result: Any) -> Any:
        self.asked.append(f"after {result['status']}")
        return raised_or(self.after)


def raised_or(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


@tool(capabilities=["processes"])
async def needy(n: int = 0) -> int:
    """A tool that needs something."""
    return n


async def test_the_order() -> None:
    gates = Gates()
    host = make_host(needy, plugins=[gates], policy=ToolPolicy(deny=("bad*",)), capabilities=["processes"])
    bad = call("bad_tool", "c1")
    assert (await host.dispatch("s", bad))["error"] == "tool 'bad_tool' is not allowed by the policy"
    assert gates.asked == [], "policy comes first"
    assert (await host.dispatch("s", call("needy", "c2", n="x")))["error_category"] == "schema_validation"
    assert gates.asked == ["approval", "before"], "the schema comes last"
    assert (await host.dispatch("s", call("needy", "c3", n=1)))["ok"]
    assert gates.asked[2:] == ["approval", "before", "after ok"]


async def test_a_missing_capability_comes_before_approval() -> None:
    gates = Gates()
    host = make_host(needy, plugins=[gates])
    result = await host.dispatch("s", call("needy"))
    assert result["error"] == (
        "tool 'needy' needs the capability processes, which this interpreter does not have"
    )
    assert result["error_category"] == "permission_denied"
    assert gates.asked == []


async def test_a_policy_that_allows_a_few() -> None:
    host = make_host(needy, policy=ToolPolicy(allow=("read_*",)))
    assert (await host.dispatch("s", call("needy")))["error_category"] == "permission_denied"
    assert ToolPolicy(allow=("read_*",)).permits("read_file")
    assert not ToolPolicy(allow=("*",), deny=("read_*",)).permits("read_file")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (False, "tool 'needy' was not approved"),
        ({"approved": False}, "tool 'needy' was not approved"),
        ({"approved": False, "reason": "too risky"}, "tool 'needy' was not approved: too risky"),
        (
            ValueError("broken"),
            "tool 'needy' was not approved: harnlet_approve_tool_call failed: broken",
        ),
    ],
)
async def test_a_denied_approval(answer: Any, error: str) -> None:
    host = make_host(needy, plugins=[Gates(approve=answer)], capabilities=["processes"])
    result = await host.dispatch("s", call("needy"))
    assert (result["error"], result["error_category"]) == (error, "permission_denied")
    assert (result["status"], result["approval"]) == ("error", None)
    assert len(results_of(host)) == 1


@pytest.mark.parametrize("answer", [True, {"approved": True}, {"approved": True, "arguments": {"n": 9}}])
async def test_a_granted_approval(answer: Any) -> None:
    host = make_host(needy, plugins=[Gates(approve=answer)], capabilities=["processes"])
    result = await host.dispatch("s", call("needy", n=1))
    assert result["approval"] == "host_granted"
    changed = isinstance(answer, dict) and "arguments" in answer
    assert result["result"] == result["arguments"]["n"] == (9 if changed else 1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [({"deny": "not today"}, "not today"), (ValueError("broken"), "harnlet_before_tool_call failed: broken")],
)
async def test_a_hook_may_deny(answer: Any, error: str) -> None:
    gates = Gates(before=answer)
    host = make_host(needy, plugins=[gates], capabilities=["processes"])
    result = await host.dispatch("s", call("needy"))
    assert (result["error"], result["error_category"]) == (error, "permission_denied")


async def test_a_hook_may_change_the_arguments_and_the_schema_sees_the_change() -> None:
    host = make_host(needy, plugins=[Gates(before={"arguments": {"n": 5}})], capabilities=["processes"])
    result = await host.dispatch("s", call("needy", n="wrong, but changed"))
    assert (result["result"], result["arguments"]) == (5, {"n": 5})
    broken = make_host(needy, plugins=[Gates(before={"arguments": {"n": "x"}})], capabilities=["processes"])
    assert (await broken.dispatch("s", call("needy", n=1)))["error_category"] == "schema_validation"
    silly = make_host(needy, plugins=[Gates(before={"arguments": 7})], capabilities=["processes"])
    assert "no dict" in (await silly.dispatch("s", call("needy", n=1)))["error"]


async def test_a_hook_cannot_change_the_callers_data() -> None:
    class Rude:
        @hookimpl
        def harnlet_before_tool_call(self, call: dict[str, Any]) -> None:
            call["arguments"]["items"].append("mine")

    async def echo(items: list[str]) -> list[str]:
        return items

    host = make_host(echo, plugins=[Rude()])
    assert (await host.dispatch("s", call("echo", items=["a"])))["result"] == ["a"]


async def test_the_first_answer_wins_and_later_plugins_are_not_asked() -> None:
    first, last = Gates(approve=True), Gates(approve=False)
    # The plugin that was loaded last is asked first.
    host = make_host(needy, plugins=[first, last], capabilities=["processes"])
    assert not (await host.dispatch("s", call("needy")))["ok"]
    assert (first.asked, last.asked) == ([], ["approval"])


async def test_a_post_call_hook_may_put_another_text() -> None:
    change = {"observation": "[short]", "status": "may not", "tool_call_id": "may not"}
    host = make_host(needy, plugins=[Gates(after=change)], capabilities=["processes"])
    result = await host.dispatch("s", call("needy", n=1))
    assert (result["observation"], result["status"], result["tool_call_id"]) == ("[short]", "ok", "c1")
    assert results_of(host)[0]["content"] == "[short]"


async def test_a_post_call_hook_that_fails_does_not_lose_the_result() -> None:
    host = make_host(needy, plugins=[Gates(after=ValueError("broken"))], capabilities=["processes"])
    result = await host.dispatch("s", call("needy", n=1))
    assert result["ok"]
    assert len(results_of(host)) == 1
