"""A compiled program. How one is made: `harnlet.compile.compiler`, which one from the cache never needs.

A `Program` is immutable and free of values: it can be run many times, by many interpreters at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Literal, TypeAlias

from harnlet.errors.diagnostic import Diagnostic

Form: TypeAlias = Literal["file", "inline", "module"]
"""What a text is: a file that is run, the body of a pipeline (`inline`), or a module that is imported."""


@dataclass(frozen=True, slots=True)
class Program:
    """What `Interpreter.compile` returns; run it with `Interpreter.run`.

    `diagnostics` are the warnings: a source with errors does not become a program. `lines` is the
    source, for reports. `names` maps the Python name of every variable to the script's name of it.
    """

    filename: str
    lines: tuple[str, ...] = field(repr=False)
    code: CodeType = field(repr=False)
    mode: str = "script"
    parameters: tuple[str, ...] = ()
    builtins: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()
    modules: Mapping[str, "Program"] = field(default_factory=dict, repr=False)
    form: str = "file"
