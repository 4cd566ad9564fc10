"""What the compiler infers never changes what a program does: cases where it once did, or easily could."""

import pytest

from harnlet import Interpreter, ScriptError


async def value_of(source: str) -> object:
    async with Interpreter() as harn:
        return await harn.run(source)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("fn f(n) { return n - 1 }\nf(2)\nf()", "Cannot subtract int from nil"),
        ("fn f(n) { return n + 1 }\nf(2)\nf(true)", "Cannot add bool and int"),
        ("fn f(a, b) { return a * b }\nf(2, 3)\nf(2)", "Cannot multiply int and nil"),
        ("let f = { n -> n + 1 }\nf(1)\nf()", "Cannot add nil and int"),
        ("var n = 1\nfor i in 1 to 2 { n = n + 1\n n = true }", "Cannot add bool and int"),
        ("fn f(n) { return g(n) }\nfn g(m) { return m + 1 }\nf(1)\ng()", "Cannot add nil and int"),
        ("fn f(...xs) { return xs + 1 }\nf(1)", "Cannot add list and int"),
        ("fn f(n = 1) { return n + 1 }\nf()\nf(nil)", "Cannot add nil and int"),
    ],
)
async def test_an_argument_of_another_kind_is_seen(source: str, message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        await value_of(source)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("fn f(n) { return n == 1 }\nreturn [f(1), f(true)]", [True, False]),
        ("fn f(a, b) { return a < b }\nreturn [f(1, 2), f(false, true), f(1, nil)]", [True, False, False]),
        ("fn f(n) { return n / 2 }\nreturn [f(7), f(-7), f(7.0)]", [3, -3, 3.5]),
        ("fn f(n) { return n % 3 }\nreturn [f(7), f(-7), f(-7.5)]", [1, -1, -1.5]),
        ("let fs = [{ n -> n + 1 }]\nlet f = fs[0]\nreturn [f(1), f(1.5)]", [2, 2.5]),
        ('fn f(x) { return x + x }\nreturn [f(1), f("a"), f([1])]', [2, "aa", [1, 1]]),
        ("fn id(x) { return x }\nlet g = id\nreturn [id(1) + 1, g(true)]", [2, True]),
    ],
)
async def test_values_of_several_kinds_meet(source: str, value: object) -> None:
    assert await value_of(source) == value
