"""One text to compile, and what became of it."""

from dataclasses import dataclass

from harnlet.check.module_info import Exports
from harnlet.compile.program import Form, Program


@dataclass(frozen=True, slots=True)
class Unit:
    """A source text and how it is to be compiled; see `harnlet.compile.compiler.compile_program`."""

    text: str
    filename: str
    form: Form = "file"
    optimise: bool = True


@dataclass(frozen=True, slots=True)
class Import:
    """An import of a unit: the path as it is written, the module that was found, and what it exports."""

    path: str
    key: str
    exports: Exports


@dataclass(frozen=True, slots=True)
class Compiled:
    """A unit that was compiled: the program, which modules it imports, and what it exports.

    `declared` are the exports of the file itself, without what it re-exports: what modules that import each
    other in a circle know of each other.
    """

    program: Program
    exports: Exports
    declared: Exports
    imports: tuple[Import, ...] = ()
