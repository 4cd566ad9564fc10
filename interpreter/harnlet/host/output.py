"""Where a script's output goes: a stream or a function, with a cap on how much."""

import sys
from collections.abc import Callable
from typing import Protocol, TypeAlias

from harnlet.runtime.faulting import HostFault
from harnlet.runtime.limits import stop_run


class TextSink(Protocol):
    """Anything with `write(text)`."""

    def write(self, text: str, /) -> object:
        """Take some text."""


OutputTarget: TypeAlias = TextSink | Callable[[str], object]


def output_writer(target: OutputTarget | None, most_bytes: int | None) -> Callable[[str], None]:
    """The function that output builtins call. Standard output is looked up at each call, so that it can
    be redirected, and flushed, so that output appears as it is printed."""
    write: Callable[[str], object]
    if target is None:
        write = _write_standard
    else:
        method = getattr(target, "write", None)
        write = method if method is not None else target  # type: ignore[assignment]
    written = 0

    def limited(text: str) -> None:
        nonlocal written
        if most_bytes is not None:
            written += len(text.encode("utf-8", "surrogatepass"))
            if written > most_bytes:
                stop_run("output_bytes", written, most_bytes)
        write(text)

    return limited


def _write_standard(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        # Its reader has gone, its disk is full, it is closed, or its encoding lacks a character: that is
        # neither the script's mistake nor ours.
        raise HostFault(f"{type(error).__name__}: {error}") from error
