"""Moments: what the date builtins take and give, and time zones. Rules: docs/builtins.md#calendar.

A moment is a Python datetime in UTC, of the years 1 to 9999 and exact to the microsecond.
"""

import math
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from harnlet.errors.faults import Thrown
from harnlet.runtime.display import display
from harnlet.runtime.values import type_name

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MISSING = object()
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_FARTHEST = 10**12
"""Seconds; more than any moment is away from 1970."""


def moment_of(name: str, date: object) -> datetime:
    """The moment of a "date" argument of the builtin `name`: seconds since 1970, or a dict with them as
    `timestamp`. Raises Thrown."""
    if date is MISSING:
        raise Thrown(f"{name}: missing timestamp argument")
    seconds = date.get("timestamp") if type(date) is dict else date
    if type(seconds) is int or type(seconds) is float:
        return moment_after(name, seconds)
    raise Thrown(f"{name}: expected timestamp number or date dict, got {type_name(date)}")


def moment_after(name: str, seconds: float) -> datetime:
    """The moment so many seconds after 1970. A float is taken to the microsecond: it holds no more."""
    if not math.isfinite(seconds) or abs(seconds) > _FARTHEST:
        raise Thrown(f"{name}: timestamp out of range")
    whole = math.floor(seconds)
    return shifted(name, EPOCH, timedelta(seconds=whole, microseconds=round((seconds - whole) * 1_000_000)))


def moment_of_ms(milliseconds: int) -> datetime:
    """The moment of a clock's reading."""
    return shifted("date_now", EPOCH, timedelta(milliseconds=milliseconds))


def shifted(name: str, moment: datetime, by: timedelta) -> datetime:
    """A moment later. Raises Thrown when that is not in the years 1 to 9999."""
    try:
        return moment + by
    except OverflowError:
        raise Thrown(f"{name}: timestamp out of range") from None


def timestamp_of(moment: datetime) -> int | float:
    """Seconds since 1970: an int if they are whole."""
    since = moment - EPOCH
    whole, rest = divmod(since, _SECOND)
    return whole if not rest else since / _SECOND


def in_zone(name: str, moment: datetime, zone: tzinfo) -> datetime:
    """The moment by the clocks of a zone. Raises Thrown when that is not in the years 1 to 9999."""
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError):
        raise Thrown(f"{name}: timestamp out of range") from None


def zone_of(name: str, zone: object) -> tzinfo:
    """The time zone of that name (`Europe/Berlin`). Raises Thrown."""
    text = display(zone)
    found = _zone(text)
    if found is None:
        raise Thrown(f"{name}: unknown timezone '{text}'")
    return found


@lru_cache(maxsize=64)
def _zone(text: str) -> tzinfo | None:
    if text == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(text) if text else None
    except (KeyError, ValueError, OSError):
        # Not found; not a name at all, as `../x`; a directory, as `Europe`.
        return None


def offset_of(moment: datetime) -> int:
    """Seconds that the clocks of its zone are ahead of UTC."""
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def offset_text(moment: datetime, colon: bool = True) -> str:
    """`+02:00` or `+0200`."""
    seconds = offset_of(moment)
    minutes = abs(seconds) // 60
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{minutes // 60:02}{':' if colon else ''}{minutes % 60:02}"


def rfc3339(moment: datetime) -> str:
    """With a numeric offset, and with a fraction of three or six digits if there is one."""
    micros = moment.microsecond
    fraction = "" if not micros else f".{micros:06}" if micros % 1000 else f".{micros // 1000:03}"
    return f"{_civil(moment)}{fraction}{offset_text(moment)}"


def rfc3339_utc(moment: datetime) -> str:
    """In UTC with milliseconds and `Z`."""
    return f"{_civil(moment)}.{moment.microsecond // 1000:03}Z"


def _civil(moment: datetime) -> str:
    return (
        f"{moment.year:04}-{moment.month:02}-{moment.day:02}"
        f"T{moment.hour:02}:{moment.minute:02}:{moment.second:02}"
    )


def weekday_of(moment: datetime) -> int:
    """0 is Sunday."""
    return (moment.weekday() + 1) % 7


def checked_moment(civil: list[int]) -> datetime:
    """The moment in UTC of year, month, day, hour, minute, second. Raises Thrown with what is wrong."""
    year, month, day, hour, minute, second = civil
    for label, value, low, high in (
        ("month", month, 1, 12),
        ("day", day, 1, 31),
        ("hour", hour, 0, 23),
        ("minute", minute, 0, 59),
        ("second", second, 0, 59),
    ):
        if not low <= value <= high:
            raise Thrown(f"Invalid {label}: {value} (must be {low}-{high})")
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Thrown(f"Invalid date: {year:04}-{month:02}-{day:02}") from None
