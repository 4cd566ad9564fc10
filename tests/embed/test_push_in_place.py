"""`xs = xs.push(value)` changes a list that only `xs` holds, whatever the value is made of."""

from typing import Any

import pytest

from harnlet import Interpreter
from harnlet.runtime.calls import call_method


@pytest.mark.parametrize("value", ["i", "{ -> i }", "spawn { i }", "if i > 2 { 1 } else { 2 }", "[{ -> i }]"])
async def test_nothing_is_copied(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    copies: list[str] = []

    def counted(receiver: Any, name: str, *arguments: Any) -> Any:
        copies.append(name)
        return call_method(receiver, name, *arguments)

    monkeypatch.setattr("harnlet.runtime.places.call_method", counted)
    source = f"""
      var xs = []
      var i = 0
      while i < 5 {{
        xs = xs.push({value})
        i = i + 1
      }}
      return len(xs)
    """
    async with Interpreter() as harn:
        assert await harn.run(f"pipeline main() {{ {source} }}") == 5
        assert copies == []


async def test_a_list_that_is_held_elsewhere_is_copied() -> None:
    source = """
      var xs = [1]
      let before = xs
      xs = xs.push({ -> 2 })
      return [len(before), len(xs)]
    """
    async with Interpreter() as harn:
        assert await harn.run(f"pipeline main() {{ {source} }}") == [1, 2]
