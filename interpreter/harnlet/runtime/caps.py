"""How large one value may grow: the caps that every operator and builtin respects.

Without them one line (`"a" * 10 ** 12`, `2 ** 10 ** 9`, a list that holds itself twice, forty times
over) takes all memory of the host. Rule: docs/language.md#harnlets-own-decisions, point 2.
"""

from harnlet.errors.faults import RuntimeFault

INTEGER_BITS = 65_536
"""The most bits an int may have."""

TEXT_LENGTH = 64_000_000
"""The most code points of a string that one operation makes."""

ITEMS = 20_000_000
"""The most elements of a collection that one operation makes."""

_ALWAYS_SMALL = 1 << 1_000


def int_within_cap(number: int) -> int:
    """`number` itself. Raises RuntimeFault when it has more than `INTEGER_BITS` bits."""
    if -_ALWAYS_SMALL < number < _ALWAYS_SMALL or number.bit_length() <= INTEGER_BITS:
        return number
    raise integer_too_large()


def integer_too_large() -> RuntimeFault:
    """The fault for an int above the cap."""
    return RuntimeFault(f"integer is too large: more than {INTEGER_BITS} bits")


def text_too_long() -> RuntimeFault:
    """The fault for a string above the cap."""
    return RuntimeFault(f"string is too long: more than {TEXT_LENGTH} characters")


def too_many_items() -> RuntimeFault:
    """The fault for a collection above the cap."""
    return RuntimeFault(f"collection is too large: more than {ITEMS} elements")


def check_text(length: int) -> None:
    """Raises RuntimeFault when a string of `length` code points would be above the cap."""
    if length > TEXT_LENGTH:
        raise text_too_long()


def check_items(count: int) -> None:
    """Raises RuntimeFault when a collection of `count` elements would be above the cap."""
    if count > ITEMS:
        raise too_many_items()
