"""What scripts make and never close: kept by id as long as the run that made it, then while there is room."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from harnlet.errors.faults import RuntimeFault, Thrown
from harnlet.runtime.builtin import Context
from harnlet.runtime.display import display
from harnlet_builtins.http_connections import is_over, owner_of

MOST_KEPT: Final = 1_000

_Kept = TypeVar("_Kept")


class HandleTable(Generic[_Kept]):
    """Things by ids such as `http-server-1`; `is_done` tells which nobody can need much longer."""

    def __init__(self, prefix: str, what: str, is_done: Callable[[_Kept], bool]) -> None:
        self._prefix = prefix
        self._what = what
        self._is_done = is_done
        self._kept: dict[str, tuple[_Kept, object]] = {}
        self._count = 0

    def add(self, rt: Context, name: str, made: _Kept) -> str:
        """The id of something new. Raises RuntimeFault when one run has made too many."""
        if len(self._kept) >= MOST_KEPT:
            self._kept = {
                key: (kept, owner)
                for key, (kept, owner) in self._kept.items()
                if not (is_over(owner) or self._is_done(kept))
            }
            if len(self._kept) >= MOST_KEPT:
                raise RuntimeFault(f"{name}: too many open {self._what}s: at most {MOST_KEPT}")
        self._count += 1
        key = f"{self._prefix}-{self._count}"
        self._kept[key] = made, owner_of(rt)
        return key

    def get(self, name: str, handle: object) -> _Kept:
        """What a dict with an `id`, or the id itself, stands for. Raises Thrown."""
        key = handle.get("id") if type(handle) is dict else handle
        found = self._kept.get(key) if type(key) is str else None
        if found is None:
            raise Thrown(f"{name}: unknown {self._what} '{display(key)}'")
        return found[0]
