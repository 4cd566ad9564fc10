"""The pipes to and from a process, read and written as the event loop finds them ready."""

import asyncio
import os
from collections.abc import Callable

_CHUNK = 64 * 1024
_MOST_CHUNKS_TO_DRAIN = 64


class OutputPipe:
    """Collects what a process writes, up to a limit; what comes beyond is read and dropped.

    Reading goes on past the limit because a process whose pipe is full stands still.
    """

    def __init__(
        self,
        descriptor: int,
        *,
        limit_bytes: int,
        on_data: Callable[[bytes], None] | None,
        on_end: Callable[[], None],
    ) -> None:
        """Takes over the descriptor. `on_end` is called when all writers have closed, not by `close`."""
        self._descriptor = descriptor
        self._limit = limit_bytes
        self._on_data = on_data
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._chunks: list[bytes] = []
        self._kept = 0
        self.dropped_bytes = 0
        self.open = True
        os.set_blocking(descriptor, False)
        self._loop.add_reader(descriptor, self._ready)

    def collected(self) -> bytes:
        """What has come so far."""
        if len(self._chunks) > 1:
            self._chunks = [b"".join(self._chunks)]
        return self._chunks[0] if self._chunks else b""

    def drain(self) -> None:
        """Take what lies in the pipe already, and do not wait for more.

        When the last writer has ended this is all that will ever come. A writer that lives on could fill the
        pipe for ever, so there is an end to it (4 MiB).
        """
        for _ in range(_MOST_CHUNKS_TO_DRAIN):
            if not self.open or not self._ready():
                return

    def close(self) -> None:
        """Read no more, even when somebody holds the other end open. Safe after the loop, and twice."""
        if self.open:
            self.open = False
            if not self._loop.is_closed():
                self._loop.remove_reader(self._descriptor)
            os.close(self._descriptor)

    def _ready(self) -> bool:
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self.close()
            self._on_end()
            return False
        kept = data[: self._limit - self._kept]
        self.dropped_bytes += len(data) - len(kept)
        if kept:
            self._kept += len(kept)
            self._chunks.append(kept)
        if self._on_data is not None:
            self._tell(data, self._on_data)
        return True

    def _tell(self, data: bytes, listener: Callable[[bytes], None]) -> None:
        try:
            listener(data)
        except Exception as problem:  # noqa: BLE001 - a listener that fails must not keep a stop from its end
            self._loop.call_exception_handler(
                {"message": "Failure in a listener to the output of a process", "exception": problem}
            )


class InputPipe:
    """Feeds some bytes to a process as fast as it takes them, then closes; stops when it takes no more."""

    def __init__(self, descriptor: int, data: bytes) -> None:
        """Takes over the descriptor."""
        self._descriptor = descriptor
        self._left = memoryview(data)
        self._loop = asyncio.get_running_loop()
        self._open = True
        os.set_blocking(descriptor, False)
        self._loop.add_writer(descriptor, self._ready)

    def close(self) -> None:
        """Write no more. Safe after the loop, and twice."""
        if self._open:
            self._open = False
            if not self._loop.is_closed():
                self._loop.remove_writer(self._descriptor)
            os.close(self._descriptor)

    def _ready(self) -> None:
        try:
            written = os.write(self._descriptor, self._left[:_CHUNK]) if self._left else 0
        except BlockingIOError:
            return
        except BrokenPipeError:  # it has closed its input, which is its right
            self.close()
            return
        self._left = self._left[written:]
        if not self._left:
            self.close()
