"""The published escapes of other sandboxes, each translated to what a script here could try.

Each test is named for the product, its docstring has the advisory. Where we know of none by number, or are not
sure of the number, it says so. Not here, since nothing in a script corresponds: Jinja2's CVE-2024-22195 and
CVE-2024-34064 (its filter `xmlattr` let keys add attributes to HTML; nothing here writes HTML attributes).
"""

import os
import pickle
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

from harnlet import (
    HostCallError,
    Interpreter,
    LimitError,
    Limits,
    ScriptError,
    SourceError,
    hookimpl,
)
from harnlet.runtime.builtin import builtin
from harnlet.runtime.conversion import ConversionError
from security.attempts import CANARY, attempt, interpreter


@pytest.fixture(autouse=True)
def canary_in_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)


FORMATS = (
    "{0.__class__}",
    "{0.__class__.__mro__}",
    "{0.__init__.__globals__}",
    "{0[__class__]}",
    "{.__class__}",
    "{x.__class__}",
    "{0!r:{1}}",
    "%(x)s %s %n",
    "{self.secret}",
)
"""Python format strings that read attributes."""


# --- asteval --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMATS)
def test_asteval_format_strings(text: str) -> None:
    """CVE-2025-24359, GHSA-3wwr-3g9f-9gc7: the conversion of an f-string field reached attributes."""
    seen = attempt(
        f'let x = guarded()\nlet text = "{text}"\n'
        'println(try { format(text, x, "") })\nprintln(try { format(text, {x: x, self: x}) })\n'
        'println("${text} ${x}")\nprintln("${"${text}"}")'
    )
    assert "guarded" in seen


def test_asteval_exposed_syntax_tree() -> None:
    """GHSA-vp47-9734-prjw: the nodes of a function's body could be reached and changed by a script."""
    seen = attempt(
        "fn f(a) { return a }\nlet g = f\n"
        'for name in ["body", "node", "code", "__code__", "argnames", "defaults", "__defaults__"] {\n'
        "  println(try { g[name] })\n}\n"
        "println(try { g.body })\nprintln(try { g.__code__ })\nprintln(g.body())\n"
        "var h = f\nprintln(try { h.body = 1 })\nreturn f(5)"
    )
    assert seen.endswith("5")


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit", "StopIteration", "CancelledError"])
def test_asteval_exceptions_that_end_the_host(name: str) -> None:
    """Described in its notes on safety (1.0.9), without a number: a script raised `SystemExit` and such."""
    end = {"throw": "return 1", "exit": "exit(3)"}
    for how in (f'throw "{name}"', f"throw {name}(1)", f'throw {{kind: "{name}"}}', f"{name}()", f"raise {name}", end["exit"]):
        attempt(f"try {{ {how} }} catch e {{ println(e) }}" if "raise" not in how else how)
        attempt(how)


def test_asteval_writes_to_dunder_attributes() -> None:
    """Described in its notes on safety (1.0.10), without a number: dunder attributes could be written."""
    seen = attempt(
        "struct S { a }\nimpl S { fn m(self) { return 1 } }\nfn f() { return 2 }\nvar d = {a: 1}\nvar s = S { a: 1 }\n"
        + "".join(
            f"try {{ var x = {value}\nx.{name} = guarded }} catch e {{ }}\n"
            for value in ("d", "s", "S", "f", "println", "guarded()", "1", '"a"', "[1]")
            for name in ("__class__", "__dict__", "__code__", "__bases__", "__call__", "__eq__", "m", "type")
        )
        + "return [f(), s.m(), S { a: 3 }.m(), d, s == S { a: 1 }]"
    )
    assert seen == "[2, 1, 1, {'a': 1}, True]"


# --- RestrictedPython -----------------------------------------------------------------------------


def test_restrictedpython_stack_frames() -> None:
    """CVE-2023-37271, GHSA-wqc8-x2pr-7jqh: from a generator over its frame to the frames of the host."""
    seen = attempt(
        "fn numbers() { yield 1 }\ngen fn items() { emit 1 }\n"
        "for g in [numbers(), items(), (1 to 3).iter(), [1].iter().map({ x -> x })] {\n"
        "  println(try { g.gi_frame })\n  println(try { g.gi_frame.f_back.f_globals })\n"
        "  println(g.gi_frame())\n  println(g?.gi_code)\n  println(try { g.cr_frame })\n}"
    )
    assert "f_globals" not in seen.replace("`f_globals`", "")


