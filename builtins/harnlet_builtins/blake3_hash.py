"""BLAKE3, from its specification: the package `blake3` if it is installed, else Python.

A kilobyte takes Python about four milliseconds, so larger data need the package.
Rule: docs/builtins.md#hashes-and-macs.
"""

from collections.abc import Sequence
from functools import cache
from struct import pack, unpack
from typing import Any

from harnlet.errors.faults import RuntimeFault

MOST_BYTES = 131_072
"""What is hashed without the package: half a second of work."""

_START = (
    0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
)  # fmt: skip
_ORDER = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
_QUARTERS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip
_CHUNK, _BLOCK = 1_024, 64
_CHUNK_START, _CHUNK_END, _PARENT, _ROOT = 1, 2, 4, 8
_MASK = 0xFFFFFFFF

_Words = Sequence[int]


def blake3_digest(data: bytes) -> bytes:
    """The 32 bytes of the hash. Raises RuntimeFault for large data without the package."""
    package = _package()
    if package is not None:
        return bytes(package.blake3(data).digest())
    if len(data) > MOST_BYTES:
        raise RuntimeFault(
            f"blake3 of more than {MOST_BYTES} bytes needs an optional package that is not installed: "
            "pip install harnlet[blake3]"
        )
    return digest_in_python(data)


@cache
def _package() -> Any:
    from importlib import import_module

    try:
        return import_module("blake3")
    except ImportError:
        return None


def digest_in_python(data: bytes) -> bytes:
    """The same, always by this module."""
    count = max((len(data) + _CHUNK - 1) // _CHUNK, 1)
    if count == 1:
        return _bytes(_chunk(data, 0, _ROOT))
    hashes = [_chunk(data[place * _CHUNK : (place + 1) * _CHUNK], place, 0) for place in range(count)]
    # A tree whose left half is always full: pairs are joined level by level, an odd one waits.
    while len(hashes) > 2:
        joined = [_parent(a, b, 0) for a, b in zip(hashes[::2], hashes[1::2], strict=False)]
        hashes = joined + hashes[len(joined) * 2 :]
    return _bytes(_parent(hashes[0], hashes[1], _ROOT))


def _bytes(words: _Words) -> bytes:
    return pack("<8I", *words)


def _parent(left: _Words, right: _Words, flags: int) -> _Words:
    return _compressed(_START, (*left, *right), 0, _BLOCK, _PARENT | flags)


def _chunk(data: bytes, number: int, flags: int) -> _Words:
    """The hash of up to 1024 bytes, block by block; `flags` are for the last block."""
    value: _Words = _START
    blocks = max((len(data) + _BLOCK - 1) // _BLOCK, 1)
    for place in range(blocks):
        block = data[place * _BLOCK : (place + 1) * _BLOCK]
        own = (_CHUNK_START if place == 0 else 0) | (_CHUNK_END | flags if place == blocks - 1 else 0)
        value = _compressed(value, unpack("<16I", block.ljust(_BLOCK, b"\0")), number, len(block), own)
    return value


def _compressed(value: _Words, block: _Words, counter: int, length: int, flags: int) -> _Words:
    """Seven rounds of mixing a block into the value."""
    state = [*value, *_START[:4], counter & _MASK, counter >> 32, length, flags]
    words = list(block)
    for _ in range(7):
        for place, (a, b, c, d) in enumerate(_QUARTERS):
            va, vb, vc, vd = state[a], state[b], state[c], state[d]
            va = va + vb + words[2 * place] & _MASK
            vd ^= va
            vd = (vd >> 16 | vd << 16) & _MASK
            vc = vc + vd & _MASK
            vb ^= vc
            vb = (vb >> 12 | vb << 20) & _MASK
            va = va + vb + words[2 * place + 1] & _MASK
            vd ^= va
            vd = (vd >> 8 | vd << 24) & _MASK
            vc = vc + vd & _MASK
            vb ^= vc
            vb = (vb >> 7 | vb << 25) & _MASK
            state[a], state[b], state[c], state[d] = va, vb, vc, vd
        words = [words[place] for place in _ORDER]
    return [state[place] ^ state[place + 8] for place in range(8)]
