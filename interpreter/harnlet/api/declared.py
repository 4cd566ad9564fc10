"""What plugins and embedders declare, as the interpreter wants it."""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

from harnlet.errors.hierarchy import UsageError
from harnlet.runtime.limits import Limits

Capability: TypeAlias = Literal["files", "processes", "network", "environment"]
ALL_CAPABILITIES: frozenset[str] = frozenset({"files", "processes", "network", "environment"})
CORE_PLUGIN = "harnlet_builtins"
CONSTANT_VALUES: dict[str, object] = {"pi": 3.141592653589793, "e": 2.718281828459045}


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


def check_isolation(isolation: str, limits: Limits, clock: object) -> None:
    """Raises `UsageError` for an isolation that does not exist, or not with the rest."""
    if isolation not in ("none", "process"):
        raise UsageError(f"unknown isolation {isolation!r}: expected 'none' or 'process'")
    if isolation == "process" and clock is not None:
        raise UsageError("isolation='process' cannot be combined with a clock: a worker has its own")
    if isolation == "none" and limits.memory_bytes is not None:
        raise UsageError("Limits(memory_bytes=...) needs isolation='process'")


def scripts_of(found: Iterable[Iterable[Any]]) -> ChainMap[str, str]:
    """The standard modules written in Harnlet, by import path, of all plugins."""
    parts = [m["scripts"] for modules in found for m in modules if isinstance(m, Mapping) and "scripts" in m]
    return ChainMap(*parts)
