"""Modules at run time: each is initialised once in a run, when the first import reaches it.

Rules: docs/language.md#module-initialisation.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from harnlet.compile.program import Program
from harnlet.errors.faults import PlainFault

Instantiate = Callable[[Program], Callable[[dict[str, object]], object]]


class ModuleRuns:
    """The modules that the runs of one interpreter have initialised."""

    def __init__(self, instantiate: Instantiate, current_run: Callable[[], object]) -> None:
        self._instantiate = instantiate
        self._current_run = current_run
        self._initialised: dict[object, dict[str, dict[str, Any]]] = {}

    def forget(self, run: object) -> None:
        """A run has ended: its modules' variables go."""
        self._initialised.pop(run, None)

    def helpers(self, program: Program) -> dict[str, Callable[..., Any]]:
        """What the code of `program` calls for its imports."""
        return {"import_module": partial(self._import, program), "imported": imported}

    def _import(self, program: Program, key: str) -> dict[str, Any]:
        """The names of a module; empty while the module is being initialised further out."""
        modules = self._initialised.setdefault(self._current_run(), {})
        names = modules.get(key)
        if names is None:
            names = modules[key] = {}
            result = self._instantiate(program.modules[key])({})
            assert isinstance(result, dict)
            names.update(result)
        return names


def imported(names: dict[str, Any], name: str) -> Any:
    """One name of a module. In a cycle of imports it may not be there yet: then a function that looks
    for it when it is called."""
    if name in names:
        return names[name]

    def late(*args: object, depth: int = 0) -> object:
        if name not in names:
            raise PlainFault(f"Undefined builtin: {name}")
        return names[name](*args)

    late.__doc__ = f"{name}()"
    return late
