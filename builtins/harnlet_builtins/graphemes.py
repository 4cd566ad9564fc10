"""Extended grapheme clusters, after Unicode's annex 29, on the data that Python ships.

`unicodedata` does not tell the break property itself. Categories give most of it; the rest are the
ranges below, of Unicode 15. Conjuncts of Indic scripts (rule GB9c) are not joined.
"""

import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import Final

from harnlet.runtime.breath import breathing

_CONTROL, _PREPEND, _EXTEND, _ZWJ, _SPACING, _REGIONAL, _PICTURE = "CPXZSRE"
_L, _V, _T, _LV, _LVT, _OTHER = "lvtabo"

_PREPENDED = frozenset(
    {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0xD4E, 0x110BD, 0x110CD, 0x111C2, 0x111C3}
    | {0x1193F, 0x11941, 0x11A3A, *range(0x11A84, 0x11A8A), 0x11D46, 0x11F02}
)
_EXTENDING = frozenset({0x200C, 0xFF9E, 0xFF9F, *range(0x1F3FB, 0x1F400), *range(0xE0020, 0xE0080)})
_NOT_SPACING = frozenset(
    {0x102B, 0x102C, 0x1038, *range(0x1062, 0x1065), *range(0x1067, 0x106E), 0x1083, *range(0x1087, 0x108D)}
    | {0x108F, *range(0x109A, 0x109D), 0x1A61, 0x1A63, 0x1A64, 0xAA7B, 0xAA7D, 0x11720, 0x11721}
)
_SPACING_LETTERS = frozenset({0xE33, 0xEB3})

_PICTURES: Final = (
    (0xA9, 0xA9), (0xAE, 0xAE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139),
    (0x2194, 0x2199), (0x21A9, 0x21AA), (0x231A, 0x231B), (0x2328, 0x2328), (0x2388, 0x2388),
    (0x23CF, 0x23CF), (0x23E9, 0x23F3), (0x23F8, 0x23FA), (0x24C2, 0x24C2), (0x25AA, 0x25AB),
    (0x25B6, 0x25B6), (0x25C0, 0x25C0), (0x25FB, 0x25FE), (0x2600, 0x2605), (0x2607, 0x2612),
    (0x2614, 0x2685), (0x2690, 0x2705), (0x2708, 0x2712), (0x2714, 0x2714), (0x2716, 0x2716),
    (0x271D, 0x271D), (0x2721, 0x2721), (0x2728, 0x2728), (0x2733, 0x2734), (0x2744, 0x2744),
    (0x2747, 0x2747), (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757),
    (0x2763, 0x2767), (0x2795, 0x2797), (0x27A1, 0x27A1), (0x27B0, 0x27B0), (0x27BF, 0x27BF),
    (0x2934, 0x2935), (0x2B05, 0x2B07), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55),
    (0x3030, 0x3030), (0x303D, 0x303D), (0x3297, 0x3297), (0x3299, 0x3299), (0x1F000, 0x1F0FF),
    (0x1F10D, 0x1F10F), (0x1F12F, 0x1F12F), (0x1F16C, 0x1F171), (0x1F17E, 0x1F17F), (0x1F18E, 0x1F18E),
    (0x1F191, 0x1F19A), (0x1F1AD, 0x1F1E5), (0x1F201, 0x1F20F), (0x1F21A, 0x1F21A), (0x1F22F, 0x1F22F),
    (0x1F232, 0x1F23A), (0x1F23C, 0x1F23F), (0x1F249, 0x1F3FA), (0x1F400, 0x1F53D), (0x1F546, 0x1F64F),
    (0x1F680, 0x1F6FF), (0x1F774, 0x1F77F), (0x1F7D5, 0x1F7FF), (0x1F80C, 0x1F80F), (0x1F848, 0x1F84F),
    (0x1F85A, 0x1F85F), (0x1F888, 0x1F88F), (0x1F8AE, 0x1F8FF), (0x1F90C, 0x1F93A), (0x1F93C, 0x1F945),
    (0x1F947, 0x1FAFF), (0x1FC00, 0x1FFFD),
)  # fmt: skip
"""Extended_Pictographic."""

_PICTURE_STARTS = [first for first, _ in _PICTURES]


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    code = ord(character)
    if 0xAC00 <= code <= 0xD7A3:
        return _LV if (code - 0xAC00) % 28 == 0 else _LVT
    for kind, ranges in _HANGUL:
        if any(first <= code <= last for first, last in ranges):
            return kind
    if code == 0x200D:
        return _ZWJ
    if code in _PREPENDED:
        return _PREPEND
    category = unicodedata.category(character)
    if category in ("Mn", "Me") or code in _EXTENDING:
        return _EXTEND
    if (category == "Mc" and code not in _NOT_SPACING) or code in _SPACING_LETTERS:
        return _SPACING
    if 0x1F1E6 <= code <= 0x1F1FF:
        return _REGIONAL
    if category in ("Cc", "Cf", "Zl", "Zp"):
        return _CONTROL
    place = bisect_right(_PICTURE_STARTS, code) - 1
    return _PICTURE if place >= 0 and code <= _PICTURES[place][1] else _OTHER


_HANGUL = (
    (_L, ((0x1100, 0x115F), (0xA960, 0xA97C))),
    (_V, ((0x1160, 0x11A7), (0xD7B0, 0xD7C6))),
    (_T, ((0x11A8, 0x11FF), (0xD7CB, 0xD7FB))),
)
_JOINED_HANGUL = frozenset(
    {_L + _L, _L + _V, _L + _LV, _L + _LVT, _LV + _V, _LV + _T, _V + _V, _V + _T, _LVT + _T, _T + _T}
)


def graphemes(text: str) -> list[str]:
    """The extended grapheme clusters of `text`."""
    if text.isascii() and "\r\n" not in text:
        return [*text]
    clusters: list[str] = []
    start = 0
    before = ""
    flags = 0
    picture = False
    """Whether the cluster so far is a picture with what extends it: then ZWJ joins another one."""
    for place, character in enumerate(breathing(text)):
        kind = _kind(character)
        if place and _breaks(text[place - 1], character, before, kind, flags, picture):
            clusters.append(text[start:place])
            start = place
        flags = flags + 1 if kind == _REGIONAL and start != place else int(kind == _REGIONAL)
        if kind == _PICTURE:
            picture = True
        elif kind not in (_EXTEND, _ZWJ):
            picture = False
        before = kind
    if text:
        clusters.append(text[start:])
    return clusters


def _breaks(last: str, character: str, before: str, kind: str, flags: int, picture: bool) -> bool:
    """Whether a cluster ends between two neighbours."""
    if before == _CONTROL or kind == _CONTROL:
        return not (last == "\r" and character == "\n")
    if before + kind in _JOINED_HANGUL or kind in (_EXTEND, _ZWJ, _SPACING) or before == _PREPEND:
        return False
    if before == _ZWJ and kind == _PICTURE and picture:
        return False
    return not (before == kind == _REGIONAL and flags % 2 == 1)
