"""What plugins and embedders declare, as the interpreter wants it."""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from harnlet.errors.hierarchy import InternalError, UsageError
from harnlet.runtime.builtin import Builtin

Capability: TypeAlias = Literal["files", "processes", "network", "environment"]
ALL_CAPABILITIES: frozenset[str] = frozenset({"files", "processes", "network", "environment"})
CORE_PLUGIN = "harnlet_builtins"
CONSTANT_VALUES: dict[str, object] = {"pi": 3.141592653589793, "e": 2.718281828459045}


class BuiltinShape:
    """What the compiler wants to know about a builtin."""

    __slots__ = ("maximum",)

    def __init__(self, builtin: Builtin) -> None:
        has_rest = bool(builtin.parameters) and builtin.parameters[-1].kind == "rest"
        self.maximum: int | None = None if has_rest else len(builtin.parameters)


def capability_set(given: str | Iterable[str]) -> frozenset[str]:
    """The names that `"none"`, `"all"` or a list of names stands for; raises `UsageError`."""
    if given == "none":
        return frozenset()
    if given == "all":
        return ALL_CAPABILITIES
    names = frozenset([given] if isinstance(given, str) else given)
    unknown = sorted(name for name in names - ALL_CAPABILITIES if not _is_narrowed(name))
    if unknown:
        known = ", ".join(sorted(ALL_CAPABILITIES))
        raise UsageError(f"unknown capability {unknown[0]!r}: expected 'none', 'all', or some of {known}")
    return names


def _is_narrowed(name: str) -> bool:
    """Whether this is the network as far as one host or one `*.suffix`, perhaps with a port."""
    return name.startswith("network:") and len(name) > len("network:")


def scripts_of(found: Iterable[Iterable[Any]]) -> ChainMap[str, str]:
    """The standard modules written in Harnlet, by import path, of all plugins."""
    parts = [m["scripts"] for modules in found for m in modules if isinstance(m, Mapping) and "scripts" in m]
    return ChainMap(*parts)


def builtins_of(found: Iterable[Iterable[Any]]) -> dict[str, Builtin]:
    """The builtins of all plugins by name; of two with one name that of the plugin that is asked first."""
    builtins: dict[str, Builtin] = {}
    for modules in found:
        for module in modules:
            declared = module.get("builtins", ()) if isinstance(module, Mapping) else (module,)
            for builtin in declared:
                if not isinstance(builtin, Builtin):
                    raise InternalError(f"a plugin gave {builtin!r} where a Builtin was expected")
                builtins.setdefault(builtin.name, builtin)
    return builtins
