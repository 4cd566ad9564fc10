"""Loading the modules of a program: each once, found by its file, compiled before its importer.

Rules: docs/language.md#modules.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from harnlet.check.exports import exports_of
from harnlet.check.imports import ImportProblem, Loader, ModuleInfo
from harnlet.compile.program import Program
from harnlet.errors.codes import code
from harnlet.errors.diagnostic import Diagnostic
from harnlet.errors.hierarchy import SourceError
from harnlet.modules.paths import ImportFailedError, ModuleText, find_module
from harnlet.syntax.parser import parse

_LEX_CODES = frozenset(map(code, ("unexpected-character", "unterminated-string", "unterminated-comment")))

CompileModule = Callable[[ModuleText, Loader, Mapping[str, Program]], tuple[Program, ModuleInfo]]


class ModuleLoader:
    """The modules of one program. `programs` fills while the program is compiled, and is then the
    program's own table of modules by key."""

    def __init__(self, scripts: Mapping[str, str], root: Path | None, compile_module: CompileModule) -> None:
        self.programs: dict[str, Program] = {}
        self._scripts = scripts
        self._root = root
        self._compile_module = compile_module
        self._known: dict[str, ModuleInfo] = {}

    def loader(self, directory: Path | None) -> Loader:
        """The loader for imports that stand in a file of `directory`."""
        return lambda path: self._load(path, directory)

    def _load(self, path: str, directory: Path | None) -> ModuleInfo | ImportProblem:
        try:
            found = find_module(path, directory, self._root, self._scripts)
        except ImportFailedError as failure:
            return ImportProblem(str(failure))
        known = self._known.get(found.key)
        if known is not None:
            return known
        parsed = parse(found.text, found.filename)
        if parsed.file is None or any(d.severity == "error" for d in parsed.diagnostics):
            return ImportProblem("", tuple(map(_of_import, parsed.diagnostics)))
        # Until it is compiled a module is known by its syntax: enough for one that it imports itself.
        self._known[found.key] = ModuleInfo(found.key, exports_of(parsed.file))
        try:
            program, info = self._compile_module(found, self.loader(found.directory), self.programs)
        except SourceError as error:
            del self._known[found.key]
            return ImportProblem(str(error), error.diagnostics)
        self.programs[found.key] = program
        self._known[found.key] = info
        return info


def _of_import(problem: Diagnostic) -> Diagnostic:
    """What is wrong with the syntax of a module, as its importers hear of it."""
    phase = "lex" if problem.code in _LEX_CODES else "parse"
    return replace(problem, message=f"Import {phase} error: {problem.message}")