@pytest.mark.parametrize("text", FORMATS)
def test_restrictedpython_format(text: str) -> None:
    """CVE-2023-41039, GHSA-xjw2-6jm9-rf67: `str.format` and `format_map` read attributes."""
    attempt(
        f'let text = "{text}"\nlet x = guarded()\n'
        "println(try { text.format(x) })\nprintln(try { text.format_map({x: x}) })\n"
        "println(try { text.format(x, x) })\nprintln([x].map({ it -> text.format(it) }))"
    )


def test_restrictedpython_attributes_of_errors() -> None:
    """CVE-2024-47532, GHSA-5rfv-66g4-jr8h: `AttributeError.obj` handed out the object it was about."""
    seen = attempt(
        "try { failing() } catch e {\n  println(e)\n  println(type_of(e))\n"
        '  for name in ["obj", "name", "args", "__cause__", "__context__", "__traceback__", "tb_frame"] {\n'
        "    println(try { e[name] })\n  }\n  println(e.obj)\n  println(e?.__traceback__)\n}\n"
        "println(try { nil.obj })\nfailing()"
    )
    assert "AttributeError: no such thing" in seen


def test_restrictedpython_except_star() -> None:
    """CVE-2025-22153, GHSA-gmj9-h825-chq2: a confusion of types in `try ... except*`."""
    seen = attempt(
        "enum Odd { A }\n"
        "for thrown in [1, nil, [1], {split: 1}, Odd.A, { x -> x }, guarded(), Err(1)] {\n"
        "  let r = try { throw thrown } catch (e: Odd) { e.variant } \n  println(try { r })\n}"
    )
    assert "Traceback" not in seen


@pytest.mark.parametrize("call", ["format", "format_map", "vformat", "get_field", "get_value", "convert_field", "parse"])
def test_restrictedpython_formatter_objects(call: str) -> None:
    """CVE-2026-76825 (as its list of changes has it, 8.4): `string.Formatter` walked attributes by a text."""
    attempt(
        'let x = guarded()\nlet text = "{0.secret}{x.secret}"\n'
        f"println(try {{ text.{call}(x) }})\nprintln(try {{ string.Formatter().{call}(text, [x], {{x: x}}) }})\n"
    )
    attempt(
        'let x = guarded()\nlet text = "{0.secret}{x.secret}"\n'
        f"println(try {{ [x, text].{call}(text, [x], {{x: x}}) }})\nprintln(try {{ format.{call}(text, x) }})\n"
        f'println(try {{ {{{call}: format}}.{call}("{{0.secret}}", x) }})'
    )


def test_restrictedpython_parameters_named_like_guards() -> None:
    """In its list of changes without a number (8.3): a positional-only parameter took the place of a name
    that the compiled code relies on. Here: each name that is in the globals of compiled code."""
    harn = interpreter()
    program = harn.compile('fn f(a, b) { return a + b }\nprintln([1].map({ x -> f(x, "${x}") }))')
    names = {
        name
        for code in _codes(program.code)
        for name in (*code.co_names, *code.co_varnames, *code.co_freevars)
        if name.isidentifier()
    }
    assert len(names) > 10
    for name in names:
        source = f"fn f({name}, other = {name}) {{ var n = [{name}, other]\nn = n.push(1)\nreturn n.map({{ {name} -> {name} + 1 }}) }}"
        try:
            assert attempt(f"{source}\nreturn f(1)") == "[2, 2, 2]", name
        except SourceError:
            assert not name.isidentifier() or name.startswith("_"), name


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


@pytest.mark.parametrize(
    "use",
    [
        *("[...x]", "{...x}", "set(...[x])", "to_list(x)", "x.iter()", "for y in x { println(y) }", "let [a, b] = x"),
        *("[1].zip(x)", "[x].flatten()", "[1] + x", "[x, x].sort()", "sum(x)", "join(x, 1)", "parallel each x { y -> y }"),
        *("keys(x)", "(1 to 3).iter().zip(x)", "[1].iter().chain(x)", "x[0:1]", "1 in x", "stream.from(x)", "min(x)"),
    ],
)
def test_restrictedpython_iteration_past_the_guard(use: str) -> None:
    """In its list of changes without a number (8.5, 9.0): `sorted`, `tuple`, `zip` and unpacking iterated in C,
    so that the application's guard of iteration was not asked. A handle here says by `items` what it gives."""
    from security.attempts import Guarded

    Guarded.asked.clear()
    attempt(f"let x = guarded()\ntry {{ {use} }} catch e {{ println(e) }}")
    assert Guarded.asked == []


