"""Calendar: moments, their parts and their texts. Rules: docs/builtins.md#calendar."""

from datetime import UTC, datetime, timedelta

from harnlet.errors.faults import Thrown
from harnlet.runtime.builtin import Context, builtin
from harnlet.runtime.display import display
from harnlet.runtime.values import Duration, type_name
from harnlet_builtins.clock import wall_ms
from harnlet_builtins.moments import (
    MISSING,
    MONTHS,
    WEEKDAYS,
    checked_moment,
    in_zone,
    moment_of,
    moment_of_ms,
    offset_of,
    rfc3339,
    rfc3339_utc,
    shifted,
    timestamp_of,
    weekday_of,
    zone_of,
)

_MILLISECOND = timedelta(milliseconds=1)
_MOST_MS = timedelta.max // _MILLISECOND


def _parts(moment: datetime) -> dict[str, object]:
    return {
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "hour": moment.hour,
        "minute": moment.minute,
        "second": moment.second,
        "weekday": weekday_of(moment),
        "timestamp": timestamp_of(moment),
    }


# --- now ----------------------------------------------------------------------------------------------


@builtin("date_now()", section="12.1", context=True)
def date_now(rt: Context) -> dict[str, object]:
    """The parts of the present moment in UTC, with `timestamp` and `iso8601`; weekday 0 is Sunday."""
    moment = moment_of_ms(wall_ms(rt))
    return {**_parts(moment), "iso8601": rfc3339_utc(moment)}


@builtin("date_now_iso()", section="12.1", context=True)
def date_now_iso(rt: Context) -> str:
    """The present moment as RFC 3339 text, in UTC with milliseconds."""
    return rfc3339_utc(moment_of_ms(wall_ms(rt)))


@builtin("date_iso()", section="12.1", context=True)
def date_iso(rt: Context) -> str:
    """The same as `date_now_iso`."""
    return rfc3339_utc(moment_of_ms(wall_ms(rt)))


# --- text and parts -----------------------------------------------------------------------------------


@builtin("date_parse(text)", section="12.1")
def date_parse(text: object = "") -> int | float:
    """The timestamp that a text names; without an offset it is taken as UTC."""
    from harnlet_builtins.date_text import parse_date

    return timestamp_of(parse_date(display(text)))


@builtin('date_format(date, format = "%Y-%m-%d %H:%M:%S", timezone?)', section="12.1")
def date_format(date: object = MISSING, template: object = None, timezone: object = None) -> str:
    """The text of a moment by strftime codes, in UTC or by the clocks of a time zone."""
    from harnlet_builtins.date_text import format_date

    moment = _by_zone("date_format", date, timezone)
    return format_date(moment, "%Y-%m-%d %H:%M:%S" if template is None else display(template))


def _by_zone(name: str, date: object, timezone: object) -> datetime:
    """The moment, in UTC or in the zone that was given."""
    moment = moment_of(name, date)
    return moment if timezone is None else in_zone(name, moment, zone_of(name, timezone))


def _in_given_zone(name: str, date: object, timezone: object) -> datetime:
    moment = moment_of(name, date)
    if timezone is None:
        raise Thrown(f"{name}: missing timezone argument")
    return in_zone(name, moment, zone_of(name, timezone))


@builtin("date_in_zone(date, timezone)", section="12.1")
def date_in_zone(date: object = MISSING, timezone: object = None) -> dict[str, object]:
    """The parts of a moment by the clocks of a time zone, with `offset_seconds` and `zone`."""
    moment = _in_given_zone("date_in_zone", date, timezone)
    return {
        **_parts(moment),
        "offset_seconds": offset_of(moment),
        "iso8601": rfc3339(moment),
        "zone": display(timezone),
    }


@builtin("date_to_zone(date, timezone)", section="12.1")
def date_to_zone(date: object = MISSING, timezone: object = None) -> str:
    """A moment as RFC 3339 text with the numeric offset of a time zone."""
    return rfc3339(_in_given_zone("date_to_zone", date, timezone))


_COMPONENTS = ("year", "month", "day", "hour", "minute", "second")


@builtin('date_from_components(parts, timezone = "UTC")', section="12.1")
def date_from_components(parts: object = None, timezone: object = None) -> int | float:
    """The timestamp of `{year, month, day, hour = 0, minute = 0, second = 0}` by the clocks of a time
    zone; of a time that they show twice the earlier one."""
    name = "date_from_components"
    if type(parts) is not dict:
        raise Thrown(f"{name}: expected dict, got {type_name(parts)}")
    civil = [_component(parts, component) for component in _COMPONENTS]
    zone = zone_of(name, "UTC" if timezone is None else timezone)
    naive = checked_moment(civil).replace(tzinfo=None)
    try:
        moment = naive.replace(tzinfo=zone).astimezone(UTC)
        back = moment.astimezone(zone).replace(tzinfo=None)
    except (OverflowError, ValueError):
        raise Thrown(f"{name}: timestamp out of range") from None
    if back != naive:
        raise Thrown(f"{name}: local time does not exist in that timezone")
    return timestamp_of(moment)


def _component(parts: dict[str, object], name: str) -> int:
    value = parts.get(name)
    if value is None:
        if name in ("year", "month", "day"):
            raise Thrown(f"date_from_components: missing {name}")
        return 0
    if type(value) is not int:
        raise Thrown(f"date_from_components: {name} must be an integer, got {type_name(value)}")
    return value


@builtin("weekday_name(date, timezone?)", section="12.1")
def weekday_name(date: object = MISSING, timezone: object = None) -> str:
    """The English name of the day of the week."""
    return WEEKDAYS[weekday_of(_by_zone("weekday_name", date, timezone))]


@builtin("month_name(date, timezone?)", section="12.1")
def month_name(date: object = MISSING, timezone: object = None) -> str:
    """The English name of the month."""
    return MONTHS[_by_zone("month_name", date, timezone).month - 1]


# --- arithmetic ---------------------------------------------------------------------------------------


@builtin("date_add(date, duration)", section="12.1")
def date_add(date: object = MISSING, duration: object = None) -> int | float:
    """The timestamp a duration later."""
    moment = moment_of("date_add", date)
    if duration is None:
        raise Thrown("date_add: missing duration argument")
    if type(duration) is not Duration:
        raise Thrown(f"date_add: expected duration, got {type_name(duration)}")
    if abs(duration.milliseconds) > _MOST_MS:
        raise Thrown("date_add: timestamp out of range")
    return timestamp_of(shifted("date_add", moment, duration.milliseconds * _MILLISECOND))


@builtin("date_diff(a, b)", section="12.1")
def date_diff(a: object = MISSING, b: object = MISSING) -> Duration:
    """The duration from `b` to `a`."""
    difference = moment_of("date_diff", a) - moment_of("date_diff", b)
    whole = abs(difference) // _MILLISECOND
    return Duration(-whole if difference < timedelta() else whole)
