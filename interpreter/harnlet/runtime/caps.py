"""How large one value may grow: the caps that every operator and builtin respects.

Without them one line (`"a" * 10 ** 12`, `2 ** 10 ** 9`, a list that holds itself twice, forty times
over) takes all memory of the host. The caps of the language are faults that a script can catch; those
that an embedder sets in its `Limits` end the run. Rules: docs/language.md#how-large-values-get,
docs/limits.md.
"""

import sys
from typing import NoReturn, TypeVar

from harnlet.errors.faults import RuntimeFault
from harnlet.runtime.limits import CURRENT_USAGE, Limits

INTEGER_BITS = 65_536
"""The most bits an int may have."""

TEXT_LENGTH = 64_000_000
"""The most code points of a string."""

ITEMS = 20_000_000
"""The most elements of a collection."""

# Nothing of this size or below is too large for any interpreter of the process: what spares a look at
# whose code runs. They are only ever lowered.
_small_text = TEXT_LENGTH
_small_items = ITEMS
_small_int = 1 << 1_000


def respect(limits: Limits) -> None:
    """From now on these limits are looked at, in the runs that they belong to."""
    global _small_text, _small_items, _small_int
    if limits.string_bytes is not None:
        _small_text = min(_small_text, limits.string_bytes)
    if limits.collection_items is not None:
        _small_items = min(_small_items, limits.collection_items)
    if limits.integer_bits is not None:
        _small_int = min(_small_int, 1 << (limits.integer_bits - 1))


# --- ints ---------------------------------------------------------------------------------------


_Number = TypeVar("_Number", int, float)


def int_within_cap(number: _Number) -> _Number:
    """`number` itself. Raises RuntimeFault when it is an int of more than `INTEGER_BITS` bits. Compiled
    code also asks of floats."""
    if not -_small_int < number < _small_int and type(number) is int:
        check_bits(number.bit_length())
    return number


def check_bits(bits: int) -> None:
    """Raises RuntimeFault when an int of that many bits would be above the cap."""
    if bits > integer_bits():
        usage = CURRENT_USAGE.get()
        if usage is not None and usage.limits.integer_bits is not None:
            usage.exceed("integer_bits", bits, usage.limits.integer_bits)
        raise RuntimeFault(f"integer is too large: more than {INTEGER_BITS} bits")


def integer_bits() -> int:
    """The cap for ints in the current run."""
    usage = CURRENT_USAGE.get()
    cap = None if usage is None else usage.limits.integer_bits
    return INTEGER_BITS if cap is None else cap


# --- texts --------------------------------------------------------------------------------------


def check_text(length: int) -> None:
    """Raises RuntimeFault when a string of `length` code points would be above the cap."""
    if (length > _small_text or length > TEXT_LENGTH) and length > text_length():
        refuse_text(length)


def text_length() -> int:
    """The cap for strings in the current run. Each code point takes at least one byte."""
    usage = CURRENT_USAGE.get()
    cap = None if usage is None else usage.limits.string_bytes
    return TEXT_LENGTH if cap is None else cap


def refuse_text(size: int | None = None) -> NoReturn:
    """Raises what a string of that size is above the cap; None is one more than allowed."""
    usage = CURRENT_USAGE.get()
    if usage is not None and usage.limits.string_bytes is not None:
        cap = usage.limits.string_bytes
        usage.exceed("string_bytes", cap + 1 if size is None else size, cap)
    raise RuntimeFault(f"string is too long: more than {TEXT_LENGTH} characters")


_TEXT_OVERHEAD = max(sys.getsizeof("é"), sys.getsizeof("α"), sys.getsizeof("😀"))
_WIDEST = 4


def weigh_text(text: str) -> None:
    """The same for a string that is there, of which the bytes are known."""
    length = len(text)
    if length * _WIDEST <= _small_text and length <= TEXT_LENGTH:
        return
    usage = CURRENT_USAGE.get()
    if usage is not None and usage.limits.string_bytes is not None:
        length = max(length, sys.getsizeof(text) - _TEXT_OVERHEAD)
    check_text(length)


# --- collections --------------------------------------------------------------------------------


def check_items(count: int) -> None:
    """Raises RuntimeFault when a collection of `count` elements would be above the cap."""
    if (count > _small_items or count > ITEMS) and count > most_items():
        usage = CURRENT_USAGE.get()
        if usage is not None and usage.limits.collection_items is not None:
            usage.exceed("collection_items", count, usage.limits.collection_items)
        raise RuntimeFault(f"collection is too large: more than {ITEMS} elements")


def most_items() -> int:
    """The cap for collections in the current run."""
    usage = CURRENT_USAGE.get()
    cap = None if usage is None else usage.limits.collection_items
    return ITEMS if cap is None else cap
