"""Random bytes that nobody can guess, for ids and keys."""

import os
from collections.abc import Callable
from typing import TypeAlias

Entropy: TypeAlias = Callable[[int], bytes]
"""Gives so many random bytes."""


def entropy_of_run() -> Entropy:
    """The run's source of random bytes: the system's, unless the embedder put another one (a seeded one,
    for repeatable runs) into the run's states."""
    return os.urandom
