"""Inputs for `scripts/fuzz.py`: programs that are mutated, spliced, or made up from the grammar.

Each input is a function of a seed and a number, so that one that was lost in a crash can be made again.
"""

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_TOKEN = re.compile(r'"""|\s+|"(?:[^"\\\n]|\\.)*"|\w+|->|\?\.|\|>|[=!<>&|*?]{2}|[^\w\s]')
_VALUE = re.compile(r'"(?!"")|\d')
_COMMENT = re.compile(r"//[^\n]*")

NASTY: Final = (
    *("nil", "true", "false", "0", "-1"),
    *("1", "2", "63", "64", "9223372036854775807", "-9223372036854775808"),
    *("99999999999999999999999999", "0.0", "-0.0", "1.5", "0.1", "1.0 / 0.0", "-1.0 / 0.0", "0.0 / 0.0"),
    *('""', '"a"', '"abc"', '"é\U0001f600"', '"${x}"'),
    *('"{0.__class__}"', '"%s%n"', '"\\\\"', '"[("', '"a" * 3'),
    *('"2024-02-30"', '"{\\"a\\": [1, {}]}"', '"a,b\\n1,2"'),
    *('"../../etc/passwd"', '"__class__"', 'r"(a+)+$"'),
    *("[]", "[1, 2, 3]", "[[1], [2, [3]]]", "[nil]"),
    *('["b", "a"]', "[1.5, 2]", "[x, x]", "(1 to 5)", "(5 to 1)"),
    *("{}", "{a: 1}", '{type: "int"}'),
    *("{a: {b: [1]}}", '{"__proto__": 1}', "{_type: 1}", "{kind: 1, n: x}"),
    *("{ a -> a }", "{ a, b -> a }", "{ -> throw 1 }", "{ a -> f(a) }", "f", "len", "print", "x", "y"),
    *("1s", "0ms", "3w", "set(1, 2)", "pair(1, 2)"),
    *("Ok(1)", "Err(x)", "E.A", "E.B(1)", "S { a: 1 }", "channel(2)"),
    *('bytes_from_string("ab")', "[1].iter()", "(1 to 9).iter()"),
    *("atomic(1)", "stream.from([1])", "argv", "pi"),
)
HEADER: Final = """struct S { a, b }
enum E { A, B(n) }
impl S { fn m(self, n) { return self.a } }
fn f(n = 1) { return n }
var x = 1
var y = [1, 2]
"""
_STATEMENTS: Final = (
    "let {n} = {e}",
    "var {n} = {e}",
    "{v} = {e}",
    "{v} += {e}",
    "{v}[{e}] = {e}",
    "{v}.a = {e}",
    "{v}.a[{e}].b = {e}",
    "{v} = {v}.push({e})",
    "{v} = {v} + {e}",
    "if {e} {{ {s} }} else {{ {s} }}",
    "for {n} in {e} {{ {s} }}",
    "for (k, w) in {e} {{ {s} }}",
    "var i = 0\nwhile i < 3 {{ i = i + 1\n{s} }}",
    "try {{ {s} }} catch e {{ {s} }} finally {{ {s} }}",
    "try {{ {s} }} finally {{ return {e} }}",
    "defer {{ {s} }}",
    "throw {e}",
    "return {e}",
    "fn g{i}(a, b = {e}) {{ {s}\nreturn {e} }}\ng{i}({e})",
    "gen fn h{i}() {{ emit {e}\n{s} }}\nfor q in h{i}() {{ {s} }}",
    "match {e} {{ 1 | 2 -> {{ {s} }} E.B(n) -> {{ n }} {{a: n}} -> {{ n }} _ -> {{ {e} }} }}",
    "match {e} {{ [p, q] -> {{ p }} 1.5 -> {{ {s} }} }}",
    "let {{a, b: c = {e}, ...rest}} = {e}",
    "let [p, q = {e}, ...rest] = {e}",
    "retry {e} {{ {s} }}",
    "deadline {e} {{ {s} }}",
    "mutex {{ {s} }}",
    "guard {e} else {{ return 1 }}",
    "require {e}, {e}",
    "let t{i} = spawn {{ {s} }}\nawait(t{i})",
    "parallel each {e} {{ w -> {s}\n{e} }}",
    "parallel settle {e} {{ w -> {e} }}",
    "parallel 2 {{ w -> {e} }}",
    "select {{ m from channel(1) {{ {s} }} timeout 5ms {{ {s} }} }}",
    "println({e})",
    "{e}",
)
_EXPRESSIONS: Final = (
    *("{e} + {e}", "{e} - {e}", "{e} * {e}", "{e} / {e}"),
    *("{e} % {e}", "{e} ** {e}", "{e} == {e}", "{e} < {e}"),
    *("{e} && {e}", "{e} || {e}", "{e} ?? {e}", "{e} in {e}", "{e} not in {e}", "!{e}", "-({e})", "({e})"),
    *("{e} ? {e} : {e}", "{e}[{e}]", "{e}?[{e}]", "{e}[{e}:{e}]", "({e}).{m}", "({e})?.{m}", "{e} |> {b}"),
    *("[{e}, {e}]", "{{a: {e}, b: {e}}}", "{{[{e}]: {e}}}"),
    *("[...{e}]", "{{...{e}}}", '"<${{{e}}}>"', "try {{ {e} }}"),
    *("{b}({e})", "{b}({e}, {e})", "{b}({e}, {e}, {e})"),
    *("{b}()", "{b}(...{e})", "({e}).{M}({e})", "({e}).{M}()"),
    *("({e}).{M}({e}, {e})", "{{ w -> {e} }}"),
    *("if {e} {{ {e} }} else {{ {e} }}", "({e})({e})", "{e} |> _ + {e}"),
)
_MEMBERS: Final = (
    *("a", "b", "count", "first", "last", "empty"),
    *("second", "variant", "fields", "length", "m", "__class__"),
    *("__dict__", "__globals__", "__init__", "gi_frame"),
    *("cr_frame", "f_back", "tb_frame", "mro", "func_globals"),
)
_LEFT_OUT: Final = frozenset({"exit", "sleep", "sleep_ms"})
"""Builtins that only end a program or make it wait."""


