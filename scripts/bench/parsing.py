"""A file of 10,000 lines: parsing and compiling it, beside Lark over the same tokens, and the code cache.

Lark gets our own grammar (`harnlet/syntax/harnlet.lark`), builds its LALR(1) parser from it, and parses the
tokens that our lexer made, into the trees that it always makes. It is timed with that lexer and without. What
it is compared with does more: tokens to nodes, names, kinds, Python's `ast`, and CPython's `compile`.
"""

import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lark

from harnlet import CodeCache, Interpreter
from harnlet.compile.compiler import analyse, deep_recursion, lower, no_modules, without_collections
from harnlet.plugins.providers import PROVIDERS
from harnlet.syntax import generate
from harnlet.syntax.layout import lay_out
from harnlet.syntax.lexer import lex
from harnlet.syntax.parser import parse
from harnlet.syntax.problems import Problems
from harnlet.syntax.source import Source

LINES = 10_000

_UNIT = """\
// Part {n}: orders of a customer.
struct Order{n} {{ id: int, customer: string, lines: list, paid: bool }}

impl Order{n} {{
  fn total(self) {{
    var sum = 0
    for line in self.lines {{
      sum += line.price * line.count
    }}
    return sum
  }}
}}

fn parse_order{n}(text, separator = ",") {{
  let parts = text.split(separator).map({{ part -> part.trim() }})
  if len(parts) < 3 || parts[0] == "" {{
    throw {{code: {n}, message: "order ${{text}} is incomplete"}}
  }}
  let lines = parts[2:].map({{ part -> {{price: len(part) * {n}, count: 2}} }})
  return Order{n} {{ id: to_int(parts[0]), customer: parts[1], lines: lines, paid: false }}
}}

fn summary{n}(orders, limit: int) {{
  var counts = {{}}
  var large = []
  for order in orders {{
    let key = order.customer ?? "nobody"
    counts[key] = (counts[key] ?? 0) + order.total()
    if order.total() > limit && !order.paid {{
      large = large.push(order)
    }} else if order.paid {{
      continue
    }}
  }}
  return match len(large) {{
    0 -> {{ "none of ${{len(orders)}}" }}
    1 | 2 -> {{ "few: ${{large[0].customer}}" }}
    _ -> {{ large.map({{ order -> order.customer }}).sort().join(", ") }}
  }}
}}

let result{n} = try {{
  summary{n}(["1,Ada,tea,milk", "2,Bob,bread"].map({{ text -> parse_order{n}(text) }}), {n} * 10 + 5)
}} catch error {{
  "failed: ${{error}}"
}}
"""


def large_file(lines: int = LINES) -> str:
    """A program of so many lines, of the kind people write."""
    units = (_UNIT.format(n=number) for number in range(lines))
    out: list[str] = []
    while len(out) < lines:
        out += next(units).split("\n")
    return "\n".join(out) + "\n"


class _Ready(generate.NoLexer):
    """Gives Lark a list of tokens that was made before."""

    tokens: list[lark.Token]

    def lex(self, text: Any) -> Iterator[lark.Token]:  # type: ignore[override]
        return iter(_Ready.tokens)


def _tokens(text: str) -> list[lark.Token]:
    problems = Problems(Source(text))
    return [lark.Token(token.type, token.text) for token in lay_out(lex(text, problems, 0, len(text)))[:-1]]


def measure(rounds: int) -> tuple[str, dict[str, float]]:
    """What the file is like, and the best time of each way to handle it, in seconds."""
    text = large_file()
    harn = Interpreter()
    shapes: Any = harn._shapes
    constants = harn._constant_names
    tokens = _tokens(text)
    parser = generate.build(_Ready)

    def by_lark(made: list[lark.Token]) -> None:
        _Ready.tokens = made
        parser.parse("", start="file")

    def analysed() -> Any:
        return analyse(text, "large.harn", shapes, constants, PROVIDERS, no_modules, "file", True)

    def lowered() -> None:
        lower(analysed(), shapes)

    with tempfile.TemporaryDirectory() as folder:
        cached = Interpreter(code_cache=CodeCache(Path(folder) / "code"))
        cached.compile(text, "large.harn")
        ways: dict[str, Callable[[], object]] = {
            "Lark": lambda: by_lark(tokens),
            "Lark with lexer": lambda: by_lark(_tokens(text)),
            "parse": lambda: parse(text, "large.harn"),
            "check": analysed,
            "lower": lowered,
            "compile": lambda: harn.compile(text, "large.harn"),
            "cached": lambda: cached.compile(text, "large.harn"),
        }
        best = dict.fromkeys(ways, 1e9)
        with deep_recursion(), without_collections():
            for _ in range(rounds):
                for name, way in ways.items():
                    gc.collect()
                    started = time.process_time()
                    way()
                    best[name] = min(best[name], time.process_time() - started)
    return f"{text.count(chr(10)):,} lines, {len(tokens):,} tokens", best
