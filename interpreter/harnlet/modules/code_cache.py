"""The code cache: compiled programs in the user's cache folder, so that a second run need not compile.

An entry holds the whole text that it was made of and everything else that decides what becomes of it, and
counts only for exactly that: the names of files are hashes, but nothing depends on them. It is written with
`marshal`, as Python's own cache is, which must not read what a stranger wrote: see `private_folder`.
Rules: docs/embedding.md#the-code-cache.
"""

import marshal
import os
import sys
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path
from typing import Any, Final, TypeAlias

from harnlet.check.module_info import Exports
from harnlet.compile.program import Program
from harnlet.errors.diagnostic import Diagnostic
from harnlet.modules.private_folder import PrivateFolder, user_cache_folder
from harnlet.modules.unit import Compiled, Import, Unit
from harnlet.version import __version__

VARIABLE: Final = "HARNLET_CACHE"
"""The environment variable of `CodeCache.of_user`: `off`, or a folder to use instead of the user's."""

MOST_BYTES: Final = 64 * 1024 * 1024
"""Size of the cache. A program of 10,000 lines takes about 3 MB."""

_FORMAT: Final = 1
_CHECK: Final = 8
_PHASES: Final = ("syntax", "check", "compile")

Data: TypeAlias = tuple[Any, ...]


class CodeCache:
    """Compiled programs in a folder, for any number of interpreters and processes at once.

    `folder` must be closed to everyone but the user, else it is not used; it is made if it is missing.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self._files = PrivateFolder(folder, most_bytes)

    @classmethod
    def of_user(cls) -> "CodeCache | None":
        """The cache of the user who runs this process: `~/.cache/harnlet/code`, or below
        `$XDG_CACHE_HOME`, or what `$HARNLET_CACHE` says. None when that is `off`."""
        asked = os.environ.get(VARIABLE, "")
        if asked.lower() == "off":
            return None
        if asked:
            return cls(Path(asked))
        folder = user_cache_folder()
        return None if folder is None else cls(folder / "code")

    def get(self, unit: Unit, surroundings: bytes) -> Compiled | None:
        """What was put in for this unit in these surroundings, if it is still there. Its program has no
        modules, and the caller must see to it that its imports mean the same as before.
        """
        key = _key(unit, surroundings)
        contents = self._files.read(_name(key))
        if contents is None or source_hash(contents[_CHECK:]) != contents[:_CHECK]:
            return None
        try:
            found = marshal.loads(memoryview(contents)[_CHECK:])
        except (EOFError, ValueError, TypeError):
            return None
        return _compiled(found, unit) if found[0] == key else None

    def put(self, unit: Unit, surroundings: bytes, compiled: Compiled) -> bool:
        """Keep a compiled unit; whether that worked. `surroundings` stand for everything that is not in the
        unit: the builtins above all."""
        key = _key(unit, surroundings)
        try:
            payload = marshal.dumps((key, *_data(compiled)))
        except ValueError:
            return False
        return self._files.write(_name(key), source_hash(payload) + payload)


def surroundings_of(builtins: Mapping[str, object], constants: frozenset[str]) -> bytes:
    """What programs depend on besides their text, as a few bytes: the builtins, the predefined names, and the
    compiler itself, by the names, sizes and times of its files, as Python's own cache goes by them."""
    shapes = [(name, *_slots(shape)) for name, shape in sorted(builtins.items())]
    return source_hash(repr((shapes, sorted(constants), _compiler_files())).encode())


def _slots(shape: object) -> tuple[object, ...]:
    return tuple(getattr(shape, slot) for slot in getattr(type(shape), "__slots__", ()))


def _compiler_files() -> list[tuple[str, int, int]]:
    home = Path(__file__).parent.parent
    found = []
    for phase in _PHASES:
        try:
            with os.scandir(home / phase) as entries:
                stats = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py")]
        except OSError:  # not in files, as in a zip archive: then the version has to do
            continue
        found += [(name, status.st_size, status.st_mtime_ns) for name, status in stats]
    return sorted(found)


def _key(unit: Unit, surroundings: bytes) -> Data:
    version = (_FORMAT, __version__, sys.implementation.cache_tag, MAGIC_NUMBER)
    return (*version, surroundings, unit.form, unit.optimise, unit.filename, unit.text)


def _name(key: Data) -> str:
    return source_hash(repr(key).encode("utf-8", "surrogatepass")).hex()


# Programs, exports and diagnostics as data that `marshal` knows, and back.


def _data(compiled: Compiled) -> Data:
    program = compiled.program
    fields = (
        program.code,
        program.mode,
        program.parameters,
        program.builtins,
        program.values,
        dict(program.names),
        tuple(_of_diagnostic(each) for each in program.diagnostics),
    )
    imports = tuple((each.path, each.key, _of_exports(each.exports)) for each in compiled.imports)
    return fields, _of_exports(compiled.exports), _of_exports(compiled.declared), imports


def _compiled(found: Data, unit: Unit) -> Compiled:
    _, (code, mode, parameters, builtins, values, names, diagnostics), exports, declared, imports = found
    program = Program(
        filename=unit.filename,
        lines=tuple(unit.text.split("\n")),
        code=code,
        mode=mode,
        parameters=parameters,
        builtins=builtins,
        values=values,
        names=names,
        diagnostics=tuple(Diagnostic(*fields) for fields in diagnostics),
        form=unit.form,
    )
    listed = tuple(Import(path, key, _to_exports(of_module)) for path, key, of_module in imports)
    return Compiled(program, _to_exports(exports), _to_exports(declared), listed)


def _of_diagnostic(diagnostic: Diagnostic) -> Data:
    return tuple(getattr(diagnostic, name) for name in Diagnostic.__slots__)


def _of_exports(exports: Exports) -> Data:
    return tuple(
        dict(value) if isinstance(value, Mapping) else value
        for value in exports
    )


def _to_exports(found: Data) -> Exports:
    return Exports(*found)
