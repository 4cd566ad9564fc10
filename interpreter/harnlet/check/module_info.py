"""A module as its importers see it (docs/language.md#imports).

Named tuples, since every run loads this: making a dataclass takes several times as long.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from harnlet.errors.diagnostic import Diagnostic


class Exports(NamedTuple):
    """The names of a module.

    `functions` and `others` come with a plain `import`; `names` can be imported by name; `enums` are
    those among its declarations that are enums, `interfaces` those of its `types` that are interfaces,
    which always come. `origins` tells from which module a re-exported name comes, by the key of that
    module.
    """

    functions: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    enums: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    interfaces: frozenset[str] = frozenset()
    origins: Mapping[str, str] = MappingProxyType({})


class ModuleInfo(NamedTuple):
    """A module as its importers see it; `key` names it among the modules of the program."""

    key: str
    exports: Exports


class ImportProblem(NamedTuple):
    """Why a module cannot be imported, and what is wrong inside of it, if that is why."""

    message: str
    diagnostics: tuple[Diagnostic, ...] = ()


Loader = Callable[[str], ModuleInfo | ImportProblem]
"""Finds the module of an import path, as seen from the file being compiled."""
