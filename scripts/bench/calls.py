"""What it costs to cross from the script to Python and back, and what safe points cost."""

import ast
import asyncio
import gc
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bench.engines import PROGRAMS, Harnlet, Run
from bench.programs import PROGRAMS as ALL
from bench.programs import best_of, geometric_mean
from harnlet import DEFAULT_PLUGINS, Interpreter, hookimpl
from harnlet.compile.compiler import analyse, lower, no_modules
from harnlet.plugins.providers import PROVIDERS
from harnlet.runtime.builtin import builtin

CALLS = 100_000


@builtin("host_add(a, b)", section="")
def host_add(a: Any = 0, b: Any = 0) -> object:
    """The sum."""
    return a + b


@builtin("host_add_async(a, b)", section="", effect="suspends")
async def host_add_async(a: Any = 0, b: Any = 0) -> object:
    """The sum, which is ready at once."""
    return a + b


class _Host:
    @hookimpl
    def harnlet_stdlib_modules(self) -> list[dict[str, object]]:
        return [{"name": "host", "builtins": [host_add, host_add_async]}]


_SCRIPT = """
fn main(n) {{
  var total = 0
  for i in 0 to n exclusive {{ {body} }}
  return total
}}
return main({calls})
"""


def host_calls(rounds: int) -> dict[str, float]:
    """Microseconds that a call of a host function takes more from a script than in Python.

    The loop around the calls is measured by itself, and taken off on both sides. All of it is computing, so
    that processor time is what counts.
    """
    sync, later = host_add.function, host_add_async.function

    async def in_python(kind: str) -> float:
        started = time.process_time()
        total: Any = 0
        if kind == "sync":
            for i in range(CALLS):
                total = sync(total, i)
        elif kind == "async":
            for i in range(CALLS):
                total = await later(total, i)  # type: ignore[misc]
        else:
            for i in range(CALLS):
                total = total + i
        return time.process_time() - started

    async def all_rounds() -> dict[str, float]:
        harn = Interpreter(plugins=[*DEFAULT_PLUGINS, _Host()])
        bodies = {
            "loop": "total = total + i",
            "sync": "total = host_add(total, i)",
            "async": "total = host_add_async(total, i)",
        }
        programs = {
            kind: harn.compile(_SCRIPT.format(body=body, calls=CALLS)) for kind, body in bodies.items()
        }
        best: dict[tuple[str, str], float] = {}
        for _ in range(rounds):
            gc.collect()
            for kind, program in programs.items():
                started = time.process_time()
                await harn.run(program)
                taken = time.process_time() - started
                best["Harnlet", kind] = min(best.get(("Harnlet", kind), 1e9), taken)
                best["Python", kind] = min(best.get(("Python", kind), 1e9), await in_python(kind))
        await harn.aclose()

        def one(kind: str) -> float:
            ours = best["Harnlet", kind] - best["Harnlet", "loop"]
            return (ours - (best["Python", kind] - best["Python", "loop"])) / CALLS * 1e6

        return {"sync": one("sync"), "async": one("async")}

    return asyncio.run(all_rounds())


def safe_points(rounds: int, names: Iterable[str] = ()) -> dict[str, float]:
    """For each program its time over that of the same code with its safe points taken out."""
    engine = Harnlet()
    found = {}
    try:
        for program in ALL:
            if names and program.name not in names:
                continue
            text = f"{engine.source(program.name)}\nreturn main({program.n})\n"
            with_them = engine.prepare_text(text, program.name)
            without = _without_safe_points(engine, text, program.name)
            assert with_them()[1] == without()[1]
            first, second = best_of((with_them, without), rounds)
            found[program.title] = first / second
    finally:
        engine.close()
    found["geometric mean"] = geometric_mean(found.values())
    return found


class _Strip(ast.NodeTransformer):
    """Takes out every `if` that does nothing but call `rt.attend`."""

    removed = 0

    def visit_If(self, node: ast.If) -> ast.AST | None:
        self.generic_visit(node)
        if "rt.attend(" in ast.unparse(node.body[0]) and len(node.body) == 1 and not node.orelse:
            self.removed += 1
            return None
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """The loops of `map` and `filter` look at each element."""
        self.generic_visit(node)
        kept = [test for test in node.ifs if "rt.attend(" not in ast.unparse(test)]
        self.removed += len(node.ifs) - len(kept)
        node.ifs = kept
        return node


def _without_safe_points(engine: Harnlet, text: str, name: str) -> Run:
    harn = engine.interpreter
    shapes: Any = harn._shapes
    analysis = analyse(text, name, shapes, harn._constant_names, PROVIDERS, no_modules, "file", True)
    strip = _Strip()
    module = strip.visit(lower(analysis, shapes)[1])
    assert strip.removed, f"{PROGRAMS / name}: no safe points found"
    for node in ast.walk(module):  # a body may not be empty
        if isinstance(node, ast.For | ast.While | ast.FunctionDef) and not node.body:
            node.body.append(ast.Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=0))
    code = compile(module, name, "exec", dont_inherit=True, optimize=0)
    return engine.prepare_program(replace(harn.compile(text, name), code=code))


