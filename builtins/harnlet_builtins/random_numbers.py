"""Random numbers, from the run's source or from one that the script seeded.

Rules: docs/builtins.md#math-and-random.
"""

from random import Random
from typing import ClassVar, final

from harnlet.errors.faults import TypeFault
from harnlet.runtime.builtin import Context, builtin, random_of_run
from harnlet.runtime.values import Handle


@final
class Rng(Handle):
    """A seeded generator: the same seed gives the same numbers."""

    __slots__ = ("random",)
    type_name: ClassVar[str] = "rng"

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)


def _source(rt: Context, args: tuple[object, ...]) -> tuple[Random, tuple[object, ...]]:
    """The generator that may come first among the arguments, and the others."""
    first = args[0] if args else None
    if isinstance(first, Rng):
        return first.random, args[1:]
    return rt.state(random_of_run), args


def _argument(args: tuple[object, ...], place: int) -> object:
    return args[place] if place < len(args) else None


@builtin("rng_seed(seed)", section="7")
def rng_seed(seed: object = None) -> Rng:
    """A generator of its own with that seed."""
    if type(seed) is not int:
        raise TypeFault("rng_seed(seed): seed must be an integer")
    return Rng(seed)


@builtin("random(rng?)", section="7", context=True)
def random(rt: Context, rng: object = None) -> float:
    """A float from 0 up to 1, not included."""
    return _source(rt, (rng,))[0].random()


@builtin("random_int(...bounds)", section="7", context=True)
def random_int(rt: Context, *bounds: object) -> int | None:
    """`random_int(rng?, min, max)`: an int from `min` to `max`, both included; nil if there is none."""
    source, rest = _source(rt, bounds)
    low, high = _argument(rest, 0), _argument(rest, 1)
    if type(low) is not int:
        raise TypeFault("random_int: min must be an integer")
    if type(high) is not int:
        raise TypeFault("random_int: max must be an integer")
    return source.randint(low, high) if low <= high else None


@builtin("random_choice(...arguments)", section="7", context=True)
def random_choice(rt: Context, *arguments: object) -> object:
    """`random_choice(rng?, list)`: one of the elements, nil if there is none."""
    source, rest = _source(rt, arguments)
    items = _argument(rest, 0)
    return source.choice(items) if type(items) is list and items else None


@builtin("random_shuffle(...arguments)", section="7", context=True)
def random_shuffle(rt: Context, *arguments: object) -> list[object]:
    """`random_shuffle(rng?, list)`: a list of the elements in random order."""
    source, rest = _source(rt, arguments)
    items = _argument(rest, 0)
    shuffled = [*items] if type(items) is list else []
    source.shuffle(shuffled)
    return shuffled
