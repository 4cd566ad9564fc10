"""The builtins of an interpreter by name: what the compiler asks about them, the functions, the constants.

A plugin hands over its builtins, or an index that says in which module each is declared: then the module is
imported when one of them is used. Most scripts use a handful of several hundred.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, final

from harnlet.errors.hierarchy import InternalError
from harnlet.runtime.builtin import Builtin, Context, collect, namespaces
from harnlet.runtime.signature import UNLIMITED


class BuiltinShape:
    """What the compiler wants to know about a builtin: how many arguments it takes, None for any number, and
    the module that declares it."""

    __slots__ = ("home", "maximum")

    def __init__(self, maximum: int | None, home: str) -> None:
        self.maximum = maximum
        self.home = home


@final
class Builtins(Mapping[str, Builtin]):
    """The declarations of all builtins; of two with one name that of the plugin that is asked first.

    `given` are the answers of the hook `harnlet_stdlib_modules`.
    """

    def __init__(self, given: Iterable[Iterable[Any]]) -> None:
        self._declared: dict[str, Builtin] = {}
        self._modules: dict[str, str] = {}
        self.shapes: dict[str, BuiltinShape] = {}
        for modules in given:
            for module in modules:
                if not isinstance(module, Mapping):
                    module = {"builtins": (module,)}
                for each in module.get("builtins", ()):
                    self._declare(each)
                for home, index in module.get("index", {}).items():
                    for name, shape in _shapes(home, tuple(index.items())):
                        if self.shapes.setdefault(name, shape) is shape:
                            self._modules[name] = home

    def _declare(self, each: object) -> None:
        if not isinstance(each, Builtin):
            raise InternalError(f"a plugin gave {each!r} where a Builtin was expected")
        if each.name not in self.shapes:
            self.shapes[each.name] = BuiltinShape(
                None if each.most == UNLIMITED else each.most, getattr(each.function, "__module__", "")
            )
            self._declared[each.name] = each

    def __getitem__(self, name: str) -> Builtin:
        found = self._declared.get(name)
        if found is None:
            home = self._modules[name]
            found = _declared_in(home).get(name)
            if found is None:
                raise InternalError(f"{home} does not declare {name}, as its index says")
            self._declared[name] = found
        return found

    def home(self, name: str) -> str:
        """The Python module that a builtin is declared in."""
        declared = self._declared.get(name)
        return self._modules[name] if declared is None else str(declared.function.__module__)

    def __contains__(self, name: object) -> bool:
        return name in self.shapes

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)


@final
class BoundBuiltins(Mapping[str, Builtin]):
    """The builtins as one interpreter calls them, each bound to it when it is first used."""

    def __init__(self, declared: Builtins, rt: Context) -> None:
        self._declared = declared
        self._rt = rt
        self._bound: dict[str, Builtin] = {}

    def __getitem__(self, name: str) -> Builtin:
        found = self._bound.get(name)
        if found is None:
            found = self._bound[name] = self._declared[name].bind(self._rt)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._declared

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)


@final
class Constants(Mapping[str, object]):
    """The values that are there from the start: `plain` ones, and the dicts that dotted names of builtins
    stand for (docs/builtins.md#globals-that-are-values)."""

    def __init__(self, plain: Mapping[str, object], builtins: BoundBuiltins) -> None:
        self._builtins = builtins
        self._values = dict(plain)
        self._names = {*plain, *(name.partition(".")[0] for name in builtins if "." in name)}

    def __getitem__(self, name: str) -> object:
        if name not in self._values and name in self._names:
            inside = [builtin for builtin in self._builtins if builtin.startswith(f"{name}.")]
            self._values.update(namespaces(self._builtins[builtin] for builtin in inside))
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@cache
def _declared_in(module: str) -> Mapping[str, Builtin]:
    return {each.name: each for each in collect(import_module(module))}


@cache
def _shapes(module: str, index: tuple[tuple[str, int], ...]) -> tuple[tuple[str, BuiltinShape], ...]:
    """Made once for all interpreters: an index says the same to each of them."""
    return tuple((name, BuiltinShape(None if most < 0 else most, module)) for name, most in index)