# --- smolagents -----------------------------------------------------------------------------------

DUNDERS = (
    *("__class__", "__base__", "__bases__", "__mro__", "__subclasses__", "__globals__", "__builtins__"),
    *("__init__", "__dict__", "__code__", "__closure__", "__self__", "__func__", "__import__", "__loader__"),
    *("__spec__", "__getattribute__", "__reduce__", "__reduce_ex__", "__module__", "__wrapped__", "__call__"),
)


@pytest.mark.parametrize("name", DUNDERS)
def test_smolagents_dunder_attributes(name: str) -> None:
    """CVE-2025-9959: dunder attributes were checked incompletely. CVE-2025-5120: the local executor let
    code out through what it was allowed to use."""
    attempt(
        f"let things = [1, 1.5, \"a\", [1], {{a: 1}}, true, 1s, 1 to 3, {{ x -> x }}, println, guarded()]\n"
        f"for thing in things {{\n  println(try {{ thing.{name} }})\n  println(thing?.{name})\n"
        f"  println(try {{ thing.{name}() }})\n  println(try {{ thing[\"{name}\"] }})\n"
        f'  println(try {{ thing.{name}.{name}("os").system("id") }})\n}}'
    )


@pytest.mark.parametrize("module", ["os", "sys", "subprocess", "builtins", "harnlet", "posix", "ctypes"])
def test_smolagents_imports(module: str) -> None:
    """CVE-2025-5120: modules that were not meant to be imported could be, by way of others."""
    seen = attempt(f'import "{module}"\nprintln("imported")')
    assert "imported" not in seen
    seen = attempt(f'import {{ system }} from "std/{module}"\nprintln("imported")')
    assert "imported" not in seen


@pytest.mark.parametrize("path", ["queue.threading._os", "random._os", "base.events.subprocess", "warnings.sys.modules"])
def test_smolagents_modules_by_way_of_others(path: str) -> None:
    """From its tests, without a number of its own: `queue.threading._os`, and `getattr` handed to `map`."""
    first, _, rest = path.partition(".")
    seen = attempt(
        f"for thing in [stream, println, guarded(), host_tool_list()] {{ println(try {{ thing.{rest} }})\n"
        f'println(try {{ ["{rest}"].map(thing) }})\nprintln(try {{ thing["{first}"] }}) }}'
    )
    assert "<module" not in seen
    assert "error: " in attempt(f"println({first}.{rest})")


def test_smolagents_pickled_results() -> None:
    """Described, number not verified: what a remote executor sent back was unpickled by the host. A worker
    that was taken over sends what it likes: it is JSON, or the end of its run."""
    from harnlet.host.worker_wire import WireError, unpack

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, (CANARY,)

    with pytest.raises(WireError):
        unpack(pickle.dumps({"do": "ended", "value": Evil()}))


# --- Jinja2 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMATS)
def test_jinja_format_and_format_map(text: str) -> None:
    """CVE-2016-10745 (`str.format`) and CVE-2019-10906 (`str.format_map`)."""
    attempt(
        f'let x = guarded()\nprintln(try {{ "{text}".format(x) }})\nprintln(try {{ "{text}".format_map({{x: x}}) }})\n'
        f'println(try {{ render_string("{text}", {{x: x, self: x}}) }})'
    )


def test_jinja_indirect_reference_to_format() -> None:
    """CVE-2024-56326: a filter was given `str.format` as a value and called it."""
    attempt(
        'let x = guarded()\nlet text = "{0.secret} {0.__class__}"\n'
        "println(try { [x].map(text.format) })\nprintln(try { [text].map(format) })\n"
        'let f = format\nprintln(f(text, x))\nprintln({f: format}.f(text, x))\nprintln(x |> format(text, _))'
    )


