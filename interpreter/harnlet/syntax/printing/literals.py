"""Literals as source text: the inverse of strings.py and numbers.py."""

import math
import re
from decimal import Decimal
from typing import Final

from harnlet.syntax.tokens import KEYWORDS

_ESCAPES: Final = str.maketrans({"\n": "\\n", "\t": "\\t", "\\": "\\\\", '"': '\\"', "$": "\\$"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHUNK: Final = 4_000


def quoted(text: str) -> str:
    """A one-line string."""
    return f'"{text.translate(_ESCAPES)}"'


def literal_text(text: str) -> str:
    """The inside of a one-line string."""
    return text.translate(_ESCAPES)


def whole(value: int) -> str:
    """An integer, of any size."""
    if abs(value) < 10**_CHUNK:
        return str(value)
    sign, value = ("-", -value) if value < 0 else ("", value)
    chunks: list[str] = []
    while value:
        value, low = divmod(value, 10**_CHUNK)
        chunks.append(str(low).zfill(_CHUNK))
    return sign + "".join(reversed(chunks)).lstrip("0")


def real(value: float) -> str:
    """A float, without an exponent, which the language does not have."""
    if math.isinf(value):
        return ("-" if value < 0 else "") + "1" + "0" * 309 + ".0"
    text = format(Decimal(repr(value)), "f")
    return text if "." in text else text + ".0"


def is_name(text: str, *, reserved: bool = False) -> bool:
    """Whether a text can stand as a name; with `reserved`, words of the language count too."""
    return bool(_NAME.fullmatch(text)) and (reserved or text not in KEYWORDS)
