"""Arguments that are bytes, or a string that stands for its UTF-8."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.values import type_name
from harnlet_builtins.utf8 import utf8

_Result = TypeVar("_Result")

_QUICK = 16_384
"""Bytes that are worked on at once: less time than a thread takes to begin."""


def bytes_argument(name: str, value: object) -> bytes:
    """The bytes that the builtin `name` got first. Raises RuntimeFault for anything else."""
    if type(value) is bytes:
        return value
    raise RuntimeFault(f"{name}: expected bytes at argument 1, got {type_name(value)}")


def content_argument(name: str, value: object) -> bytes:
    """The bytes, or the UTF-8 of the string, that the builtin `name` got first. Raises RuntimeFault for
    anything else."""
    if type(value) is bytes:
        return value
    if type(value) is str:
        return utf8(value)
    raise RuntimeFault(f"{name}: expected bytes or string at argument 1, got {type_name(value)}")


async def off_the_loop(size: int, work: Callable[..., _Result], *arguments: object) -> _Result:
    """What `work` returns for `size` bytes: in a thread when that may take a while."""
    if size <= _QUICK:
        return work(*arguments)
    return await asyncio.to_thread(work, *arguments)
