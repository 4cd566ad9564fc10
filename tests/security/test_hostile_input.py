"""Texts and values made to confuse: names, paths, numbers, patterns, comparators, nesting, cycles."""

import socket
import unicodedata
from pathlib import Path

import pytest

from harnlet import HarnletError, Interpreter, LimitError, Limits, ScriptError, SourceError
from security.attempts import CANARY, LIMITS, attempt, interpreter

DEEP = 5_000


# --- names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["ｇlobals", "__ｃlass__", "ﬁle", "ªbc", "µ", "℘x", "x·y", "ⅰ", "𝓮𝓿𝓪𝓵", "ſet", "K", "évil", "e\u0301vil"],
)
def test_unicode_look_alikes_are_names_of_their_own(name: str) -> None:
    """Python folds identifiers by NFKC: two names of a script must not become one, nor one of ours."""
    folded = unicodedata.normalize("NFKC", name)
    try:
        Interpreter().compile(f"let {name} = 1")
        Interpreter().compile(f"let {folded} = 1")
    except SourceError:
        return  # one of the two is no name here
    seen = attempt(f"let {name} = 1\nlet {folded}{'' if folded != name else '_'} = 2\nreturn {name}")
    assert seen == "1"
    attempt(f"println(try {{ guarded().{name} }})\nlet d = {{{name}: 1}}\nreturn d.{name}")


def test_keywords_and_builtins_of_python_are_plain_names() -> None:
    words = ["lambda", "class", "def", "del", "global", "nonlocal", "async", "None", "True", "exec", "is", "not"]
    for word in words:
        assert attempt(f"let {word} = 5\nfn g({word}) {{ return {word} }}\nreturn g({word} + 1)") == "6"


# --- module paths -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        *("../secret", "./../secret", "lib/../../secret", "/etc/passwd", "~/secret", "file:///etc/passwd"),
        *("..\\\\secret", "secret.harn\\n", "std/../../secret", "std/../secret", "link", "./link", "sub/link"),
        *('a\\"b', "a'b", "a;import os", "{0}", "http://localhost/x", "C:/secret", "//host/secret", "", ".", ".."),
        *("\0", "secret\0.harn", "LIB/../../SECRET", "%2e%2e/secret", "．．/secret", "..%c0%afsecret"),
    ],
)
def test_modules_stay_in_their_folder(path: str, tmp_path: Path) -> None:
    (tmp_path / "secret.harn").write_text(f'println("{CANARY}")\nfn leak() {{ return "{CANARY}" }}\n')
    inside = tmp_path / "inside"
    (inside / "sub").mkdir(parents=True)
    (inside / "link.harn").symlink_to(tmp_path / "secret.harn")
    (inside / "sub" / "link").symlink_to(tmp_path)
    main = inside / "main.harn"
    for source in (f'import "{path}"\nleak()', f'import {{ leak }} from "{path}"\nreturn leak()'):
        main.write_text(source)
        printed: list[str] = []
        with pytest.raises(HarnletError) as caught:
            interpreter(output=printed.append).run_sync(source, filename=str(main))
        assert CANARY not in caught.value.render() + "".join(printed)


