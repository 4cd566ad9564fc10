"""Packages that Harnlet can use but does not install by itself: imported on first use."""

from importlib import import_module
from typing import Any, Literal

from harnlet.errors.faults import RuntimeFault

Extra = Literal["blake3", "compression", "crypto", "http", "yaml"]


def from_extra(builtin: str, extra: Extra, module: str) -> Any:
    """The module, imported now. Raises RuntimeFault, which names what to install, when it is missing;
    `builtin` is who needs it, `extra` the optional dependency of Harnlet that brings it."""
    try:
        return import_module(module)
    except ImportError as error:
        raise RuntimeFault(
            f"{builtin} needs an optional package that is not installed: pip install harnlet[{extra}]"
        ) from error
