"""Handles of plugins: what Python can do with them is out of a script's reach."""

import pytest

from harnlet import HarnletError
from harnlet.runtime.methods import declared_methods
from harnlet.runtime.values import CallableValue, Handle
from security.attempts import Guarded, attempt, interpreter

OPERATORS = ("add", "radd", "mul", "mod", "neg", "bool", "len", "iter", "getitem", "call", "lt", "eq", "contains")


@pytest.mark.parametrize("name", OPERATORS)
def test_a_handle_cannot_define_what_an_operator_would_reach(name: str) -> None:
    """Compiled code uses Python's operators, so that `rows + 1` or `if rows` would run the host's method."""
    methods = {f"__{name}__": lambda *_: pytest.fail("a script got here")}
    with pytest.raises(TypeError, match=f"Rows is a Handle and defines __{name}__: scripts would reach it"):
        type("Rows", (Handle,), methods)
    with pytest.raises(TypeError, match="scripts would reach it"):
        type("Rows", (type("Base", (), methods), Handle), {})


def test_what_is_meant_to_be_called_can_be() -> None:
    assert type("Callback", (CallableValue,), {"__call__": lambda self, *_: 1})()() == 1


OTHERS = ("1", "1.5", '"a"', "[1]", "{a: 1}", "nil", "true", "(1 to 3)", "1s", "set(1)", "h", "{ x -> x }")
BINARY = ("+", "-", "*", "/", "%", "**", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "??", "in", "not in")


@pytest.mark.parametrize("operator", BINARY)
def test_operators(operator: str) -> None:
    Guarded.asked.clear()
    lines = ["let h = guarded()", "fn id(x) { return x }"]
    for number, other in enumerate(OTHERS):
        for place, (left, right) in enumerate((("h", other), (other, "h"), ("id(h)", other), (other, "id(h)"))):
            lines.append(f"println(try {{ {left} {operator} {right} }})")
            lines.append(f"fn f{number}{'abcd'[place]}(x) {{ return {left.replace('h', 'x')} {operator} {right} }}")
            lines.append(f"println(try {{ f{number}{'abcd'[place]}(h) }})")
    attempt("\n".join(lines))
    assert Guarded.asked == []


LEFT_OUT = {"exit", "sleep", "sleep_ms", "read_line", "read_stdin", "guarded", "failing"}
NAMES = sorted(set(interpreter().builtins()) - LEFT_OUT)
PARTS = 12


@pytest.mark.parametrize("part", range(PARTS))
def test_arguments_of_builtins_and_methods(part: int) -> None:
    """Each builtin and each method with a handle in each position, bare and inside a list or dict."""
    Guarded.asked.clear()
    arguments = ("h", "h, h", "1, h", '"a", h', "[1], h", "{a: 1}, h", "[h]", "{a: h}", '"secret", {secret: h}')
    calls = [f"{name}({given})" for name in NAMES[part::PARTS] for given in arguments]
    methods = sorted({method.name for method in declared_methods()})[part::PARTS]
    receivers = ('"secret"', "[h, h]", "{secret: h}", "set(h)", "[h].iter()", "h")
    calls += [f"{on}.{name}({given})" for name in methods for on in receivers for given in ("h", '"secret", h')]
    printed: list[str] = []
    harn = interpreter(output=printed.append)
    for start in range(0, len(calls), 40):
        lines = [f"try {{ println({call}) }} catch e {{ println(e) }}" for call in calls[start : start + 40]]
        try:
            harn.run_sync("let h = guarded()\n" + "\n".join(lines))
        except HarnletError as error:
            printed.append(error.render())
    assert Guarded.asked == []
    assert "canary" not in "".join(printed)
    assert "<guarded>" in "".join(printed)
