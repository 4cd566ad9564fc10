"""Whatever a script can hold, naming a member of it never reaches an attribute of a Python object."""

import pytest

from security.attempts import Guarded, attempt

VALUES = {
    "nil": "nil",
    "bool": "true",
    "int": "1",
    "big int": "2 ** 100",
    "float": "1.5",
    "string": '"abc"',
    "bytes": 'bytes_from_string("ab")',
    "list": "[1, [2]]",
    "dict": "{a: 1}",
    "range": "(1 to 3)",
    "duration": "1s",
    "pair": "pair(1, 2)",
    "set": "set(1)",
    "result": "Ok(1)",
    "enum": "E.B(1)",
    "struct": "S { a: 1 }",
    "struct type": "S",
    "closure": "{ x -> x }",
    "function": "f",
    "builtin": "println",
    "method": "S { a: 1 }.m",
    "iterator": "[1].iter()",
    "lazy iterator": "[1].iter().map({ x -> x })",
    "generator": "g()",
    "stream": "h()",
    "channel": "channel(1)",
    "task": "spawn { 1 }",
    "atomic": "atomic(1)",
    "namespace": "stream",
    "handle of a plugin": "guarded()",
    "registry": "tool_registry()",
    "session": 'agent_session_open("s")',
}
NAMES = (
    *("__class__", "__dict__", "__doc__", "__globals__", "__builtins__", "__code__", "__closure__", "__name__"),
    *("__defaults__", "__init__", "__mro__", "__bases__", "__subclasses__", "__module__", "__self__", "__func__"),
    *("__getattribute__", "__reduce__", "__slots__", "__type_params__", "__annotations__", "__wrapped__"),
    *("gi_frame", "gi_code", "f_back", "f_globals", "f_locals", "f_builtins", "tb_frame", "tb_next", "cr_frame"),
    *("mro", "format", "format_map", "secret", "function", "entries", "run", "asyncio_task", "display", "same_as"),
    *("type", "signature", "enum", "milliseconds", "start", "numbers", "value", "values", "rt", "name", "listeners"),
)
HEADER = """struct S { a }
enum E { A, B(n) }
impl S { fn m(self) { return 1 } }
fn f(a) { return a }
fn g() { yield 1 }
gen fn h() { emit 1 }
fn shown(x) { println(type_of(x)); println(x) }
"""


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_members_in_every_position(value: str) -> None:
    Guarded.asked.clear()
    lines = [HEADER, f"let v = {value}", "var w = v"]
    for name in NAMES:
        lines += [
            f"shown(try {{ v.{name} }})",
            f"shown(v?.{name})",
            f"shown(try {{ v.{name}() }})",
            f"shown(try {{ v?.{name}(1, 2) }})",
            f'shown(try {{ v["{name}"] }})',
            f'shown(try {{ v?["{name}"] }})',
            f'shown(try {{ "${{v.{name}}}" }})',
            f"try {{ w.{name} = 1 }} catch e {{ println(e) }}\nw = v",
            f'try {{ w["{name}"] = 1 }} catch e {{ println(e) }}\nw = v',
            f"try {{ let {{{name}}} = v\nshown({name}) }} catch e {{ println(e) }}",
            f"match v {{ {{{name}: x}} -> {{ shown(x) }} _ -> {{ 1 }} }}",
            f'println(try {{ "{name}" in v }})',
        ]
    seen = attempt("\n".join(lines))
    assert Guarded.asked == []
    assert "builtins" not in seen.replace("Undefined builtin", "")


def test_names_of_generated_code_are_out_of_reach() -> None:
    names = (
        *("rt", "main", "arguments", "depth", "surplus", "t1", "x_1", "call_println", "value_println", "names"),
        *("caught", "display", "equals", "call_method", "Thrown", "EnumValue", "StructType", "LONGEST_TEXT"),
        *("weigh", "harnlet", "MISSING", "get_member", "Exception", "__builtins__", "BaseException"),
    )
    for name in names:
        assert "Undefined" in attempt(f"println({name})"), name
        seen = attempt(f"{name}(1)")
        assert "is not defined" in seen or "Undefined" in seen, name
        assert attempt(f"let {name} = 5\nfn f({name}) {{ return {name} }}\nprintln({name} + f(1))\nreturn 0") == "6\n0"
        assert attempt(f"fn {name}() {{ return 7 }}\nreturn {name}()") == "7"


def test_variables_that_look_like_generated_ones() -> None:
    source = "let x = 1\nlet x_1 = 2\nlet x_2 = 3\nlet t1 = [x, x_1, x_2]\nlet rt = t1\nfor main in rt { println(main) }\nreturn rt"
    assert attempt(source) == "1\n2\n3\n[1, 2, 3]"


def test_dicts_may_have_such_keys() -> None:
    """Keys are data: a dict does not confuse them with anything of ours."""
    assert attempt('var d = {__class__: 1}\nd.__init__ = 2\nd["__dict__"] = 3\nreturn d') == (
        "{'__class__': 1, '__dict__': 3, '__init__': 2}"
    )