# --- files, environment, commands, network ------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        *('read_file("{}")', 'read_file_bytes("{}")', 'read_lines("{}")', 'file_exists("{}")', 'stat("{}")'),
        *('list_dir("{}/..")', 'glob("{}*")', 'walk_dir("{}/..")', 'write_file("{}", "x")', 'delete_file("{}")'),
        *('append_file("{}", "x")', 'copy_file("{}", "/tmp/x")', 'move_file("{}", "/tmp/x")', 'mkdir("{}.d")'),
        *('render("{}", {{}})', 'read_file("file://{}")', 'read_file("{}/../secret.txt")'),
    ],
)
def test_files_need_their_capability(call: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    seen = attempt(f"println(try {{ {call.format(secret)} }})\n{call.format(secret)}")
    assert "files" in seen
    assert secret.read_text() == CANARY
    assert [each.name for each in tmp_path.iterdir()] == ["secret.txt"]


@pytest.mark.parametrize("call", ['env("CANARY")', 'env_or("CANARY", "x")', 'env("PATH")', "home_dir()", "hostname()"])
def test_the_environment_needs_its_capability(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    assert "environment" in attempt(f"println(try {{ {call} }})")


@pytest.mark.parametrize("call", ['exec("id")', 'shell("id")', 'exec_at("/", "id")', 'shell_at("/", "id")'])
def test_commands_need_their_capability(call: str) -> None:
    plugins = ["harnlet_plugins.commands"]
    assert "processes" in attempt(f"println(try {{ {call} }})", plugins=plugins)


@pytest.mark.parametrize(
    "url",
    [
        *("http://allowed.invalid@127.0.0.1:{}/", "http://allowed.invalid:x@127.0.0.1:{}/", "http://127.0.0.1:{}/"),
        *("http://127.0.0.1:{}/#@allowed.invalid", "http://127.0.0.1:{}\\\\@allowed.invalid/", "http://0x7f000001:{}/"),
        *("http://2130706433:{}/", "http://[::ffff:127.0.0.1]:{}/", "http://[::ffff:7f00:1]:{}/", "http://127.1:{}/"),
        *("http://allowed.invalid.127.0.0.1.nip.invalid:{}/", "http://１２７.０.０.１:{}/", "http://localhost.:{}/"),
        *("file:///etc/passwd?{}", "gopher://127.0.0.1:{}/", "http://127。0。0。1:{}/", "HTTP://LOCALHOST:{}/"),
    ],
)
def test_the_network_is_as_wide_as_was_said(url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = url.format(server.getsockname()[1])
        for capabilities in ("none", {"network:allowed.invalid"}):
            seen = attempt(f'println(try {{ http_get("{address}", {{timeout_ms: 2000}}) }})', capabilities=capabilities)
            assert "Err(" in seen
            with pytest.raises(BlockingIOError):
                server.accept()


def test_arguments_of_commands_are_not_read_by_a_shell(tmp_path: Path) -> None:
    proof = tmp_path / "proof"
    tricks = [f"; touch {proof}", f"$(touch {proof})", f"`touch {proof}`", f"\n touch {proof}", f"| touch {proof}", "-n"]
    harn = Interpreter(capabilities={"processes"}, plugins=["harnlet_plugins.commands"])
    for trick in tricks:
        source = 'pipeline default(t) { return exec("printf", "%s", t).stdout }'
        assert harn.run_sync(source, {"t": trick}) == trick
    assert not proof.exists()


# --- numbers, texts, patterns -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "return " + "9" * 100_000,
        "return 0." + "9" * 100_000,
        "return " + "9" * 30 + "w",
        'return to_int("' + "9" * 100_000 + '")',
        'return json_parse("' + "9" * 100_000 + '")',
        'return json_parse("1e999999999")',
        "return to_string(1" + "0" * 4_400 + ").count",
        "return to_string(10 ** 19000).count",
        'return format("{:>999999999999}", 1)',
        'return str_pad("x", 999999999999, " ")',
        'return "x".repeat(99999999999999999999)',
        "return (1 to 99999999999999999999999).to_list()",
        "return [1].window(-1)",
        "return 1 ** 99999999999999999999999999999",
        "return 10.0 ** 99999",
    ],
)
def test_huge_literals_and_numbers(source: str) -> None:
    attempt(source)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*a){20}", "^(\\\\w+\\\\s?)*$", "(x+x+)+y", "((a*)*)*b"])
def test_regex_bombs(pattern: str) -> None:
    text = '"a" * 5000 + "!"'
    harn = Interpreter(limits=Limits(seconds=20))
    for call in (f'regex_match("{pattern}", {text})', f'regex_replace_all("{pattern}", "", {text})'):
        try:
            harn.run_sync(f"return {call}")
        except ScriptError as error:
            refusal = error.message
        else:
            refusal = "takes too long"
        assert "takes too long" in refusal or "too large" in refusal  # and no limit had to step in


def test_yaml_that_multiplies() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(12)]
    text = "\\n".join(lines)
    limits = Limits(seconds=20, string_bytes=100_000, collection_items=100_000)
    attempt(f'let d = yaml_parse("{text}")\nreturn to_string(d).count', limits=limits)


