"""Lazy values: `iter`, and what functions with `yield` or `emit` return.

All are single pass and rest on a Python generator, whose own state says whether it has ended; an
error inside ends it. Rules: docs/language.md#generators-and-streams, docs/builtins.md#iterator-methods.
"""

from collections.abc import Iterator
from contextlib import suppress
from types import GeneratorType
from typing import Any, ClassVar, TypeAlias, final

from harnlet.errors.faults import RuntimeFault, TypeFault
from harnlet.runtime.breath import breathing_range
from harnlet.runtime.values import Handle, Pair, Range, Set, type_name

Source: TypeAlias = "GeneratorType[object, None, object]"

MOST_STEPS = 500
"""The longest chain of lazy steps (`map`, `filter`, …) on one source. Each is a Python generator that
holds the one before it, and CPython frees such a chain by recursion in C."""


class _Pulled(Handle):
    """What `iter`, generator and stream have in common."""

    __slots__ = ("source",)

    def __init__(self, source: Iterator[object]) -> None:
        self.source: Source = source if isinstance(source, GeneratorType) else _relay(source)

    @property
    def done(self) -> bool:
        """Whether the end was reached, or an error ended it."""
        return self.source.gi_frame is None

    def items(self) -> Iterator[object]:
        """The Python generator itself. Raises RuntimeFault while it is being pulled already: by its
        own body, or by another task."""
        if self.source.gi_running:
            raise RuntimeFault(f"{self.type_name} is already running")
        return self.source

    def same_as(self, other: object) -> bool:
        return False

    def next(self) -> dict[str, object]:
        """`{done, value}`: the next item, or after the end `{done: true, value: nil}` for ever."""
        value = next(self.items(), _END)
        return {"done": True, "value": None} if value is _END else {"done": False, "value": value}

    def display(self) -> str:
        return f"<{self.type_name}{' (done)' if self.done else ''}>"


_END = object()


def _left_quietly(source: Source) -> Iterator[object]:
    """The items of a function of a script. When nobody wants more of them its `finally` runs to its end, and
    what that yields or throws reaches nobody: CPython would complain of it on standard error."""
    try:
        for item in source:  # noqa: UP028 - `yield from` would close it before we can
            yield item
    except GeneratorExit:
        with suppress(Exception):
            source.close()
        for _ in range(_MOST_YIELDS_OF_LEFT):
            if source.gi_frame is None:
                break
            with suppress(Exception):
                next(source)
        raise


_MOST_YIELDS_OF_LEFT = 100


class _OfScript(_Pulled):
    """What calling a function of a script gives that yields."""

    __slots__ = ()

    def __init__(self, source: Iterator[object]) -> None:
        super().__init__(_left_quietly(source if isinstance(source, GeneratorType) else _relay(source)))


@final
class GeneratorValue(_OfScript):
    """What calling a function with `yield` returns."""

    __slots__ = ()
    type_name: ClassVar[str] = "generator"


@final
class StreamValue(_OfScript):
    """What calling a `gen fn` returns, and `parallel each … as stream`."""

    __slots__ = ()
    type_name: ClassVar[str] = "stream"


@final
class IterValue(_Pulled):
    """A lazy iterator. Steps made from it share its source; `steps` counts those below it."""

    __slots__ = ("steps",)
    type_name: ClassVar[str] = "iter"

    def __init__(self, source: Iterator[object], steps: int = 0) -> None:
        super().__init__(source)
        self.steps = steps

    def same_as(self, other: object) -> bool:
        return self is other

    def display(self) -> str:
        return "<iter (exhausted)>" if self.done else "<iter>"


def _relay(items: Iterator[object]) -> Source:
    """A generator over `items`, since only a generator says whether it has ended."""
    relay = (item for item in items)
    assert isinstance(relay, GeneratorType)
    return relay


def step(source: Iterator[object], *below: IterValue) -> IterValue:
    """An iterator that does one more lazy step than those `below`. Raises RuntimeFault above
    `MOST_STEPS`."""
    steps = 1 + max([each.steps for each in below])
    if steps > MOST_STEPS:
        raise RuntimeFault(f"iterator has too many steps: more than {MOST_STEPS}")
    return IterValue(source, steps)


def make_iter(value: object) -> IterValue:
    """`iter(value)`; an iterator is returned as it is.

    Raises TypeFault `iter: value of type T is not iterable`.
    """
    iterator = as_iter(value)
    if iterator is None:
        raise TypeFault(f"iter: value of type {type_name(value)} is not iterable")
    return iterator


def as_iter(value: Any) -> IterValue | None:
    """`iter(value)`, or None for what is not iterable."""
    kind = type(value)
    if kind is IterValue:
        iterator: IterValue = value
        return iterator
    if kind is list or kind is str:
        return IterValue(iter(value))
    if kind is dict:
        return IterValue(Pair(key, value[key]) for key in sorted(value))
    if kind is Range:
        return IterValue(breathing_range(value.numbers()))
    if kind is Set:
        return IterValue(iter(value.entries.values()))
    if isinstance(value, _Pulled):
        return IterValue(value.items())
    if isinstance(value, Handle):
        items = value.items()
        return None if items is None else IterValue(items)
    return None
