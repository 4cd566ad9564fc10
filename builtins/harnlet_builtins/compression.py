"""Compressing bytes: gzip, Zstandard, Brotli. Rules: docs/builtins.md#multipart-compression-junit.

What is decompressed never becomes longer than the longest string, however little it is made from.
"""

import zlib
from typing import Any

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime import caps
from harnlet.runtime.builtin import builtin
from harnlet.runtime.values import type_name
from harnlet_builtins.byte_arguments import bytes_argument, content_argument, off_the_loop
from harnlet_builtins.extras import from_extra

_GZIP = 31
"""What zlib calls the format of gzip, with its largest window."""


def _number(name: str, what: str, value: object, default: int, lowest: int, highest: int) -> int:
    """A level or a quality. Raises RuntimeFault when it is out of range."""
    if value is None:
        return default
    if type(value) is not int:
        raise RuntimeFault(f"{name}: {what} must be an int, got {type_name(value)}")
    if not lowest <= value <= highest:
        raise RuntimeFault(f"{name}: {what} must be between {lowest} and {highest}, got {value}")
    return value


def _check(name: str, size: int) -> None:
    if size > caps.TEXT_LENGTH:
        raise RuntimeFault(f"{name}: decompressed data is too long: more than {caps.TEXT_LENGTH} bytes")


# --- gzip ---------------------------------------------------------------------------------------------


@builtin("gzip_encode(data, level = 6)", section="23.5", effect="suspends")
async def gzip_encode(data: object = None, level: object = None) -> bytes:
    """Bytes or a string in the format of gzip, the same ones each time; level 0 to 9."""
    content = content_argument("gzip_encode", data)
    effort = _number("gzip_encode", "level", level, 6, 0, 9)
    return await off_the_loop(len(content), _gzip, content, effort)


def _gzip(content: bytes, level: int) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, _GZIP)
    return compressor.compress(content) + compressor.flush()


@builtin("gzip_decode(bytes)", section="23.5", effect="suspends")
async def gzip_decode(data: object = None) -> bytes:
    """The bytes that gzip has compressed."""
    content = bytes_argument("gzip_decode", data)
    return await off_the_loop(len(content), _gunzip, content)


def _gunzip(content: bytes) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        member = zlib.decompressobj(_GZIP)
        try:
            parts.append(member.decompress(content, caps.TEXT_LENGTH - size + 1))
        except zlib.error:
            raise RuntimeFault("gzip_decode: invalid gzip data") from None
        size += len(parts[-1])
        _check("gzip_decode", size)
        if not member.eof:
            raise RuntimeFault("gzip_decode: unexpected end of data")
        content = member.unused_data
        if not content:
            return b"".join(parts)


# --- Zstandard ----------------------------------------------------------------------------------------


def _zstandard(name: str) -> Any:
    return from_extra(name, "compression", "zstandard")


@builtin("zstd_encode(data, level = 3)", section="23.5", effect="suspends")
async def zstd_encode(data: object = None, level: object = None) -> bytes:
    """Bytes or a string as a Zstandard frame; level 1 to 22."""
    content = content_argument("zstd_encode", data)
    effort = _number("zstd_encode", "level", level, 3, 1, 22)
    compressor = _zstandard("zstd_encode").ZstdCompressor(level=effort)
    compressed: bytes = await off_the_loop(len(content), compressor.compress, content)
    return compressed


@builtin("zstd_decode(bytes)", section="23.5", effect="suspends")
async def zstd_decode(data: object = None) -> bytes:
    """The bytes that Zstandard has compressed."""
    content = bytes_argument("zstd_decode", data)
    return await off_the_loop(len(content), _unzstd, _zstandard("zstd_decode"), content)


def _unzstd(module: Any, content: bytes) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        try:
            frame = module.ZstdDecompressor().decompressobj()
            # A piece at a time, so that a frame which grows without end is not followed to it.
            for start in range(0, len(content), _PIECE):
                parts.append(frame.decompress(content[start : start + _PIECE]))
                size += len(parts[-1])
                _check("zstd_decode", size)
                if frame.eof:
                    content = frame.unused_data + content[start + _PIECE :]
                    break
            else:
                raise RuntimeFault("zstd_decode: unexpected end of data")
        except module.ZstdError as error:
            raise RuntimeFault(f"zstd_decode: {error}") from None
        if not content:
            return b"".join(parts)


_PIECE = 512
"""Bytes that are decompressed in one go: blocks hold up to 128 KiB each and take at least four bytes, so
this makes at most 16 MiB."""


# --- Brotli -------------------------------------------------------------------------------------------


def _brotli(name: str) -> Any:
    return from_extra(name, "compression", "brotli")


@builtin("brotli_encode(data, quality = 11)", section="23.5", effect="suspends")
async def brotli_encode(data: object = None, quality: object = None) -> bytes:
    """Bytes or a string in the format of Brotli; quality 0 to 11."""
    content = content_argument("brotli_encode", data)
    effort = _number("brotli_encode", "quality", quality, 11, 0, 11)
    module = _brotli("brotli_encode")
    compressed: bytes = await off_the_loop(len(content), _brotlied, module, content, effort)
    return compressed


def _brotlied(module: Any, content: bytes, quality: int) -> Any:
    return module.compress(content, quality=quality)


@builtin("brotli_decode(bytes)", section="23.5", effect="suspends")
async def brotli_decode(data: object = None) -> bytes:
    """The bytes that Brotli has compressed."""
    content = bytes_argument("brotli_decode", data)
    return await off_the_loop(len(content), _unbrotli, _brotli("brotli_decode"), content)


def _unbrotli(module: Any, content: bytes) -> bytes:
    decompressor = module.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        while not decompressor.is_finished():
            part = decompressor.process(content, output_buffer_limit=caps.TEXT_LENGTH - size + 1)
            parts.append(part)
            size += len(part)
            _check("brotli_decode", size)
            if not content and not part:
                raise RuntimeFault("brotli_decode: unexpected end of data")
            content = b""
    except module.error:
        raise RuntimeFault("brotli_decode: invalid brotli data") from None
    return b"".join(parts)
