"""Sets of characters, as patterns name them: `[a-z]`, `\\w`, `\\p{Lu}`. Rule: docs/builtins.md#regex.

A set is a sorted tuple of ranges of code points. When the text to search is ASCII, `ascii_only` sets
suffice: they are right for ASCII characters only, and need no Unicode tables, which take some tens of
milliseconds to make.
"""

from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]

LAST = 0x10FFFF
EVERYTHING: Ranges = ((0, LAST),)
_ASCII: Ranges = ((0, 0x7F),)


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The set of all that is in any of `ranges`."""
    result: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return tuple(result)


def inverted(ranges: Ranges) -> Ranges:
    """All other characters."""
    result: list[tuple[int, int]] = []
    start = 0
    for low, high in ranges:
        if low > start:
            result.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        result.append((start, LAST))
    return tuple(result)


def intersected(first: Ranges, second: Ranges) -> Ranges:
    """What is in both."""
    result: list[tuple[int, int]] = []
    i = j = 0
    while i < len(first) and j < len(second):
        low, high = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if low <= high:
            result.append((low, high))
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return tuple(result)


def has(ranges: Ranges, code: int) -> bool:
    """Whether the character is in the set."""
    place = bisect_right(ranges, (code, LAST)) - 1
    return place >= 0 and code <= ranges[place][1]


# --- upper and lower case -----------------------------------------------------------------------------

_LAST_WITH_CASE = 0x1E943
_NO_CASE = frozenset({0x130, 0x131})
"""The Turkish letters: they pair with i and I in Turkish only."""
_SAME_LETTER = (
    "kK\u212a sS\u017f åÅ\u212b ωΩ\u2126 θΘϑϴ βΒϐ εΕϵ κΚϰ πΠϖ ρΡϱ φΦϕ ιΙ\u0345\u1fbe μΜµ σΣς ṡṠẛ ßẞ "
    "вВ\u1c80 дД\u1c81 оО\u1c82 сС\u1c83 тТ\u1c84\u1c85 ъЪ\u1c86 ѣѢ\u1c87 ꙋꙊ\u1c88"
)
"""Letters with more forms than one in upper and one in lower case."""


_MOST_ASKED = 500
"""Sets up to this size are asked letter by letter; for larger ones a table of all letters is made, which
takes some tens of milliseconds, once."""


@cache
def _forms() -> dict[int, frozenset[int]]:
    return {ord(each): frozenset(map(ord, group)) for group in _SAME_LETTER.split() for each in group}


@cache
def _letters() -> list[tuple[int, frozenset[int]]]:
    """All characters with another case, and their forms."""
    found = ((code, _forms_of(code)) for code in range(_LAST_WITH_CASE + 1))
    return [(code, forms) for code, forms in found if len(forms) > 1]


def folded(ranges: Ranges, ascii_only: bool) -> Ranges:
    """The set with every letter in upper and in lower case."""
    found: set[int] = set()
    within = intersected(ranges, _ASCII if ascii_only else ((0, _LAST_WITH_CASE),))
    if sum(high - low + 1 for low, high in within) <= _MOST_ASKED:
        for low, high in within:
            for code in range(low, high + 1):
                found |= _forms_of(code)
    else:
        for code, forms in _letters():
            if has(within, code):
                found |= forms
    if ascii_only:
        for group in ("kK\u212a", "sS\u017f"):
            if has(ranges, ord(group[2])):
                found.update(map(ord, group))
    return merged([*ranges, *((code, code) for code in found)])


def _forms_of(code: int) -> frozenset[int]:
    return _forms().get(code) or frozenset(_other_case(code))


def _other_case(code: int) -> set[int]:
    if code in _NO_CASE:
        return set()
    character = chr(code)
    forms = {character.lower(), character.upper()}
    forms |= {form.lower() for form in forms} | {form.upper() for form in forms} | {character.title()}
    return {ord(form) for form in forms if len(form) == 1}


# --- sets by name -------------------------------------------------------------------------------------

_DIGITS, _UPPER, _LOWER = (0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)
_POSIX: dict[str, Ranges] = {
    "alnum": (_DIGITS, _UPPER, _LOWER),
    "alpha": (_UPPER, _LOWER),
    "ascii": _ASCII,
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0x00, 0x1F), (0x7F, 0x7F)),
    "digit": (_DIGITS,),
    "graph": ((0x21, 0x7E),),
    "lower": (_LOWER,),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": (_UPPER,),
    "word": (_DIGITS, _UPPER, (0x5F, 0x5F), _LOWER),
    "xdigit": (_DIGITS, (0x41, 0x46), (0x61, 0x66)),
}
_SPACE = ((9, 13), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A))
_SPACE_BEYOND = ((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000))
_JOINERS = ((0x200C, 0x200D),)
_LETTERS_IN_CIRCLES = ((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189))
_CATEGORY_NAMES = {
    "letter": "L",
    "casedletter": "LC",
    "uppercaseletter": "Lu",
    "lowercaseletter": "Ll",
    "titlecaseletter": "Lt",
    "modifierletter": "Lm",
    "otherletter": "Lo",
    "mark": "M",
    "combiningmark": "M",
    "nonspacingmark": "Mn",
    "spacingmark": "Mc",
    "enclosingmark": "Me",
    "number": "N",
    "decimalnumber": "Nd",
    "digit": "Nd",
    "letternumber": "Nl",
    "othernumber": "No",
    "punctuation": "P",
    "punct": "P",
    "connectorpunctuation": "Pc",
    "dashpunctuation": "Pd",
    "openpunctuation": "Ps",
    "closepunctuation": "Pe",
    "initialpunctuation": "Pi",
    "finalpunctuation": "Pf",
    "otherpunctuation": "Po",
    "symbol": "S",
    "mathsymbol": "Sm",
    "currencysymbol": "Sc",
    "modifiersymbol": "Sk",
    "othersymbol": "So",
    "separator": "Z",
    "spaceseparator": "Zs",
    "lineseparator": "Zl",
    "paragraphseparator": "Zp",
    "other": "C",
    "control": "Cc",
    "format": "Cf",
    "surrogate": "Cs",
    "privateuse": "Co",
    "unassigned": "Cn",
}
_CATEGORIES = frozenset({*_CATEGORY_NAMES.values()})
_ASSIGNED = ((0, 0x323AF), (0xE0000, 0xE01EF))
_BEYOND = ((0x323B0, 0xDFFFF, "Cn"), (0xE01F0, 0xEFFFF, "Cn"))
_PRIVATE = ((0xF0000, 0xFFFFD, "Co"), (0xFFFFE, 0xFFFFF, "Cn"), (0x100000, 0x10FFFD, "Co"))
_NONCHARACTERS = ((0x10FFFE, LAST, "Cn"),)
"""Where nothing is assigned, or only for private use, no table is made."""


def posix(name: str) -> Ranges | None:
    """`[:alpha:]` and the like: ASCII characters only."""
    return _POSIX.get(name)


@cache
def perl(letter: str, ascii_only: bool) -> Ranges:
    """`\\d`, `\\s` and `\\w`."""
    if letter == "s":
        return _SPACE[:2] if ascii_only else _SPACE + _SPACE_BEYOND
    if ascii_only:
        return _POSIX["digit" if letter == "d" else "word"]
    if letter == "d":
        return _of_categories("Nd", False)
    parts = [_of_categories(name, False) for name in ("L", "M", "Nd", "Nl", "Pc")]
    return merged([*_JOINERS, *_LETTERS_IN_CIRCLES, *(each for part in parts for each in part)])


@cache
def unicode_property(name: str, ascii_only: bool) -> Ranges | None:
    """`\\p{name}`: a general category, a script, or one of a few others; None if nothing is called so."""
    key, _, value = name.replace(":", "=").partition("=")
    if value:
        if _plain(key) not in ("gc", "generalcategory", "sc", "script"):
            return None
        name = value
    plain = _plain(name)
    category = _CATEGORY_NAMES.get(plain, plain.capitalize() if len(plain) < 3 else "")
    if plain == "lc":
        category = "LC"
    if category in _CATEGORIES:
        return _of_categories(category, ascii_only)
    if plain in ("any", "ascii", "assigned"):
        return {"any": EVERYTHING, "ascii": _ASCII}.get(plain) or inverted(_of_categories("Cn", ascii_only))
    if plain in ("whitespace", "space"):
        return perl("s", ascii_only)
    if plain in ("uppercase", "lowercase"):
        test = str.isupper if plain == "uppercase" else str.islower
        last = 0x7F if ascii_only else 0x1F189
        return merged((code, code) for code in range(last + 1) if test(chr(code)))
    from harnlet.runtime.regex.scripts import SCRIPTS

    script = SCRIPTS.get(plain)
    if script is None:
        return None
    ends = [part.partition("-") for part in script.split()]
    return merged((int(low, 16), int(high or low, 16)) for low, _, high in ends)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace(" ", "").replace("-", "")


def _of_categories(name: str, ascii_only: bool) -> Ranges:
    wanted = ("Lu", "Ll", "Lt") if name == "LC" else (name,)
    return merged((low, high) for low, high, category in _table(ascii_only) if category.startswith(wanted))


@cache
def _table(ascii_only: bool) -> list[tuple[int, int, str]]:
    """Ranges of characters of one category."""
    from unicodedata import category

    table: list[tuple[int, int, str]] = []
    for first, last in _ASCII if ascii_only else _ASSIGNED:
        at = first
        for kind, group in groupby(map(category, map(chr, range(first, last + 1)))):
            length = sum(1 for _ in group)
            table.append((at, at + length - 1, kind))
            at += length
    if not ascii_only:
        table += _BEYOND + _PRIVATE + _NONCHARACTERS
    return table
