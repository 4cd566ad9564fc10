"""Sources that are deep or long: a diagnostic, never a Python error (docs/language.md)."""

import pytest

from harnlet import Interpreter, SourceError

LONG = 4_000


@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000,
        "[" * 100_000,
        "{" * 100_000,
        "if true {" * 100_000,
        "-" * 100_000 + "1",
        "1 ** " * 50_000 + "1",
        "let x = 1\nlet y = " + "x." * 100_000 + "y",
        "let x = 1\nlet y = x" + "[0]" * 5_000,
        'let y = "a"' + ".trim()" * 5_000,
        "fn f(x) { return f }\nlet y = f" + "(1)" * 5_000,
    ],
    ids=lambda source: source[-12:],
)
def test_what_is_too_deep_gets_a_diagnostic(source: str) -> None:
    with pytest.raises(SourceError) as caught:
        Interpreter().compile(source)
    assert caught.value.code == "HRN-0007"


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("return " + " + ".join(["1"] * LONG), LONG),
        ("let x = 1\nreturn " + " + ".join(["x"] * LONG), LONG),
        ("let t = true\nreturn " + " && ".join(["t"] * LONG), True),
        ('let s = "a"\nreturn len(s' + ' + "b"' * LONG + ")", LONG + 1),
        ("return 1" + " |> to_string" * LONG, "1"),
        ("return len([" + ", ".join(["1"] * LONG) + "])", LONG),
        ("return nil ?? " + " ?? ".join(["nil"] * LONG) + " ?? 5", 5),
        ("var n = 0\n" + "n = n + 1\n" * LONG + "return n", LONG),
        ('return "a"' + ".trim()" * 300, "a"),
        ("let n = 99\nreturn if n == 0 { 0 }" + "".join(f" else if n == {i} {{ {i} }}" for i in range(1, 100)), 99),
        ("return match 150 { " + " ".join(f"{i} -> {{ {i} }}" for i in range(200)) + " }", 150),
    ],
    ids=["sum", "variables", "and", "texts", "pipes", "list", "coalesce", "statements", "methods", "else-if", "match"],
)
def test_what_is_only_long_runs(source: str, value: object) -> None:
    assert Interpreter().run_sync(source) == value
