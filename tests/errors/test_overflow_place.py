"""Where an uncaught stack overflow points (docs/language.md#depth-limit)."""

import pytest

from harnlet import Interpreter, ScriptError


@pytest.mark.parametrize(
    "source",
    [
        "fn down(n) {\n  return 1 + down(n + 1)\n}\ndown(0)",
        "struct S { n }\nimpl S { fn down(self) {\n return 1 + self.down() } }\nS { n: 1 }.down()",
        "let down = { n ->\n  1 + down(n + 1) }\nlet up = { n -> n }\nfn go(n) { return 1 +\n   go(n + 1) }\ngo(1)",
    ],
)
async def test_it_points_at_the_call_that_was_one_too_many(source: str) -> None:
    async with Interpreter() as harn:
        with pytest.raises(ScriptError) as failure:
            await harn.run(source)
    diagnostic = failure.value.diagnostics[0]
    lines = source.splitlines()
    text = lines[diagnostic.line - 1][diagnostic.column - 1 : diagnostic.end_column - 1]
    assert text in ("down(n + 1)", "self.down()", "go(n + 1)")
    assert diagnostic.message == f"Runtime error: Stack overflow: too many nested calls (line {diagnostic.line})"
    assert f":{diagnostic.line}" in diagnostic.notes[0]
