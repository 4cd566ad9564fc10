"""Dates from text and to text. Rules: docs/builtins.md#calendar."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from harnlet.errors.faults import Thrown
from harnlet_builtins.moments import (
    MONTHS,
    WEEKDAYS,
    checked_moment,
    offset_of,
    offset_text,
    rfc3339,
    shifted,
    timestamp_of,
    weekday_of,
)

# --- reading ------------------------------------------------------------------------------------------

_CLOCK = r"(\d{1,2}):(\d{1,2}):(\d{1,2})(\.\d+)?"
_DATE = r"(\d{1,9})-(\d{1,2})-(\d{1,2})"
_WITH_OFFSET = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_WITHOUT_OFFSET = re.compile(rf"{_DATE}(?:[ T](?:{_CLOCK}|(\d{{1,2}}):(\d{{1,2}})))?", re.ASCII)
_DIGITS = re.compile(r"[0-9]+")
_LONGEST_NUMBER = 9


def parse_date(text: str) -> datetime:
    """The moment that a text names: RFC 3339, a date with or without a time, or at least three numbers
    (year, month, day, and what follows of hour, minute, second). Raises Thrown."""
    found = _WITH_OFFSET.fullmatch(text)
    if found is not None:
        *civil, fraction, offset = found.groups()
        moment = _moment([int(part) for part in civil], fraction)
        if moment is not None:
            return shifted("date_parse", moment, -_offset(offset))
    found = _WITHOUT_OFFSET.fullmatch(text)
    if found is not None:
        year, month, day, hour, minute, second, fraction, short_hour, short_minute = found.groups()
        civil = [year, month, day, hour or short_hour, minute or short_minute, second]
        moment = _moment([int(part or "0") for part in civil], fraction)
        if moment is not None:
            return moment
    numbers = _DIGITS.findall(text)[:6]
    if len(numbers) < 3 or any(len(number) > _LONGEST_NUMBER for number in numbers):
        raise Thrown(f"Cannot parse date: {text}")
    return checked_moment([int(number) for number in numbers] + [0] * (6 - len(numbers)))


def _offset(text: str) -> timedelta:
    if text in "Zz":
        return timedelta()
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return -offset if text[0] == "-" else offset


def _moment(civil: list[int], fraction: str | None) -> datetime | None:
    """The moment in UTC, or None if there is none."""
    year, month, day, hour, minute, second = civil
    micros = int((fraction or ".")[1:7].ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, second, micros, tzinfo=UTC)
    except ValueError:
        return None


# --- writing ------------------------------------------------------------------------------------------

_CODE = re.compile(r"%([-_0]?)([A-Za-z%+]|\.[369]?f|[369]f|:{1,3}z|#z)")


def format_date(moment: datetime, template: str) -> str:
    """The template with its strftime codes filled in; what is no code stays."""
    return _CODE.sub(lambda found: _filled(moment, found[1], found[2], found[0]), template)


def _filled(moment: datetime, padding: str, code: str, whole: str) -> str:
    number = _NUMBERS.get(code)
    if number is not None:
        width, fill, value = number
        fill = {"-": "", "_": " ", "0": "0", "": fill}[padding]
        return str(value(moment)).rjust(width, fill) if fill else str(value(moment))
    text = _TEXTS.get(code)
    return whole if text is None else text(moment)


def _hour12(moment: datetime) -> int:
    return (moment.hour + 11) % 12 + 1


def _day_of_year(moment: datetime) -> int:
    return moment.timetuple().tm_yday


_NUMBERS: dict[str, tuple[int, str, Callable[[datetime], int]]] = {
    "Y": (4, "0", lambda moment: moment.year),
    "C": (2, "0", lambda moment: moment.year // 100),
    "y": (2, "0", lambda moment: moment.year % 100),
    "m": (2, "0", lambda moment: moment.month),
    "d": (2, "0", lambda moment: moment.day),
    "e": (2, " ", lambda moment: moment.day),
    "w": (1, "0", weekday_of),
    "u": (1, "0", lambda moment: moment.isoweekday()),
    "U": (2, "0", lambda moment: (_day_of_year(moment) + 6 - weekday_of(moment)) // 7),
    "W": (2, "0", lambda moment: (_day_of_year(moment) + 6 - moment.weekday()) // 7),
    "G": (4, "0", lambda moment: moment.isocalendar()[0]),
    "g": (2, "0", lambda moment: moment.isocalendar()[0] % 100),
    "V": (2, "0", lambda moment: moment.isocalendar()[1]),
    "j": (3, "0", _day_of_year),
    "H": (2, "0", lambda moment: moment.hour),
    "k": (2, " ", lambda moment: moment.hour),
    "I": (2, "0", _hour12),
    "l": (2, " ", _hour12),
    "M": (2, "0", lambda moment: moment.minute),
    "S": (2, "0", lambda moment: moment.second),
    "s": (1, "0", lambda moment: int(timestamp_of(moment) // 1)),
}


def _fraction(digits: int, dot: str = "") -> Callable[[datetime], str]:
    return lambda moment: dot + f"{moment.microsecond:06}000"[:digits]


def _short_fraction(moment: datetime) -> str:
    """As many digits as are needed, in threes."""
    micros = moment.microsecond
    return "" if not micros else f".{micros:06}" if micros % 1000 else f".{micros // 1000:03}"


def _made_of(template: str) -> Callable[[datetime], str]:
    return lambda moment: format_date(moment, template)


def _offset_with_seconds(moment: datetime) -> str:
    return f"{offset_text(moment)}:{abs(offset_of(moment)) % 60:02}"


_TEXTS: dict[str, Callable[[datetime], str]] = {
    "b": lambda moment: MONTHS[moment.month - 1][:3],
    "h": lambda moment: MONTHS[moment.month - 1][:3],
    "B": lambda moment: MONTHS[moment.month - 1],
    "a": lambda moment: WEEKDAYS[weekday_of(moment)][:3],
    "A": lambda moment: WEEKDAYS[weekday_of(moment)],
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "P": lambda moment: "am" if moment.hour < 12 else "pm",
    "f": _fraction(9),
    "3f": _fraction(3),
    "6f": _fraction(6),
    "9f": _fraction(9),
    ".f": _short_fraction,
    ".3f": _fraction(3, "."),
    ".6f": _fraction(6, "."),
    ".9f": _fraction(9, "."),
    "z": lambda moment: offset_text(moment, colon=False),
    ":z": offset_text,
    "::z": _offset_with_seconds,
    ":::z": lambda moment: offset_text(moment)[:3],
    "#z": lambda moment: offset_text(moment, colon=False),
    "Z": lambda moment: moment.tzname() or "UTC",
    "D": _made_of("%m/%d/%y"),
    "x": _made_of("%m/%d/%y"),
    "F": _made_of("%Y-%m-%d"),
    "v": _made_of("%e-%b-%Y"),
    "R": _made_of("%H:%M"),
    "T": _made_of("%H:%M:%S"),
    "X": _made_of("%H:%M:%S"),
    "r": _made_of("%I:%M:%S %p"),
    "c": _made_of("%a %b %e %H:%M:%S %Y"),
    "+": rfc3339,
    "t": lambda moment: "\t",
    "n": lambda moment: "\n",
    "%": lambda moment: "%",
}
