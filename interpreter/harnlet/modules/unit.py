"""One text to compile, and what became of it."""

from typing import NamedTuple

from harnlet.check.module_info import Exports
from harnlet.compile.program import Form, Program


class Unit(NamedTuple):
    """A source text and how it is to be compiled; see `harnlet.compile.compiler.compile_program`."""

    text: str
    filename: str
    form: Form = "file"
    optimise: bool = True


class Import(NamedTuple):
    """An import of a unit: the path as it is written, the module that was found, and what it exports."""

    path: str
    key: str
    exports: Exports


class Compiled(NamedTuple):
    """A unit that was compiled: the program, which modules it imports, and what it exports.

    `declared` are the exports of the file itself, without what it re-exports: what modules that import each
    other in a circle know of each other.
    """

    program: Program
    exports: Exports
    declared: Exports
    imports: tuple[Import, ...] = ()
