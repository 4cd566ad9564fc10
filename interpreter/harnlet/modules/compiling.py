"""Compiling one unit: the way from text to program when the cache does not have it.

Apart from the rest of the folder because it needs the parser and the compiler, which take most of the time
that a short script takes to start.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from harnlet.check.exports import exports_of
from harnlet.check.module_info import Exports, Loader
from harnlet.compile.compiler import compile_program
from harnlet.compile.lowering import BuiltinShape
from harnlet.compile.program import Program
from harnlet.errors.codes import code
from harnlet.errors.diagnostic import Diagnostic
from harnlet.errors.hierarchy import SourceError
from harnlet.modules.unit import Compiled, Unit
from harnlet.syntax.parser import parse

_LEX_CODES = frozenset(map(code, ("unexpected-character", "unterminated-string", "unterminated-comment")))


def compile_unit(
    unit: Unit,
    load: Loader,
    modules: Mapping[str, Program],
    declare: Callable[[Exports], None],
    *,
    builtins: Mapping[str, BuiltinShape],
    constants: Iterable[str],
    provided: Mapping[str, str],
) -> Compiled:
    """Compile a unit; see `harnlet.modules.loader.Compile` and `compile_program`."""
    parsed = parse(unit.text, unit.filename)
    problems = parsed.diagnostics
    if parsed.file is None or any(problem.severity == "error" for problem in problems):
        raise SourceError(tuple(map(_of_import, problems)) if unit.form == "module" else problems)
    own = exports_of(parsed.file)
    declare(own)
    program, exports = compile_program(
        unit.text,
        unit.filename,
        builtins,
        constants,
        provided,
        load=load,
        modules=modules,
        form=unit.form,
        optimise=unit.optimise,
        parsed=parsed,
    )
    return Compiled(program, exports, own)


def _of_import(problem: Diagnostic) -> Diagnostic:
    """What is wrong with the syntax of a module, as its importers hear of it."""
    phase = "lex" if problem.code in _LEX_CODES else "parse"
    return replace(problem, message=f"Import {phase} error: {problem.message}")
