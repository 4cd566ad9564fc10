"""The standard modules that are written in Harnlet itself: `std/*.harn`, read when they are imported."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_SUFFIX = ".harn"


class StandardScripts(Mapping[str, str]):
    """Import path (`std/math`) to source text."""

    def __getitem__(self, path: str) -> str:
        if path not in _paths():
            raise KeyError(path)
        text: str = (_files() / f"{path}{_SUFFIX}").read_text(encoding="utf-8")
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(_paths())

    def __len__(self) -> int:
        return len(_paths())


def _files() -> "Traversable":
    from importlib.resources import files  # it imports much, and most runs import nothing

    return files(__package__)


@cache
def _paths() -> tuple[str, ...]:
    folder = _files() / "std"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(f"std/{name.removesuffix(_SUFFIX)}" for name in names if name.endswith(_SUFFIX)))