def test_jinja_attr_filter() -> None:
    """CVE-2025-27516: the filter `attr` got at `format` past the sandbox's own lookup."""
    attempt(
        'let x = guarded()\nlet text = "{0.secret}"\nlet name = "format"\n'
        "println(try { text[name] })\nprintln(try { text?[name] })\nprintln(try { text[name](x) })\n"
        'println(try { render_string("{{ text|attr(\\"format\\")(x) }}", {text: text, x: x}) })\n'
        'println(try { render_string("{{ x.secret }} {{ x.__class__ }} {{ text.format(x) }}", {text: text, x: x}) })\n'
        'println(try { jq(x, ".secret") })\nprintln(try { json_stringify(x) })'
    )


@pytest.mark.parametrize(
    "filename",
    [
        '"""; import os; os.environ["CANARY"]; """.harn',
        "a.harn\nimport os\nraise SystemExit(os.environ)",
        "{{ x }} %s {0.__class__}.harn",
        "\u2028.harn",
        "a" * 10_000,
    ],
)
def test_jinja_names_of_templates(filename: str) -> None:
    """CVE-2024-56201: the name of a template became part of the generated code."""
    printed: list[str] = []
    harn = interpreter(output=printed.append)
    with pytest.raises(ScriptError) as caught:
        harn.run_sync('println("ran")\nthrow "x"', filename=filename)
    assert printed == ["ran\n"]
    assert CANARY not in caught.value.render()


def test_jinja_bytecode_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2014-1402, CVE-2014-0012: a cache of code in a folder that others could write to."""
    from harnlet.modules.code_cache import CodeCache

    folder = tmp_path / "cache"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    harn = Interpreter(code_cache=CodeCache(folder))
    assert harn.run_sync("return 1 + 1") == 2
    assert not [*folder.iterdir()]  # Others may write there, so nothing is kept there.


def test_jinja_slow_regex() -> None:
    """CVE-2020-28493: a regex that takes quadratic time for hostile texts."""
    harn = Interpreter(limits=Limits(seconds=30))
    source = 'return regex_match("(a+)+$", "a" * 2000 + "b")'
    assert harn.run_sync(source) is None
    source = 'return regex_replace_all("(x+x+)+y", "", "x" * 2000)'
    assert harn.run_sync(source) == "x" * 2000


# --- simpleeval (by description: its escapes are in its own tests, and not all have numbers) --------


@pytest.mark.parametrize(
    "source",
    [
        "().__class__",
        "({ x -> x }).__globals__",
        "println.func_globals",
        '"{0.__class__}".format({ x -> x })',
        "[1].append.__self__",
        '("a").__class__.__base__.__subclasses__()',
        "guarded().secret",
        "[guarded()].map({ g -> g.secret })",
        "let {secret} = guarded()",
        "let [secret] = guarded()",
        "for (a, b) in guarded() {}",
        "match guarded() { {secret: s} -> { s } _ -> { 1 } }",
        "[...guarded()]",
        "{...guarded()}",
        "var g = guarded()\ng.secret = 1\nreturn g",
        'var g = guarded()\ng["secret"] = 1\nreturn g',
        "keys(guarded())",
        "entries(guarded())",
        "to_list(guarded())",
        "guarded() + guarded()",
        "to_string(guarded()) + json_stringify([guarded()])",
        'schema_check(guarded(), {type: "dict", properties: {secret: {type: "string"}}})',
    ],
)
def test_simpleeval_attributes_and_methods(source: str) -> None:
    """Without a number: attributes of objects and functions, and `format`."""
    from security.attempts import Guarded

    Guarded.asked.clear()
    attempt(source)
    attempt(f"return try {{ {source} }}" if "\n" not in source and "let" not in source else source)
    assert Guarded.asked == []


@pytest.mark.parametrize("source", ["9 ** 9 ** 9 ** 9", '"a" * 9 ** 99', "[1] * 10 ** 12", "(1 to 10 ** 12).to_list()"])
def test_simpleeval_large_values(source: str) -> None:
    """Without a number: powers and repetitions that take all memory."""
    assert "Error" in attempt(source) or "error" in attempt(source)
    limits = Limits(integer_bits=1000, string_bytes=1000, collection_items=1000)
    with pytest.raises((LimitError, ScriptError)):
        Interpreter(limits=limits).run_sync(source)


def test_jinja_templates_that_users_write() -> None:
    """CVE-2019-8341 (disputed by the project): `from_string` with a text of the user's ran it as a template.
    What a template is given is data, and is not read as a template again."""
    seen = attempt(
        'let evil = "{{ x.secret }}{{ y }}{% for c in x.__class__.__mro__ %}{{ c }}{% endfor %}"\n'
        'println(render_string("{{ evil }} {{ deep.evil }}", {evil: evil, deep: {evil: evil}, x: guarded(), y: "again"}))'
    )
    assert "again" not in seen
    assert seen.count("{{ y }}") == 2


KINDS = {
    "module": os,
    "function": exec,
    "class": type,
    "method": [].append,
    "in a list": [os],
    "in dicts": {"m": {"p": os.path}},
    "in a tuple": (exec, eval),
}


@pytest.mark.parametrize("kind", KINDS)
def test_simpleeval_modules_and_functions_in_values(kind: str) -> None:
    """Described, number not verified (its releases up to 1.0.8): modules and forbidden functions inside names,
    containers and results of functions could be used, by attribute, index, call, or as an argument."""

    class Giving:
        @hookimpl
        def harnlet_stdlib_modules(self) -> list[object]:
            @builtin("get()", section="6")
            def get() -> object:
                """A mistake of a plugin's author."""
                return KINDS[kind]

            return [get]

    uses = ("m.system", 'm["system"]', "m[0].system", "m.m.p.os", 'm("1")', "m[0](1)", "[1].map(m)", "m", "println(m)")
    for use in uses:
        with pytest.raises(HostCallError, match="get gave a Python object of type"):
            Interpreter(plugins=[Giving()]).run_sync(f"let m = get()\nreturn {use}")
        with pytest.raises(ConversionError, match="cannot be passed to a script"):
            Interpreter().run_sync(f"pipeline default(m) {{ {use} }}", {"m": KINDS[kind]})


