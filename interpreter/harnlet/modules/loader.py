"""Loading the modules of a program: each once, found by its file, compiled before its importer.

Rules: docs/language.md#modules.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from harnlet.check.module_info import Exports, ImportProblem, Loader, ModuleInfo
from harnlet.compile.program import Program
from harnlet.errors.hierarchy import SourceError
from harnlet.modules.code_cache import CodeCache
from harnlet.modules.paths import ImportFailedError, find_module
from harnlet.modules.unit import Compiled, Import, Unit


class Compile(Protocol):
    """Compiles a unit whose imports `load` finds. `declare` is told what it exports by itself before the
    first of them is loaded. Raises SourceError."""

    def __call__(
        self,
        unit: Unit,
        load: Loader,
        modules: Mapping[str, Program],
        declare: Callable[[Exports], None],
    ) -> Compiled: ...


class ModuleLoader:
    """The modules of one program. `programs` fills while the program is compiled, and is then the
    program's own table of modules by key.

    What is in the `cache` is not compiled again, as long as all that it imports is the same as well.
    """

    def __init__(
        self,
        scripts: Mapping[str, str],
        root: Path | None,
        compile_unit: Compile,
        cache: CodeCache | None = None,
        surroundings: bytes = b"",
    ) -> None:
        self.programs: dict[str, Program] = {}
        self._scripts = scripts
        self._root = root
        self._compile = compile_unit
        self._cache = cache
        self._surroundings = surroundings
        self._known: dict[str, ModuleInfo] = {}

    def program(self, unit: Unit, directory: Path | None) -> Program:
        """The program of a unit whose imports start in `directory`. Raises SourceError."""
        return self._build(unit, self.loader(directory), lambda declared: None).program

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

        # Until it is compiled a module is known by its syntax: enough for one that it imports itself.
        def declare(declared: Exports) -> None:
            self._known[found.key] = ModuleInfo(found.key, declared)

        unit = Unit(found.text, found.filename, "module")
        try:
            compiled = self._build(unit, self.loader(found.directory), declare)
        except SourceError as error:
            self._known.pop(found.key, None)
            return ImportProblem(str(error), error.diagnostics)
        self.programs[found.key] = compiled.program
        info = self._known[found.key] = ModuleInfo(found.key, compiled.exports)
        return info

    def _build(self, unit: Unit, load: Loader, declare: Callable[[Exports], None]) -> Compiled:
        """A unit from the cache, or compiled."""
        if self._cache is None:
            return self._compile(unit, load, self.programs, declare)
        stored = self._cache.get(unit, self._surroundings)
        if stored is not None:
            declare(stored.declared)
            if all(load(each.path) == ModuleInfo(each.key, each.exports) for each in stored.imports):
                return stored._replace(program=replace(stored.program, modules=self.programs))
        imports: list[Import] = []

        def recording(path: str) -> ModuleInfo | ImportProblem:
            info = load(path)
            if isinstance(info, ModuleInfo):
                imports.append(Import(path, info.key, info.exports))
            return info

        compiled = self._compile(unit, recording, self.programs, declare)
        self._cache.put(unit, self._surroundings, compiled._replace(imports=tuple(imports)))
        return compiled