# --- comparators, keys and texts of the script's own ----------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "return [3, 1, 2].sort_by({ x -> throw x })",
        'return [3, 1, 2].sort_by({ x -> [x, nil, "a", { y -> y }] })',
        "var n = 0\nreturn [3, 1, 2].sort_by({ x -> n = n + 1\n {a: n} })",
        "return [1.0 / 0.0, 0.0 / 0.0, nil, [], {}, { x -> x }, true].sort()",
        "let f = { x -> x }\nreturn [f, f, println, 1].sort().count",
        "fn deep(x) { return [1].sort_by({ y -> deep(y) }) }\ndeep(1)",
        "let xs = [3, 1, 2]\nreturn xs.sort_by({ x -> xs.push(x).count })",
        "return [1, 2].reduce(0, { a, b -> throw {a: a} })",
        "return set([1], [1], { x -> x }, 0.0 / 0.0, 0.0 / 0.0)",
        'return {["${[1].map({ x -> throw x })}"]: 1}',
        "struct S { a }\nimpl S { fn to_string(self) { throw 1 }\n fn display(self) { return self.display() } }\n"
        'println(S { a: 1 })\nprintln("${S { a: 1 }}")\nreturn to_string(S { a: 1 })',
        "struct S { a }\nimpl S { fn eq(self, o) { throw 1 }\n fn __eq__(self, o) { throw 2 }\n fn __hash__(self) { throw 3 } }\n"
        "return [S { a: 1 } == S { a: 1 }, set(S { a: 1 }, S { a: 1 }).count]",
    ],
)
def test_hostile_comparators_and_methods(source: str) -> None:
    assert "Traceback" not in attempt(source)


# --- nesting and cycles -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        *("(" * DEEP, "[" * DEEP, "{a: " * DEEP, "!" * DEEP + "1", "-" * DEEP + "1", '"${' * DEEP, "f(" * DEEP),
        *("if true {" * DEEP, "{ x -> " * DEEP, "1" + " + 1" * 20_000, "x" + ".y" * DEEP, "x" + "[0]" * DEEP),
        *("try {" * DEEP, "fn f() {" * DEEP, "match x { _ -> {" * DEEP, "/*" * DEEP, "a ? b : " * DEEP, "x |> " * DEEP),
        *("let " * DEEP, "spawn {" * DEEP, "return " * DEEP, "type T = list<" + "list<" * DEEP, "@a(" * DEEP),
    ],
)
def test_deep_sources(source: str) -> None:
    attempt(source)


@pytest.mark.parametrize(
    "use",
    [
        *("println(to_string(v).count)", "json_stringify(v)", "v == w", "set(v, w)", "v.flatten()", "return v"),
        *("hash_value(v)", "throw v", 'schema_is(v, {type: "list"})', "[v, w].sort()", "v in [w]", "{a: v} == {a: w}"),
        *("yaml_stringify(v)", "json_parse(json_stringify(v))", "spawn { v }", 'host_tool_call("helper", {text: v})'),
    ],
)
def test_deep_values(use: str) -> None:
    build = f"var v = [1]\nvar w = [1]\nfor i in 1 to {DEEP} {{ v = [v]\nw = [w] }}\n"
    attempt(build + use)


def test_values_cannot_hold_themselves() -> None:
    seen = attempt('var d = {a: 1}\nd.d = d\nd.d.d = d\nvar xs = [1]\nxs = xs.push(xs)\nxs[0] = xs\nprintln(d)\nreturn xs')
    assert seen.startswith("{a: 1, d: {a: 1, d: {a: 1, d: {a: 1}}}}")


def test_handles_that_hold_themselves() -> None:
    attempt(
        "let c = channel(2)\nsend(c, [c])\nprintln(c)\nprintln(receive(c))\nlet a = atomic(1)\n"
        "println(try { atomic_set(a, [a]) })\nprintln([a] == [a])\nlet m = shared_map()\nprintln(m)\nreturn 1"
    )


# --- templates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    [
        *("{{ x }}", "{{ x.__class__ }}", "{{ ''.__class__.__mro__ }}", "{% for c in x.__subclasses__() %}{% endfor %}"),
        *("{{ self }}", "{{ config }}", "{{ x|attr('secret') }}", "{{ cycler.__init__.__globals__ }}", "${x}", "{0}"),
        *("{% include '/etc/passwd' %}", "{% import os %}", "{{ x['secret'] }}", "{{", "{% if %}", "{{ x.secret() }}"),
    ],
)
def test_templates(template: str) -> None:
    attempt(f'println(try {{ render_string("{template}", {{x: guarded(), y: 1}}) }})')


def test_limits_hold_in_all_this() -> None:
    with pytest.raises(LimitError):
        interpreter(limits=Limits(steps=1000)).run_sync("while true { try { failing() } catch e {} }")
    assert LIMITS.seconds