def test_simpleeval_operator_functions() -> None:
    """In its tests, without a number: `operator.attrgetter` and `methodcaller` called by way of `operator.call`."""
    attempt(
        'let x = guarded()\nlet path = "__class__.__init__.__globals__"\n'
        "println(try { get_path(x, path) })\nprintln(try { dig(x, path) })\nprintln(try { jq(x, \".__class__\") })\n"
        'println(try { [x].sort_by("secret") })\nprintln(try { [x].group_by("secret") })\nprintln(try { [x].map("secret") })\n'
        'println(try { x |> "secret" })\nprintln(try { [x].unique_by("secret") })\nprintln(try { pick(x, ["secret"]) })'
    )


# --- lupa (by description) --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["getattr", "setattr", "hasattr", "eval", "exec", "compile", "open", "vars", "dir"])
def test_lupa_functions_of_python(name: str) -> None:
    """Described, number not verified: the filter of attributes did not hold for `getattr` and `setattr`."""
    if name == "exec":
        # Here it runs commands, and needs the capability for that.
        plugins = ["harnlet_plugins.commands"]
        assert "processes" in attempt('println(try { exec("id") })', plugins=plugins)
        return
    assert "is not defined" in attempt(f'{name}(guarded(), "secret")')
    assert "Undefined" in attempt(f"println({name})")


@pytest.mark.parametrize("path", ["eval", "builtins.open", "globals", "iter", "as_attrgetter", "builtins.getattr"])
def test_lupa_module_python(path: str) -> None:
    """By description (`register_eval`, `register_builtins`): a global `python` gave scripts Python itself."""
    for name in ("python", "py", "host", "harnlet", "debug", "package", "_G"):
        assert "Undefined" in attempt(f'println({name}.{path}("1"))')


def test_lupa_objects_of_the_host_as_tables() -> None:
    """Without a number: what the host gave to a script gave away its attributes, and its methods."""
    attempt(
        'let r = host_tool_call("helper", {text: "x"})\nprintln(r)\n'
        'for key in keys(r) { println(r[key]) }\nprintln(r.result.__class__)\nprintln(r.__init__)\n'
        'for tool in host_tool_list() { println(tool)\nprintln(tool.start)\nprintln(tool.function) }\n'
        'println(host_tool_call("helper.__class__", {}))\nprintln(host_tool_call("__init__", {}))'
    )