class Inputs:
    """Makes inputs. `builtins` and `methods` are the names that made-up programs call."""

    def __init__(self, seed: int, builtins: list[str], methods: list[str]) -> None:
        self.seed = seed
        self._builtins = sorted(set(builtins) - _LEFT_OUT)
        self._methods = sorted(methods)
        chunks = [
            chunk
            for path in sorted((ROOT / "tests" / "spec").rglob("*.harn"))
            for chunk in re.split(r"^---$", _COMMENT.sub("", path.read_text(encoding="utf-8")), flags=re.M)
        ]
        self._corpus = [_TOKEN.findall(chunk) for chunk in chunks if chunk.strip()]
        self._tokens = sorted({token for tokens in self._corpus for token in tokens if token.strip()})
        self._kinds: tuple[tuple[float, Callable[[random.Random], str]], ...] = (
            (0.40, self._mutated),
            (0.10, self._spliced),
            (0.10, self._jumbled),
            (0.36, self._made_up),
            (0.04, self._noise),
        )

    def make(self, number: int) -> str:
        """The input of that number."""
        rng = random.Random(f"{self.seed}:{number}")
        choice = rng.random()
        for share, kind in self._kinds:
            choice -= share
            if choice < 0:
                return kind(rng)
        return self._noise(rng)

    def _mutated(self, rng: random.Random) -> str:
        tokens = list(rng.choice(self._corpus))
        if rng.random() < 0.5:
            # A value for another one: most of these compile.
            places = [place for place, token in enumerate(tokens) if _VALUE.match(token)]
            for place in rng.sample(places, min(len(places), rng.randint(1, 3))):
                tokens[place] = f" {rng.choice(NASTY)} "
            return "".join(tokens)
        for _ in range(rng.randint(1, 4)):
            place = rng.randrange(len(tokens) + 1)
            what = rng.random()
            if what < 0.3 and tokens:
                del tokens[place - 1 : place + rng.randint(0, 2)]
            elif what < 0.55:
                tokens.insert(place, f" {rng.choice(self._tokens)} ")
            elif what < 0.7:
                tokens.insert(place, f" {rng.choice(NASTY)} ")
            elif tokens:
                tokens[place - 1] = f" {rng.choice(self._tokens if what < 0.9 else NASTY)} "
        return "".join(tokens)

    def _spliced(self, rng: random.Random) -> str:
        first, second = rng.choice(self._corpus), rng.choice(self._corpus)
        cut = rng.randrange(len(first) + 1)
        begin = rng.randrange(len(second) + 1)
        return "".join([*first[:cut], *second[begin : begin + rng.randint(1, 40)], *first[cut:]])

    def _jumbled(self, rng: random.Random) -> str:
        return " ".join(rng.choice(self._tokens) for _ in range(rng.randint(1, 40)))

    def _noise(self, rng: random.Random) -> str:
        points = (0x80, 0x800, 0xD800, 0x110000)
        text = "".join(chr(rng.randrange(rng.choice(points[:3]))) for _ in range(rng.randint(0, 60)))
        if rng.random() < 0.1:
            return rng.choice("([{") * rng.randint(1, 5000)
        return text

    # --- made up ------------------------------------------------------------------------------

    def _made_up(self, rng: random.Random) -> str:
        form = "try {{ {s} }} catch e {{ }}" if rng.random() < 0.7 else "{s}"
        return HEADER + "\n".join(self._fill(rng, form, 4) for _ in range(rng.randint(1, 5)))

    def _statement(self, rng: random.Random, depth: int) -> str:
        return self._fill(rng, rng.choice(_STATEMENTS) if depth > 0 else "{e}", depth)

    def _expression(self, rng: random.Random, depth: int) -> str:
        if depth <= 0 or rng.random() < 0.3:
            return rng.choice(NASTY)
        return self._fill(rng, rng.choice(_EXPRESSIONS), depth)

    def _fill(self, rng: random.Random, form: str, depth: int) -> str:
        makers: dict[str, Callable[[], str]] = {
            "e": lambda: self._expression(rng, depth - 1),
            "s": lambda: self._statement(rng, depth - 1),
            "n": lambda: rng.choice(("x", "y", "n", "p", "_")),
            "v": lambda: rng.choice(("x", "y")),
            "i": lambda: str(depth),
            "b": lambda: rng.choice(self._builtins),
            "m": lambda: rng.choice(_MEMBERS),
            "M": lambda: rng.choice(self._methods),
        }
        opened = form.replace("{{", "\0").replace("}}", "\1")
        filled = re.sub(r"\{(\w)\}", lambda match: makers[match[1]](), opened)
        return filled.replace("\0", "{").replace("\1", "}")
